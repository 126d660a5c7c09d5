/** When the certificate begins and ends, against what was asked, the clock and its issuer. */
import type { PerfilCertificado } from '../../../shared/emision/perfil-certificado.ts';
import { fechaIso } from './citar.ts';
import type { CertificadoLeido } from './leer-certificado.ts';

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
  const finExacto = enAnios(desde, vigenciaAnios);
  if (Math.abs(hasta.getTime() - finExacto.getTime()) > vigencia.toleranciaS * 1000) {
    faltas.push(
      `vigencia: se esperaban ${vigenciaAnios} años, hasta ${fechaIso(finExacto)} con un margen de ` +
        `${vigencia.toleranciaS} s, y llegó hasta ${fechaIso(hasta)}`,
    );
  }
  const desdeMinimo = new Date(aceptadaEn.getTime() - vigencia.anticipacionS * 1000);
  const desdeMaximo = new Date(ahora.getTime() + vigencia.relojAdelantadoS * 1000);
  if (!(desde >= desdeMinimo && desde <= desdeMaximo)) {
    faltas.push(
      `vigencia: se esperaba que empezara entre ${fechaIso(desdeMinimo)} y ${fechaIso(desdeMaximo)}, ` +
        `y empieza ${fechaIso(desde)}`,
    );
  }
  if (emisor !== null && (desde < emisor.desde || hasta > emisor.hasta)) {
    faltas.push(
      `vigencia: se esperaba dentro de la del emisor, del ${fechaIso(emisor.desde)} al ${fechaIso(emisor.hasta)}, ` +
        `y va del ${fechaIso(desde)} al ${fechaIso(hasta)}`,
    );
  }
  return faltas;
}

/** Calendar years; from 29 February to a common year it ends on 1 March. */
function enAnios(fecha: Date, anios: number): Date {
  const fin = new Date(fecha);
  fin.setUTCFullYear(fin.getUTCFullYear() + anios);
  return fin;
}
