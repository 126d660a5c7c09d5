import {
  cleanUp,
  emisionesOf,
  newDataDir,
  seriesOf,
  startSimulator,
  step1,
  step2,
  stopSimulator,
  type Numeros,
} from '../../support/pki/running-simulator.ts';

afterEach(cleanUp);

describe('step 1', () => {
  it('answers 201 with a number per type, and 200 with the same numbers under the same key', async () => {
    const { url } = await startSimulator();

    const first = await step1(url, {}, 'clave-1');
    const again = await step1(url, {}, 'clave-1');

    expect(first.status).toBe(201);
    expect(first.body.data.numerosSolicitud.map(({ tipoCertificado }) => tipoCertificado)).toEqual([
      'FIRMA_DIGITAL',
      'AUTENTICACION',
      'CIFRADO',
    ]);
    expect(again.status).toBe(200);
    expect(again.body.data).toEqual(first.body.data);
    expect(await emisionesOf(url, 'SOL-1')).toMatchObject({ numerosGenerados: 3 });
  });

  it('lets the second of two calls under one key wait for the first', async () => {
    const { url } = await startSimulator();

    const answers = await Promise.all(Array.from({ length: 8 }, () => step1(url, {}, 'clave-1')));

    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(7).fill(200), 201]);
    expect(new Set(answers.map(({ body }) => body.data.solicitudPkiId)).size).toBe(1);
    expect(await emisionesOf(url, 'SOL-1')).toMatchObject({ numerosGenerados: 3 });
  });

  it('works without a key, anew at each call', async () => {
    const { url } = await startSimulator();

    const first = await step1(url);
    const second = await step1(url);

    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body.data.solicitudPkiId).not.toBe(first.body.data.solicitudPkiId);
  });

  it('repeats under a key the answer of the work that was done, whatever the body says now', async () => {
    const { url } = await startSimulator();

    const first = await step1(url, { codigo: 'SOL-1' }, 'clave-1');
    const other = await step1(url, { codigo: 'SOL-2', numeroDocumento: '99991404' }, 'clave-1');

    expect(other.status).toBe(200);
    expect(other.body.data).toEqual(first.body.data);
  });

  it('keeps no refusal under a key: corrected data are looked at anew', async () => {
    const { url } = await startSimulator();

    const refused = await step1(url, { numeroDocumento: '99991404' }, 'clave-1');
    const corrected = await step1(url, { numeroDocumento: '45678912' }, 'clave-1');

    expect([refused.status, corrected.status]).toEqual([404, 201]);
  });
});

describe('step 2', () => {
  it('answers the same certificates under the same key', async () => {
    const { url } = await startSimulator();
    const numeros = await numerosOf(url);

    const first = await step2(url, {}, numeros, 'clave-2');
    const again = await step2(url, {}, numeros, 'clave-2');

    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body.data).toEqual(first.body.data);
    expect(await emisionesOf(url, 'SOL-1')).toMatchObject({ emisiones: 1, certificados: 3 });
  });

  it('answers the same certificates for the same solicitudPkiId, under another key and under none', async () => {
    const { url } = await startSimulator();
    const numeros = await numerosOf(url);

    const first = await step2(url, {}, numeros, 'clave-2');
    const otherKey = await step2(url, {}, numeros, 'clave-3');
    const noKey = await step2(url, {}, numeros);

    expect(otherKey.body.data).toEqual(first.body.data);
    expect(noKey.body.data).toEqual(first.body.data);
    expect(await emisionesOf(url, 'SOL-1')).toMatchObject({ emisiones: 1, certificados: 3 });
  });

  it('issues once for calls at the same time under one key, other keys and none', async () => {
    const { url } = await startSimulator();
    const numeros = await numerosOf(url);
    const keys = ['clave-2', 'clave-2', 'clave-3', 'clave-4', undefined, undefined];

    const answers = await Promise.all(keys.map((key) => step2(url, {}, numeros, key)));

    expect(new Set(answers.map(({ body }) => seriesOf(body.data.certificados).join())).size).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await emisionesOf(url, 'SOL-1')).toMatchObject({ emisiones: 1 });
  });

  it('keeps no refusal: after one, corrected data are issued under the same key', async () => {
    const { url } = await startSimulator();
    const numeros = await numerosOf(url);

    const minor = await step2(url, { ciudadano: { fechaNacimiento: '2020-01-01' } }, numeros, 'clave-2');
    const corrected = await step2(url, {}, numeros, 'clave-2');

    expect([minor.status, corrected.status]).toEqual([422, 201]);
  });
});

describe('a restart on the same folder', () => {
  it('repeats what was done before it, by key and by solicitudPkiId, and issues nothing', async () => {
    const dataDir = await newDataDir();
    const before = await startSimulator({ dataDir });
    const paso1 = await step1(before.url, {}, 'clave-1');
    const paso2 = await step2(before.url, {}, paso1.body.data, 'clave-2');
    await stopSimulator(before);

    const { url } = await startSimulator({ dataDir });

    expect((await step1(url, {}, 'clave-1')).body.data).toEqual(paso1.body.data);
    expect((await step2(url, {}, paso1.body.data, 'clave-2')).body.data).toEqual(paso2.body.data);
    expect((await step2(url, {}, paso1.body.data, 'clave-9')).body.data).toEqual(paso2.body.data);
    expect(await emisionesOf(url, 'SOL-1')).toEqual({
      codigoSolicitudTramite: 'SOL-1',
      numerosGenerados: 3,
      emisiones: 1,
      certificados: 3,
      llamadas: { paso1: 2, paso2: 3 },
    });
  });

  it('issues in step 2 for the keys that step 1 made before it', async () => {
    const dataDir = await newDataDir();
    const before = await startSimulator({ dataDir });
    const numeros = await numerosOf(before.url);
    await stopSimulator(before);

    const { url } = await startSimulator({ dataDir });

    expect((await step2(url, {}, numeros, 'clave-2')).status).toBe(201);
  });
});

describe('an adapter that is not idempotent', () => {
  it('does the work again at every call, whatever the key', async () => {
    const { url } = await startSimulator({ idempotent: false });

    const numeros = await step1(url, {}, 'clave-1');
    const others = await step1(url, {}, 'clave-1');
    const first = await step2(url, {}, numeros.body.data, 'clave-2');
    const second = await step2(url, {}, numeros.body.data, 'clave-2');

    expect(others.body.data.solicitudPkiId).not.toBe(numeros.body.data.solicitudPkiId);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(seriesOf(second.body.data.certificados)).not.toEqual(seriesOf(first.body.data.certificados));
    expect(await emisionesOf(url, 'SOL-1')).toMatchObject({
      numerosGenerados: 6,
      emisiones: 2,
      certificados: 6,
    });
  });
});

async function numerosOf(url: string): Promise<Numeros> {
  return (await step1(url)).body.data;
}
