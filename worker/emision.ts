/** The worker's entry of the issuance: its task queue and its activities. */
import { log } from '@temporalio/activity';
import { createActividadesDeConciliacion } from '../activities/emision/actividades-de-conciliacion.ts';
import { createActividadesDeRegistro } from '../activities/emision/actividades-de-registro.ts';
import { createActividadesDeRecifrado } from '../activities/emision/actividades-de-recifrado.ts';
import { createActividadesDeReejecucion } from '../activities/emision/actividades-de-reejecucion.ts';
import { createActividadesDeRetencion } from '../activities/emision/actividades-de-retencion.ts';
import { createActividadesPki } from '../activities/emision/actividades-pki.ts';
import { compararEmision } from '../activities/emision/comparacion/comparar-emision.ts';
import { createCircuitosPki } from '../activities/emision/circuito-pki.ts';
import { createHttpPkiGateway } from '../activities/emision/http-pki-gateway.ts';
import { createMetricasDeConciliacion } from '../activities/emision/metricas-de-conciliacion.ts';
import { createMetricasPki } from '../activities/emision/metricas-pki.ts';
import { deSuEjecucion } from '../activities/su-ejecucion.ts';
import { createAvisoDeRespuestaAjena } from '../activities/emision/respuesta-ajena.ts';
import { createMetricasDeRetencion } from '../activities/emision/metricas-de-retencion.ts';
import { COLA_EMISION } from '../shared/emision/contrato.ts';
import {
  PROGRAMACIONES,
  WORKFLOW_CONCILIACION,
  WORKFLOW_RETENCION,
  type OrdenDeConciliacion,
  type SinDatos,
} from '../shared/emision/mantenimiento.ts';
import type { PerfilCertificado } from '../shared/emision/perfil-certificado.ts';
import { DIA_MS } from '../shared/emision/plazos.ts';
import { RESUMEN_CONCILIACION, RESUMEN_RETENCION } from '../shared/emision/textos-para-operadores.ts';
import { exigirPeticion, numerosDe, type Comparar } from '../shared/registro/registro.ts';
import type { Autoridades } from '../shared/x509/buscar-ruta.ts';
import type { DominioDelWorker, RecursosDelWorker } from './domain.ts';
import { RECUPERACION_MINIMA_MS } from './programaciones.ts';

export interface ConfiguracionDeEmision {
  PKI_ADAPTER_URL: string;
  PKI_ADAPTER_TOKEN?: string | undefined;
  PKI_ADAPTER_IDEMPOTENTE: boolean;
  PKI_TIMEOUT_MS: number;
  VENTANA_REINTENTO_MS: number;
  CONCILIACION_CADA_MS: number;
  RETENCION_DIAS: number;
  VENTANA_REEJECUCION_DIAS: number;
  /** Roots and intermediates that an issued certificate must lead to. */
  anclas: Autoridades;
  perfil: PerfilCertificado;
}

export function createEmision(
  configuracion: ConfiguracionDeEmision,
  recursos: RecursosDelWorker,
): DominioDelWorker {
  const { registro, soporte, mantenimiento, motor, registroMetricas } = recursos;
  const { PKI_TIMEOUT_MS, PKI_ADAPTER_IDEMPOTENTE } = configuracion;
  const metricas = createMetricasPki(registroMetricas);
  return {
    cola: COLA_EMISION,
    actividades: {
      ...createActividadesDeRegistro({
        registro,
        huella: recursos.huella,
        metricas,
        comparar: createComparar(configuracion),
        plazos: { intentoMs: PKI_TIMEOUT_MS },
      }),
      ...createActividadesDeReejecucion({ registro, soporte, motor }),
      ...deSuEjecucion({
        ...createActividadesDeConciliacion({
          registro: mantenimiento,
          listarEjecuciones: recursos.listarEjecuciones,
          metricas: createMetricasDeConciliacion(registroMetricas),
        }),
        ...createActividadesDeRetencion({
          registro: mantenimiento,
          plazos: {
            retencionDias: configuracion.RETENCION_DIAS,
            reejecucionDias: configuracion.VENTANA_REEJECUCION_DIAS,
          },
          metricas: createMetricasDeRetencion(registroMetricas),
          ahora: Date.now,
        }),
        ...createActividadesDeRecifrado({
          registro: mantenimiento,
          claveActiva: recursos.claveActiva,
          enTemporal: recursos.clavesEnTemporal,
        }),
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
          alResponderOtro: createAvisoDeRespuestaAjena(metricas, log),
        }),
      }),
    },
    programaciones: [
      {
        id: PROGRAMACIONES.conciliacion,
        workflow: WORKFLOW_CONCILIACION,
        cola: COLA_EMISION,
        orden: { forzar: false } satisfies OrdenDeConciliacion,
        cadaMs: configuracion.CONCILIACION_CADA_MS,
        recuperacionMs: RECUPERACION_MINIMA_MS,
        resumen: RESUMEN_CONCILIACION,
      },
      {
        id: PROGRAMACIONES.retencion,
        workflow: WORKFLOW_RETENCION,
        cola: COLA_EMISION,
        orden: {} satisfies SinDatos,
        cadaMs: DIA_MS,
        // On a machine that is down at the hour of the pass it would never come.
        recuperacionMs: DIA_MS,
        resumen: RESUMEN_RETENCION,
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
    const comparacion = compararEmision(porComparar);
    if (comparacion.conforme && comparacion.avisos.length > 0)
      log.warn('MsAdaptadorPKI described certificates in a way that cannot be read', {
        codigoSolicitudTramite: emision.codigo,
        avisos: comparacion.avisos,
      });
    return Promise.resolve(comparacion);
  };
}
