/** As modelo.test.ts and repeticion.test.ts, deeper. */
import { enCorto, largoOCorto } from '../support/forma-corta.ts';
import { BASES, usarRegistro } from '../support/registro/registro-de-prueba.ts';
import { explorar } from './explorar.ts';
import type { Mundo } from './mundo.ts';
import { pasear } from './paseos.ts';

const LIMITES: Mundo['quedan'][] = [
  { runs: 2, abandonos: 2, actos: 0, fallas: 1 },
  { runs: 2, abandonos: 1, actos: 2, fallas: 1 },
  { runs: 3, abandonos: 1, actos: 1, fallas: 1 },
];

/** Of events, on each database. */
const PASEOS = largoOCorto(150, 50);

describe.each([false, true])('with an adapter that repeats its answers: %s', (idempotente) => {
  it.each(enCorto(LIMITES, 2))(
    'the guarantee holds in every state within %j',
    (quedan) => {
      const { estaCompleta, falta } = explorar(idempotente, { quedan, estadosMax: 2_000_000 });

      expect(falta).toBeNull();
      expect(estaCompleta).toBe(true);
    },
    300_000,
  );

  describe.each(BASES)('on $nombre', ({ abrir }) => {
    const prueba = usarRegistro(abrir);

    it(
      'the register does what the model says, event by event',
      () => pasear(prueba, idempotente, PASEOS),
      300_000,
    );
  });
});
