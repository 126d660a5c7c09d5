/** The certificates that the simulator issues, judged by openssl and pkilint. */
import { X509Certificate } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import {
  PKILINT_SETUP_MS,
  lintNaturalPersonCertificate,
  lintPkixCertificate,
  preparePkilint,
  readWithOpenssl,
  verifyWithOpenssl,
} from '../../support/referees/referees.ts';
import {
  TIPOS,
  cleanUp,
  download,
  issue,
  issueOne,
  pemOf,
  startSimulator,
} from '../../support/pki/running-simulator.ts';

beforeAll(preparePkilint, PKILINT_SETUP_MS);
afterEach(cleanUp);

const KEY_TYPES = ['RSA', 'EC'] as const;
/** pkilint takes a second or two for each certificate. */
const LINT_MS = 120_000;

describe('the three certificates of a citizen', () => {
  it.each(KEY_TYPES)(
    'satisfy openssl and pkilint (%s)',
    async (keyType) => {
      const { url, chainPem } = await startSimulator({ keyType });
      const crl = await download(`${url}/crl/emisora.crl`);

      const certificates = (await issue(url)).map(pemOf);

      expect(certificates).toHaveLength(3);
      for (const pem of certificates) {
        expect(await verifyWithOpenssl(pem, chainPem, crl)).toBe('OK');
        expect(await lintNaturalPersonCertificate(pem)).toEqual([]);
        expect(await lintPkixCertificate(pem)).toEqual([]);
      }
    },
    LINT_MS,
  );

  it.each([
    ['RSA', 'FIRMA_DIGITAL', 'Non Repudiation', 'E-mail Protection', '1.3.6.1.4.1.32473.1.1'],
    ['RSA', 'AUTENTICACION', 'Digital Signature', 'TLS Web Client Authentication', '1.3.6.1.4.1.32473.1.2'],
    ['RSA', 'CIFRADO', 'Key Encipherment', 'E-mail Protection', '1.3.6.1.4.1.32473.1.3'],
    ['EC', 'FIRMA_DIGITAL', 'Non Repudiation', 'E-mail Protection', '1.3.6.1.4.1.32473.1.1'],
    ['EC', 'AUTENTICACION', 'Digital Signature', 'TLS Web Client Authentication', '1.3.6.1.4.1.32473.1.2'],
    ['EC', 'CIFRADO', 'Key Agreement', 'E-mail Protection', '1.3.6.1.4.1.32473.1.3'],
  ] as const)('have their own uses: %s %s', async (keyType, tipo, keyUsage, extendedKeyUsage, policy) => {
    const { url } = await startSimulator({ keyType });

    const text = await readWithOpenssl(await issueOne(url, tipo));

    const lines = text.split('\n').map((line) => line.trim());
    const following = (heading: string) => lines[lines.indexOf(heading) + 1];
    expect(following('X509v3 Basic Constraints: critical')).toBe('CA:FALSE');
    expect(following('X509v3 Key Usage: critical')).toBe(keyUsage);
    expect(following('X509v3 Extended Key Usage:')).toBe(extendedKeyUsage);
    expect(following('X509v3 Certificate Policies:')).toBe(`Policy: ${policy}`);
    expect(lines).toEqual(
      expect.arrayContaining([
        'CPS: http://pki.example.com/cps',
        'Policy: 0.4.0.2042.1.2',
        'URI:http://pki.example.com/crl/emisora.crl',
        'OCSP - URI:http://pki.example.com/ocsp',
        'CA Issuers - URI:http://pki.example.com/ca/emisora.cer',
        'qcStatements:',
      ]),
    );
  });

  it.each([
    ['RSA', { asymmetricKeyType: 'rsa', asymmetricKeyDetails: { modulusLength: 2048 } }],
    ['EC', { asymmetricKeyType: 'ec', asymmetricKeyDetails: { namedCurve: 'prime256v1' } }],
  ] as const)('have a key (%s) and a serial number each', async (keyType, key) => {
    const { url } = await startSimulator({ keyType });

    const issued = (await issue(url)).map((certificado) => ({
      certificado,
      certificate: new X509Certificate(pemOf(certificado)),
    }));

    expect(new Set(issued.map(({ certificate }) => certificate.serialNumber)).size).toBe(3);
    const publicKeys = issued.map(({ certificate }) =>
      certificate.publicKey.export({ format: 'pem', type: 'spki' }),
    );
    expect(new Set(publicKeys).size).toBe(3);
    for (const { certificado, certificate } of issued) {
      expect(certificate.publicKey).toMatchObject(key);
      expect(certificado).toMatchObject({
        numeroSerie: certificate.serialNumber,
        fechaEmision: isoSeconds(certificate.validFrom),
        fechaVencimiento: isoSeconds(certificate.validTo),
        estadoCertificado: 'ACTIVO',
      });
    }
    expect(issued.map(({ certificado }) => certificado.tipoCertificado)).toEqual(TIPOS);
  });

  it.each([1, 2, 3, 4])('last %i times 365 days from the second of their issuance', async (vigenciaAnios) => {
    const { url } = await startSimulator({ clock: () => new Date('2026-11-22T10:00:00.900Z') });

    const [certificado] = await issue(url, { vigenciaAnios, tipoCertificados: ['CIFRADO'] });

    expect(certificado?.fechaEmision).toBe('2026-11-22T10:00:00Z');
    const days =
      (Date.parse(certificado?.fechaVencimiento ?? '') - Date.parse('2026-11-22T10:00:00Z')) / 86_400_000;
    expect(days).toBe(365 * vigenciaAnios);
  });
});

