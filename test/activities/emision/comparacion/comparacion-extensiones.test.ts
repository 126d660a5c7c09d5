/** Extensions that the profile does not name, or names otherwise. */
import 'reflect-metadata';
import {
  CRLDistributionPointsExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509';
import { Version } from '@peculiar/asn1-x509';
import { compararEmision } from '../../../../activities/emision/comparacion/comparar-emision.ts';
import { PERFIL_POR_DEFECTO } from '../../../../activities/emision/comparacion/perfil-certificado.ts';
import { type PlanDeCertificado } from '../../../support/pki/ca-de-prueba.ts';
import {
  ANY_EXTENDED_KEY_USAGE,
  CLIENT_AUTH,
  EMAIL_PROTECTION,
  SOLO_FIRMA,
  emision,
  faltasCon,
  faltasDe,
  solicitudCon,
} from './emision-por-comparar.ts';

describe('extensions that are not the profile’s', () => {
  const masKeyUsage = new KeyUsagesExtension(KeyUsageFlags.nonRepudiation, true);

  it.each<[string, Partial<PlanDeCertificado>, RegExp]>([
    [
      'the key usage of another type',
      { usosDeClave: KeyUsageFlags.digitalSignature },
      /keyUsage: se esperaba contentCommitment y llegó digitalSignature/,
    ],
    [
      'a key usage more',
      { usosDeClave: KeyUsageFlags.nonRepudiation | KeyUsageFlags.digitalSignature },
      /keyUsage: se esperaba contentCommitment y llegó digitalSignature y contentCommitment/,
    ],
    [
      'an extended usage more',
      { usosExtendidos: [EMAIL_PROTECTION, CLIENT_AUTH] },
      /extendedKeyUsage: .*clientAuth/,
    ],
    ['the extended usage of another type', { usosExtendidos: [CLIENT_AUTH] }, /llegó clientAuth/],
    [
      'any extended usage',
      { usosExtendidos: [EMAIL_PROTECTION, ANY_EXTENDED_KEY_USAGE] },
      /anyExtendedKeyUsage/,
    ],
    ['an extended usage twice', { usosExtendidos: [EMAIL_PROTECTION, EMAIL_PROTECTION] }, /extendedKeyUsage/],
    ['CA true', { esCa: true }, /basicConstraints: se esperaba CA=FALSE y llegó CA=TRUE/],
    [
      'basicConstraints not critical',
      { criticas: { basicConstraints: false, keyUsage: true, extendedKeyUsage: false } },
      /basicConstraints: se esperaba crítica y llegó no crítica/,
    ],
    [
      'keyUsage not critical',
      { criticas: { basicConstraints: true, keyUsage: false, extendedKeyUsage: false } },
      /keyUsage: se esperaba crítica y llegó no crítica/,
    ],
    [
      'extendedKeyUsage critical',
      { criticas: { basicConstraints: true, keyUsage: true, extendedKeyUsage: true } },
      /extendedKeyUsage: se esperaba no crítica y llegó crítica/,
    ],
    ['no basicConstraints', { sinExtensiones: ['2.5.29.19'] }, /basicConstraints: falta/],
    ['no keyUsage', { sinExtensiones: ['2.5.29.15'] }, /keyUsage: falta/],
    ['no extendedKeyUsage', { sinExtensiones: ['2.5.29.37'] }, /extendedKeyUsage: falta/],
    ['no subjectKeyIdentifier', { sinExtensiones: ['2.5.29.14'] }, /subjectKeyIdentifier: falta/],
    ['no authorityKeyIdentifier', { sinExtensiones: ['2.5.29.35'] }, /authorityKeyIdentifier: falta/],
    [
      'the e-mail of somebody',
      {
        otrasExtensiones: [new SubjectAlternativeNameExtension([{ type: 'email', value: 'a@example.com' }])],
      },
      /subjectAltName: el perfil no admite/,
    ],
    [
      'an unknown critical extension',
      { otrasExtensiones: [new Extension('1.3.6.1.4.1.32473.9', true, new Uint8Array([5, 0]))] },
      /1\.3\.6\.1\.4\.1\.32473\.9: el perfil no admite esta extensión, que además llegó crítica/,
    ],
  ])('are a fault: %s', async (_, cambios, falta) => {
    const faltas = await faltasCon(() => cambios);

    expect(
      faltas.filter((una) => !una.includes('cadena: el certificado lleva la extensión crítica')),
    ).toEqual([expect.stringMatching(falta)]);
  });

  it('are a fault: one that comes twice', async () => {
    // OpenSSL refuses the pair by itself; whichever reader complains, nothing is released.
    expect(await faltasCon(() => ({ otrasExtensiones: [masKeyUsage] }))).toContainEqual(
      expect.stringContaining('keyUsage: está 2 veces'),
    );
  });

  it('are a fault: a key usage without one', async () => {
    const sinBits = new Extension('2.5.29.15', true, new Uint8Array([3, 1, 0]));
    const cambio = { sinExtensiones: ['2.5.29.15'], otrasExtensiones: [sinBits] };

    expect(await faltasCon(() => cambio)).toContainEqual(
      expect.stringContaining('keyUsage: se esperaba contentCommitment y llegó nada'),
    );
  });

  it('are a fault: none, in a certificate of version 1', async () => {
    const alterar: PlanDeCertificado['alterar'] = (tbs) => {
      tbs.version = Version.v1;
      delete tbs.extensions;
    };

    expect(await faltasCon(() => ({ alterar }))).toContainEqual(
      expect.stringContaining('versión: se esperaba 3 y llegó 1'),
    );
  });

  it('are a fault: one that cannot be read, and the rest is read for quarantine', async () => {
    const ilegible = new Extension('2.5.29.15', true, new Uint8Array([0x30, 0x03, 0x02, 0x01]));

    const comparacion = compararEmision(
      await emision({
        solicitud: SOLO_FIRMA,
        cambio: () => ({ sinExtensiones: ['2.5.29.15'], otrasExtensiones: [ilegible], numeroSerie: '77' }),
      }),
    );

    expect(comparacion).toMatchObject({
      conforme: false,
      faltas: expect.arrayContaining([expect.stringContaining('keyUsage: está mal codificado')]) as string[],
      leidos: [{ numeroSerie: '77' }],
    });
  });

  it('are a fault: no authorityKeyIdentifier, though the profile leaves it open', async () => {
    const pedida = await emision({
      solicitud: SOLO_FIRMA,
      cambio: () => ({ sinExtensiones: ['2.5.29.35', '2.5.29.14'] }),
    });
    const { extensiones } = PERFIL_POR_DEFECTO;
    const abierta = { critica: false, obligatoria: false };
    const perfil = {
      ...PERFIL_POR_DEFECTO,
      extensiones: { ...extensiones, authorityKeyIdentifier: abierta, subjectKeyIdentifier: abierta },
    };

    expect(faltasDe(compararEmision({ ...pedida, perfil }))).toEqual([
      expect.stringMatching(/authorityKeyIdentifier: falta$/),
    ]);
  });

  it('are none: the optional ones of the profile', async () => {
    const puntos = new CRLDistributionPointsExtension(['http://pki.example.com/crl']);

    expect(await faltasCon(() => ({ otrasExtensiones: [puntos] }))).toEqual([]);
  });

  it.each([
    ['FIRMA_DIGITAL', 'AUTENTICACION'],
    ['AUTENTICACION', 'CIFRADO'],
    ['CIFRADO', 'FIRMA_DIGITAL'],
  ] as const)('tell a %s that is passed off as %s', async (real, dicho) => {
    const autentica = await emision({ solicitud: solicitudCon({}, [real]) });

    const faltas = faltasDe(
      compararEmision({
        ...autentica,
        entrada: { ...autentica.entrada, solicitud: solicitudCon({}, [dicho]) },
        recibidos: autentica.recibidos.map((uno) => ({ ...uno, tipoCertificado: dicho })),
      }),
    );

    expect(faltas).toContainEqual(expect.stringContaining('keyUsage:'));
    expect(faltas).toContainEqual(expect.stringContaining('CN='));
  });

  it('want keyEncipherment of RSA and keyAgreement of EC', async () => {
    const solicitud = solicitudCon({}, ['CIFRADO']);

    const ec = await faltasCon(() => ({ usosDeClave: KeyUsageFlags.keyEncipherment }), { solicitud });
    const rsa = await faltasCon(() => ({ usosDeClave: KeyUsageFlags.keyAgreement }), {
      solicitud,
      tipoDeClave: 'RSA',
    });

    expect(ec).toEqual([expect.stringContaining('se esperaba keyAgreement y llegó keyEncipherment')]);
    expect(rsa).toEqual([expect.stringContaining('se esperaba keyEncipherment y llegó keyAgreement')]);
  });
});
