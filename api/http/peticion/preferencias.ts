/** The header Prefer (RFC 7240): what a client would like. What is not known or not well formed is ignored. */
import type { IncomingMessage } from 'node:http';

export interface Preferencias {
  /** `respond-async` (section 4.1): rather a 202 than an answer that takes long. */
  asincrona: boolean;
  /** `wait` (section 4.3), whole seconds from 0; null where the client gave none. */
  esperaS: number | null;
}

/** RFC 9111, section 1.2.2: what is greater counts as this. */
const SEGUNDOS_MAX = 2 ** 31;

/** Members of the list: commas inside a quoted string do not part them. */
const MIEMBRO = /(?:[^",]|"(?:[^"\\]|\\.)*"?)+/g;

/** preference = token [ BWS "=" BWS word ] *( OWS ";" [ OWS parameter ] ), word = token / quoted-string. */
const PREFERENCIA =
  /^[ \t]*(?<nombre>[!#$%&'*+.^_`|~\w-]+)(?:[ \t]*=[ \t]*(?:(?<token>[!#$%&'*+.^_`|~\w-]+)|"(?<cita>(?:[^"\\]|\\.)*)"))?[ \t]*(?:;.*)?$/;

/** Of a preference that comes twice, the first counts (section 2); an empty value is none. */
export function leerPreferencias(req: IncomingMessage): Preferencias {
  const valores = new Map<string, string>();
  for (const [miembro] of (req.headersDistinct.prefer ?? []).join(',').matchAll(MIEMBRO)) {
    const { nombre, token, cita } = PREFERENCIA.exec(miembro)?.groups ?? {};
    const clave = nombre?.toLowerCase();
    if (clave !== undefined && !valores.has(clave)) valores.set(clave, token ?? cita ?? '');
  }
  const espera = valores.get('wait') ?? '';
  return {
    asincrona: valores.get('respond-async') === '',
    esperaS: /^\d+$/.test(espera) ? Math.min(Number(espera), SEGUNDOS_MAX) : null,
  };
}
