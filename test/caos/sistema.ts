/**
 * The whole system, each part a process that may be killed, stopped, woken and started again on its own files, with gates
 * that hold an issuance at an exact moment; and an account of all that was done to it.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { SolicitudCertificado } from '../../shared/emision/solicitud.ts';
import { hasta } from '../support/hasta.ts';
import { startPostgres, type LocalPostgres } from '../../scripts/topology/postgres.ts';
import { Stack, type Pedido, type Respuesta } from '../support/servidores/stack.ts';
import {
  startClusterOfItsOwn,
  startTemporalServer,
  TEMPORAL_SERVER_BIN,
  type TemporalServerProcess,
} from '../support/temporal/temporal-server.ts';
import { PuertaDeTemporal } from '../support/servidores/puerta-de-temporal.ts';
import { createPuertasDeLaPki, type DelSimulador, type PuertasDeLaPki } from './puertas/puertas-de-la-pki.ts';
import { createPuertasDelRegistro, type PuertasDelRegistro } from './puertas/puertas-del-registro.ts';
import type { Contestada } from './juicio/juez.ts';

/** What may be killed. */
export const PARTES = ['api', 'worker', 'temporal', 'simulador', 'postgres'] as const;
export type Parte = (typeof PARTES)[number] | 'worker2';
/** What may be stopped (SIGSTOP) and woken: a PostgreSQL is many processes. */
export type ParteDetenible = Exclude<Parte, 'postgres'>;

export interface Cuenta {
  /** Requests for an issuance that clients had; their repeats for want of an answer do not count. */
  solicitudes: number;
  muertes: number;
  paradas: number;
  actos: number;
  restauraciones: number;
}

export function sumarCuentas(cuentas: readonly Cuenta[]): Cuenta {
  const suma = (nombre: keyof Cuenta) => cuentas.reduce((total, cuenta) => total + cuenta[nombre], 0);
  return {
    solicitudes: suma('solicitudes'),
    muertes: suma('muertes'),
    paradas: suma('paradas'),
    actos: suma('actos'),
    restauraciones: suma('restauraciones'),
  };
}

export interface OpcionesDeSistema {
  idempotente: boolean;
  /** Environment of every process. */
  variables?: Record<string, string>;
  /** A second worker from the start. */
  dosWorkers?: boolean;
}

const PLAZO_DE_LLAMADA_MS = 60_000;

export class Sistema {
  readonly stack: Stack;
  readonly temporal: TemporalServerProcess;
  readonly postgres: LocalPostgres;
  readonly puertaDeTemporal: PuertaDeTemporal;
  readonly puertasDeLaPki: PuertasDeLaPki;
  readonly puertasDelRegistro: PuertasDelRegistro;
  readonly idempotente: boolean;
  readonly cuenta: Cuenta = { solicitudes: 0, muertes: 0, paradas: 0, actos: 0, restauraciones: 0 };
  /** What clients were told of each codigo. */
  readonly contestadas = new Map<string, Contestada[]>();
  /** Calls at the PKI that worked on two codigos of one citizen at once. */
  readonly choques: string[];
  readonly #pool: pg.Pool;
  readonly #copias: string;

