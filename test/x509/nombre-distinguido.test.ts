import 'reflect-metadata';
import { AsnConvert } from '@peculiar/asn1-schema';
import { AttributeTypeAndValue, AttributeValue, Name, RelativeDistinguishedName } from '@peculiar/asn1-x509';
import fc from 'fast-check';
import {
  estaDentro,
  formaComparable,
  leerNombre,
  mismoNombre,
} from '../../shared/x509/nombre-distinguido.ts';
import { textoComparable } from '../../shared/x509/texto-comparable.ts';

const CN = '2.5.4.3';
const OU = '2.5.4.11';

type Valor = ConstructorParameters<typeof AttributeValue>[0];

function nombre(...relativos: [oid: string, valor: Valor][][]): string[] {
  const name = new Name(
    relativos.map(
      (atributos) =>
        new RelativeDistinguishedName(
          atributos.map(
            ([type, valor]) => new AttributeTypeAndValue({ type, value: new AttributeValue(valor) }),
          ),
        ),
    ),
  );
  return formaComparable(leerNombre(AsnConvert.parse(AsnConvert.serialize(name), Name)));
}

const comun = (valor: Valor) => nombre([[CN, valor]]);

it.each<[string, Valor, Valor]>([
  ['case', { utf8String: 'EREP PERÚ' }, { utf8String: 'Erep Perú' }],
  ['type of text', { utf8String: 'EREP' }, { printableString: 'erep' }],
  ['blanks', { utf8String: 'EREP PERU' }, { utf8String: '  EREP \t  PERU ' }],
  ['kind of blank', { utf8String: 'EREP PERU' }, { utf8String: 'EREP\u00A0\u3000PERU' }],
  ['composition', { utf8String: 'PERÚ' }, { utf8String: 'PERU\u0301' }],
  ['compatibility form', { utf8String: 'EREP ﬁrma ①' }, { utf8String: 'ＥＲＥＰ firma 1' }],
  ['folding to two letters', { utf8String: 'STRASSE' }, { utf8String: 'straße' }],
  ['final sigma', { utf8String: 'ΟΔΟΣ' }, { utf8String: 'οδος' }],
  ['what is not seen', { utf8String: 'EREP' }, { utf8String: 'ER\u00AD\u200BEP\uFEFF' }],
])('two names are one in spite of their %s', (_, uno, otro) => {
  expect(mismoNombre(comun(uno), comun(otro))).toBe(true);
});

it.each<[string, string[], string[]]>([
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
});

it('takes the attributes of one relative name in any order', () => {
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

it('stands below its beginning, and below nothing else', () => {
  const base = nombre([[OU, { utf8String: 'EREP' }]]);
  const hijo = nombre([[OU, { utf8String: 'erep' }]], [[CN, { utf8String: 'A' }]]);

  expect(estaDentro(hijo, base)).toBe(true);
  expect(estaDentro(base, hijo)).toBe(false);
  expect(estaDentro(hijo, nombre([[OU, { utf8String: 'EREP2' }]]))).toBe(false);
});

it('prepares a prepared text to itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (texto) => {
      const preparado = textoComparable(texto);
      fc.pre(preparado !== null);

      expect(textoComparable(preparado)).toBe(preparado);
    }),
    { numRuns: 500 },
  );
});
