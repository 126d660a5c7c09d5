/** Retry-After (RFC 9110, 10.2.3): seconds, or one of the three forms of an HTTP date (5.6.7), which are always GMT. */
import { RETRY_AFTER_MAXIMO_MS } from '../../../shared/emision/plazos.ts';

const MESES = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MES = `(?<mes>${MESES.join('|')})`;
const HORA = '(?<hora>\\d{2}):(?<minuto>\\d{2}):(?<segundo>\\d{2})';
const DIA_CORTO = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const DIA_LARGO = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day';

const FORMAS = [
  // IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(`^${DIA_CORTO}, (?<dia>\\d{2}) ${MES} (?<anio>\\d{4}) ${HORA} GMT$`),
  // rfc850-date: Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(`^${DIA_LARGO}, (?<dia>\\d{2})-${MES}-(?<anioCorto>\\d{2}) ${HORA} GMT$`),
  // asctime-date: Sun Nov  6 08:49:37 1994
  new RegExp(`^${DIA_CORTO} ${MES} (?<dia>\\d{2}| \\d) ${HORA} (?<anio>\\d{4})$`),
];

/**
 * @param ahora epoch ms
 * @returns ms to wait, at most RETRY_AFTER_MAXIMO_MS; null where there is no header, or it is neither form
 */
export function retryAfterMs(valor: string | undefined, ahora: number): number | null {
  if (valor === undefined) return null;
  const esperaMs = /^\d+$/.test(valor) ? Number(valor) * 1000 : esperaHasta(valor, ahora);
  return esperaMs === null ? null : Math.min(Math.max(0, esperaMs), RETRY_AFTER_MAXIMO_MS);
}

function esperaHasta(valor: string, ahora: number): number | null {
  for (const forma of FORMAS) {
    const partes = forma.exec(valor)?.groups;
    if (!partes) continue;
    const instante =
      partes['anioCorto'] === undefined
        ? instanteDe(partes, Number(partes['anio']))
        : enSuSiglo(partes, Number(partes['anioCorto']), ahora);
    return instante === null ? null : instante - ahora;
  }
  return null;
}

/** A year of two digits is the latest one that makes a date of no more than 50 years from now. */
function enSuSiglo(partes: Partes, cifras: number, ahora: number): number | null {
  const limite = new Date(ahora);
  limite.setUTCFullYear(limite.getUTCFullYear() + 50);
  const anio = Math.floor(limite.getUTCFullYear() / 100) * 100 + cifras;
  const instante = instanteDe(partes, anio);
  return instante !== null && instante <= limite.getTime() ? instante : instanteDe(partes, anio - 100);
}

type Partes = Record<string, string | undefined>;

/** Epoch ms; null for a day or an hour that does not exist. A leap second is the next one's first. */
function instanteDe(partes: Partes, anio: number): number | null {
  const mes = MESES.indexOf(partes['mes'] ?? '');
  const [dia, hora, minuto, segundo] = [
    Number(partes['dia']),
    Number(partes['hora']),
    Number(partes['minuto']),
    Number(partes['segundo']),
  ];
  if (hora > 23 || minuto > 59 || segundo > 60) return null;
  const fecha = new Date(0);
  fecha.setUTCFullYear(anio, mes, dia);
  if (fecha.getUTCMonth() !== mes || fecha.getUTCDate() !== dia) return null;
  return fecha.setUTCHours(hora, minuto, segundo);
}
