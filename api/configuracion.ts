/** What the HTTP server is configured by, whatever it serves. */
import { entero, puerto, seccion, texto, urlHttp } from '../shared/nucleo/variables.ts';

const api = {
  PORT: puerto(8080),
  OIDC_ISSUER: urlHttp,
  OIDC_AUDIENCE: texto.default('MsCoreogCertificadosDigitales'),
  /** Requests a minute of one client (token) and of one office (X-Office-Code), over all replicas of one PostgreSQL. */
  LIMITE_CLIENTE_POR_MINUTO: entero(600),
  LIMITE_OFICINA_POR_MINUTO: entero(300),
  /** Connections open at once in one process; one more takes the place of an idle one. */
  CONEXIONES_MAX: entero(1000),
  /** Requests that one process works on at once, not counting those that wait; beyond them it sheds load. */
  PETICIONES_SIMULTANEAS_MAX: entero(100),
  /** Express's "trust proxy": a number of hops, or addresses. */
  TRUST_PROXY: texto.optional(),
};

export const API = seccion(api);

/** Alone, for the check of its value, which is more than a variable's form tells. */
export const PROXIES = seccion({ TRUST_PROXY: api.TRUST_PROXY });
