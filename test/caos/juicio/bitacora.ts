/** The audit log after all that happened, as `npm run bitacora -- verificar` finds it. */
import type { Resultado } from './informe.ts';
import type { Sistema } from '../sistema.ts';

/** @returns what is wrong with it; null where nothing is */
export async function faltaDeLaBitacora({ stack }: Sistema): Promise<string | null> {
  const primera = await stack.comando('bitacora.ts', 'verificar');
  // A register that was put back from a copy: its witness says so, and a person would have looked into it.
  for (const [, epoca = ''] of primera.output.matchAll(/-- reconocer (\d+) /g))
    await stack.comando('bitacora.ts', 'reconocer', epoca, 'la copia de esta prueba');
  const { code, output } = await stack.comando('bitacora.ts', 'verificar');
  return code === 0
    ? null
    : `npm run bitacora -- verificar should end with 0, and ends with ${code}: ${output}`;
}

export async function casoDeLaBitacora(sistema: Sistema, caso: string): Promise<Resultado> {
  const texto = await faltaDeLaBitacora(sistema);
  return {
    caso,
    faltas: texto === null ? [] : [{ clase: 'INEXPLICADA', codigo: 'bitacora', texto }],
    hechos: [],
  };
}
