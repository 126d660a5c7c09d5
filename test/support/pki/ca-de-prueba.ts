/**
 * A real CA for tests: a root, an issuing CA, and certificates by a plan. The plan of a conforming certificate is
 * plain data, so that a test changes the one thing that it is about.
 */
import 'reflect-metadata';
import { KeyObject, randomBytes, sign, webcrypto } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate, type TBSCertificate } from '@peculiar/asn1-x509';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  X509Certificate,
} from '@peculiar/x509';
import type { CertificadoRecibido } from '../../../shared/emision/contrato.ts';
import type { SolicitudCertificado, TipoCertificado } from '../../../shared/emision/solicitud.ts';

type Claves = webcrypto.CryptoKeyPair;
type Firma = { name: string; hash: string; saltLength?: number };
export type TipoDeClave = 'EC' | 'RSA';

/** A relative name: attribute -> its value, or its value in a given ASN.1 type. */
export type Relativo =
  Record<string, string[]> | Record<string, { printableString?: string; utf8String?: string }[]>;

export interface PlanDeCertificado {
  sujeto: Relativo[];
  desde: Date;
  hasta: Date;
  claves: Claves;
  numeroSerie: string;
  usosDeClave: KeyUsageFlags;
  usosExtendidos: string[];
  esCa: boolean;
  /** Which of the standard ones are critical. */
  criticas: { basicConstraints: boolean; keyUsage: boolean; extendedKeyUsage: boolean };
  /** Left out of the standard ones, by object identifier. */
  sinExtensiones: string[];
  otrasExtensiones: Extension[];
  hash: string;
  /** What the generator would not do; signed again after it (EC issuers only). */
  alterar?: (tbs: TBSCertificate) => void;
}

export interface OpcionesDeCa {
  tipo?: TipoDeClave;
  /** RSASSA-PSS in place of PKCS #1 v1.5. */
  pss?: boolean;
  nombreRaiz?: string;
  desde?: Date;
  hasta?: Date;
  emisora?: {
    esCa?: boolean;
    usosDeClave?: KeyUsageFlags;
    desde?: Date;
    hasta?: Date;
    hash?: string;
    nombre?: string;
    basicConstraintsCritica?: boolean;
    /** By object identifier. */
    sinExtensiones?: string[];
    otrasExtensiones?: Extension[];
    tamanioDeClave?: number | string;
    /** The name by which it issues; its own by default. */
    nombreAlEmitir?: string;
    /** The AKI of what it issues; its own key by default. */
    claveDelAki?: webcrypto.CryptoKey;
  };
  /** pathLenConstraint of the root. */
  longitudMaximaRuta?: number;
}

export interface CaDePrueba {
  raiz: X509Certificate;
  emisora: X509Certificate;
  clavesRaiz: Claves;
  clavesEmisora: Claves;
  /** PEM of both: what PKI_TRUST_ANCHORS names. */
  anclasPem: string;
  emitir(plan: PlanDeCertificado): Promise<X509Certificate>;
}

const NOMBRE_DE_EMISORA = 'EMISORA DE PRUEBA';

function nombreDe(nombreComun: string): Record<string, string[]>[] {
  return [{ C: ['PE'] }, { CN: [nombreComun] }];
}

const OCTETOS_DE_HASH: Record<string, number> = { 'SHA-1': 20, 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 };
const ANIO_MS = 365 * 86_400_000;
const USOS_DE_CA: KeyUsageFlags = KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign;
const ATRIBUTOS = { SN: '2.5.4.4', GN: '2.5.4.42', serialNumber: '2.5.4.5' };

const USOS: Record<
  TipoCertificado,
  { RSA: KeyUsageFlags; EC: KeyUsageFlags; extendido: string; sufijo: string }
> = {
  FIRMA_DIGITAL: {
    RSA: KeyUsageFlags.nonRepudiation,
    EC: KeyUsageFlags.nonRepudiation,
    extendido: '1.3.6.1.5.5.7.3.4',
    sufijo: 'FIR',
  },
  AUTENTICACION: {
    RSA: KeyUsageFlags.digitalSignature,
    EC: KeyUsageFlags.digitalSignature,
    extendido: '1.3.6.1.5.5.7.3.2',
    sufijo: 'AUT',
  },
  CIFRADO: {
    RSA: KeyUsageFlags.keyEncipherment,
    EC: KeyUsageFlags.keyAgreement,
    extendido: '1.3.6.1.5.5.7.3.4',
    sufijo: 'CIF',
  },
};

