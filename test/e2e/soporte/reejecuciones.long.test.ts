/** Support runs a failed issuance again: of whatever type its failure was, once its cause is gone it completes. */
import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { FALLOS, type TipoFallo } from '../../../shared/emision/fallos.ts';
import type { Behaviour, Call } from '../../../simulator/pki/faults/behaviour.ts';
import { FAULTS } from '../../../simulator/pki/faults/fault-plan.ts';
import { Stack, solicitudNueva } from '../../support/servidores/stack.ts';

jest.setTimeout(120_000);

const conducta = new Map<string, (call: Call) => Behaviour>();
const enPaso = (paso: 1 | 2, comportamiento: Behaviour) => (call: Call) =>
  call.paso === paso ? comportamiento : {};

/** Passing failures end with their third attempt, at the window's end; a busy machine still answers in time. */
const VARIABLES = { PKI_TIMEOUT_MS: '2000', VENTANA_REINTENTO_MS: '2500' };

let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start(VARIABLES, {
    conducta: (call) => conducta.get(call.codigoSolicitudTramite)?.(call) ?? {},
  });
}, 180_000);
afterAll(() => stack.stop());

interface Caso {
  tipo: TipoFallo;
  paso: 1 | 2;
  comportamiento: Behaviour;
}

const CASOS: Caso[] = [
  { tipo: 'CIUDADANO_NO_ENCONTRADO', paso: 1, comportamiento: { refusal: 'CIUDADANO_NO_ENCONTRADO' } },
  { tipo: 'CIUDADANO_NO_ENCONTRADO', paso: 2, comportamiento: { refusal: 'CIUDADANO_NO_ENCONTRADO' } },
  {
    tipo: 'CIUDADANO_NO_CUMPLE_REQUISITOS',
    paso: 2,
    comportamiento: { refusal: 'CIUDADANO_NO_CUMPLE_REQUISITOS' },
  },
  { tipo: 'PKI_ERROR', paso: 1, comportamiento: { outage: 'ERROR_INTERNO' } },
  { tipo: 'PKI_ERROR', paso: 2, comportamiento: { outage: 'ERROR_INTERNO' } },
  { tipo: 'PKI_NO_DISPONIBLE', paso: 1, comportamiento: { outage: 'SERVICIO_NO_DISPONIBLE' } },
  { tipo: 'PKI_NO_DISPONIBLE', paso: 2, comportamiento: { outage: 'SERVICIO_NO_DISPONIBLE' } },
  { tipo: 'PKI_RECHAZO', paso: 1, comportamiento: { outage: 'SIN_PERMISOS' } },
  { tipo: 'PKI_RECHAZO', paso: 2, comportamiento: { outage: 'VALIDACION' } },
  { tipo: 'PKI_SIN_SOBRE', paso: 1, comportamiento: FAULTS.PASARELA_UPSTREAM_ANTES },
  { tipo: 'PKI_SIN_SOBRE', paso: 2, comportamiento: FAULTS.PASARELA_503_DESPUES },
  { tipo: 'PKI_MAL_DIRIGIDA', paso: 1, comportamiento: FAULTS.PASARELA_404_ANTES },
  { tipo: 'PKI_MAL_DIRIGIDA', paso: 2, comportamiento: FAULTS.PASARELA_404_DESPUES },
  {
    tipo: 'PKI_RESPUESTA_INVALIDA',
    paso: 1,
    comportamiento: { answer: { status: 200, body: '{"data":7}' } },
  },
  { tipo: 'PKI_RESPUESTA_INVALIDA', paso: 2, comportamiento: { answer: { status: 200, body: '<html>' } } },
  // The work is done, its answer comes too late: the same key fetches what was issued.
  { tipo: 'TIEMPO_PKI_AGOTADO', paso: 1, comportamiento: { delayAfterMs: 2600 } },
  { tipo: 'TIEMPO_PKI_AGOTADO', paso: 2, comportamiento: { delayAfterMs: 2600 } },
];

