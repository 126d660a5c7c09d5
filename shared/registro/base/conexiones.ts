/**
 * The connections as Kysely asks for them. The pool and the driver give many of their failures no code but words; what
 * failed for want of an answer is told here by where it failed: nothing opened, the connection broke, the time was over.
 */
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { BaseSinRespuesta } from '../../nucleo/base-sin-respuesta.ts';
import type { MetricasDeLaBase } from './metricas-de-la-base.ts';

interface Plazos {
  conexionMs: number;
  /** 0: no bound. */
  sentenciaMs: number;
}

/** @param plazos those that the pool itself cuts by */
export function conexionesQueAvisan(
  pool: pg.Pool,
  { conexionMs, sentenciaMs }: Plazos,
  metricas?: Pick<MetricasDeLaBase, 'conexion'>,
): PostgresPool {
  const rotas = new WeakSet<pg.PoolClient>();
  pool.on('connect', (cliente) => {
    cliente.on('error', () => void rotas.add(cliente));
  });

  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const plazo = empezarPlazo(conexionMs);
      const desdeMs = performance.now();
      try {
        return conexion(await pool.connect());
      } catch (cause) {
        if (cause instanceof pg.DatabaseError) throw cause;
        throw new BaseSinRespuesta(plazo.vencido() ? 'PLAZO' : 'CONEXION', { cause });
      } finally {
        plazo.terminar();
        metricas?.conexion(performance.now() - desdeMs);
      }
    },
  };

  function conexion(cliente: pg.PoolClient): PostgresPoolClient {
    /** What became of a statement that the database did not answer: what is asked behind it is told the same. */
    let sinRespuesta: Error | null = null;
    const preguntar = async (text: string, valores: readonly unknown[]) => {
      if (sinRespuesta !== null) throw sinRespuesta;
      const plazo = empezarPlazo(sentenciaMs);
      try {
        // Of DATABASE_URL another deadline might come.
        return await cliente.query({
          text,
          values: [...valores],
          ...(sentenciaMs > 0 && { query_timeout: sentenciaMs }),
        });
      } catch (cause) {
        if (cause instanceof pg.DatabaseError) throw cause;
        const callada = plazo.vencido();
        sinRespuesta =
          callada || rotas.has(cliente)
            ? new BaseSinRespuesta(callada ? 'PLAZO' : 'CONEXION', { cause })
            : (cause as Error);
        throw sinRespuesta;
      } finally {
        plazo.terminar();
      }
    };
    return {
      // Of its two forms the other one is for streams by a cursor, of which there are none here.
      query: preguntar as unknown as PostgresPoolClient['query'],
      // What was not answered may be done yet: a `begin` would hold whatever the next user of the connection writes.
      release: (descartada = false) => {
        cliente.release(descartada || sinRespuesta !== null);
      },
    };
  }
}

/** Timers of one length go off in the order in which they began: this one before the driver's, which begins after it. */
function empezarPlazo(ms: number) {
  let vencido = false;
  const temporizador = ms > 0 ? setTimeout(() => (vencido = true), ms) : undefined;
  return {
    vencido: () => vencido,
    terminar: () => {
      clearTimeout(temporizador);
    },
  };
}
