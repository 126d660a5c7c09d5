/** The audit log's entries of what was decoded of Temporal's payloads: who saw what, and how much of it. */
import { anotarEntrada } from './entrada.ts';
import type { Claves } from '../runtime/claves/claves.ts';
import type { BaseDeBitacora } from './esquema.ts';

/** None of the register's: its rows say nothing of these. */
const DOMINIO = 'descifrado';

export interface Descifrado {
  /** Of an issuance its codigo, of other work its workflow id. */
  codigo: string;
  /** Whether personal data were shown. */
  conDatosPersonales: boolean;
  /** The token's subject, and from where. */
  quien: { usuarioEjecutor: string; ipCliente: string };
}

/** Writes one entry for each, all or none. */
export async function anotarDescifrados(
  db: BaseDeBitacora,
  claves: Claves,
  descifrados: readonly Descifrado[],
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    for (const { codigo, conDatosPersonales, quien } of descifrados)
      await anotarEntrada(tx, claves, {
        dominio: DOMINIO,
        codigo,
        generacion: null,
        runId: null,
        evento: 'CARGA_DESCIFRADA',
        contenido: { conDatosPersonales },
        personal: quien,
      });
  });
}
