/** What anybody may ask of the log, to check it without trusting it: entries with their proofs, and the tree's growth. */
import { pruebaDeConsistencia, pruebaDeInclusion, type Resumen } from './arbol/arbol.ts';
import { leerResumenes, leerUltimoPunto, type PuntoGuardado } from './arbol/arbol-guardado.ts';
import { COLUMNAS_DE_HOJA, hojaDe, REGISTRADA } from './entrada.ts';
import type { Huella } from '../runtime/claves/cifrado.ts';
import type { Logger } from '../runtime/logger.ts';
import type { BaseDeBitacora } from './esquema.ts';
import { juzgarSello } from './sello.ts';

export interface PuntoPublicado {
  epoca: number;
  tamano: number;
  /** The signed checkpoint, with the signatures of those who witnessed it. */
  nota: string;
}

export interface EntradaProbada {
  id: string;
  /** What the tree holds of it. */
  hoja: Buffer;
  /** Null until the sequencer has given it a place. */
  lugar: { epoca: number; indice: number; camino: Resumen[]; punto: PuntoPublicado } | null;
}

export interface PruebasDeBitacora {
  /** The newest checkpoint of an epoch, of the newest one where none is named; null where there is none. */
  leerPunto(epoca?: number): Promise<PuntoPublicado | null>;
  /** Null also for what has neither a place nor the seal of the service. */
  leerEntrada(id: string): Promise<EntradaProbada | null>;
  /** From a size to the epoch's newest checkpoint; null where the epoch has never been so large. */
  leerConsistencia(
    epoca: number,
    desde: number,
  ): Promise<{ desde: number; prueba: Resumen[]; punto: PuntoPublicado } | null>;
}

interface DependenciasDePruebas {
  huella: Huella;
  logger: Logger;
}

export function createPruebasDeBitacora(
  db: BaseDeBitacora,
  { huella, logger }: DependenciasDePruebas,
): PruebasDeBitacora {
  const publicar = async ({ epoca, tamano, nota }: PuntoGuardado): Promise<PuntoPublicado> => {
    const testigos = await db
      .selectFrom('bitacora_testigos')
      .select('cofirmas')
      .where('epoca', '=', epoca)
      .where('tamano', '=', tamano)
      .orderBy('testigo')
      .execute();
    return { epoca, tamano, nota: nota + testigos.map(({ cofirmas }) => cofirmas).join('') };
  };
  const leerPunto = async (epoca?: number) => {
    const ultimo = await leerUltimoPunto(db, epoca);
    return ultimo && publicar(ultimo);
  };

  return {
    leerPunto,

    async leerEntrada(id) {
      const fila = await db
        .selectFrom('bitacora')
        .select([...COLUMNAS_DE_HOJA, REGISTRADA, 'epoca', 'indice', 'sello'])
        .where('id', '=', id)
        .executeTakeFirst();
      if (!fila) return null;
      const hoja = hojaDe(fila);
      const punto = fila.epoca === null ? null : await leerPunto(fila.epoca);
      if (fila.epoca === null || !punto) {
        // Nothing but its seal says that the service wrote it.
        if (juzgarSello(huella, hoja, fila.sello) === 'BUENO') return { id, hoja, lugar: null };
        logger.error(
          { id, codigo: fila.codigo },
          'an audit entry that the service did not write is not shown',
        );
        return null;
      }
      const indice = Number(fila.indice);
      const camino = await leerResumenes(db, fila.epoca, pruebaDeInclusion(indice, punto.tamano));
      return { id, hoja, lugar: { epoca: fila.epoca, indice, camino, punto } };
    },

    async leerConsistencia(epoca, desde) {
      const punto = await leerPunto(epoca);
      if (!punto || desde > punto.tamano) return null;
      return {
        desde,
        prueba: await leerResumenes(db, epoca, pruebaDeConsistencia(desde, punto.tamano)),
        punto,
      };
    },
  };
}
