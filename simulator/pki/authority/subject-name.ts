/** The subject of a citizen's certificate (docs/certificates.md): its attributes, their order and their string types. */
import { Name } from '@peculiar/x509';
import type { Ciudadano, Solicitud, TipoCertificado } from '../adapter/adapter-requests.ts';

const SUFFIXES: Record<TipoCertificado, string> = {
  FIRMA_DIGITAL: 'FIR',
  AUTENTICACION: 'AUT',
  CIFRADO: 'CIF',
};

/** RFC 5280, ub-common-name, in characters. */
const COMMON_NAME_MAX = 64;

const SURNAME = '2.5.4.4';
const GIVEN_NAME = '2.5.4.42';
const SERIAL_NUMBER = '2.5.4.5';

export function subjectName(
  tipo: TipoCertificado,
  numeroSolicitud: string,
  { numeroDocumento }: Pick<Solicitud, 'numeroDocumento'>,
  ciudadano: Ciudadano,
): Name {
  const surnames = plain([ciudadano.apellidoPaterno, ciudadano.apellidoMaterno ?? ''].join(' '));
  const givenNames = plain(ciudadano.nombres);
  const suffix = ` ${SUFFIXES[tipo]} ${numeroDocumento}`;
  return new Name([
    { C: [{ printableString: 'PE' }] },
    { ST: [{ utf8String: plain(ciudadano.departamento) }] },
    { L: [{ utf8String: `${plain(ciudadano.provincia)}/${plain(ciudadano.distrito)}` }] },
    { OU: [{ utf8String: `EREP_PN_RENIEC_${numeroSolicitud}` }] },
    { [SURNAME]: [{ utf8String: surnames }] },
    { [GIVEN_NAME]: [{ utf8String: givenNames }] },
    { [SERIAL_NUMBER]: [{ printableString: `PNOPE-${numeroDocumento}` }] },
    { CN: [{ utf8String: commonName(capitals(`${surnames} ${givenNames}`), suffix) }] },
  ]);
}

/** Only the names are cut, never the suffix; by whole characters. */
function commonName(names: string, suffix: string): string {
  const room = COMMON_NAME_MAX - suffix.length;
  return Array.from(names).slice(0, room).join('').trimEnd() + suffix;
}

function plain(text: string): string {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim();
}

/** Upper case where it is the same letter: "ß" would become two others, which no comparison of names finds again. */
function capitals(text: string): string {
  return Array.from(text, (letter) => {
    const capital = letter.toUpperCase();
    return capital.toLowerCase() === letter.toLowerCase() ? capital : letter;
  }).join('');
}
