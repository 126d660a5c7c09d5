import 'reflect-metadata';
import {
  CRLDistributionPointsExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  Extensions,
  Name,
  RelativeDistinguishedName,
  Version,
} from '@peculiar/asn1-x509';
import type { CertificadoRecibido } from '../../../../shared/emision/contrato.ts';
import { cargarAnclas } from '../../../../shared/x509/ruta/anclas.ts';
import {
  compararEmision,
  type Comparacion,
  type EmisionPorComparar,
} from '../../../../activities/emision/comparacion/comparar-emision.ts';
import { PERFIL_POR_DEFECTO } from '../../../../activities/emision/comparacion/perfil-certificado.ts';
import {
  TIPOS_CERTIFICADO,
  type SolicitudCertificado,
  type TipoCertificado,
} from '../../../../shared/emision/solicitud.ts';
import {
  crearCaDePrueba,
  crearClaves,
  describir,
  planConforme,
  texto,
  type CaDePrueba,
  type PlanDeCertificado,
  type Relativo,
  type TipoDeClave,
} from '../../../support/pki/ca-de-prueba.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

const AHORA = new Date('2026-11-22T10:00:00Z');
const DESDE = new Date('2026-11-22T09:59:00Z');
const SEGUNDO = 1000;
const DIA = 86_400 * SEGUNDO;
const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const EMAIL_PROTECTION = '1.3.6.1.5.5.7.3.4';

const SOLICITUD: SolicitudCertificado = {
  ...solicitudDePrueba(),
  ciudadano: {
    nombres: 'MARÍA JOSÉ',
    apellidoPaterno: 'NÚÑEZ',
    apellidoMaterno: "D'ANGELO-QUISPE",
    fechaNacimiento: '1990-05-17',
    sexo: 'F',
    departamento: 'LIMA',
    provincia: 'CAÑETE',
    distrito: 'SAN VICENTE DE CAÑETE',
  },
};

type Cambio = (plan: PlanDeCertificado, tipo: TipoCertificado) => Partial<PlanDeCertificado>;

let ca: CaDePrueba;
beforeAll(async () => {
  ca = await crearCaDePrueba();
});

function solicitudCon(
  ciudadano: Partial<SolicitudCertificado['ciudadano']>,
  tipos: TipoCertificado[] = [...TIPOS_CERTIFICADO],
): SolicitudCertificado {
  return {
    ...SOLICITUD,
    ciudadano: { ...SOLICITUD.ciudadano, ...ciudadano },
    configuracionCertificados: { ...SOLICITUD.configuracionCertificados, tipoCertificados: tipos },
  };
}

const SOLO_FIRMA = solicitudCon({}, ['FIRMA_DIGITAL']);

interface Escenario {
  solicitud?: SolicitudCertificado;
  cambio?: Cambio;
  caEmisora?: CaDePrueba;
  anclasPem?: string;
  tipoDeClave?: TipoDeClave;
  desde?: Date;
}

/** What the orchestrator would compare, had the PKI issued by the plan as changed. */
async function emision(escenario: Escenario = {}): Promise<EmisionPorComparar> {
  const { solicitud = SOLICITUD, caEmisora = ca, cambio = () => ({}), tipoDeClave = 'EC' } = escenario;
  const tipos = solicitud.configuracionCertificados.tipoCertificados;
  const numeroSolicitud = (tipo: string) => `2026-${tipo}`;
  const recibidos = await Promise.all(
    tipos.map(async (tipo) => {
      const desde = escenario.desde ?? DESDE;
      const plan = await planConforme(solicitud, tipo, numeroSolicitud(tipo), desde, tipoDeClave);
      return describir(tipo, await caEmisora.emitir({ ...plan, ...cambio(plan, tipo) }));
    }),
  );
  return {
    entrada: { solicitud, aceptadaEn: AHORA.toISOString() },
    numerosSolicitud: TIPOS_CERTIFICADO.map((tipo) => ({
      tipoCertificado: tipo,
      numeroSolicitud: numeroSolicitud(tipo),
    })),
    recibidos,
    perfil: PERFIL_POR_DEFECTO,
    anclas: cargarAnclas(escenario.anclasPem ?? caEmisora.anclasPem),
    ahora: AHORA,
  };
}

