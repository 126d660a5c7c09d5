/**
 * The whole system as it runs in production, on free ports: Temporal, PostgreSQL, issuer, simulator, and API and worker
 * as processes of their own, which a test may kill and start again.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { workflowId } from '../../shared/emision/contrato.ts';
import type { SolicitudCertificado } from '../../shared/emision/solicitud.ts';
import { createCifrado } from '../../shared/runtime/cifrado.ts';
import { createDataConverter } from '../../shared/runtime/codec.ts';
import { pickFreePort } from '../../scripts/start/ports.ts';
import { requestDevelopmentToken } from '../../simulator/oidc/development-token.ts';
import { BASE, type Sobre } from './api-de-prueba.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';
import { solicitudDePrueba } from './solicitud-de-prueba.ts';
import { temporalServer } from './temporal-server.ts';

const PROCESOS = {
  simulador: 'simulator/main.ts',
  emisor: 'simulator/oidc/main.ts',
  worker: 'worker/main.ts',
  api: 'api/main.ts',
} as const;
type Nombre = keyof typeof PROCESOS;

const ARRANQUE_MAXIMO_MS = 120_000;
const REVISION_MS = 50;

/** The envelope's data, as far as these tests read it. */
interface Datos {
  transaccion: { estado: string; tiempoProcesamientoMs: number | null };
  certificados: { tipoCertificado: string; numeroSerie: string; certificadoBase64: string }[];
  pasosProceso: Record<
    'paso1GeneracionClaves' | 'paso2EmisionCertificado',
    { estado: string; intentos: number }
  >;
}

export interface Respuesta {
  codigo: number;
  sobre: Omit<Sobre, 'data'> & { data: Datos | null };
}

/** What the simulator says that it truly did for a codigo. */
export interface Emisiones {
  numerosGenerados: number;
  emisiones: number;
  certificados: number;
  llamadas: { paso1: number; paso2: number };
}

export class Stack {
  readonly #carpeta: string;
  readonly #entorno: Record<string, string>;
  readonly #puertos: Record<Nombre, number>;
  readonly #postgres: TestPostgres;
  readonly #temporal: TestWorkflowEnvironment;
  readonly #procesos = new Map<Nombre, ChildProcess>();
  readonly client: Client;
  #token = '';

  private constructor(
    carpeta: string,
    entorno: Record<string, string>,
    puertos: Record<Nombre, number>,
    postgres: TestPostgres,
    temporal: TestWorkflowEnvironment,
    client: Client,
  ) {
    this.#carpeta = carpeta;
    this.#entorno = entorno;
    this.#puertos = puertos;
    this.#postgres = postgres;
    this.#temporal = temporal;
    this.client = client;
  }

