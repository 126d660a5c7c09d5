/** What became of one request: the issuances that entries of the audit log with its correlation id are of, and all their facts. */
import { sql } from 'kysely';
import { esTipoFallo } from '../../../emision/fallos.ts';
import type { Evento, Hecho, SolicitudSeguida } from '../../../emision/soporte.ts';
import { DOMINIO_DE_EMISION } from '../filas/anotaciones.ts';
import type { Db } from '../filas/esquema.ts';
import { resumenesDe } from './listado.ts';

/** More than the largest bulk re-run has. */
const ENTRADAS_POR_CORRELACION_MAX = 1_000;

/** @param limite issuances at most, the newest first, and so many facts of each */
export async function seguir(
  db: Db,
  correlationId: string,
  limite: { solicitudes: number; hechos: number },
  cliente?: string,
): Promise<SolicitudSeguida[]> {
  // The newest: a client may give all its requests one id.
  const nombradas = await db
    .selectFrom('bitacora')
    .select('codigo')
    .where('dominio', '=', DOMINIO_DE_EMISION)
    .where(sql<boolean>`lower(contenido ->> 'correlationId') = ${correlationId.toLowerCase()}`)
    .orderBy('registrada_en', 'desc')
    .limit(ENTRADAS_POR_CORRELACION_MAX)
    .execute();
  const codigos = [...new Set(nombradas.map(({ codigo }) => codigo))];
  const resumenes = await resumenesDe(db, codigos, limite.solicitudes, cliente);
  return Promise.all(
    resumenes.map(async (resumen) => ({
      resumen,
      hechos: await hechosDe(db, resumen.codigoSolicitudTramite, limite.hechos),
    })),
  );
}

async function hechosDe(db: Db, codigo: string, limite: number): Promise<Hecho[]> {
  const entradas = await db
    .selectFrom('bitacora')
    .select(['registrada_en', 'evento', 'generacion', 'run_id', 'contenido'])
    .where('dominio', '=', DOMINIO_DE_EMISION)
    .where('codigo', '=', codigo)
    // The last ones, where it has more.
    .orderBy('registrada_en', 'desc')
    .orderBy('indice', 'desc')
    .limit(limite)
    .execute();
  return entradas.reverse().map(({ registrada_en, evento, generacion, run_id, contenido }) => {
    const { correlationId, tipo } = contenido as { correlationId?: string; tipo?: string };
    return {
      momento: registrada_en.toISOString(),
      evento: evento as Evento,
      generacion: generacion ?? 0,
      runId: run_id ?? '',
      correlationId: correlationId ?? null,
      fallo: tipo !== undefined && esTipoFallo(tipo) ? tipo : null,
    };
  });
}
