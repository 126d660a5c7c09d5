/** What stops the start: an authority by which nothing right could be released, or right not told from wrong. */
import 'reflect-metadata';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  NameConstraints,
  OtherName,
} from '@peculiar/asn1-x509';
import { Extension, KeyUsageFlags } from '@peculiar/x509';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leerFinDelEmisor } from '../../../api/emision/emitir/vigencia-del-emisor.ts';
import { cargarAnclas, exigirUnaVigente } from '../../../shared/x509/ruta/anclas.ts';
import { leerConfiguracionDeEmision } from '../../../worker/emision/configuracion.ts';
import { crearCaDePrueba, type OpcionesDeCa } from '../../support/pki/ca-de-prueba.ts';

const AHORA = new Date();
const AYER = new Date(AHORA.getTime() - 86_400_000);
const OCTETOS = new Uint8Array([5, 0]);

function restriccion(base: GeneralName, minimum = 0): Extension {
  const arboles = new GeneralSubtrees([new GeneralSubtree({ base, minimum })]);
  const valor = AsnConvert.serialize(new NameConstraints({ permittedSubtrees: arboles }));
  return new Extension('2.5.29.30', true, valor);
}

const OTRO_NOMBRE = new GeneralName({
  otherName: new OtherName({ typeId: '1.2.3', value: new Uint8Array([12, 1, 65]).buffer }),
});

it.each<[string, OpcionesDeCa, RegExp]>([
  ['is no CA', { emisora: { esCa: false } }, /no es una CA \(basicConstraints\)/],
  ['says nothing of being a CA', { emisora: { sinExtensiones: ['2.5.29.19'] } }, /no es una CA/],
  ['is a CA in a way that may be ignored', { emisora: { basicConstraintsCritica: false } }, /no es crítica/],
  ['may not sign certificates', { emisora: { usosDeClave: KeyUsageFlags.cRLSign } }, /keyUsage/],
  ['says no usage of its key', { emisora: { sinExtensiones: ['2.5.29.15'] } }, /keyUsage/],
  [
    'does not identify its key',
    { emisora: { sinExtensiones: ['2.5.29.14'] } },
    /no lleva subjectKeyIdentifier/,
  ],
  [
    'does not identify its issuer’s key',
    { emisora: { sinExtensiones: ['2.5.29.35'] } },
    /no lleva authorityKeyIdentifier/,
  ],
  [
    'has an unknown critical extension',
    { emisora: { otrasExtensiones: [new Extension('1.3.6.1.4.1.32473.9', true, OCTETOS)] } },
    /la extensión crítica 1\.3\.6\.1\.4\.1\.32473\.9, que aquí no se procesa/,
  ],
  [
    'constrains names of a form that is not judged',
    { emisora: { otrasExtensiones: [restriccion(OTRO_NOMBRE)] } },
    /restringe nombres de la forma otherName/,
  ],
  [
    'constrains names by distance',
    { emisora: { otrasExtensiones: [restriccion(new GeneralName({ dNSName: 'example.com' }), 1)] } },
    /restringe nombres por distancia/,
  ],
  [
    'has an extension that cannot be read',
    { emisora: { otrasExtensiones: [new Extension('2.5.29.30', true, OCTETOS)] } },
    /nameConstraints: está mal codificado/,
  ],
  [
    'has an extension twice',
    { emisora: { otrasExtensiones: [new Extension('2.5.29.14', false, new Uint8Array([4, 1, 1]))] } },
    /una está más de una vez/,
  ],
  [
    'is not written in DER',
    {
      emisora: {
        sinExtensiones: ['2.5.29.19'],
        otrasExtensiones: [new Extension('2.5.29.19', true, new Uint8Array([0x30, 3, 1, 1, 1]))],
      },
    },
    /codificación: basicConstraints: un BOOLEAN mal escrito/,
  ],
  [
    'permits names by a list of none',
    {
      emisora: {
        otrasExtensiones: [
          new Extension('2.5.29.30', true, Buffer.from('3011a000a10d300b8209612e6578616d706c65', 'hex')),
        ],
      },
    },
    /codificación: nameConstraints: lleva algo vacío/,
  ],
  [
    'says where more is to be had, and says nothing',
    { emisora: { otrasExtensiones: [new Extension('1.3.6.1.5.5.7.1.1', false, new Uint8Array([0x30, 0]))] } },
    /codificación: authorityInfoAccess: lleva algo vacío/,
  ],
  ['is signed with SHA-1', { emisora: { hash: 'SHA-1' } }, /lleva una firma con «ecdsa-with-SHA1»/],
  ['has a short RSA key', { tipo: 'RSA', emisora: { tamanioDeClave: 1024 } }, /su clave RSA es de 1024 bits/],
])('an authority that %s stops the start, by its name', async (_, opciones, falta) => {
  const { anclasPem } = await crearCaDePrueba(opciones);

  expect(() => cargarAnclas(anclasPem)).toThrow(falta);
  expect(() => cargarAnclas(anclasPem)).toThrow(
    /^Trust anchors, which cannot be judged: .*«CN=EMISORA DE PRUEBA,C=PE»/,
  );
});