  /** @param variables environment of every process, e.g. PKI_ADAPTER_IDEMPOTENTE */
  static async start(variables: Record<string, string> = {}): Promise<Stack> {
    const carpeta = await mkdtemp(join(tmpdir(), 'stack-'));
    const [postgres, temporal, ...puertos] = await Promise.all([
      startPostgres(),
      temporalServer(),
      ...Object.keys(PROCESOS).map(() => pickFreePort('127.0.0.1')),
    ]);
    const [simulador = 0, emisor = 0, worker = 0, api = 0] = puertos;
    const claves = `prueba:${randomBytes(32).toString('base64')}`;
    const entorno = {
      NODE_ENV: 'development',
      DATA_DIR: carpeta,
      SIMULADOR_PORT: String(simulador),
      OIDC_PORT: String(emisor),
      WORKER_PORT: String(worker),
      PORT: String(api),
      SIMULADOR_TIPO_CLAVE: 'EC',
      DATABASE_URL: await postgres.createDatabase(),
      TEMPORAL_ADDRESS: temporal.address,
      PKI_ADAPTER_URL: `http://127.0.0.1:${simulador}`,
      PKI_TRUST_ANCHORS: join(carpeta, 'simulador/ca/cadena.pem'),
      OIDC_ISSUER: `http://127.0.0.1:${emisor}`,
      CLAVES_CIFRADO: claves,
      CLAVE_HUELLA: randomBytes(32).toString('base64'),
      ...variables,
    };
    const connection = await Connection.connect({ address: temporal.address });
    const client = new Client({ connection, dataConverter: createDataConverter(createCifrado(claves)) });
    const nombres = { simulador, emisor, worker, api };
    const stack = new Stack(carpeta, entorno, nombres, postgres, temporal, client);
    await Promise.all([stack.arrancar('simulador'), stack.arrancar('emisor')]);
    await Promise.all([stack.arrancar('worker'), stack.arrancar('api')]);
    stack.#token = await requestDevelopmentToken(`http://127.0.0.1:${emisor}`, 'siirc');
    return stack;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#procesos.keys()].map((nombre) => this.matar(nombre)));
    await this.client.connection.close();
    await this.#temporal.teardown();
    await this.#postgres.stop();
    await rm(this.#carpeta, { recursive: true, force: true });
  }

  /** Starts the process and waits until it is ready. */
  async arrancar(nombre: Nombre): Promise<void> {
    const archivo = fileURLToPath(new URL(`../../${PROCESOS[nombre]}`, import.meta.url));
    const proceso = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', archivo], {
      env: { PATH: process.env.PATH, ...this.#entorno },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#procesos.set(nombre, proceso);
    const salida = createWriteStream(join(this.#carpeta, `${nombre}.log`), { flags: 'a' });
    proceso.stdout.pipe(salida, { end: false });
    proceso.stderr.pipe(salida, { end: false });
    const limite = Date.now() + ARRANQUE_MAXIMO_MS;
    while (!(await this.#listo(nombre))) {
      if (proceso.exitCode !== null || Date.now() > limite)
        throw new Error(`${nombre} did not start:\n${await this.log(nombre)}`);
      await pause(REVISION_MS);
    }
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

  /** Ends every connection to PostgreSQL, as a restart does. */
  cortarConexiones(): Promise<void> {
    return this.#postgres.dropConnections();
  }

  /** kill -9. */
  async matar(nombre: Nombre): Promise<void> {
    const proceso = this.#procesos.get(nombre);
    this.#procesos.delete(nombre);
    if (!proceso || proceso.exitCode !== null || proceso.signalCode !== null) return;
    const fin = new Promise((resolve) => proceso.once('exit', resolve));
    proceso.kill('SIGKILL');
    await fin;
  }

  log(nombre: Nombre): Promise<string> {
    return readFile(join(this.#carpeta, `${nombre}.log`), 'utf8');
  }

  emitir(solicitud: SolicitudCertificado, requestId: string = randomUUID()): Promise<Respuesta> {
    const peticion = { method: 'POST', body: JSON.stringify(solicitud) };
    return this.#llamar('obtener-certificado-digital', peticion, {
      'Content-Type': 'application/json',
      'X-Correlation-ID': randomUUID(),
      'X-Request-ID': requestId,
      'X-Office-Code': 'LIMA-CENTRO',
      'X-Device-ID': 'PC-001',
      'X-Channel': 'PRESENCIAL',
    });
  }

  consultar(codigo: string): Promise<Respuesta> {
    return this.#llamar(`solicitudes/${encodeURIComponent(codigo)}`, {});
  }

  async emisiones(codigo: string): Promise<Emisiones> {
    const url = `http://127.0.0.1:${this.#puertos.simulador}/simulador/emisiones/${encodeURIComponent(codigo)}`;
    return (await (await fetch(url)).json()) as Emisiones;
  }

  /** PEM of the simulator's authorities. */
  cadena(): Promise<string> {
    return readFile(join(this.#carpeta, 'simulador/ca/cadena.pem'), 'utf8');
  }

  /** The list of revoked certificates (DER) of the authority that issues to people. */
  async crl(): Promise<Uint8Array> {
    const respuesta = await fetch(`http://127.0.0.1:${this.#puertos.simulador}/crl/emisora.crl`);
    return respuesta.bytes();
  }

  workflow(codigo: string): WorkflowHandle {
    return this.client.workflow.getHandle(workflowId(codigo));
  }

  /** Waits until the simulator has had this many calls of the step. */
  async hastaLlamada(codigo: string, paso: 'paso1' | 'paso2', llamadas = 1): Promise<void> {
    await this.hasta(
      `${llamadas} calls of ${paso}`,
      async () => (await this.emisiones(codigo)).llamadas[paso] >= llamadas,
    );
  }

  async hastaEstado(codigo: string, estado: string, limiteMs = 60_000): Promise<Respuesta> {
    let ultima: Respuesta | undefined;
    await this.hasta(
      `${codigo} to be ${estado}`,
      async () => {
        ultima = await this.consultar(codigo);
        return ultima.sobre.data?.transaccion.estado === estado;
      },
      limiteMs,
    );
    if (!ultima) throw new Error('unreachable: the wait ends with an answer');
    return ultima;
  }

  async hasta(que: string, condicion: () => Promise<boolean>, limiteMs = 30_000): Promise<void> {
    const limite = Date.now() + limiteMs;
    while (!(await condicion())) {
      if (Date.now() > limite)
        throw new Error(`waited ${limiteMs} ms for ${que}\n${(await this.log('worker')).slice(-4000)}`);
      await pause(REVISION_MS);
    }
  }

  async #llamar(ruta: string, peticion: Omit<RequestInit, 'headers'>, cabeceras = {}): Promise<Respuesta> {
    const respuesta = await fetch(`http://127.0.0.1:${this.#puertos.api}${BASE}/${ruta}`, {
      ...peticion,
      headers: { ...cabeceras, Authorization: `Bearer ${this.#token}` },
    });
    return { codigo: respuesta.status, sobre: (await respuesta.json()) as Respuesta['sobre'] };
  }

  async #listo(nombre: Nombre): Promise<boolean> {
    try {
      const { ok } = await fetch(`http://127.0.0.1:${this.#puertos[nombre]}/health/ready`);
      return ok;
    } catch {
      return false;
    }
  }
}

/** A request of its own codigo and, unless given, its own citizen. */
export function solicitudNueva(codigo: string, numeroDocumento = documentoNuevo()): SolicitudCertificado {
  return solicitudDePrueba(codigo, numeroDocumento);
}

let documentos = 40_000_000;
function documentoNuevo(): string {
  return String(documentos++);
}
