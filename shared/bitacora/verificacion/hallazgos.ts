/** Collects what a verification finds. */
import { HALLAZGOS_MAX, type Hallazgo } from '../contrato.ts';
import type { BaseDeBitacora, TransaccionDeBitacora } from '../esquema.ts';

/** @param falta in words, for whoever must act on it */
export type Hallar = (falta: string, donde?: Partial<Hallazgo>) => void;

/** How many characters of a row's content a finding tells: a report must fit into a payload. */
const FALTA_MAXIMA = 1_000;

/** Keeps the first ones, and counts them all. */
export function createHallazgos(): {
  hallar: Hallar;
  informe: () => { hallazgos: Hallazgo[]; hallados: number };
} {
  const hallazgos: Hallazgo[] = [];
  let hallados = 0;
  return {
    hallar(falta, donde) {
      hallados += 1;
      if (hallados <= HALLAZGOS_MAX)
        hallazgos.push({
          epoca: null,
          indice: null,
          id: null,
          ...donde,
          falta: falta.slice(0, FALTA_MAXIMA),
        });
    },
    informe: () => ({ hallazgos, hallados }),
  };
}

/** Several readings as of one moment: what is written meanwhile shows in none of them. */
export function enUnInstante<T>(
  db: BaseDeBitacora,
  lectura: (tx: TransaccionDeBitacora) => Promise<T>,
): Promise<T> {
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(lectura);
}
