/**
 * The simulator in a process of its own, whose calls its parent may hold at an exact moment: before it looks at them, or
 * when the work is done and recorded. The parent closes and opens gates by message, and is told who stands before one.
 */
import { once } from 'node:events';
import { COMUN } from '../../../shared/runtime/secciones.ts';
import { SIMULATOR } from '../../../simulator/pki/configuration.ts';
import { leerConfiguracion } from '../../../shared/runtime/config.ts';
import type { Behaviour, Call } from '../../../simulator/pki/faults/behaviour.ts';
import type { GatewayFault } from '../../../simulator/pki/faults/gateway.ts';
import { createFaultPlan, readFaultPlan } from '../../../simulator/pki/faults/fault-plan.ts';
import { createSandbox } from '../../../simulator/pki/faults/sandbox.ts';
import { createSimulator } from '../../../simulator/pki/simulator.ts';
import { nombreDePuerta, type AlSimulador, type DelSimulador, type Momento } from './puertas-de-la-pki.ts';

const cerradas = new Map<string, PromiseWithResolvers<GatewayFault | undefined>>();

const { comun, simulador } = leerConfiguracion({ comun: COMUN, simulador: SIMULATOR });
const tiempos = { slowMs: simulador.SIMULADOR_LENTO_MS, lateMs: simulador.SIMULADOR_TARDIO_MS };
const deDocumento = createSandbox(
  tiempos,
  simulador.SIMULADOR_FALLAS === undefined
    ? undefined
    : createFaultPlan(readFaultPlan(simulador.SIMULADOR_FALLAS), simulador.SIMULADOR_SEMILLA),
);

const simulator = await createSimulator({
  dataDir: comun.DATA_DIR,
  latencyMs: simulador.SIMULADOR_LATENCIA_MS,
  keyType: simulador.SIMULADOR_TIPO_CLAVE,
  publicBaseUrl: simulador.SIMULADOR_BASE_PUBLICA,
  idempotent: simulador.SIMULADOR_IDEMPOTENTE,
  behaviourOf: conPuertas,
});

process.on('message', ({ puerta, cerrada, pasarela }: AlSimulador) => {
  if (cerrada) cerradas.set(puerta, cerradas.get(puerta) ?? Promise.withResolvers());
  else {
    cerradas.get(puerta)?.resolve(pasarela);
    cerradas.delete(puerta);
  }
});
// Whoever holds the gates is gone.
process.on('disconnect', () => process.exit());
await once(process, 'message');

simulator.server.listen(simulador.SIMULADOR_PORT, comun.HOST);
await once(simulator.server, 'listening');

function conPuertas(call: Call): Behaviour {
  const conducta = deDocumento(call);
  // Of what is refused as it comes nobody hears the end.
  const llega = conducta.outage === undefined && conducta.gateway?.when !== 'ANTES';
  const trabaja = llega && conducta.refusal === undefined && !conducta.answer;
  let deLaPuerta: GatewayFault | undefined;
  return {
    ...conducta,
    get gateway() {
      return deLaPuerta ?? conducta.gateway;
    },
    before: async () => {
      deLaPuerta = await pasar(call, 'ANTES', trabaja);
    },
    after: async () => {
      deLaPuerta = (await pasar(call, 'DESPUES', trabaja)) ?? deLaPuerta;
    },
  };
}

async function pasar(
  { codigoSolicitudTramite: codigo, numeroDocumento, paso }: Call,
  momento: Momento,
  trabaja: boolean,
): Promise<GatewayFault | undefined> {
  const puerta = nombreDePuerta(codigo, paso, momento);
  const cerrada = cerradas.get(puerta);
  avisar({ puerta, codigo, numeroDocumento, paso, momento, trabaja });
  return cerrada?.promise;
}

function avisar(aviso: DelSimulador): void {
  process.send?.(aviso);
}
