/**
 * Who may be issued a certificate: docs/status-codes.md (422).
 * Other rules are the PKI's own, and come back as its refusal.
 */
import type { SolicitudCertificado } from './solicitud.ts';

/** Full legal capacity: Código Civil, artículo 42. */
const MAYORIA_DE_EDAD = 18;

/** Each kind of document (tipoDocumento) that is admitted, with the form of its number. */
export type DocumentosAdmitidos = ReadonlyMap<string, RegExp>;

export interface ReglaIncumplida {
  regla: 'MAYORIA_DE_EDAD' | 'DOCUMENTO_ADMITIDO';
  /** In Spanish, beginning with the path of the field. */
  detalle: string;
}

/**
 * Reads DOCUMENTOS_ADMITIDOS: "KIND:regexp,KIND:regexp"; the regexp is matched against the whole number.
 * @throws Error that names the part at fault
 */
export function leerDocumentosAdmitidos(configurados: string): DocumentosAdmitidos {
  const admitidos = new Map<string, RegExp>();
  // A comma inside a regexp ({8,12}) is no separator: one is followed by the next kind.
  for (const parte of configurados.split(/,(?=\p{L}[\p{L}\p{N}]{1,2}:)/u)) {
    const { tipo, forma } = /^(?<tipo>[^:]{2,3}):(?<forma>.*[^,])$/u.exec(parte)?.groups ?? {};
    if (tipo === undefined || forma === undefined)
      throw new Error(
        `DOCUMENTOS_ADMITIDOS: "${parte}" is not KIND:regexp, with a kind of 2 or 3 characters`,
      );
    try {
      admitidos.set(tipo, new RegExp(`^(?:${forma})$`, 'u'));
    } catch (cause) {
      throw new Error(`DOCUMENTOS_ADMITIDOS: "${forma}" is not a regular expression`, { cause });
    }
  }
  return admitidos;
}

/** The day it is in Peru (UTC-5 all year), YYYY-MM-DD. */
export function diaEnPeru(momento: Date): string {
  return new Date(momento.getTime() - 5 * 3_600_000).toISOString().slice(0, 10);
}

/**
 * The rules that this request breaks; none where it may go on.
 * @param hoy day of acceptance in Peru, YYYY-MM-DD
 */
export function reglasIncumplidas(
  { solicitud, ciudadano }: SolicitudCertificado,
  hoy: string,
  admitidos: DocumentosAdmitidos,
): ReglaIncumplida[] {
  const incumplidas: ReglaIncumplida[] = [];
  if (cumpleanios(ciudadano.fechaNacimiento, MAYORIA_DE_EDAD) > hoy)
    incumplidas.push({
      regla: 'MAYORIA_DE_EDAD',
      detalle: `ciudadano.fechaNacimiento: el ciudadano debe haber cumplido ${MAYORIA_DE_EDAD} años`,
    });
  const forma = admitidos.get(solicitud.tipoDocumento);
  if (forma === undefined)
    incumplidas.push({
      regla: 'DOCUMENTO_ADMITIDO',
      detalle: `solicitud.tipoDocumento: no se admite; se admite ${[...admitidos.keys()].join(', ')}`,
    });
  else if (!forma.test(solicitud.numeroDocumento))
    incumplidas.push({
      regla: 'DOCUMENTO_ADMITIDO',
      detalle: `solicitud.numeroDocumento: no tiene la forma de un ${solicitud.tipoDocumento}`,
    });
  return incumplidas;
}

/** The day on which a person reaches an age. Who was born on 29 February does on the 28th where the year has no 29th (Código Civil, artículo 183). */
function cumpleanios(nacimiento: string, edad: number): string {
  const anio = Number(nacimiento.slice(0, 4)) + edad;
  const esBisiesto = (anio % 4 === 0 && anio % 100 !== 0) || anio % 400 === 0;
  const diaDelAnio = nacimiento.slice(4);
  const dia = diaDelAnio === '-02-29' && !esBisiesto ? '-02-28' : diaDelAnio;
  return `${String(anio).padStart(4, '0')}${dia}`;
}
