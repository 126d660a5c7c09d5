/**
 * Retention: what is personal and no longer needed goes, once its time is over; the record stays (docs/rules.md).
 * Each issuance in a transaction of its own, with the audit entry that says so.
 */
import { sql, type Expression, type ExpressionBuilder, type SqlBool } from 'kysely';
import type { EstadoEmision } from '../../../emision/emision.ts';
import { finDePagina } from '../../../nucleo/paginas.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import { Ilegible } from '../../../runtime/claves/cifrado.ts';
import { anotar, DOMINIO_DE_EMISION } from '../filas/anotaciones.ts';
import { CertificadosAlterados, leerCertificados } from '../filas/certificados-entregados.ts';
import { cifrarColumna } from '../filas/columnas-cifradas.ts';
import { leerEmision, type Extracto } from '../filas/filas.ts';
import { retirarRespuestas } from '../filas/respuestas-guardadas.ts';
import { anotarReejecucion, ORDEN_RETIRADA } from '../filas/anotaciones-de-reejecuciones.ts';
import type { Db, EsquemaDeEmision, Tx } from '../filas/esquema.ts';

/** The time of an issuance is over where it ended, and was last touched, before these moments by the database's clock. */
export interface Vencimiento {
  completadas: Date;
  /** Failed ones may run again until then. */
  fallidas: Date;
}

/** The last issuance that a page came to: the next begins behind it. */
export interface PosicionDeRetencion {
  fechaFin: Date;
  codigo: string;
}

export interface PaginaDeRetencion {
  retiradas: number;
  /** Codigos whose data do not open, or whose certificates are not those of the record: they stay as they are. */
  ilegibles: string[];
  /** Null where this page was the last. */
  ultima: PosicionDeRetencion | null;
}

export async function retirarPagina(
  db: Db,
  claves: Claves,
  vencimiento: Vencimiento,
  despuesDe: PosicionDeRetencion | null,
  limite: number,
): Promise<PaginaDeRetencion> {
  let consulta = db
    .selectFrom('solicitudes')
    .select(['codigo', 'fecha_fin'])
    .where(puedeRetirarse(vencimiento))
    .orderBy('fecha_fin')
    .orderBy('codigo')
    .limit(limite);
  if (despuesDe)
    consulta = consulta.where((eb) =>
      eb(eb.refTuple('fecha_fin', 'codigo'), '>', eb.tuple(despuesDe.fechaFin, despuesDe.codigo)),
    );
  const filas = await consulta.execute();
  let retiradas = 0;
  const ilegibles: string[] = [];
  for (const { codigo } of filas) {
    try {
      if (await db.transaction().execute((tx) => retirarDatos(tx, claves, vencimiento, codigo))) retiradas++;
    } catch (error) {
      if (!(error instanceof Ilegible || error instanceof CertificadosAlterados)) throw error;
      ilegibles.push(codigo);
    }
  }
  const fin = finDePagina(filas, limite);
  return {
    retiradas,
    ilegibles,
    ultima: fin?.fecha_fin ? { fechaFin: fin.fecha_fin, codigo: fin.codigo } : null,
  };
}

/** @returns false where something happened to it meanwhile: it waits for its time again */
async function retirarDatos(
  tx: Tx,
  claves: Claves,
  vencimiento: Vencimiento,
  codigo: string,
): Promise<boolean> {
  const retirable = await tx
    .selectFrom('solicitudes')
    .select('codigo')
    .where('codigo', '=', codigo)
    .where(puedeRetirarse(vencimiento))
    .forUpdate()
    .executeTakeFirst();
  const emision = retirable && (await leerEmision(tx, claves.cifrado, codigo));
  if (!emision) return false;
  if (!emision.peticion) throw new Error('what retention takes away is gone already');
  const { titular, auditoria } = emision;
  // From here on nothing else tells which were asked for: they are compared with the record once more.
  const certificados = (await leerCertificados(tx, claves, codigo)).map(
    ({ tipoCertificado: tipo, huellaCertificado }) => ({ tipo, huellaCertificado }),
  );
  const extracto: Extracto = { titular, auditoria, certificados };
  await tx
    .updateTable('solicitudes')
    .set({
      cuerpo: null,
      contexto: null,
      extracto: cifrarColumna(claves.cifrado, extracto, 'solicitudes.extracto', codigo),
      fallo_detalles: null,
    })
    .where('codigo', '=', codigo)
    .execute();
  await retirarRespuestas(tx, claves, codigo);
  await tx
    .updateTable('bitacora')
    .set({ datos: null, sal: null })
    .where('dominio', '=', DOMINIO_DE_EMISION)
    .where('codigo', '=', codigo)
    .where('datos', 'is not', null)
    .execute();
  await anotar(tx, claves, {
    ...emision,
    evento: 'DATOS_RETIRADOS',
    // It says that nothing happened since then: the verification of the log compares that with the entry before.
    contenido: {
      estado: emision.estado,
      sinCambiosDesde: limiteDe(vencimiento, emision.estado).toISOString(),
    },
  });
  return true;
}

