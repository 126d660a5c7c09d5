import {
  ArbolQueCrece,
  esConsistente,
  nodosDe,
  pruebaDeConsistencia,
  pruebaDeInclusion,
  raizPorInclusion,
  RAIZ_VACIA,
  resumenDe,
  resumenDeHoja,
  type LeerNodo,
  type Resumen,
} from '../../../shared/bitacora/arbol/arbol.ts';
import { GO_REFEREE_SETUP_MS, startGoReferee, type GoReferee } from '../../support/referees/go-referee.ts';

/** Sizes around the powers of two, where the arithmetic turns. */
const TAMANO = 70;

const hojas = Array.from({ length: TAMANO }, (_, i) => Buffer.from(`entrada ${i}`));
const { raices, leer } = hacerArbol(hojas);
const base64 = (resumen: Resumen) => resumen.toString('base64');
const raizDe = (tamano: number): Resumen => raices[tamano] ?? RAIZ_VACIA;

/** Every inclusion and every consistency of every size. */
const inclusiones = tamanos().flatMap((tamano) =>
  Array.from({ length: tamano }, (_, indice) => ({
    tamano,
    indice,
    prueba: pruebaDeInclusion(indice, tamano).map((rango) => resumenDe(rango, leer)),
  })),
);
const consistencias = tamanos().flatMap((hasta) =>
  Array.from({ length: hasta }, (_, i) => ({
    desde: i + 1,
    hasta,
    prueba: pruebaDeConsistencia(i + 1, hasta).map((rango) => resumenDe(rango, leer)),
  })),
);

describe('the tree, by an implementation that is not ours', () => {
  let referee: GoReferee;
  beforeAll(async () => {
    referee = await startGoReferee();
  }, GO_REFEREE_SETUP_MS);
  afterAll(() => referee.end());

  it('has the same root at every size', async () => {
    const { raices: esperadas } = await referee.juzgar({ hojas: hojas.map(base64) });

    expect(tamanos().map((tamano) => base64(raizDe(tamano)))).toEqual(esperadas);
  });

  it('proves every leaf of every size', async () => {
    const { inclusiones: juicios } = await referee.juzgar({
      inclusiones: inclusiones.map(({ tamano, indice, prueba }) => ({
        tamano,
        indice,
        raiz: base64(raizDe(tamano)),
        hoja: base64(hojas[indice] ?? Buffer.alloc(0)),
        prueba: prueba.map(base64),
      })),
    });

    expect(juicios).toHaveLength((TAMANO * (TAMANO + 1)) / 2);
    expect(new Set(juicios)).toEqual(new Set(['VALE']));
  });

  it('proves that every size begins with every smaller one', async () => {
    const { consistencias: juicios } = await referee.juzgar({
      consistencias: consistencias.map(({ desde, hasta, prueba }) => ({
        desde,
        hasta,
        raizDesde: base64(raizDe(desde)),
        raizHasta: base64(raizDe(hasta)),
        prueba: prueba.map(base64),
      })),
    });

    expect(juicios).toHaveLength((TAMANO * (TAMANO + 1)) / 2);
    expect(new Set(juicios)).toEqual(new Set(['VALE']));
  });

  it('is refused a proof of another leaf', async () => {
    const [una] = inclusiones.filter(({ tamano, indice }) => tamano === 7 && indice === 3);
    const { inclusiones: juicios } = await referee.juzgar({
      inclusiones: [
        {
          tamano: 7,
          indice: 3,
          raiz: base64(raizDe(7)),
          hoja: base64(Buffer.from('otra')),
          prueba: una?.prueba.map(base64) ?? [],
        },
      ],
    });

    expect(juicios).not.toEqual(['VALE']);
  });
});

describe('verification', () => {
  it('accepts every proof of inclusion, and none for another place', () => {
    for (const { tamano, indice, prueba } of inclusiones) {
      const hoja = resumenDeHoja(hojas[indice] ?? Buffer.alloc(0));
      expect(raizPorInclusion(indice, tamano, hoja, prueba)).toEqual(raizDe(tamano));
      const otro = (indice + 1) % tamano;
      if (otro !== indice) expect(raizPorInclusion(otro, tamano, hoja, prueba)).not.toEqual(raizDe(tamano));
    }
  });

  it('accepts every proof of consistency, and none with a bit changed, one hash less or one more', () => {
    for (const { desde, hasta, prueba } of consistencias) {
      const antes = { tamano: desde, raiz: raizDe(desde) };
      const despues = { tamano: hasta, raiz: raizDe(hasta) };
      expect(esConsistente(antes, despues, prueba)).toBe(true);
      expect(esConsistente({ ...antes, raiz: alterado(antes.raiz) }, despues, prueba)).toBe(false);
      expect(esConsistente(antes, { ...despues, raiz: alterado(despues.raiz) }, prueba)).toBe(false);
      expect(esConsistente(antes, despues, [...prueba, RAIZ_VACIA])).toBe(false);
      for (const [i, resumen] of prueba.entries())
        expect(esConsistente(antes, despues, prueba.with(i, alterado(resumen)))).toBe(false);
      if (prueba.length > 0) expect(esConsistente(antes, despues, prueba.slice(1))).toBe(false);
    }
  });

  it('knows the empty tree as the beginning of every other', () => {
    expect(esConsistente({ tamano: 0, raiz: RAIZ_VACIA }, { tamano: 5, raiz: raizDe(5) }, [])).toBe(true);
    expect(esConsistente({ tamano: 5, raiz: raizDe(5) }, { tamano: 0, raiz: RAIZ_VACIA }, [])).toBe(false);
  });

  it('refuses to prove what the tree does not hold', () => {
    expect(() => pruebaDeInclusion(5, 5)).toThrow(RangeError);
    expect(() => pruebaDeConsistencia(6, 5)).toThrow(RangeError);
  });
});

function tamanos(): number[] {
  return Array.from({ length: TAMANO }, (_, i) => i + 1);
}

function alterado(resumen: Resumen): Resumen {
  const copia = Buffer.from(resumen);
  copia.writeUInt8(copia.readUInt8(0) ^ 1);
  return copia;
}

/** Grows from its stored right edge at every leaf, as the sequencer does after a restart. */
function hacerArbol(datos: Buffer[]): { raices: Resumen[]; leer: LeerNodo } {
  const nodos = new Map<string, Resumen>();
  const leer: LeerNodo = ({ nivel, posicion }) => {
    const resumen = nodos.get(`${nivel}/${posicion}`);
    if (!resumen) throw new Error(`no node ${nivel}/${posicion}`);
    return resumen;
  };
  const raices = [RAIZ_VACIA];
  for (const [tamano, hoja] of datos.entries()) {
    const arbol = new ArbolQueCrece(tamano, nodosDe({ desde: 0, hasta: tamano }).map(leer));
    for (const { nivel, posicion, resumen } of arbol.agregar(resumenDeHoja(hoja)))
      nodos.set(`${nivel}/${posicion}`, resumen);
    raices.push(arbol.raiz);
  }
  return { raices, leer };
}
