/** A bulk re-run on the whole system: it survives whatever is killed under it, and runs each codigo once. */
import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import type { AvanceDeReejecucion } from '../../../shared/emision/soporte.ts';
import { workflowIdDeReejecucion } from '../../../shared/emision/reejecucion.ts';
import type { Behaviour } from '../../../simulator/pki/faults/behaviour.ts';
import { Stack, solicitudNueva } from '../../support/servidores/stack.ts';

jest.setTimeout(180_000);

const CUANTAS = 12;
const RECHAZO: Behaviour = { refusal: 'CIUDADANO_NO_ENCONTRADO' };
const LENTA: Behaviour = { delayBeforeMs: 300 };

/** What the PKI does to a codigo; in good health where nothing is said. */
const conducta = new Map<string, Behaviour>();

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.start(
    {},
    { conducta: ({ codigoSolicitudTramite }) => conducta.get(codigoSolicitudTramite) ?? {} },
  );
}, 180_000);
afterAll(() => stack.stop());

/** Issuances that failed, each of its own office so that a filter finds them, and that the PKI takes its time with now. */
async function fallidas(oficina: string): Promise<string[]> {
  const codigos = Array.from({ length: CUANTAS }, (_, i) => `${oficina}-${String(i).padStart(2, '0')}`);
  for (const codigo of codigos) conducta.set(codigo, RECHAZO);
  const respuestas = await Promise.all(
    codigos.map((codigo) =>
      stack.emitir(solicitudNueva(codigo), undefined, { cabeceras: { 'X-Office-Code': oficina } }),
    ),
  );
  expect(respuestas.map(({ estadoHttp }) => estadoHttp)).toEqual(codigos.map(() => 404));
  for (const codigo of codigos) conducta.set(codigo, LENTA);
  return codigos;
}

type Avance = AvanceDeReejecucion & { total: number; porEstado: Record<string, number> };

async function ordenar(cuerpo: object) {
  const { estadoHttp, cabeceras, sobre } = await stack.pedir({
    metodo: 'POST',
    ruta: 'reejecuciones',
    cuerpo: { motivo: 'La PKI ya conoce a los ciudadanos', ...cuerpo },
    cliente: 'soporte',
  });
  return { estadoHttp, lugar: cabeceras.get('location') ?? '', datos: sobre.data as unknown as Avance };
}

async function consultar(lugar: string): Promise<Avance> {
  const { estadoHttp, sobre } = await stack.pedir({ ruta: lugar, cliente: 'soporte' });
  expect(estadoHttp).toBe(200);
  return sobre.data as unknown as Avance;
}

async function hastaQue(lugar: string, que: string, condicion: (avance: Avance) => boolean): Promise<Avance> {
  let avance: Avance | undefined;
  await stack.hasta(
    que,
    async () => {
      avance = await consultar(lugar);
      return condicion(avance);
    },
    90_000,
  );
  if (!avance) throw new Error('unreachable: the wait ends with an answer');
  return avance;
}

function workflowDe(lugar: string): WorkflowHandle {
  return stack.client.workflow.getHandle(workflowIdDeReejecucion(lugar.split('/').at(-1) ?? ''));
}

const terminada = ({ estado }: Avance) => estado === 'TERMINADA';

async function esperarEmitidasUnaVez(codigos: string[]): Promise<void> {
  for (const codigo of codigos) {
    const { emisiones, certificados } = await stack.emisiones(codigo);
    expect([codigo, emisiones, certificados]).toEqual([codigo, 1, 3]);
  }
}

it('a bulk re-run survives the worker that is killed in the middle of it: every codigo ends COMPLETADO, issued once', async () => {
  const codigos = await fallidas('MUERE-EL-WORKER');
  const filtro = { tipoError: 'CIUDADANO_NO_ENCONTRADO', oficina: 'MUERE-EL-WORKER' };
  const prevista = await ordenar({ filtro, simular: true });
  expect([prevista.estadoHttp, prevista.datos]).toMatchObject([
    200,
    { total: CUANTAS, ejecutables: CUANTAS },
  ]);

  const { estadoHttp, lugar } = await ordenar({ filtro });
  expect(estadoHttp).toBe(201);
  await hastaQue(lugar, 'the first to be issued', ({ porEstado }) => (porEstado.COMPLETADO ?? 0) > 0);
  await stack.matar('worker');
  const aMedias = await consultar(lugar);
  await stack.arrancar('worker');
  const avance = await hastaQue(lugar, 'its end', terminada);

  expect(aMedias.estado).toBe('EN_PROCESO');
  expect(aMedias.porEstado.COMPLETADO).toBeLessThan(CUANTAS);
  expect(avance).toMatchObject({ total: CUANTAS, porEstado: { COMPLETADO: CUANTAS } });
  expect(avance.solicitudes.map((linea) => linea.codigoSolicitudTramite).sort()).toEqual(codigos);
  await esperarEmitidasUnaVez(codigos);
});

