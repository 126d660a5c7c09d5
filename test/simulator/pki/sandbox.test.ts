/** The documents of docs/sandbox.md, each by what it causes. */
import { readFile } from 'node:fs/promises';
import { X509Certificate } from 'node:crypto';
import type { BehaviourOf } from '../../../simulator/pki/faults/behaviour.ts';
import { SANDBOX, createSandbox } from '../../../simulator/pki/faults/sandbox.ts';
import type { SimulatorOptions } from '../../../simulator/pki/simulator.ts';
import {
  cleanUp,
  emisionesOf,
  newDataDir,
  pemOf,
  startSimulator,
  step1,
  step2,
  stopSimulator,
} from '../../support/pki/running-simulator.ts';
import { hasta } from '../../support/hasta.ts';

afterEach(cleanUp);

describe('a refusal', () => {
  it.each([
    ['99991404', 404, 'CIUDADANO_NO_ENCONTRADO'],
    ['99991422', 422, 'CIUDADANO_NO_CUMPLE_REQUISITOS'],
  ])('of %s comes in step 1 with %i and makes no numbers', async (numeroDocumento, status, tipo) => {
    const { url } = await startSimulator();

    const answer = await step1(url, { numeroDocumento });

    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ success: false, statusCode: status, data: null, error: { tipo } });
    expect(await emisionesOf(url, 'SOL-1')).toMatchObject({ numerosGenerados: 0, llamadas: { paso1: 1 } });
  });

  it.each([
    ['99992404', 404, 'CIUDADANO_NO_ENCONTRADO'],
    ['99992422', 422, 'CIUDADANO_NO_CUMPLE_REQUISITOS'],
  ])('of %s comes in step 2 with %i and issues nothing', async (numeroDocumento, status, tipo) => {
    const { url } = await startSimulator();
    const numeros = await step1(url, { numeroDocumento });

    const answer = await step2(url, { numeroDocumento }, numeros.body.data);

    expect([numeros.status, answer.status]).toEqual([201, status]);
    expect(answer.body.error?.tipo).toBe(tipo);
    expect(await emisionesOf(url, 'SOL-1')).toMatchObject({ emisiones: 0, llamadas: { paso2: 1 } });
  });

  it('of 99991201 comes in the first call of a codigo only: the same request then makes its numbers', async () => {
    const { url } = await startSimulator();
    const given = { numeroDocumento: '99991201' };

    const first = await step1(url, given, 'clave-1');
    const second = await step1(url, given, 'clave-1');

    expect([first.status, second.status]).toEqual([404, 201]);
    expect(await emisionesOf(url, 'SOL-1')).toMatchObject({ numerosGenerados: 3, llamadas: { paso1: 2 } });
  });

  it.each([
    ['the day before the 18th birthday', '2008-11-23', 422],
    ['the 18th birthday', '2008-11-22', 201],
  ])('meets a citizen by age, as it is in Peru: %s', async (_when, fechaNacimiento, status) => {
    // 3 in the morning of the 23rd in UTC is still the 22nd in Lima.
    const { url } = await startSimulator({ clock: () => new Date('2026-11-23T03:00:00Z') });
    const numeros = await step1(url);

    const answer = await step2(url, { ciudadano: { fechaNacimiento } }, numeros.body.data);

    expect(answer.status).toBe(status);
  });
});

describe('an outage', () => {
  it('of 99990503 lasts two calls of each step of a codigo, over a restart', async () => {
    const dataDir = await newDataDir();
    const given = { numeroDocumento: '99990503' };
    const before = await startSimulator({ dataDir });
    const first = await step1(before.url, given, 'clave-1');
    await stopSimulator(before);
    const { url } = await startSimulator({ dataDir });

    const second = await step1(url, given, 'clave-1');
    const third = await step1(url, given, 'clave-1');
    const ofStep2 = [];
    for (let call = 0; call < 3; call++) {
      ofStep2.push((await step2(url, given, third.body.data, 'clave-2')).status);
    }
    const otherCodigo = await step1(url, { ...given, codigo: 'SOL-2' });

    expect([first, second, third].map(({ status }) => status)).toEqual([503, 503, 201]);
    expect(first.headers.get('Retry-After')).toBe('1');
    expect(ofStep2).toEqual([503, 503, 201]);
    expect(otherCodigo.status).toBe(503);
    expect(await emisionesOf(url, 'SOL-1')).toMatchObject({ emisiones: 1, llamadas: { paso1: 3, paso2: 3 } });
  });

  it.each([
    ['99991503', 503],
    ['99991500', 500],
  ])('of %s never ends in step 1: %i', async (numeroDocumento, status) => {
    const { url } = await startSimulator();

    const statuses = [];
    for (let call = 0; call < 4; call++) statuses.push((await step1(url, { numeroDocumento })).status);

    expect(statuses).toEqual(Array(4).fill(status));
  });

  it.each([
    ['99992503', 503],
    ['99992500', 500],
  ])('of %s never ends in step 2: %i, and nothing is issued', async (numeroDocumento, status) => {
    const { url } = await startSimulator();
    const numeros = await step1(url, { numeroDocumento });

    const statuses = [];
    for (let call = 0; call < 4; call++) {
      statuses.push((await step2(url, { numeroDocumento }, numeros.body.data)).status);
    }

    expect(statuses).toEqual(Array(4).fill(status));
    expect(await emisionesOf(url, 'SOL-1')).toMatchObject({ emisiones: 0, llamadas: { paso2: 4 } });
  });
});

