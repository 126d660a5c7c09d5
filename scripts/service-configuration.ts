/** The configuration of the one process of `npm start`: `scripts/start` reads it too, before it starts anything. */
import { revisarReglas } from '../api/configuration.ts';
import { revisarClaves } from '../shared/runtime/claves.ts';
import { leerConfiguracion, reunirFaltas, type Entorno } from '../shared/runtime/config.ts';
import { revisarBitacora } from '../worker/configuracion-de-bitacora.ts';
import { leerConfiguracionDeEmision, leerPerfil } from '../worker/configuration.ts';

export const SERVICE_SECTIONS = ['comun', 'claves', 'motor', 'api', 'worker', 'bitacora'] as const;

/**
 * Makes nothing.
 * @param own whether the trust anchors are those of the simulator, which writes them at its first start
 * @throws ConfiguracionInvalida with every fault of all that the service reads
 */
export function checkServiceConfiguration(environment?: Entorno, own = { anchors: false }): void {
  reunirFaltas({
    variables: () => leerConfiguracion(SERVICE_SECTIONS, environment),
    keys: () => {
      revisarClaves(environment);
    },
    log: () => {
      revisarBitacora(environment);
    },
    rules: () => {
      revisarReglas(own.anchors ? { ...environment, PKI_TRUST_ANCHORS: undefined } : environment);
    },
    issuance: () => (own.anchors ? leerPerfil(environment) : leerConfiguracionDeEmision(environment)),
  });
}
