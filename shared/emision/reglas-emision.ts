/**
 * What a request must fulfil to be issued certificates: docs/status-codes.md (422). All rules stand here, each with its source.
 * Others are the PKI's own, and come back as its refusal.
 */
import type { SolicitudCertificado } from './solicitud.ts';

/** MAYORIA_DE_EDAD. Full legal capacity: Código Civil, artículo 42. */
const EDAD_MINIMA = 18;

/**
 * DOCUMENTO_ADMITIDO. Each kind of document (tipoDocumento) that is admitted, with the form of its number. The core
 * specification leaves the kinds open; DOCUMENTOS_ADMITIDOS names them, and the DNI has 8 digits.
 */
export type DocumentosAdmitidos = ReadonlyMap<string, RegExp>;

/**
 * VIGENCIA_DEL_EMISOR. A certificate lives within its issuer's: a path of which one certificate has expired is not valid
 * (RFC 5280, 4.1.2.5 and 6.1.3). The PKI issues 365 days for each year asked (docs/certificates.md).
 */
const DIA_MS = 24 * 3_600_000;
const DIAS_DEL_ANIO = 365;

type Regla = 'MAYORIA_DE_EDAD' | 'DOCUMENTO_ADMITIDO' | 'VIGENCIA_DEL_EMISOR';

/** What the rules are held against, beside the request itself. */
export interface ReglasEnVigor {
  documentosAdmitidos: DocumentosAdmitidos;
  /** When the last of the issuing authorities ends; null where that is not known, and then the rule is not applied. */
  finDelEmisor: Date | null;
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
 * What this request breaks, in Spanish: each begins with the path of its field and ends with the rule's name.
 * @param aceptada when the request came
 */
export function reglasIncumplidas(
  { solicitud, ciudadano, configuracionCertificados }: SolicitudCertificado,
  aceptada: Date,
  { documentosAdmitidos, finDelEmisor }: ReglasEnVigor,
): string[] {
  const incumplidas: string[] = [];
  const incumple = (regla: Regla, falta: string) => incumplidas.push(`${falta} (regla ${regla})`);

  if (cumpleanios(ciudadano.fechaNacimiento, EDAD_MINIMA) > diaEnPeru(aceptada))
    incumple(
      'MAYORIA_DE_EDAD',
      `ciudadano.fechaNacimiento: el ciudadano debe haber cumplido ${EDAD_MINIMA} años`,
    );

  const forma = documentosAdmitidos.get(solicitud.tipoDocumento);
  if (forma === undefined)
    incumple(
      'DOCUMENTO_ADMITIDO',
      `solicitud.tipoDocumento: no se admite; se admite ${[...documentosAdmitidos.keys()].join(', ')}`,
    );
  else if (!forma.test(solicitud.numeroDocumento))
    incumple(
      'DOCUMENTO_ADMITIDO',
      `solicitud.numeroDocumento: no tiene la forma de un ${solicitud.tipoDocumento}`,
    );

  const { vigenciaAnios } = configuracionCertificados;
  const finDelCertificado = aceptada.getTime() + vigenciaAnios * DIAS_DEL_ANIO * DIA_MS;
  if (finDelEmisor !== null && finDelCertificado > finDelEmisor.getTime())
    incumple(
      'VIGENCIA_DEL_EMISOR',
      `configuracionCertificados.vigenciaAnios: el certificado vencería después que la autoridad que lo emite, ` +
        `que vence el ${diaEnPeru(finDelEmisor)}`,
    );
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
