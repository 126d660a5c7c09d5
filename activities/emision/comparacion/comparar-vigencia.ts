/** When the certificate begins and ends, against what was asked, the clock and its issuer. */
import type { PerfilCertificado } from './perfil-certificado.ts';
import { escribirFecha } from '../../../shared/x509/citar.ts';
import type { CertificadoLeido } from '../../../shared/x509/leer-certificado.ts';

const ANIO_DE_365_DIAS_MS = 365 * 86_400_000;

export interface VigenciaEsperada {
  vigenciaAnios: number;
  /** First acceptance of the codigo. */
  aceptadaEn: Date;
  ahora: Date;
  /** null where no issuer was found: the chain's own fault. */
  emisor: CertificadoLeido | null;
}

export function compararVigencia(
  { desde, hasta }: CertificadoLeido,
  { vigenciaAnios, aceptadaEn, ahora, emisor }: VigenciaEsperada,
  { vigencia }: PerfilCertificado,
): string[] {
  const faltas: string[] = [];
  const fines = [enAnios(desde, vigenciaAnios), desde.getTime() + vigenciaAnios * ANIO_DE_365_DIAS_MS];
  const margenMs = vigencia.toleranciaS * 1000;
  // notAfter is still within the validity: an issuer that counts that second ends one earlier.
  const finMinimo = new Date(Math.min(...fines) - margenMs - 1000);
  const finMaximo = new Date(Math.max(...fines) + margenMs);
  if (!(hasta >= finMinimo && hasta <= finMaximo)) {
    faltas.push(
      `vigencia: se esperaban ${vigenciaAnios} años, hasta entre ${escribirFecha(finMinimo)} y ${escribirFecha(finMaximo)}, ` +
        `y llegó hasta ${escribirFecha(hasta)}`,
    );
  }
  const desdeMinimo = new Date(aceptadaEn.getTime() - vigencia.anticipacionS * 1000);
  const desdeMaximo = new Date(ahora.getTime() + vigencia.relojAdelantadoS * 1000);
  if (!(desde >= desdeMinimo && desde <= desdeMaximo)) {
    faltas.push(
      `vigencia: se esperaba que empezara entre ${escribirFecha(desdeMinimo)} y ${escribirFecha(desdeMaximo)}, ` +
        `y empieza ${escribirFecha(desde)}`,
    );
  }
  if (emisor !== null && (desde < emisor.desde || hasta > emisor.hasta)) {
    faltas.push(
      `vigencia: se esperaba dentro de la del emisor, del ${escribirFecha(emisor.desde)} al ${escribirFecha(emisor.hasta)}, ` +
        `y va del ${escribirFecha(desde)} al ${escribirFecha(hasta)}`,
    );
  }
  return faltas;
}

/** Calendar years; from 29 February to a common year it ends on 1 March. */
function enAnios(fecha: Date, anios: number): number {
  return new Date(fecha).setUTCFullYear(fecha.getUTCFullYear() + anios);
}
