/** The audit log's key and witnesses, each fault named by its variable. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BITACORA } from '../../shared/bitacora/configuracion.ts';
import {
  generarClaveDeFirma,
  leerClaveDeFirma,
  leerClavePublica,
  type Firmante,
  type Verificador,
} from '../../shared/bitacora/punto-de-control/nota.ts';
import {
  createTestigoEnArchivo,
  createTestigoHttp,
  type Testigo,
} from '../../shared/bitacora/punto-de-control/testigos.ts';
import {
  hayRegistroEn,
  leerOCrearSecreto,
  leerSinCrearSecreto,
} from '../../shared/runtime/claves/archivo-secreto.ts';
import { exigirFirmaPropia } from '../../shared/runtime/claves/claves.ts';
import {
  leerConfiguracion,
  leerVariable,
  reunirFaltas,
  type Configuracion,
  type Entorno,
} from '../../shared/runtime/config.ts';

export type VariablesDeBitacora = Configuracion<{ bitacora: typeof BITACORA }>['bitacora'];

export interface ConfiguracionDeBitacora {
  firmante: Firmante;
  /** Of this key and those before it. */
  clavesPublicas: string[];
  verificadores: Verificador[];
  testigos: Testigo[];
  archivoDeTestigo: string | null;
}

/** @throws ConfiguracionInvalida; in production or with DATABASE_URL also without a key, which a disk could lose with its log */
export function leerConfiguracionDeBitacora(
  bitacora: VariablesDeBitacora,
  leerSecreto = leerOCrearSecreto,
): ConfiguracionDeBitacora {
  const { BITACORA_TESTIGO_ARCHIVO: archivo, BITACORA_TESTIGO_URL: url } = bitacora;
  const clave = bitacora.BITACORA_TESTIGO_CLAVE;
  const anteriores = bitacora.BITACORA_CLAVES_ANTERIORES?.split(',').map((publica) => publica.trim()) ?? [];
  const { firmante, deAnteriores, cofirma } = reunirFaltas({
    firmante: () => leerFirmante(bitacora, leerSecreto),
    deAnteriores: () =>
      anteriores.map((publica) =>
        leerVariable('BITACORA_CLAVES_ANTERIORES', () => leerClavePublica(publica)),
      ),
    cofirma: () => (clave ? leerVariable('BITACORA_TESTIGO_CLAVE', () => leerClavePublica(clave)) : null),
  });
  return {
    firmante,
    clavesPublicas: [firmante.clavePublica, ...anteriores],
    verificadores: [leerClavePublica(firmante.clavePublica), ...deAnteriores],
    testigos: [
      ...(archivo ? [createTestigoEnArchivo(archivo)] : []),
      ...(url ? [createTestigoHttp(url, cofirma)] : []),
    ],
    archivoDeTestigo: archivo ?? null,
  };
}

/** Finds the faults that leerConfiguracionDeBitacora would find, and makes nothing. @throws ConfiguracionInvalida */
export function revisarBitacora(entorno?: Entorno): void {
  leerConfiguracionDeBitacora(
    leerConfiguracion({ bitacora: BITACORA }, entorno).bitacora,
    leerSinCrearSecreto,
  );
}

function leerFirmante(bitacora: VariablesDeBitacora, leerSecreto: typeof leerOCrearSecreto): Firmante {
  const firmante = leerVariable('BITACORA_CLAVE_FIRMA', () =>
    leerClaveDeFirma(claveDeFirma(bitacora, leerSecreto)),
  );
  exigirFirmaPropia(firmante.clavePublica);
  return firmante;
}

function claveDeFirma(
  { NODE_ENV, DATA_DIR, DATABASE_URL, BITACORA_CLAVE_FIRMA }: VariablesDeBitacora,
  leerSecreto: typeof leerOCrearSecreto,
): string {
  if (BITACORA_CLAVE_FIRMA) return BITACORA_CLAVE_FIRMA;
  if (NODE_ENV === 'production' || DATABASE_URL)
    throw new Error(
      "is missing: give this register's; of a new one, make it with: npm run -s bitacora -- nueva-clave NAME",
    );
  const archivo = join(DATA_DIR, 'bitacora/clave-de-firma');
  // The file is made before the register: another key signs nothing of its log, and would hide that its own is gone.
  if (!existsSync(archivo) && hayRegistroEn(DATA_DIR))
    throw new Error(
      `${archivo} is missing, and the log in the register beside it was signed with it. Put the file back from a copy of DATA_DIR, or give the variable as it was; if it is lost, docs/operacion.md, «Claves»`,
    );
  return leerSecreto(archivo, () => generarClaveDeFirma('localhost/bitacora'));
}
