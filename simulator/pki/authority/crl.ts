/** Certificate revocation lists. Nothing revokes yet, so both lists are empty; signed anew at each request. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { AsnConvert } from '@peculiar/asn1-schema';
import { CRLNumber, id_ce_cRLNumber } from '@peculiar/asn1-x509';
import type { Authority } from './certificate-authority.ts';
import { AUTHORITY_SIGNATURES } from './key-algorithms.ts';

const NEXT_UPDATE_MS = 7 * 24 * 3_600_000;

/** The authority's list as DER. Its number is the second in which it was signed: it never goes back. */
export async function createCrl(authority: Authority, now: Date): Promise<Uint8Array> {
  const second = Math.floor(now.getTime() / 1000);
  const thisUpdate = new Date(second * 1000);
  const crl = await x509.X509CrlGenerator.create({
    issuer: authority.certificate.subjectName,
    thisUpdate,
    nextUpdate: new Date(thisUpdate.getTime() + NEXT_UPDATE_MS),
    signingKey: authority.signingKey,
    signingAlgorithm: AUTHORITY_SIGNATURES[authority.keyType].webcrypto,
    extensions: [
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate.publicKey),
      new x509.Extension(id_ce_cRLNumber, false, AsnConvert.serialize(new CRLNumber(second))),
    ],
  });
  return new Uint8Array(crl.rawData);
}
