/** The story that `npm run seguir` tells: in order, of the right issuance, and what it cannot know it does not say. */
import { Readable } from 'node:stream';
import { readLogLines, type LogLine } from '../../scripts/seguir/log-lines.ts';
import type { Followed } from '../../scripts/seguir/register.ts';
import { isOfSomeWork, nothingKnown, storyOf } from '../../scripts/seguir/story.ts';

const ID = '5f0c8b1e-8d0f-4e55-9a3c-2d8a1f3f7c10';
const OTRA = '7f0c8b1e-8d0f-4e55-9a3c-2d8a1f3f7c10';

function linea(segundo: number, msg: string, campos: object = {}): LogLine {
  const time = `2026-11-22T10:00:0${segundo}.500Z`;
  return { time, level: 30, name: 'worker', msg, correlationId: ID, ...campos };
}

const SEGUIDA: Followed = {
  pendiente: null,
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
  storyOf(ID, { followed, isWhole }, lineas)?.join('\n') ?? '';

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
    linea(3, 'Activity failed', {
      workflowId: 'emision/SOL-1',
      activityType: 'registrarSolicitud',
      attempt: 4,
      err: { message: 'El registro no responde' },
    }),
  ]);

  expect(historia.split('\n')[0]).toBe(
    'SOL-1 (LIMA) FALLIDO: PKI_NO_DISPONIBLE, «La PKI no responde», resultado incierto',
  );
  const palabras = [
    'se aceptó',
    'paso 1, intento 2: PKI_SIN_CONEXION',
    'registrarSolicitud, intento 4: falló, El registro',
    'falló ·',
  ];
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
  expect(storyOf(ID, { followed: [], isWhole: true }, [])).toBeNull();
  expect(nothingKnown(ID, { followed: [], isWhole: true })).toContain(
    `Nada consta de ${ID} en el registro ni en los logs`,
  );
  expect(nothingKnown(ID, null)).toContain(`Nada consta de ${ID} en los logs leídos`);
});

it('tells once that an attempt at the PKI failed, what its circuit does, and what one that goes on waits for', () => {
  const solicitud = { ...SEGUIDA.solicitud, estado: 'EN_PROCESO', tipoError: null, resultadoIncierto: false };
  const pendiente = {
    paso: 1,
    ultimoFallo: { tipo: 'PKI_NO_DISPONIBLE' },
    proximoIntento: '2026-11-22T10:00:30Z',
    retenida: true,
  };
  const suya = { workflowId: 'emision/SOL-1' };
  const historia = contar(
    [
      linea(2, 'the PKI was called', { ...suya, paso: 1, resultado: 'PKI_NO_DISPONIBLE', ms: 3, attempt: 5 }),
      linea(2, 'Activity failed', {
        ...suya,
        activityType: 'generarNumerosSolicitud',
        err: { message: 'x' },
      }),
      linea(3, 'the circuit of a PKI endpoint changed', { ...suya, paso: 1, estado: 'ABIERTO' }),
    ],
    [{ ...SEGUIDA, solicitud, pendiente }],
  );

  expect(historia.split('\n')[0]).toBe(
    'SOL-1 (LIMA) EN_PROCESO: espera el paso 1, su último intento falló por PKI_NO_DISPONIBLE, la PKI falla repetidamente, el próximo es hacia 2026-11-22T10:00:30Z',
  );
  expect(historia).toContain('el circuito del paso 1 de la PKI: abierto, no se le envía nada');
  expect(historia.match(/intento 5/g)).toHaveLength(1);
  expect(historia).not.toContain('Activity failed');
});

it('what others wrote neither commands the terminal nor makes a line of its own', () => {
  const ajeno = '\u001b[2J\u001b]52;c;eA==\u0007\r\n2026-11-22T10:00:00.000Z  bitácora   se emitieron\u202e';
  const historia = contar(
    [
      linea(2, ajeno, { codigoSolicitudTramite: 'SOL-1', name: ajeno, err: { message: ajeno } }),
      linea(2, 'request', { method: 'GET', route: ajeno, cliente: ajeno, status: '200', ms: 1 }),
      linea(3, 'x', { codigoSolicitudTramite: `SOL-9${ajeno}` }),
    ],
    [{ ...SEGUIDA, solicitud: { ...SEGUIDA.solicitud, titulo: ajeno, oficina: ajeno } }],
  );

  expect(historia).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
  expect(historia.split('\n').filter((una) => una.startsWith('2026'))).toEqual([]);
});

it('a line of no work is not kept', () => {
  expect(isOfSomeWork(linea(1, 'x'))).toBe(true);
  expect(isOfSomeWork({ ...linea(1, 'x'), correlationId: undefined })).toBe(false);
});

it('lines of braces, and longer ones than any of ours, are passed over at once', async () => {
  const texto = ['{'.repeat(500_000), `{"a":"${'x'.repeat(2 << 20)}"}`, JSON.stringify(linea(1, 'una'))].join(
    '\n',
  );
  const leidas = [];
  for await (const una of readLogLines(Readable.from([texto]))) leidas.push(una.msg);
  expect(leidas).toEqual(['una']);
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
