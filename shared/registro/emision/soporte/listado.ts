/** Lists over all issuances: columns in clear only, by keyset, so that a page stays where it is while states change. */
import { sql, type Expression, type ExpressionBuilder, type SqlBool } from 'kysely';
import type { TipoFallo } from '../../../emision/fallos.ts';
import { fechaIso } from '../../../nucleo/fechas.ts';
import type {
  FiltroDeSolicitudes,
  Posicion,
  RecuentoDeFallidas,
  ResumenEmision,
} from '../../../emision/soporte.ts';
import { transaccionId } from '../filas/claves-de-emision.ts';
import type { Db, EsquemaDeEmision } from '../filas/esquema.ts';

const COLUMNAS = [
  'codigo',
  'generacion',
  'estado',
  'aceptada_en',
  'fecha_inicio',
  'fecha_fin',
  'oficina',
  'fallo_tipo',
  'fallo_paso',
  'resultado_incierto',
  'resolucion',
] as const;

type Condicion = (donde: ExpressionBuilder<EsquemaDeEmision, 'solicitudes'>) => Expression<SqlBool>;

export function listarSolicitudes(
  db: Db,
  filtro: FiltroDeSolicitudes,
  despuesDe: Posicion | null,
  limite: number,
): Promise<ResumenEmision[]> {
  return resumenes(
    db,
    (eb) =>
      eb.and([
        cumple(filtro)(eb),
        ...(despuesDe
          ? [eb(eb.refTuple('aceptada_en', 'codigo'), '<', eb.tuple(despuesDe.aceptadaEn, despuesDe.codigo))]
          : []),
      ]),
    limite,
  );
}

export function buscarPorCiudadano(
  db: Db,
  huellaCiudadano: string,
  limite: number,
  cliente?: string,
): Promise<ResumenEmision[]> {
  return resumenes(
    db,
    (eb) =>
      eb.and([
        eb('huella_ciudadano', '=', huellaCiudadano),
        ...(cliente === undefined ? [] : [eb('cliente', '=', cliente)]),
      ]),
    limite,
  );
}

/** Those of these codigos that the client sent, the newest first. */
export function resumenesDe(
  db: Db,
  codigos: readonly string[],
  limite: number,
  cliente?: string,
): Promise<ResumenEmision[]> {
  if (codigos.length === 0) return Promise.resolve([]);
  return resumenes(
    db,
    (eb) =>
      eb.and([eb('codigo', 'in', codigos), ...(cliente === undefined ? [] : [eb('cliente', '=', cliente)])]),
    limite,
  );
}

export async function enviadasPor(db: Db, cliente: string, codigos: readonly string[]): Promise<Set<string>> {
  if (codigos.length === 0) return new Set();
  const filas = await db
    .selectFrom('solicitudes')
    .select('codigo')
    .where('cliente', '=', cliente)
    .where('codigo', 'in', codigos)
    .execute();
  return new Set(filas.map(({ codigo }) => codigo));
}

export async function contarEnProceso(db: Db): Promise<Map<string | null, number>> {
  const filas = await db
    .selectFrom('solicitudes')
    .select(({ fn }) => ['cliente', sql<number>`${fn.countAll()}::integer`.as('cuantas')])
    .where('estado', '=', 'EN_PROCESO')
    .groupBy('cliente')
    .execute();
  return new Map(filas.map(({ cliente, cuantas }) => [cliente, cuantas]));
}

export async function contarFallidas(db: Db, filtro: FiltroDeSolicitudes): Promise<RecuentoDeFallidas> {
  const filas = await db
    .selectFrom('solicitudes')
    .select(({ fn }) => [
      'fallo_tipo',
      'resultado_incierto',
      sql<number>`${fn.countAll()}::integer`.as('cuantas'),
    ])
    .where(esFallida(filtro))
    .groupBy(['fallo_tipo', 'resultado_incierto'])
    .execute();
  const recuento: RecuentoDeFallidas = { total: 0, inciertas: 0, porFallo: {} };
  for (const { fallo_tipo, resultado_incierto, cuantas } of filas) {
    recuento.total += cuantas;
    if (resultado_incierto) recuento.inciertas += cuantas;
    if (fallo_tipo) recuento.porFallo[fallo_tipo] = (recuento.porFallo[fallo_tipo] ?? 0) + cuantas;
  }
  return recuento;
}

export async function listarFallidas(db: Db, filtro: FiltroDeSolicitudes, limite: number): Promise<string[]> {
  const filas = await db
    .selectFrom('solicitudes')
    .select('codigo')
    .where(esFallida(filtro))
    .orderBy('aceptada_en')
    .orderBy('codigo')
    .limit(limite)
    .execute();
  return filas.map(({ codigo }) => codigo);
}

const esFallida =
  (filtro: FiltroDeSolicitudes): Condicion =>
  (eb) =>
    eb.and([eb('estado', '=', 'FALLIDO'), cumple(filtro)(eb)]);

const cumple =
  ({ estado, fallos, oficina, desde, hasta, incierto, cliente }: FiltroDeSolicitudes): Condicion =>
  (eb) =>
    eb.and([
      ...(estado ? [eb('estado', '=', estado)] : []),
      ...(fallos ? [esAlguno(fallos)(eb)] : []),
      ...(oficina === undefined ? [] : [eb('oficina', '=', oficina)]),
      ...(desde ? [eb('aceptada_en', '>=', desde)] : []),
      ...(hasta ? [eb('aceptada_en', '<', hasta)] : []),
      ...(incierto === undefined ? [] : [eb('resultado_incierto', '=', incierto)]),
      ...(cliente === undefined ? [] : [eb('cliente', '=', cliente)]),
    ]);

const esAlguno =
  (fallos: readonly TipoFallo[]): Condicion =>
  (eb) => {
    // No failure is asked for, so none matches: "in ()" would be a syntax error.
    if (fallos.length === 0) return eb.val(false);
    // Only a FALLIDO has a failure; saying so lets the index of the failed ones be used.
    return eb.and([eb('estado', '=', 'FALLIDO'), eb('fallo_tipo', 'in', fallos)]);
  };

async function resumenes(db: Db, condicion: Condicion, limite: number): Promise<ResumenEmision[]> {
  const filas = await db
    .selectFrom('solicitudes')
    .select(COLUMNAS)
    .where(condicion)
    .orderBy('aceptada_en', 'desc')
    .orderBy('codigo', 'desc')
    .limit(limite)
    .execute();
  return filas.map((fila) => ({
    codigoSolicitudTramite: fila.codigo,
    transaccionId: transaccionId(fila.codigo, fila.generacion),
    generacion: fila.generacion,
    estado: fila.estado,
    // To the millisecond: the next page begins behind it.
    aceptadaEn: fila.aceptada_en.toISOString(),
    fechaInicio: fechaIso(fila.fecha_inicio),
    fechaFin: fila.fecha_fin && fechaIso(fila.fecha_fin),
    oficina: fila.oficina,
    fallo: fila.fallo_tipo && { tipo: fila.fallo_tipo, paso: fila.fallo_paso },
    resultadoIncierto: fila.resultado_incierto,
    resolucion: fila.resolucion,
  }));
}
