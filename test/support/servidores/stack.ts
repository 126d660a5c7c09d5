/**
 * The whole system as it runs in production, on free ports: Temporal, PostgreSQL, issuer, simulator, and API and worker
 * as processes of their own, which a test may kill and start again.
 * One class, since whoever starts, kills and asks them needs the same ports, variables and tokens.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type ConnectionOptions, type WorkflowHandle } from '@temporalio/client';
import pg from 'pg';
import { generarClaveDeFirma } from '../../../shared/bitacora/punto-de-control/nota.ts';
import { workflowId } from '../../../shared/emision/contrato.ts';
import type { SolicitudCertificado } from '../../../shared/emision/solicitud.ts';
import { createCifrado } from '../../../shared/runtime/claves/cifrado.ts';
import { createDataConverter } from '../../../shared/runtime/temporal/codec.ts';
import type { TemporalCluster } from '../../../scripts/topology/temporal-cluster.ts';
import { pickFreePort } from '../../../scripts/start/ports.ts';
import type { DEVELOPMENT_CLIENTS } from '../../../simulator/oidc/clients.ts';
import { requestDevelopmentToken } from '../../../simulator/oidc/development-token.ts';
import type { BehaviourOf } from '../../../simulator/pki/faults/behaviour.ts';
import { createSimulator, type Simulator } from '../../../simulator/pki/simulator.ts';
import { BASE, type Sobre } from '../api/api-de-prueba.ts';
import { hasta } from '../hasta.ts';
import {
  startPostgres,
  startPostgresOfContainers,
  type LocalPostgres,
} from '../../../scripts/topology/postgres.ts';
import { runProgram, type Run } from '../procesos/run-program.ts';
import { solicitudDePrueba } from '../emision/solicitud-de-prueba.ts';
import {
  startCluster,
  TEMPORAL_SERVER_BIN,
  temporalProgram,
  temporalServer,
  type RunningCluster,
  type TemporalServerProcess,
} from '../temporal/temporal-server.ts';

/** The second replicas, and the codec server, run only where the test asks for them. */
const PROCESOS = {
  simulador: { archivo: 'simulator/pki/main.ts', puerto: 'SIMULADOR_PORT' },
  emisor: { archivo: 'simulator/oidc/main.ts', puerto: 'OIDC_PORT' },
  worker: { archivo: 'servicio/worker.ts', puerto: 'WORKER_PORT' },
  worker2: { archivo: 'servicio/worker.ts', puerto: 'WORKER_PORT' },
  api: { archivo: 'servicio/api.ts', puerto: 'PORT' },
  api2: { archivo: 'servicio/api.ts', puerto: 'PORT' },
  codec: { archivo: 'servicio/codec.ts', puerto: 'CODEC_PORT' },
} as const;
export type Nombre = keyof typeof PROCESOS;

/** As whom Temporal hears them, where it is closed. */
const QUIEN_LLAMA: Partial<Record<Nombre, 'api' | 'worker' | 'codec'>> = {
  ...{ worker: 'worker', worker2: 'worker', api: 'api', api2: 'api', codec: 'codec' },
};
type Cliente = (typeof DEVELOPMENT_CLIENTS)[number]['id'];

const RAIZ = fileURLToPath(new URL('../../..', import.meta.url));

const ARRANQUE_MAXIMO_MS = 120_000;

/** The envelope's data, as far as these tests read it. */
interface Datos {
  transaccion: { estado: string; fechaInicio: string; tiempoProcesamientoMs: number | null };
  certificados: { tipoCertificado: string; numeroSerie: string; certificadoBase64: string }[];
  pasosProceso: Record<
    'paso1GeneracionClaves' | 'paso2EmisionCertificado',
    { estado: string; intentos: number }
  >;
  auditoria: { registroAuditoriaId: string | null };
}

export interface Respuesta {
  estadoHttp: number;
  cabeceras: Headers;
  sobre: Omit<Sobre, 'data'> & { data: Datos | null };
}

