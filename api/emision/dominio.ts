/** The issuance's part of the API: its configuration, and what its routes are built on. */
import { ACEPTACION, ADAPTADOR, REGLAS } from '../../shared/emision/configuracion.ts';
import { PARTE_DE_UN_CLIENTE } from '../../shared/emision/plazos.ts';
import { leerDocumentosAdmitidos, type DocumentosAdmitidos } from '../../shared/emision/reglas-emision.ts';
import { createRegistroDeAdmision } from '../../shared/registro/emision/registro-de-admision.ts';
import { createRegistro, SinConciliar } from '../../shared/registro/emision/registro.ts';
import { createRegistroDeSoporte } from '../../shared/registro/emision/registro-de-soporte.ts';
import {
  ConfiguracionInvalida,
  leerConfiguracion,
  reunirFaltas,
  type Configuracion,
} from '../../shared/runtime/config.ts';
import type { DefinicionDelApi, DominioDelApi, RecursosDelApi } from '../dominio.ts';
import { createRegistroQueResponde } from '../http/carga/registro-que-responde.ts';
import { conAlertaDeAlterados } from './consultar/certificados-alterados.ts';
import { createCircuitosEnDescanso } from './emitir/circuitos-en-descanso.ts';
import { createEmisionService } from './emitir/emision-service.ts';
import { createEmisionesAbiertas } from './emitir/emisiones-abiertas.ts';
import { createEsperasSimultaneas } from './emitir/esperas-simultaneas.ts';
import { leerFinDelEmisor } from './emitir/vigencia-del-emisor.ts';
import type { LecturasDeRegistro } from './lecturas.ts';
import { rutasDeEmision } from './rutas.ts';
import { createMotorDeReejecuciones } from './temporal/motor-de-reejecuciones.ts';
import { createMotorTemporal } from './temporal/motor-temporal.ts';
import { CAMPOS_VISIBLES, TEXTOS_VISIBLES } from '../../shared/emision/campos-visibles.ts';
import { codigoDe } from '../../shared/emision/contrato.ts';
import { createConAtributos } from '../../shared/motor/atributos.ts';
import { conTemporalConocido } from './temporal/temporal-conocido.ts';

const SECCIONES = { aceptacion: ACEPTACION, adaptador: ADAPTADOR };

export const EMISION: DefinicionDelApi = {
  enTemporal: { camposVisibles: CAMPOS_VISIBLES, textosVisibles: TEXTOS_VISIBLES, codigoDe },
  secciones: Object.values(SECCIONES),
  revisar(entorno, porHacer = []) {
    reunirFaltas({
      variables: () => leerConfiguracion(SECCIONES, entorno),
      reglas: () => {
        const { reglas } = leerConfiguracion({ reglas: REGLAS }, entorno);
        const sinArchivo = porHacer.includes('PKI_TRUST_ANCHORS') && { PKI_TRUST_ANCHORS: undefined };
        leerReglas({ ...reglas, ...sinArchivo });
      },
    });
  },
  preparar(entorno) {
    const { aceptacion, adaptador } = leerConfiguracion(SECCIONES, entorno);
    const configuracion = { ...aceptacion, ...adaptador, reglas: leerReglas(aceptacion) };
    return { crear: (recursos) => createEmision(configuracion, recursos) };
  },
};

/** @throws ConfiguracionInvalida */
function leerReglas(variables: Configuracion<{ reglas: typeof REGLAS }>['reglas']) {
  return reunirFaltas({
    documentosAdmitidos: () => leerDocumentos(variables.DOCUMENTOS_ADMITIDOS),
    finDelEmisor: () => leerFinDelEmisor(variables.PKI_TRUST_ANCHORS),
  });
}

function leerDocumentos(configurados: string): DocumentosAdmitidos {
  try {
    return leerDocumentosAdmitidos(configurados);
  } catch (cause) {
    throw new ConfiguracionInvalida([(cause as Error).message], { cause });
  }
}

type ConfiguracionDeEmision = Omit<
  Configuracion<{ aceptacion: typeof ACEPTACION }>['aceptacion'],
  'PKI_TRUST_ANCHORS' | 'DOCUMENTOS_ADMITIDOS'
> &
  Configuracion<{ adaptador: typeof ADAPTADOR }>['adaptador'] & { reglas: ReturnType<typeof leerReglas> };

function createEmision(
  configuracion: ConfiguracionDeEmision,
  { db, claves, client, clientDelWorker, guarda, acceso, reloj, parada, ...recursos }: RecursosDelApi,
): DominioDelApi {
  const { PKI_ADAPTER_IDEMPOTENTE: adaptadorIdempotente, EMISIONES_ABIERTAS_MAX } = configuracion;
  const { coleccionDeMetricas, metricasDeCarga, logger } = recursos;
  const conAtributos = createConAtributos(logger);
  const { motor, motorDeReejecuciones } = conTemporalConocido(
    createMotorTemporal(client, clientDelWorker, conAtributos),
    createMotorDeReejecuciones(client, conAtributos),
    guarda,
  );
  const delRegistro = { db, claves, motor, guarda, adaptadorIdempotente };
  const sinAlerta = createRegistro(delRegistro);
  const queResponde = createRegistroQueResponde((error) => error instanceof SinConciliar);
  const registro: LecturasDeRegistro = queResponde({
    ...sinAlerta,
    leerCertificados: conAlertaDeAlterados((codigo) => sinAlerta.leerCertificados(codigo), {
      coleccionDeMetricas,
      logger,
    }),
  });
  const soporte = queResponde(createRegistroDeSoporte(delRegistro));
  const admision = queResponde(createRegistroDeAdmision(db));
  const esperas = createEsperasSimultaneas(configuracion.ESPERAS_SIMULTANEAS_MAX, metricasDeCarga);
  const abiertas = createEmisionesAbiertas({
    maximo: EMISIONES_ABIERTAS_MAX,
    maximoDeUnCliente: Math.max(1, Math.floor(PARTE_DE_UN_CLIENTE * EMISIONES_ABIERTAS_MAX)),
    contarEnElRegistro: (pendientes) => admision.contar(pendientes),
    contarEnTemporal: () => motor.contarAbiertas(),
    metricas: metricasDeCarga,
    alFallar: (error) => {
      logger.warn({ err: error }, 'open issuances cannot be counted');
    },
  });
  const servicio = createEmisionService({
    registro,
    soporte,
    motor,
    huella: claves.huella,
    adaptadorIdempotente,
    esperaSincronaMs: configuracion.ESPERA_SINCRONA_MS,
    circuitos: createCircuitosEnDescanso(() => admision.leerPasosEnDescanso(), {
      alFallar: (error) => {
        logger.warn({ err: error }, 'it cannot be read which steps the workers leave in peace');
      },
    }),
    esperas,
    abiertas,
    parada,
  });
  return {
    rutas: rutasDeEmision({
      servicio,
      soporte,
      motorDeReejecuciones,
      huella: claves.huella,
      acceso,
      reglas: configuracion.reglas,
      reloj,
    }),
    comprobaciones: [{ nombre: 'temporal', comprobar: () => motor.comprobar() }],
    enEspera: () => esperas.enEspera(),
  };
}
