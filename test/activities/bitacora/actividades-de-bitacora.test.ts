/** Orders that the audit log then tells of for good: what it is given is looked at before anything is written. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { Registry } from 'prom-client';
import { createActividadesDeBitacora } from '../../../activities/bitacora/actividades-de-bitacora.ts';
import { WORKFLOW_ANOTACION, WORKFLOW_NUEVA_EPOCA } from '../../../shared/bitacora/contrato.ts';
import { createMetricasDeBitacora } from '../../../shared/bitacora/metricas.ts';
import { workflowIdDeOrden } from '../../../shared/nucleo/ejecuciones/orden.ts';
import { usarBitacora } from '../../support/bitacora/bitacora-de-prueba.ts';
import { BASES } from '../../support/registro/registro-de-prueba.ts';
import { CALLADO } from '../../support/temporal/sdk-callado.ts';

const AJENA = { type: 'EJECUCION_AJENA', nonRetryable: true };
const NUEVA_EPOCA = workflowIdDeOrden(WORKFLOW_NUEVA_EPOCA);
const RECONOCER_2 = workflowIdDeOrden(`${WORKFLOW_ANOTACION}/RECONOCER_EPOCA/2`);

const [base] = BASES.filter(({ nombre }) => nombre === 'PGlite');
if (!base) throw new Error('tests run on PGlite too');
const bitacora = usarBitacora(base.abrir);

function como(workflowId: string) {
  const actividades = createActividadesDeBitacora({
    ...bitacora.dependencias,
    testigos: [],
    archivoDeTestigo: null,
    metricas: createMetricasDeBitacora(new Registry()),
    deDominios: [],
  } as unknown as Parameters<typeof createActividadesDeBitacora>[0]);
  const entorno = new MockActivityEnvironment(
    { workflowExecution: { workflowId, runId: 'run-1' } },
    { logger: CALLADO },
  );
  return {
    abrirEpoca: (motivo: unknown, quien?: string) =>
      entorno.run(() => actividades.abrirEpoca(motivo as never, quien)),
    anotar: (orden: unknown) => entorno.run(() => actividades.anotar(orden as never)),
    verificar: (notas: unknown) => entorno.run(() => actividades.verificar(notas as never)),
  };
}

beforeEach(async () => {
  await bitacora.anotar(1);
  await bitacora.secuenciarTodo();
});

const epocas = async () => (await bitacora.verificar()).epocas.map(({ causa, motivo }) => [causa, motivo]);

it('an order opens an epoch for the reason that a person gave', async () => {
  expect(await como(NUEVA_EPOCA).abrirEpoca(' copia del lunes ')).toBe(2);

  expect(await epocas()).toEqual([
    ['INICIO', 'Bitácora nueva.'],
    ['ORDEN', 'copia del lunes'],
  ]);
});

it.each([undefined, null, '', '  ', 7, {}, { cargaRechazada: 'SIN_SELLO' }, ['a']])(
  'an order opens no epoch for what is no reason: %j',
  async (motivo) => {
    await expect(como(NUEVA_EPOCA).abrirEpoca(motivo)).rejects.toMatchObject(AJENA);

    expect(await epocas()).toHaveLength(1);
  },
);

it.each(['mantenimiento/recifrarRegistro', `${NUEVA_EPOCA}2`, 'x', 'conciliacion'])(
  'an order opens no epoch for a text that was sealed for another workflow: %s',
  async (workflowId) => {
    await expect(como(workflowId).abrirEpoca('clave-2027')).rejects.toMatchObject(AJENA);

    expect(await epocas()).toHaveLength(1);
  },
);

it.each([
  undefined,
  'texto',
  { tipo: 'OTRA', motivo: 'x' },
  { tipo: 'ADOPTAR_ENTRADAS' },
  { tipo: 'ADOPTAR_ENTRADAS', motivo: ' ' },
  { tipo: 'RECONOCER_EPOCA', motivo: 'x' },
  { tipo: 'RECONOCER_EPOCA', epoca: '2', motivo: 'x' },
  { tipo: 'RECONOCER_EPOCA', epoca: 0, motivo: 'x' },
])('the log notes nothing of what is no order: %j', async (orden) => {
  await expect(como(RECONOCER_2).anotar(orden)).rejects.toMatchObject(AJENA);
});

it('the log notes what a person ordered, and nothing that another workflow carries', async () => {
  const orden = { tipo: 'ADOPTAR_ENTRADAS', motivo: 'incidente 14', quien: 'ana.perez' };

  await expect(como(NUEVA_EPOCA).anotar(orden)).rejects.toMatchObject(AJENA);
  expect(await como(RECONOCER_2).anotar(orden)).toBe(0);
});

it('an order is refused in words, and for good, where there is no reason to note it', async () => {
  await como(NUEVA_EPOCA).abrirEpoca('copia del lunes', 'ana.perez');

  await expect(
    como(RECONOCER_2).anotar({ tipo: 'RECONOCER_EPOCA', epoca: 2, motivo: 'incidente 14' }),
  ).rejects.toMatchObject({
    nonRetryable: true,
    message: expect.stringContaining('La época 2 no la abrió') as unknown,
  });
});

it('a verification takes checkpoints to compare with, and nothing else', async () => {
  await expect(como('verificacion-bitacora').verificar({})).rejects.toMatchObject(AJENA);
  expect(await como('verificacion-bitacora').verificar([])).toMatchObject({ hallados: 0 });
});
