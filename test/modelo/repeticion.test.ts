/** The model is of this register and of no other. modelo.long.test.ts walks farther. */
import { BASES, usarRegistro } from '../support/registro/registro-de-prueba.ts';
import { pasear } from './paseos.ts';

describe.each(BASES)('on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  it.each([true, false])(
    'the register does what the model says, event by event (idempotent adapter: %s)',
    (idempotente) => pasear(prueba, idempotente, 15),
    300_000,
  );
});
