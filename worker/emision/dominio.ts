/** The issuance's part of the worker: its task queues with their activities, its Schedules, and the watch over the circuits. */
import { log } from '@temporalio/activity';
import { createActividadesDeConciliacion } from '../../activities/emision/mantenimiento/actividades-de-conciliacion.ts';
import { createActividadesDeRegistro } from '../../activities/emision/registro/actividades-de-registro.ts';
import { createActividadesDeReejecucion } from '../../activities/emision/registro/actividades-de-reejecucion.ts';
import { createActividadesDeRetencion } from '../../activities/emision/mantenimiento/actividades-de-retencion.ts';
import { createActividadesPki } from '../../activities/emision/pki/actividades-pki.ts';
import { compararEmision } from '../../activities/emision/comparacion/comparar-emision.ts';
import { createCircuitosPki } from '../../activities/emision/pki/circuito-pki.ts';
import { createHttpPkiGateway } from '../../activities/emision/pki/http-pki-gateway.ts';
import { createMetricasDeConciliacion } from '../../activities/emision/mantenimiento/metricas-de-conciliacion.ts';
import { createMetricasPki } from '../../activities/emision/pki/metricas-pki.ts';
import { conSuEjecucion } from '../../activities/ejecuciones/su-ejecucion.ts';
import { createAvisoDeRespuestaAjena } from '../../activities/emision/pki/respuesta-ajena.ts';
import { createMetricasDeRetencion } from '../../activities/emision/mantenimiento/metricas-de-retencion.ts';
import { codigoDe, COLA_EMISION, COLAS_DE_LA_PKI, PASOS } from '../../shared/emision/contrato.ts';
import {
  PROGRAMACIONES,
  WORKFLOW_CONCILIACION,
  WORKFLOW_RETENCION,
  type OrdenDeConciliacion,
  type OrdenVacia,
} from '../../shared/emision/mantenimiento.ts';
import { COLA_MANTENIMIENTO } from '../../shared/nucleo/ejecuciones/colas.ts';
import { DIA_MS } from '../../shared/nucleo/plazos.ts';
import { RESUMEN_CONCILIACION, RESUMEN_RETENCION } from '../../shared/emision/textos-para-operadores.ts';
import {
  createRegistro,
  exigirPeticion,
  numerosDe,
  type Comparar,
} from '../../shared/registro/emision/registro.ts';
import { createListaDeAbiertas, createListaDeCerradas } from '../../shared/motor/emision/ejecuciones.ts';
import { createMotorEmision } from '../../shared/motor/emision/motor-de-temporal.ts';
import {
  CIRCUITO_ABIERTO_MAXIMO_MS,
  LLAMADAS_SIMULTANEAS,
  MARGEN_INTENTO_MS,
  RETENCION_A_LAS_MS,
} from '../../shared/emision/plazos.ts';
import { conTemporalDelRegistro } from '../../shared/registro/base/temporal-del-registro.ts';
import { createRegistroDeCircuitos } from '../../shared/registro/emision/registro-de-circuitos.ts';
import { createRegistroDeMantenimiento } from '../../shared/registro/emision/registro-de-mantenimiento.ts';
import { createRegistroDeSoporte } from '../../shared/registro/emision/registro-de-soporte.ts';
import type { DefinicionDelWorker, DominioDelWorker, RecursosDelWorker } from '../dominio.ts';
import { ADAPTADOR, EJECUCION } from '../../shared/emision/configuracion.ts';
import {
  leerConfiguracionDeEmision,
  revisarSinAnclas,
  type ConfiguracionDeEmision,
} from './configuracion.ts';
import { RECUPERACION_MINIMA_MS, type Programacion } from '../programaciones.ts';
import { createVigiaDeCircuitos } from './vigia-de-circuitos.ts';

/** Reconciliation and retention. */
const PASADAS_SIMULTANEAS = 2;

export const EMISION: DefinicionDelWorker = {
  secciones: [ADAPTADOR, EJECUCION],
  revisar(entorno, porHacer = []) {
    if (porHacer.includes('PKI_TRUST_ANCHORS')) revisarSinAnclas(entorno);
    else leerConfiguracionDeEmision(entorno);
  },
  preparar(entorno) {
    const configuracion = leerConfiguracionDeEmision(entorno);
    return { crear: (recursos) => createEmision(configuracion, recursos) };
  },
};

