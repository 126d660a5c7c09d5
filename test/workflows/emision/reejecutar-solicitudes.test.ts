import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { workflowId } from '../../../shared/emision/contrato.ts';
import { memoDe } from '../../../shared/emision/memo.ts';
import { REEJECUCIONES_A_LA_VEZ, REEJECUCIONES_POR_RUN } from '../../../shared/emision/plazos.ts';
import { CONSULTA_AVANCE, type AvanceDeRun } from '../../../shared/emision/reejecucion.ts';
import { FakeActividades } from '../../support/emision/fake-actividades.ts';
import { PASO_1 } from '../../support/registro/fake-registro.ts';
import { temporalServer } from '../../support/temporal/temporal-server.ts';
import { detenida, falloDeActividad, lanzar } from '../../support/temporal/banco-de-emision.ts';
import { BancoDeReejecucion, codigosNuevos, lista, type Masiva } from './banco-de-reejecucion.ts';
import { entradaDePrueba } from '../../support/emision/entrada-de-prueba.ts';

let banco: BancoDeReejecucion;
beforeAll(async () => {
  banco = await BancoDeReejecucion.abrir(temporalServer);
}, 120_000);
afterAll(() => banco.cerrar());

/** An issuance that a test holds in step 1. */
function retener(codigo: string) {
  const paso1 = detenida<typeof PASO_1>();
  banco.emisiones.set(codigo, new FakeActividades({ generarNumerosSolicitud: paso1.actividad }));
  return {
    enCurso: paso1.llamada,
    seguir: () => {
      paso1.seguir(PASO_1);
    },
  };
}

function estadoDe(codigo: string): Promise<string> {
  return banco.client.workflow
    .getHandle(workflowId(codigo))
    .describe()
    .then(
      ({ status }) => status.name,
      (error: unknown) => {
        if (error instanceof WorkflowNotFoundError) return 'NEVER STARTED';
        throw error;
      },
    );
}

function resultadosDe({ resultados }: Masiva): Record<string, unknown> {
  return Object.fromEntries(resultados);
}

it('a bulk re-run records the order, runs every codigo, notes each outcome, and records the end', async () => {
  const codigos = codigosNuevos(3);
  const masiva = await banco.iniciar({ codigos });

  await masiva.handle.result();

  expect([masiva.registros, masiva.fines]).toEqual([1, 1]);
  expect(masiva.preparados).toEqual(codigos);
  expect(resultadosDe(masiva)).toEqual(Object.fromEntries(codigos.map((codigo) => [codigo, null])));
  expect(await Promise.all(codigos.map(estadoDe))).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED']);
});

it('a bulk re-run runs each codigo under the id and with the memo by which the API knows an issuance', async () => {
  const [codigo = ''] = codigosNuevos(1);
  const masiva = await banco.iniciar({ codigos: [codigo] });
  await masiva.handle.result();

  const descrita = await banco.client.workflow.getHandle(workflowId(codigo)).describe();
  expect(descrita.memo).toEqual({ ...memoDe(entradaDePrueba(codigo)) });
  expect(descrita.taskQueue).toBe('emision');
  const { summary } = descrita.raw.executionConfig?.userMetadata ?? {};
  expect(Buffer.from(summary?.data ?? []).toString()).toBe(
    '"▸ LIMA-CENTRO · PRESENCIAL · FIRMA_DIGITAL, AUTENTICACION, CIFRADO"',
  );
  const { titular } = descrita.raw.workflowExecutionInfo?.memo?.fields ?? {};
  expect(Buffer.from(titular?.metadata?.encoding ?? []).toString()).toBe('binary/encrypted');
});

it('a bulk re-run leaves out what may not run, and asks nothing of it', async () => {
  const [fuera = '', dentro = ''] = codigosNuevos(2);
  const masiva = await banco.iniciar({
    codigos: [fuera, dentro],
    preparar: (codigo) => (codigo === fuera ? { tipo: 'OMITIDA' } : lista(codigo)),
  });

  await masiva.handle.result();

  expect(resultadosDe(masiva)).toEqual({ [dentro]: null });
  expect(await estadoDe(fuera)).toBe('NEVER STARTED');
});

it('a bulk re-run goes on after an issuance that fails, and lets the register tell how it ended', async () => {
  const codigos = codigosNuevos(2);
  const [falla = '', otra = ''] = codigos;
  banco.emisiones.set(
    falla,
    new FakeActividades({
      generarNumerosSolicitud: lanzar(falloDeActividad('CIUDADANO_NO_ENCONTRADO', { nonRetryable: true })),
    }),
  );
  const masiva = await banco.iniciar({ codigos });

  await masiva.handle.result();

  expect(resultadosDe(masiva)).toEqual({ [falla]: null, [otra]: null });
  expect(await estadoDe(falla)).toBe('FAILED');
});

it('a bulk re-run tells why a run was turned away before it wrote anything', async () => {
  const [codigo = ''] = codigosNuevos(1);
  banco.emisiones.set(
    codigo,
    new FakeActividades({
      registrarSolicitud: lanzar(falloDeActividad('CIUDADANO_EN_PROCESO', { nonRetryable: true })),
    }),
  );
  const masiva = await banco.iniciar({ codigos: [codigo] });

  await masiva.handle.result();

  expect(resultadosDe(masiva)).toEqual({ [codigo]: 'CIUDADANO_EN_PROCESO' });
});

it('a bulk re-run does not run a codigo that a client is running already', async () => {
  const [codigo = ''] = codigosNuevos(1);
  const emision = retener(codigo);
  const primera = await banco.iniciar({ codigos: [codigo] });
  await emision.enCurso;

  const segunda = await banco.iniciar({ codigos: [codigo] });
  await segunda.handle.result();
  emision.seguir();
  await primera.handle.result();

  expect(resultadosDe(segunda)).toEqual({ [codigo]: 'SOLICITUD_EN_PROCESO' });
  expect(resultadosDe(primera)).toEqual({ [codigo]: null });
});

