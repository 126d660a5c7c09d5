/**
 * The database's clock, which all processes share. A process whose own clock is far from it must not judge ages and
 * dates.
 */
import { sql } from 'kysely';
import { DESFASE_MAXIMO_MS } from '../../nucleo/plazos.ts';
import { ConfiguracionInvalida } from '../../runtime/config.ts';
import { vigilar, type Vigilancia } from '../../runtime/vigilancia.ts';
import type { DbBase } from './esquema.ts';

/** How often a process that works looks at its clock. */
const REVISION_MS = 60_000;

/**
 * How far this process's clock is from the database's: more than 0 where it is ahead.
 * @param ahora milliseconds since the epoch
 */
async function desfaseMs(db: DbBase, ahora: () => number): Promise<number> {
  const antes = ahora();
  const { rows } = await sql<{ suya: Date }>`select clock_timestamp() as suya`.execute(db);
  const despues = ahora();
  const suya = rows[0]?.suya.getTime() ?? antes;
  // It was read at some moment between these two.
  return suya < antes ? antes - suya : suya > despues ? despues - suya : 0;
}

/** @throws ConfiguracionInvalida where this process's clock is further from the database's than any two should be */
export async function exigirReloj(db: DbBase, ahora: () => number = Date.now): Promise<void> {
  const desfase = await desfaseMs(db, ahora);
  if (Math.abs(desfase) <= DESFASE_MAXIMO_MS) return;
  const segundos = Math.round(Math.abs(desfase) / 1000);
  throw new ConfiguracionInvalida([
    `the clock of this machine is ${segundos} s ${desfase > 0 ? 'ahead of' : 'behind'} that of the database (DATABASE_URL): ages, dates of certificates and retention would be judged wrongly. Set it, and start again`,
  ]);
}

/** Looks from time to time. */
export function vigilarReloj(db: DbBase, ahora: () => number = Date.now, cadaMs = REVISION_MS): Vigilancia {
  return vigilar(() => exigirReloj(db, ahora), cadaMs);
}
