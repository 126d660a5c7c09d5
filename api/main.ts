/** `npm run api`: the API alone, on a given Temporal and PostgreSQL, until SIGTERM or SIGINT. */
import { createPruebasDeBitacora } from '../shared/bitacora/pruebas.ts';
import { createLectorDeIdentidad } from '../shared/motor/identidad.ts';
import { abrirBaseDeDatos } from '../shared/registro/base-de-datos.ts';
import { exigirClavesDelRegistro } from '../shared/registro/claves-del-registro.ts';
import { createRegistro } from '../shared/registro/registro.ts';
import { exigirReloj, vigilarReloj } from '../shared/registro/reloj.ts';
import { createRegistroDeSoporte } from '../shared/registro/soporte.ts';
import { createGuardaDeTemporal } from '../shared/registro/temporal-del-registro.ts';
import { abrirClaves, revisarClaves } from '../shared/runtime/claves.ts';
import {
  ConfiguracionInvalida,
  exigirBaseCompartida,
  leerConfiguracion,
  reunirFaltas,
} from '../shared/runtime/config.ts';
import { ejecutarProceso } from '../shared/runtime/lifecycle.ts';
import { createLogger } from '../shared/runtime/logger.ts';
import { createRegistroMetricas } from '../shared/runtime/metrics.ts';
import { conectarCliente, createTemporalClient } from '../shared/runtime/temporal.ts';
import { startApiService } from './api-service.ts';
import { revisarReglas } from './configuration.ts';
import { createMotorTemporal } from './emision/motor-temporal.ts';
import { createMotorDeReejecuciones } from './emision/soporte/motor-de-reejecuciones.ts';
import { conTemporalConocido } from './emision/temporal-conocido.ts';

const logger = createLogger('api');

await ejecutarProceso(logger, async () => {
  const { configuracion } = reunirFaltas({
    configuracion: () => leerConfiguracion(['comun', 'claves', 'motor', 'api']),
    base: exigirBaseCompartida,
    claves: revisarClaves,
    reglas: revisarReglas,
  });
  const { comun, motor: direccion } = configuracion;
  logger.level = comun.LOG_LEVEL;
  const claves = abrirClaves(configuracion.claves);

  const db = await abrirBaseDeDatos(comun, exigirClavesDelRegistro({ claves }));
  await exigirReloj(db);
  const connection = conectarCliente(direccion);
  const client = createTemporalClient(connection, direccion, claves.cifrado);
  // Its own: a start whose answer hangs does not keep the next from being compared.
  const conexionDeGuarda = conectarCliente(direccion);
  const deTemporal = createMotorTemporal(client);
  const guarda = createGuardaDeTemporal({
    db,
    claves,
    leerIdentidad: createLectorDeIdentidad(createTemporalClient(conexionDeGuarda, direccion, claves.cifrado)),
    motor: deTemporal,
  });
  await guarda.comprobar().catch((error: unknown) => {
    if (error instanceof ConfiguracionInvalida) throw error;
    logger.warn({ err: error }, 'Temporal does not answer yet: it is compared before anything is started');
  });
  const { motor, motorDeReejecuciones } = conTemporalConocido(
    deTemporal,
    createMotorDeReejecuciones(client),
    guarda,
  );
  const delRegistro = { db, claves, motor, adaptadorIdempotente: direccion.PKI_ADAPTER_IDEMPOTENTE };
  const servicio = await startApiService({
    configuracion,
    bitacora: createPruebasDeBitacora(db, { huella: claves.huella, logger }),
    registro: createRegistro(delRegistro),
    soporte: createRegistroDeSoporte(delRegistro),
    motor,
    motorDeReejecuciones,
    claves,
    registroMetricas: createRegistroMetricas(),
    logger,
  });
  const reloj = vigilarReloj(db);
  logger.info({ url: servicio.url }, 'the API listens');
  return {
    fin: reloj.fin,
    async detener() {
      reloj.detener();
      await servicio.detener();
      await connection.close();
      await conexionDeGuarda.close();
      await db.destroy();
    },
  };
});
