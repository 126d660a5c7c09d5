/** What the API reads of Temporal's own server while it waits, and how it stops waiting. */
import { jest } from '@jest/globals';
import { createMotorTemporal, type MotorTemporal } from '../../../../api/emision/temporal/motor-temporal.ts';
import { FakeActividades } from '../../../support/emision/fake-actividades.ts';
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