/**
 * How many have had their time but for an answer that nobody has judged. They stay: it may be all that is left of
 * certificates.
 */
export async function contarSinJuzgar(db: Db, vencimiento: Vencimiento): Promise<number> {
  const { cuantas } = await db
    .selectFrom('solicitudes')
    .select(({ fn }) => sql<number>`${fn.countAll()}::integer`.as('cuantas'))
    .where(haVencido(vencimiento))
    .where(tieneSinJuzgar)
    .executeTakeFirstOrThrow();
  return cuantas;
}

/** Its time is over, and no answer of the PKI waits for a judgement. */
const puedeRetirarse =
  (vencimiento: Vencimiento) =>
  (eb: ExpressionBuilder<EsquemaDeEmision, 'solicitudes'>): Expression<SqlBool> =>
    eb.and([haVencido(vencimiento)(eb), eb.not(tieneSinJuzgar(eb))]);

/** What step 2 answered was neither released nor found wrong; what support discarded is on the to-revoke list. */
function tieneSinJuzgar(eb: ExpressionBuilder<EsquemaDeEmision, 'solicitudes'>): Expression<SqlBool> {
  return eb.exists(
    eb
      .selectFrom('recibidos')
      .select(sql<number>`1`.as('una'))
      .whereRef('recibidos.codigo', '=', 'solicitudes.codigo')
      .where('recibidos.conforme', 'is', null)
      .where('recibidos.contenido', 'is not', null)
      .where((recibido) =>
        recibido.not(
          recibido.exists(
            recibido
              .selectFrom('por_revocar')
              .select(sql<number>`1`.as('una'))
              .whereRef('por_revocar.codigo', '=', 'recibidos.codigo')
              .whereRef('por_revocar.generacion', '=', 'recibidos.generacion'),
          ),
        ),
      ),
  );
}

function limiteDe({ completadas, fallidas }: Vencimiento, estado: EstadoEmision): Date {
  return estado === 'COMPLETADO' ? completadas : fallidas;
}

/**
 * Closed, certain, with its data, and untouched since, by its last audit entry. So what support resolved yesterday may
 * still run again.
 */
const haVencido =
  ({ completadas, fallidas }: Vencimiento) =>
  (eb: ExpressionBuilder<EsquemaDeEmision, 'solicitudes'>): Expression<SqlBool> =>
    eb.and([
      eb('extracto', 'is', null),
      eb('estado', '<>', 'EN_PROCESO'),
      eb('resultado_incierto', '=', false),
      eb.or([
        eb.and([eb('estado', '=', 'COMPLETADO'), sinTocarDesde(completadas)(eb)]),
        eb.and([eb('estado', '=', 'FALLIDO'), sinTocarDesde(fallidas)(eb)]),
      ]),
    ]);

const sinTocarDesde =
  (momento: Date) =>
  (eb: ExpressionBuilder<EsquemaDeEmision, 'solicitudes'>): Expression<SqlBool> =>
    eb.and([
      eb('fecha_fin', '<', momento),
      eb.not(
        eb.exists(
          eb
            .selectFrom('bitacora')
            .select(sql<number>`1`.as('una'))
            .where('bitacora.dominio', '=', DOMINIO_DE_EMISION)
            .whereRef('bitacora.codigo', '=', 'solicitudes.codigo')
            .where('bitacora.registrada_en', '>=', momento),
        ),
      ),
    ]);

/** Why and by whom bulk re-runs were ordered; their lines stay. */
export function retirarOrdenes(db: Db, claves: Claves, antesDe: Date): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const retiradas = await tx
      .updateTable('reejecuciones')
      .set({ orden: null })
      .where('orden', 'is not', null)
      .where((eb) => eb(eb.fn.coalesce('terminada_en', 'creada_en'), '<', antesDe))
      .returning('id')
      .execute();
    for (const { id } of retiradas) await anotarReejecucion(tx, claves, id, ORDEN_RETIRADA);
    return retiradas.length;
  });
}
