/** When two distinguished names are one, by RFC 5280 and by stricter readers. Long by its tables of names. */
import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  AttributeTypeAndValue,
  AttributeValue,
  Certificate,
  Name,
  RelativeDistinguishedName,
} from '@peculiar/asn1-x509';
import fc from 'fast-check';
import {
  estaDentro,
  formaComparable,
  leerNombre,
  mismoNombre,
  type NombreComparable,
} from '../../../shared/x509/nombres/nombre-distinguido.ts';
import { plegar, textoComparable } from '../../../shared/x509/nombres/texto-comparable.ts';
import { crearCaDePrueba, planConforme } from '../../support/pki/ca-de-prueba.ts';
import { solicitudDePrueba } from '../../support/emision/solicitud-de-prueba.ts';

const CN = '2.5.4.3';
const OU = '2.5.4.11';

type Valor = ConstructorParameters<typeof AttributeValue>[0];
type Relativo = [oid: string, valor: Valor][];

function enAsn1(relativos: readonly Relativo[]): Name {
  return new Name(
    relativos.map(
      (atributos) =>
        new RelativeDistinguishedName(
          atributos.map(
            ([type, valor]) => new AttributeTypeAndValue({ type, value: new AttributeValue(valor) }),
          ),
        ),
    ),
  );
}

function nombre(...relativos: Relativo[]): NombreComparable {
  return formaComparable(leerNombre(AsnConvert.parse(AsnConvert.serialize(enAsn1(relativos)), Name)));
}

const comun = (valor: Valor) => nombre([[CN, valor]]);

it.each<[string, Valor, Valor]>([
  ['case', { utf8String: 'EREP PERU' }, { utf8String: 'Erep Peru' }],
  ['case beside other letters', { utf8String: 'EREP PERÚ' }, { utf8String: 'Erep perÚ' }],
  ['type of text', { utf8String: 'EREP' }, { printableString: 'erep' }],
  ['blanks', { utf8String: 'EREP PERU' }, { utf8String: '  EREP \t  PERU ' }],
])('two names are one in spite of their %s', (_, uno, otro) => {
  expect(mismoNombre(comun(uno), comun(otro))).toBe(true);
});

it.each<[string, Valor, Valor]>([
  ['case of a letter that is not ASCII', { utf8String: 'ÑAHUI' }, { utf8String: 'ñAHUI' }],
  ['kind of blank', { utf8String: 'EREP PERU' }, { utf8String: 'EREP\u00A0\u3000PERU' }],
  ['composition', { utf8String: 'PERÚ' }, { utf8String: 'PERU\u0301' }],
  ['compatibility form', { utf8String: 'EREP ﬁrma ①' }, { utf8String: 'ＥＲＥＰ firma 1' }],
  ['folding to two letters', { utf8String: 'STRASSE' }, { utf8String: 'straße' }],
  ['capital ß', { utf8String: 'STRAẞE' }, { utf8String: 'straße' }],
  ['final sigma', { utf8String: 'ΟΔΟΣ' }, { utf8String: 'οδος' }],
  ['what is not seen', { utf8String: 'EREP' }, { utf8String: 'ER\u00AD\u200BEP\uFEFF' }],
])('two names are one by RFC 5280 alone, and two for strict readers, for their %s', (_, uno, otro) => {
  expect(comun(uno).amplio).toEqual(comun(otro).amplio);
  expect(mismoNombre(comun(uno), comun(otro))).toBe(false);
});

it.each<[string, NombreComparable, NombreComparable]>([
  ['text', comun({ utf8String: 'EREP' }), comun({ utf8String: 'EREP 2' })],
  ['accent', comun({ utf8String: 'PERU' }), comun({ utf8String: 'PERÚ' })],
  ['attribute', comun({ utf8String: 'EREP' }), nombre([[OU, { utf8String: 'EREP' }]])],
  ['length', comun({ utf8String: 'A' }), nombre([[CN, { utf8String: 'A' }]], [[OU, { utf8String: 'B' }]])],
  [
    'order',
    nombre([[CN, { utf8String: 'A' }]], [[OU, { utf8String: 'B' }]]),
    nombre([[OU, { utf8String: 'B' }]], [[CN, { utf8String: 'A' }]]),
  ],
  [
    'grouping',
    nombre([[CN, { utf8String: 'A' }]], [[OU, { utf8String: 'B' }]]),
    nombre([
      [CN, { utf8String: 'A' }],
      [OU, { utf8String: 'B' }],
    ]),
  ],
  ['letters of no use', comun({ utf8String: 'A\uE000' }), comun({ printableString: 'A' })],
  [
    'text that writes the other’s form',
    comun({ utf8String: 'A","2.5.4.11=B' }),
    nombre([
      [CN, { utf8String: 'A' }],
      [OU, { utf8String: 'B' }],
    ]),
  ],
])('two names are two for their %s', (_, uno, otro) => {
  expect(mismoNombre(uno, otro)).toBe(false);
  expect(mismoNombre(otro, uno)).toBe(false);
  expect(uno.amplio).not.toEqual(otro.amplio);
});

