/**
 * The issuers of released certificates. An earlier version did not write them: they are looked up once another
 * certificate bears the same serial number.
 */
import type { CertificadoEmitido } from '../../../emision/emision.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import { huellaDeEmisor } from '../../../x509/huella-de-emisor.ts';
import { descifrarColumna } from './columnas-cifradas.ts';
import type { Tx } from './esquema.ts';

/** Writes the issuer of released certificates that bear one of these serial numbers and have no issuer yet. */
export async function anotarEmisores(tx: Tx, cifrado: Claves['cifrado'], series: string[]): Promise<void> {
  if (series.length === 0) return;
  const filas = await tx
    .selectFrom('certificados')
    .select(['codigo', 'tipo', 'contenido'])
    .where('numero_serie', 'in', series)
    .where('huella_emisor', 'is', null)
    .execute();
  for (const { codigo, tipo, contenido } of filas) {
    const { certificadoBase64 } = descifrarColumna(
      cifrado,
      contenido,
      'certificados.contenido',
      codigo,
    ) as CertificadoEmitido;
    await tx
      .updateTable('certificados')
      .set({ huella_emisor: huellaDeEmisor(certificadoBase64) })
      .where('codigo', '=', codigo)
      .where('tipo', '=', tipo)
      .execute();
  }
}
