/** Certificates that are not what was asked, one kind of fault at a time. */
import * as x509 from '@peculiar/x509';
import type { CertificateFault } from './behaviour.ts';
import { createStranger, type Authority } from '../authority/certificate-authority.ts';
import { issueCertificate, type CertificateRequest } from '../authority/issue-certificate.ts';
import type { PublicUrls } from '../authority/public-urls.ts';
import type { Store } from '../adapter/store.ts';

interface FaultyIssue {
  issuing: Authority;
  urls: PublicUrls;
  request: CertificateRequest;
  now: Date;
  store: Store;
}

/** To whom the wrong certificates go. */
const OTHER_CITIZEN = {
  numeroDocumento: '00000001',
  nombres: 'Persona',
  apellidoPaterno: 'Equivocada',
  apellidoMaterno: 'Distinta',
};

const OTHER_TYPE = {
  FIRMA_DIGITAL: 'AUTENTICACION',
  AUTENTICACION: 'CIFRADO',
  CIFRADO: 'FIRMA_DIGITAL',
} as const;

export async function issueFaulty(
  fault: CertificateFault,
  { issuing, urls, request, now, store }: FaultyIssue,
): Promise<x509.X509Certificate> {
  const issue = (changes: Partial<CertificateRequest>, deviations = {}, authority = issuing) =>
    issueCertificate(authority, urls, { ...request, ...changes }, now, deviations);
  const earlier = store.latestOfAnother(request.solicitud.codigoSolicitudTramite);
  switch (fault) {
    case 'OTRO_CIUDADANO':
      return issue({
        solicitud: { ...request.solicitud, ...OTHER_CITIZEN },
        ciudadano: { ...request.ciudadano, ...OTHER_CITIZEN },
      });
    case 'OTRO_TIPO':
      return issue({ tipo: OTHER_TYPE[request.tipo] });
    case 'USO_DE_CLAVE':
      return issue({}, { keyUsage: x509.KeyUsageFlags.keyCertSign });
    case 'VIGENCIA':
      return issue({ vigenciaAnios: request.vigenciaAnios + 1 });
    case 'SERIE_REPETIDA':
      return issue({}, { serialNumber: existing(earlier).numeroSerie });
    case 'CLAVE_REPETIDA':
      return issue({ publicKey: existing(earlier).publicKey });
    case 'FIRMA_ROTA':
      return withBrokenSignature(await issue({}));
    case 'EMISOR_DESCONOCIDO':
      return issue({}, {}, await createStranger(issuing.keyType, now));
  }
}

function existing<T>(earlier: T | null): T {
  if (earlier === null) throw new Error('nothing was issued before that this fault could repeat');
  return earlier;
}

/** The signature is the last field of a certificate (RFC 5280, 4.1): one bit of it changes. */
function withBrokenSignature(certificate: x509.X509Certificate): x509.X509Certificate {
  const der = Buffer.from(certificate.rawData);
  der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
  return new x509.X509Certificate(der);
}
