/** What the HTTP server is configured by, whatever it serves. */
import { entero, puerto, seccion, texto, urlHttp } from '../shared/nucleo/variables.ts';

const api = {
  PORT: puerto(8080),
  OIDC_ISSUER: urlHttp,
  OIDC_AUDIENCE: texto.default('MsCoreogCertificadosDigitales'),
  /** Requests a minute of one client (token) and of one office (X-Office-Code), over all replicas of one PostgreSQL. */
  LIMITE_CLIENTE_POR_MINUTO: entero(600),
  LIMITE_OFICINA_POR_MINUTO: entero(300),
  /** Connections that are open at once, a process; one more takes the place of an idle one. */
  CONEXIONES_MAX: entero(1000),
  /** Requests that are worked on at once, a process, without those that wait; beyond them the API sheds load. */
  PETICIONES_SIMULTANEAS_MAX: entero(100),
  /** Express's "trust proxy": a number of hops, or addresses. */
  TRUST_PROXY: texto.optional(),
};

export const API = seccion(api);

/** Its value is read further, by itself. */
export const PROXIES = seccion({ TRUST_PROXY: api.TRUST_PROXY });
