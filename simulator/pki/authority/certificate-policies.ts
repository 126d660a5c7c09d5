import { AsnConvert, AsnIA5StringConverter } from '@peculiar/asn1-schema';
import {
  CertificatePolicies,
  PolicyInformation,
  PolicyQualifierInfo,
  id_ce_certificatePolicies,
} from '@peculiar/asn1-x509';
import { Extension } from '@peculiar/x509';

const CPS_QUALIFIER = '1.3.6.1.5.5.7.2.1';

/** The certificatePolicies extension; the first policy points to the statement of practices. */
export function certificatePolicies(
  [own, ...others]: readonly [string, ...string[]],
  cps: string,
): Extension {
  const withCps = new PolicyInformation({
    policyIdentifier: own,
    policyQualifiers: [
      new PolicyQualifierInfo({
        policyQualifierId: CPS_QUALIFIER,
        qualifier: AsnIA5StringConverter.toASN(cps).toBER(),
      }),
    ],
  });
  const rest = others.map((policyIdentifier) => new PolicyInformation({ policyIdentifier }));
  const value = new CertificatePolicies([withCps, ...rest]);
  return new Extension(id_ce_certificatePolicies, false, AsnConvert.serialize(value));
}
