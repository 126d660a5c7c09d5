/** What the API reads of Temporal's own server while it waits, and how it stops waiting. */
import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { createMotorTemporal, type MotorTemporal } from '../../../../api/emision/temporal/motor-temporal.ts';
import { FakeActividades } from '../../../support/emision/fake-actividades.ts';
import { WORKFLOW_EMISION, workflowId } from '../../../../shared/emision/contrato.ts';
import { entradaDePrueba } from '../../../support/emision/entrada-de-prueba.ts';
import { hasta } from '../../../support/hasta.ts';
import { PASO_1 } from '../../../support/registro/fake-registro.ts';
import { temporalServer } from '../../../support/temporal/temporal-server.ts';
import {
  BancoDeEmision,
  detenida,
  falloDeActividad,
  type Ejecucion,
} from '../../../support/temporal/banco-de-emision.ts';

let banco: BancoDeEmision;
let motor: MotorTemporal;
beforeAll(async () => {
  banco = await BancoDeEmision.abrir(() => temporalServer());
  motor = createMotorTemporal(banco.entorno.client);
}, 120_000);
afterAll(() => banco.cerrar());

const nunca = new AbortController().signal;
const codigoDe = ({ entrada }: Ejecucion) => entrada.solicitud.solicitud.codigoSolicitudTramite;

/** A run whose first step waits at the PKI until the test lets it go on. */
async function enPaso1() {
  const paso1 = detenida<typeof PASO_1>();
  const ejecucion = await banco.iniciar(new FakeActividades({ generarNumerosSolicitud: paso1.actividad }));
  await paso1.llamada;
  return {
    ejecucion,
    codigo: codigoDe(ejecucion),
    seguir: () => {
      paso1.seguir(PASO_1);
    },
  };
}

test.each(['CIRCUITO_ABIERTO', 'PKI_ERROR'] as const)(
  'a step that waits for its next attempt shows how the last one failed: %s',
  async (tipo) => {
    const ejecucion = await banco.iniciar(
      new FakeActividades({
        generarNumerosSolicitud: () => {
          throw falloDeActividad(tipo, { nextRetryDelay: 600_000 });
        },
      }),
    );
    await ejecucion.hastaElIntento(2);

    expect(await motor.enCurso(codigoDe(ejecucion))).toMatchObject({ ultimoFallo: tipo });
    await ejecucion.handle.terminate();
  },
);

describe('how a run began', () => {
  const comienzo = async (ejecucion: Ejecucion) => (await motor.describir(codigoDe(ejecucion)))?.comienzo;

  it('is told while its first task is under way', async () => {
    const registro = detenida<never>();
    const ejecucion = await banco.iniciar(new FakeActividades({ registrarSolicitud: registro.actividad }));
    await registro.llamada;

    expect(await comienzo(ejecucion)).toMatchObject({ esDeUnInicio: true, estaEnSuPrimeraTarea: true });
    registro.fallar(falloDeActividad('TURNO_PERDIDO', { nonRetryable: true }));
    await ejecucion.fallo();
  });

  it('is told of a start, and not of what a reset began', async () => {
    const { ejecucion, seguir } = await enPaso1();
    expect(await comienzo(ejecucion)).toEqual({
      en: (await ejecucion.handle.describe()).startTime,
      esDeUnInicio: true,
      estaEnSuPrimeraTarea: false,
    });
    const { events } = await ejecucion.handle.fetchHistory();
    const tarea = events?.find(({ workflowTaskCompletedEventAttributes: completada }) => completada);

    await banco.entorno.client.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: ejecucion.handle.workflowId },
      reason: 'prueba',
      workflowTaskFinishEventId: tarea?.eventId ?? null,
      requestId: randomUUID(),
    });

    expect((await comienzo(ejecucion))?.esDeUnInicio).toBe(false);
    seguir();
    await banco.entorno.client.workflow.getHandle(ejecucion.handle.workflowId).terminate();
  });
});

describe('a count of what is open', () => {
  it('holds what no worker has begun, and what an operator paused', async () => {
    const { client } = banco.entorno;
    const hastaContar = async (cuantas: number) => {
      await hasta(`${cuantas} to be counted`, async () => (await motor.contarAbiertas()) === cuantas);
    };
    await hastaContar(0);
    const handles = await Promise.all(
      ['SIN-WORKER', 'PAUSADA'].map((codigo) =>
        client.workflow.start(WORKFLOW_EMISION, {
          workflowId: workflowId(codigo),
          taskQueue: 'sin-worker',
          args: [entradaDePrueba(codigo)],
        }),
      ),
    );
    await client.workflowService.pauseWorkflowExecution({
      namespace: 'default',
      workflowId: workflowId('PAUSADA'),
      reason: 'prueba',
      identity: 'operador',
      requestId: randomUUID(),
    });

    await expect(hastaContar(2)).resolves.toBeUndefined();
    await Promise.all(handles.map((handle) => handle.terminate()));
    await expect(hastaContar(0)).resolves.toBeUndefined();
  });
});

describe('a wait', () => {
  it('ends with the run', async () => {
    const { codigo, seguir } = await enPaso1();
    const fin = motor.esperar(codigo, Date.now() + 60_000, nunca);
    seguir();

    expect(await fin).toEqual({ tipo: 'CERRADA', fallo: null });
  });

  it('ends at its limit', async () => {
    const { codigo, ejecucion, seguir } = await enPaso1();

    expect(await motor.esperar(codigo, Date.now() + 200, nunca)).toEqual({ tipo: 'PLAZO' });
    seguir();
    await ejecucion.resultado();
  });

  it('that is cut ends long before its limit, while it polls and before it does', async () => {
    const { codigo, ejecucion, seguir } = await enPaso1();
    const corte = new AbortController();
    const sondeo = jest.spyOn(banco.entorno.client.workflowService, 'getWorkflowExecutionHistory');
    const lejos = Date.now() + 600_000;
    const fin = motor.esperar(codigo, lejos, corte.signal);
    await hasta('the poll to be under way', () => sondeo.mock.calls.length === 1);
    corte.abort();

    expect(await fin).toEqual({ tipo: 'PLAZO' });
    expect(await motor.esperar(codigo, lejos, corte.signal)).toEqual({ tipo: 'PLAZO' });
    expect(sondeo).toHaveBeenCalledTimes(1);
    sondeo.mockRestore();
    seguir();
    await ejecucion.resultado();
  });
});
