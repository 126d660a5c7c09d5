import fc from 'fast-check';
import { faltasDeTexto, PATRON_IMPRIMIBLE } from '../../shared/emision/texto.ts';

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
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (texto) => !difiere(texto)));
});
