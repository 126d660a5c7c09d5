/** docs/sandbox.md, walked as it says with the settings that it names: each row of its table ends as the row says. */
import { jest } from '@jest/globals';
import { workflowId } from '../../shared/emision/contrato.ts';
import { SANDBOX } from '../../simulator/pki/faults/sandbox.ts';
import { hasta } from '../support/hasta.ts';
import { solicitudDePrueba } from '../support/emision/solicitud-de-prueba.ts';
import { Stack, type Respuesta } from '../support/servidores/stack.ts';

jest.setTimeout(300_000);

/** What `npm start` has, where a Stack has its own. */
const DEFAULTS = { ESPERA_SINCRONA_MS: '25000' };
const RECOMMENDED = { ...DEFAULTS, VENTANA_REINTENTO_MS: '5000' };

/** Three late calls, and the waits between; what a circuit holds meanwhile. */
const LONGEST_MS = 90_000;

interface Row {
  document: string;
  status: number;
  tipo: string | undefined;
  /** What comes of it where the answer tells EN_PROCESO, or where it is run again; null: the answer is its end. */
  then: string | null;
}

function rowOf({ numeroDocumento, api }: (typeof SANDBOX)[number]): Row {
  const [, status, tipo, then = null] = /^(\d{3})(?: ([A-Z_]+))?(?:.*, then (.+))?/.exec(api) ?? [];
  return { document: numeroDocumento, status: Number(status), tipo, then };
}

const ROWS = SANDBOX.map(rowOf);
const GOES_ON = ROWS.filter(({ then }) => /^(FALLIDO|COMPLETADO)/.test(then ?? ''));
const ENDS_FALLIDO = GOES_ON.filter(({ then }) => then?.startsWith('FALLIDO'));

let asStarted: Stack;
let recommended: Stack;
beforeAll(async () => {
  [asStarted, recommended] = await Promise.all([Stack.start(DEFAULTS), Stack.start(RECOMMENDED)]);
});
afterAll(() => Promise.all([asStarted.stop(), recommended.stop()]));

const codigoOf = (document: string) => `PRUEBA-${document}`;

function send(stack: Stack, document: string, prefer?: string): Promise<Respuesta> {
  const solicitud = solicitudDePrueba(codigoOf(document), document);
  return stack.emitir(solicitud, undefined, { cabeceras: { Prefer: prefer } });
}

/** As the rows say it. */
function told({ estadoHttp, sobre }: Respuesta): string {
  return [estadoHttp, sobre.error?.tipo, sobre.data?.transaccion.estado].filter(Boolean).join(' ');
}

/** What a GET tells of it once it goes on no more. */
function endOf(stack: Stack, document: string): Promise<Respuesta> {
  return hasta(
    `${document} to end`,
    async () => {
      const answer = await stack.consultar(codigoOf(document));
      return answer.sobre.data?.transaccion.estado !== 'EN_PROCESO' && answer;
    },
    LONGEST_MS,
  );
}

/** What one does between two documents that fail: an ordinary citizen's issuance closes the circuits. */
async function issueForAnother(stack: Stack, times: number): Promise<void> {
  const codigo = `OTRO-${times}`;
  await stack.emitir(solicitudDePrueba(codigo, String(40_000_000 + times)));
  await hasta(
    'an ordinary citizen to be issued to',
    async () => (await stack.consultar(codigo)).sobre.data?.transaccion.estado === 'COMPLETADO',
    60_000,
  );
}

/** Each row in its turn, with the default times. @returns by document, what its answer and its end were */
async function walkWithDefaults(): Promise<Map<string, string[]>> {
  const seen = new Map<string, string[]>();
  await Promise.all(
    ROWS.filter((row) => !GOES_ON.includes(row)).map(async ({ document, then }) => {
      const answers = [told(await send(asStarted, document))];
      if (then !== null) answers.push(told(await asStarted.reejecutar(codigoOf(document))));
      seen.set(document, answers);
    }),
  );
  // Last those that open a circuit: the others' answers are the step's own failure.
  const inOrder = [...GOES_ON].sort((a, b) => rank(a) - rank(b));
  for (const [times, { document, status, then }] of inOrder.entries()) {
    const answers = [told(await send(asStarted, document, status === 502 ? 'wait=10' : undefined))];
    if (then === 'COMPLETADO') answers.push(told(await endOf(asStarted, document)));
    else await asStarted.client.workflow.getHandle(workflowId(codigoOf(document))).cancel();
    seen.set(document, answers);
    await issueForAnother(asStarted, times);
  }
  return seen;
}

const rank = ({ status }: Row) => [504, 502, 503].indexOf(status);

/** Those that the page says to end as FALLIDO, with the window that it names. */
async function walkToTheEnd(): Promise<Map<string, { told: string; uncertain: unknown }>> {
  const seen = new Map<string, { told: string; uncertain: unknown }>();
  for (const { document } of ENDS_FALLIDO) {
    await send(recommended, document);
    const answer = await endOf(recommended, document);
    const { resultadoIncierto } = (answer.sobre.data?.transaccion ?? {}) as { resultadoIncierto?: boolean };
    seen.set(document, { told: told(answer), uncertain: resultadoIncierto });
  }
  return seen;
}

test('every row of the sandbox ends as it says, with the settings that the page names', async () => {
  const [withDefaults, toTheEnd] = await Promise.all([walkWithDefaults(), walkToTheEnd()]);

  for (const { document, status, tipo, then } of ROWS) {
    const answer = [status, tipo].filter(Boolean).join(' ');
    if (then === null) {
      const estado = status === 201 ? 'COMPLETADO' : 'FALLIDO';
      expect([document, withDefaults.get(document)]).toEqual([document, [`${answer} ${estado}`]]);
    } else if (then.startsWith('201')) {
      const answers = [`${answer} FALLIDO`, '201 COMPLETADO'];
      expect([document, withDefaults.get(document)]).toEqual([document, answers]);
    } else {
      const end = then === 'COMPLETADO' ? ['200 COMPLETADO'] : [];
      expect([document, withDefaults.get(document)]).toEqual([document, [`${answer} EN_PROCESO`, ...end]]);
    }
  }
  expect(ENDS_FALLIDO.length).toBeGreaterThan(4);
  for (const { document, tipo, then } of ENDS_FALLIDO)
    expect([document, toTheEnd.get(document)]).toEqual([
      document,
      { told: `200 ${tipo} FALLIDO`, uncertain: then === 'FALLIDO and uncertain' },
    ]);
});
