/** A set that is what was asked, in every form that the profile leaves open. */
import { compararEmision } from '../../../../activities/emision/comparacion/comparar-emision.ts';
import { crearCaDePrueba, texto, type Relativo } from '../../../support/pki/ca-de-prueba.ts';
import {
  AHORA,
  type Cambio,
  DESDE,
  DIA,
  SEGUNDO,
  SOLICITUD,
  SOLO_FIRMA,
  cambiarAtributo,
  emision,
  faltasCon,
  faltasDe,
  solicitudCon,
} from './emision-por-comparar.ts';

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
