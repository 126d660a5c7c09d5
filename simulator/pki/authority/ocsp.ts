/** Online status of certificates (RFC 6960), signed by the issuing authority itself. */
import 'reflect-metadata';
import { createHash, sign } from 'node:crypto';
import {
  BasicOCSPResponse,
  CertStatus,
  KeyHash,
  OCSPRequest,
  OCSPResponse,
  OCSPResponseStatus,
  ResponderID,
  ResponseBytes,
  ResponseData,
  SingleResponse,
  id_pkix_ocsp_basic,
  id_pkix_ocsp_nonce,
  type CertID,
} from '@peculiar/asn1-ocsp';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier, Certificate } from '@peculiar/asn1-x509';
import type { Authority } from './certificate-authority.ts';
import { AUTHORITY_SIGNATURES } from './key-algorithms.ts';

const NEXT_UPDATE_MS = 24 * 3_600_000;
/** Digests by which a request may name its issuer. */
const DIGESTS: Record<string, string> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

export interface OcspResponder {
  /** Answers a DER request with a DER response; a request that cannot be read gets malformedRequest. */
  answer(request: Uint8Array): Uint8Array;
}

/** @param issued tells whether the issuing authority issued this serial number (upper-case hex) */
export function createOcspResponder(
  issuing: Authority,
  issued: (numeroSerie: string) => boolean,
  clock: () => Date,
): OcspResponder {
  const { tbsCertificate } = AsnConvert.parse(issuing.certificate.rawData, Certificate);
  const issuerName = new Uint8Array(AsnConvert.serialize(tbsCertificate.subject));
  const issuerKey = new Uint8Array(tbsCertificate.subjectPublicKeyInfo.subjectPublicKey);

  function isKnown(id: CertID): boolean {
    const digest = DIGESTS[id.hashAlgorithm.algorithm];
    if (digest === undefined) return false;
    const isOurs =
      createHash(digest).update(issuerName).digest().equals(bytes(id.issuerNameHash)) &&
      createHash(digest).update(issuerKey).digest().equals(bytes(id.issuerKeyHash));
    return isOurs && issued(bytes(id.serialNumber).toString('hex').toUpperCase());
  }

  function signed(data: ResponseData): BasicOCSPResponse {
    const { digest, oid, parameters } = AUTHORITY_SIGNATURES[issuing.keyType];
    const signature = sign(digest, bytes(AsnConvert.serialize(data)), issuing.privateKey);
    return new BasicOCSPResponse({
      tbsResponseData: data,
      signatureAlgorithm: new AlgorithmIdentifier({ algorithm: oid, ...(parameters && { parameters }) }),
      signature: new Uint8Array(signature).buffer,
    });
  }

  return {
    answer(request) {
      const asked = parseRequest(request);
      if (asked === null)
        return serialize(new OCSPResponse({ responseStatus: OCSPResponseStatus.malformedRequest }));
      const now = new Date(Math.floor(clock().getTime() / 1000) * 1000);
      const nonce = asked.requestExtensions?.find(({ extnID }) => extnID === id_pkix_ocsp_nonce);
      const basic = signed(
        new ResponseData({
          responderID: new ResponderID({
            byKey: new KeyHash(new Uint8Array(createHash('sha1').update(issuerKey).digest())),
          }),
          producedAt: now,
          responses: asked.requestList.map(
            ({ reqCert }) =>
              new SingleResponse({
                certID: reqCert,
                certStatus: new CertStatus(isKnown(reqCert) ? { good: null } : { unknown: null }),
                thisUpdate: now,
                nextUpdate: new Date(now.getTime() + NEXT_UPDATE_MS),
              }),
          ),
          ...(nonce && { responseExtensions: [nonce] }),
        }),
      );
      return serialize(
        new OCSPResponse({
          responseStatus: OCSPResponseStatus.successful,
          responseBytes: new ResponseBytes({
            responseType: id_pkix_ocsp_basic,
            response: new OctetString(AsnConvert.serialize(basic)),
          }),
        }),
      );
    },
  };
}

function parseRequest(request: Uint8Array): OCSPRequest['tbsRequest'] | null {
  try {
    return AsnConvert.parse(request, OCSPRequest).tbsRequest;
  } catch {
    return null;
  }
}

function serialize(response: OCSPResponse): Uint8Array {
  return new Uint8Array(AsnConvert.serialize(response));
}

function bytes(value: ArrayBuffer | OctetString): Buffer {
  return Buffer.from(value instanceof OctetString ? value.buffer : value);
}
