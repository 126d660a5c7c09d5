/** Every change of a certificate's encoding, and of its authority's (docs/certificates.md). */
import { enCorto, largoOCorto } from '../../support/forma-corta.ts';
import { GO_REFEREE_SETUP_MS } from '../../support/referees/go-referee.ts';
import {
  lectorDeGo,
  lectorDeNode,
  lectorDeOpenssl,
  type LectorEstricto,
} from '../../support/referees/lectores-estrictos.ts';
import { AHORA, montarBanco, type Cadena } from './mutaciones.ts';

/** Of the changes, one in so many. */
const CADA = largoOCorto(1, 4);
const algunas = <T>(todas: Iterable<T>): T[] => [...todas].filter((_, n) => n % CADA === 0);

let lectores: LectorEstricto[];
beforeAll(async () => {
  const otros = await Promise.all([lectorDeOpenssl(AHORA), lectorDeGo()]);
  lectores = [lectorDeNode(), ...otros];
}, GO_REFEREE_SETUP_MS);
afterAll(() => Promise.all(lectores.map((uno) => uno.end())));

it.each(enCorto(['EC', 'RSA'] as const, 1))(
  'of all changes of a certificate and of its authority, with %s keys, none is released that strict readers refuse',
  async (tipo) => {
    const banco = await montarBanco(tipo);
    const mutadas = function* (): Generator<['certificado' | 'autoridad', string, Cadena]> {
      for (const una of algunas(banco.certificado.mutaciones)) {
        // Within what is signed each is a broken signature without a new one; outside of it a new one undoes it.
        const firmada = una.camino[0] === 0;
        yield ['certificado', una.nombre, banco.certificadoCon(una, firmada)];
      }
      for (const una of algunas(banco.autoridad.mutaciones))
        if (una.camino[0] === 0) yield ['autoridad', una.nombre, banco.autoridadCon(una)];
    };
    const contra: string[] = [];
    const entregadas = { certificado: 0, autoridad: 0 };

    for (const [de, nombre, cadena] of mutadas()) {
      if (!banco.seEntrega(cadena)) continue;
      entregadas[de]++;
      for (const lector of lectores) {
        const juicio = await lector.juzgar(cadena.der, cadena);
        if (juicio !== 'VALE') contra.push(`${de}: ${nombre}: ${juicio}`);
      }
    }

    expect(contra).toEqual([]);
    // Where nothing were released, nothing would be shown.
    expect(entregadas.certificado).toBeGreaterThan(100 / CADA);
    expect(entregadas.autoridad).toBeGreaterThan(10 / CADA);
  },
  900_000,
);