/** A request as a test sends it; what is absent is as a well-behaved client has it. */
export interface Pedido {
  metodo?: 'GET' | 'POST' | 'PUT';
  /** Below BASE, or whole where it begins with a slash. */
  ruta: string;
  cuerpo?: unknown;
  /** Null: without a token. */
  cliente?: Cliente | null;
  /** Added; undefined takes one away. */
  cabeceras?: Record<string, string | undefined>;
  api?: 'api' | 'api2';
  signal?: AbortSignal;
}

/** The servers that hold the two stores; a test that hurts them brings its own. */
export interface Servidores {
  temporal: Pick<TemporalServerProcess, 'address' | 'teardown'> &
    Partial<Pick<TemporalCluster, 'tls' | 'variablesOf'>>;
  postgres: LocalPostgres;
}

/** The servers, with Temporal's of `npm start`. */
export async function comoEnNpmStart(): Promise<Servidores> {
  const [postgres, temporal] = await Promise.all([startPostgres(), temporalServer()]);
  return { postgres, temporal };
}

/** The servers, with Temporal's of docker-compose.temporal.yml. @param programas the folder of its programs */
export async function comoEnContenedores(
  programas: string,
): Promise<Servidores & { temporal: RunningCluster }> {
  const postgres = await startPostgresOfContainers();
  return { postgres, temporal: await startCluster(programas, postgres) };
}

/** A process that the test adds to or starts in another way. */
interface ProcesoPropio {
  /** Instead of the program of that name; below the project's folder. */
  archivo?: string;
  /** Environment of this process alone. */
  variables?: Record<string, string>;
  /** Called with each process as it is started; it then has a channel to its parent. */
  alNacer?: (proceso: ChildProcess) => void;
}

export interface OpcionesDeStack {
  servidores?: Servidores;
  propios?: Partial<Record<Nombre, ProcesoPropio>>;
  /** Two APIs and two workers instead of one of each. */
  replicas?: boolean;
  /** The simulator runs inside the test, which may change its behaviour at any time. */
  conducta?: BehaviourOf;
}

/** What the simulator says that it truly did for a codigo. */
export interface Emisiones {
  numerosGenerados: number;
  emisiones: number;
  certificados: number;
  llamadas: { paso1: number; paso2: number };
}

export class Stack {
  /** DATA_DIR of every process, and their logs. */
  readonly carpeta: string;
  readonly #entorno: Record<string, string>;
  readonly #puertos: Record<Nombre, number>;
  readonly #servidores: Servidores;
  readonly #propios: NonNullable<OpcionesDeStack['propios']>;
  readonly #procesos = new Map<Nombre, ChildProcess>();
  readonly #enProceso: Simulator | null;
  readonly #tokens = new Map<Cliente, string>();
  readonly client: Client;
  readonly databaseUrl: string;

