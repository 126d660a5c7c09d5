/** Compares kind and size of the key, and the serial number. */
import type { PerfilCertificado } from './perfil-certificado.ts';
import { citar } from '../../../shared/x509/citar.ts';
import { motivoInsegura } from '../../../shared/x509/clave-segura.ts';
import { CURVAS } from '../../../shared/x509/identificadores.ts';
import type { CertificadoLeido } from '../../../shared/x509/leer-certificado.ts';

const OCTETOS_MAXIMOS_SERIE = 20;

/** Bits: of the modulus (RSA) or of the field (EC). 0 where it is a key of another kind. */
export function longitudClave({ clavePublica }: CertificadoLeido): number {
  const { modulusLength } = clavePublica.asymmetricKeyDetails ?? {};
  return modulusLength ?? curvaDe(clavePublica)?.bits ?? 0;
}

export function compararClave(certificado: CertificadoLeido, perfil: PerfilCertificado): string[] {
  const delPerfil = compararClavePublica(certificado, perfil.claves);
  const insegura = delPerfil.length === 0 ? motivoInsegura(certificado.clavePublica) : null;
  return [...delPerfil, ...(insegura ? [`clave: ${insegura}`] : []), ...compararSerie(certificado)];
}

function compararClavePublica(
  certificado: CertificadoLeido,
  { RSA, EC }: PerfilCertificado['claves'],
): string[] {
  const { asymmetricKeyType: tipo, asymmetricKeyDetails: detalles } = certificado.clavePublica;
  if (tipo === 'rsa' && RSA !== undefined) {
    const bits = longitudClave(certificado);
    const exponente = detalles?.publicExponent ?? 0n;
    return [
      ...(bits >= RSA.bitsMinimos
        ? []
        : [`clave: se esperaba RSA de ${RSA.bitsMinimos} bits o más y llegó de ${bits}`]),
      ...(exponente >= BigInt(RSA.exponenteMinimo) && exponente % 2n === 1n
        ? []
        : [
            `clave: se esperaba un exponente impar de ${RSA.exponenteMinimo} o más y llegó ${citar(exponente.toString())}`,
          ]),
    ];
  }
  if (tipo === 'ec' && EC !== undefined) {
    const curva = curvaDe(certificado.clavePublica)?.nombre;
    return curva !== undefined && EC.curvas.includes(curva)
      ? []
      : [
          `clave: se esperaba EC en ${EC.curvas.join(' o ')} y llegó en ${detalles?.namedCurve ?? 'otra curva'}`,
        ];
  }
  const admitidas = [RSA && 'RSA', EC && 'EC'].filter((una) => una !== undefined);
  return [`clave: se esperaba ${admitidas.join(' o ')} y llegó ${tipo ?? 'otra'}`];
}

/** RFC 5280, 4.1.2.2. */
function compararSerie({ serie, numeroSerie }: CertificadoLeido): string[] {
  // A twentieth octet with its high bit set needs a twenty-first for the sign.
  const cabe = serie < 1n << BigInt(OCTETOS_MAXIMOS_SERIE * 8 - 1);
  return serie > 0n && cabe
    ? []
    : [
        `numeroSerie: se esperaba un entero positivo de ${OCTETOS_MAXIMOS_SERIE} octetos como máximo y llegó ${citar(numeroSerie)}`,
      ];
}

function curvaDe({ asymmetricKeyDetails }: CertificadoLeido['clavePublica']) {
  const { namedCurve } = asymmetricKeyDetails ?? {};
  return Object.entries(CURVAS).find(([nombre]) => nombre === namedCurve)?.[1];
}
