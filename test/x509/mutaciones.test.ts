/** A sample of what mutaciones.long.test.ts does whole. */
import fc from 'fast-check';
import { lectorDeNode, lectorDeOpenssl, type LectorEstricto } from '../support/lectores-estrictos.ts';
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

/** What is released, strict readers take as well. */
async function juzgar(cadena: Cadena): Promise<void> {
  if (esLaMisma(cadena) || !banco.seEntrega(cadena)) return;
  for (const lector of lectores) expect(await lector.juzgar(cadena.der, cadena)).toBe('VALE');
}

it('releases the certificate that the others are made of', async () => {
  expect(banco.seEntrega(banco.cadena)).toBe(true);
  await juzgar(banco.cadena);
});

it('releases a certificate with anything of its encoding changed only if strict readers take it', async () => {
  const mutacion = fc.constantFrom(...banco.certificado.mutaciones);
  await fc.assert(
    fc.asyncProperty(mutacion, fc.boolean(), (una, firmada) => juzgar(banco.certificadoCon(una, firmada))),
    { numRuns: 250 },
  );
});

it('releases nothing under an authority with anything of its encoding changed but what strict readers take', async () => {
  const mutacion = fc.constantFrom(...banco.autoridad.mutaciones);
  await fc.assert(
    fc.asyncProperty(mutacion, (una) => juzgar(banco.autoridadCon(una))),
    { numRuns: 80 },
  );
});