describe('the subject', () => {
  const long = { nombres: 'María de los Ángeles '.repeat(4).trim(), apellidoPaterno: 'Á'.repeat(50) };

  it.each([
    [
      'both surnames, Ñ and accents',
      {},
      'SN=Quispe Ñahui,GN=María Elena,serialNumber=PNOPE-45678912,CN=QUISPE ÑAHUI MARÍA ELENA FIR 45678912',
    ],
    [
      'no second surname',
      { apellidoMaterno: undefined },
      'SN=Quispe,GN=María Elena,serialNumber=PNOPE-45678912,CN=QUISPE MARÍA ELENA FIR 45678912',
    ],
    [
      'apostrophes and hyphens',
      { nombres: "D'Angelo", apellidoPaterno: "O'Higgins-Núñez" },
      "SN=O'Higgins-Núñez Ñahui,GN=D'Angelo,serialNumber=PNOPE-45678912,CN=O'HIGGINS-NÚÑEZ ÑAHUI D'ANGELO FIR 45678912",
    ],
    [
      'long names, cut in CN alone, before its suffix',
      long,
      `SN=${long.apellidoPaterno} Ñahui,GN=${long.nombres},serialNumber=PNOPE-45678912,CN=${long.apellidoPaterno} FIR 45678912`,
    ],
    [
      'decomposed accents and blanks in excess',
      { nombres: ' Jose\u0301   Luis ', apellidoMaterno: 'Nandu\u0303' },
      'SN=Quispe Nandũ,GN=José Luis,serialNumber=PNOPE-45678912,CN=QUISPE NANDŨ JOSÉ LUIS FIR 45678912',
    ],
    [
      'letters beyond the basic plane, and one with no capital of its own',
      { nombres: '𠮷田', apellidoMaterno: 'Groß' },
      'SN=Quispe Groß,GN=𠮷田,serialNumber=PNOPE-45678912,CN=QUISPE GROß 𠮷田 FIR 45678912',
    ],
  ])(
    'holds %s, and pkilint finds nothing',
    async (_names, ciudadano, ending) => {
      const { url } = await startSimulator();

      const pem = await issueOne(url, 'FIRMA_DIGITAL', { ciudadano });

      const subject = /Subject: (.*)/.exec(await readWithOpenssl(pem))?.[1];
      expect(subject).toBe(`C=PE,ST=Lima,L=Lima/Miraflores,OU=EREP_PN_RENIEC_0000000001,${ending}`);
      expect(await lintNaturalPersonCertificate(pem)).toEqual([]);
    },
    LINT_MS,
  );

  it('has a country and a serialNumber in PrintableString, the rest in UTF8String', async () => {
    const { url } = await startSimulator();

    const subject = new x509.X509Certificate(await issueOne(url, 'CIFRADO')).subjectName.toArrayBuffer();

    const bytes = Buffer.from(subject).toString('latin1');
    const printable = '\x13';
    expect(bytes).toContain(`\x06\x03\x55\x04\x06${printable}\x02PE`);
    expect(bytes).toContain(`\x06\x03\x55\x04\x05${printable}\x0ePNOPE-45678912`);
    expect(bytes).toContain('\x06\x03\x55\x04\x08\x0c\x04Lima');
  });

  it.each([
    ['AUTENTICACION', 'AUT'],
    ['CIFRADO', 'CIF'],
  ])('names the use of %s', async (tipo, suffix) => {
    const { url } = await startSimulator();

    const certificate = new X509Certificate(await issueOne(url, tipo));

    expect(certificate.subject).toContain(`CN=QUISPE ÑAHUI MARÍA ELENA ${suffix} 45678912`);
  });
});

