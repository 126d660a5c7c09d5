/** `npm run worker`: the worker alone, on a given Temporal and PostgreSQL, until SIGTERM or SIGINT. */
import { abrirBaseDeDatos } from '../shared/registro/base-de-datos.ts';
import { createRegistro } from '../shared/registro/registro.ts';
import { createRegistroDeSoporte } from '../shared/registro/soporte.ts';
import { abrirClaves } from '../shared/runtime/claves.ts';
import { exigirBaseCompartida, leerConfiguracion } from '../shared/runtime/config.ts';
import { startHealthServer } from '../shared/runtime/health-server.ts';
import { ejecutarProceso } from '../shared/runtime/lifecycle.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { createRegistroMetricas } from '../shared/runtime/metrics.ts';
import { cerrarConexion, conectarWorker, createTemporalClient } from '../shared/runtime/temporal.ts';
import { leerConfiguracionDeEmision } from './configuration.ts';
import { createDominios } from './domains.ts';
import { createMotorEmision } from './motor-emision.ts';
import { instalarRuntime } from './runtime.ts';
import { startWorkerService } from './worker-service.ts';

const logger = createLogger('worker');

await ejecutarProceso(logger, async () => {
  const { comun, claves: origen, motor, worker } = leerConfiguracion(['comun', 'claves', 'motor', 'worker']);
  logger.level = comun.LOG_LEVEL;
  exigirBaseCompartida(motor);
  const emision = leerConfiguracionDeEmision({ ...worker, ...motor });
  const claves = abrirClaves({ ...comun, ...origen });
  instalarRuntime(logger);

  const db = await abrirBaseDeDatos({ ...motor, ...comun });
  const connection = await conectarWorker(motor);
  const client = createTemporalClient(connection, motor, claves.cifrado);
  const delRegistro = {
    db,
    claves,
    motor: createMotorEmision(client),
    adaptadorIdempotente: motor.PKI_ADAPTER_IDEMPOTENTE,
  };
  const registroMetricas = createRegistroMetricas();
  const servicio = await startWorkerService({
    connection,
    namespace: motor.TEMPORAL_NAMESPACE,
    cifrado: claves.cifrado,
    dominios: createDominios(emision, {
      registro: createRegistro(delRegistro),
      soporte: createRegistroDeSoporte(delRegistro),
      motor: delRegistro.motor,
      registroMetricas,
    }),
    intentoMs: worker.PKI_TIMEOUT_MS,
  });
  const salud = await startHealthServer({
    host: comun.HOST,
    port: worker.WORKER_PORT,
    registroMetricas,
    comprobaciones: [{ nombre: 'worker', comprobar: () => servicio.comprobar() }],
    avisar: (parte, err) => {
      logger.warn({ parte, err }, 'not ready');
    },
  });
  logger.info({ url: salud.url }, 'the worker runs');
  return {
    fin: servicio.fin,
    async detener() {
      await servicio.detener();
      await salud.close();
      await cerrarConexion(connection);
      await db.destroy();
    },
  };
});