  private constructor(
    partes: Pick<Sistema, 'stack' | 'temporal' | 'postgres' | 'puertaDeTemporal' | 'puertasDeLaPki'>,
    idempotente: boolean,
    copias: string,
    choques: string[],
  ) {
    this.choques = choques;
    this.stack = partes.stack;
    this.temporal = partes.temporal;
    this.postgres = partes.postgres;
    this.puertaDeTemporal = partes.puertaDeTemporal;
    this.puertasDeLaPki = partes.puertasDeLaPki;
    this.idempotente = idempotente;
    this.#copias = copias;
    this.#pool = new pg.Pool({ connectionString: this.stack.databaseUrl, max: 4 });
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (cliente) => cliente.on('error', () => undefined));
    this.puertasDelRegistro = createPuertasDelRegistro((sql, valores) => this.consultar(sql, valores));
  }

  static async iniciar({
    idempotente,
    variables = {},
    dosWorkers = false,
  }: OpcionesDeSistema): Promise<Sistema> {
    const [temporal, postgres, copias] = await Promise.all([
      TEMPORAL_SERVER_BIN ? startClusterOfItsOwn(TEMPORAL_SERVER_BIN) : startTemporalServer(),
      startPostgres(),
      mkdtemp(join(tmpdir(), 'caos-')),
    ]);
    const puertaDeTemporal = await PuertaDeTemporal.abrir(temporal.address, temporal.certificates);
    const vigia = createVigiaDeCiudadanos();
    const puertasDeLaPki = createPuertasDeLaPki(vigia.alPasar);
    const stack = await Stack.start(
      {
        SIMULADOR_LATENCIA_MS: '20',
        SIMULADOR_IDEMPOTENTE: String(idempotente),
        PKI_ADAPTER_IDEMPOTENTE: String(idempotente),
        LOG_LEVEL: 'warn',
        ESPERA_SINCRONA_MS: '25000',
        ...variables,
      },
      {
        servidores: { temporal, postgres },
        propios: {
          simulador: {
            archivo: 'test/caos/puertas/simulador-con-puertas.ts',
            alNacer: (proceso) => {
              vigia.olvidar();
              puertasDeLaPki.adoptar(proceso);
            },
          },
          api: { variables: { TEMPORAL_ADDRESS: puertaDeTemporal.direccion } },
        },
      },
    );
    const partes = { stack, temporal, postgres, puertaDeTemporal, puertasDeLaPki };
    const sistema = new Sistema(partes, idempotente, copias, vigia.choques);
    await sistema.puertasDelRegistro.instalar();
    if (dosWorkers) await stack.arrancar('worker2');
    return sistema;
  }

  async cerrar(): Promise<void> {
    await this.#pool.end().catch(() => undefined);
    await this.puertaDeTemporal.detener();
    await this.stack.stop();
    await rm(this.#copias, { recursive: true, force: true });
  }

  /** kill -9. */
  async matar(parte: Parte): Promise<void> {
    this.cuenta.muertes += 1;
    if (parte === 'temporal') await this.temporal.kill();
    else if (parte === 'postgres') await this.postgres.kill();
    else await this.stack.matar(parte);
  }

  async arrancar(parte: Parte): Promise<void> {
    if (parte === 'temporal') await this.temporal.startAgain();
    else if (parte === 'postgres') await this.postgres.startAgain();
    else await this.stack.arrancar(parte);
  }

  detener(parte: ParteDetenible): void {
    this.cuenta.paradas += 1;
    this.#senal(parte, 'SIGSTOP');
  }

  despertar(parte: ParteDetenible): void {
    this.#senal(parte, 'SIGCONT');
  }

  #senal(parte: ParteDetenible, senal: 'SIGSTOP' | 'SIGCONT'): void {
    if (parte === 'temporal') this.temporal.signal(senal);
    else this.stack.senal(parte, senal);
  }

  /** Whoever stands still goes on. */
  despertarATodos(): void {
    this.temporal.signal('SIGCONT');
    for (const nombre of this.stack.enMarcha()) this.stack.senal(nombre, 'SIGCONT');
  }

  /** A copy of a store as it stands now; the store is down for that moment. */
  async copiar(almacen: 'registro' | 'temporal', nombre: string): Promise<void> {
    const servidor = almacen === 'registro' ? this.postgres : this.temporal;
    await servidor.shutDown();
    await servidor.saveFiles(join(this.#copias, nombre));
    await servidor.startAgain();
  }

  /** Puts a copy in the place of a store, as an operator does: the service does not run meanwhile. */
  async restaurar(almacen: 'registro' | 'temporal', nombre: string): Promise<void> {
    this.cuenta.restauraciones += 1;
    await this.stack.matar('worker');
    await this.stack.matar('api');
    const servidor = almacen === 'registro' ? this.postgres : this.temporal;
    await servidor.shutDown();
    await servidor.restoreFiles(join(this.#copias, nombre));
    await servidor.startAgain();
    // The copy holds the gates of its time.
    await this.puertasDelRegistro.abrirTodas();
    await Promise.all([this.stack.arrancar('worker'), this.stack.arrancar('api')]);
  }

  /** Asks the register's database; waits for one that is down. */
  async consultar(sql: string, valores: unknown[] = []): Promise<pg.QueryResultRow[]> {
    const preguntar = async () => {
      try {
        const { rows } = (await this.#pool.query<pg.QueryResultRow>(sql, valores)) as Partial<
          pg.QueryResult<pg.QueryResultRow>
        >;
        // Several statements in one text bring a result each, and no rows.
        return rows ?? [];
      } catch (error) {
        // What the database itself says is no outage.
        const { code } = error as { code?: string };
        const esDeConexion = code === undefined || /^(E[A-Z]+|57...|08...)$/.test(code);
        if (!esDeConexion) throw error;
        return null;
      }
    };
    return hasta(`the register's database to answer "${sql}"`, preguntar, PLAZO_DE_LLAMADA_MS);
  }

  /** One request; what it is answered is kept for the judge. Null where no answer came. */
  async pedir(codigo: string, pedido: Pedido): Promise<Respuesta | null> {
    try {
      const signal = AbortSignal.timeout(PLAZO_DE_LLAMADA_MS);
      const respuesta = await this.stack.pedir({ ...pedido, signal });
      this.contestadas.set(codigo, [...(this.contestadas.get(codigo) ?? []), contestada(respuesta)]);
      return respuesta;
    } catch {
      return null;
    }
  }

  enviar(solicitud: SolicitudCertificado, requestId: string = randomUUID()): Promise<Respuesta | null> {
    return this.pedir(solicitud.solicitud.codigoSolicitudTramite, {
      metodo: 'POST',
      ruta: 'obtener-certificado-digital',
      cuerpo: solicitud,
      cabeceras: {
        'X-Correlation-ID': randomUUID(),
        'X-Request-ID': requestId,
        'X-Office-Code': 'LIMA-CENTRO',
        'X-Device-ID': 'PC-001',
        'X-Channel': 'PRESENCIAL',
      },
    });
  }

  preguntar(codigo: string): Promise<Respuesta | null> {
    return this.pedir(codigo, { ruta: `solicitudes/${encodeURIComponent(codigo)}` });
  }
}

function contestada({ estadoHttp, sobre }: Respuesta): Contestada {
  return {
    http: estadoHttp,
    tipo: sobre.error?.tipo ?? null,
    estado: sobre.data?.transaccion.estado ?? null,
    series: sobre.data?.certificados.map(({ numeroSerie }) => numeroSerie) ?? [],
  };
}

/** Sees two codigos of one citizen in step 2 at once: the citizen's lock was not held. */
function createVigiaDeCiudadanos() {
  const enPaso2 = new Map<string, Set<string>>();
  const choques: string[] = [];
  return {
    choques,
    olvidar: () => {
      enPaso2.clear();
    },
    alPasar: ({ codigo, numeroDocumento, paso, momento, trabaja }: DelSimulador) => {
      if (paso !== 2 || !trabaja) return;
      const codigos = enPaso2.get(numeroDocumento) ?? new Set();
      enPaso2.set(numeroDocumento, codigos);
      if (momento === 'DESPUES') {
        codigos.delete(codigo);
        return;
      }
      codigos.add(codigo);
      if (codigos.size > 1) choques.push(`${[...codigos].join(' and ')} in step 2 for one citizen at once`);
    },
  };
}
