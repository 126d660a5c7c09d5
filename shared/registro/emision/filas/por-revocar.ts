/**
 * The to-revoke list: what a generation that was given up may have left at the PKI, for its operators to revoke if it
 * exists. A line is never taken off.
 */
import type { RespuestaPaso2 } from '../../../emision/contrato.ts';
import type { PorRevocar, Posicion } from '../../../emision/soporte.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import { claveDeIdempotencia } from './claves-de-emision.ts';
import type { EmisionRegistrada } from './filas.ts';
import { leerRespuestaGuardada, seriesDeRespuesta } from './respuestas-guardadas.ts';
import type { Db, Tx } from './esquema.ts';

/** Puts a generation on the list, unless the PKI was never asked, or it stands there already. */
export async function descartarGeneracion(
  tx: Tx,
  claves: Claves,
  emision: EmisionRegistrada,
  causa: PorRevocar['causa'],
): Promise<void> {
  const { codigo, generacion, pasos } = emision;
  const guardada = await leerRespuestaGuardada(tx, claves, emision);
  const envios = pasos[1].intentos + pasos[2].intentos;
  if (envios === 0 && pasos[1].solicitud_pki_id === null && guardada === null) return;
  const solicitudPkiId = pasos[1].solicitud_pki_id;
  const series = guardada?.series ?? [];
  await anotarPorRevocar(tx, { codigo, generacion, causa, solicitudPkiId, series });
}

/** What is known of a generation that the register lost or holds as it was before. */
interface GeneracionPerdida {
  codigo: string;
  generacion: number;
  solicitudPkiId: string | null;
  /** Serial numbers of the certificates that the PKI answered. */
  series: string[];
}

/** Puts it on the list in any case: whether the PKI was asked is not known any more. */
export async function descartarGeneracionPerdida(tx: Tx, perdida: GeneracionPerdida): Promise<void> {
  await anotarPorRevocar(tx, { ...perdida, causa: 'NUEVA_EMISION' });
}

/** Puts the generations from `desde` to the one before `hasta` on the list: nothing is known of them but their keys. */
export async function descartarGeneracionesPerdidas(
  tx: Tx,
  codigo: string,
  desde: number,
  hasta: number,
): Promise<void> {
  for (let generacion = desde; generacion < hasta; generacion++)
    await descartarGeneracionPerdida(tx, { codigo, generacion, solicitudPkiId: null, series: [] });
}

async function anotarPorRevocar(
  tx: Tx,
  { codigo, generacion, causa, solicitudPkiId, series }: GeneracionPerdida & { causa: PorRevocar['causa'] },
): Promise<void> {
  await tx
    .insertInto('por_revocar')
    .values({
      codigo,
      generacion,
      causa,
      clave: claveDeIdempotencia(codigo, 2, generacion),
      solicitud_pki_id: solicitudPkiId,
      series: JSON.stringify(series),
      registrada_en: new Date(),
    })
    .onConflict((conflicto) => conflicto.columns(['codigo', 'generacion']).doNothing())
    .execute();
}

/** The PKI's answer came after its generation was given up. */
export async function anotarSeries(
  tx: Tx,
  codigo: string,
  generacion: number,
  respuesta: RespuestaPaso2,
): Promise<void> {
  await tx
    .updateTable('por_revocar')
    .set({ series: JSON.stringify(seriesDeRespuesta(respuesta)) })
    .where('codigo', '=', codigo)
    .where('generacion', '=', generacion)
    .execute();
}

export async function listarPorRevocar(
  db: Db,
  despuesDe: Posicion | null,
  limite: number,
): Promise<PorRevocar[]> {
  let consulta = db
    .selectFrom('por_revocar')
    .selectAll()
    .orderBy('registrada_en', 'desc')
    .orderBy('codigo', 'desc')
    .limit(limite);
  if (despuesDe)
    consulta = consulta.where((eb) =>
      eb(eb.refTuple('registrada_en', 'codigo'), '<', eb.tuple(despuesDe.aceptadaEn, despuesDe.codigo)),
    );
  const filas = await consulta.execute();
  return filas.map((fila) => ({
    codigoSolicitudTramite: fila.codigo,
    generacion: fila.generacion,
    causa: fila.causa,
    clave: fila.clave,
    solicitudPkiId: fila.solicitud_pki_id,
    numerosSerie: fila.series,
    registradaEn: fila.registrada_en.toISOString(),
  }));
}
