/** Start and stop of a process: one way for all of them. */
import type { Logger } from './logger.ts';
import { NoPuedeArrancar } from './config.ts';
import { escribirSoloParaEsteUsuario } from './privado.ts';

export interface Proceso {
  /** Pending while the process works; rejects where a part of it died. */
  fin: Promise<never> | Promise<void>;
  /** Stops in order: no new work, then what runs finishes, then what it stood on closes. */
  detener(): Promise<void>;
}

/** A stop that takes longer is a hang: the process ends, and what was open goes on at the next start. */
const PARADA_MAXIMA_MS = 60_000;

/** Runs until SIGTERM or SIGINT, then drains and exits 0. Faults of configuration go out in words, without a stack. */
export async function ejecutarProceso(logger: Logger, arrancar: () => Promise<Proceso>): Promise<never> {
  try {
    escribirSoloParaEsteUsuario();
    const parada = senalDeParada();
    const proceso = await arrancar();
    await Promise.race([parada, proceso.fin]);
    logger.info('stopping');
    setTimeout(() => {
      logger.fatal('the stop took too long');
      process.exit(1);
    }, PARADA_MAXIMA_MS).unref();
    await proceso.detener();
    logger.info('stopped');
    process.exit(0);
  } catch (error) {
    if (error instanceof NoPuedeArrancar) logger.fatal(error.message);
    else logger.fatal({ err: error }, 'the process failed');
    process.exit(1);
  }
}

function senalDeParada(): Promise<void> {
  return new Promise((resolve) => {
    const parar = () => {
      resolve();
    };
    for (const senal of ['SIGTERM', 'SIGINT'] as const) process.once(senal, parar);
  });
}
