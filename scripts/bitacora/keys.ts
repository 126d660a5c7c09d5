/** The key that signs checkpoints: its public half, and a new one. */
import { BITACORA } from '../../shared/bitacora/configuracion.ts';
import { COMUN } from '../../shared/runtime/secciones.ts';
import { generarClaveDeFirma, leerClaveDeFirma } from '../../shared/bitacora/punto-de-control/nota.ts';
import { leerConfiguracion } from '../../shared/runtime/config.ts';
import { leerConfiguracionDeBitacora } from '../../worker/bitacora/configuracion.ts';

export function printPublicKey(): boolean {
  const { firmante } = leerConfiguracionDeBitacora(
    leerConfiguracion({ comun: COMUN, bitacora: BITACORA }).bitacora,
  );
  console.log(firmante.clavePublica);
  return true;
}

export function makeKey([name = '']: string[]): boolean {
  const key = generarClaveDeFirma(name);
  console.log(`BITACORA_CLAVE_FIRMA=${key}`);
  console.error(`Clave pública, para quien verifica: ${leerClaveDeFirma(key).clavePublica}`);
  return true;
}
