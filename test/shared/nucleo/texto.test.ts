import fc from 'fast-check';
import { faltasDeTexto, PATRON_IMPRIMIBLE, texto, textoLegible } from '../../../shared/nucleo/texto.ts';

const DE_CONTROL = 'contiene caracteres de control o de dirección de escritura';
const patron = new RegExp(PATRON_IMPRIMIBLE, 'u');

function difiere(texto: string): boolean {
  return patron.test(texto) === faltasDeTexto(texto, 0, Infinity).includes(DE_CONTROL);
}

test('the published pattern refuses exactly the characters that the API calls control or direction', () => {
  const todos = Array.from({ length: 0x11_0000 }, (_, codigo) => String.fromCodePoint(codigo));
  expect(todos.filter(difiere)).toEqual([]);
});

test('the published pattern judges every character of a text, wherever it stands', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (texto) => {
      expect(difiere(texto)).toBe(false);
    }),
  );
});

test('a text is read in its composed form, and is as long as it looks in any', () => {
  const nombre = texto(1, 50);
  const enies = 'Ñ'.repeat(50);

  expect(nombre.parse(enies.normalize('NFD'))).toBe(enies);
  expect(nombre.safeParse(`${enies}Ñ`.normalize('NFD')).success).toBe(false);
});

describe('a text that somebody else wrote', () => {
  const MAX = 12;
  /** Every UTF-16 unit, lone surrogates too; many of those that matter. */
  const ajeno = fc
    .array(
      fc.oneof(
        fc.integer({ min: 0, max: 0xffff }).map((unidad) => String.fromCharCode(unidad)),
        fc.constantFrom(' ', '\n', '\0', '\u202e', '\u2066', '\u200b', '\ud83e', '\udeaa', '🪪', 'x', 'ñ'),
      ),
      { maxLength: 40 },
    )
    .map((unidades) => unidades.join(''));

  it('is made one that a request may hold, or nothing', () => {
    fc.assert(
      fc.property(ajeno, (texto) => {
        const legible = textoLegible(texto, MAX);
        expect(legible === '' ? [] : faltasDeTexto(legible, 1, MAX)).toEqual([]);
        expect(legible).toBe(legible.trim());
        expect(legible.length).toBeLessThanOrEqual(MAX);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is made so once: made so again it is the same', () => {
    fc.assert(
      fc.property(ajeno, (texto) => {
        const legible = textoLegible(texto, MAX);
        expect(textoLegible(legible, MAX)).toBe(legible);
      }),
    );
  });

  it('stays as it is where nothing is wrong with it', () => {
    const palabras = fc.array(fc.stringMatching(/^[a-zñáé🪪札]{1,8}$/u), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(palabras, (lista) => {
        expect(textoLegible(lista.join(' '), 1_000)).toBe(lista.join(' '));
      }),
    );
  });

  it.each([
    ['half a character becomes the mark of one', 'a\ud83e b', 'a\ufffd b'],
    ['a character at the end is not cut in two', `${'x'.repeat(MAX - 1)}🪪`, 'x'.repeat(MAX - 1)],
    ['lines become one', 'uno\r\n\tdos\u2028tres', 'uno dos tres'],
    ['what reorders it goes', '\u202eabc\u2069', 'abc'],
    ['what nobody sees is nothing', '\u200b\u2060\ufeff', ''],
    ['accents are left as they were composed', 'n\u0303', 'n\u0303'],
  ])('%s', (_caso, texto, legible) => {
    expect(textoLegible(texto, MAX)).toBe(legible);
  });
});
