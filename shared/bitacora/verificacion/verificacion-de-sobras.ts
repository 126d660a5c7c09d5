/** Verifies what no signature covers: records behind the last checkpoint, and the entries that wait for their place. */
import { sql } from 'kysely';
import type { Claves } from '../../runtime/claves/claves.ts';
import { leerUltimosPuntos } from '../arbol/arbol-guardado.ts';
import { HALLAZGOS_MAX, type InformeDeEpoca } from '../contrato.ts';
import { SIN_LUGAR_MAXIMO_MS, leerEnEspera, type FilaEnEspera } from '../secuencia/en-espera.ts';
import { hojaDe } from '../entrada.ts';
import type { BaseDeBitacora, TransaccionDeBitacora } from '../esquema.ts';
import { leerPuntoFirmado } from '../punto-de-control/firmado.ts';
import { enUnInstante, type Hallar } from './hallazgos.ts';
import type { Verificador } from '../punto-de-control/nota.ts';
import { juzgarSello } from '../sello.ts';
import { verificarDatos } from './verificacion-de-datos.ts';

/** Finds the records that are in no signed tree, the first ones of each kind. */
export async function verificarLoQueSobra(
  db: BaseDeBitacora,
  verificadores: readonly Verificador[],
  epocas: readonly InformeDeEpoca[],
  hallar: Hallar,
): Promise<void> {
  // As of one moment: at any, the sequencer has signed whatever it has placed.
  const { nodos, entradas } = await enUnInstante(db, async (tx) => {
    const firmadas = [];
    for (const { epoca, tamano } of epocas)
      firmadas.push({ epoca, tamano: Math.max(tamano, await tamanoFirmado(tx, verificadores, epoca)) });
    return { nodos: await leerNodosDeMas(tx, firmadas), entradas: await leerEntradasDeMas(tx, firmadas) };
  });
  for (const { epoca, nivel, posicion } of nodos)
    hallar(`El nodo ${nivel}/${posicion} del árbol guardado no es de ninguna entrada firmada.`, { epoca });
  for (const { id, epoca, indice } of entradas)
    hallar('La entrada está en un lugar que nadie firmó: fue insertada.', { id, epoca, indice });
}

/** Size of the newest checkpoint of an epoch that can be believed. */
async function tamanoFirmado(
  tx: TransaccionDeBitacora,
  verificadores: readonly Verificador[],
  epoca: number,
): Promise<number> {
  const puntos = await leerUltimosPuntos(tx, epoca);
  return puntos.find((punto) => leerPuntoFirmado(verificadores, punto) !== null)?.tamano ?? 0;
}

/** An epoch and its size. */
interface Firmada {
  epoca: number;
  tamano: number;
}

function tablaDe(firmadas: readonly Firmada[]) {
  return sql`unnest(${sql.val(firmadas.map(({ epoca }) => epoca))}::integer[],
    ${sql.val(firmadas.map(({ tamano }) => tamano))}::bigint[]) as firmada (epoca, tamano)`;
}

async function leerNodosDeMas(tx: TransaccionDeBitacora, firmadas: readonly Firmada[]) {
  const filas = await tx
    .selectFrom('bitacora_nodos')
    .select(['epoca', 'nivel', 'posicion'])
    .where(
      sql<boolean>`not exists (select from ${tablaDe(firmadas)} where firmada.epoca = bitacora_nodos.epoca
        and nivel between 0 and ${NIVEL_MAXIMO} and posicion >= 0 and posicion < firmada.tamano >> nivel)`,
    )
    .limit(HALLAZGOS_MAX)
    .execute();
  return filas.map((fila) => ({ ...fila, posicion: Number(fila.posicion) }));
}

/** The highest level of a tree with as many leaves as a number can count. */
const NIVEL_MAXIMO = 52;

async function leerEntradasDeMas(tx: TransaccionDeBitacora, firmadas: readonly Firmada[]) {
  const filas = await tx
    .selectFrom('bitacora')
    .select(['id', 'epoca', 'indice'])
    .where((eb) => eb.or([eb('epoca', 'is not', null), eb('indice', 'is not', null)]))
    .where(
      sql<boolean>`not exists (select from ${tablaDe(firmadas)} where firmada.epoca = bitacora.epoca
        and indice >= 0 and indice < firmada.tamano)`,
    )
    .limit(HALLAZGOS_MAX)
    .execute();
  return filas.map((fila) => ({ ...fila, indice: fila.indice === null ? null : Number(fila.indice) }));
}

/** @returns how many entries wait */
export async function verificarSinLugar(
  db: BaseDeBitacora,
  claves: Claves | null,
  hallar: Hallar,
): Promise<number> {
  let esperan = 0;
  for await (const pagina of leerEnEspera(db)) {
    esperan += pagina.length;
    await verificarDatos(db, claves, null, pagina, hallar);
    for (const fila of pagina) {
      const falta = faltaDeLaEspera(fila, claves);
      if (falta) hallar(falta, { id: fila.id });
    }
  }
  return esperan;
}

function faltaDeLaEspera(fila: FilaEnEspera, claves: Claves | null): string | null {
  const sello = claves ? juzgarSello(claves.huella, hojaDe(fila), fila.sello) : 'BUENO';
  if (sello === 'FALSO')
    return 'La entrada fue alterada antes de tener lugar en el árbol: su sello no es el del servicio, y nunca tendrá lugar.';
  if (sello === 'AUSENTE')
    return 'La entrada no lleva el sello del servicio y no tiene lugar en el árbol: o la insertó otro, o la escribió la versión anterior y nadie la ha adoptado.';
  if (Date.now() - Date.parse(fila.registrada) <= SIN_LUGAR_MAXIMO_MS) return null;
  return `La entrada espera su lugar en el árbol desde hace más de ${SIN_LUGAR_MAXIMO_MS / 60_000} minutos: ningún worker firma la bitácora.`;
}
