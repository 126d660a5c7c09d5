import { FAULTS, type FaultName } from '../../../simulator/pki/faults/fault-plan.ts';
import { GATEWAY_ACTS, GATEWAY_MOMENTS } from '../../../simulator/pki/faults/gateway.ts';
import {
  BASE,
  bodyOfStep1,
  cleanUp,
  emisionesOf,
  startSimulator,
  step1,
} from '../../support/pki/running-simulator.ts';

afterEach(cleanUp);

const STEP_1 = `${BASE}/generarNumerosSolicitud2`;

/** The first call of a codigo meets the fault; what it is answered, null where its connection was reset. */
async function struckBy(fault: FaultName) {
  const { url } = await startSimulator({
    behaviourOf: ({ numeroLlamada }) => (numeroLlamada === 1 ? FAULTS[fault] : {}),
  });
  const answer = await fetch(url + STEP_1, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'clave' },
    body: JSON.stringify(bodyOfStep1()),
  })
    .then(async (response) => ({
      status: response.status,
      headers: response.headers,
      body: await response.text(),
    }))
    .catch(() => null);
  return { url, answer };
}

const ACTS = GATEWAY_ACTS.flatMap((act) => GATEWAY_MOMENTS.map((when) => [act, when] as const));

describe('a gateway before the adapter', () => {
  it.each(ACTS)('speaks in its place (%s %s), and the repeat gets its answer', async (act, when) => {
    const { url, answer } = await struckBy(`PASARELA_${act}_${when}`);

    if (act === 'CORTE') expect(answer).toBeNull();
    else {
      expect(answer?.status).toBe(act === 'UPSTREAM' ? 503 : Number(act));
      expect(() => JSON.parse(answer?.body ?? '') as unknown).toThrow(SyntaxError);
    }
    // What it stopped is done now; what was done, or was being done, is repeated.
    const again = await step1(url, {}, 'clave');
    expect(again.status).toBe(when === 'ANTES' ? 201 : 200);
    expect(await emisionesOf(url, 'SOL-1')).toMatchObject({ numerosGenerados: 3 });
  });

  it('names a time to come again in its page of 503', async () => {
    expect((await struckBy('PASARELA_503_ANTES')).answer?.headers.get('Retry-After')).toBe('2');
  });

  it('says nothing twice where the adapter then refuses the call that it answered', async () => {
    const errors: unknown[] = [];
    const { url } = await startSimulator({
      behaviourOf: () => ({ ...FAULTS.PASARELA_504_MIENTRAS, refusal: 'CIUDADANO_NO_ENCONTRADO' }),
      onError: (error) => errors.push(error),
    });

    const statuses = [];
    for (let call = 0; call < 2; call++)
      statuses.push(
        (await fetch(url + STEP_1, { method: 'POST', body: JSON.stringify(bodyOfStep1()) })).status,
      );

    expect(statuses).toEqual([504, 504]);
    expect(errors).toEqual([]);
  });
});