  private constructor(
    carpeta: string,
    entorno: Record<string, string>,
    puertos: Record<Nombre, number>,
    servidores: Servidores,
    client: Client,
    simuladorEnProceso: Simulator | null,
    propios: NonNullable<OpcionesDeStack['propios']>,
  ) {
    this.#propios = propios;
    this.#enProceso = simuladorEnProceso;
    this.carpeta = carpeta;
    this.#entorno = entorno;
    this.#puertos = puertos;
    this.#servidores = servidores;
    this.client = client;
    // A test run that is cut short must not leave them behind.
    process.once('exit', this.#matarTodos);
    this.databaseUrl = entorno.DATABASE_URL ?? '';
  }

  /** @param variables environment of every process, e.g. PKI_ADAPTER_IDEMPOTENTE */
  static async start(
    variables: Record<string, string> = {},
    { replicas = false, conducta, servidores, propios = {} }: OpcionesDeStack = {},
  ): Promise<Stack> {
    const carpeta = await mkdtemp(join(tmpdir(), 'stack-'));
    const nombres = Object.keys(PROCESOS) as Nombre[];
    const [{ postgres, temporal }, ...elegidos] = await Promise.all([
      servidores ?? (TEMPORAL_SERVER_BIN ? comoEnContenedores(TEMPORAL_SERVER_BIN) : comoEnNpmStart()),
      ...nombres.map(() => pickFreePort('127.0.0.1')),
    ]);
    const puertos = Object.fromEntries(nombres.map((nombre, i) => [nombre, elegidos[i]])) as Record<
      Nombre,
      number
    >;
    const claves = `prueba:${randomBytes(32).toString('base64')}`;
    const entorno = {
      NODE_ENV: 'development',
      DATA_DIR: carpeta,
      SIMULADOR_TIPO_CLAVE: 'EC',
      DATABASE_URL: await postgres.createDatabase(),
      TEMPORAL_ADDRESS: temporal.address,
      // Of the commands that a test gives as an operator; API, worker and codec have certificates of their own.
      ...temporal.variablesOf?.('operador'),
      PKI_ADAPTER_URL: `http://127.0.0.1:${puertos.simulador}`,
      PKI_TRUST_ANCHORS: join(carpeta, 'simulador/ca/cadena.pem'),
      OIDC_ISSUER: `http://127.0.0.1:${puertos.emisor}`,
      CODEC_URL: `http://127.0.0.1:${puertos.codec}`,
      CLAVES_CIFRADO: claves,
      CLAVE_HUELLA: randomBytes(32).toString('base64'),
      BITACORA_CLAVE_FIRMA: generarClaveDeFirma('localhost/bitacora'),
      // Outlasts the busiest machine: no test is about how soon a killed process is back.
      ESPERA_SINCRONA_MS: '90000',
      // Tests ask as fast as they can how an issuance goes on, all as one client.
      LIMITE_CLIENTE_POR_MINUTO: '100000',
      LIMITE_OFICINA_POR_MINUTO: '100000',
      ...variables,
    };
    const connection = await Connection.connect(conexionA(temporal));
    const client = new Client({ connection, dataConverter: createDataConverter(createCifrado(claves)) });
    const simulador = conducta
      ? await createSimulator({
          dataDir: carpeta,
          latencyMs: Number(variables.SIMULADOR_LATENCIA_MS ?? 0),
          keyType: 'EC',
          publicBaseUrl: 'http://pki.example.com',
          behaviourOf: conducta,
        })
      : null;
    const stack = new Stack(carpeta, entorno, puertos, { postgres, temporal }, client, simulador, propios);
    await Promise.all([stack.arrancar('simulador'), stack.arrancar('emisor')]);
    const servicios: Nombre[] = replicas ? ['worker', 'api', 'worker2', 'api2'] : ['worker', 'api'];
    await Promise.all(servicios.map((nombre) => stack.arrancar(nombre)));
    return stack;
  }

  readonly #matarTodos = () => {
    for (const proceso of this.#procesos.values()) proceso.kill('SIGKILL');
  };

  async stop(): Promise<void> {
    process.off('exit', this.#matarTodos);
    await Promise.all([...this.#procesos.keys()].map((nombre) => this.matar(nombre)));
    await this.#enProceso?.close();
    await this.client.connection.close();
    await this.#servidores.temporal.teardown();
    await this.#servidores.postgres.stop();
    await rm(this.carpeta, { recursive: true, force: true });
  }

  /** Starts the process and waits until it is ready. @param suyas variables of this start alone */
  async arrancar(nombre: Nombre, suyas: Record<string, string> = {}): Promise<void> {
    if (nombre === 'simulador' && this.#enProceso) {
      this.#enProceso.server.listen(this.#puertos.simulador, '127.0.0.1');
      await once(this.#enProceso.server, 'listening');
      return;
    }
    const { puerto } = PROCESOS[nombre];
    const { archivo = PROCESOS[nombre].archivo, variables, alNacer } = this.#propios[nombre] ?? {};
    const ruta = fileURLToPath(new URL(`../../../${archivo}`, import.meta.url));
    const proceso = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ruta], {
      env: {
        PATH: process.env.PATH,
        ...this.#entorno,
        ...(QUIEN_LLAMA[nombre] && this.#servidores.temporal.variablesOf?.(QUIEN_LLAMA[nombre])),
        ...variables,
        ...suyas,
        [puerto]: String(this.#puertos[nombre]),
      },
      stdio: ['ignore', 'pipe', 'pipe', ...(alNacer ? (['ipc'] as const) : [])],
    });
    this.#procesos.set(nombre, proceso);
    const salida = createWriteStream(join(this.carpeta, `${nombre}.log`), { flags: 'a' });
    proceso.stdout?.pipe(salida, { end: false });
    proceso.stderr?.pipe(salida, { end: false });
    alNacer?.(proceso);
    const seAcabo = () => proceso.exitCode !== null || proceso.signalCode !== null;
    const comoAcaba = await hasta(
      `${nombre} to start`,
      async () => ((await this.#listo(nombre)) ? 'LISTO' : seAcabo() && 'ACABADO'),
      ARRANQUE_MAXIMO_MS,
    ).catch(String);
    if (comoAcaba !== 'LISTO')
      throw new Error(`${nombre} did not start (${comoAcaba}):\n${await this.log(nombre)}`);
  }

  /** SIGTERM; answers its exit code. */
  async detener(nombre: Nombre): Promise<number | null> {
    const proceso = this.#procesos.get(nombre);
    this.#procesos.delete(nombre);
    if (!proceso) throw new Error(`${nombre} does not run`);
    const fin = new Promise<number | null>((resolve) => proceso.once('exit', resolve));
    proceso.kill('SIGTERM');
    return fin;
  }

  /** Of every process that is started from now on; '' where it is not set. */
  variable(nombre: string): string {
    return this.#entorno[nombre] ?? '';
  }

  /** Variables of every process that is started from now on. */
  configurar(variables: Record<string, string>): void {
    Object.assign(this.#entorno, variables);
  }

  /** Ends every connection to PostgreSQL, as a restart does. */
  cortarConexiones(): Promise<void> {
    return this.#servidores.postgres.dropConnections();
  }

  /** kill -9; a simulator inside the test closes its port and cuts every connection. */
  async matar(nombre: Nombre): Promise<void> {
    if (nombre === 'simulador' && this.#enProceso) {
      const cerrado = once(this.#enProceso.server, 'close');
      this.#enProceso.server.close();
      this.#enProceso.server.closeAllConnections();
      await cerrado;
      return;
    }
    const proceso = this.#procesos.get(nombre);
    this.#procesos.delete(nombre);
    if (!proceso || proceso.exitCode !== null || proceso.signalCode !== null) return;
    const fin = new Promise((resolve) => proceso.once('exit', resolve));
    proceso.kill('SIGKILL');
    await fin;
  }

  /** The processes that were started and not ended. */
  enMarcha(): Nombre[] {
    return [...this.#procesos.keys()];
  }

  /** SIGSTOP or SIGCONT. */
  senal(nombre: Nombre, senal: 'SIGSTOP' | 'SIGCONT'): void {
    if (!this.#procesos.get(nombre)?.kill(senal)) throw new Error(`${nombre} does not run`);
  }

  /** For a client of its own. */
  get conexionATemporal(): Pick<ConnectionOptions, 'address' | 'tls'> {
    return conexionA(this.#servidores.temporal);
  }

  /** Where the simulator keeps what it truly did. */
  get archivoDelSimulador(): string {
    return join(this.carpeta, 'simulador/simulador.sqlite');
  }

  /** What the register holds of these codigos is gone, as where an older copy of it came back. */
  async perderEnElRegistro(...codigos: string[]): Promise<void> {
    const registro = new pg.Client({ connectionString: this.#entorno.DATABASE_URL });
    await registro.connect();
    // Not what a client may do: a restore asks no constraint.
    await registro.query('set session_replication_role = replica');
    for (const tabla of ['certificados', 'recibidos', 'pasos', 'por_revocar', 'bitacora', 'solicitudes'])
      await registro.query(`delete from ${tabla} where codigo = any($1)`, [codigos]);
    await registro.end();
  }

  /** Runs a command of scripts/, by its file, to its end. */
  comando(archivo: string, ...args: string[]): Promise<Run> {
    const { PATH } = process.env;
    const argumentos = ['--disable-warning=ExperimentalWarning', `scripts/${archivo}`, ...args];
    return runProgram(process.execPath, argumentos, RAIZ, { PATH, ...this.#entorno });
  }

  /** Temporal's command line, as an operator has it. */
  async temporal(...args: string[]): Promise<Run> {
    return runProgram(await temporalProgram(), args, this.carpeta, { HOME: this.carpeta, ...this.#entorno });
  }

  /** What an operator types into a shell of this machine, to its end. @param programas a folder of the PATH */
  consola(texto: string, programas: string): Promise<Run> {
    const PATH = [programas, process.env.PATH].join(delimiter);
    const propias = { PATH, HOME: this.carpeta, OIDC_PORT: String(this.#puertos.emisor) };
    return runProgram('sh', ['-c', texto], RAIZ, { ...this.#entorno, ...propias });
  }

  log(nombre: Nombre): Promise<string> {
    return readFile(join(this.carpeta, `${nombre}.log`), 'utf8');
  }

  emitir(
    solicitud: SolicitudCertificado,
    requestId: string = randomUUID(),
    cambios: Partial<Pedido> = {},
  ): Promise<Respuesta> {
    return this.pedir({
      metodo: 'POST',
      ruta: 'obtener-certificado-digital',
      cuerpo: solicitud,
      ...cambios,
      cabeceras: {
        'X-Correlation-ID': randomUUID(),
        'X-Request-ID': requestId,
        'X-Office-Code': 'LIMA-CENTRO',
        'X-Device-ID': 'PC-001',
        'X-Channel': 'PRESENCIAL',
        ...cambios.cabeceras,
      },
    });
  }

  consultar(codigo: string): Promise<Respuesta> {
    return this.pedir({ ruta: `solicitudes/${encodeURIComponent(codigo)}` });
  }

  /** A re-run that support asks for. */
  reejecutar(codigo: string, cuerpo: object = { motivo: 'La causa ya no existe' }): Promise<Respuesta> {
    const ruta = `solicitudes/${encodeURIComponent(codigo)}/reejecuciones`;
    return this.pedir({ metodo: 'POST', ruta, cuerpo, cliente: 'soporte' });
  }

  /** Sends a request; the answer must be an envelope. */
  async pedir(pedido: Pedido): Promise<Respuesta> {
    const { metodo = 'GET', ruta, cuerpo, cliente = 'siirc', api = 'api', signal } = pedido;
    const cabeceras: Record<string, string | undefined> = {
      ...(cuerpo !== undefined && { 'Content-Type': 'application/json' }),
      ...(cliente !== null && { Authorization: `Bearer ${await this.#token(cliente)}` }),
      ...pedido.cabeceras,
    };
    const respuesta = await fetch(`${this.url(api)}${ruta.startsWith('/') ? '' : `${BASE}/`}${ruta}`, {
      method: metodo,
      headers: Object.entries(cabeceras).filter((una): una is [string, string] => una[1] !== undefined),
      ...(cuerpo !== undefined && { body: typeof cuerpo === 'string' ? cuerpo : JSON.stringify(cuerpo) }),
      ...(signal && { signal }),
    });
    const sobre = (await respuesta.json()) as Respuesta['sobre'];
    return { estadoHttp: respuesta.status, cabeceras: respuesta.headers, sobre };
  }

  /** Where a process answers HTTP. */
  url(nombre: Nombre): string {
    return `http://127.0.0.1:${this.#puertos[nombre]}`;
  }

  async emisiones(codigo: string): Promise<Emisiones> {
    const url = `${this.url('simulador')}/simulador/emisiones/${encodeURIComponent(codigo)}`;
    return (await (await fetch(url)).json()) as Emisiones;
  }

  /** PEM of the simulator's authorities. */
  cadena(): Promise<string> {
    return readFile(join(this.carpeta, 'simulador/ca/cadena.pem'), 'utf8');
  }

  /** The list of revoked certificates (DER) of the authority that issues to people. */
  async crl(): Promise<Uint8Array> {
    const respuesta = await fetch(`${this.url('simulador')}/crl/emisora.crl`);
    return respuesta.bytes();
  }

  workflow(codigo: string): WorkflowHandle {
    return this.client.workflow.getHandle(workflowId(codigo));
  }

  /** Waits until the simulator has had this many calls of the step. */
  async hastaLlamada(
    codigo: string,
    paso: 'paso1' | 'paso2',
    llamadas = 1,
    limiteMs?: number,
  ): Promise<void> {
    await this.hasta(
      `${llamadas} calls of ${paso}`,
      async () => (await this.emisiones(codigo)).llamadas[paso] >= llamadas,
      limiteMs,
    );
  }

  hastaEstado(codigo: string, estado: string, limiteMs?: number): Promise<Respuesta> {
    return this.#hastaVer(codigo, `be ${estado}`, (visto) => visto === estado, limiteMs);
  }

  /** Until it is COMPLETADO or FALLIDO. */
  hastaQueTermine(codigo: string, limiteMs?: number): Promise<Respuesta> {
    return this.#hastaVer(codigo, 'end', (visto) => visto === 'COMPLETADO' || visto === 'FALLIDO', limiteMs);
  }

  async #hastaVer(
    codigo: string,
    que: string,
    esEso: (estado: string | undefined) => boolean,
    limiteMs = 60_000,
  ): Promise<Respuesta> {
    let ultima: Respuesta | undefined;
    await this.hasta(
      `${codigo} to ${que}`,
      async () => {
        ultima = await this.consultar(codigo);
        return esEso(ultima.sobre.data?.transaccion.estado);
      },
      limiteMs,
    );
    if (!ultima) throw new Error('unreachable: the wait ends with an answer');
    return ultima;
  }

  async hasta(que: string, condicion: () => Promise<boolean>, limiteMs = 30_000): Promise<void> {
    try {
      await hasta(que, condicion, limiteMs);
    } catch (cause) {
      throw new Error(`${String(cause)}\n${(await this.log('worker')).slice(-4000)}`, { cause });
    }
  }

  async #token(cliente: Cliente): Promise<string> {
    const token = this.#tokens.get(cliente) ?? (await requestDevelopmentToken(this.url('emisor'), cliente));
    this.#tokens.set(cliente, token);
    return token;
  }

  async #listo(nombre: Nombre): Promise<boolean> {
    try {
      const { ok } = await fetch(`${this.url(nombre)}/health/ready`);
      return ok;
    } catch {
      return false;
    }
  }
}

function conexionA({ address, tls }: Servidores['temporal']): Pick<ConnectionOptions, 'address' | 'tls'> {
  return { address, ...(tls && { tls }) };
}

/** A request of its own codigo and, unless given, its own citizen. */
export function solicitudNueva(codigo: string, numeroDocumento = documentoNuevo()): SolicitudCertificado {
  return solicitudDePrueba(codigo, numeroDocumento);
}

let documentos = 40_000_000;
function documentoNuevo(): string {
  return String(documentos++);
}