export async function crearClaves(
  tipo: TipoDeClave,
  tamanio?: number | string,
  pss = false,
): Promise<Claves> {
  const algoritmo =
    tipo === 'EC'
      ? { name: 'ECDSA', namedCurve: String(tamanio ?? 'P-256') }
      : {
          name: pss ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5',
          modulusLength: Number(tamanio ?? 2048),
          publicExponent: new Uint8Array([1, 0, 1]),
          hash: 'SHA-256',
        };
  return webcrypto.subtle.generateKey(algoritmo, true, ['sign', 'verify']);
}

function numeroDeSerie(): string {
  const octetos = randomBytes(16);
  octetos[0] = 0x5a;
  return octetos.toString('hex');
}

export async function crearCaDePrueba(opciones: OpcionesDeCa = {}): Promise<CaDePrueba> {
  const { tipo = 'EC', pss = false, nombreRaiz = 'RAIZ DE PRUEBA', emisora: deEmisora = {} } = opciones;
  const ahora = Date.now();
  const desde = opciones.desde ?? new Date(ahora - ANIO_MS);
  const hasta = opciones.hasta ?? new Date(ahora + 10 * ANIO_MS);
  const [clavesRaiz, clavesEmisora] = await Promise.all([
    crearClaves(tipo, undefined, pss),
    crearClaves(tipo, deEmisora.tamanioDeClave, pss),
  ]);
  const firma = (clave: webcrypto.CryptoKey, hash: string): Firma => ({
    name: clave.algorithm.name,
    hash,
    ...(pss ? { saltLength: OCTETOS_DE_HASH[hash] ?? 32 } : {}),
  });

  const raiz = await X509CertificateGenerator.createSelfSigned({
    name: nombreDe(nombreRaiz),
    keys: clavesRaiz,
    serialNumber: numeroDeSerie(),
    notBefore: desde,
    notAfter: hasta,
    signingAlgorithm: firma(clavesRaiz.privateKey, 'SHA-256'),
    extensions: [
      new BasicConstraintsExtension(true, opciones.longitudMaximaRuta, true),
      new KeyUsagesExtension(USOS_DE_CA, true),
      await SubjectKeyIdentifierExtension.create(clavesRaiz.publicKey),
    ],
  });
  const emisora = await X509CertificateGenerator.create({
    subject: nombreDe(deEmisora.nombre ?? NOMBRE_DE_EMISORA),
    issuer: raiz.subjectName,
    publicKey: clavesEmisora.publicKey,
    signingKey: await conHash(clavesRaiz.privateKey, deEmisora.hash ?? 'SHA-256'),
    serialNumber: numeroDeSerie(),
    notBefore: deEmisora.desde ?? desde,
    notAfter: deEmisora.hasta ?? hasta,
    signingAlgorithm: firma(clavesRaiz.privateKey, deEmisora.hash ?? 'SHA-256'),
    extensions: [
      ...[
        new BasicConstraintsExtension(
          deEmisora.esCa ?? true,
          undefined,
          deEmisora.basicConstraintsCritica ?? true,
        ),
        new KeyUsagesExtension(deEmisora.usosDeClave ?? USOS_DE_CA, true),
        await SubjectKeyIdentifierExtension.create(clavesEmisora.publicKey),
        await AuthorityKeyIdentifierExtension.create(clavesRaiz.publicKey),
      ].filter(({ type }) => !deEmisora.sinExtensiones?.includes(type)),
      ...(deEmisora.otrasExtensiones ?? []),
    ],
  });

  return {
    raiz,
    emisora,
    clavesRaiz,
    clavesEmisora,
    anclasPem: `${raiz.toString('pem')}\n${emisora.toString('pem')}\n`,
    emitir: async (plan) => {
      const normales = [
        new BasicConstraintsExtension(plan.esCa, undefined, plan.criticas.basicConstraints),
        new KeyUsagesExtension(plan.usosDeClave, plan.criticas.keyUsage),
        new ExtendedKeyUsageExtension(plan.usosExtendidos, plan.criticas.extendedKeyUsage),
        await SubjectKeyIdentifierExtension.create(plan.claves.publicKey),
        await AuthorityKeyIdentifierExtension.create(deEmisora.claveDelAki ?? clavesEmisora.publicKey),
      ];
      const certificado = await X509CertificateGenerator.create({
        subject: new Name(plan.sujeto, ATRIBUTOS),
        issuer: deEmisora.nombreAlEmitir ? new Name(nombreDe(deEmisora.nombreAlEmitir)) : emisora.subjectName,
        publicKey: plan.claves.publicKey,
        signingKey: await conHash(clavesEmisora.privateKey, plan.hash),
        serialNumber: plan.numeroSerie,
        notBefore: plan.desde,
        notAfter: plan.hasta,
        signingAlgorithm: firma(clavesEmisora.privateKey, plan.hash),
        extensions: [
          ...normales.filter(({ type }) => !plan.sinExtensiones.includes(type)),
          ...plan.otrasExtensiones,
        ],
      });
      return plan.alterar ? firmarDeNuevo(certificado, plan.alterar, clavesEmisora.privateKey) : certificado;
    },
  };
}