test.each(CASOS)(
  'what failed by $tipo in step $paso completes by its re-run, issued once',
  async ({ tipo, paso, comportamiento }) => {
    const codigo = `${tipo.slice(0, 20)}-${String(paso)}`;
    conducta.set(codigo, enPaso(paso, comportamiento));
    const fallida = await stack.emitir(solicitudNueva(codigo));
    expect([fallida.estadoHttp, fallida.sobre.error?.tipo]).toEqual([
      FALLOS[tipo].statusCode,
      FALLOS[tipo].tipo,
    ]);
    expect(fallida.sobre.data?.transaccion.estado).toBe('FALLIDO');
    const { paso1: antes } = (await stack.emisiones(codigo)).llamadas;
    conducta.delete(codigo);

    const repetida = await stack.reejecutar(codigo);

    expect([repetida.estadoHttp, repetida.sobre.data?.transaccion.estado]).toEqual([201, 'COMPLETADO']);
    expect(repetida.sobre.data?.certificados).toHaveLength(3);
    const { emisiones, llamadas } = await stack.emisiones(codigo);
    expect(emisiones).toBe(1);
    if (paso === 2) expect(llamadas.paso1).toBe(antes);
  },
);

test('what failed by PKI_SIN_CONEXION completes by its re-run', async () => {
  const codigo = 'SIN-CONEXION';
  await stack.matar('simulador');
  const fallida = await stack.emitir(solicitudNueva(codigo));
  await stack.arrancar('simulador');
  expect([fallida.estadoHttp, fallida.sobre.data?.transaccion.estado]).toEqual([502, 'FALLIDO']);

  expect((await stack.reejecutar(codigo)).estadoHttp).toBe(201);
});

test('what an operator cancelled or terminated completes by its re-run, issued once', async () => {
  for (const [codigo, actuar] of [
    ['CANCELADA', () => stack.workflow('CANCELADA').cancel()],
    ['TERMINADA', () => stack.workflow('TERMINADA').terminate()],
  ] as const) {
    conducta.set(codigo, enPaso(1, { outage: 'SERVICIO_NO_DISPONIBLE' }));
    const enEspera = stack.emitir(solicitudNueva(codigo));
    await stack.hastaLlamada(codigo, 'paso1');
    await actuar();
    expect([(await enEspera).estadoHttp, (await stack.consultar(codigo)).sobre.error?.tipo]).toEqual([
      500,
      'ERROR_INTERNO',
    ]);
    conducta.delete(codigo);

    expect((await stack.reejecutar(codigo)).estadoHttp).toBe(201);
    expect((await stack.emisiones(codigo)).emisiones).toBe(1);
  }
});

test('of a CERTIFICADO_NO_CONFORME a re-run compares the same set again, and a new issuance replaces it, to be revoked', async () => {
  const codigo = 'NO-CONFORME';
  conducta.set(codigo, enPaso(2, { certificateFault: 'OTRO_CIUDADANO' }));
  expect((await stack.emitir(solicitudNueva(codigo))).estadoHttp).toBe(502);
  conducta.delete(codigo);

  const repetida = await stack.reejecutar(codigo);
  expect([repetida.estadoHttp, repetida.sobre.error?.tipo]).toEqual([502, 'CERTIFICADO_NO_CONFORME']);
  expect((await stack.emisiones(codigo)).llamadas.paso2).toBe(1);

  const nueva = await stack.reejecutar(codigo, { motivo: 'La PKI se equivocó', nuevaEmision: true });
  expect(nueva.estadoHttp).toBe(201);
  expect((await stack.emisiones(codigo)).llamadas).toEqual({ paso1: 2, paso2: 2 });
  const { sobre } = await stack.pedir({ ruta: 'por-revocar', cliente: 'soporte' });
  expect(sobre.data).toMatchObject({
    porRevocar: [
      {
        codigoSolicitudTramite: codigo,
        generacion: 1,
        causa: 'NUEVA_EMISION',
        numerosSerie: [expect.any(String), expect.any(String), expect.any(String)],
      },
    ],
  });
});

