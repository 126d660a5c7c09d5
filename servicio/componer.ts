/**
 * The one composition root: opens what a process stands on, starts the parts that it serves, and stops them in the reverse
 * order. API and worker in one process share a register, so that PGlite serves both.
 */
import { createComprobacionDeExistencia, createLectorDeIdentidad } from '../shared/motor/identidad.ts';
import { exigirClavesDelRegistro } from '../shared/registro/base/claves-del-registro.ts';
import { createMetricasDeLaBase } from '../shared/registro/base/metricas-de-la-base.ts';
import { exigirReloj, vigilarReloj } from '../shared/registro/base/reloj.ts';
import {
  createGuardaDeTemporal,
  vigilarTemporal,
  type GuardaDeTemporal,
} from '../shared/registro/base/temporal-del-registro.ts';
import { abrirRegistro, DOMINIOS } from '../shared/registro/dominios.ts';
import { abrirClaves } from '../shared/runtime/claves/claves.ts';
import { ConfiguracionInvalida } from '../shared/runtime/config.ts';
import type { Proceso } from '../shared/runtime/lifecycle.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { createColeccionDeMetricas } from '../shared/runtime/metrics.ts';
import {
  cerrarConexion,
  conectarCliente,
  conectarWorker,
  createTemporalClient,
} from '../shared/runtime/temporal/conexion.ts';
import { startMetricasDelSdk } from '../worker/metricas-del-sdk.ts';
import { startTrazas } from '../shared/runtime/trazas/proveedor.ts';
import { instalarRuntime } from '../worker/runtime.ts';
import { leerConfiguracionComun, revisarConfiguracion } from './configuracion.ts';
import type { Parte, ParteEnMarcha, RecursosDeProceso } from './parte.ts';

export async function componer(partes: readonly Parte[], logger: Logger): Promise<Proceso> {
  revisarConfiguracion(partes);
  const configuracion = leerConfiguracionComun();
  const { comun, temporal } = configuracion;
  logger.level = comun.LOG_LEVEL;
  const trazas = startTrazas(configuracion.trazas, logger);
  const claves = abrirClaves(configuracion.claves);
  const preparadas = partes.map((parte) => parte.preparar());
  const hayWorker = partes.some(({ esWorker }) => esWorker);

  const coleccionDeMetricas = createColeccionDeMetricas();
  const metricasDelSdk = hayWorker ? startMetricasDelSdk(coleccionDeMetricas) : null;
  // This must come before the core is first used.
  if (metricasDelSdk) instalarRuntime(logger, metricasDelSdk.buffer);

  const firmas = preparadas.flatMap((parte) => parte.firmas);
  const db = await abrirRegistro(
    comun,
    exigirClavesDelRegistro(DOMINIOS, { claves, firmas }),
    createMetricasDeLaBase(coleccionDeMetricas),
  );
  await exigirReloj(db);
  const nativa = hayWorker ? await conectarWorker(temporal) : null;
  const conexion = conectarCliente(temporal);
  // A connection of its own: a workflow's start whose answer hangs must not keep the next one from being checked.
  const conexionDeGuarda = conectarCliente(temporal);
  const deGuarda = createTemporalClient(conexionDeGuarda, temporal, claves.cifrado);
  const guarda = createGuardaDeTemporal({
    db,
    claves,
    dominios: DOMINIOS,
    leerIdentidad: createLectorDeIdentidad(deGuarda),
    conoce: createComprobacionDeExistencia(deGuarda),
  });
  await comprobarTemporal(guarda, hayWorker, logger);

  const enMarcha: ParteEnMarcha[] = [];
  for (const parte of preparadas) {
    const recursos: RecursosDeProceso = {
      ...{ configuracion, db, claves, guarda, nativa, logger },
      client: createTemporalClient(conexion, temporal, claves.cifrado),
      coleccionDeMetricas,
      comprobaciones: enMarcha.flatMap(({ comprobaciones }) => comprobaciones),
      estaSola: partes.length === 1,
    };
    enMarcha.push(await parte.empezar(recursos));
  }
  const vigilancias = [vigilarReloj(db), vigilarTemporal(guarda)];
  return {
    fin: Promise.race([...enMarcha, ...vigilancias].flatMap(({ fin }) => fin ?? [])),
    async detener() {
      for (const vigilancia of vigilancias) vigilancia.detener();
      for (const parte of enMarcha.toReversed()) await parte.detener();
      metricasDelSdk?.detener();
      await conexion.close();
      await conexionDeGuarda.close();
      if (nativa) await cerrarConexion(nativa);
      await db.destroy();
      await trazas.detener();
    },
  };
}

/** A worker is of no use without its Temporal; an API tells its clients, and goes on once it answers. */
async function comprobarTemporal(
  guarda: GuardaDeTemporal,
  hayWorker: boolean,
  logger: Logger,
): Promise<void> {
  try {
    await guarda.comprobar();
  } catch (error) {
    if (hayWorker || error instanceof ConfiguracionInvalida) throw error;
    logger.warn({ err: error }, 'Temporal does not answer yet: it is compared before anything is started');
  }
}
