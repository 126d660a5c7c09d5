/** The activities of the register over one that the test plays, and what a run brings them. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { Registry } from 'prom-client';
import { createActividadesDeRegistro } from '../../../../activities/emision/registro/actividades-de-registro.ts';
import { createMetricasPki } from '../../../../activities/emision/pki/metricas-pki.ts';
import { procedenciaDe } from '../../../../activities/emision/entrada-propia.ts';
import { referenciaDe } from '../../../../shared/emision/contrato.ts';
import { personasDe } from '../../../../shared/emision/titular.ts';
import type { Comparar, EmisionRegistrada, Registro } from '../../../../shared/registro/emision/registro.ts';
import { CLAVES_DE_PRUEBA } from '../../../support/emision/claves-de-prueba.ts';
import { SIN_CIRCUITO } from '../../../support/temporal/con-pki.ts';
import { createFakeRegistro, NUMEROS, PASO_1, PASO_2 } from '../../../support/registro/fake-registro.ts';
import { entradaDePrueba } from '../../../support/emision/entrada-de-prueba.ts';
import { CALLADO } from '../../../support/temporal/sdk-callado.ts';

export const RUN_ID = 'run-de-prueba';
export const PLAZOS = { intentoMs: 10_000 };
export const ENTRADA = { ...entradaDePrueba(), inicio: '2026-11-22T10:00:00.000Z' };
const FALLO = { tipo: 'PKI_ERROR', paso: 1, detalles: ['x'] } as const;
export const FALLO_RECIBIDO = { ...FALLO, detalles: [...FALLO.detalles] };
export const comparar: Comparar = () => Promise.resolve({ conforme: false, faltas: [] });

/** As the activity that received it tells it. */
export const RESPONDIDO_1 = { ...PASO_1, procedencia: procedenciaDe(referenciaDe(ENTRADA), 1) };
export const RESPONDIDO_2 = { ...PASO_2, procedencia: procedenciaDe(referenciaDe(ENTRADA), 2) };

export function preparar(respuestas: Partial<Registro>) {
  const coleccionDeMetricas = new Registry();
  const registro = createFakeRegistro(respuestas);
  const actividades = createActividadesDeRegistro({
    registro,
    huella: CLAVES_DE_PRUEBA.huella,
    comparar,
    plazos: PLAZOS,
    circuitos: SIN_CIRCUITO,
    metricas: createMetricasPki(coleccionDeMetricas),
  });
  const entorno = new MockActivityEnvironment(
    { workflowExecution: { workflowId: 'emision/SOL-1', runId: RUN_ID } },
    { logger: CALLADO },
  );
  return {
    registro,
    actividades,
    metricas: () => coleccionDeMetricas.metrics(),
    ejecutar: <R>(llamada: () => Promise<R>): Promise<R> => entorno.run(llamada),
  };
}

/** As the register reads it: step 1 done, step 2 under way. */
function emision(): EmisionRegistrada {
  const fila = {
    codigo: 'SOL-1',
    generacion: 1,
    clave_idempotencia: 'clave',
    fecha_inicio: new Date('2026-11-22T10:00:00.123Z'),
    fecha_fin: null,
    intentos: 2,
    envios_sin_aclarar: [],
    solicitud_pki_id: null,
    numeros_solicitud: null,
    ultimo_fallo: null,
    proximo_intento: null,
  };
  return {
    codigo: 'SOL-1',
    generacion: 1,
    estado: 'EN_PROCESO',
    runId: RUN_ID,
    huellaSolicitud: ENTRADA.huellaSolicitud,
    huellaCiudadano: ENTRADA.huellaCiudadano,
    requestId: ENTRADA.contexto.requestId,
    cliente: null,
    resultadoIncierto: false,
    resolucion: null,
    reejecucionId: null,
    peticion: ENTRADA,
    ...personasDe(ENTRADA),
    fallo: null,
    registroAuditoriaId: '7',
    aceptadaEn: new Date('2026-11-22T09:59:59Z'),
    fechaInicio: new Date('2026-11-22T10:00:00.123Z'),
    fechaFin: null,
    pasos: {
      1: {
        ...fila,
        paso: 1,
        estado: 'COMPLETADO',
        fecha_fin: new Date('2026-11-22T10:00:01.999Z'),
        solicitud_pki_id: 'PKI-1',
        numeros_solicitud: NUMEROS,
      },
      2: { ...fila, paso: 2, estado: 'EN_PROCESO', intentos: 0 },
    },
  };
}

export const CONCEDIDO = { tipo: 'CONCEDIDO', emision: emision(), emisionRecibida: true } as const;
