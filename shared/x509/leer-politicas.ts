/** The extensions of certificate policies, as the path's policies need them. */
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  CertificatePolicies,
  InhibitAnyPolicy,
  PolicyConstraints,
  PolicyMappings,
} from '@peculiar/asn1-x509';
import type { Extension } from './identificadores.ts';
import type { PoliticasDeCertificado } from './ruta/politicas.ts';

/** Reads the value of an extension; null where there is none, or where the lector throws. */
type LeerExtension = <T>(nombre: Extension, lector: (valor: ArrayBuffer) => T) => T | null;

export function leerPoliticas(leerExtension: LeerExtension): PoliticasDeCertificado {
  const restricciones = leerExtension('policyConstraints', (valor) => {
    const { requireExplicitPolicy, inhibitPolicyMapping } = AsnConvert.parse(valor, PolicyConstraints);
    if (!requireExplicitPolicy && !inhibitPolicyMapping) throw new Error('no constraint');
    return {
      exigeExplicita: requireExplicitPolicy ? cuenta(requireExplicitPolicy) : null,
      inhibeMapeo: inhibitPolicyMapping ? cuenta(inhibitPolicyMapping) : null,
    };
  });
  return {
    politicas: leerExtension('certificatePolicies', (valor) => {
      const politicas = Array.from(
        AsnConvert.parse(valor, CertificatePolicies),
        ({ policyIdentifier }) => policyIdentifier,
      );
      if (politicas.length === 0) throw new Error('no policy');
      if (new Set(politicas).size !== politicas.length) throw new Error('a policy twice');
      return politicas;
    }),
    mapeos:
      leerExtension('policyMappings', (valor) => {
        const mapeos = Array.from(AsnConvert.parse(valor, PolicyMappings));
        if (mapeos.length === 0) throw new Error('no mapping');
        return mapeos.map(({ issuerDomainPolicy, subjectDomainPolicy }) => ({
          emisor: issuerDomainPolicy,
          sujeto: subjectDomainPolicy,
        }));
      }) ?? [],
    exigeExplicita: restricciones?.exigeExplicita ?? null,
    inhibeMapeo: restricciones?.inhibeMapeo ?? null,
    inhibeCualquiera: leerExtension('inhibitAnyPolicy', (valor) =>
      cuenta(AsnConvert.parse(valor, InhibitAnyPolicy).value),
    ),
  };
}

/** SkipCerts: how many more certificates. Beyond the length of any path one number is as good as another. */
function cuenta(entero: ArrayBuffer): number {
  const octetos = Buffer.from(entero);
  if (octetos.length === 0 || (octetos[0] ?? 0) >= 0x80) throw new Error('no count');
  return octetos.length > 4 ? Number.MAX_SAFE_INTEGER : octetos.readUIntBE(0, octetos.length);
}