function createEmision(
  configuracion: ConfiguracionDeEmision,
  { db, claves, client, guarda, coleccionDeMetricas, logger }: RecursosDelWorker,
): DominioDelWorker {
  const { PKI_TIMEOUT_MS, PKI_ADAPTER_IDEMPOTENTE } = configuracion;
  const metricas = createMetricasPki(coleccionDeMetricas);
  const motor = conTemporalDelRegistro(createMotorEmision(client), guarda);
  const delRegistro = { db, claves, motor, guarda, adaptadorIdempotente: PKI_ADAPTER_IDEMPOTENTE };
  const registro = createRegistro(delRegistro);
  const mantenimiento = createRegistroDeMantenimiento(delRegistro);
  const vigia = createVigiaDeCircuitos(createRegistroDeCircuitos(db), logger);
  const circuitos = createCircuitosPki({
    ...{ metricas, log: logger, ventanaReintentoMs: configuracion.VENTANA_REINTENTO_MS },
    paso2UnaVez: !PKI_ADAPTER_IDEMPOTENTE,
    trabajadores: () => vigia.trabajadores(),
  });
  const actividadesPki = createActividadesPki({
    registro,
    metricas,
    adaptadorIdempotente: PKI_ADAPTER_IDEMPOTENTE,
    ventanaReintentoMs: configuracion.VENTANA_REINTENTO_MS,
    lasSondasCuentan: configuracion.VENTANA_REINTENTO_MS < CIRCUITO_ABIERTO_MAXIMO_MS,
    ahoraMs: () => performance.now(),
    circuitos,
    pki: createHttpPkiGateway({
      url: configuracion.PKI_ADAPTER_URL,
      token: configuracion.PKI_ADAPTER_TOKEN,
      timeoutMs: PKI_TIMEOUT_MS,
      idempotente: PKI_ADAPTER_IDEMPOTENTE,
      alResponderOtro: createAvisoDeRespuestaAjena(metricas, log),
    }),
  });
  const deMantenimiento = {
    ...createActividadesDeReejecucion({
      registro,
      soporte: createRegistroDeSoporte(delRegistro),
      motor,
    }),
    ...conSuEjecucion({
      ...createActividadesDeConciliacion({
        registro: mantenimiento,
        listarAbiertas: createListaDeAbiertas(client),
        listarCerradas: createListaDeCerradas(client),
        metricas: createMetricasDeConciliacion(coleccionDeMetricas),
      }),
      ...createActividadesDeRetencion({
        registro: mantenimiento,
        plazos: {
          retencionDias: configuracion.RETENCION_DIAS,
          reejecucionDias: configuracion.VENTANA_REEJECUCION_DIAS,
        },
        metricas: createMetricasDeRetencion(coleccionDeMetricas),
        ahora: Date.now,
      }),
    }),
  };
  // The longest attempt at the PKI ends.
  const paradaMs = PKI_TIMEOUT_MS + MARGEN_INTENTO_MS;
  return {
    codigoDe,
    colas: [
      {
        nombre: COLA_EMISION,
        simultaneas: LLAMADAS_SIMULTANEAS,
        paradaMs,
        actividades: {
          ...createActividadesDeRegistro({
            registro,
            huella: claves.huella,
            metricas,
            circuitos,
            comparar: createComparador(configuracion),
            plazos: { intentoMs: PKI_TIMEOUT_MS, paso2UnaVez: !PKI_ADAPTER_IDEMPOTENTE },
          }),
          // What runs of earlier versions call from here.
          ...deMantenimiento,
          ...actividadesPki,
        },
      },
      {
        nombre: COLA_MANTENIMIENTO,
        simultaneas: PASADAS_SIMULTANEAS,
        // A pass goes on from its last heartbeat; a bulk re-run notes what it has just heard.
        paradaMs: MARGEN_INTENTO_MS,
        actividades: deMantenimiento,
      },
      ...PASOS.map((paso) => ({
        nombre: COLAS_DE_LA_PKI[paso],
        simultaneas: LLAMADAS_SIMULTANEAS,
        paradaMs,
        actividades: actividadesPki,
        compuerta: circuitos[paso],
        porSegundo: configuracion.PKI_LLAMADAS_POR_SEGUNDO,
      })),
    ],
    antesDeServir: () => vigia.aprender(circuitos),
    empezarServicio: () => vigia.empezar(circuitos),
    programaciones: programacionesDe(configuracion),
  };
}

function programacionesDe({ CONCILIACION_CADA_MS }: ConfiguracionDeEmision): Programacion[] {
  return [
    {
      id: PROGRAMACIONES.conciliacion,
      workflow: WORKFLOW_CONCILIACION,
      cola: COLA_MANTENIMIENTO,
      orden: { forzar: false } satisfies OrdenDeConciliacion,
      cadaMs: CONCILIACION_CADA_MS,
      recuperacionMs: RECUPERACION_MINIMA_MS,
      resumen: RESUMEN_CONCILIACION,
    },
    {
      id: PROGRAMACIONES.retencion,
      workflow: WORKFLOW_RETENCION,
      cola: COLA_MANTENIMIENTO,
      orden: {} satisfies OrdenVacia,
      cadaMs: DIA_MS,
      faseMs: RETENCION_A_LAS_MS,
      // Else it would never come on a machine that is down at the hour of the pass.
      recuperacionMs: DIA_MS,
      resumen: RESUMEN_RETENCION,
    },
  ];
}

function createComparador({ anclas, perfil }: ConfiguracionDeEmision): Comparar {
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