/** WebCrypto ties an RSA key to its hash: the same key with another one. */
async function conHash(clave: webcrypto.CryptoKey, hash: string): Promise<webcrypto.CryptoKey> {
  if (clave.algorithm.name === 'ECDSA') return clave;
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', clave);
  return webcrypto.subtle.importKey('pkcs8', pkcs8, { name: clave.algorithm.name, hash }, true, ['sign']);
}

function firmarDeNuevo(
  original: X509Certificate,
  alterar: (tbs: TBSCertificate) => void,
  clave: webcrypto.CryptoKey,
): X509Certificate {
  const certificado = AsnConvert.parse(original.rawData, Certificate);
  alterar(certificado.tbsCertificate);
  const tbs = Buffer.from(AsnConvert.serialize(certificado.tbsCertificate));
  const firma = sign('sha256', tbs, KeyObject.from(clave));
  certificado.signatureValue = new Uint8Array(firma).buffer;
  return new X509Certificate(AsnConvert.serialize(certificado));
}

/** A certificate of docs/certificates.md for this request, beginning at `desde`. */
export async function planConforme(
  { solicitud, ciudadano, configuracionCertificados }: SolicitudCertificado,
  tipo: TipoCertificado,
  numeroSolicitud: string,
  desde: Date,
  tipoDeClave: TipoDeClave = 'EC',
): Promise<PlanDeCertificado> {
  const { sufijo, extendido } = USOS[tipo];
  const apellidos = [ciudadano.apellidoPaterno, ciudadano.apellidoMaterno].filter(Boolean).join(' ');
  const final = ` ${sufijo} ${solicitud.numeroDocumento}`;
  return {
    sujeto: [
      { C: ['PE'] },
      texto('ST', ciudadano.departamento),
      texto('L', `${ciudadano.provincia}/${ciudadano.distrito}`),
      texto('OU', `EREP_PN_RENIEC_${numeroSolicitud}`),
      texto('SN', apellidos),
      texto('GN', ciudadano.nombres),
      { [ATRIBUTOS.serialNumber]: [{ printableString: `PNOPE-${solicitud.numeroDocumento}` }] },
      texto('CN', `${apellidos} ${ciudadano.nombres}`.slice(0, 64 - final.length) + final),
    ],
    desde,
    hasta: new Date(desde.getTime() + configuracionCertificados.vigenciaAnios * ANIO_MS),
    claves: await crearClaves(tipoDeClave),
    numeroSerie: numeroDeSerie(),
    usosDeClave: USOS[tipo][tipoDeClave],
    usosExtendidos: [extendido],
    esCa: false,
    criticas: { basicConstraints: true, keyUsage: true, extendedKeyUsage: false },
    sinExtensiones: [],
    otrasExtensiones: [],
    hash: 'SHA-256',
  };
}

/** One attribute of the subject in UTF-8, as it is: no quoting, no escapes. */
export function texto(atributo: string, valor: string): Relativo {
  const tipo = Object.entries(ATRIBUTOS).find(([nombre]) => nombre === atributo)?.[1] ?? atributo;
  return { [tipo]: [{ utf8String: valor }] };
}

/** The certificate as MsAdaptadorPKI would describe it. */
export function describir(tipoCertificado: string, certificado: X509Certificate): CertificadoRecibido {
  return {
    tipoCertificado,
    certificadoId: `CERT-${certificado.serialNumber}`,
    numeroSerie: certificado.serialNumber,
    fechaEmision: certificado.notBefore.toISOString(),
    fechaVencimiento: certificado.notAfter.toISOString(),
    estadoCertificado: 'ACTIVO',
    certificadoBase64: Buffer.from(certificado.rawData).toString('base64'),
  };
}
