/** `npm run api`: the API alone, on a given Temporal and PostgreSQL, until SIGTERM or SIGINT. */
import { createPruebasDeBitacora } from '../shared/bitacora/pruebas.ts';
import { abrirBaseDeDatos } from '../shared/registro/base-de-datos.ts';
import { createRegistro } from '../shared/registro/registro.ts';
import { createRegistroDeSoporte } from '../shared/registro/soporte.ts';
import { abrirClaves } from '../shared/runtime/claves.ts';
import { exigirBaseCompartida, leerConfiguracion } from '../shared/runtime/config.ts';
import { ejecutarProceso } from '../shared/runtime/lifecycle.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { createRegistroMetricas } from '../shared/runtime/metrics.ts';
import { conectarCliente, createTemporalClient } from '../shared/runtime/temporal.ts';
import { startApiService } from './api-service.ts';
import { createMotorTemporal } from './emision/motor-temporal.ts';
import { createMotorDeReejecuciones } from './emision/soporte/motor-de-reejecuciones.ts';

const logger = createLogger('api');

await ejecutarProceso(logger, async () => {
  const configuracion = leerConfiguracion(['comun', 'claves', 'motor', 'api']);
  const { comun, motor: direccion } = configuracion;
  logger.level = comun.LOG_LEVEL;
  exigirBaseCompartida(direccion);
  const claves = abrirClaves({ ...comun, ...configuracion.claves });

  const db = await abrirBaseDeDatos({ ...direccion, ...comun });
  const connection = conectarCliente(direccion);
  const client = createTemporalClient(connection, direccion, claves.cifrado);
  const motor = createMotorTemporal(client);
  const delRegistro = { db, claves, motor, adaptadorIdempotente: direccion.PKI_ADAPTER_IDEMPOTENTE };
  const servicio = await startApiService({
    configuracion,
    bitacora: createPruebasDeBitacora(db),
    registro: createRegistro(delRegistro),
    soporte: createRegistroDeSoporte(delRegistro),
    motor,
    motorDeReejecuciones: createMotorDeReejecuciones(client),
    claves,
    registroMetricas: createRegistroMetricas(),
    logger,
  });
  logger.info({ url: servicio.url }, 'the API listens');
  return {
    fin: new Promise<never>(() => undefined),
    async detener() {
      await servicio.detener();
      await connection.close();
      await db.destroy();
    },
  };
});
