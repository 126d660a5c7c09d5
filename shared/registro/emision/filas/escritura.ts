/** How the rows of an issuance are written. */
import { sql, type Updateable } from 'kysely';
import type { EntradaEmision, Paso } from '../../../emision/contrato.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import type { TablaPasos, TablaSolicitudes, Tx } from './esquema.ts';
import { cifrarColumna } from './columnas-cifradas.ts';
import type { EmisionRegistrada } from './filas.ts';

/** What the row keeps of an input. */
export type PeticionPorGuardar = Pick<
  EntradaEmision,
  'solicitud' | 'contexto' | 'huellaSolicitud' | 'huellaCiudadano' | 'generacion' | 'reejecucion'
>;

export function columnasDeEntrada(claves: Claves, peticion: PeticionPorGuardar, runId: string) {
  const { solicitud, contexto, huellaSolicitud, huellaCiudadano, generacion } = peticion;
  const codigo = solicitud.solicitud.codigoSolicitudTramite;
  return {
    generacion,
    run_id: runId,
    huella_solicitud: huellaSolicitud,
    huella_ciudadano: huellaCiudadano,
    request_id: contexto.requestId,
    cliente: contexto.cliente ?? null,
    oficina: contexto.oficinaEjecucion,
    cuerpo: cifrarColumna(claves.cifrado, solicitud, 'solicitudes.cuerpo', codigo),
    contexto: cifrarColumna(claves.cifrado, contexto, 'solicitudes.contexto', codigo),
    extracto: null,
  };
}

/**
 * The only writer of `resultado_incierto` once the row is there, which holds the citizen's lock: it follows from the state and from the marks of
 * step 2, so that neither can be written without the other. Marks are written before.
 */
export async function actualizarSolicitud(
  tx: Tx,
  codigo: string,
  cambios: Omit<Updateable<TablaSolicitudes>, 'codigo' | 'resultado_incierto'>,
): Promise<void> {
  const estado = cambios.estado === undefined ? sql.ref('solicitudes.estado') : sql.val(cambios.estado);
  const generacion =
    cambios.generacion === undefined ? sql.ref('solicitudes.generacion') : sql.val(cambios.generacion);
  await tx
    .updateTable('solicitudes')
    .set({
      ...cambios,
      resultado_incierto: sql<boolean>`${estado} = 'FALLIDO' and exists (
        select 1 from pasos where pasos.codigo = solicitudes.codigo and pasos.generacion = ${generacion}
          and pasos.paso = 2 and jsonb_array_length(pasos.envios_sin_aclarar) > 0)`,
    })
    .where('codigo', '=', codigo)
    .execute();
}

export async function actualizarPaso(
  tx: Tx,
  { codigo, generacion }: Pick<EmisionRegistrada, 'codigo' | 'generacion'>,
  paso: Paso,
  cambios: Updateable<TablaPasos>,
): Promise<void> {
  await tx
    .updateTable('pasos')
    .set(cambios)
    .where('codigo', '=', codigo)
    .where('generacion', '=', generacion)
    .where('paso', '=', paso)
    .execute();
}

/** Writes the marks of a step's sends that are unclear; none where an answer under the key settles them all. */
export async function escribirMarcas(
  tx: Tx,
  emision: Pick<EmisionRegistrada, 'codigo' | 'generacion'>,
  paso: Paso,
  marcas: readonly string[],
): Promise<void> {
  await actualizarPaso(tx, emision, paso, { envios_sin_aclarar: JSON.stringify(marcas) });
}