it('an authority that ended stops nothing beside one that is in force, and alone it does', async () => {
  const [vieja, nueva] = await Promise.all([
    crearCaDePrueba({ emisora: { hasta: AYER } }),
    crearCaDePrueba({ emisora: { nombre: 'EMISORA NUEVA' } }),
  ]);

  expect(() => {
    exigirUnaVigente(cargarAnclas(vieja.anclasPem + nueva.anclasPem), AHORA);
  }).not.toThrow();
  expect(() => {
    exigirUnaVigente(cargarAnclas(vieja.anclasPem), AHORA);
  }).toThrow(/none of them can issue today: «CN=EMISORA DE PRUEBA,C=PE»: .*vale del/);
});

it('an authority that leads to none of the roots can issue nothing', async () => {
  const [una, otra] = await Promise.all([crearCaDePrueba(), crearCaDePrueba({ nombreRaiz: 'OTRA RAIZ' })]);

  expect(() => {
    exigirUnaVigente(cargarAnclas(una.raiz.toString('pem') + otra.emisora.toString('pem')), AHORA);
  }).toThrow(/none of them can issue today: .*«CN=OTRA RAIZ,C=PE»/);
});

it('a root may issue by itself, as long as it lasts', async () => {
  const [una, vieja] = await Promise.all([
    crearCaDePrueba(),
    crearCaDePrueba({ hasta: AYER, emisora: { hasta: AHORA } }),
  ]);

  expect(() => {
    exigirUnaVigente(cargarAnclas(una.raiz.toString('pem')), AHORA);
  }).not.toThrow();
  expect(() => {
    exigirUnaVigente(cargarAnclas(vieja.raiz.toString('pem')), AHORA);
  }).toThrow(/none of them can issue today: «CN=RAIZ DE PRUEBA,C=PE»/);
});

describe('by the file that PKI_TRUST_ANCHORS names', () => {
  let carpeta: string;
  beforeAll(async () => {
    carpeta = await mkdtemp(join(tmpdir(), 'anclas-'));
  });
  afterAll(() => rm(carpeta, { recursive: true }));

  const archivoDe = async (opciones: OpcionesDeCa) => {
    const archivo = join(carpeta, 'anclas.pem');
    await writeFile(archivo, (await crearCaDePrueba(opciones)).anclasPem);
    return archivo;
  };
  const empezar = (PKI_TRUST_ANCHORS: string) => leerConfiguracionDeEmision({ PKI_TRUST_ANCHORS });

  it('an authority that cannot be judged stops worker and API by the name of the variable', async () => {
    const archivo = await archivoDe({ emisora: { esCa: false } });

    for (const empieza of [empezar, leerFinDelEmisor])
      expect(() => empieza(archivo)).toThrow(/PKI_TRUST_ANCHORS: .*«CN=EMISORA DE PRUEBA,C=PE» no es una CA/);
  });

  it('one that ended stops the worker, which could only quarantine, and not the API, which tells of what was issued', async () => {
    const archivo = await archivoDe({ emisora: { hasta: AYER } });

    expect(() => empezar(archivo)).toThrow(/PKI_TRUST_ANCHORS: .*none of them can issue today/);
    expect(leerFinDelEmisor(archivo)).toEqual(new Date(Math.floor(AYER.getTime() / 1000) * 1000));
  });
});
