/**
 * The one process of `npm start`: API and worker over one register, so that PGlite serves both. The API starts issuances
 * on the worker's connection, so that the worker takes an accepted request at once (eager start).
 */
import type { ConnectionLike } from '@temporalio/client';
import { startApiService } from '../api/api-service.ts';
import { createMotorTemporal } from '../api/emision/motor-temporal.ts';
import { createMotorDeReejecuciones } from '../api/emision/soporte/motor-de-reejecuciones.ts';
import { conTemporalConocido } from '../api/emision/temporal-conocido.ts';
import { createClavesEnTemporal } from '../shared/motor/claves-en-temporal.ts';
import { createLectorDeIdentidad } from '../shared/motor/identidad.ts';
import { createListaDeEjecuciones } from '../shared/motor/ejecuciones.ts';
import { createPruebasDeBitacora } from '../shared/bitacora/pruebas.ts';
import { abrirBaseDeDatos } from '../shared/registro/base-de-datos.ts';
import { exigirClavesDelRegistro } from '../shared/registro/claves-del-registro.ts';
import { createRegistro } from '../shared/registro/registro.ts';
import { createRegistroDeMantenimiento } from '../shared/registro/mantenimiento.ts';
import { exigirReloj, vigilarReloj } from '../shared/registro/reloj.ts';
import { createRegistroDeSoporte } from '../shared/registro/soporte.ts';
import { createGuardaDeTemporal } from '../shared/registro/temporal-del-registro.ts';
import { abrirClaves } from '../shared/runtime/claves.ts';
import { leerConfiguracion } from '../shared/runtime/config.ts';
import { ejecutarProceso } from '../shared/runtime/lifecycle.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { createRegistroMetricas } from '../shared/runtime/metrics.ts';
import {
  cerrarConexion,
  conectarCliente,
  conectarWorker,
  createTemporalClient,
} from '../shared/runtime/temporal.ts';
import { createBitacora } from '../worker/bitacora.ts';
import { leerConfiguracionDeBitacora } from '../worker/configuracion-de-bitacora.ts';
import { leerConfiguracionDeEmision } from '../worker/configuration.ts';
import { createDominios } from '../worker/domains.ts';
import { asegurarProgramaciones } from '../worker/programaciones.ts';
import { instalarRuntime } from '../worker/runtime.ts';
import { startWorkerService } from '../worker/worker-service.ts';
import { checkServiceConfiguration, SERVICE_SECTIONS } from './service-configuration.ts';

const logger = createLogger('servicio');

await ejecutarProceso(logger, async () => {
  checkServiceConfiguration();
  const configuracion = leerConfiguracion(SERVICE_SECTIONS);
  const { comun, motor: direccion, worker } = configuracion;
  logger.level = comun.LOG_LEVEL;
  const emision = leerConfiguracionDeEmision();
  const claves = abrirClaves(configuracion.claves);
  const deBitacora = leerConfiguracionDeBitacora(configuracion);
  instalarRuntime(logger);

  const db = await abrirBaseDeDatos(
    comun,
    exigirClavesDelRegistro({ claves, firmas: deBitacora.clavesPublicas }),
  );
  await exigirReloj(db);
  const connection = await conectarWorker(direccion);
  const conexionDelApi = conectarCliente(direccion);
  const clienteEn = (conexion: ConnectionLike) => createTemporalClient(conexion, direccion, claves.cifrado);
  const clienteDelApi = clienteEn(conexionDelApi);
  const deTemporal = createMotorTemporal(clienteDelApi, clienteEn(connection));
  const guardaDeTemporal = createGuardaDeTemporal({
    db,
    claves,
    leerIdentidad: createLectorDeIdentidad(clienteDelApi),
    motor: deTemporal,
  });
  await guardaDeTemporal.comprobar();
  const { motor, motorDeReejecuciones } = conTemporalConocido(
    deTemporal,
    createMotorDeReejecuciones(clienteDelApi),
    guardaDeTemporal,
  );
  const delRegistro = { db, claves, motor, adaptadorIdempotente: direccion.PKI_ADAPTER_IDEMPOTENTE };
  const registro = createRegistro(delRegistro);
  const soporte = createRegistroDeSoporte(delRegistro);
  const registroMetricas = createRegistroMetricas();
  const bitacora = createBitacora(deBitacora, { db, claves, registroMetricas, logger });
  const deEmision = createDominios(emision, {
    registro,
    soporte,
    mantenimiento: createRegistroDeMantenimiento(delRegistro),
    motor,
    listarEjecuciones: createListaDeEjecuciones(clienteDelApi),
    clavesEnTemporal: createClavesEnTemporal(clienteDelApi),
    huella: claves.huella,
    claveActiva: claves.cifrado.claveActiva,
    registroMetricas,
  });
  const dominios = [...deEmision, bitacora.dominio];
  const trabajador = await startWorkerService({
    connection,
    namespace: direccion.TEMPORAL_NAMESPACE,
    cifrado: claves.cifrado,
    dominios,
    registroMetricas,
    intentoMs: worker.PKI_TIMEOUT_MS,
  });
  await asegurarProgramaciones(
    clienteDelApi,
    dominios.flatMap(({ programaciones }) => programaciones),
    logger,
  );
  const guarda = bitacora.start();
  const reloj = vigilarReloj(db);
  const api = await startApiService({
    configuracion,
    registro,
    bitacora: createPruebasDeBitacora(db, { huella: claves.huella, logger }),
    soporte,
    motor,
    motorDeReejecuciones,
    claves,
    registroMetricas,
    logger,
    comprobaciones: [
      { nombre: 'worker', comprobar: () => trabajador.comprobar() },
      // Issuances go on, and their entries wait: what is in front of the API must go on sending to it.
      { nombre: 'bitacora', comprobar: () => guarda.comprobar(), soloAvisa: true },
    ],
  });
  logger.info({ url: api.url }, 'API and worker run');
  return {
    fin: Promise.race([trabajador.fin, reloj.fin]),
    async detener() {
      reloj.detener();
      // A request that waits is answered by the worker: the API closes first, and what goes on stays in Temporal.
      await api.detener();
      await trabajador.detener();
      await conexionDelApi.close();
      await cerrarConexion(connection);
      await guarda.detener();
      await db.destroy();
    },
  };
});
