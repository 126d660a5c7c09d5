/** A date of MsAdaptadorPKI in any form of ISO 8601: basic or extended, cut short, with any offset or none. */

/** The instants that a date may mean, the last excluded: it is no more exact than it is written. */
export interface Intervalo {
  desdeMs: number;
  hastaMs: number;
}

const FECHA = /^(\d{4})(?:-?(\d\d)-?(\d\d)|-?(\d{3})|-?W(\d\d)-?([1-7]))$/;
const HORA = /^(\d\d)(?::?(\d\d)(?::?(\d\d))?)?(?:[.,](\d{1,12}))?$/;
const DESFASE = /(?:(Z)|([+\-−])(\d\d)(?::?([0-5]\d))?)$/i;

const SEGUNDO_MS = 1000;
const MINUTO_MS = 60 * SEGUNDO_MS;
const HORA_MS = 60 * MINUTO_MS;
const DIA_MS = 24 * HORA_MS;

/** The offsets in use on earth: a date without one is local to an unknown place. */
const DESFASE_MINIMO_MS = -12 * HORA_MS;
const DESFASE_MAXIMO_MS = 14 * HORA_MS;

/** @returns null where it is no date */
export function leerFechaDeclarada(texto: string): Intervalo | null {
  const [, fecha = '', hora] = /^([\dW-]{7,10})(?:[T ](.{2,30}))?$/i.exec(texto.trim()) ?? [];
  const diaMs = leerDia(fecha);
  if (diaMs === null) return null;
  if (hora === undefined) return sinDesfase({ desdeMs: diaMs, hastaMs: diaMs + DIA_MS });
  const desfase = DESFASE.exec(hora);
  const delDia = leerHora(desfase ? hora.slice(0, desfase.index) : hora);
  if (delDia === null) return null;
  const local = { desdeMs: diaMs + delDia.desdeMs, hastaMs: diaMs + delDia.hastaMs };
  if (!desfase) return sinDesfase(local);
  const desfaseMs = leerDesfase(desfase);
  return { desdeMs: local.desdeMs - desfaseMs, hastaMs: local.hastaMs - desfaseMs };
}

function sinDesfase({ desdeMs, hastaMs }: Intervalo): Intervalo {
  return { desdeMs: desdeMs - DESFASE_MAXIMO_MS, hastaMs: hastaMs - DESFASE_MINIMO_MS };
}

function leerDesfase([, zulu, signo, horas, minutos = '0']: RegExpExecArray): number {
  if (zulu !== undefined) return 0;
  return (signo === '+' ? 1 : -1) * (Number(horas) * HORA_MS + Number(minutos) * MINUTO_MS);
}

/** Reads a day of the month, of the year or of the week. @returns its midnight as if in UTC */
function leerDia(texto: string): number | null {
  const partes = FECHA.exec(texto);
  if (partes === null) return null;
  const [anio, mes, dia, deAnio, semana, deSemana] = partes
    .slice(1)
    .map((cifras: string | undefined) => (cifras === undefined ? undefined : Number(cifras)));
  if (anio === undefined) return null;
  const primero = medianoche(anio, 1, 1);
  if (mes !== undefined && dia !== undefined) {
    const ms = medianoche(anio, mes, dia);
    const leida = new Date(ms);
    return leida.getUTCMonth() === mes - 1 && leida.getUTCDate() === dia ? ms : null;
  }
  if (deAnio !== undefined) {
    const ms = primero + (deAnio - 1) * DIA_MS;
    return new Date(ms).getUTCFullYear() === anio ? ms : null;
  }
  if (semana === undefined || deSemana === undefined || semana < 1 || semana > 53) return null;
  // The first week is the one of 4 January.
  const cuatroDeEnero = medianoche(anio, 1, 4);
  const lunes = cuatroDeEnero - ((new Date(cuatroDeEnero).getUTCDay() + 6) % 7) * DIA_MS;
  return lunes + ((semana - 1) * 7 + deSemana - 1) * DIA_MS;
}

function medianoche(anio: number, mes: number, dia: number): number {
  return new Date(0).setUTCFullYear(anio, mes - 1, dia);
}

/** Reads a time as milliseconds since midnight. No certificate holds a fraction of a second: the whole second is meant. */
function leerHora(texto: string): Intervalo | null {
  const partes = HORA.exec(texto);
  if (partes === null) return null;
  const [, horas, minutos, segundos, fraccion] = partes as (string | undefined)[];
  const [h, m, s] = [horas, minutos, segundos].map((cifras) => Number(cifras ?? 0)) as [
    number,
    number,
    number,
  ];
  // 24:00 is the end of the day, and 60 a leap second.
  if (h > 24 || m > 59 || s > 60 || (h === 24 && m + s > 0)) return null;
  const unidadMs = segundos !== undefined ? SEGUNDO_MS : minutos !== undefined ? MINUTO_MS : HORA_MS;
  const enteroMs = h * HORA_MS + m * MINUTO_MS + Math.min(s, 59) * SEGUNDO_MS;
  if (fraccion === undefined || unidadMs === SEGUNDO_MS)
    return { desdeMs: enteroMs, hastaMs: enteroMs + unidadMs };
  const desdeMs = enteroMs + Math.floor((Number(`0.${fraccion}`) * unidadMs) / SEGUNDO_MS) * SEGUNDO_MS;
  return { desdeMs, hastaMs: desdeMs + Math.max(SEGUNDO_MS, unidadMs / 10 ** fraccion.length) };
}