it('a name is the same with the attributes of one relative name in any order', () => {
  const uno = nombre([
    [CN, { utf8String: 'A' }],
    [OU, { utf8String: 'B' }],
  ]);
  const otro = nombre([
    [OU, { utf8String: 'b' }],
    [CN, { utf8String: 'a' }],
  ]);

  expect(mismoNombre(uno, otro)).toBe(true);
});

it('a name stands below its beginning, and below nothing else', () => {
  const base = nombre([[OU, { utf8String: 'EREP' }]]);
  const hijo = nombre([[OU, { utf8String: 'erep' }]], [[CN, { utf8String: 'A' }]]);

  for (const forma of ['amplio', 'estricto'] as const) {
    expect(estaDentro(hijo, base, forma)).toBe(true);
    expect(estaDentro(base, hijo, forma)).toBe(false);
    expect(estaDentro(hijo, nombre([[OU, { utf8String: 'EREP2' }]]), forma)).toBe(false);
  }
});

it('a name keeps the form of which the register holds hashes', () => {
  expect(
    nombre([['2.5.4.6', { printableString: 'PE' }]], [[CN, { utf8String: ' EREP  PERÚ' }]]).amplio,
  ).toEqual(['["2.5.4.6=pe"]', '["2.5.4.3=erep perú"]']);
});

