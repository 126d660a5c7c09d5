/** A sample of what mutaciones.long.test.ts does whole. */
import fc from 'fast-check';
import {
  lectorDeNode,
  lectorDeOpenssl,
  type LectorEstricto,
} from '../../support/referees/lectores-estrictos.ts';
import { AHORA, montarBanco, type Banco, type Cadena } from './mutaciones.ts';

let banco: Banco;
let lectores: LectorEstricto[];
beforeAll(async () => {
  banco = await montarBanco('EC');
  lectores = [lectorDeNode(), await lectorDeOpenssl(AHORA)];
});
afterAll(() => Promise.all(lectores.map((uno) => uno.end())));

/** Changed where its new signature stands now. */
const esLaMisma = ({ der, emisora }: Cadena) =>
  Buffer.from(der).equals(banco.cadena.der) && Buffer.from(emisora).equals(banco.cadena.emisora);

/** What is released, strict readers take as well. @returns whether it was */
async function juzgar(cadena: Cadena): Promise<boolean> {
  if (!banco.seEntrega(cadena)) return false;
  for (const lector of lectores) expect(await lector.juzgar(cadena.der, cadena)).toBe('VALE');
  return true;
}

/** Where nothing were released, nothing would be shown. */
async function esperarEntregadas(cuantas: number, cadenas: fc.Arbitrary<Cadena>): Promise<void> {
  let entregadas = 0;
  await fc.assert(
    fc.asyncProperty(cadenas, async (cadena) => {
      if (!esLaMisma(cadena) && (await juzgar(cadena))) entregadas++;
    }),
    { numRuns: cuantas },
  );
  expect(entregadas).toBeGreaterThan(0);
}

it('the comparison releases the certificate that the others are made of, and strict readers take it', async () => {
  expect(await juzgar(banco.cadena)).toBe(true);
});

it('the comparison releases a certificate with anything of its encoding changed only if strict readers take it', async () => {
  const mutacion = fc.constantFrom(...banco.certificado.mutaciones);
  await esperarEntregadas(
    250,
    fc.tuple(mutacion, fc.boolean()).map(([una, firmada]) => banco.certificadoCon(una, firmada)),
  );
});

it('the comparison releases nothing under an authority with anything of its encoding changed but what strict readers take', async () => {
  const mutacion = fc.constantFrom(...banco.autoridad.mutaciones);
  await esperarEntregadas(
    80,
    mutacion.map((una) => banco.autoridadCon(una)),
  );
});
