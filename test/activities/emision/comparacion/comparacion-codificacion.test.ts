/** Encodings that a strict reader refuses: what is wrong with each is one change of a certificate that conforms. */
import 'reflect-metadata';
import { Extension } from '@peculiar/x509';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  Extensions,
  Name,
  RelativeDistinguishedName,
} from '@peculiar/asn1-x509';
import { compararEmision } from '../../../../activities/emision/comparacion/comparar-emision.ts';
import { texto, type PlanDeCertificado } from '../../../support/pki/ca-de-prueba.ts';
import { SOLO_FIRMA, ca, cambiarAtributo, emision, faltasCon, faltasDe } from './emision-por-comparar.ts';

describe('an encoding that a strict reader refuses', () => {
  it.each<[string, string, number[], RegExp]>([
    [
      'a pathLen without a CA',
      '2.5.29.19',
      [0x30, 3, 2, 1, 0],
      /basicConstraints: limita la ruta sin ser de una CA/,
    ],
    [
      'a CA=FALSE that is spelled out',
      '2.5.29.19',
      [0x30, 3, 1, 1, 0],
      /basicConstraints: no se escribe de nuevo/,
    ],
    ['a TRUE that is not ff', '2.5.29.19', [0x30, 3, 1, 1, 1], /basicConstraints: un BOOLEAN mal escrito/],
    [
      'a length in the long form',
      '2.5.29.19',
      [0x30, 0x81, 0],
      /basicConstraints: una longitud con octetos de más/,
    ],
    ['an indefinite length', '2.5.29.19', [0x30, 0x80, 0, 0], /basicConstraints: una longitud indefinida/],
    ['octets after the value', '2.5.29.19', [0x30, 0, 5, 0], /basicConstraints: sobran 2 octetos/],
    [
      'bits after the last that is set',
      '2.5.29.15',
      [3, 2, 0, 0x40],
      /keyUsage: termina en bits que no dicen nada/,
    ],
    ['unused bits that are set', '2.5.29.15', [3, 2, 6, 0x41], /keyUsage: un BIT STRING mal escrito/],
    [
      'a distribution point of nothing',
      '2.5.29.31',
      [0x30, 2, 0x30, 0],
      /cRLDistributionPoints: un punto no dice/,
    ],
  ])('is a fault: %s', async (_, oid, valor, falta) => {
    const otrasExtensiones = [new Extension(oid, oid !== '2.5.29.31', Uint8Array.from(valor))];

    expect(await faltasCon(() => ({ sinExtensiones: [oid], otrasExtensiones }))).toContainEqual(
      expect.stringMatching(falta),
    );
  });

  it.each<[string, string, string]>([
    ['an authorityInfoAccess of no access', '1.3.6.1.5.5.7.1.1', '3000'],
    ['an access to nowhere', '1.3.6.1.5.5.7.1.1', '300e300c06082b06010505073001 8600'],
    ['policies of none', '2.5.29.32', '3000'],
    ['a policy of no qualifiers', '2.5.29.32', '300a3008 06042a030405 3000'],
    ['a CPS of no octets', '2.5.29.32', '3018 3016 06042a030405 300e 300c 06082b06010505070201 1600'],
    ['distribution points of none', '2.5.29.31', '3000'],
    ['a point whose full name is none', '2.5.29.31', '3006 3004 a002 a000'],
    ['a point at a URI of no octets', '2.5.29.31', '3008 3006 a004 a002 8600'],
    ['a point relative to nothing', '2.5.29.31', '3006 3004 a002 a100'],
    ['a point of a list of no issuer', '2.5.29.31', '3004 3002 a200'],
    ['a subjectAltName of no name', '2.5.29.17', '3000'],
    ['a subjectAltName of an empty mailbox', '2.5.29.17', '3002 8100'],
    ['an extendedKeyUsage of no usage', '2.5.29.37', '3000'],
    ['a subjectKeyIdentifier of no octets', '2.5.29.14', '0400'],
    ['an authorityKeyIdentifier of no octets', '2.5.29.35', '3002 8000'],
    ['directory attributes of none', '2.5.29.9', '3000'],
    ['a directory attribute of no value', '2.5.29.9', '3009 3007 0603550409 3100'],
    ['a period of use without an end', '2.5.29.16', '3000'],
    ['statements of none', '1.3.6.1.5.5.7.1.3', '3000'],
    ['the semantics of nothing', '1.3.6.1.5.5.7.1.3', '300e 300c 06082b06010505070b02 3000'],
  ])('is a fault: %s', async (_, oid, hexadecimal) => {
    const valor = Buffer.from(hexadecimal.replaceAll(' ', ''), 'hex');
    const cambio = { sinExtensiones: [oid], otrasExtensiones: [new Extension(oid, false, valor)] };

    const faltas = await faltasCon(() => cambio);

    expect(faltas).toContainEqual(expect.stringMatching(/codificación: .*: lleva algo vacío$/));
    // Well written as such: nothing else is said of its DER.
    expect(faltas.join()).not.toMatch(/longitud|mal escrito|al final/);
  });

  it.each<[string, string, string, RegExp]>([
    [
      'reasons of none',
      '2.5.29.31',
      '3013 3011 a00c a00a 8608 687474703a2f2f61 8101 00',
      /los motivos de un punto terminan en bits que no dicen nada/,
    ],
    [
      'reasons with bits after the last',
      '2.5.29.31',
      '3014 3012 a00c a00a 8608 687474703a2f2f61 8102 0040',
      /los motivos de un punto terminan en bits que no dicen nada/,
    ],
    [
      'semantics that are no semantics',
      '1.3.6.1.5.5.7.1.3',
      '300e 300c 06082b06010505070b02 0500',
      /qcStatements: no es una lista de declaraciones/,
    ],
  ])('is a fault: %s', async (_, oid, hexadecimal, falta) => {
    const valor = Buffer.from(hexadecimal.replaceAll(' ', ''), 'hex');

    expect(await faltasCon(() => ({ otrasExtensiones: [new Extension(oid, false, valor)] }))).toEqual([
      expect.stringMatching(falta),
    ]);
  });

  it.each<[string, PlanDeCertificado['alterar'], RegExp]>([
    [
      'a list of extensions of none',
      (tbs) => {
        tbs.extensions = new Extensions();
      },
      /lleva una lista de extensiones vacía/,
    ],
    [
      'an issuer of no name',
      (tbs) => {
        tbs.issuer = new Name();
      },
      /no nombra a su emisor/,
    ],
    [
      'a relative name of nothing',
      (tbs) => {
        tbs.issuer.push(new RelativeDistinguishedName());
      },
      /un nombre lleva algo vacío/,
    ],
    [
      'a value of no letters',
      (tbs) => {
        const valor = new AttributeValue({ utf8String: '' });
        tbs.subject.push(
          new RelativeDistinguishedName([new AttributeTypeAndValue({ type: '2.5.4.11', value: valor })]),
        );
      },
      /un nombre lleva algo vacío/,
    ],
    [
      'a unique identifier of its issuer',
      (tbs) => {
        tbs.issuerUniqueID = Uint8Array.of(0, 1).buffer;
      },
      /lleva identificadores únicos/,
    ],
    [
      'a unique identifier of its subject',
      (tbs) => {
        tbs.subjectUniqueID = Uint8Array.of(0, 1).buffer;
      },
      /lleva identificadores únicos/,
    ],
    ...(
      [
        ['ECDSA with NULL', '1.2.840.10045.4.3.2', null],
        ['ECDSA with a curve', '1.2.840.10045.4.3.2', Buffer.from('06082a8648ce3d030107', 'hex')],
        ['RSA without NULL', '1.2.840.113549.1.1.11', undefined],
        ['RSA with something else', '1.2.840.113549.1.1.11', Buffer.from('3000', 'hex')],
      ] as const
    ).map(([nombre, algorithm, valor]): [string, PlanDeCertificado['alterar'], RegExp] => [
      nombre,
      (tbs) => {
        tbs.signature = new AlgorithmIdentifier({ algorithm });
        if (valor !== undefined) tbs.signature.parameters = valor && new Uint8Array(valor).buffer;
      },
      /el algoritmo de firma lleva otros parámetros que los suyos/,
    ]),
  ])('is a fault: %s', async (_, alterar, falta) => {
    const faltas = await faltasCon(() => ({ ...(alterar ? { alterar } : {}) }));

    expect(faltas).toContainEqual(expect.stringMatching(falta));
    expect(faltas.join()).not.toMatch(/no se escribe de nuevo|octetos al final/);
  });

  it('is a fault: a PrintableString in Latin-1', async () => {
    const pedida = await emision({ solicitud: SOLO_FIRMA });
    const der = Buffer.from(pedida.recibidos[0]?.certificadoBase64 ?? '', 'base64');
    der[der.indexOf('PNOPE-')] = 0xd1;

    const faltas = faltasDe(
      compararEmision({
        ...pedida,
        recibidos: pedida.recibidos.map((uno) => ({ ...uno, certificadoBase64: der.toString('base64') })),
      }),
    );

    expect(faltas).toContainEqual(expect.stringContaining('codificación: un PrintableString mal escrito'));
  });

  it('is a fault: a subject in another order', async () => {
    expect(await faltasCon(({ sujeto }) => ({ sujeto: [...sujeto].reverse() }))).toEqual([
      expect.stringContaining(
        'sujeto: se esperaba el orden C, ST, L, OU, SN, GN, serialNumber, CN y llegó CN',
      ),
    ]);
  });

  it('is a fault: a serialNumber that is not printable by its type', async () => {
    expect(await faltasCon(cambiarAtributo(6, texto('serialNumber', 'PNOPE-45678912')))).toEqual([
      expect.stringContaining('sujeto: se esperaba serialNumber en printableString y llegó en utf8String'),
    ]);
  });

  it('is a fault: the key of an authority', async () => {
    expect(await faltasCon(() => ({ claves: ca.clavesEmisora }))).toContainEqual(
      expect.stringContaining('clave: es la de la autoridad «CN=EMISORA DE PRUEBA,C=PE»'),
    );
  });
});
