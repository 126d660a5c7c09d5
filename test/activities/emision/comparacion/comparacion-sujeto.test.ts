/** A subject that is not the citizen’s, and bytes that are no certificate. */
import { compararEmision } from '../../../../activities/emision/comparacion/comparar-emision.ts';
import { type SolicitudCertificado } from '../../../../shared/emision/solicitud.ts';
import { texto, type Relativo } from '../../../support/pki/ca-de-prueba.ts';
import {
  SOLO_FIRMA,
  cambiarAtributo,
  emision,
  faltasCon,
  faltasDe,
  imprimible,
  solicitudCon,
} from './emision-por-comparar.ts';

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
