/** Under which keys the register's values stand, read from the values themselves. Each reading walks whole tables. */
import { sql } from 'kysely';
import { compromisoDe, contextoDeDatos } from '../bitacora/entrada.ts';
import { documentoNormalizado, huellasDe } from '../emision/misma-solicitud.ts';
import type { SolicitudCertificado } from '../emision/solicitud.ts';
import type { Personas } from '../emision/titular.ts';
import { encabezadoDe, Ilegible, type Cifrado } from '../runtime/cifrado.ts';
import type { Claves } from '../runtime/claves.ts';
import { TABLAS_CIFRADAS, type NombreDeTabla } from './columnas-cifradas.ts';
import type { Lector } from './filas.ts';
import { contextoEnFila } from './recifrado.ts';

/** Rows that are looked at to tell a key: one alone may be damaged. */
const MUESTRA = 5;

const COLUMNAS = Object.entries(TABLAS_CIFRADAS).flatMap(([tabla, { columnas }]) =>
  columnas.map((columna) => ({ tabla: tabla as NombreDeTabla, columna })),
);

/** What createCifrado takes as an id: anything else is a damaged value. */
const FORMA_DE_ID = /^[\w.-]{1,64}$/;

/** Ids of the keys under which anything stands. */
export async function leerClavesEnUso(db: Lector): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const { tabla, columna } of COLUMNAS) {
    const valor = sql.ref(columna);
    // Byte 0 is the format's version, byte 1 the length of the id that follows.
    const { rows } = await sql<{ id: string }>`select distinct
      case when length(${valor}) > 2
        then encode(substring(${valor} from 3 for get_byte(${valor}, 1)), 'escape') else '' end as id
      from ${sql.table(tabla)} where ${valor} is not null`.execute(db);
    for (const { id } of rows) if (FORMA_DE_ID.test(id)) ids.add(id);
  }
  return ids;
}

/** Whether anything stands under the key of this id. */
export async function hayBajo(db: Lector, id: string): Promise<boolean> {
  for (const { tabla, columna } of COLUMNAS)
    if ((await leerBajo(db, tabla, columna, id, 1)).length > 0) return true;
  return false;
}

/** Whether of what stands under this id anything opens; also where nothing stands there. */
export async function seAbreBajo(db: Lector, cifrado: Cifrado, id: string): Promise<boolean> {
  let vistas = 0;
  for (const { tabla, columna } of COLUMNAS)
    for (const fila of await leerBajo(db, tabla, columna, id, MUESTRA)) {
      if (abre(cifrado, fila[columna] as Uint8Array, contextoEnFila(tabla, columna, fila))) return true;
      vistas++;
    }
  return vistas === 0;
}

/** Whether of the keyed hashes that the register holds any is this key's; also where none can be made again. */
export async function esSuHuella(db: Lector, claves: Claves): Promise<boolean> {
  const pruebas = [...(await deSolicitudes(db, claves)), ...(await deBitacora(db, claves))];
  return pruebas.length === 0 || pruebas.includes(true);
}

async function deSolicitudes(db: Lector, { cifrado, huella }: Claves): Promise<boolean[]> {
  const filas = (columna: 'cuerpo' | 'extracto') =>
    db
      .selectFrom('solicitudes')
      .selectAll()
      .where(columna, 'is not', null)
      .orderBy('aceptada_en', 'desc')
      .limit(MUESTRA)
      .execute();
  const deCuerpos = (await filas('cuerpo')).flatMap((fila) => {
    const claro = abre(cifrado, fila.cuerpo, contextoEnFila('solicitudes', 'cuerpo', { ...fila }));
    if (!claro) return [];
    const solicitud = JSON.parse(claro.toString('utf8')) as SolicitudCertificado;
    const { huellaCiudadano, huellaSolicitud } = huellasDe(huella, solicitud);
    return [fila.huella_ciudadano === huellaCiudadano || fila.huella_solicitud === huellaSolicitud];
  });
  // Retention leaves the number alone: of eight digits it is a DNI's.
  const deExtractos = (await filas('extracto')).flatMap((fila) => {
    const claro = abre(cifrado, fila.extracto, contextoEnFila('solicitudes', 'extracto', { ...fila }));
    const { titular } = (claro ? JSON.parse(claro.toString('utf8')) : {}) as Partial<Personas>;
    if (!titular || !/^\d{8}$/.test(titular.numeroDocumento)) return [];
    const solicitud = { tipoDocumento: 'DNI', numeroDocumento: titular.numeroDocumento };
    return [fila.huella_ciudadano === huella('ciudadano', documentoNormalizado({ solicitud }))];
  });
  return [...deCuerpos, ...deExtractos];
}

async function deBitacora(db: Lector, { cifrado, huella }: Claves): Promise<boolean[]> {
  const filas = await db
    .selectFrom('bitacora')
    .select(['id', 'sal', 'datos', 'compromiso'])
    .where('datos', 'is not', null)
    .limit(MUESTRA)
    .execute();
  return filas.flatMap(({ id, sal, datos, compromiso }) => {
    const claro = abre(cifrado, datos, contextoDeDatos(id));
    return claro && sal ? [compromisoDe(huella, sal, claro.toString('utf8')) === compromiso] : [];
  });
}

function abre(cifrado: Cifrado, valor: Uint8Array | null, contexto: string): Buffer | null {
  if (!valor) return null;
  try {
    return cifrado.descifrar(valor, contexto);
  } catch (error) {
    if (error instanceof Ilegible) return null;
    throw error;
  }
}

async function leerBajo(
  db: Lector,
  tabla: NombreDeTabla,
  columna: string,
  id: string,
  limite: number,
): Promise<Record<string, unknown>[]> {
  const encabezado = encabezadoDe(id);
  const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(tabla)}
    where substring(${sql.ref(columna)} from 1 for ${sql.lit(encabezado.length)}) = ${encabezado}
    limit ${sql.lit(limite)}`.execute(db);
  return rows;
}
