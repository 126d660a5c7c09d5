/** That the search finds what it looks for, in every form: else finding nothing would say nothing. */
import { jest } from '@jest/globals';
import { CIUDADANO, buscador } from './ciudadano-buscado.ts';

jest.setTimeout(300_000);

describe('the search finds a text', () => {
  const nombre = CIUDADANO.apellidoMaterno;
  const enBase64Tras = (antes: string) => Buffer.from(`${antes}${nombre}...`).toString('base64');
  test.each([
    ['as it is', `x${nombre}x`],
    ['in capitals', nombre.toUpperCase()],
    ['in small letters', nombre.toLowerCase()],
    ['escaped as JSON', String.raw`"de":"G\u00fcilkazonqo"`],
    ['encoded for a URL', `?de=${encodeURIComponent(nombre)}&x`],
    ['in hex', Buffer.from(`..${nombre}`).toString('hex').toUpperCase()],
    ['in Base64 at the first byte', enBase64Tras('')],
    ['in Base64 at the second', enBase64Tras('a')],
    ['in Base64 at the third', enBase64Tras('ab')],
    ['in Base64 for URLs', Buffer.from(`a${nombre}?>`).toString('base64url')],
  ])('%s', (_, pajar) => {
    expect(buscador.enBytes('', Buffer.from(pajar)).map(({ texto }) => texto)).toContain(nombre);
    expect(buscador.enBytes('', Buffer.from(pajar.slice(0, pajar.length / 3)))).toEqual([]);
  });
});
