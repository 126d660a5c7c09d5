/** The register against its audit log: what is issued stands in the log as it stands here. */
import { sql } from 'kysely';
import { HALLAZGOS_MAX, type Hallazgo } from '../bitacora/contrato.ts';
import type { BaseDeDatos } from './base-de-datos.ts';

export async function compararConBitacora(db: BaseDeDatos): Promise<Hallazgo[]> {
  const sinEntrada = await db
    .selectFrom('solicitudes')
    .leftJoin('bitacora', 'bitacora.id', 'solicitudes.registro_auditoria_id')
    .select(['solicitudes.codigo', 'registro_auditoria_id'])
    .where('bitacora.id', 'is', null)
    .limit(HALLAZGOS_MAX)
    .execute();
  const sinAnotar = await db
    .selectFrom('certificados')
    .select(['certificados.codigo', 'certificados.tipo'])
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('bitacora')
            .select('bitacora.id')
            .whereRef('bitacora.codigo', '=', 'certificados.codigo')
            .where(
              sql<boolean>`bitacora.contenido @> jsonb_build_object('certificados', jsonb_build_array(jsonb_build_object(
                'tipoCertificado', certificados.tipo, 'numeroSerie', certificados.numero_serie,
                'huellaCertificado', certificados.huella_certificado)))`,
            ),
        ),
      ),
    )
    .limit(HALLAZGOS_MAX)
    .execute();
  const enNingunLugar = { epoca: null, indice: null };
  return [
    ...sinEntrada.map(({ codigo, registro_auditoria_id: id }) => ({
      ...enNingunLugar,
      id,
      falta: `Falta la entrada que nombra la solicitud ${codigo}.`,
    })),
    ...sinAnotar.map(({ codigo, tipo }) => ({
      ...enNingunLugar,
      id: null,
      falta: `El certificado ${tipo} de la solicitud ${codigo} no es el que la bitácora anotó.`,
    })),
  ];
}
