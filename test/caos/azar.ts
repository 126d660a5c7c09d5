/** Chance that a seed repeats. */
import { createHash } from 'node:crypto';

export interface Azar {
  /** In [0, 1). */
  fraccion(): number;
  /** From `desde` to `hasta`, both included. */
  entero(desde: number, hasta: number): number;
  de<T>(valores: readonly T[]): T;
  /** By weight. */
  segunPeso<T extends string>(pesos: Record<T, number>): T;
}

export function createAzar(semilla: string): Azar {
  let sacados = 0;
  const fraccion = () =>
    createHash('sha256')
      .update(JSON.stringify([semilla, sacados++]))
      .digest()
      .readUInt32BE() /
    2 ** 32;
  const entero = (desde: number, hasta: number) => desde + Math.floor(fraccion() * (hasta - desde + 1));
  return {
    fraccion,
    entero,
    de: (valores) => {
      const valor = valores[entero(0, valores.length - 1)];
      if (valor === undefined) throw new Error('nothing to draw from');
      return valor;
    },
    segunPeso<T extends string>(pesos: Record<T, number>): T {
      const nombres = Object.entries<number>(pesos) as [T, number][];
      let punto = fraccion() * nombres.reduce((suma, [, peso]) => suma + peso, 0);
      for (const [nombre, peso] of nombres) {
        if (punto < peso) return nombre;
        punto -= peso;
      }
      throw new Error('unreachable: the point lies within the sum');
    },
  };
}
