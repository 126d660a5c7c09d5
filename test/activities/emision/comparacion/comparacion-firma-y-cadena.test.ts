/** Keys, serials, signatures, validity and the chain to a configured root. */
import 'reflect-metadata';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import { compararEmision } from '../../../../activities/emision/comparacion/comparar-emision.ts';
import { PERFIL_POR_DEFECTO } from '../../../../activities/emision/comparacion/perfil-certificado.ts';
import { crearCaDePrueba, crearClaves, type PlanDeCertificado } from '../../../support/pki/ca-de-prueba.ts';
import {
  AHORA,
  DESDE,
  DIA,
  SEGUNDO,
  SOLO_FIRMA,
  ca,
  emision,
  faltasCon,
  faltasDe,
} from './emision-por-comparar.ts';

describe('a key, serial or signature that is too weak', () => {
  it('is a fault: RSA of 1024 bits', async () => {
    const claves = await crearClaves('RSA', 1024);

    expect(await faltasCon(() => ({ claves }), { tipoDeClave: 'RSA' })).toEqual([
      expect.stringContaining('clave: se esperaba RSA de 2048 bits o más y llegó de 1024'),
    ]);
  });

  it('is a fault: a curve that the profile does not name', async () => {
    const claves = await crearClaves('EC', 'P-521');

    expect(await faltasCon(() => ({ claves }))).toEqual([
      expect.stringContaining('clave: se esperaba EC en P-256 y llegó en secp521r1'),
    ]);
  });

  it('is a fault: a kind of key that the profile does not name', async () => {
    const pedida = await emision({ solicitud: SOLO_FIRMA });
    const perfil = { ...PERFIL_POR_DEFECTO, claves: { RSA: { bitsMinimos: 2048, exponenteMinimo: 65_537 } } };

    expect(faltasDe(compararEmision({ ...pedida, perfil }))).toEqual([
      expect.stringContaining('clave: se esperaba RSA y llegó ec'),
    ]);
  });

  it.each([
    ['EC', 'ecdsa-with-SHA1'],
    ['RSA', 'sha1WithRSAEncryption'],
  ] as const)('is a fault: a signature with SHA-1 (%s)', async (tipo, nombre) => {
    const caEmisora = await crearCaDePrueba({ tipo });

    expect(await faltasCon(() => ({ hash: 'SHA-1' }), { caEmisora })).toEqual([
      expect.stringContaining(
        `algoritmo de firma: el certificado lleva una con «${nombre}» (SHA-1), y se esperaba SHA-256, SHA-384 y SHA-512`,
      ),
    ]);
  });

  it('is a fault: an algorithm that is one inside and another outside', async () => {
    const alterar: PlanDeCertificado['alterar'] = (tbs) => {
      tbs.signature = new AlgorithmIdentifier({ algorithm: '1.2.840.10045.4.3.3' });
    };

    expect(await faltasCon(() => ({ alterar }))).toContainEqual(
      expect.stringContaining('algoritmo de firma: el certificado nombra dos distintos'),
    );
  });

  it('is a fault: RSASSA-PSS with SHA-1', async () => {
    const caEmisora = await crearCaDePrueba({ tipo: 'RSA', pss: true });

    expect(await faltasCon(() => ({ hash: 'SHA-1' }), { caEmisora })).toEqual([
      expect.stringContaining('lleva una con «RSASSA-PSS» (SHA-1)'),
    ]);
  });

  it.each([
    ['zero', '00'],
    ['negative', 'ff'],
    ['of 21 octets', `01${'00'.repeat(20)}`],
  ])('is a fault: a serial that is %s', async (_, hexadecimal) => {
    const alterar: PlanDeCertificado['alterar'] = (tbs) => {
      tbs.serialNumber = new Uint8Array(Buffer.from(hexadecimal, 'hex')).buffer;
    };

    expect(await faltasCon(() => ({ alterar }))).toContainEqual(
      expect.stringContaining('numeroSerie: se esperaba un entero positivo de 20 octetos'),
    );
  });
});

