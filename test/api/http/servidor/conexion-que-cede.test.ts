/** Which connection gives its place up to one more, by whose it is and what is under way in it. */
import { EventEmitter } from 'node:events';
import { createConexiones, type ConexionContada } from '../../../../api/http/servidor/conexiones.ts';

const [A, B, C] = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];

/** Of an address: idle, waits for its issuance, or its client has read nothing since (the lower, the longer). */
interface Abierta {
  de: string;
  que: 'OCIOSA' | 'ESPERA' | number;
}

class ConexionFalsa extends EventEmitter implements ConexionContada {
  readonly remoteAddress: string;
  readonly sinLeerDesdeMs: number | null;
  readonly ocupada: boolean;
  cortada = false;
  constructor({ de, que }: Abierta) {
    super();
    this.remoteAddress = de;
    this.ocupada = que !== 'OCIOSA';
    this.sinLeerDesdeMs = typeof que === 'number' ? que : null;
  }
  cortar(): void {
    this.cortada = true;
    this.emit('close');
  }
}

/** @returns the place of the one that gave way, null where the newcomer was turned away */
function laQueCede(abiertas: Abierta[], nueva: string): number | null {
  const conexiones = createConexiones<ConexionFalsa>(
    abiertas.length,
    ({ ocupada }) => ocupada,
    () => undefined,
  );
  const falsas = abiertas.map((abierta) => new ConexionFalsa(abierta));
  for (const falsa of falsas) conexiones.abrir(falsa);
  const cabe = conexiones.abrir(new ConexionFalsa({ de: nueva, que: 'OCIOSA' }));
  const cortadas = falsas.flatMap(({ cortada }, i) => (cortada ? [i] : []));
  expect(cortadas).toHaveLength(cabe ? 1 : 0);
  return cortadas[0] ?? null;
}

const de = (direccion: string, ...ques: Abierta['que'][]): Abierta[] =>
  ques.map((que) => ({ de: direccion, que }));

it.each<[string, Abierta[], string, number | null]>([
  ['the longest idle of the one that has more', de(A, 'ESPERA', 'OCIOSA', 'OCIOSA', 1), B, 1],
  [
    'of the address that has most, though another is idle for longer',
    [...de(C, 'OCIOSA', 'OCIOSA'), ...de(A, 'OCIOSA', 'OCIOSA', 'OCIOSA')],
    B,
    2,
  ],
  [
    'of the address that has most, though it is met last and its own are idle',
    [...de(B, 'OCIOSA'), ...de(C, 'OCIOSA', 'OCIOSA'), ...de(A, 7, 'ESPERA', 'ESPERA')],
    B,
    3,
  ],
  ['the one that reads nothing for the longest, where none of it is idle', de(A, 'ESPERA', 9, 3, 5), B, 2],
  [
    'of the next that has more, where the first only waits',
    [...de(A, 'ESPERA', 'ESPERA', 'ESPERA'), ...de(C, 'OCIOSA', 5)],
    B,
    3,
  ],
  [
    'its own idle one, where those that have more only wait',
    [...de(A, 'ESPERA', 'ESPERA'), ...de(B, 'OCIOSA')],
    B,
    2,
  ],
  ['its own that reads nothing', [...de(A, 'OCIOSA'), ...de(B, 4)], B, 1],
  ['none of an address that has no more, be it idle', [...de(A, 'OCIOSA'), ...de(B, 'ESPERA')], B, null],
  ['none of an address that has no more, be it read by nobody', [...de(A, 1), ...de(B, 'ESPERA')], B, null],
  ['none that waits for its issuance', [...de(A, 'ESPERA', 'ESPERA', 'ESPERA'), ...de(C, 'ESPERA')], B, null],
  [
    'its own before those of one that has as many',
    [...de(A, 'OCIOSA', 'OCIOSA'), ...de(B, 'ESPERA', 2)],
    B,
    3,
  ],
])('what gives way to one more connection is %s', (_caso, abiertas, nueva, esperada) => {
  expect(laQueCede(abiertas, nueva)).toBe(esperada);
});

it('what was used lately is not the longest idle', () => {
  const conexiones = createConexiones<ConexionFalsa>(
    2,
    ({ ocupada }) => ocupada,
    () => undefined,
  );
  const [primera, segunda, tercera] = [0, 1, 2].map(() => new ConexionFalsa({ de: A, que: 'OCIOSA' }));
  if (!primera || !segunda || !tercera) throw new Error('unreachable');
  conexiones.abrir(primera);
  conexiones.abrir(segunda);
  conexiones.usada(primera);
  conexiones.abrir(tercera);
  expect([primera.cortada, segunda.cortada]).toEqual([false, true]);
});
