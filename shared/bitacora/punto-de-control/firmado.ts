/** Whether what the database shows as signed really was: by which keys, and of which tree. */
import { ArbolQueCrece, esIgual, nodosDe, type Resumen } from '../arbol/arbol.ts';
import { buscarNodos, type PuntoGuardado } from '../arbol/arbol-guardado.ts';
import type { BaseDeBitacora, TransaccionDeBitacora } from '../esquema.ts';
import type { Verificador } from './nota.ts';
import { leerPuntoDeControl, origenDe, type PuntoDeControl } from './punto-de-control.ts';

/** Somebody wrote to the log's tables: nothing is signed on top of that. The message is for operators. */
export class BitacoraAlterada extends Error {
  constructor(motivo: string, options?: ErrorOptions) {
    super(motivo, options);
    this.name = 'BitacoraAlterada';
  }
}

/** @returns null where it is no checkpoint, or none of these keys signed it */
export function leerNotaFirmada(verificadores: readonly Verificador[], nota: string): PuntoDeControl | null {
  try {
    return verificadores.some((verificador) => verificador.verificar(nota)) ? leerPuntoDeControl(nota) : null;
  } catch {
    return null;
  }
}

/** @returns null where the row's note is not the one that was signed for this size and epoch */
export function leerPuntoFirmado(
  verificadores: readonly Verificador[],
  { epoca, tamano, nota }: PuntoGuardado,
): PuntoDeControl | null {
  const punto = leerNotaFirmada(verificadores, nota);
  const esDeAqui = verificadores.some(({ nombre }) => punto?.origen === origenDe(nombre, epoca));
  return punto && esDeAqui && punto.tamano === tamano ? punto : null;
}

/** @throws BitacoraAlterada */
export function exigirPuntoFirmado(
  verificadores: readonly Verificador[],
  punto: PuntoGuardado,
): PuntoDeControl {
  const firmado = leerPuntoFirmado(verificadores, punto);
  if (firmado) return firmado;
  throw new BitacoraAlterada(
    `El último punto de control de la bitácora (época ${punto.epoca}, ${punto.tamano} entradas) no es el que se firmó: fue alterado, o lo firmó una clave que no está en BITACORA_CLAVE_FIRMA ni en BITACORA_CLAVES_ANTERIORES.`,
  );
}

/** The right edge of the stored tree, where it has this root; null where it has not, or nodes are missing. */
export async function leerBordeFirmado(
  db: BaseDeBitacora | TransaccionDeBitacora,
  epoca: number,
  tamano: number,
  raiz: Resumen,
): Promise<readonly Resumen[] | null> {
  const nodos = nodosDe({ desde: 0, hasta: tamano });
  const borde = nodos.map(await buscarNodos(db, epoca, nodos));
  if (!borde.every((resumen) => resumen !== null)) return null;
  return esIgual(new ArbolQueCrece(tamano, borde).raiz, raiz) ? borde : null;
}

/** The tree as the last checkpoint signed it, to go on from. @throws BitacoraAlterada */
export async function abrirArbolFirmado(
  tx: TransaccionDeBitacora,
  { epoca }: PuntoGuardado,
  { tamano, raiz }: PuntoDeControl,
): Promise<ArbolQueCrece> {
  const borde = await leerBordeFirmado(tx, epoca, tamano, raiz);
  if (borde) return new ArbolQueCrece(tamano, borde);
  throw new BitacoraAlterada(
    `El árbol guardado de la bitácora (época ${epoca}, ${tamano} entradas) no es el que firma su último punto de control: fue alterado.`,
  );
}
