/** What the PKI simulator is configured by. */
import {
  booleano,
  milisegundos,
  numero,
  puerto,
  seccion,
  texto,
  unoDe,
  urlHttp,
} from '../../shared/nucleo/variables.ts';

export const SIMULATOR = seccion({
  SIMULADOR_PORT: puerto(8090),
  /** Latency of each of the two endpoints. */
  SIMULADOR_LATENCIA_MS: numero(0).default(50),
  SIMULADOR_TIPO_CLAVE: unoDe(['RSA', 'EC']).default('RSA'),
  /** False: an adapter that does its work again at every call. */
  SIMULADOR_IDEMPOTENTE: booleano.default(true),
  /** Waits of the sandbox's slow and late documents: below and beyond PKI_TIMEOUT_MS. */
  SIMULADOR_LENTO_MS: milisegundos(3000),
  SIMULADOR_TARDIO_MS: milisegundos(12_000),
  /** A profile of faults ("hostil") or a plan in JSON (docs/sandbox.md), and the seed that repeats it. */
  SIMULADOR_FALLAS: texto.optional(),
  SIMULADOR_SEMILLA: texto.default('1'),
  /** Base of the public names inside certificates: never an address. */
  SIMULADOR_BASE_PUBLICA: urlHttp.default('http://pki.example.com'),
});
