/** Runs that wait for a register that is down: what they hold of their worker meanwhile, and what they cost Temporal. */
import { CONSULTA_DETALLE, type DetalleEmision } from '../../../shared/emision/contrato.ts';
import { CONSULTA_MS } from '../../../shared/emision/plazos.ts';
import { FakeActividades, RESULTADO } from '../../support/emision/fake-actividades.ts';
import { hasta } from '../../support/hasta.ts';
import { BancoDeEmision, falloDeActividad, type Ejecucion } from '../../support/temporal/banco-de-emision.ts';
import { temporalServer, timeSkippingServer } from '../../support/temporal/temporal-server.ts';

/** As the pool's errors come. */
function sinConexion(): never {
  throw new Error('connect ECONNREFUSED 127.0.0.1:5432');
}

describe('on a real server', () => {
  let banco: BancoDeEmision;
  beforeAll(async () => {
    banco = await BancoDeEmision.abrir(() => temporalServer());
  }, 120_000);
  afterAll(() => banco.cerrar());

  /** More than the 40 workflow tasks that a worker takes at once. */
  const ESPERAN = 60;

  const enTemporizador = async ({ handle }: Ejecucion) => {
    const { events } = await handle.fetchHistory();
    return events?.some(({ timerStartedEventAttributes: temporizador }) => temporizador);
  };

  test('hold neither tasks nor queries, whatever their number, and go on once it is back', async () => {
    let caido = true;
    const esperan = await Promise.all(
      Array.from({ length: ESPERAN }, () =>
        banco.iniciar(
          new FakeActividades({
            compararYRegistrarEmision: () =>
              caido ? sinConexion() : Promise.resolve({ tipo: 'COMPLETADO', resultado: RESULTADO }),
          }),
        ),
      ),
    );
    for (const ejecucion of esperan)
      await hasta('a run to wait in a timer', () => enTemporizador(ejecucion), 60_000);

    const otra = await banco.iniciar(new FakeActividades());
    expect(await otra.resultado()).toEqual(RESULTADO);
    const { client } = banco.entorno;
    const detalles = await Promise.all(
      esperan.map(({ handle }) =>
        client.withDeadline(Date.now() + 10 * CONSULTA_MS, () =>
          handle.query<DetalleEmision>(CONSULTA_DETALLE),
        ),
      ),
    );
    expect(detalles.map(({ estado }) => estado)).toEqual(detalles.map(() => 'EN_PROCESO'));

    caido = false;
    expect(await Promise.all(esperan.map((ejecucion) => ejecucion.resultado()))).toEqual(
      esperan.map(() => RESULTADO),
    );
  }, 180_000);

  test('that an operator cancels are recorded all the same, once it is back', async () => {
    let caido = true;
    const ejecucion = await banco.iniciar(
      new FakeActividades({
        compararYRegistrarEmision: () =>
          caido ? sinConexion() : Promise.resolve({ tipo: 'COMPLETADO', resultado: RESULTADO }),
      }),
    );
    await hasta('the run to wait in a timer', () => enTemporizador(ejecucion));
    await ejecucion.handle.cancel();
    await hasta('the cancel to be recorded', async () => {
      const { events } = await ejecucion.handle.fetchHistory();
      return events?.some((evento) => evento.workflowExecutionCancelRequestedEventAttributes);
    });
    caido = false;

    expect(await ejecucion.resultado()).toEqual(RESULTADO);
  }, 60_000);
});

describe('by a clock that skips', () => {
  let banco: BancoDeEmision;
  beforeAll(async () => {
    banco = await BancoDeEmision.abrir(timeSkippingServer);
  }, 120_000);
  afterAll(() => banco.cerrar());

  test('for half an hour make an attempt every half minute, of six events each', async () => {
    const vuelve = (await banco.entorno.currentTimeMs()) + 30 * 60_000;
    const actividades = new FakeActividades({
      async compararYRegistrarEmision() {
        if ((await banco.entorno.currentTimeMs()) < vuelve) sinConexion();
        return { tipo: 'COMPLETADO', resultado: RESULTADO };
      },
    });

    const ejecucion = await banco.iniciar(actividades);
    expect(await ejecucion.resultado()).toEqual(RESULTADO);

    const { events = [] } = await ejecucion.handle.fetchHistory();
    const intentos = actividades.orden.filter((una) => una === 'compararYRegistrarEmision').length;
    // Beside an attempt each half minute, those of the first minute, while the waits still grow.
    expect(intentos).toBeLessThanOrEqual(60 + 10);
    expect(events?.length).toBeLessThanOrEqual(6 * intentos + 30);
  }, 120_000);

  test('end at once where it comes back with a refusal', async () => {
    let intentos = 0;
    const ejecucion = await banco.iniciar(
      new FakeActividades({
        registrarSolicitud() {
          if (++intentos <= 8) sinConexion();
          throw falloDeActividad('CIUDADANO_EN_PROCESO', { nonRetryable: true });
        },
      }),
    );

    expect(await ejecucion.fallo()).toMatchObject({ tipo: 'CIUDADANO_EN_PROCESO' });
    expect(intentos).toBe(9);
  }, 60_000);
});
