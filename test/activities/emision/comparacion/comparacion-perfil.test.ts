import { cargarAnclas } from '../../../../shared/x509/ruta/anclas.ts';
import {
  leerPerfilCertificado,
  PERFIL_POR_DEFECTO,
} from '../../../../activities/emision/comparacion/perfil-certificado.ts';
import { crearCaDePrueba } from '../../../support/pki/ca-de-prueba.ts';

describe('the certificate profile', () => {
  it('reads its default back from JSON', () => {
    expect(leerPerfilCertificado(JSON.stringify(PERFIL_POR_DEFECTO))).toEqual(PERFIL_POR_DEFECTO);
  });

  it('may name extensions and usages by their object identifiers', () => {
    const { authorityKeyIdentifier, ...porNombre } = PERFIL_POR_DEFECTO.extensiones;
    const perfil = {
      ...PERFIL_POR_DEFECTO,
      extensiones: {
        ...porNombre,
        '2.16.840.1.113730.1.1': { critica: false, obligatoria: false },
        '2.5.29.35': authorityKeyIdentifier,
      },
      tipos: {
        ...PERFIL_POR_DEFECTO.tipos,
        CIFRADO: { ...PERFIL_POR_DEFECTO.tipos.CIFRADO, usosExtendidos: ['1.3.6.1.4.1.311.10.3.4'] },
      },
    };

    expect(leerPerfilCertificado(JSON.stringify(perfil))).toEqual(perfil);
  });

  it.each<[string, object, string]>([
    ['a member that nobody knows', { otro: 1 }, 'otro'],
    [
      'a short RSA key',
      { claves: { RSA: { bitsMinimos: 1024, exponenteMinimo: 3 } } },
      'claves.RSA.bitsMinimos',
    ],
    ['a weak hash', { hashesDeFirma: ['SHA-1'] }, 'hashesDeFirma[0]'],
    [
      'no authorityKeyIdentifier among the extensions',
      { extensiones: { keyUsage: { critica: true, obligatoria: true } } },
      'authorityKeyIdentifier among them',
    ],
    [
      'the signing of certificates by a person',
      {
        tipos: {
          ...PERFIL_POR_DEFECTO.tipos,
          FIRMA_DIGITAL: {
            ...PERFIL_POR_DEFECTO.tipos.FIRMA_DIGITAL,
            usosDeClave: { RSA: ['keyCertSign'], EC: ['contentCommitment'] },
          },
        },
      },
      'tipos.FIRMA_DIGITAL.usosDeClave.RSA[0]',
    ],
    ['a template with an unknown field', { sujeto: { C: '{pais}' } }, 'sujeto.C'],
    [
      'a type that is missing',
      { tipos: { CIFRADO: PERFIL_POR_DEFECTO.tipos.CIFRADO } },
      'tipos.FIRMA_DIGITAL',
    ],
    [
      'any extended usage',
      {
        tipos: {
          ...PERFIL_POR_DEFECTO.tipos,
          CIFRADO: { ...PERFIL_POR_DEFECTO.tipos.CIFRADO, usosExtendidos: ['anyExtendedKeyUsage'] },
        },
      },
      'tipos.CIFRADO.usosExtendidos[0]',
    ],
    [
      'any extended usage by its number',
      {
        tipos: {
          ...PERFIL_POR_DEFECTO.tipos,
          CIFRADO: { ...PERFIL_POR_DEFECTO.tipos.CIFRADO, usosExtendidos: ['2.5.29.37.0'] },
        },
      },
      'tipos.CIFRADO.usosExtendidos[0]',
    ],
  ])('is refused by the path at fault: %s', (_, cambios, ruta) => {
    expect(() => leerPerfilCertificado(JSON.stringify({ ...PERFIL_POR_DEFECTO, ...cambios }))).toThrow(ruta);
  });

  it('is refused where it is not JSON', () => {
    expect(() => leerPerfilCertificado('{')).toThrow('The certificate profile is not JSON');
  });
});

describe('the trust anchors', () => {
  it('are split into roots and intermediates, whatever their order', async () => {
    const { raiz, emisora } = await crearCaDePrueba();

    const anclas = cargarAnclas(`${emisora.toString('pem')}\nany words between\n${raiz.toString('pem')}`);

    expect(anclas.raices.map((uno) => uno.numeroSerie.toLowerCase())).toEqual([raiz.serialNumber]);
    expect(anclas.intermedios.map((uno) => uno.numeroSerie.toLowerCase())).toEqual([emisora.serialNumber]);
  });

  it('are refused without a root', async () => {
    const { emisora } = await crearCaDePrueba();

    expect(() => cargarAnclas(emisora.toString('pem'))).toThrow('no self-signed root');
    expect(() => cargarAnclas('')).toThrow('no self-signed root');
  });

  it.each<[string, (pem: string) => string]>([
    [
      'of which no certificate is made',
      () => '-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n',
    ],
    ['with a character that is not Base64', (pem) => pem.replace('MII', 'M!I')],
    ['that has lost its end', (pem) => pem.slice(0, pem.indexOf('-----END'))],
    ['that has lost its end before another', (pem) => pem.slice(0, pem.indexOf('-----END')) + pem],
    ['of OpenSSL’s own kind', (pem) => pem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE')],
    ['that is empty', () => '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'],
  ])('are refused by the block %s', async (_nombre, romper) => {
    const { anclasPem, emisora } = await crearCaDePrueba();

    expect(() => cargarAnclas(anclasPem + romper(`${emisora.toString('pem')}\n`))).toThrow(
      'block 3 is not a readable X.509 certificate in PEM',
    );
  });

  it('may stand beside what is no certificate', async () => {
    const { anclasPem } = await crearCaDePrueba();
    const clave = '-----BEGIN PUBLIC KEY-----\nQUJD\n-----END PUBLIC KEY-----\n';

    expect(cargarAnclas(clave + anclasPem).intermedios).toHaveLength(1);
  });
});