it('a bulk re-run that is accepted while no worker runs is shown from the start, and runs when one comes', async () => {
  const codigos = await fallidas('SIN-WORKER');
  await stack.matar('worker');

  const { estadoHttp, lugar } = await ordenar({ codigos: [...codigos, 'NADIE'] });
  const antes = await consultar(lugar);
  await stack.arrancar('worker');
  const avance = await hastaQue(lugar, 'its end', terminada);

  expect(estadoHttp).toBe(201);
  expect(antes).toMatchObject({ estado: 'EN_PROCESO', porEstado: { PENDIENTE: CUANTAS + 1 } });
  expect(avance.porEstado).toMatchObject({ COMPLETADO: CUANTAS, OMITIDO: 1 });
  expect(avance.solicitudes.at(-1)).toMatchObject({
    codigoSolicitudTramite: 'NADIE',
    tipoError: 'SOLICITUD_NO_ENCONTRADA',
  });
  await esperarEmitidasUnaVez(codigos);
});

it('a bulk re-run leaves alone what a client is running, and what is done', async () => {
  const [corre = '', hecha = '', falla = ''] = await fallidas('MEZCLA');
  const puerta = Promise.withResolvers<undefined>();
  conducta.set(corre, { before: () => puerta.promise });
  conducta.set(falla, RECHAZO);
  expect((await stack.reejecutar(hecha)).estadoHttp).toBe(201);
  const { paso1: antes } = (await stack.emisiones(corre)).llamadas;
  const enCurso = stack.reejecutar(corre);
  await stack.hastaLlamada(corre, 'paso1', antes + 1);

  const { lugar } = await ordenar({ codigos: [corre, hecha, falla] });
  const { solicitudes } = await hastaQue(lugar, 'its end', terminada);
  puerta.resolve(undefined);

  expect(solicitudes).toMatchObject([
    { estado: 'OMITIDO', tipoError: 'SOLICITUD_EN_PROCESO' },
    { estado: 'OMITIDO', tipoError: 'SOLICITUD_NO_REEJECUTABLE' },
    { estado: 'FALLIDO', tipoError: 'CIUDADANO_NO_ENCONTRADO' },
  ]);
  expect((await enCurso).estadoHttp).toBe(201);
  await esperarEmitidasUnaVez([corre, hecha]);
});

it('a bulk re-run that an operator cancels ends, and says which it never ran', async () => {
  const codigos = await fallidas('CANCELADA');
  const { lugar } = await ordenar({ codigos });
  await hastaQue(lugar, 'the first to be issued', ({ porEstado }) => (porEstado.COMPLETADO ?? 0) > 0);

  await workflowDe(lugar).cancel();
  const { porEstado } = await hastaQue(lugar, 'its end', terminada);

  expect(porEstado.PENDIENTE).toBeGreaterThan(0);
  expect(porEstado).toMatchObject({ EN_PROCESO: 0, COMPLETADO: CUANTAS - (porEstado.PENDIENTE ?? 0) });
});

it('a bulk re-run that an operator resets to its beginning runs nothing twice', async () => {
  const codigos = await fallidas('REINICIADA');
  for (const codigo of codigos.slice(0, 3)) conducta.set(codigo, RECHAZO);
  const { lugar } = await ordenar({ codigos });
  await hastaQue(lugar, 'three to fail', ({ porEstado }) => porEstado.FALLIDO === 3);
  const llamadas = await Promise.all(codigos.slice(0, 3).map((codigo) => stack.emisiones(codigo)));

  const masiva = workflowDe(lugar);
  const { events } = await masiva.fetchHistory();
  await stack.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: masiva.workflowId },
    reason: 'prueba',
    workflowTaskFinishEventId:
      events?.find((evento) => evento.workflowTaskCompletedEventAttributes)?.eventId ?? null,
    requestId: randomUUID(),
  });
  await masiva.result();
  const { porEstado } = await consultar(lugar);

  expect(porEstado).toMatchObject({ FALLIDO: 3 });
  expect(await Promise.all(codigos.slice(0, 3).map((codigo) => stack.emisiones(codigo)))).toEqual(llamadas);
  for (const codigo of codigos.slice(3)) await stack.hastaEstado(codigo, 'COMPLETADO');
  await esperarEmitidasUnaVez(codigos.slice(3));
});
