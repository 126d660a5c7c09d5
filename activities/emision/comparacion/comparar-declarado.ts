/**
 * Compares what MsAdaptadorPKI says of a certificate with the certificate itself. A contradiction is a fault. What cannot
 * be read contradicts nothing: it is noted for support, and the certificate stands.
 */
import type { CertificadoRecibido } from '../../../shared/emision/contrato.ts';
import { citar, escribirFecha } from '../../../shared/x509/citar.ts';
import type { CertificadoLeido } from '../../../shared/x509/leer-certificado.ts';
import { leerFechaDeclarada } from './fecha-declarada.ts';

export const ESTADO_ACTIVO = 'ACTIVO';

export interface Declarado {
  faltas: string[];
  /** Names of the fields that cannot be read; never their words, which may be a person's. */
  ilegibles: string[];
}

/** @param certificado null where it cannot be read: there is nothing to compare with */
export function compararDeclarado(
  recibido: CertificadoRecibido,
  certificado: CertificadoLeido | null,
): Declarado {
  const { certificadoId, estadoCertificado, numeroSerie, fechaEmision, fechaVencimiento } = recibido;
  const partes = [
    { falta: null, esIlegible: certificadoId.trim() === '', campo: 'certificadoId' },
    compararEstado(estadoCertificado),
    ...(certificado
      ? [
          compararSerie(numeroSerie, certificado),
          compararFecha('fechaEmision', fechaEmision, certificado.desde),
          compararFecha('fechaVencimiento', fechaVencimiento, certificado.hasta),
        ]
      : []),
  ];
  return {
    faltas: partes.flatMap(({ falta }) => (falta === null ? [] : [falta])),
    ilegibles: partes.filter(({ esIlegible }) => esIlegible).map(({ campo }) => campo),
  };
}

interface Parte {
  campo: string;
  falta: string | null;
  esIlegible: boolean;
}

/** Compares in any case; a text without a letter says nothing. */
function compararEstado(estado: string): Parte {
  const campo = 'estadoCertificado';
  if (!/\p{L}/u.test(estado)) return { campo, falta: null, esIlegible: true };
  const falta =
    estado.trim().toUpperCase() === ESTADO_ACTIVO
      ? null
      : `${campo}: se esperaba ${ESTADO_ACTIVO} y llegó ${citar(estado)}`;
  return { campo, falta, esIlegible: false };
}

/** Hex of either case, with or without colons or leading zeros: an integer. */
const SERIE = /^(?:0x)?[0-9A-F]+(:[0-9A-F]+)*$/i;
const LONGITUD_MAXIMA_SERIE = 200;

function compararSerie(declarada: string, { serie, numeroSerie }: CertificadoLeido): Parte {
  const campo = 'numeroSerie';
  const texto = declarada.trim();
  if (texto.length > LONGITUD_MAXIMA_SERIE || !SERIE.test(texto))
    return { campo, falta: null, esIlegible: true };
  const leida = BigInt(`0x${texto.replace(/^0x/i, '').replaceAll(':', '')}`);
  const falta =
    leida === serie
      ? null
      : `${campo}: el certificado lleva ${citar(numeroSerie)} y el adaptador dice ${citar(declarada)}`;
  return { campo, falta, esIlegible: false };
}

function compararFecha(campo: string, declarada: string, leida: Date): Parte {
  const intervalo = leerFechaDeclarada(declarada);
  if (intervalo === null) return { campo, falta: null, esIlegible: true };
  const ms = leida.getTime();
  const falta =
    ms >= intervalo.desdeMs && ms < intervalo.hastaMs
      ? null
      : `${campo}: el certificado lleva ${citar(escribirFecha(leida))} y el adaptador dice ${citar(declarada)}`;
  return { campo, falta, esIlegible: false };
}
