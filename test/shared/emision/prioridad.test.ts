import { prioridadDe } from '../../../shared/emision/prioridad.ts';
import { entradaDePrueba } from '../../support/emision/entrada-de-prueba.ts';

/** Temporal's own bound. */
const BYTES_MAX = 64;

function turnoDe(oficinaEjecucion: string): string {
  const entrada = entradaDePrueba('SOL-1');
  return prioridadDe({ ...entrada, contexto: { ...entrada.contexto, oficinaEjecucion } }, false).fairnessKey;
}

describe('the turn of an office', () => {
  it.each([
    ['OFICINA-REGISTRAL-DE-LIMA-SAN-MARTIN-DE-PORRES-NORTE-1', 'the longest code that a header may have'],
    ['OFICINA-REGISTRAL-ÑAÑA', 'letters of two bytes'],
    ['', 'none'],
  ])('is its whole code: %s (%s)', (oficina) => {
    expect(turnoDe(oficina)).toBe(oficina);
  });

  it('of another office is another, though both begin alike', () => {
    expect(turnoDe('OFICINA-REGISTRAL-LIMA')).not.toBe(turnoDe('OFICINA-REGISTRAL-CUSCO'));
  });

  it.each(['Ñ', '漢', '𝒳'])(
    'is cut between letters where the code has more bytes than a key may: %s',
    (letra) => {
      const turno = turnoDe(letra.repeat(50));

      expect(Buffer.byteLength(turno)).toBeLessThanOrEqual(BYTES_MAX);
      expect(Buffer.byteLength(turno + letra)).toBeGreaterThan(BYTES_MAX);
      expect(turno).toBe(letra.repeat(Array.from(turno).length));
    },
  );
});
