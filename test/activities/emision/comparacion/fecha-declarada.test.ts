import fc from 'fast-check';
import { leerFechaDeclarada } from '../../../../activities/emision/comparacion/fecha-declarada.ts';

const INSTANTE = Date.parse('2026-11-27T05:56:07Z');
const HORA_MS = 3_600_000;

function dice(texto: string, instante = INSTANTE): boolean | null {
  const intervalo = leerFechaDeclarada(texto);
  return intervalo && instante >= intervalo.desdeMs && instante < intervalo.hastaMs;
}

it.each([
  '2026-11-27T05:56:07Z',
  '2026-11-27t05:56:07z',
  '2026-11-27 05:56:07Z',
  ' 2026-11-27T05:56:07Z ',
  '2026-11-27T05:56Z',
  '2026-11-27T05Z',
  '2026-11-27T05:56:07.9999999Z',
  '2026-11-27T05:56:07,123Z',
  '2026-11-27T05:56.12Z',
  '2026-11-27T05.935Z',
  '2026-11-27T05:56:07+00:00',
  '2026-11-27T05:56:07-00:00',
  '2026-11-27T05:56:07+0000',
  '2026-11-27T05:56:07+00',
  '2026-11-27T00:56:07-05:00',
  '2026-11-27T00:56:07-0500',
  '2026-11-27T00:56:07-05',
  '2026-11-27T00:56:07−05:00',
  '2026-11-27T11:26:07+05:30',
  '20261127T055607Z',
  '20261127T005607-0500',
  '20261127T0556Z',
  '2026-331T05:56:07Z',
  '2026331T055607Z',
  '2026-W48-5T05:56:07Z',
  '2026W485T055607Z',
  '2026-11-27',
  '20261127',
  '2026-331',
  '2026-11-27T05:56:07',
  '2026-11-27T00:56:07',
])('%s says the moment that the certificate bears', (texto) => {
  expect(dice(texto)).toBe(true);
});

it.each([
  '2026-11-27T05:56:08Z',
  '2026-11-27T05:55Z',
  '2026-11-27T05:56:07-05:00',
  '2026-11-27T05:56:07+0530',
  '20261126T055607Z',
  '2026-330T05:56:07Z',
  '2026-W48-6T05:56:07Z',
  '2026-11-25',
  '2026-11-28T20:00:00',
])('%s says another moment', (texto) => {
  expect(dice(texto)).toBe(false);
});

it.each([
  '',
  'ayer',
  '27/11/2026',
  '1795000000',
  '2026-13-01',
  '2026-02-29',
  '2026-366',
  '2026-W54-1',
  '2026-11-27T25:00Z',
  '2026-11-27T24:00:01Z',
  '2026-11-27T05:60Z',
  '2026-11-27T05:56:07+0x',
  '2026-11-27T05:56:07Z Z',
  'T05:56:07Z',
])('%p is no date', (texto) => {
  expect(leerFechaDeclarada(texto)).toBeNull();
});

it('the end of a day and a leap second are read', () => {
  expect(dice('2026-11-26T24:00:00Z', Date.parse('2026-11-27T00:00:00Z'))).toBe(true);
  expect(dice('2026-12-31T23:59:60Z', Date.parse('2026-12-31T23:59:59Z'))).toBe(true);
});

it('every second of four centuries is read, at every offset, as Date writes it', () => {
  const segundo = fc.integer({ min: Date.UTC(1900, 0, 1) / 1000, max: Date.UTC(2299, 11, 31) / 1000 });
  const minutos = fc.integer({ min: -12 * 60, max: 14 * 60 });
  fc.assert(
    fc.property(segundo, minutos, (s, desfase) => {
      const iso = new Date(s * 1000 + desfase * 60_000).toISOString().slice(0, 19);
      const partes = [Math.floor(Math.abs(desfase) / 60), Math.abs(desfase) % 60].map((n) =>
        String(n).padStart(2, '0'),
      );
      const signo = desfase < 0 ? '-' : '+';

      for (const texto of [
        `${iso}${signo}${partes.join(':')}`,
        `${iso}${signo}${partes.join('')}`,
        `${iso.replace(/[-:]/g, '')}${signo}${partes.join('')}`,
      ])
        expect(leerFechaDeclarada(texto)).toEqual({ desdeMs: s * 1000, hastaMs: s * 1000 + 1000 });
    }),
    { numRuns: 300 },
  );
});

it('any text is a moment or none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (texto) => {
      const intervalo = leerFechaDeclarada(texto);

      expect(intervalo === null || intervalo.hastaMs - intervalo.desdeMs <= 50 * HORA_MS).toBe(true);
    }),
  );
});
