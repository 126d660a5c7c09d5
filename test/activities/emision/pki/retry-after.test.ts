import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { retryAfterMs } from '../../../../activities/emision/pki/retry-after.ts';
import { RETRY_AFTER_MAXIMO_MS } from '../../../../shared/emision/plazos.ts';

const AHORA = Date.UTC(2026, 10, 22, 15, 0, 0);
const enUnMinuto = 60_000;

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['17', 17_000],
    ['0017', 17_000],
    ['Sun, 22 Nov 2026 15:01:00 GMT', enUnMinuto],
    ['Sunday, 22-Nov-26 15:01:00 GMT', enUnMinuto],
    ['Sun Nov 22 15:01:00 2026', enUnMinuto],
    ['Sun Nov 22 14:59:60 2026', 0],
    ['Sun, 22 Nov 2026 15:00:60 GMT', enUnMinuto],
    // The examples of RFC 9110, long past.
    ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
    ['Sun Nov  6 08:49:37 1994', 0],
    ['Thu, 01 Jan 0001 00:00:00 GMT', 0],
  ])('"%s" says %i ms', (valor, esperaMs) => {
    expect(retryAfterMs(valor, AHORA)).toBe(esperaMs);
  });

  it.each(['86401', '9'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT', 'Mon Nov 22 15:00:00 2027'])(
    '"%s" says no more than the longest wait',
    (valor) => {
      expect(retryAfterMs(valor, AHORA)).toBe(RETRY_AFTER_MAXIMO_MS);
    },
  );

  it.each([
    undefined,
    '',
    'pronto',
    '-1',
    '+1',
    '1.5',
    '1e3',
    '0x10',
    '17 s',
    '17, 18',
    '١٧',
    '2026-11-22T15:01:00Z',
    'Sun, 22 Nov 2026 15:01:00 UTC',
    'Sun, 22 Nov 2026 15:01:00 +0000',
    'Sun, 22 Nov 2026 15:01:00',
    'sun, 22 nov 2026 15:01:00 gmt',
    'Sun, 22 Nov 2026 15:01:00 GMT ',
    'Sun, 22 Nov 26 15:01:00 GMT',
    'Sun, 2 Nov 2026 15:01:00 GMT',
    'Sun, 00 Nov 2026 15:01:00 GMT',
    'Tue, 31 Nov 2026 15:01:00 GMT',
    'Mon, 29 Feb 2027 15:01:00 GMT',
    'Sun, 22 Nov 2026 24:00:00 GMT',
    'Sun, 22 Nov 2026 15:60:00 GMT',
    'Sun, 22 Nov 2026 15:01:61 GMT',
    'Sun, 22-Nov-26 15:01:00 GMT',
    'Sunday, 22-Nov-2026 15:01:00 GMT',
    'Sun Nov 22 15:01:00 2026 GMT',
    'Sun Nov 6 15:01:00 2026',
    'Sun Nov 22 2026 15:01:00',
  ])('"%s" counts as absent', (valor) => {
    expect(retryAfterMs(valor, AHORA)).toBeNull();
  });

  it.each([
    // Within 50 years it is to come; beyond them it is past.
    [
      'the first half of the century',
      '2026-11-22T15:00:00Z',
      'Friday, 20-Nov-76 15:00:00 GMT',
      RETRY_AFTER_MAXIMO_MS,
    ],
    [
      '50 years ahead, to the second',
      '2026-11-22T15:00:00Z',
      'Sunday, 22-Nov-76 15:00:00 GMT',
      RETRY_AFTER_MAXIMO_MS,
    ],
    ['a second more', '2026-11-22T15:00:00Z', 'Monday, 22-Nov-76 15:00:01 GMT', 0],
    ['the turn of the century', '2099-12-31T23:59:00Z', 'Friday, 01-Jan-00 00:00:00 GMT', enUnMinuto],
    ['a leap day of the century past', '2060-03-01T00:00:00Z', 'Tuesday, 29-Feb-00 00:00:00 GMT', 0],
  ])('of two digits of a year is read by the nearest century: %s', (_caso, ahora, valor, esperaMs) => {
    expect(retryAfterMs(valor, Date.parse(ahora))).toBe(esperaMs);
  });

  it('says the same moment in each of its forms', () => {
    const enSegundos = fc.integer({ min: -86_400 * 365, max: 86_400 * 2 });
    fc.assert(
      fc.property(enSegundos, (segundos) => {
        const fecha = new Date(AHORA + segundos * 1000);
        const debida = Math.min(Math.max(0, segundos * 1000), RETRY_AFTER_MAXIMO_MS);
        for (const forma of formasDe(fecha))
          expect([forma, retryAfterMs(forma, AHORA)]).toEqual([forma, debida]);
      }),
    );
  });

  it('is absent or a wait within bounds, whatever comes', () => {
    const cualquiera = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[A-Z][a-z]{2},? \d{2}[ -][A-Z][a-z]{2}[ -]\d{2,4} [\d:]{8}( GMT)?$/),
    );
    fc.assert(
      fc.property(cualquiera, (valor) => {
        const esperaMs = retryAfterMs(valor, AHORA);
        expect(esperaMs === null || (esperaMs >= 0 && esperaMs <= RETRY_AFTER_MAXIMO_MS)).toBe(true);
      }),
    );
  });

  it.each(['America/Lima', 'Asia/Kathmandu', 'Pacific/Kiritimati'])('is GMT in %s too', (TZ) => {
    const formas = formasDe(new Date(AHORA + enUnMinuto));
    const programa = `
      import { retryAfterMs } from './activities/emision/pki/retry-after.ts';
      const leidas = ${JSON.stringify(formas)}.map((forma) => retryAfterMs(forma, ${AHORA}));
      console.log(JSON.stringify([new Date(0).getHours(), ...leidas]));`;
    const salida = execFileSync(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', programa],
      { env: { ...process.env, TZ }, encoding: 'utf8' },
    );

    const [horaLocal, ...leidas] = JSON.parse(salida) as number[];
    expect(horaLocal).not.toBe(0);
    expect(leidas).toEqual([enUnMinuto, enUnMinuto, enUnMinuto]);
  });
});

/** The three forms of RFC 9110, 5.6.7, written by the platform's own calendar. */
function formasDe(fecha: Date): [string, string, string] {
  const [diaSemana = '', dia = '', mes = '', anio = '', hora = ''] = fecha
    .toUTCString()
    .replace(',', '')
    .split(' ');
  const diaLargo = fecha.toLocaleDateString('en-US', { weekday: 'long', timeZone: 'UTC' });
  return [
    fecha.toUTCString(),
    `${diaLargo}, ${dia}-${mes}-${anio.slice(-2)} ${hora} GMT`,
    `${diaSemana} ${mes} ${String(Number(dia)).padStart(2)} ${hora} ${anio}`,
  ];
}
