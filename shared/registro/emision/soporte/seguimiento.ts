/** What became of one request: the issuances that entries of the audit log with its correlation id are of, and all their facts. */
import { sql } from 'kysely';
import { esTipoFallo } from '../../../emision/fallos.ts';
import type { Evento, Hecho, Seguimiento } from '../../../emision/soporte.ts';
import { DOMINIO_DE_EMISION } from '../filas/anotaciones.ts';
import type { Db } from '../filas/esquema.ts';
import { resumenesDe } from './listado.ts';

/** The newest, more than the largest bulk re-run has: a client may give all its requests one id. */
const ENTRADAS_POR_CORRELACION_MAX = 1_000;

export async function seguir(
  db: Db,
  correlationId: string,
  limite: { solicitudes: number; hechos: number },
  cliente: string | undefined,
): Promise<Seguimiento> {
  const nombradas = await db
    .selectFrom('bitacora')
    .select('codigo')
    .where('dominio', '=', DOMINIO_DE_EMISION)
    .where(sql<boolean>`lower(contenido ->> 'correlationId') = ${correlationId.toLowerCase()}`)
    // Before the bound: else whoever knows the id could fill it with his own.
    .$if(cliente !== undefined, (consulta) =>
      consulta.where('codigo', 'in', (solicitudes) =>
        solicitudes
          .selectFrom('solicitudes')
          .select('codigo')
          .where('cliente', '=', cliente ?? ''),
      ),
    )
    .orderBy('registrada_en', 'desc')
    .limit(ENTRADAS_POR_CORRELACION_MAX)
    .execute();
  const codigos = [...new Set(nombradas.map(({ codigo }) => codigo))];
  const halladas = await resumenesDe(db, codigos, limite.solicitudes + 1, cliente);
  const resumenes = halladas.slice(0, limite.solicitudes);
  const hechos = await hechosDe(
    db,
    resumenes.map(({ codigoSolicitudTramite }) => codigoSolicitudTramite),
    limite.hechos,
  );
  return {
    solicitudes: resumenes.map((resumen) => ({
      resumen,
      hechos: hechos.get(resumen.codigoSolicitudTramite) ?? [],
    })),
    hayMas: halladas.length > resumenes.length || nombradas.length === ENTRADAS_POR_CORRELACION_MAX,
  };
}

/** The last ones of each codigo, where it has more; in one statement, as a pool has few connections. */
async function hechosDe(db: Db, codigos: readonly string[], limite: number): Promise<Map<string, Hecho[]>> {
  if (codigos.length === 0) return new Map();
  const entradas = await db
    .selectFrom((eb) =>
      eb
        .selectFrom('bitacora')
        .select(['codigo', 'registrada_en', 'evento', 'generacion', 'run_id', 'contenido'])
        .select(
          sql<number>`(row_number() over (partition by codigo order by registrada_en desc, indice desc))::integer`.as(
            'desde_el_ultimo',
          ),
        )
        .where('dominio', '=', DOMINIO_DE_EMISION)
        .where('codigo', 'in', codigos)
        .as('numeradas'),
    )
    .selectAll()
    .where('desde_el_ultimo', '<=', limite)
    .orderBy('desde_el_ultimo', 'desc')
    .execute();
  const hechos = entradas.map(({ codigo, registrada_en, evento, generacion, run_id, contenido }) => {
    const { correlationId, tipo } = contenido as { correlationId?: string; tipo?: string };
    const hecho: Hecho = {
      momento: registrada_en.toISOString(),
      evento: evento as Evento,
      generacion: generacion ?? 0,
      runId: run_id ?? '',
      correlationId: correlationId ?? null,
      fallo: tipo !== undefined && esTipoFallo(tipo) ? tipo : null,
    };
    return { codigo, hecho };
  });
  return new Map(
    [...Map.groupBy(hechos, ({ codigo }) => codigo)].map(([codigo, suyos]) => [
      codigo,
      suyos.map(({ hecho }) => hecho),
    ]),
  );
}
