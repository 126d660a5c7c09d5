/** The story that `npm run seguir` tells: in order, of the right issuance, and what it cannot know it does not say. */
import { Readable } from 'node:stream';
import { readLogLines, type LogLine } from '../../scripts/seguir/log-lines.ts';
import type { Followed } from '../../scripts/seguir/register.ts';
import { storyOf } from '../../scripts/seguir/story.ts';

const ID = '5f0c8b1e-8d0f-4e55-9a3c-2d8a1f3f7c10';
const OTRA = '7f0c8b1e-8d0f-4e55-9a3c-2d8a1f3f7c10';

function linea(segundo: number, msg: string, campos: object = {}): LogLine {
  const time = `2026-11-22T10:00:0${segundo}.500Z`;
  return { time, level: 30, name: 'worker', msg, correlationId: ID, ...campos };
}

const SEGUIDA: Followed = {
  solicitud: {
    codigoSolicitudTramite: 'SOL-1',
    estado: 'FALLIDO',
    oficina: 'LIMA',
    tipoError: 'PKI_NO_DISPONIBLE',
    titulo: 'La PKI no responde',
    resultadoIncierto: true,
  },
  hechos: [
    {
      momento: '2026-11-22T10:00:01.000Z',
      evento: 'SOLICITUD_ACEPTADA',
      generacion: 1,
      runId: 'run',
      correlationId: ID,
      tipoError: null,
      titulo: null,
    },
    {
      momento: '2026-11-22T10:00:05.000Z',
      evento: 'EMISION_FALLIDA',
      generacion: 1,
      runId: 'run',
      correlationId: null,
      tipoError: 'PKI_NO_DISPONIBLE',
      titulo: 'La PKI no responde',
    },
  ],
};

const contar = (lineas: LogLine[], followed = [SEGUIDA], isWhole = true): string =>
  storyOf(ID, { followed, isWhole }, lineas).join('\n');

it('mixes facts and lines by their time, whichever came first', () => {
  const historia = contar([
    linea(6, 'request', {
      name: 'api',
      method: 'POST',
      route: '/x',
      status: '504',
      ms: 25,
      cliente: 'siirc',
    }),
    linea(2, 'the PKI was called', {
      workflowId: 'emision/SOL-1',
      paso: 1,
      resultado: 'PKI_SIN_CONEXION',
      ms: 30,
      attempt: 2,
    }),
    linea(3, 'Activity failed', { workflowId: 'emision/SOL-1', err: { message: 'La PKI no responde' } }),
  ]);

  expect(historia.split('\n')[0]).toBe(
    'SOL-1 (LIMA) FALLIDO: PKI_NO_DISPONIBLE, «La PKI no responde», resultado incierto',
  );
  const palabras = ['se aceptó', 'paso 1, intento 2: PKI_SIN_CONEXION', 'Activity failed: La PKI', 'falló ·'];
  const lugares = palabras.map((una) => historia.indexOf(una));
  expect(lugares).toEqual([...lugares].sort((a, b) => a - b));
  expect(lugares).not.toContain(-1);
  expect(historia).toContain('→ 504 en 25 ms, de siirc');
});

it('leaves out the lines of other work, and takes those of the same codigo by other requests', () => {
  const historia = contar([
    linea(2, 'suya', { codigoSolicitudTramite: 'SOL-1', correlationId: OTRA }),
    linea(3, 'ajena', { codigoSolicitudTramite: 'SOL-2', correlationId: OTRA }),
  ]);
  expect(historia).toContain('suya');
  expect(historia).not.toContain('ajena');
});

it.each([
  [true, 'el registro no dice nada'],
  [false, 'la API no la mostró'],
])('of one that only the logs name (the answer was whole: %s): %s', (isWhole, dice) => {
  const historia = contar([linea(1, 'suya', { codigoSolicitudTramite: 'SOL-9' })], [SEGUIDA], isWhole);
  expect(historia).toContain(`SOL-9: ${isWhole ? dice : 'sólo por los logs'}`);
  expect(historia).toContain(dice);
});

it('says that nothing is known, and where it looked', () => {
  expect(contar([], [])).toContain(`Nada consta de ${ID} en el registro ni en los logs leídos`);
  expect(storyOf(ID, null, []).join()).toContain(`Nada consta de ${ID} en los logs leídos`);
});

it('reads lines of our own, with a container’s name before them or none, and passes the others over', async () => {
  const texto = [
    JSON.stringify(linea(1, 'una')),
    `api-1  | ${JSON.stringify(linea(2, 'otra'))}`,
    '{"time":"2026","msg":"no es nuestra"}',
    'palabras { cortadas',
    '{"a":',
  ].join('\n');
  const leidas = [];
  for await (const una of readLogLines(Readable.from([texto]))) leidas.push(una.msg);
  expect(leidas).toEqual(['una', 'otra']);
});