function faltasDe(comparacion: Comparacion): string[] {
  return comparacion.conforme ? [] : comparacion.faltas;
}

/** Faults of a set of one FIRMA_DIGITAL that is issued with this change and nothing else. */
async function faltasCon(cambio: Cambio, escenario: Escenario = {}): Promise<string[]> {
  return faltasDe(compararEmision(await emision({ solicitud: SOLO_FIRMA, cambio, ...escenario })));
}

function cambiarAtributo(indice: number, relativo: Relativo | null): Cambio {
  return ({ sujeto }) => ({
    sujeto: sujeto.flatMap((actual, i) => (i !== indice ? [actual] : relativo ? [relativo] : [])),
  });
}

/** serialNumber as X.520 has it. */
function imprimible(valor: string): Relativo {
  return { '2.5.4.5': [{ printableString: valor }] };
}

describe('a set that is what was asked', () => {
  it.each(['EC', 'RSA'] as const)('is released, with %s keys', async (tipoDeClave) => {
    const comparacion = compararEmision(await emision({ tipoDeClave }));

    expect(faltasDe(comparacion)).toEqual([]);
  });

  it('is released with the values of the certificate itself', async () => {
    const pedida = await emision({ solicitud: SOLO_FIRMA, cambio: () => ({ numeroSerie: '0a1b2c' }) });

    const comparacion = compararEmision(pedida);

    expect(comparacion).toEqual({
      conforme: true,
      avisos: [],
      certificados: [
        {
          tipoCertificado: 'FIRMA_DIGITAL',
          certificadoId: 'CERT-0a1b2c',
          numeroSerie: '0A1B2C',
          fechaEmision: '2026-11-22T09:59:00Z',
          fechaVencimiento: '2030-11-21T09:59:00Z',
          vigenciaAnios: 4,
          estadoCertificado: 'ACTIVO',
          algoritmoFirma: 'ecdsa-with-SHA256',
          longitudClave: 256,
          subjectDN:
            "CN=NÚÑEZ D'ANGELO-QUISPE MARÍA JOSÉ FIR 45678912,serialNumber=PNOPE-45678912,GN=MARÍA JOSÉ," +
            "SN=NÚÑEZ D'ANGELO-QUISPE,OU=EREP_PN_RENIEC_2026-FIRMA_DIGITAL,L=CAÑETE/SAN VICENTE DE CAÑETE,ST=LIMA,C=PE",
          huellaCertificado: expect.stringMatching(/^[0-9A-F]{64}$/) as string,
          certificadoBase64: pedida.recibidos[0]?.certificadoBase64,
          huellaClavePublica: expect.stringMatching(/^[0-9A-F]{64}$/) as string,
        },
      ],
    });
  });

  it('comes in the order in which the types were asked', async () => {
    const pedida = await emision({ solicitud: solicitudCon({}, ['CIFRADO', 'FIRMA_DIGITAL']) });

    const comparacion = compararEmision({ ...pedida, recibidos: [...pedida.recibidos].reverse() });

    expect(comparacion.conforme && comparacion.certificados.map((uno) => uno.tipoCertificado)).toEqual([
      'CIFRADO',
      'FIRMA_DIGITAL',
    ]);
  });

  it.each([
    ['sha256WithRSAEncryption', 'SHA-256', false],
    ['sha384WithRSAEncryption', 'SHA-384', false],
    ['sha512WithRSAEncryption', 'SHA-512', false],
    ['RSASSA-PSS', 'SHA-256', true],
    ['RSASSA-PSS', 'SHA-512', true],
  ])('may be signed by an RSA issuer with %s', async (algoritmoFirma, hash, pss) => {
    const caEmisora = await crearCaDePrueba({ tipo: 'RSA', pss });

    const comparacion = compararEmision(
      await emision({ solicitud: SOLO_FIRMA, caEmisora, tipoDeClave: 'RSA', cambio: () => ({ hash }) }),
    );

    expect(comparacion).toMatchObject({
      conforme: true,
      certificados: [{ algoritmoFirma, longitudClave: 2048 }],
    });
  });

  it.each([
    ['with its accents decomposed', { nombres: 'MARI\u0301A JOSE\u0301', apellidoPaterno: 'NUN\u0303EZ' }],
    ['without a second surname', { apellidoMaterno: undefined }],
    ['with blanks where fields meet', { provincia: ' CAÑETE ', distrito: ' SAN LUIS ' }],
    ['with double blanks', { nombres: ' MARÍA   JOSÉ ', apellidoPaterno: 'DE  LA CRUZ' }],
    ['with what RFC 4514 must escape', { nombres: '#A, B+C "D" <E>; \\F=G ' }],
    ['in capitals that fold to two letters', { nombres: 'Weiß' }],
    ['beyond the basic plane', { distrito: 'SAN ISIDRO 𝕏' }],
    ['of 100 letters', { nombres: 'ÑÁÉÍ'.repeat(25) }],
    ['of 100 letters in short words', { nombres: 'ÁÑ '.repeat(33) + 'Á', apellidoMaterno: undefined }],
    ['of a surname that fills the CN', { apellidoPaterno: 'W'.repeat(50) }],
  ])('may bear a name %s', async (_, cambios) => {
    const { apellidoMaterno, ...ciudadano } = { ...SOLICITUD.ciudadano, ...cambios };
    const solicitud = {
      ...SOLO_FIRMA,
      ciudadano: { ...ciudadano, ...(apellidoMaterno === undefined ? {} : { apellidoMaterno }) },
    };

    const comparacion = compararEmision(await emision({ solicitud }));

    expect(faltasDe(comparacion)).toEqual([]);
  });

  it.each([
    ['in other case', cambiarAtributo(5, texto('GN', 'María José'))],
    ['with blanks around its slash', cambiarAtributo(2, texto('L', 'CAÑETE / SAN VICENTE DE CAÑETE'))],
    ['with collapsed blanks', cambiarAtributo(5, texto('GN', ' MARÍA  JOSÉ'))],
  ])('may bear its subject %s', async (_, cambio) => {
    expect(await faltasCon(cambio)).toEqual([]);
  });

  it('may bear a letter of two forms in the other one', async () => {
    const solicitud = solicitudCon({ apellidoPaterno: 'Weiß' }, ['FIRMA_DIGITAL']);
    const enMayusculas: Cambio = ({ sujeto }) => ({
      sujeto: sujeto.map((relativo) => JSON.parse(JSON.stringify(relativo).replaceAll('ß', 'ẞ')) as Relativo),
    });

    expect(await faltasCon(enMayusculas, { solicitud })).toEqual([]);
  });

  it.each([
    ['in the middle of a word', 'NÚÑEZ QUISPE MARÍA DE LOS ÁNGELES DEL ROSARIO ALEJ FIR 45678912'],
    ['before a word', 'NÚÑEZ QUISPE MARÍA DE LOS ÁNGELES DEL ROSARIO FIR 45678912'],
    ['between a letter and its accent', 'NÚÑEZ QUISPE MARÍA DE LOS ÁNGELES DEL ROSARIO A FIR 45678912'],
  ])('may cut its CN %s', async (_, cn) => {
    const solicitud = solicitudCon(
      { apellidoMaterno: 'QUISPE', nombres: 'MARÍA DE LOS ÁNGELES DEL ROSARIO ÁLEJANDRA' },
      ['FIRMA_DIGITAL'],
    );
    const conforme = cn.includes('ALEJ') ? cn.replace('ALEJ', 'ÁLEJ') : cn;

    expect(await faltasCon(cambiarAtributo(7, texto('CN', conforme)), { solicitud })).toEqual([]);
  });

  // 2028 is a leap year: from November 2026 four calendar years are one day more than 365 days each.
  it.each(
    [1, 2, 3, 4].flatMap((anios) => {
      const dias = anios * 365;
      const calendario = Date.UTC(2026 + anios, 10, 22, 9, 59) - DESDE.getTime();
      return (
        [
          ['365 days each', dias * DIA],
          ['365 days each, less a second', dias * DIA - SEGUNDO],
          ['a day less than 365 days each', (dias - 1) * DIA],
          ['a day and a second less', (dias - 1) * DIA - SEGUNDO],
          ['calendar years', calendario],
          ['calendar years, less a second', calendario - SEGUNDO],
          ['a day more than calendar years', calendario + DIA],
        ] as const
      ).map(([como, duracion]) => [anios, como, duracion] as const);
    }),
  )('may last %s years as %s', async (vigenciaAnios, _como, duracion) => {
    const { configuracionCertificados } = SOLO_FIRMA;
    const solicitud = {
      ...SOLO_FIRMA,
      configuracionCertificados: { ...configuracionCertificados, vigenciaAnios },
    };

    expect(await faltasCon(() => ({ hasta: new Date(DESDE.getTime() + duracion) }), { solicitud })).toEqual(
      [],
    );
  });

  it.each([
    ['a day before the acceptance', new Date(AHORA.getTime() - DIA)],
    ['five minutes from now', new Date(AHORA.getTime() + 300 * SEGUNDO)],
    ['on 29 February', new Date('2028-02-29T10:00:00Z')],
  ])('may begin %s', async (_, desde) => {
    const pedida = await emision({ solicitud: SOLO_FIRMA, desde });
    const esteDia = desde.getUTCFullYear() === 2028 ? desde : AHORA;

    const comparacion = compararEmision({
      ...pedida,
      ahora: esteDia,
      entrada: { ...pedida.entrada, aceptadaEn: esteDia.toISOString() },
    });

    expect(faltasDe(comparacion)).toEqual([]);
  });

  it.each([
    ['in lower case', (serie: string) => serie.toLowerCase()],
    ['with colons', (serie: string) => serie.replace(/..(?!$)/g, '$&:')],
    ['with leading zeros', (serie: string) => `0000${serie}`],
  ])('may have its serial told %s', async (_, escribir) => {
    const pedida = await emision();

    const comparacion = compararEmision({
      ...pedida,
      recibidos: pedida.recibidos.map((uno) => ({ ...uno, numeroSerie: escribir(uno.numeroSerie) })),
    });

    expect(faltasDe(comparacion)).toEqual([]);
  });

  it('may have its dates told in Peru’s time, and its Base64 in lines', async () => {
    const pedida = await emision({ solicitud: SOLO_FIRMA });

    const comparacion = compararEmision({
      ...pedida,
      recibidos: pedida.recibidos.map((uno) => ({
        ...uno,
        fechaEmision: '2026-11-22T04:59:00.999-05:00',
        certificadoBase64: uno.certificadoBase64.replace(/.{64}/g, '$&\r\n'),
      })),
    });

    expect(comparacion).toMatchObject({
      conforme: true,
      certificados: [{ certificadoBase64: pedida.recibidos[0]?.certificadoBase64 }],
    });
  });
});

