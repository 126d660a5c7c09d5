/** The register lost issuances, as where an older copy of it came back: Temporal still knows them, and gives them back. */
import { jest } from '@jest/globals';
import { Stack, solicitudNueva, type Emisiones, type Respuesta } from '../../support/servidores/stack.ts';
import type { Behaviour, Call } from '../../../simulator/pki/faults/behaviour.ts';

jest.setTimeout(120_000);

const conducta = new Map<string, (call: Call) => Behaviour>();
let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start(
    // What is unclear is never sent again: only the register keeps it from that.
    { PKI_ADAPTER_IDEMPOTENTE: 'false', CONCILIACION_CADA_MS: '3600000' },
    { conducta: (call) => conducta.get(call.codigoSolicitudTramite)?.(call) ?? {} },
  );
}, 180_000);
afterAll(() => stack.stop());

function series({ sobre }: Respuesta): string[] {
  return (sobre.data?.certificados ?? []).map(({ numeroSerie }) => numeroSerie);
}

const estado = ({ sobre }: Respuesta) => sobre.data?.transaccion.estado;

const enPaso2 =
  (comportamiento: Behaviour) =>
  ({ paso }: Call) =>
    paso === 2 ? comportamiento : {};

/** Temporal's list of closed runs lags behind by a moment. */
async function hastaListada(codigo: string): Promise<void> {
  await stack.hasta(`${codigo} to be listed`, async () => {
    const { executions } = await stack.client.workflowService.listWorkflowExecutions({
      namespace: 'default',
      query: `WorkflowId = 'emision/${codigo}' AND CloseTime IS NOT NULL`,
    });
    return executions.length > 0;
  });
}

const CODIGOS = { completa: "COMPLETA-'1", fallida: 'FALLIDA-1', incierta: 'INCIERTA-1' };
const solicitudes = {
  completa: solicitudNueva(CODIGOS.completa),
  fallida: solicitudNueva(CODIGOS.fallida),
  incierta: solicitudNueva(CODIGOS.incierta),
};
const antes: Record<string, { respuesta: Respuesta; emisiones: Emisiones }> = {};

beforeAll(async () => {
  conducta.set(CODIGOS.fallida, enPaso2({ refusal: 'CIUDADANO_NO_CUMPLE_REQUISITOS' }));
  conducta.set(CODIGOS.incierta, enPaso2({ delivery: 'PERDIDA' }));
  for (const [nombre, solicitud] of Object.entries(solicitudes)) {
    await stack.emitir(solicitud);
    const codigo = solicitud.solicitud.codigoSolicitudTramite;
    antes[nombre] = {
      respuesta: await stack.consultar(codigo),
      emisiones: await stack.emisiones(codigo),
    };
    await hastaListada(codigo.replaceAll("'", "''"));
  }
  expect(Object.values(antes).map(({ respuesta }) => estado(respuesta))).toEqual([
    'COMPLETADO',
    'FALLIDO',
    'FALLIDO',
  ]);
}, 60_000);

/** What a client sees of an issuance, but for the audit entry, which is another, and its duration in milliseconds. */
function visto({ estadoHttp, sobre }: Respuesta) {
  const { data, error } = sobre;
  return {
    estadoHttp,
    transaccion: { ...data?.transaccion, tiempoProcesamientoMs: null },
    certificados: data?.certificados,
    pasos: data?.pasosProceso,
    error,
  };
}

async function comoAntes(): Promise<void> {
  for (const [nombre, solicitud] of Object.entries(solicitudes)) {
    const codigo = solicitud.solicitud.codigoSolicitudTramite;
    expect(visto(await stack.consultar(codigo))).toEqual(visto(antes[nombre]?.respuesta as Respuesta));
    expect(await stack.emisiones(codigo)).toEqual(antes[nombre]?.emisiones);
  }
}

test('a GET brings each codigo that the register lost back as it was', async () => {
  await stack.perderEnElRegistro(...Object.values(CODIGOS));

  await comoAntes();
});

