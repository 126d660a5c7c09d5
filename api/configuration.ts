/** What of the API's variables is read further than their form: whom to believe an address, which requests to take. */
import { leerDocumentosAdmitidos, type DocumentosAdmitidos } from '../shared/emision/reglas-emision.ts';
import {
  ConfiguracionInvalida,
  leerConfiguracion,
  reunirFaltas,
  type Configuracion,
  type Entorno,
} from '../shared/runtime/config.ts';
import { leerFinDelEmisor } from './emision/vigencia-del-emisor.ts';
import { exigirProxies } from './http/app.ts';

/** @throws ConfiguracionInvalida */
export function leerReglas(variables: Configuracion<'reglas'>['reglas']) {
  return reunirFaltas({
    documentosAdmitidos: () => leerDocumentos(variables.DOCUMENTOS_ADMITIDOS),
    finDelEmisor: () => leerFinDelEmisor(variables.PKI_TRUST_ANCHORS),
    proxies: () => {
      exigirProxies(variables.TRUST_PROXY);
    },
  });
}

/** What leerReglas would say. @throws ConfiguracionInvalida */
export function revisarReglas(entorno?: Entorno): void {
  leerReglas(leerConfiguracion(['reglas'], entorno).reglas);
}

function leerDocumentos(configurados: string): DocumentosAdmitidos {
  try {
    return leerDocumentosAdmitidos(configurados);
  } catch (cause) {
    throw new ConfiguracionInvalida([(cause as Error).message], { cause });
  }
}
