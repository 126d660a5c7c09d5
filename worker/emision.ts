/** The worker's entry of the issuance: its task queue and its activities. */
import { log } from '@temporalio/activity';
import { createActividadesDeMantenimiento } from '../activities/emision/actividades-de-mantenimiento.ts';
import { createActividadesDeRegistro } from '../activities/emision/actividades-de-registro.ts';
import { createActividadesDeReejecucion } from '../activities/emision/actividades-de-reejecucion.ts';
import { createActividadesPki } from '../activities/emision/actividades-pki.ts';
import type { Anclas } from '../activities/emision/comparacion/cadena.ts';
import { compararEmision } from '../activities/emision/comparacion/comparar-emision.ts';
import { createCircuitosPki } from '../activities/emision/circuito-pki.ts';
import { createHttpPkiGateway } from '../activities/emision/http-pki-gateway.ts';
import { createMetricasDeConciliacion } from '../activities/emision/metricas-de-conciliacion.ts';
import { createMetricasPki } from '../activities/emision/metricas-pki.ts';
import { COLA_EMISION } from '../shared/emision/contrato.ts';
import { PROGRAMACIONES, WORKFLOW_CONCILIACION } from '../shared/emision/mantenimiento.ts';
import type { PerfilCertificado } from '../shared/emision/perfil-certificado.ts';
import { RESUMEN_CONCILIACION } from '../shared/emision/textos-para-operadores.ts';
import { exigirPeticion, numerosDe, type Comparar } from '../shared/registro/registro.ts';
import type { DominioDelWorker, RecursosDelWorker } from './domain.ts';

export interface ConfiguracionDeEmision {
  PKI_ADAPTER_URL: string;
  PKI_ADAPTER_TOKEN?: string | undefined;
  PKI_ADAPTER_IDEMPOTENTE: boolean;
  PKI_TIMEOUT_MS: number;
  VENTANA_REINTENTO_MS: number;
  CONCILIACION_CADA_MS: number;
  /** Roots and intermediates that an issued certificate must lead to. */
  anclas: Anclas;
  perfil: PerfilCertificado;
}

export function createEmision(
  configuracion: ConfiguracionDeEmision,
  { registro, soporte, mantenimiento, motor, listarEjecuciones, registroMetricas }: RecursosDelWorker,
): DominioDelWorker {
  const { PKI_TIMEOUT_MS, PKI_ADAPTER_IDEMPOTENTE } = configuracion;
  const metricas = createMetricasPki(registroMetricas);
  return {
    cola: COLA_EMISION,
    actividades: {
      ...createActividadesDeRegistro({
        registro,
        metricas,
        comparar: createComparar(configuracion),
        plazos: { intentoMs: PKI_TIMEOUT_MS },
      }),
      ...createActividadesDeReejecucion({ registro, soporte, motor }),
      ...createActividadesDeMantenimiento({
        registro: mantenimiento,
        listarEjecuciones,
        metricas: createMetricasDeConciliacion(registroMetricas),
      }),
      ...createActividadesPki({
        registro,
        metricas,
        adaptadorIdempotente: PKI_ADAPTER_IDEMPOTENTE,
        ventanaReintentoMs: configuracion.VENTANA_REINTENTO_MS,
        ahora: Date.now,
        circuitos: createCircuitosPki(metricas, log),
        pki: createHttpPkiGateway({
          url: configuracion.PKI_ADAPTER_URL,
          token: configuracion.PKI_ADAPTER_TOKEN,
          timeoutMs: PKI_TIMEOUT_MS,
          idempotente: PKI_ADAPTER_IDEMPOTENTE,
        }),
      }),
    },
    programaciones: [
      {
        id: PROGRAMACIONES.conciliacion,
        workflow: WORKFLOW_CONCILIACION,
        cola: COLA_EMISION,
        cadaMs: configuracion.CONCILIACION_CADA_MS,
        resumen: RESUMEN_CONCILIACION,
      },
    ],
  };
}

function createComparar({ anclas, perfil }: ConfiguracionDeEmision): Comparar {
  return (emision, { certificados }) => {
    const porComparar = {
      entrada: { solicitud: exigirPeticion(emision).solicitud, aceptadaEn: emision.aceptadaEn.toISOString() },
      numerosSolicitud: numerosDe(emision.pasos),
      recibidos: certificados,
      perfil,
      anclas,
      ahora: new Date(),
    };
    return Promise.resolve(compararEmision(porComparar));
  };
}
