/** What is opened for whom, and that the audit log hears of it first. */
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { createDescifrado, type Lector } from '../../../api/codec/descifrado.ts';
import { OCULTO } from '../../../api/codec/mascara.ts';
import type { Descifrado } from '../../../shared/bitacora/descifrados.ts';
import { codigoDe } from '../../../shared/emision/contrato.ts';
import { createCifrado } from '../../../shared/runtime/claves/cifrado.ts';
import { createPayloadCodec } from '../../../shared/runtime/temporal/codec.ts';
import { CLAVES_DE_PRUEBA } from '../../support/emision/claves-de-prueba.ts';

const codec = createPayloadCodec(CLAVES_DE_PRUEBA.cifrado);
const VALOR = { codigo: 'SOL-1', nombres: 'María Elena' };
const ENMASCARADO = { codigo: 'SOL-1', nombres: OCULTO };

let anotados: Descifrado[][];
let alAnotar: () => Promise<void>;
let ahoraMs: number;
/** Payloads opened, and whether in whole. */
let contadas: [number, boolean][];
let descifrar: ReturnType<typeof createDescifrado>;

beforeEach(() => {
  anotados = [];
  contadas = [];
  alAnotar = () => Promise.resolve();
  ahoraMs = 0;
  descifrar = createDescifrado({
    codec,
    visible: { campos: new Set(['codigo']), textos: new Set() },
    codigoDe,
    async anotar(descifrados) {
      await alAnotar();
      anotados.push([...descifrados]);
    },
    contar: (cargas, conDatosPersonales) => void contadas.push([cargas, conDatosPersonales]),
    ahoraMs: () => ahoraMs,
  });
});

const QUIEN = { usuarioEjecutor: 'ana', ipCliente: '10.0.0.1' };
const OPERADOR: Lector = { quien: QUIEN, conDatosPersonales: false };
const SUPERVISOR: Lector = { quien: QUIEN, conDatosPersonales: true };

async function sellar(valor: unknown, workflowId = 'emision/SOL-1'): Promise<Payload> {
  const lugar = { type: 'workflow', namespace: 'default', workflowId } as const;
  const [sellada] = await codec.encode([defaultPayloadConverter.toPayload(valor)], lugar);
  if (!sellada) throw new Error('the codec answers a payload for each');
  return sellada;
}

async function leer(cargas: Payload[], lector: Lector): Promise<unknown[]> {
  return (await descifrar(cargas, lector)).map((carga) => defaultPayloadConverter.fromPayload(carga));
}

it.each([
  ['an operator', OPERADOR, ENMASCARADO],
  ['whoever may see personal data', SUPERVISOR, VALOR],
])('%s is shown as much as the token allows, and the log says so', async (_quien, lector, visto) => {
  expect(await leer([await sellar(VALOR)], lector)).toEqual([visto]);
  expect(anotados).toEqual([[{ codigo: 'SOL-1', ...lector }]]);
  expect(contadas).toEqual([[1, lector.conDatosPersonales]]);
});

it('nothing is shown that the log did not take', async () => {
  alAnotar = () => Promise.reject(new Error('connect ECONNREFUSED'));
  const carga = await sellar(VALOR);

  await expect(leer([carga], SUPERVISOR)).rejects.toThrow('ECONNREFUSED');

  alAnotar = () => Promise.resolve();
  await leer([carga], SUPERVISOR);
  expect(anotados).toHaveLength(1);
});

it('what one person sees of one work within a minute is one entry; another work, extent or minute is another', async () => {
  const carga = await sellar(VALOR);
  await leer([carga, carga], OPERADOR);
  ahoraMs = 59_999;
  await leer([carga], OPERADOR);
  expect(anotados.flat()).toHaveLength(1);

  await leer([carga], SUPERVISOR);
  await leer([carga, await sellar(VALOR, 'emision/SOL-2'), await sellar(VALOR, 'mantenimiento/x')], OPERADOR);
  await leer([carga], { ...OPERADOR, quien: { ...QUIEN, usuarioEjecutor: 'luis' } });
  expect(anotados.flat().map(({ codigo }) => codigo)).toEqual([
    'SOL-1',
    'SOL-1',
    'SOL-2',
    'mantenimiento/x',
    'SOL-1',
  ]);

  ahoraMs = 60_000;
  await leer([carga], OPERADOR);
  expect(anotados.flat()).toHaveLength(6);
});

