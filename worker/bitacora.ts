/** The worker's entry of the audit log: its key and witnesses, the service that keeps it, and what may be asked of it. */
import { join } from 'node:path';
import { createActividadesDeBitacora } from '../activities/bitacora/actividades-de-bitacora.ts';
import { deSuEjecucion } from '../activities/su-ejecucion.ts';
import {
  COLA_BITACORA,
  PROGRAMACION_VERIFICACION,
  RESUMEN_VERIFICACION,
  WORKFLOW_VERIFICACION,
} from '../shared/bitacora/contrato.ts';
import { createMetricasDeBitacora } from '../shared/bitacora/metricas.ts';
import {
  generarClaveDeFirma,
  leerClaveDeFirma,
  leerClavePublica,
  type Firmante,
  type Verificador,
} from '../shared/bitacora/nota.ts';
import { startServicioDeBitacora, type ServicioDeBitacora } from '../shared/bitacora/servicio-de-bitacora.ts';
import { createTestigoEnArchivo, createTestigoHttp, type Testigo } from '../shared/bitacora/testigos.ts';
import { compararConBitacora } from '../shared/registro/auditoria.ts';
import type { BaseDeDatos } from '../shared/registro/base-de-datos.ts';
import { leerOCrearSecreto } from '../shared/runtime/archivo-secreto.ts';
import { exigirFirmaPropia, type Claves } from '../shared/runtime/claves.ts';
import { ConfiguracionInvalida, type Configuracion } from '../shared/runtime/config.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import type { Registry } from 'prom-client';
import type { DominioDelWorker } from './domain.ts';

export interface ConfiguracionDeBitacora {
  firmante: Firmante;
  /** Of this key and those before it. */
  clavesPublicas: string[];
  verificadores: Verificador[];
  testigos: Testigo[];
  archivoDeTestigo: string | null;
}

const VERIFICAR_CADA_MS = 24 * 3_600_000;

/** @throws ConfiguracionInvalida; in production or with DATABASE_URL also without a key, which a disk could lose with its log */
export function leerConfiguracionDeBitacora({
  comun,
  bitacora,
}: Configuracion<'comun' | 'bitacora'>): ConfiguracionDeBitacora {
  const firmante = leer('BITACORA_CLAVE_FIRMA', () => leerClaveDeFirma(claveDeFirma(comun, bitacora)));
  exigirFirmaPropia(firmante.clavePublica);
  const anteriores = bitacora.BITACORA_CLAVES_ANTERIORES?.split(',') ?? [];
  const clavesPublicas = [firmante.clavePublica, ...anteriores].map((publica) => publica.trim());
  const { BITACORA_TESTIGO_ARCHIVO: archivo, BITACORA_TESTIGO_URL: url } = bitacora;
  const clave = bitacora.BITACORA_TESTIGO_CLAVE;
  const cofirma = clave ? leer('BITACORA_TESTIGO_CLAVE', () => leerClavePublica(clave)) : null;
  return {
    firmante,
    clavesPublicas,
    verificadores: clavesPublicas.map((publica) =>
      leer('BITACORA_CLAVES_ANTERIORES', () => leerClavePublica(publica)),
    ),
    testigos: [
      ...(archivo ? [createTestigoEnArchivo(archivo)] : []),
      ...(url ? [createTestigoHttp(url, cofirma)] : []),
    ],
    archivoDeTestigo: archivo ?? null,
  };
}

function claveDeFirma(
  { NODE_ENV, DATA_DIR, DATABASE_URL }: Configuracion<'comun'>['comun'],
  { BITACORA_CLAVE_FIRMA }: Configuracion<'bitacora'>['bitacora'],
): string {
  if (BITACORA_CLAVE_FIRMA) return BITACORA_CLAVE_FIRMA;
  if (NODE_ENV === 'production' || DATABASE_URL)
    throw new Error('is missing. Make one with: npm run -s bitacora -- nueva-clave NAME');
  return leerOCrearSecreto(join(DATA_DIR, 'bitacora/clave-de-firma'), () =>
    generarClaveDeFirma('localhost/bitacora'),
  );
}

function leer<T>(variable: string, lectura: () => T): T {
  try {
    return lectura();
  } catch (error) {
    throw new ConfiguracionInvalida([`${variable}: ${(error as Error).message}`]);
  }
}

export interface RecursosDeBitacora {
  db: BaseDeDatos;
  claves: Claves;
  registroMetricas: Registry;
  logger: Logger;
}

export interface BitacoraDelWorker {
  dominio: DominioDelWorker;
  start(): ServicioDeBitacora;
}

export function createBitacora(
  configuracion: ConfiguracionDeBitacora,
  { registroMetricas, ...recursos }: RecursosDeBitacora,
): BitacoraDelWorker {
  const dependencias = {
    ...configuracion,
    ...recursos,
    metricas: createMetricasDeBitacora(registroMetricas),
    deDominios: [(avanzar: () => void) => compararConBitacora(recursos.db, recursos.claves, avanzar)],
  };
  return {
    dominio: {
      cola: COLA_BITACORA,
      actividades: deSuEjecucion(createActividadesDeBitacora(dependencias)),
      programaciones: [
        {
          id: PROGRAMACION_VERIFICACION,
          workflow: WORKFLOW_VERIFICACION,
          cola: COLA_BITACORA,
          // No checkpoints but those of the worker's own witness.
          orden: [],
          cadaMs: VERIFICAR_CADA_MS,
          recuperacionMs: VERIFICAR_CADA_MS,
          resumen: RESUMEN_VERIFICACION,
        },
      ],
    },
    start: () => startServicioDeBitacora(dependencias),
  };
}