describe('a subject that is not the citizen’s', () => {
  it.each([
    ['C', 0, { C: ['CL'] }, /se esperaba C=«PE» y llegó otro/],
    ['ST', 1, texto('ST', 'CUSCO'), /ST=«LIMA» y llegó otro/],
    ['L', 2, texto('L', 'CAÑETE'), /L=«CAÑETE\/SAN VICENTE DE CAÑETE» y llegó otro/],
    ['OU', 3, texto('OU', 'EREP_PN_RENIEC_2026-CIFRADO'), /OU=«EREP_PN_RENIEC_2026-FIRMA_DIGITAL»/],
    ['SN', 4, texto('SN', 'NÚÑEZ'), /SN=«NÚÑEZ D'ANGELO-QUISPE» y llegó otro/],
    ['GN without its accent', 5, texto('GN', 'MARIA JOSÉ'), /GN=«MARÍA JOSÉ» y llegó otro/],
    ['GN with an end hidden by NUL', 5, texto('GN', 'MARÍA JOSÉ\u0000'), /GN=/],
    ['serialNumber', 6, imprimible('PNOPE-45678913'), /serialNumber=«PNOPE-45678912»/],
    ['serialNumber without its kind', 6, imprimible('45678912'), /serialNumber=/],
    ['CN of other names', 7, texto('CN', "NÚÑEZ D'ANGELO-QUISPE ANA FIR 45678912"), /CN=/],
    ['CN cut though it fits', 7, texto('CN', "NÚÑEZ D'ANGELO-QUISPE MARÍA FIR 45678912"), /CN=/],
    ['CN of another type', 7, texto('CN', "NÚÑEZ D'ANGELO-QUISPE MARÍA JOSÉ AUT 45678912"), /CN=/],
    ['CN of another document', 7, texto('CN', "NÚÑEZ D'ANGELO-QUISPE MARÍA JOSÉ FIR 45678913"), /CN=/],
    ['CN without names', 7, texto('CN', 'FIR 45678912'), /CN=/],
  ])('is a fault in %s', async (_, indice, relativo, falta) => {
    expect(await faltasCon(cambiarAtributo(indice, relativo))).toEqual([expect.stringMatching(falta)]);
  });

  it.each([
    ['C', 0],
    ['ST', 1],
    ['L', 2],
    ['OU', 3],
    ['SN', 4],
    ['GN', 5],
    ['serialNumber', 6],
    ['CN', 7],
  ])('is a fault without %s, and with two', async (atributo, indice) => {
    const sin = await faltasCon(cambiarAtributo(indice, null));
    const conDos = await faltasCon(({ sujeto }) => ({
      sujeto: [...sujeto, ...sujeto.slice(indice, indice + 1)],
    }));

    expect(sin).toEqual([expect.stringContaining(`sujeto: falta ${atributo}`)]);
    expect(conDos).toEqual([expect.stringContaining(`sujeto: ${atributo} está 2 veces`)]);
  });

  it('is a fault with an attribute that the profile does not name', async () => {
    const faltas = await faltasCon(({ sujeto }) => ({ sujeto: [...sujeto, texto('O', 'RENIEC')] }));

    expect(faltas).toEqual([expect.stringContaining('sujeto: sobra O')]);
  });

  it('is a fault with two attributes in one relative name', async () => {
    const faltas = await faltasCon(({ sujeto }) => ({
      sujeto: [...sujeto.slice(0, 6), { ...sujeto[6], ...sujeto[7] } as Relativo],
    }));

    expect(faltas).toContainEqual(expect.stringContaining('un atributo en cada nombre relativo'));
  });

  it('is a fault with a CN past 64 letters', async () => {
    const solicitud = solicitudCon({ nombres: 'A'.repeat(100) }, ['FIRMA_DIGITAL']);
    const largo = texto('CN', `NÚÑEZ D'ANGELO-QUISPE ${'A'.repeat(100)} FIR 45678912`);

    const faltas = await faltasCon(cambiarAtributo(7, largo), { solicitud });

    expect(faltas).toEqual([expect.stringContaining('un CN de 64 letras como máximo y tiene 135')]);
  });

  it('names every attribute of another citizen', async () => {
    const otro: SolicitudCertificado = {
      ...SOLO_FIRMA,
      solicitud: { ...SOLO_FIRMA.solicitud, numeroDocumento: '11111111' },
      ciudadano: { ...SOLO_FIRMA.ciudadano, nombres: 'PEDRO', apellidoPaterno: 'PÉREZ' },
    };
    const pedida = await emision({ solicitud: SOLO_FIRMA });
    const ajena = await emision({ solicitud: otro });

    const faltas = faltasDe(compararEmision({ ...pedida, recibidos: ajena.recibidos }));

    expect(faltas).toEqual([
      expect.stringContaining('SN='),
      expect.stringContaining('GN='),
      expect.stringContaining('serialNumber='),
      expect.stringContaining('CN='),
    ]);
  });

  it('is a fault where step 1 gave no number for the type', async () => {
    const faltas = faltasDe(
      compararEmision({ ...(await emision({ solicitud: SOLO_FIRMA })), numerosSolicitud: [] }),
    );

    expect(faltas).toEqual([expect.stringContaining('el paso 1 no dio numeroSolicitud')]);
  });
});

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

describe('a set that is not the one asked', () => {
  it('is a fault: one type is missing', async () => {
    const pedida = await emision();

    const faltas = faltasDe(compararEmision({ ...pedida, recibidos: pedida.recibidos.slice(0, 2) }));

    expect(faltas).toEqual(['certificados: falta el de CIFRADO']);
  });

  it('is a fault: nothing came', async () => {
    expect(faltasDe(compararEmision({ ...(await emision()), recibidos: [] }))).toHaveLength(3);
  });

  it('is a fault: a type that was not asked', async () => {
    const pedida = await emision();

    const faltas = faltasDe(
      compararEmision({ ...pedida, entrada: { ...pedida.entrada, solicitud: SOLO_FIRMA } }),
    );

    expect(faltas).toEqual([
      'certificados: llegó uno de «AUTENTICACION» y se pidieron FIRMA_DIGITAL',
      'certificados: llegó uno de «CIFRADO» y se pidieron FIRMA_DIGITAL',
    ]);
  });

  it('is a fault: a type that nobody knows', async () => {
    const pedida = await emision({ solicitud: SOLO_FIRMA });

    const faltas = faltasDe(
      compararEmision({
        ...pedida,
        recibidos: pedida.recibidos.map((uno) => ({ ...uno, tipoCertificado: 'firma_digital' })),
      }),
    );

    expect(faltas).toEqual([
      'certificados: falta el de FIRMA_DIGITAL',
      'certificados: llegó uno de «firma_digital» y se pidieron FIRMA_DIGITAL',
    ]);
  });

  it('is a fault: the same certificate twice', async () => {
    const pedida = await emision({ solicitud: SOLO_FIRMA });

    const faltas = faltasDe(
      compararEmision({ ...pedida, recibidos: [...pedida.recibidos, ...pedida.recibidos] }),
    );

    expect(faltas).toEqual([
      'certificados: llegó más de uno de «FIRMA_DIGITAL»',
      'certificados: el número de serie de un emisor está en más de uno',
      expect.stringMatching(/^certificados: la clave pública .* está en más de uno$/),
      expect.stringMatching(/^certificados: el certificadoId .* está en más de uno$/),
    ]);
  });

  it('is a fault: one serial in two certificates', async () => {
    const pedida = await emision({ cambio: () => ({ numeroSerie: '0a1b2c' }) });
    const recibidos = pedida.recibidos.map((uno, i) => ({ ...uno, certificadoId: String(i) }));

    expect(faltasDe(compararEmision({ ...pedida, recibidos }))).toEqual([
      'certificados: el número de serie de un emisor está en más de uno',
    ]);
  });

  it.each<[string, string, string, string[]]>([
    ['another issuer', 'OTRA EMISORA', 'OTRA EMISORA', []],
    [
      'its issuer in other case',
      'EMISORA ÑAHUI',
      'emisora  ÑAHUI',
      ['certificados: el número de serie de un emisor está en más de uno'],
    ],
    [
      'its issuer as some readers alone would have it',
      'EMISORA ÑAHUI',
      'EMISORA ñahui',
      ['certificados: el número de serie de un emisor está en más de uno'],
    ],
  ])('the serial of one is free for %s or is not', async (_, nombre, nombreAlEmitir, esperadas) => {
    const [una, otra] = await Promise.all([
      crearCaDePrueba({ emisora: { nombre: esperadas.length > 0 ? nombre : 'EMISORA ÑAHUI' } }),
      crearCaDePrueba({ nombreRaiz: 'OTRA RAIZ', emisora: { nombre, nombreAlEmitir } }),
    ]);
    const solicitud = solicitudCon({}, ['FIRMA_DIGITAL', 'AUTENTICACION']);
    const cambio: Cambio = () => ({ numeroSerie: '0a1b2c' });
    const pedida = await emision({ solicitud, cambio, caEmisora: una });
    const ajena = await emision({ solicitud, cambio, caEmisora: otra });
    const recibidos = [pedida.recibidos[0], ajena.recibidos[1]].filter((uno) => uno !== undefined);

    const faltas = faltasDe(
      compararEmision({
        ...pedida,
        recibidos: recibidos.map((uno, i) => ({ ...uno, certificadoId: String(i) })),
        anclas: cargarAnclas(una.anclasPem + otra.anclasPem),
      }),
    );

    expect(faltas.filter((falta) => falta.startsWith('certificados:'))).toEqual(esperadas);
  });

  it('is a fault: one key in two certificates', async () => {
    const claves = await crearClaves('EC');

    expect(faltasDe(compararEmision(await emision({ cambio: () => ({ claves }) })))).toEqual([
      expect.stringMatching(/^certificados: la clave pública .* está en más de uno$/),
    ]);
  });
});

describe('a description that is not the certificate’s', () => {
  async function conDescripcion(cambios: Partial<CertificadoRecibido>): Promise<Comparacion> {
    const pedida = await emision({ solicitud: SOLO_FIRMA });
    return compararEmision({ ...pedida, recibidos: pedida.recibidos.map((uno) => ({ ...uno, ...cambios })) });
  }

  it.each([
    ['numeroSerie', '1234'],
    ['numeroSerie', '0'],
    ['fechaEmision', '2026-11-22T09:59:01Z'],
    ['fechaEmision', '2026-11-22T09:58Z'],
    ['fechaEmision', '2026-11-22T09:59:00-05:00'],
    ['fechaEmision', '20261122T095900+01'],
    ['fechaEmision', '2026-11-20'],
    ['fechaEmision', '2026-11-24T09:59:00'],
    ['fechaVencimiento', '2026-11-22T09:59:00Z'],
    ['estadoCertificado', 'REVOCADO'],
    ['estadoCertificado', 'SUSPENDIDO'],
  ] as const)('is a fault in %s: %s', async (campo, valor) => {
    const faltas = faltasDe(await conDescripcion({ [campo]: valor }));

    expect(faltas).toEqual([expect.stringContaining(`certificados[0] «FIRMA_DIGITAL»: ${campo}`)]);
  });

  it.each([
    ['numeroSerie', 'no es hexadecimal'],
    ['numeroSerie', ''],
    ['numeroSerie', '-5a'],
    ['numeroSerie', 'f'.repeat(1_000_000)],
    ['fechaEmision', ''],
    ['fechaEmision', 'ayer'],
    ['fechaEmision', '22/11/2026 09:59'],
    ['fechaVencimiento', '2030-13-45T99:99:99Z'],
    ['fechaVencimiento', '2030-02-30T09:59:00Z'],
    ['estadoCertificado', ''],
    ['estadoCertificado', '1'],
    ['certificadoId', ' \t'],
  ] as const)('is noted and quarantines nothing where %s cannot be read', async (campo, valor) => {
    expect(await conDescripcion({ [campo]: valor })).toMatchObject({
      conforme: true,
      avisos: [`FIRMA_DIGITAL: ${campo} no se puede leer`],
      certificados: [{ estadoCertificado: 'ACTIVO' }],
    });
  });

  it('says that it is in force in other case', async () => {
    expect(await conDescripcion({ estadoCertificado: 'activo' })).toMatchObject({
      conforme: true,
      avisos: [],
      certificados: [{ estadoCertificado: 'ACTIVO' }],
    });
  });
});

describe('bytes that are no certificate', () => {
  it.each<[string, (base64: string) => string]>([
    ['nothing', () => ''],
    ['words', () => 'esto no es Base64'],
    ['Base64 without its padding', () => 'QQ'],
    ['Base64 of words', () => Buffer.from('hola').toString('base64')],
    ['base64url', (base64) => base64.replaceAll('+', '-').replaceAll('/', '_') + '-'],
    ['a PEM', (base64) => `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----`],
    [
      'a PEM in Base64',
      (base64) =>
        Buffer.from(`-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`).toString('base64'),
    ],
    ['half a certificate', (base64) => base64.slice(0, 400)],
    ['a megabyte', () => 'A'.repeat(1_048_576)],
    ['ten thousand nested sequences', () => Buffer.alloc(20_000, '3080', 'hex').toString('base64')],
  ])('are a fault: %s', async (_, cambiar) => {
    const pedida = await emision({ solicitud: SOLO_FIRMA });

    const comparacion = compararEmision({
      ...pedida,
      recibidos: pedida.recibidos.map((uno) => ({
        ...uno,
        certificadoBase64: cambiar(uno.certificadoBase64),
      })),
    });

    expect(comparacion).toEqual({
      conforme: false,
      faltas: [expect.stringContaining('certificados[0] «FIRMA_DIGITAL»: certificadoBase64:')],
      leidos: [
        {
          tipoCertificado: 'FIRMA_DIGITAL',
          certificadoId: pedida.recibidos[0]?.certificadoId,
          numeroSerieDeclarado: pedida.recibidos[0]?.numeroSerie,
          numeroSerie: null,
          subjectDN: null,
          huellaCertificado: null,
          huellaClavePublica: null,
        },
      ],
    });
  });

  it('are a fault after the certificate', async () => {
    const pedida = await emision({ solicitud: SOLO_FIRMA });
    const conCola = Buffer.concat([
      Buffer.from(pedida.recibidos[0]?.certificadoBase64 ?? '', 'base64'),
      Buffer.from([0]),
    ]);

    const faltas = faltasDe(
      compararEmision({
        ...pedida,
        recibidos: pedida.recibidos.map((uno) => ({ ...uno, certificadoBase64: conCola.toString('base64') })),
      }),
    );

    expect(faltas).toContainEqual(expect.stringContaining('dos lectores del certificado no leen lo mismo'));
  });
});

it('tells every fault at once, each with its certificate', async () => {
  const pedida = await emision({
    cambio: ({ sujeto }, tipo) =>
      tipo === 'FIRMA_DIGITAL'
        ? { esCa: true, sujeto: sujeto.slice(1) }
        : tipo === 'CIFRADO'
          ? { usosExtendidos: [CLIENT_AUTH] }
          : {},
  });

  const comparacion = compararEmision({
    ...pedida,
    recibidos: pedida.recibidos.map((uno) =>
      uno.tipoCertificado === 'AUTENTICACION' ? { ...uno, estadoCertificado: 'SUSPENDIDO' } : uno,
    ),
  });

  expect(faltasDe(comparacion)).toEqual([
    'certificados[0] «FIRMA_DIGITAL»: sujeto: falta C',
    'certificados[0] «FIRMA_DIGITAL»: basicConstraints: se esperaba CA=FALSE y llegó CA=TRUE',
    'certificados[1] «AUTENTICACION»: estadoCertificado: se esperaba ACTIVO y llegó «SUSPENDIDO»',
    'certificados[2] «CIFRADO»: extendedKeyUsage: se esperaba emailProtection y llegó clientAuth',
  ]);
});
