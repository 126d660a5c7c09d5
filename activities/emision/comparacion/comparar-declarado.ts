/** What MsAdaptadorPKI says of a certificate, against the certificate itself. */
import type { CertificadoRecibido } from '../../../shared/emision/contrato.ts';
import { citar, fechaIso } from './citar.ts';
import type { CertificadoLeido } from './leer-certificado.ts';

const ESTADO_ACTIVO = 'ACTIVO';

/** Faults of the description alone, whether or not the certificate could be read. */
export function compararDescripcion({ certificadoId, estadoCertificado }: CertificadoRecibido): string[] {
  return [
    ...(certificadoId.trim() === '' ? ['certificadoId: está en blanco'] : []),
    ...(estadoCertificado === ESTADO_ACTIVO
      ? []
      : [`estadoCertificado: se esperaba ${ESTADO_ACTIVO} y llegó ${citar(estadoCertificado)}`]),
  ];
}

export function compararDeclarado(recibido: CertificadoRecibido, certificado: CertificadoLeido): string[] {
  const { numeroSerie, fechaEmision, fechaVencimiento } = recibido;
  return [
    ...(serieDeclarada(numeroSerie) === certificado.serie
      ? []
      : [
          `numeroSerie: el certificado lleva ${citar(certificado.numeroSerie)} y el adaptador dice ${citar(numeroSerie)}`,
        ]),
    ...compararFecha('fechaEmision', fechaEmision, certificado.desde),
    ...compararFecha('fechaVencimiento', fechaVencimiento, certificado.hasta),
  ];
}

function compararFecha(campo: string, declarada: string, leida: Date): string[] {
  const instante = FECHA_HORA.test(declarada) ? Date.parse(declarada) : NaN;
  return Math.floor(instante / 1000) === Math.floor(leida.getTime() / 1000)
    ? []
    : [`${campo}: el certificado lleva ${citar(fechaIso(leida))} y el adaptador dice ${citar(declarada)}`];
}

/** ISO 8601 with its offset: without one the instant would depend on where we run. */
const FECHA_HORA = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** Hex of either case, with or without colons or leading zeros: an integer. */
const SERIE = /^[0-9A-F]+(:[0-9A-F]+)*$/i;
const LONGITUD_MAXIMA_SERIE = 200;

function serieDeclarada(texto: string): bigint | null {
  const esSerie = texto.length <= LONGITUD_MAXIMA_SERIE && SERIE.test(texto);
  return esSerie ? BigInt(`0x${texto.replaceAll(':', '')}`) : null;
}
