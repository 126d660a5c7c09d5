/** The key that signs checkpoints: its public half, and a new one. */
import { generarClaveDeFirma, leerClaveDeFirma } from '../../shared/bitacora/nota.ts';
import { leerConfiguracion } from '../../shared/runtime/config.ts';
import { leerConfiguracionDeBitacora } from '../../worker/configuracion-de-bitacora.ts';

export function printPublicKey(): boolean {
  const { firmante } = leerConfiguracionDeBitacora(leerConfiguracion(['comun', 'bitacora']));
  console.log(firmante.clavePublica);
  return true;
}

export function makeKey([name = '']: string[]): boolean {
  const key = generarClaveDeFirma(name);
  console.log(`BITACORA_CLAVE_FIRMA=${key}`);
  console.error(`Clave pública, para quien verifica: ${leerClaveDeFirma(key).clavePublica}`);
  return true;
}