describe('the referees', () => {
  it.each([
    [
      'a signing certificate that also authenticates',
      { keyUsage: x509.KeyUsageFlags.nonRepudiation | x509.KeyUsageFlags.digitalSignature },
      /^WARNING /,
    ],
    [
      'a key that enciphers keys and data',
      { keyUsage: x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.dataEncipherment },
      /^ERROR /,
    ],
    ['a serialNumber without its kind', { serialNumber: '45678912' }, /^ERROR /],
  ])(
    'object to %s',
    async (_fault, fault, finding) => {
      const { url } = await startSimulator({ keyType: 'RSA' });
      const pem = await faultyCopy(await issueOne(url, 'FIRMA_DIGITAL'), fault);

      expect(await lintNaturalPersonCertificate(pem)).toEqual([expect.stringMatching(finding)]);
    },
    LINT_MS,
  );

  it('tell an unknown issuer from a good one', async () => {
    const [ours, theirs] = [await startSimulator(), await startSimulator()];
    const pem = await issueOne(ours.url, 'FIRMA_DIGITAL');
    const crl = await download(`${ours.url}/crl/emisora.crl`);

    expect(await verifyWithOpenssl(pem, theirs.chainPem, crl)).not.toBe('OK');
  });

  it('do not take what they cannot read for clean', async () => {
    await expect(lintPkixCertificate('no certificate')).rejects.toThrow('lint_pkix_cert failed');
  });
});

/** The same certificate with one thing changed, signed by nobody known: what a lint sees does not depend on it. */
async function faultyCopy(
  pem: string,
  fault: { keyUsage?: x509.KeyUsageFlags; serialNumber?: string },
): Promise<string> {
  const original = new x509.X509Certificate(pem);
  const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'sign',
    'verify',
  ]);
  const subject = original.subjectName
    .toJSON()
    .map((attribute) =>
      '2.5.4.5' in attribute && fault.serialNumber !== undefined
        ? { '2.5.4.5': [fault.serialNumber] }
        : attribute,
    );
  const copy = await x509.X509CertificateGenerator.create({
    serialNumber: original.serialNumber,
    subject,
    issuer: original.issuerName,
    notBefore: original.notBefore,
    notAfter: original.notAfter,
    publicKey: original.publicKey,
    signingKey: privateKey,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: original.extensions.map((extension) =>
      extension instanceof x509.KeyUsagesExtension && fault.keyUsage !== undefined
        ? new x509.KeyUsagesExtension(fault.keyUsage, true)
        : extension,
    ),
  });
  return copy.toString('pem');
}

function isoSeconds(opensslDate: string): string {
  return `${new Date(opensslDate).toISOString().slice(0, 19)}Z`;
}