describe('a validity that was not asked', () => {
  it.each([
    ['a second too short', (4 * 365 - 1) * DIA - 2 * SEGUNDO],
    ['a second too long', (4 * 365 + 1) * DIA + DIA + SEGUNDO],
    ['a year', 365 * DIA],
    ['backwards', -DIA],
  ])('is a fault: %s', async (_, duracion) => {
    expect(await faltasCon(() => ({ hasta: new Date(DESDE.getTime() + duracion) }))).toEqual([
      expect.stringContaining(
        'vigencia: se esperaban 4 años, hasta entre 2030-11-20T09:58:59Z y 2030-11-23T09:59:00Z',
      ),
      ...(duracion < 0 ? [expect.stringContaining('cadena: el certificado vale del') as string] : []),
    ]);
  });

  it.each([
    ['more than a day before the acceptance', new Date(AHORA.getTime() - DIA - SEGUNDO)],
    ['more than five minutes from now', new Date(AHORA.getTime() + 301 * SEGUNDO)],
  ])('is a fault: beginning %s', async (_, desde) => {
    expect(await faltasCon(() => ({}), { desde })).toEqual([
      expect.stringContaining('vigencia: se esperaba que empezara entre'),
    ]);
  });

  it.each([
    ['ends', { hasta: new Date('2028-01-01T00:00:00Z') }],
    ['begins', { desde: new Date('2026-11-22T09:59:30Z') }],
  ])('is a fault: its issuer %s within it', async (_, emisora) => {
    const caEmisora = await crearCaDePrueba({ emisora });

    expect(await faltasCon(() => ({}), { caEmisora })).toEqual([
      expect.stringContaining('vigencia: se esperaba dentro de la del emisor'),
    ]);
  });
});

describe('a chain that leads to no configured root', () => {
  it('is a fault: an issuer of another name', async () => {
    const ajena = await crearCaDePrueba();
    const soloRaiz = ca.raiz.toString('pem');

    expect(await faltasCon(() => ({}), { caEmisora: ajena, anclasPem: soloRaiz })).toEqual([
      expect.stringContaining('cadena: se esperaba un emisor de las anclas de confianza y llegó «CN=EMISORA'),
    ]);
  });

  it('is a fault: an issuer of the same name and another key', async () => {
    const impostora = await crearCaDePrueba();

    const faltas = await faltasCon(() => ({}), { caEmisora: impostora, anclasPem: ca.anclasPem });

    expect(faltas).toEqual([
      expect.stringContaining('cadena: la firma no es la del emisor'),
      expect.stringContaining('cadena: el authorityKeyIdentifier no es la clave del emisor'),
    ]);
  });

  it('is a fault: an intermediate that another root signed', async () => {
    const ajena = await crearCaDePrueba({ nombreRaiz: 'OTRA RAIZ' });
    const anclasPem = `${ca.raiz.toString('pem')}\n${ajena.emisora.toString('pem')}`;

    expect(await faltasCon(() => ({}), { caEmisora: ajena, anclasPem })).toEqual([
      expect.stringContaining('llegó «CN=OTRA RAIZ,C=PE»'),
    ]);
  });

  it('is a fault: an intermediate that expired', async () => {
    const caEmisora = await crearCaDePrueba({ emisora: { hasta: new Date('2026-11-22T09:59:59Z') } });

    expect(await faltasCon(() => ({}), { caEmisora })).toContainEqual(
      expect.stringMatching(
        /cadena: el emisor «CN=EMISORA .* al 2026-11-22T09:59:59Z, no el 2026-11-22T10:00:00Z/,
      ),
    );
  });

  it('is a fault: a root that expired', async () => {
    const caEmisora = await crearCaDePrueba({
      hasta: new Date('2026-11-22T09:59:59Z'),
      emisora: { hasta: new Date('2036-01-01T00:00:00Z') },
    });

    expect(await faltasCon(() => ({}), { caEmisora })).toEqual([
      expect.stringMatching(/cadena: el emisor «CN=RAIZ .* no el 2026-11-22T10:00:00Z/),
    ]);
  });

  it('is a fault: more intermediates than the root admits', async () => {
    const admite = await crearCaDePrueba({ longitudMaximaRuta: 1 });
    const noAdmite = await crearCaDePrueba({ longitudMaximaRuta: 0, nombreRaiz: 'RAIZ CORTA' });

    expect(await faltasCon(() => ({}), { caEmisora: admite })).toEqual([]);
    expect(await faltasCon(() => ({}), { caEmisora: noAdmite })).toEqual([
      expect.stringContaining('admite 0 intermedios debajo de él y hay 1'),
    ]);
  });

  it('is a fault: an AKI that names another key', async () => {
    const otra = await crearClaves('EC');
    const caEmisora = await crearCaDePrueba({ emisora: { claveDelAki: otra.publicKey } });

    expect(await faltasCon(() => ({}), { caEmisora })).toEqual([
      expect.stringContaining('el authorityKeyIdentifier no es la clave del emisor'),
    ]);
  });

  it('is no fault where one of two issuers of a name leads to the root', async () => {
    const impostora = await crearCaDePrueba();

    expect(await faltasCon(() => ({}), { anclasPem: impostora.anclasPem + ca.anclasPem })).toEqual([]);
  });
});
