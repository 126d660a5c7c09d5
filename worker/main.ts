/** `npm run worker`: the worker alone, on a given Temporal and PostgreSQL, until SIGTERM or SIGINT. */
import { createClavesEnTemporal } from '../shared/motor/claves-en-temporal.ts';
import { createLectorDeIdentidad } from '../shared/motor/identidad.ts';
import { createListaDeEjecuciones } from '../shared/motor/ejecuciones.ts';
import { createMotorEmision } from '../shared/motor/motor-emision.ts';
import { abrirBaseDeDatos } from '../shared/registro/base-de-datos.ts';
import { exigirClavesDelRegistro } from '../shared/registro/claves-del-registro.ts';
import { createRegistro } from '../shared/registro/registro.ts';
import { createRegistroDeMantenimiento } from '../shared/registro/mantenimiento.ts';
import { exigirReloj, vigilarReloj } from '../shared/registro/reloj.ts';
import { createRegistroDeSoporte } from '../shared/registro/soporte.ts';
import { conTemporalDelRegistro, createGuardaDeTemporal } from '../shared/registro/temporal-del-registro.ts';
import { abrirClaves, revisarClaves } from '../shared/runtime/claves.ts';
import { exigirBaseCompartida, leerConfiguracion, reunirFaltas } from '../shared/runtime/config.ts';
import { startHealthServer } from '../shared/runtime/health-server.ts';
import { ejecutarProceso } from '../shared/runtime/lifecycle.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { createRegistroMetricas } from '../shared/runtime/metrics.ts';
import { cerrarConexion, conectarWorker, createTemporalClient } from '../shared/runtime/temporal.ts';
import { createBitacora } from './bitacora.ts';
import { leerConfiguracionDeBitacora, revisarBitacora } from './configuracion-de-bitacora.ts';
import { leerConfiguracionDeEmision } from './configuration.ts';
import { createDominios } from './domains.ts';
import { asegurarProgramaciones } from './programaciones.ts';
import { instalarRuntime } from './runtime.ts';
import { startWorkerService } from './worker-service.ts';

const logger = createLogger('worker');

await ejecutarProceso(logger, async () => {
  const { configuracion, emision } = reunirFaltas({
    configuracion: () => leerConfiguracion(['comun', 'claves', 'motor', 'worker', 'bitacora']),
    base: exigirBaseCompartida,
    claves: revisarClaves,
    bitacora: revisarBitacora,
    emision: leerConfiguracionDeEmision,
  });
  const { comun, motor, worker } = configuracion;
  logger.level = comun.LOG_LEVEL;
  const claves = abrirClaves(configuracion.claves);
  const deBitacora = leerConfiguracionDeBitacora(configuracion);
  instalarRuntime(logger);

  const db = await abrirBaseDeDatos(
    comun,
    exigirClavesDelRegistro({ claves, firmas: deBitacora.clavesPublicas }),
  );
  await exigirReloj(db);
  const connection = await conectarWorker(motor);
  const client = createTemporalClient(connection, motor, claves.cifrado);
  const deTemporal = createMotorEmision(client);
  const guardaDeTemporal = createGuardaDeTemporal({
    db,
    claves,
    leerIdentidad: createLectorDeIdentidad(client),
    motor: deTemporal,
  });
  await guardaDeTemporal.comprobar();
  const delRegistro = {
    db,
    claves,
    motor: conTemporalDelRegistro(deTemporal, guardaDeTemporal),
    adaptadorIdempotente: motor.PKI_ADAPTER_IDEMPOTENTE,
  };
  const registroMetricas = createRegistroMetricas();
  const bitacora = createBitacora(deBitacora, { db, claves, registroMetricas, logger });
  const deEmision = createDominios(emision, {
    registro: createRegistro(delRegistro),
    soporte: createRegistroDeSoporte(delRegistro),
    mantenimiento: createRegistroDeMantenimiento(delRegistro),
    motor: delRegistro.motor,
    listarEjecuciones: createListaDeEjecuciones(client),
    clavesEnTemporal: createClavesEnTemporal(client),
    huella: claves.huella,
    claveActiva: claves.cifrado.claveActiva,
    registroMetricas,
  });
  const dominios = [...deEmision, bitacora.dominio];
  const servicio = await startWorkerService({
    connection,
    namespace: motor.TEMPORAL_NAMESPACE,
    cifrado: claves.cifrado,
    dominios,
    registroMetricas,
    intentoMs: worker.PKI_TIMEOUT_MS,
    version: worker.WORKER_VERSION,
  });
  await asegurarProgramaciones(
    client,
    dominios.flatMap(({ programaciones }) => programaciones),
    logger,
  );
  const guarda = bitacora.start();
  const reloj = vigilarReloj(db);
  const salud = await startHealthServer({
    host: comun.HOST,
    port: worker.WORKER_PORT,
    registroMetricas,
    comprobaciones: [
      { nombre: 'worker', comprobar: () => servicio.comprobar() },
      // Nobody is served by a worker's readiness: it may say so without an issuance waiting.
      { nombre: 'bitacora', comprobar: () => guarda.comprobar() },
    ],
    avisar: (parte, err) => {
      logger.warn({ parte, err }, 'not ready');
    },
  });
  logger.info({ url: salud.url, version: worker.WORKER_VERSION }, 'the worker runs');
  return {
    fin: Promise.race([servicio.fin, reloj.fin]),
    async detener() {
      reloj.detener();
      await servicio.detener();
      await salud.close();
      await cerrarConexion(connection);
      await guarda.detener();
      await db.destroy();
    },
  };
});
