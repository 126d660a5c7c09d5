/** Walks of the model that chance chooses, each carried out against the real register. */
import fc from 'fast-check';
import { sql } from 'kysely';
import { TABLAS, type RegistroDePrueba } from '../support/registro/registro-de-prueba.ts';
import { mundoInicial, type Mundo, type Suceso } from './mundo.ts';
import { REGLAS } from './reglas.ts';
import { Repeticion } from './repeticion.ts';
import { sucesos } from './sucesos.ts';

const LIMITES: Mundo['quedan'] = { runs: 4, abandonos: 2, actos: 3, fallas: 3 };

/** @throws Error with the shortest walk that was found after which the register is not as the model says */
export async function pasear(prueba: RegistroDePrueba, idempotente: boolean, paseos: number): Promise<void> {
  const eleccion = fc.tuple(fc.nat(9_999), fc.nat(9_999));
  await fc.assert(
    fc.asyncProperty(fc.array(eleccion, { minLength: 20, maxLength: 60 }), async (elecciones) => {
      await sql`truncate ${sql.join(TABLAS.map((tabla) => sql.table(tabla)))}`.execute(prueba.db);
      await unPaseo(prueba, mundoInicial(idempotente, LIMITES), elecciones);
    }),
    { numRuns: paseos },
  );
}

async function unPaseo(
  prueba: RegistroDePrueba,
  inicial: Mundo,
  elecciones: readonly [number, number][],
): Promise<void> {
  const repeticion = new Repeticion(prueba, inicial);
  const camino: string[] = [];
  let mundo = inicial;
  let suceso: Suceso | undefined;
  try {
    for (const eleccion of elecciones) {
      suceso = elegir(mundo, suceso, eleccion);
      if (!suceso) return;
      camino.push(suceso.que);
      await repeticion.ocurre(suceso);
      mundo = suceso.mundo;
    }
  } catch (error) {
    throw new Error(`after\n  ${camino.join('\n  ')}`, { cause: error });
  } finally {
    await repeticion.terminar();
  }
}

/** First what kind of thing happens, then which: what is rare in the model is not rare in the walks. */
function elegir(
  mundo: Mundo,
  anterior: Suceso | undefined,
  [deCualTipo, cual]: [number, number],
): Suceso | undefined {
  const posibles = [...sucesos(mundo, REGLAS)].filter(({ hecho }) => {
    if (anterior?.hecho.tipo !== 'TRABAJAR' || anterior.hecho.hasta !== 'TITULAR_CONCILIADO') return true;
    // Who has closed the holder of the lock goes on at once: the register has no moment between the two.
    return hecho.tipo === 'TRABAJAR' && hecho.quien === anterior.hecho.quien;
  });
  const tipos = [...new Set(posibles.map(({ hecho }) => hecho.tipo))];
  const deEseTipo = posibles.filter(({ hecho }) => hecho.tipo === tipos[deCualTipo % tipos.length]);
  return deEseTipo[cual % deEseTipo.length];
}
