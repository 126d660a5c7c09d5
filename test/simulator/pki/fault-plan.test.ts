import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import type { Call } from '../../../simulator/pki/faults/behaviour.ts';
import {
  createFaultPlan,
  FAULTS,
  readFaultPlan,
  type FaultName,
} from '../../../simulator/pki/faults/fault-plan.ts';
import {
  BASE,
  bodyOfStep1,
  cleanUp,
  emisionesOf,
  startSimulator,
  step1,
  step2,
} from '../../support/pki/running-simulator.ts';

afterEach(cleanUp);

const call = (codigoSolicitudTramite: string, numeroLlamada = 1): Call => ({
  paso: 2,
  codigoSolicitudTramite,
  tipoDocumento: 'DNI',
  numeroDocumento: '45678912',
  numeroLlamada,
});

describe('a plan of faults', () => {
  it('repeats itself for a seed, whatever the order of the calls', () => {
    const calls = fc.array(fc.record({ codigo: fc.string(), n: fc.nat() }), { minLength: 1 });
    fc.assert(
      fc.property(fc.string(), calls, (seed, asked) => {
        const plan = readFaultPlan('hostil');
        const met = (order: typeof asked) =>
          order.map(({ codigo, n }) => createFaultPlan(plan, seed)(call(codigo, n)));
        expect(met(asked)).toEqual(met([...asked].reverse()).reverse());
      }),
    );
  });

  it('strikes about the share of calls that it names, and another set of them under another seed', () => {
    const plan = readFaultPlan('{"paso2": {"HTTP_500": 0.3}}');
    const struck = (seed: string) =>
      Array.from({ length: 1_000 }, (_, i) => createFaultPlan(plan, seed)(call(`SOL-${String(i)}`))).flatMap(
        (behaviour, i) => (behaviour === FAULTS.HTTP_500 ? [i] : []),
      );

    expect(struck('a').length).toBeGreaterThan(230);
    expect(struck('a').length).toBeLessThan(370);
    expect(struck('a')).not.toEqual(struck('b'));
    expect(createFaultPlan(plan, 'a')({ ...call('SOL-1'), paso: 1 })).toEqual({});
  });

  it.each([
    ['nada', /neither a profile \(hostil\) nor JSON/],
    ['{"paso1": {"NADA": 1}}', /paso1/],
    ['{"paso1": {"HTTP_500": 2}}', /paso1.HTTP_500/],
    ['{"paso1": {"HTTP_500": 0.6, "PERDIDA": 0.6}}', /more than 1/],
    ['{"paso3": {}}', /paso3/],
  ])('refuses %s and says why', (text, words) => {
    expect(() => readFaultPlan(text)).toThrow(words);
  });
});

describe('an answer that is lost', () => {
  it.each(['PERDIDA', 'CORTADA', 'TRUNCADA', 'BASURA', 'OTRO_ESQUEMA', 'ENORME'] as const)(
    'by %s is got by a repeat, and the work is done once',
    async (fault) => {
      const { url } = await startSimulator({
        behaviourOf: ({ numeroLlamada }) => (numeroLlamada === 1 ? FAULTS[fault] : {}),
      });
      const first = await fetch(`${url}${BASE}/generarNumerosSolicitud2`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'clave' },
        body: JSON.stringify(bodyOfStep1()),
      })
        .then((answer) => answer.text())
        .catch(() => null);
      expect(first === null || !first.includes('numerosSolicitud":[') || !isJson(first)).toBe(true);

      const again = await step1(url, {}, 'clave');

      expect(again.status).toBe(200);
      expect(await emisionesOf(url, 'SOL-1')).toMatchObject({ numerosGenerados: 3 });
    },
  );

  it('by OCUPADA is that of a second call under the same key: 409 while the first is at work', async () => {
    // All have come before the work on any begins.
    let coming = 4;
    const come = Promise.withResolvers<undefined>();
    const before = () => {
      if (--coming === 0) come.resolve(undefined);
      return come.promise;
    };
    const { url } = await startSimulator({
      behaviourOf: () => ({ conflictsWhenBusy: true, before }),
      keyType: 'RSA',
    });

    const answers = await Promise.all(Array.from({ length: 4 }, () => step1(url, {}, 'clave')));

    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  });
});

describe('certificates that are not what was asked', () => {
  const faulty = async (fault: FaultName) => {
    const { url, chainPem } = await startSimulator({
      behaviourOf: ({ paso, codigoSolicitudTramite }) =>
        paso === 2 && codigoSolicitudTramite === 'MALA' ? FAULTS[fault] : {},
    });
    const issue = async (codigo: string) => {
      const numeros = (await step1(url, { codigo })).body.data;
      const { certificados } = (await step2(url, { codigo }, numeros)).body.data;
      return certificados.map(
        ({ certificadoBase64 }) => new X509Certificate(Buffer.from(certificadoBase64, 'base64')),
      );
    };
    const good = await issue('BUENA');
    const issuer = new X509Certificate(chainPem.slice(chainPem.lastIndexOf('-----BEGIN')));
    return { good, bad: await issue('MALA'), issuer };
  };

  it('repeat a serial or a key, break a signature, come from a stranger, last too long', async () => {
    const serie = await faulty('SERIE_REPETIDA');
    expect(serie.good.map(({ serialNumber }) => serialNumber)).toContain(serie.bad[0]?.serialNumber);

    const clave = await faulty('CLAVE_REPETIDA');
    const keyOf = (certificate?: X509Certificate) => certificate?.publicKey.export({ format: 'jwk' });
    expect(clave.good.map(keyOf)).toContainEqual(keyOf(clave.bad[0]));

    const firma = await faulty('FIRMA_ROTA');
    expect(firma.good[0]?.verify(firma.issuer.publicKey)).toBe(true);
    expect(firma.bad[0]?.verify(firma.issuer.publicKey)).toBe(false);

    const extrania = await faulty('EMISOR_DESCONOCIDO');
    expect(extrania.bad[0]?.issuer).not.toBe(extrania.good[0]?.issuer);

    const vigencia = await faulty('VIGENCIA');
    const years = (certificate?: X509Certificate) =>
      (Date.parse(certificate?.validTo ?? '') - Date.parse(certificate?.validFrom ?? '')) /
      (365 * 24 * 3_600_000);
    expect(years(vigencia.bad[0]) - years(vigencia.good[0])).toBeCloseTo(1);
  });

  it('name another citizen, another type, another use of the key', async () => {
    const ciudadano = await faulty('OTRO_CIUDADANO');
    expect(ciudadano.bad[0]?.subject).toMatch(/PNOPE-00000001/);

    const tipo = await faulty('OTRO_TIPO');
    expect(tipo.bad[0]?.subject).not.toMatch(/FIR /);

    const uso = await faulty('USO_DE_CLAVE');
    expect(uso.bad.length).toBe(3);
    expect(uso.bad[0]?.raw.equals(uso.good[0]?.raw ?? Buffer.alloc(0))).toBe(false);
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
