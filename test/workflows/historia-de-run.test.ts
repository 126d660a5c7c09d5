/** What a closed run tells of itself, read from histories that Temporal's own server recorded. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defaultPayloadConverter, type LoadedDataConverter } from '@temporalio/common';
import { Client, Connection } from '@temporalio/client';
import { workflowId } from '../../shared/emision/contrato.ts';
import { HistoriaIlegible, type HistoriaDeRun } from '../../shared/emision/motor.ts';
import { interpretarHistoria, type LugarDeRun } from '../../shared/motor/historia.ts';
import { createCifrado } from '../../shared/runtime/cifrado.ts';
import { createDataConverter } from '../../shared/runtime/codec.ts';
import { CLAVES_DE_PRUEBA } from '../support/fake-claves.ts';
import { deJson, type Historia } from './historia-en-archivo.ts';

type Evento = NonNullable<Historia['events']>[number];

function eventosDe(nombre: string): Evento[] {
  const archivo = fileURLToPath(new URL(`./historias/${nombre}.json`, import.meta.url));
  return deJson(readFileSync(archivo, 'utf8')).events ?? [];
}

/** As a client loads it. */
function converterCon(cifrado = CLAVES_DE_PRUEBA.cifrado): LoadedDataConverter {
  const connection = Connection.lazy();
  return new Client({ connection, dataConverter: createDataConverter(cifrado) }).options.loadedDataConverter;
}

function lugarDe(codigo: string): LugarDeRun {
  return { namespace: 'default', workflowId: workflowId(codigo), runId: 'run-1' };
}

async function leer(nombre: string, eventos = eventosDe(nombre)): Promise<HistoriaDeRun> {
  const historia = await interpretarHistoria(lugarDe(nombre), eventos, converterCon());
  if (!historia) throw new Error(`${nombre} is closed`);
  return historia;
}

/** The history as it stood before the first event of this kind, and then terminated. */
function cortadaEn(nombre: string, atributos: keyof Evento): Evento[] {
  const eventos = eventosDe(nombre);
  const hasta = eventos.findIndex((evento) => evento[atributos]);
  expect(hasta).toBeGreaterThan(0);
  return [
    ...eventos.slice(0, hasta),
    { ...eventos[hasta], [atributos]: null, workflowExecutionTerminatedEventAttributes: {} },
  ];
}

it('of a completed run: input, result, and what both steps answered', async () => {
  const { entrada, fin, paso1, paso2, inicio, cierre, runId } = await leer('completada');

  expect(entrada.solicitud.solicitud.codigoSolicitudTramite).toBe('completada');
  expect(fin).toMatchObject({ tipo: 'COMPLETADO', resultado: { estado: 'COMPLETADO' } });
  expect(paso1).toMatchObject({ intentos: 1, respuesta: { solicitudPkiId: expect.any(String) as unknown } });
  expect(paso2.respuesta?.certificados).toHaveLength(3);
  expect(cierre.getTime()).toBeGreaterThan(inicio.getTime());
  expect(runId).toBe('run-1');
});

it('of a failed one: why, and that a definite refusal leaves nothing at the PKI', async () => {
  expect(await leer('no-encontrado')).toMatchObject({
    fin: { tipo: 'FALLIDO', fallo: { tipo: 'CIUDADANO_NO_ENCONTRADO', paso: 1 } },
    paso1: { intentos: 1, respuesta: null, nadaHecho: 'DEFINITIVO' },
    paso2: { intentos: 0 },
  });
});

it('of a first version: it does not say how the register held it', async () => {
  expect((await leer('no-encontrado')).fin).toMatchObject({ registrado: null });
});

it('of attempts that failed one after the other: any of them may have been done', async () => {
  const { paso2 } = await leer('ventana-cerrada');

  expect(paso2.intentos).toBeGreaterThan(1);
  expect(paso2).toMatchObject({ respuesta: null, nadaHecho: 'NO' });
});

it('of one that was terminated while a step was under way: that the step had begun', async () => {
  const eventos = cortadaEn('completada', 'activityTaskCompletedEventAttributes');

  expect(await leer('completada', eventos)).toMatchObject({
    fin: { tipo: 'SIN_DESENLACE' },
    paso1: { intentos: 1, respuesta: null, nadaHecho: 'NO' },
    paso2: { intentos: 0 },
  });
});

it('of one that compared again what was kept: that it sent nothing', async () => {
  expect(await leer('no-conforme-comparada-de-nuevo')).toMatchObject({
    fin: { tipo: 'FALLIDO', fallo: { tipo: 'CERTIFICADO_NO_CONFORME', paso: 2 } },
    paso1: { intentos: 0 },
    paso2: { intentos: 0 },
  });
});

it('of an open one: nothing', async () => {
  const eventos = eventosDe('completada').slice(0, -1);

  expect(await interpretarHistoria(lugarDe('completada'), eventos, converterCon())).toBeNull();
});

it('cannot be read without its key', async () => {
  const otraClave = createCifrado(`otra:${Buffer.alloc(32, 9).toString('base64')}`);

  await expect(
    interpretarHistoria(lugarDe('completada'), eventosDe('completada'), converterCon(otraClave)),
  ).rejects.toBeInstanceOf(HistoriaIlegible);
});

describe('what nobody of ours wrote', () => {
  /** The recording, with an attribute of its first event of this kind changed. */
  const alterada = (atributos: keyof Evento, cambiar: (valor: never) => object): Evento[] => {
    const eventos = eventosDe('completada');
    const cual = eventos.findIndex((evento) => evento[atributos]);
    return eventos.map((evento, i) =>
      i === cual
        ? {
            ...evento,
            [atributos]: { ...(evento[atributos] as object), ...cambiar(evento[atributos] as never) },
          }
        : evento,
    );
  };
  const enClaro = (valor: unknown) => ({ payloads: [defaultPayloadConverter.toPayload(valor)] });
  const leerAlterada = (eventos: Evento[]) =>
    interpretarHistoria(lugarDe('completada'), eventos, converterCon());

  it.each<[string, object]>([
    ['in clear', enClaro({ solicitud: { solicitud: { codigoSolicitudTramite: 'completada' } } })],
    ['a text for operators', enClaro('▸ Paso 1')],
    ['null', enClaro(null)],
    ['nothing', { payloads: [] }],
  ])('is no run of ours: an input %s', async (_nombre, input) => {
    const eventos = alterada('workflowExecutionStartedEventAttributes', () => ({ input }));

    expect(await leerAlterada(eventos)).toBeNull();
  });

  it('is no run of ours: the input of another codigo', async () => {
    const lugar = { ...lugarDe('completada'), workflowId: workflowId('otra') };

    expect(await interpretarHistoria(lugar, eventosDe('completada'), converterCon())).toBeNull();
  });

  it.each<[string, object]>([
    ['in clear', enClaro({ certificados: [] })],
    ['null', enClaro(null)],
    ['nothing', { payloads: [] }],
  ])('is no answer, and no outcome: a result %s', async (_nombre, result) => {
    const delPaso = alterada('activityTaskCompletedEventAttributes', () => ({ result }));
    const delRun = alterada('workflowExecutionCompletedEventAttributes', () => ({ result }));

    expect((await leerAlterada(delPaso))?.paso1).toMatchObject({ intentos: 1, respuesta: null });
    expect((await leerAlterada(delRun))?.fin).toEqual({ tipo: 'SIN_DESENLACE' });
  });
});
