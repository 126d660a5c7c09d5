/** Requests a minute of one client, and of one client in the name of one office: ADR 0025, 0043. */
import { FALLOS_HTTP } from '../../../shared/nucleo/fallos.ts';
import type { Response } from 'express';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Huella } from '../../../shared/runtime/claves/cifrado.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';
import { clienteDe } from '../acceso/clientes.ts';
import { FalloHttp } from '../peticion/fallo-http.ts';
import { createGuardaDeParte } from './parte-caida.ts';
import type { Identidad } from '../acceso/token.ts';

export type NombreDeLimite = 'cliente' | 'oficina';

/**
 * Counts one request against its client, or one issuance against what its client may send for an office; tells the answer
 * how the limit that is nearest to its end stands.
 * @param oficina null: the request as such, of which nothing more is known yet
 * @throws FalloHttp LIMITE_EXCEDIDO
 */
export type LimitarPeticion = (res: Response, quien: Identidad, oficina: string | null) => Promise<void>;

/** What is asked of the database: one statement at a time, with a deadline of its own. */
interface Almacen {
  query(text: string, values: unknown[]): Promise<unknown>;
}

interface LimitesDeps {
  porMinuto: Record<NombreDeLimite, number>;
  /** Null: in the memory of this process. */
  almacen: Almacen | null;
  huella: Huella;
  medirExceso: (limite: NombreDeLimite) => void;
  logger: Logger;
}

const VENTANA_S = 60;

const EXCEDIDO = {
  cliente: (maximo: number) =>
    `Authorization: el cliente envió más de ${maximo} peticiones en un minuto (límite por cliente)`,
  // Another client's for the same office are not counted.
  oficina: (maximo: number) =>
    `X-Office-Code: el cliente envió más de ${maximo} peticiones en un minuto para esta oficina (límite por cliente y oficina)`,
} as const;

interface Saldo {
  limite: NombreDeLimite;
  maximo: number;
  restantes: number;
  excedido: boolean;
  /** Until the window ends; at least 1. */
  reinicioS: number;
}

export function createLimitadorDePeticiones(deps: LimitesDeps): LimitarPeticion {
  const { porMinuto, huella, medirExceso, logger } = deps;
  const almacen = deps.almacen && almacenQueResponde(deps.almacen, logger);
  const contarCliente = createContador('cliente', porMinuto.cliente, almacen);
  const contarOficina = createContador('oficina', porMinuto.oficina, almacen);

  return async (res, quien, oficina) => {
    const deCliente = clienteDe(huella, quien);
    // Of each client apart: none uses up what an office may send by another.
    const saldo =
      oficina === null
        ? await contarCliente(deCliente)
        : await contarOficina(huella('limite-oficina', JSON.stringify([deCliente, oficina])));
    const anterior = res.locals.saldo as Saldo | undefined;
    if (!anterior || saldo.excedido || saldo.restantes < anterior.restantes) res.set(cabecerasDe(saldo));
    res.locals.saldo = saldo;
    if (!saldo.excedido) return;
    medirExceso(saldo.limite);
    throw new FalloHttp(
      FALLOS_HTTP.LIMITE_EXCEDIDO,
      [`${EXCEDIDO[saldo.limite](saldo.maximo)}; puede volver a enviar en ${saldo.reinicioS} s`],
      { cabeceras: { 'Retry-After': String(saldo.reinicioS) } },
    );
  };
}

/** draft-ietf-httpapi-ratelimit-headers-06. */
function cabecerasDe({ limite, maximo, restantes, reinicioS }: Saldo): Record<string, string> {
  return {
    'RateLimit-Limit': String(maximo),
    'RateLimit-Remaining': String(restantes),
    'RateLimit-Reset': String(reinicioS),
    'RateLimit-Policy': `${maximo};w=${VENTANA_S};comment="${limite}"`,
  };
}

function createContador(
  limite: NombreDeLimite,
  maximo: number,
  almacen: ReturnType<typeof almacenQueResponde> | null,
): (clave: string) => Promise<Saldo> {
  const opciones = { keyPrefix: limite, points: maximo, duration: VENTANA_S };
  const enMemoria = new RateLimiterMemory(opciones);
  const limitador =
    almacen === null
      ? enMemoria
      : new RateLimiterPostgres({
          ...opciones,
          storeClient: almacen,
          storeType: 'client',
          tableName: 'limites',
          tableCreated: true,
          // A key that is used up is refused from memory until its window ends: a flood does not reach the database.
          inMemoryBlockOnConsumed: maximo,
          insuranceLimiter: enMemoria,
          // By a timer that holds no process open; the rows of both limits lie in one table.
          clearExpiredByTimeout: limite === 'cliente',
        });
  return async (clave) => {
    const { consumo, excedido } = await limitador.consume(clave).then(
      (consumo) => ({ consumo, excedido: false }),
      (error: unknown) => {
        if (!(error instanceof RateLimiterRes)) throw error;
        return { consumo: error, excedido: true };
      },
    );
    return {
      limite,
      maximo,
      restantes: excedido ? 0 : consumo.remainingPoints,
      excedido,
      reinicioS: Math.max(1, Math.ceil(consumo.msBeforeNext / 1000)),
    };
  };
}

/** The database as the limiter asks it; while it is down, each process counts by itself. */
function almacenQueResponde(almacen: Almacen, logger: Logger) {
  const pedir = createGuardaDeParte({
    parte: 'the database of the limits',
    noResponde: () => true,
    alCaer: (error) => {
      logger.warn({ err: error }, 'limits are counted in memory: the database does not answer');
    },
  });
  return {
    // Without the library's name for the statement: a pool of connections in between may not know it.
    query: ({ text, values }: { text: string; values: unknown[] }) =>
      pedir(() => almacen.query(text, values)),
  };
}