it('a bulk re-run leaves the rest to the register where an operator terminates an issuance', async () => {
  const [codigo = ''] = codigosNuevos(1);
  const emision = retener(codigo);
  const masiva = await banco.iniciar({ codigos: [codigo] });
  await emision.enCurso;

  await banco.client.workflow.getHandle(workflowId(codigo)).terminate('prueba');
  await masiva.handle.result();
  emision.seguir();

  expect(resultadosDe(masiva)).toEqual({ [codigo]: null });
});

it(`a bulk re-run runs ${REEJECUCIONES_A_LA_VEZ} at a time, and tells how far it is`, async () => {
  const codigos = codigosNuevos(REEJECUCIONES_A_LA_VEZ + 2);
  const emisiones = codigos.map(retener);
  const masiva = await banco.iniciar({ codigos });
  const avance = () => masiva.handle.query<AvanceDeRun>(CONSULTA_AVANCE);

  await Promise.all(emisiones.slice(0, REEJECUCIONES_A_LA_VEZ).map(({ enCurso }) => enCurso));
  expect(masiva.preparados).toHaveLength(REEJECUCIONES_A_LA_VEZ);
  expect(await avance()).toEqual({ pendientes: 2, enProceso: REEJECUCIONES_A_LA_VEZ, atendidas: 0 });

  emisiones[0]?.seguir();
  await emisiones[REEJECUCIONES_A_LA_VEZ]?.enCurso;
  expect(await avance()).toEqual({ pendientes: 1, enProceso: REEJECUCIONES_A_LA_VEZ, atendidas: 1 });

  for (const { seguir } of emisiones) seguir();
  await masiva.handle.result();
  expect(masiva.resultados.size).toBe(codigos.length);
});

it('a cancel begins no other codigo, lets those that run end, notes them, and records the end', async () => {
  const codigos = codigosNuevos(REEJECUCIONES_A_LA_VEZ + 3);
  const emisiones = codigos.map(retener);
  const masiva = await banco.iniciar({ codigos });
  await Promise.all(emisiones.slice(0, REEJECUCIONES_A_LA_VEZ).map(({ enCurso }) => enCurso));

  await masiva.handle.cancel();
  for (const { seguir } of emisiones) seguir();
  const error: unknown = await masiva.handle.result().catch((motivo: unknown) => motivo);

  expect(error).toBeInstanceOf(WorkflowFailedError);
  expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
  expect([...masiva.resultados.keys()].sort()).toEqual(codigos.slice(0, REEJECUCIONES_A_LA_VEZ).sort());
  expect(masiva.preparados).toHaveLength(REEJECUCIONES_A_LA_VEZ);
  expect(masiva.fines).toBe(1);
  expect(await estadoDe(codigos[0] ?? '')).toBe('COMPLETED');
});

it('a termination leaves the issuances that it began alone', async () => {
  const [codigo = ''] = codigosNuevos(1);
  const emision = retener(codigo);
  const masiva = await banco.iniciar({ codigos: [codigo] });
  await emision.enCurso;

  await masiva.handle.terminate('prueba');
  emision.seguir();
  await banco.client.workflow.getHandle(workflowId(codigo)).result();

  expect(await estadoDe(codigo)).toBe('COMPLETED');
  expect(masiva.fines).toBe(0);
});

it('a bulk re-run goes on in another worker where it was', async () => {
  const codigos = codigosNuevos(REEJECUCIONES_A_LA_VEZ + 2);
  const emisiones = codigos.map(retener);
  const masiva = await banco.iniciar({ codigos });
  await Promise.all(emisiones.slice(0, REEJECUCIONES_A_LA_VEZ).map(({ enCurso }) => enCurso));

  const parada = banco.pararWorker();
  for (const { seguir } of emisiones) seguir();
  await parada;
  await banco.arrancarWorker();
  await masiva.handle.result();

  expect(masiva.preparados).toEqual(codigos);
  expect([masiva.registros, masiva.fines, masiva.resultados.size]).toEqual([1, 1, codigos.length]);
});

it('a bulk re-run keeps its history small: a long list goes on in further runs, recorded once, under the first memo', async () => {
  const codigos = codigosNuevos(REEJECUCIONES_POR_RUN + 3);
  const masiva = await banco.iniciar({
    codigos,
    // All but the last few are left out: what counts is how many a run takes.
    preparar: (codigo) =>
      codigos.indexOf(codigo) < REEJECUCIONES_POR_RUN - 1 ? { tipo: 'OMITIDA' } : lista(codigo),
  });

  await masiva.handle.result();

  const { memo, raw } = await masiva.handle.describe();
  expect([...masiva.preparados].sort()).toEqual([...codigos].sort());
  expect([masiva.registros, masiva.fines]).toEqual([1, 1]);
  expect([...masiva.resultados.keys()].sort()).toEqual(codigos.slice(REEJECUCIONES_POR_RUN - 1).sort());
  expect(memo).toEqual({ codigos });
  expect(raw.workflowExecutionInfo?.firstRunId).not.toBe(raw.workflowExecutionInfo?.execution?.runId);
});

it('a bulk re-run waits for a register that is down', async () => {
  const codigos = codigosNuevos(1);
  let intentos = 0;
  const masiva = await banco.iniciar({
    codigos,
    preparar: (codigo) => {
      if (++intentos < 3) throw new Error('the register is down');
      return lista(codigo);
    },
  });

  await masiva.handle.result();

  expect(intentos).toBe(3);
  expect(masiva.resultados.size).toBe(1);
});
