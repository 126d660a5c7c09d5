/** What the PKI answered in step 2 (table `recibidos`): kept from when it is known until retention leaves only its serial numbers. */
import { X509Certificate } from 'node:crypto';
import type { CertificadoRecibido, RespuestaPaso2 } from '../../../emision/contrato.ts';
import { aclara } from '../../../emision/respuestas-pki.ts';
import type { Cifrado } from '../../../runtime/claves/cifrado.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import { descifrarColumna, cifrarColumna } from './columnas-cifradas.ts';
import { type EmisionRegistrada } from './filas.ts';
import type { Tx } from './esquema.ts';

type Generacion = Pick<EmisionRegistrada, 'codigo' | 'generacion'>;

interface RespuestaEnElRegistro {
  /** Null once retention took it away. */
  respuesta: RespuestaPaso2 | null;
  series: string[];
}

/**
 * FALTABA: it is the first of its generation. SUSTITUYE: it took the place of one that told nothing of what was sent, or
 * of one that retention had taken away. YA_ESTABA: the same set is kept. ES_OTRA: another set is kept, and stays.
 */
type ResultadoDeGuardar = 'FALTABA' | 'SUSTITUYE' | 'YA_ESTABA' | 'ES_OTRA';

/** Keeps what step 2 answered, whoever brings it and whatever becomes of it. */
export async function guardarRespuesta(
  tx: Tx,
  claves: Claves,
  { codigo, generacion }: Generacion,
  respuesta: RespuestaPaso2,
): Promise<ResultadoDeGuardar> {
  const fila = filaDeRespuesta(claves, { codigo, generacion }, respuesta);
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('recibidos')
    .values(fila)
    .onConflict((conflicto) => conflicto.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 1n) return 'FALTABA';
  const previa = await leerRespuestaGuardada(tx, claves, { codigo, generacion });
  const esLaMisma = JSON.stringify(previa?.series) === JSON.stringify(seriesDeRespuesta(respuesta));
  const estaRetirada = previa?.respuesta === null;
  const dejaSuLugar = estaRetirada || (previa?.respuesta && !aclara(previa.respuesta) && aclara(respuesta));
  if (!dejaSuLugar) return esLaMisma ? 'YA_ESTABA' : 'ES_OTRA';
  // The judgement on the same set stands.
  const { contenido } = fila;
  await tx
    .updateTable('recibidos')
    .set(esLaMisma ? { contenido } : fila)
    .where('codigo', '=', codigo)
    .where('generacion', '=', generacion)
    .execute();
  return esLaMisma ? 'YA_ESTABA' : 'SUSTITUYE';
}

function filaDeRespuesta({ cifrado }: Claves, { codigo, generacion }: Generacion, respuesta: RespuestaPaso2) {
  // The generation is encrypted with it: moved to another one of the same codigo it is not believed.
  const contenido = cifrarColumna(cifrado, { ...respuesta, generacion }, 'recibidos.contenido', codigo);
  return {
    codigo,
    generacion,
    contenido,
    conforme: null,
    faltas: null,
    series: null,
    recibido_en: new Date(),
  };
}

/** What the PKI answered in step 2, where it tells what became of its sends. */
export async function leerRespuestaQueAclara(
  tx: Tx,
  claves: Claves,
  generacion: Generacion,
): Promise<RespuestaPaso2 | null> {
  const respuesta = (await leerRespuestaGuardada(tx, claves, generacion))?.respuesta;
  return respuesta && aclara(respuesta) ? respuesta : null;
}

/** Null where the PKI never answered step 2 of this generation. */
export async function leerRespuestaGuardada(
  tx: Tx,
  { cifrado }: Claves,
  { codigo, generacion }: Generacion,
): Promise<RespuestaEnElRegistro | null> {
  const fila = await tx
    .selectFrom('recibidos')
    .select(['contenido', 'series'])
    .where('codigo', '=', codigo)
    .where('generacion', '=', generacion)
    .executeTakeFirst();
  if (!fila) return null;
  if (!fila.contenido) return { respuesta: null, series: fila.series ?? [] };
  const respuesta = descifrarRespuesta(cifrado, { codigo, generacion }, fila.contenido);
  return { respuesta, series: seriesDeRespuesta(respuesta) };
}

/** @throws Error where it is of another codigo or generation; what earlier versions wrote does not name its generation */
export function descifrarRespuesta(
  cifrado: Cifrado,
  { codigo, generacion }: Generacion,
  contenido: Uint8Array,
): RespuestaPaso2 {
  const { generacion: propia = generacion, ...respuesta } = descifrarColumna(
    cifrado,
    contenido,
    'recibidos.contenido',
    codigo,
  ) as RespuestaPaso2 & { generacion?: number };
  if (propia === generacion) return respuesta;
  throw new Error(`what stands as received of ${codigo} is of another generation`);
}

/** What step 2 answered does not conform: it is kept and never released, and a re-run compares it again. */
export async function ponerEnCuarentena(
  tx: Tx,
  { cifrado }: Claves,
  { codigo, generacion }: Generacion,
  faltas: string[],
): Promise<void> {
  await tx
    .updateTable('recibidos')
    .set({ conforme: false, faltas: cifrarColumna(cifrado, faltas, 'recibidos.faltas', codigo) })
    .where('codigo', '=', codigo)
    .where('generacion', '=', generacion)
    .execute();
}

/** Retention: of all answers of a codigo only the serial numbers stay. */
export async function retirarRespuestas(tx: Tx, claves: Claves, codigo: string): Promise<void> {
  const filas = await tx
    .selectFrom('recibidos')
    .select('generacion')
    .where('codigo', '=', codigo)
    .where('contenido', 'is not', null)
    .execute();
  for (const { generacion } of filas) {
    const guardada = await leerRespuestaGuardada(tx, claves, { codigo, generacion });
    await tx
      .updateTable('recibidos')
      .set({ contenido: null, faltas: null, series: JSON.stringify(guardada?.series ?? []) })
      .where('codigo', '=', codigo)
      .where('generacion', '=', generacion)
      .execute();
  }
}

export function seriesDeRespuesta({ certificados }: RespuestaPaso2): string[] {
  return certificados.map(serieDe);
}

/** The certificate's own serial number: the one that the adapter declares may be another's. */
function serieDe({ certificadoBase64, numeroSerie }: CertificadoRecibido): string {
  try {
    return new X509Certificate(Buffer.from(certificadoBase64, 'base64')).serialNumber;
  } catch {
    // What cannot be read as a certificate is known by nothing else.
    return numeroSerie.replace(/[^0-9a-f]/gi, '').toUpperCase();
  }
}
