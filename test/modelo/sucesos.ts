import { deClientes, deConciliacion, deOperadores } from './actores.ts';
import { delIntento } from './intento.ts';
import { CODIGOS, type Mundo, type Suceso } from './mundo.ts';
import type { Reglas } from './reglas.ts';
import { deLaRun } from './run.ts';

/** Everything that may happen next. */
export function* sucesos(mundo: Mundo, reglas: Reglas): Generator<Suceso> {
  for (const codigo of CODIGOS) {
    yield* deClientes(mundo, codigo, reglas);
    yield* deConciliacion(mundo, codigo);
    yield* deOperadores(mundo, codigo, reglas);
    const run = mundo.abiertas[codigo];
    if (run) yield* deLaRun(mundo, run, reglas);
  }
  for (const intento of mundo.intentos) yield* delIntento(mundo, intento, reglas);
}
