/** `npm run simulator`: the MsAdaptadorPKI simulator, alone, until SIGTERM or SIGINT. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { COMUN } from '../../shared/runtime/secciones.ts';
import { SIMULATOR } from './configuration.ts';
import { ConfiguracionInvalida, leerConfiguracion } from '../../shared/runtime/config.ts';
import { escribirSoloParaEsteUsuario } from '../../shared/runtime/privado.ts';
import type { BehaviourOf } from './faults/behaviour.ts';
import { createFaultPlan, readFaultPlan } from './faults/fault-plan.ts';
import { createSimulator } from './simulator.ts';

try {
  await serve();
} catch (error) {
  console.error(wordsFor(error));
  process.exit(1);
}

async function serve(): Promise<void> {
  escribirSoloParaEsteUsuario();
  const { comun, simulador } = leerConfiguracion({ comun: COMUN, simulador: SIMULATOR });
  const simulator = await createSimulator({
    dataDir: comun.DATA_DIR,
    latencyMs: simulador.SIMULADOR_LATENCIA_MS,
    keyType: simulador.SIMULADOR_TIPO_CLAVE,
    publicBaseUrl: simulador.SIMULADOR_BASE_PUBLICA,
    idempotent: simulador.SIMULADOR_IDEMPOTENTE,
    slowMs: simulador.SIMULADOR_LENTO_MS,
    lateMs: simulador.SIMULADOR_TARDIO_MS,
    ...(simulador.SIMULADOR_FALLAS !== undefined && {
      faults: faultsOf(simulador.SIMULADOR_FALLAS, simulador.SIMULADOR_SEMILLA),
    }),
  });
  simulator.server.listen(simulador.SIMULADOR_PORT, comun.HOST);
  await once(simulator.server, 'listening');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void simulator.close());
  const { port } = simulator.server.address() as AddressInfo;
  console.log(
    `MsAdaptadorPKI simulator ready on http://${comun.HOST}:${port}, chain in ${simulator.chainPath}`,
  );
}

/** @throws ConfiguracionInvalida */
function faultsOf(plan: string, seed: string): BehaviourOf {
  try {
    return createFaultPlan(readFaultPlan(plan), seed);
  } catch (error) {
    throw new ConfiguracionInvalida([`SIMULADOR_FALLAS: ${(error as Error).message}`]);
  }
}

function wordsFor(error: unknown): unknown {
  if (error instanceof ConfiguracionInvalida) return error.message;
  if (error instanceof Error && 'code' in error && 'port' in error && error.code === 'EADDRINUSE') {
    return `Port ${String(error.port)} is taken. Choose another with SIMULADOR_PORT.`;
  }
  return error;
}