describe('OpenSSL as the referee', () => {
  /** Whether it takes the second name for the first one's, by a certificate of each (X509_check_issued: no signature). */
  let sonElMismo: (uno: Name, otro: Name) => boolean;
  beforeAll(async () => {
    const ca = await crearCaDePrueba();
    const plan = await planConforme(solicitudDePrueba(), 'FIRMA_DIGITAL', '1', new Date());
    const emisora = AsnConvert.parse(ca.emisora.rawData, Certificate);
    const emitido = AsnConvert.parse((await ca.emitir(plan)).rawData, Certificate);
    const x509 = (certificado: Certificate) =>
      new X509Certificate(Buffer.from(AsnConvert.serialize(certificado)));
    sonElMismo = (uno, otro) => {
      emisora.tbsCertificate.subject = uno;
      emitido.tbsCertificate.issuer = otro;
      return x509(emitido).checkIssued(x509(emisora));
    };
  });

  const pieza = fc.constantFrom(
    ...Array.from('aZñÑéÉßẞſıİKσΣς1-'),
    ...['e\u0301', 'ﬁ', 'Ａ', '①', ' ', '  ', '\t', '\v', '\u001C', '\u0085', '\u00A0', '\u3000'],
    ...['\u00AD', '\u200B', '\uFEFF', '\u0007', '\uE000', '\u{1F12F}'],
  );
  /** The same text as somebody else may write it, and at times another. */
  const variacion = fc.constantFrom<(texto: string) => string>(
    (texto) => texto,
    (texto) => texto.toUpperCase(),
    (texto) => texto.toLowerCase(),
    (texto) =>
      texto.replace(/[A-Za-z]/g, (letra) => (letra < 'a' ? letra.toLowerCase() : letra.toUpperCase())),
    (texto) => texto.normalize('NFC'),
    (texto) => texto.normalize('NFD'),
    (texto) => texto.normalize('NFKC'),
    (texto) => texto.replace(/ /g, ' \t '),
    (texto) => `  ${texto}\n`,
    (texto) => texto.replace(/ /g, '\u00A0'),
    (texto) => texto.replace(/[\u00AD\u200B\uFEFF]/g, ''),
    (texto) => `${texto}a`,
  );
  const tipo = fc.constantFrom('utf8String', 'bmpString', 'printableString', 'ia5String', 'teletexString');
  const atributo = fc.tuple(
    fc.constantFrom(CN, OU),
    fc.array(pieza, { maxLength: 5 }).map((piezas) => piezas.join('')),
    fc.tuple(tipo, tipo),
    fc.tuple(
      fc.constantFrom((texto: string) => texto),
      variacion,
    ),
  );

  /** In the type where it can hold the text, else in UTF-8. */
  function valorDe(texto: string, tipo: string): Valor {
    const cabe = {
      bmpString: /^[^\u{10000}-\u{10FFFF}]*$/u,
      printableString: /^[A-Za-z0-9 '()+,\-./:=?]*$/,
      ia5String: /^[\0-\x7f]*$/,
      teletexString: /^[\0-\x7f]*$/,
    };
    return Object.entries(cabe).some(([uno, letras]) => uno === tipo && letras.test(texto))
      ? { [tipo]: texto }
      : { utf8String: texto };
  }

  it('two names are one where RFC 5280 and OpenSSL both say so, and nowhere else', () => {
    const iguales = { ambos: 0, soloRfc: 0, soloOpenssl: 0 };
    fc.assert(
      fc.property(
        fc.array(fc.array(atributo, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 }),
        fc.boolean(),
        (relativos, alReves) => {
          const [uno, otro] = ([0, 1] as const).map((cual) =>
            relativos.map((suyos): Relativo => {
              const escritos = suyos.map(([oid, texto, tipos, variaciones]): Relativo[number] => [
                oid,
                valorDe(variaciones[cual](texto), tipos[cual]),
              ]);
              return cual === 1 && alReves ? escritos.reverse() : escritos;
            }),
          ) as [Relativo[], Relativo[]];
          const [primero, segundo] = [nombre(...uno), nombre(...otro)];
          const porRfc = JSON.stringify(primero.amplio) === JSON.stringify(segundo.amplio);
          const porOpenssl = sonElMismo(enAsn1(uno), enAsn1(otro));

          expect(mismoNombre(primero, segundo)).toBe(porRfc && porOpenssl);
          if (porRfc) iguales[porOpenssl ? 'ambos' : 'soloRfc']++;
          else if (porOpenssl) iguales.soloOpenssl++;
        },
      ),
      { numRuns: 500 },
    );
    for (const cuantas of Object.values(iguales)) expect(cuantas).toBeGreaterThan(0);
  });

  it('other case or blanks of ASCII are the same name for all', () => {
    const letras = fc.string({
      unit: fc.constantFrom(...Array.from('aBcXyZ09 -ñÑé')),
      minLength: 1,
      maxLength: 20,
    });
    const caso = (texto: string, cuales: boolean[]) =>
      Array.from(texto, (letra, i) =>
        cuales[i % cuales.length] && letra < '\x7f' ? letra.toUpperCase() : letra,
      ).join('');
    fc.assert(
      fc.property(
        letras,
        fc.array(fc.boolean(), { minLength: 1 }),
        fc.constantFrom(' ', '  ', '\t', ' \r\n'),
        (texto, cuales, blanco) => {
          const otro = `${blanco}${caso(texto, cuales).replace(/ /g, blanco)}${blanco}`;

          expect(mismoNombre(comun({ utf8String: texto }), comun({ utf8String: otro }))).toBe(true);
          expect(
            sonElMismo(enAsn1([[[CN, { utf8String: texto }]]]), enAsn1([[[CN, { utf8String: otro }]]])),
          ).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the preparation of a text', () => {
  const TODAS = Array.from({ length: 0x110000 }, (_, i) => i)
    .filter((punto) => punto < 0xd800 || punto > 0xdfff)
    .map((punto) => String.fromCodePoint(punto));

  it('folds every letter to one form, whatever its case', () => {
    const distintas = TODAS.filter((letra) => {
      const preparada = textoComparable(letra);
      // Of the dotless letter the RFC knows no other case.
      const variantes = letra === 'ı' ? [preparada ?? ''] : [letra.toUpperCase(), letra.toLowerCase()];
      return (
        preparada !== null && [...variantes, preparada].some((una) => textoComparable(una) !== preparada)
      );
    });

    expect(distintas).toEqual([]);
    expect(TODAS.filter((letra) => Array.from(plegar(letra), plegar).join('') !== plegar(letra))).toEqual([]);
  });

  it('leaves a prepared text as it is, and makes no difference between its cases', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (cualquiera) => {
        const texto = cualquiera.normalize('NFC');
        const preparado = textoComparable(texto);
        fc.pre(preparado !== null && !texto.includes('ı'));

        expect(textoComparable(preparado)).toBe(preparado);
        expect(textoComparable(texto.toUpperCase())).toBe(preparado);
        expect(textoComparable(texto.toLowerCase())).toBe(preparado);
      }),
      { numRuns: 2000 },
    );
  });
});