describe('a slow or late document', () => {
  it('of 99990201 takes its time in each step', async () => {
    const waits: number[] = [];
    const { url } = await startSimulator({ slowMs: 150, sleep: noted(waits) });
    const given = { numeroDocumento: '99990201' };

    const numeros = await step1(url, given);
    expect(waits).toEqual([150]);
    const certificados = await step2(url, given, numeros.body.data);
    expect(waits).toEqual([150, 150]);
    expect(certificados.status).toBe(201);
  });

  it('of 99992504 has issued long before it answers', async () => {
    const { url } = await startSimulator({ lateMs: 60_000 });
    const given = { numeroDocumento: '99992504' };
    const numeros = await step1(url, given);

    const unanswered = step2(url, given, numeros.body.data, 'clave-2').then(({ status }) => status);
    const emisiones = await hasta('it to be issued', async () => {
      const counts = await emisionesOf(url, 'SOL-1');
      return counts['emisiones'] === 1 && counts;
    });

    expect(emisiones).toMatchObject({ emisiones: 1, certificados: 3 });
    await cleanUp();
    expect(await unanswered).toBe(201);
  });

  it('of 99991504 answers late three times, then at once', () => {
    const behaviourOf = createSandbox({ slowMs: 1, lateMs: 7 });

    const delays = [1, 2, 3, 4].map(
      (numeroLlamada) => behaviourOf({ ...callOf('99991504'), numeroLlamada }).delayAfterMs ?? 0,
    );

    expect(delays).toEqual([7, 7, 7, 0]);
  });

  it('waits the latency of the configuration in every call', async () => {
    const waits: number[] = [];
    const { url } = await startSimulator({ latencyMs: 120, sleep: noted(waits) });

    const numeros = await step1(url);
    await step2(url, {}, numeros.body.data);

    expect(waits).toEqual([120, 120]);
  });
});

describe('a wrong certificate', () => {
  it('of 99992502 belongs to somebody else', async () => {
    const { url } = await startSimulator();
    const given = { numeroDocumento: '99992502' };
    const numeros = await step1(url, given);

    const { status, body } = await step2(url, given, numeros.body.data);

    expect(status).toBe(201);
    const subjects = body.data.certificados.map(
      (certificado) => new X509Certificate(pemOf(certificado)).subject,
    );
    expect(subjects).toHaveLength(3);
    for (const subject of subjects) {
      expect(subject).toContain('serialNumber=PNOPE-00000001');
      expect(subject).not.toContain('99992502');
      expect(subject).not.toContain('Quispe');
    }
  });
});

describe('the sandbox', () => {
  it('takes any other document for a citizen, and its numbers only as DNI', () => {
    const behaviourOf = createSandbox({ slowMs: 1, lateMs: 1 });

    expect(behaviourOf(callOf('45678912'))).toEqual({});
    expect(behaviourOf({ ...callOf('99991404'), tipoDocumento: 'CE' })).toEqual({});
    expect(behaviourOf(callOf('99991404'))).not.toEqual({});
  });

  it('gives its place to another lookup of behaviour', async () => {
    const seen: Parameters<BehaviourOf>[0][] = [];
    const behaviourOf: BehaviourOf = (call) => {
      seen.push(call);
      return { outage: 'ERROR_INTERNO' };
    };
    const { url } = await startSimulator({ behaviourOf });

    const { status } = await step1(url);

    expect(status).toBe(500);
    expect(seen).toMatchObject([{ paso: 1, codigoSolicitudTramite: 'SOL-1', numeroLlamada: 1 }]);
  });

  it('stands in docs/sandbox.md, row by row', async () => {
    const page = await readFile(new URL('../../../docs/sandbox.md', import.meta.url), 'utf8');

    const rows = page
      .split('\n')
      .filter((line) => line.startsWith('| `9999'))
      .map((line) => line.replace(/ +/g, ' '));

    expect(rows).toEqual(
      SANDBOX.map(({ numeroDocumento, adapter, api }) => `| \`${numeroDocumento}\` | ${adapter} | ${api} |`),
    );
  });

  it('has one row for each document', () => {
    expect(new Set(SANDBOX.map(({ numeroDocumento }) => numeroDocumento)).size).toBe(SANDBOX.length);
  });
});

/** A sleep that keeps what was to be waited, and does not wait. */
function noted(waits: number[]): NonNullable<SimulatorOptions['sleep']> {
  return (ms) => Promise.resolve(waits.push(ms));
}

function callOf(numeroDocumento: string): Parameters<BehaviourOf>[0] {
  return {
    paso: 1,
    codigoSolicitudTramite: 'SOL-1',
    tipoDocumento: 'DNI',
    numeroDocumento,
    numeroLlamada: 1,
  };
}