test('npm run conciliar brings each codigo that the register lost back, and says so', async () => {
  await stack.perderEnElRegistro(...Object.values(CODIGOS));

  const { code, stdout } = await stack.comando('conciliar.ts');

  expect([code, stdout]).toEqual([0, expect.stringMatching(/reconstruidas desde Temporal: +3\n/)]);
  expect(stdout).toMatch(/Resultados inciertos: +1, el más antiguo desde 2/);
  await comoAntes();
  expect((await stack.comando('conciliar.ts')).stdout).toMatch(/reconstruidas desde Temporal: +0\n/);
});

test('a POST answers the certificates that were issued, and sends nothing that is uncertain again', async () => {
  await stack.perderEnElRegistro(...Object.values(CODIGOS));

  const completa = await stack.emitir(solicitudes.completa);
  const incierta = await stack.emitir(solicitudes.incierta);

  expect([completa.estadoHttp, series(completa)]).toEqual([
    200,
    series(antes.completa?.respuesta as Respuesta),
  ]);
  expect([incierta.estadoHttp, incierta.sobre.error?.tipo]).toEqual([409, 'SOLICITUD_NO_REEJECUTABLE']);
  expect(await stack.emisiones(CODIGOS.completa)).toEqual(antes.completa?.emisiones);
  expect(await stack.emisiones(CODIGOS.incierta)).toEqual(antes.incierta?.emisiones);
});

test('nothing is made of a run that was turned away', async () => {
  const deElla = solicitudNueva('RECHAZADA-1', solicitudes.incierta.solicitud.numeroDocumento);
  expect((await stack.emitir(deElla)).sobre.error?.tipo).toBe('CIUDADANO_EN_PROCESO');
  await hastaListada('RECHAZADA-1');

  expect((await stack.consultar('RECHAZADA-1')).estadoHttp).toBe(404);
  expect((await stack.emitir(deElla)).sobre.error?.tipo).toBe('CIUDADANO_EN_PROCESO');
});

test('a POST runs again what failed, in the same codigo and generation', async () => {
  await stack.perderEnElRegistro(CODIGOS.fallida);
  conducta.delete(CODIGOS.fallida);

  const repetida = await stack.emitir(solicitudes.fallida);

  expect(repetida.estadoHttp).toBe(201);
  expect(await stack.emisiones(CODIGOS.fallida)).toMatchObject({ numerosGenerados: 3, emisiones: 1 });
});

test('support settles and runs again what the register lost', async () => {
  await stack.perderEnElRegistro(CODIGOS.incierta);

  const resuelta = await stack.pedir({
    metodo: 'POST',
    ruta: `solicitudes/${CODIGOS.incierta}/resolucion`,
    cuerpo: { motivo: 'La PKI dice que emitió', decision: 'EMITIDO_DESCARTADO' },
    cliente: 'soporte',
  });

  expect(resuelta.estadoHttp).toBe(200);
  const { sobre } = await stack.pedir({ ruta: 'por-revocar', cliente: 'soporte' });
  expect(JSON.stringify(sobre.data)).toContain(CODIGOS.incierta);
});

test('an issuance that runs meanwhile completes, once', async () => {
  const codigo = 'EN-CURSO-1';
  const puerta = Promise.withResolvers<undefined>();
  conducta.set(codigo, ({ paso }) => (paso === 1 ? { before: () => puerta.promise } : {}));
  const enEspera = stack.emitir(solicitudNueva(codigo));
  await stack.hastaLlamada(codigo, 'paso1');
  await stack.perderEnElRegistro(codigo);
  expect(estado(await stack.consultar(codigo))).toBe('EN_PROCESO');
  puerta.resolve(undefined);

  expect((await enEspera).estadoHttp).toBe(201);
  expect(await stack.emisiones(codigo)).toMatchObject({ numerosGenerados: 3, emisiones: 1 });
});