it.each([
  ['an operator', OPERADOR],
  ['whoever may see personal data', SUPERVISOR],
])(
  'to %s what is in clear is shown where it was written for operators, and is no look at anything',
  async (_quien, lector) => {
    const enClaro = defaultPayloadConverter.toPayload({ nombres: 'de un extraño' });
    const paraOperadores = defaultPayloadConverter.toPayload('▸ LIMA-CENTRO');

    expect(await leer([enClaro, paraOperadores], lector)).toEqual([
      { cargaRechazada: 'SIN_SELLO' },
      '▸ LIMA-CENTRO',
    ]);
    expect(anotados).toEqual([]);
  },
);

it('what says that it is sealed and does not open is nobody’s: it leaves no entry', async () => {
  const forjadas = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const carga = await sellar(VALOR);
      return {
        ...carga,
        metadata: {
          ...carga.metadata,
          'sealed-for': Buffer.from(JSON.stringify(['workflow', 'default', `emision/OTRO-${String(i)}`])),
        },
      };
    }),
  );

  expect(new Set((await leer(forjadas, SUPERVISOR)).map((una) => JSON.stringify(una)))).toEqual(
    new Set(['{"cargaRechazada":"NO_ABRE"}']),
  );
  expect(anotados).toEqual([]);
});

it('what a key sealed that is not here stays as it is, beside what opens', async () => {
  const otro = createPayloadCodec(createCifrado(`otra:${Buffer.alloc(32, 7).toString('base64')}`));
  const lugar = { type: 'workflow', namespace: 'default', workflowId: 'emision/SOL-2' } as const;
  const [ajena] = await otro.encode([defaultPayloadConverter.toPayload(VALOR)], lugar);

  const [vista, propia] = await descifrar([ajena ?? {}, await sellar(VALOR)], OPERADOR);

  expect(vista).toEqual(ajena);
  expect(propia && defaultPayloadConverter.fromPayload(propia)).toEqual(ENMASCARADO);
  expect(anotados.flat().map(({ codigo }) => codigo)).toEqual(['SOL-1']);
});

it('what an earlier version sealed for no place is known by its codigo, or by itself', async () => {
  const sellarSinLugar = async (valor: unknown): Promise<Payload> => {
    const [sellada] = await codec.encode([defaultPayloadConverter.toPayload(valor)]);
    if (!sellada) throw new Error('the codec answers a payload for each');
    return sellada;
  };
  await leer([await sellarSinLugar({ solicitud: { codigoSolicitudTramite: 'SOL "9"' } })], SUPERVISOR);
  await leer([await sellarSinLugar(VALOR), await sellarSinLugar(VALOR)], SUPERVISOR);

  const codigos = anotados.flat().map(({ codigo }) => codigo);
  expect(codigos[0]).toBe('SOL "9"');
  expect(new Set(codigos.slice(1)).size).toBe(2);
  for (const codigo of codigos.slice(1)) expect(codigo).toMatch(/^carga\/[0-9a-f]{16}$/);
});

it('a payload that is no JSON is hidden whole from who may not see personal data', async () => {
  const [binaria] = await codec.encode(
    [{ metadata: { encoding: Buffer.from('binary/plain') }, data: Buffer.from('María') }],
    { type: 'workflow', namespace: 'default', workflowId: 'emision/SOL-1' },
  );
  const [nula] = await codec.encode([{ metadata: { encoding: Buffer.from('binary/null') }, data: null }]);

  expect(await leer([binaria ?? {}, nula ?? {}], OPERADOR)).toEqual([OCULTO, undefined]);
});