test('what an open circuit held for longer than the window completes by itself when the PKI is back', async () => {
  const rotas = Array.from({ length: 5 }, (_, i) => `ABREN-${String(i)}`);
  for (const codigo of rotas) conducta.set(codigo, enPaso(1, { outage: 'ERROR_INTERNO' }));
  await Promise.all(rotas.map((codigo) => stack.emitir(solicitudNueva(codigo))));

  const retenida = await stack.emitir(solicitudNueva('RETENIDA'));
  expect([retenida.estadoHttp, retenida.sobre.error?.tipo]).toEqual([503, 'PKI_NO_DISPONIBLE']);
  expect((await stack.emisiones('RETENIDA')).llamadas.paso1).toBe(0);

  conducta.clear();
  for (const codigo of ['RETENIDA', ...rotas]) await stack.hastaEstado(codigo, 'COMPLETADO', 60_000);
  const { data } = (await stack.consultar('RETENIDA')).sobre;
  expect(data?.pasosProceso.paso1GeneracionClaves.intentos).toBe(1);
});

describe('with an adapter that does its work again at every call', () => {
  let unaVez: Stack;

  beforeAll(async () => {
    unaVez = await Stack.start(
      {
        ...VARIABLES,
        PKI_ADAPTER_IDEMPOTENTE: 'false',
        SIMULADOR_IDEMPOTENTE: 'false',
      },
      { conducta: (call) => conducta.get(call.codigoSolicitudTramite)?.(call) ?? {} },
    );
  }, 180_000);
  afterAll(() => unaVez.stop());

  async function incierta(codigo: string): Promise<void> {
    conducta.set(codigo, enPaso(2, { delayAfterMs: 2600 }));
    const respuesta = await unaVez.emitir(solicitudNueva(codigo));
    expect([respuesta.estadoHttp, respuesta.sobre.data?.transaccion.estado]).toEqual([504, 'FALLIDO']);
    conducta.delete(codigo);
  }

  const resolver = (codigo: string, decision: string) =>
    unaVez.pedir({
      metodo: 'POST',
      ruta: `solicitudes/${codigo}/resolucion`,
      cuerpo: { motivo: 'La PKI respondió a soporte', decision },
      cliente: 'soporte',
    });

  test('an unclear step 2 is sent again by nobody until NO_EMITIDO lets it run', async () => {
    await incierta('INCIERTA');

    const reejecutada = await unaVez.reejecutar('INCIERTA');
    expect([reejecutada.estadoHttp, reejecutada.sobre.error?.tipo]).toEqual([
      409,
      'SOLICITUD_NO_REEJECUTABLE',
    ]);
    expect((await unaVez.emisiones('INCIERTA')).llamadas.paso2).toBe(1);

    expect((await resolver('INCIERTA', 'NO_EMITIDO')).estadoHttp).toBe(200);
    expect((await unaVez.reejecutar('INCIERTA')).estadoHttp).toBe(201);
    expect((await unaVez.emisiones('INCIERTA')).llamadas).toEqual({ paso1: 1, paso2: 2 });
  });

  test('an unclear step 2 that is EMITIDO_DESCARTADO is run by a new issuance only, and the old one is to be revoked', async () => {
    await incierta('DESCARTADA');
    expect((await resolver('DESCARTADA', 'EMITIDO_DESCARTADO')).estadoHttp).toBe(200);

    expect((await unaVez.reejecutar('DESCARTADA')).sobre.error?.tipo).toBe('SOLICITUD_NO_REEJECUTABLE');
    const nueva = await unaVez.reejecutar('DESCARTADA', { motivo: 'Descartada', nuevaEmision: true });

    expect(nueva.estadoHttp).toBe(201);
    const { sobre } = await unaVez.pedir({ ruta: 'por-revocar', cliente: 'soporte' });
    expect(sobre.data).toMatchObject({
      porRevocar: [{ codigoSolicitudTramite: 'DESCARTADA', causa: 'EMITIDO_DESCARTADO' }],
    });
  });

  test('the citizen of an unclear step 2 stays locked until it is resolved', async () => {
    const documento = '62000001';
    const codigo = 'CANDADO';
    conducta.set(codigo, enPaso(2, { delayAfterMs: 2600 }));
    await unaVez.emitir(solicitudNueva(codigo, documento));
    const otra = () => unaVez.emitir(solicitudNueva('CANDADO-2', documento), randomUUID());

    expect((await otra()).sobre.error?.tipo).toBe('CIUDADANO_EN_PROCESO');
    await resolver(codigo, 'NO_EMITIDO');
    expect((await otra()).estadoHttp).toBe(201);
  });
});
