/** An audit entry as its reader opens it. */
import { sql } from 'kysely';
import type { BaseDeDatos } from '../../../shared/registro/dominios.ts';
import type { Evento } from '../../../shared/emision/soporte.ts';
import { CLAVES } from './registro-de-prueba.ts';

/** Entries as if they had been written then: what the product itself cannot do. */
export async function envejecerBitacora(db: BaseDeDatos, cuando: Date): Promise<void> {
  await sql`alter table bitacora disable trigger user`.execute(db);
  await sql`update bitacora set registrada_en = ${cuando}`.execute(db);
  await sql`alter table bitacora enable trigger user`.execute(db);
}

/** The first entry of an event; `personal` is decrypted, and `compromisoEsperado` what the entry must commit to it by. */
export async function leerAnotacion(db: BaseDeDatos, evento: Evento) {
  const { datos, sal, ...entrada } = await db
    .selectFrom('bitacora')
    .selectAll()
    .where('evento', '=', evento)
    .executeTakeFirstOrThrow();
  if (!datos || !sal) throw new Error(`the entry ${evento} says nothing of a person`);
  const claro = CLAVES.cifrado.descifrar(datos, `bitacora.datos:${entrada.id}`).toString();
  return {
    ...entrada,
    personal: JSON.parse(claro) as unknown,
    compromisoEsperado: CLAVES.huella('bitacora', `${Buffer.from(sal).toString('hex')}:${claro}`),
  };
}
