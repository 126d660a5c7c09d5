/**
 * Takes over entries of a version that knew no seals, where they have no place in the tree yet: they are sealed, and an
 * entry says which they were, by whose order and why. An entry whose seal is not good is somebody's forgery, and stays
 * out.
 */
import { sql } from 'kysely';
import type { Claves } from '../../runtime/claves/claves.ts';
import { resumenDeHoja } from '../arbol/arbol.ts';
import { leerUltimoPunto } from '../arbol/arbol-guardado.ts';
import { leerEnEspera } from './en-espera.ts';
import { anotarEntrada, hojaDe } from '../entrada.ts';
import type { TransaccionDeBitacora } from '../esquema.ts';
import { exigirPuntoFirmado } from '../punto-de-control/firmado.ts';
import { bloquear, DOMINIO_BITACORA, ordenadaPor, type DependenciasDeSecuencia } from './secuenciador.ts';
import { selloDe } from '../sello.ts';

const ENTRADAS_ADOPTADAS = 'ENTRADAS_ADOPTADAS';

export interface Adopcion {
  causa: 'VERSION_ANTERIOR' | 'ORDEN';
  /** In words, without personal data. */
  motivo: string;
}

/** @returns how many */
export function adoptarEntradas(
  dependencias: DependenciasDeSecuencia,
  adopcion: Adopcion,
  quien?: string,
): Promise<number> {
  return dependencias.db.transaction().execute(async (tx) => {
    await bloquear(tx);
    return adoptar(tx, dependencias.claves, dependencias.firmante.nombre, adopcion, quien);
  });
}

/**
 * Done once, at the first start of this version, when the newest checkpoint is still of the version before. Only where a
 * witness keeps that very checkpoint: a database that is put back to that day would look the same.
 * @returns how many
 */
export function adoptarDeVersionAnterior(dependencias: DependenciasDeSecuencia): Promise<number> {
  const { db, claves, firmante, verificadores } = dependencias;
  return db.transaction().execute(async (tx) => {
    await bloquear(tx);
    const ultimo = await leerUltimoPunto(tx);
    if (!ultimo || exigirPuntoFirmado(verificadores, ultimo).anterior) return 0;
    const motivo = 'Primer arranque de la versión que sella las entradas.';
    return adoptar(tx, claves, firmante.nombre, { causa: 'VERSION_ANTERIOR', motivo });
  });
}

async function adoptar(
  tx: TransaccionDeBitacora,
  claves: Claves,
  nombre: string,
  adopcion: Adopcion,
  quien?: string,
): Promise<number> {
  let adoptadas = 0;
  for await (const pagina of leerEnEspera(tx)) {
    const hojas = pagina
      .filter(({ sello }) => sello === null)
      .map((fila) => ({ id: fila.id, hoja: hojaDe(fila) }));
    if (hojas.length === 0) continue;
    await sellar(
      tx,
      hojas.map(({ id, hoja }) => ({ id, sello: selloDe(claves.huella, hoja) })),
    );
    adoptadas += hojas.length;
    const entradas = hojas.map(({ id, hoja }) => ({ id, hoja: resumenDeHoja(hoja).toString('base64') }));
    await anotarEntrada(tx, claves, {
      dominio: DOMINIO_BITACORA,
      codigo: nombre,
      generacion: null,
      runId: null,
      evento: ENTRADAS_ADOPTADAS,
      contenido: { ...adopcion, entradas },
      ...ordenadaPor(quien),
    });
  }
  return adoptadas;
}

async function sellar(
  tx: TransaccionDeBitacora,
  selladas: readonly { id: string; sello: string }[],
): Promise<void> {
  await sql`
    update bitacora set sello = sellada.sello
    from unnest(${sql.val(selladas.map(({ id }) => id))}::uuid[], ${sql.val(selladas.map(({ sello }) => sello))}::text[])
      as sellada (id, sello)
    where bitacora.id = sellada.id`.execute(tx);
}
