/** Version, extensions, their critical bits, and what the key may be used for. */
import type { PerfilCertificado } from './perfil-certificado.ts';
import type { TipoCertificado } from '../../../shared/emision/solicitud.ts';
import { enumerar } from '../../../shared/x509/citar.ts';
import { nombreDeExtension, nombreDeUso } from '../../../shared/x509/identificadores.ts';
import type { CertificadoLeido } from '../../../shared/x509/leer-certificado.ts';

/** Whatever the profile says: without it strict readers refuse a certificate. */
const SIEMPRE_OBLIGATORIA = 'authorityKeyIdentifier';

export function compararExtensiones(
  certificado: CertificadoLeido,
  tipo: TipoCertificado,
  perfil: PerfilCertificado,
): string[] {
  return [
    ...(certificado.version === 3 ? [] : [`versión: se esperaba 3 y llegó ${certificado.version}`]),
    ...compararPresencia(certificado, perfil),
    ...(certificado.basicConstraints?.esCa === true
      ? ['basicConstraints: se esperaba CA=FALSE y llegó CA=TRUE']
      : []),
    // RFC 5280, 4.2.1.1: it must name the key, whatever else it names its issuer by.
    ...(certificado.idClaveEmisor?.clave === null ? ['authorityKeyIdentifier: no nombra la clave'] : []),
    ...compararUsosDeClave(certificado, perfil.tipos[tipo]),
    ...compararConjunto(
      'extendedKeyUsage',
      perfil.tipos[tipo].usosExtendidos.map(nombreDeUso),
      certificado.usosExtendidos?.map(nombreDeUso) ?? null,
    ),
  ];
}

function compararPresencia({ extensiones }: CertificadoLeido, perfil: PerfilCertificado): string[] {
  const faltas: string[] = [];
  const esperadas = new Map(
    Object.entries(perfil.extensiones).map(([clave, regla]) => [nombreDeExtension(clave), regla]),
  );
  const presentes = extensiones.map(({ oid, critica }) => ({
    nombre: nombreDeExtension(oid),
    critica,
  }));
  for (const [nombre, regla] of esperadas) {
    const suyas = presentes.filter((una) => una.nombre === nombre);
    const esObligatoria = regla.obligatoria || nombre === SIEMPRE_OBLIGATORIA;
    if (suyas.length === 0 && esObligatoria) faltas.push(`${nombre}: falta`);
    if (suyas.length > 1) faltas.push(`${nombre}: está ${suyas.length} veces`);
    if (suyas.some(({ critica }) => critica !== regla.critica)) {
      faltas.push(
        `${nombre}: se esperaba ${regla.critica ? 'crítica y llegó no crítica' : 'no crítica y llegó crítica'}`,
      );
    }
  }
  for (const { nombre, critica } of presentes) {
    if (!esperadas.has(nombre)) {
      faltas.push(
        `${nombre}: el perfil no admite esta extensión${critica ? ', que además llegó crítica' : ''}`,
      );
    }
  }
  return faltas;
}

function compararUsosDeClave(
  { usosDeClave, clavePublica }: CertificadoLeido,
  { usosDeClave: esperados }: PerfilCertificado['tipos'][TipoCertificado],
): string[] {
  const usos = clavePublica.asymmetricKeyType === 'ec' ? esperados.EC : esperados.RSA;
  return compararConjunto('keyUsage', usos, usosDeClave);
}

/** Exactly these, once each. An absent extension is named by compararPresencia. */
function compararConjunto(
  extension: string,
  esperados: readonly string[],
  llegados: readonly string[] | null,
): string[] {
  if (llegados === null) return [];
  const iguales =
    llegados.length === esperados.length && esperados.every((esperado) => llegados.includes(esperado));
  return iguales
    ? []
    : [`${extension}: se esperaba ${enumerar(esperados)} y llegó ${enumerar(llegados.slice(0, 20))}`];
}
