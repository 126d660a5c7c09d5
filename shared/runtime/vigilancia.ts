/** What may come to be wrong while a process works, looked at from time to time. */
import { ConfiguracionInvalida } from './config.ts';

export interface Vigilancia {
  /** Rejects once the process stands on something wrong: it must end, and what it had goes on in another. */
  fin: Promise<never>;
  detener(): void;
}

/** @param revisar a ConfiguracionInvalida of it ends the process; what does not answer says nothing */
export function vigilar(revisar: () => Promise<void>, cadaMs: number): Vigilancia {
  const { promise: fin, reject } = Promise.withResolvers<never>();
  // Whoever races this promise hears of it; before anybody does, it must not count as unhandled.
  fin.catch(() => undefined);
  const revision = setInterval(() => {
    revisar().catch((error: unknown) => {
      if (error instanceof ConfiguracionInvalida) reject(error);
    });
  }, cadaMs);
  revision.unref();
  return {
    fin,
    detener() {
      clearInterval(revision);
    },
  };
}
