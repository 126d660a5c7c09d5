/** Trust: the configured roots and intermediates, and the path from a certificate to one of the roots. */
import { leerCertificado, type CertificadoLeido } from './leer-certificado.ts';
import { citar, fechaIso } from './citar.ts';

export interface Anclas {
  raices: CertificadoLeido[];
  intermedios: CertificadoLeido[];
}

export type Cadena =
  | { completa: true; emisores: CertificadoLeido[] }
  | { completa: false; emisores: CertificadoLeido[]; faltas: string[] };

export interface CondicionesDeCadena {
  ahora: Date;
  hashesDeFirma: readonly string[];
}

const BLOQUE_PEM = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

/**
 * Reads PKI_TRUST_ANCHORS: one PEM text with the roots (self-signed) and the intermediates, in any order.
 * @throws Error where a block is no certificate, or none is a root
 */
export function cargarAnclas(pem: string): Anclas {
  const certificados = [...pem.matchAll(BLOQUE_PEM)].map(([, base64 = ''], i) => {
    const lectura = leerCertificado(Buffer.from(base64, 'base64'));
    // The operator vouches for these: an attribute that the two parsers name differently is no fault of theirs.
    if (!lectura.legible) {
      throw new Error(`Trust anchors: block ${i + 1} is not a readable X.509 certificate`);
    }
    return lectura.certificado;
  });
  const raices = certificados.filter((uno) => loFirmo(uno, uno));
  if (raices.length === 0) throw new Error('Trust anchors: no self-signed root certificate among them');
  return { raices, intermedios: certificados.filter((uno) => !raices.includes(uno)) };
}

/** Looks for a path from the certificate to a root, over every candidate of the issuer's name (RFC 5280, 6.1). */
export function buscarCadena(
  certificado: CertificadoLeido,
  anclas: Anclas,
  condiciones: CondicionesDeCadena,
): Cadena {
  return subir(certificado, [], anclas, condiciones);
}

function subir(
  desde: CertificadoLeido,
  emisores: CertificadoLeido[],
  anclas: Anclas,
  condiciones: CondicionesDeCadena,
): Cadena {
  const candidatos = [...anclas.raices, ...anclas.intermedios].filter(
    (uno) => uno.subjectDN === desde.issuerDN && !emisores.includes(uno),
  );
  if (candidatos.length === 0) {
    const falta = `cadena: se esperaba un emisor de las anclas de confianza y llegó ${citar(desde.issuerDN)}`;
    return { completa: false, emisores, faltas: [falta] };
  }
  const fallidas: Cadena[] = [];
  for (const emisor of candidatos) {
    const esRaiz = anclas.raices.includes(emisor);
    const faltas = faltasDelEmisor(emisor, desde, emisores, esRaiz, condiciones);
    const camino = [...emisores, emisor];
    if (faltas.length > 0) fallidas.push({ completa: false, emisores: camino, faltas });
    else if (esRaiz) return { completa: true, emisores: camino };
    else {
      const resto = subir(emisor, camino, anclas, condiciones);
      if (resto.completa) return resto;
      fallidas.push(resto);
    }
  }
  return {
    completa: false,
    emisores: fallidas[0]?.emisores ?? emisores,
    faltas: [...new Set(fallidas.flatMap((una) => (una.completa ? [] : una.faltas)))],
  };
}

function faltasDelEmisor(
  emisor: CertificadoLeido,
  emitido: CertificadoLeido,
  anteriores: readonly CertificadoLeido[],
  esRaiz: boolean,
  { ahora, hashesDeFirma }: CondicionesDeCadena,
): string[] {
  const nombre = citar(emisor.subjectDN);
  const faltas: string[] = [];
  if (!loFirmo(emisor, emitido)) faltas.push(`cadena: la firma no es la del emisor ${nombre}`);
  if (emitido.idClaveEmisor !== null && emisor.idClave !== null && emitido.idClaveEmisor !== emisor.idClave) {
    faltas.push(`cadena: el authorityKeyIdentifier no es la clave del emisor ${nombre}`);
  }
  if (emisor.basicConstraints?.esCa !== true) faltas.push(`cadena: el emisor ${nombre} no es una CA`);
  if (emisor.usosDeClave?.includes('keyCertSign') !== true) {
    faltas.push(`cadena: la clave del emisor ${nombre} no sirve para firmar certificados`);
  }
  // RFC 5280, 4.2.1.9: pathLenConstraint counts the intermediates below, but for the self-issued.
  const intermediosDebajo = anteriores.filter((uno) => uno.subjectDN !== uno.issuerDN).length;
  const maximo = emisor.basicConstraints?.longitudMaximaRuta ?? null;
  if (maximo !== null && intermediosDebajo > maximo) {
    faltas.push(
      `cadena: el emisor ${nombre} admite ${maximo} intermedios debajo de él y hay ${intermediosDebajo}`,
    );
  }
  if (ahora < emisor.desde || ahora > emisor.hasta) {
    faltas.push(
      `cadena: el emisor ${nombre} vale del ${fechaIso(emisor.desde)} al ${fechaIso(emisor.hasta)}, no hoy`,
    );
  }
  // A root is trusted because it is configured, not for its own signature.
  if (!esRaiz && !hashesDeFirma.includes(emisor.algoritmoFirma.hash ?? '')) {
    faltas.push(`cadena: el emisor ${nombre} lleva una firma con ${citar(emisor.algoritmoFirma.nombre)}`);
  }
  if (faltas.length === 0 && !emitido.x509.checkIssued(emisor.x509)) {
    faltas.push(`cadena: OpenSSL no reconoce a ${nombre} como el emisor`);
  }
  return faltas;
}

function loFirmo(emisor: CertificadoLeido, emitido: CertificadoLeido): boolean {
  try {
    return emitido.x509.verify(emisor.clavePublica);
  } catch {
    // OpenSSL throws where key and algorithm don't fit: no signature of this key either.
    return false;
  }
}
