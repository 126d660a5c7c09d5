/** A pass over the register: in pages, past what cannot be read, and on from where a worker left it. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { Registry } from 'prom-client';
import {
  createActividadesDeConciliacion,
  type DependenciasDeConciliacion,
} from '../../activities/emision/actividades-de-conciliacion.ts';
import { createMetricasDeConciliacion } from '../../activities/emision/metricas-de-conciliacion.ts';
import type { Recuento } from '../../shared/emision/mantenimiento.ts';
import { PAGINA_DE_MANTENIMIENTO } from '../../shared/emision/plazos.ts';
import type { RegistroDeMantenimiento } from '../../shared/registro/mantenimiento.ts';

const INICIO = '2026-11-22T10:00:00.000Z';
const NADA: Recuento = { revisadas: 0, interrumpidas: 0, reconstruidas: 0, sinConciliar: 0, diferencias: [] };

function preparar(
  respuestas: Partial<DependenciasDeConciliacion['registro']>,
  listarEjecuciones: DependenciasDeConciliacion['listarEjecuciones'] = () =>
    Promise.resolve({ ejecuciones: [], siguiente: null }),
) {
  const revisados: string[] = [];
  const metricas = new Registry();
  const conciliarUna: RegistroDeMantenimiento['conciliarUna'] = (codigo) => {
    revisados.push(codigo);
    return (
      respuestas.conciliarUna?.(codigo) ??
      Promise.resolve({ emision: null, accion: 'NINGUNA', pendiente: null })
    );
  };
  const actividades = createActividadesDeConciliacion({
    registro: {
      leerEnProceso: () => Promise.resolve([]),
      leerDuenos: () => Promise.resolve(new Map()),
      leerCandados: () => Promise.resolve({ inciertas: 0, inciertaMasAntigua: null, sinRazon: [] }),
      leerTestigo: () => Promise.resolve(null),
      tieneAnotacion: () => Promise.resolve(true),
      comprobar: () => Promise.resolve(),
      ...respuestas,
      conciliarUna,
    },
    listarEjecuciones,
    metricas: createMetricasDeConciliacion(metricas),
  });
  return { actividades, revisados, metricas };
}

/** @param detalles what the attempt before left with its last heartbeat */
function entorno(detalles?: unknown) {
  const env = new MockActivityEnvironment(
    { heartbeatDetails: detalles },
    { logger: new DefaultLogger('ERROR') },
  );
  const latidos: unknown[] = [];
  env.on('heartbeat', (latido: unknown) => latidos.push(latido));
  return { env, latidos };
}

const filas = (cuantas: number) =>
  Array.from({ length: cuantas }, (_, i) => ({
    codigo: `SOL-${String(i).padStart(4, '0')}`,
    aceptadaEn: new Date(Date.parse(INICIO) + i),
  }));

/** The rows behind a position, a page of them, as the register answers. */
const porPaginas =
  (todas: ReturnType<typeof filas>): RegistroDeMantenimiento['leerEnProceso'] =>
  (despuesDe, limite) =>
    Promise.resolve(todas.filter(({ codigo }) => !despuesDe || codigo > despuesDe.codigo).slice(0, limite));

it('looks at every row that is open, once, page by page', async () => {
  const todas = filas(2 * PAGINA_DE_MANTENIMIENTO + 1);
  const { actividades, revisados } = preparar({ leerEnProceso: porPaginas(todas) });
  const { env, latidos } = entorno();

  const recuento = await env.run(() => actividades.conciliarEnProceso());

  expect(revisados).toEqual(todas.map(({ codigo }) => codigo));
  expect(recuento).toEqual({ ...NADA, revisadas: todas.length });
  expect(latidos.length).toBeGreaterThan(todas.length);
});

it('goes on behind the pages of a worker that died', async () => {
  const todas = filas(PAGINA_DE_MANTENIMIENTO + 3);
  const leido = { ...NADA, revisadas: PAGINA_DE_MANTENIMIENTO, interrumpidas: 7 };
  const { actividades, revisados } = preparar({ leerEnProceso: porPaginas(todas) });
  const ultima = todas[PAGINA_DE_MANTENIMIENTO - 1];
  const pagina = { codigo: ultima?.codigo, aceptadaEn: ultima?.aceptadaEn.toISOString() };
  const { env } = entorno({ pagina, recuento: leido });

  const recuento = await env.run(() => actividades.conciliarEnProceso());

  expect(revisados).toHaveLength(3);
  expect(recuento).toEqual({ ...leido, revisadas: PAGINA_DE_MANTENIMIENTO + 3 });
});

it('counts what it did, and tells what it could not settle', async () => {
  const { actividades, metricas } = preparar({
    leerEnProceso: porPaginas(filas(3)),
    conciliarUna: (codigo) =>
      Promise.resolve(
        codigo === 'SOL-0000'
          ? { emision: null, accion: 'INTERRUMPIDA', pendiente: null }
          : codigo === 'SOL-0001'
            ? { emision: null, accion: 'RECONSTRUIDA', pendiente: null }
            : { emision: null, accion: 'NINGUNA', pendiente: 'otra tiene su candado' },
      ),
  });

  const recuento = await entorno().env.run(() => actividades.conciliarEnProceso());

  expect(recuento).toEqual({
    revisadas: 3,
    interrumpidas: 1,
    reconstruidas: 1,
    sinConciliar: 1,
    diferencias: [{ codigoSolicitudTramite: 'SOL-0002', motivo: 'otra tiene su candado' }],
  });
  expect(await metricas.metrics()).toContain('conciliacion_solicitudes_total{accion="RECONSTRUIDA"} 1');
});

it('goes past a row that cannot be read, and names it', async () => {
  const { actividades, revisados } = preparar({
    leerEnProceso: porPaginas(filas(3)),
    conciliarUna: (codigo) =>
      codigo === 'SOL-0001'
        ? Promise.reject(new Error('encrypted under the key "vieja"'))
        : Promise.resolve({ emision: null, accion: 'NINGUNA', pendiente: null }),
  });

  const recuento = await entorno().env.run(() => actividades.conciliarEnProceso());

  expect(revisados).toHaveLength(3);
  expect(recuento).toMatchObject({
    sinConciliar: 1,
    diferencias: [
      { codigoSolicitudTramite: 'SOL-0001', motivo: expect.stringContaining('CLAVES_CIFRADO') as unknown },
    ],
  });
});

it('ends the attempt where register or Temporal is down: another one goes on', async () => {
  const caida = () => Promise.reject(new Error('connect ECONNREFUSED'));
  const { actividades } = preparar({
    leerEnProceso: porPaginas(filas(3)),
    conciliarUna: caida,
    comprobar: caida,
  });

  await expect(entorno().env.run(() => actividades.conciliarEnProceso())).rejects.toThrow('ECONNREFUSED');
});

it('of the runs that Temporal lists looks only at those whose row is missing or behind', async () => {
  const corrida = (codigo: string, abierta = false) => ({ codigo, runId: `run-de-${codigo}`, abierta });
  const consultas: unknown[] = [];
  const { actividades, revisados } = preparar(
    {
      leerDuenos: () =>
        Promise.resolve(
          new Map([
            ['AL-DIA', { runId: 'run-de-AL-DIA', estado: 'FALLIDO' }],
            ['EN-CURSO', { runId: 'run-de-EN-CURSO', estado: 'EN_PROCESO' }],
            ['COMPLETA-DE-OTRA', { runId: 'run-2', estado: 'COMPLETADO' }],
            ['ATRASADA', { runId: 'run-de-ATRASADA', estado: 'EN_PROCESO' }],
            ['DE-OTRA', { runId: 'run-2', estado: 'FALLIDO' }],
          ]),
        ),
    },
    (desde, pagina) => {
      consultas.push([desde, pagina]);
      return Promise.resolve(
        pagina === null
          ? {
              ejecuciones: [corrida('AL-DIA'), corrida('EN-CURSO', true), corrida('COMPLETA-DE-OTRA')],
              siguiente: 'p2',
            }
          : {
              ejecuciones: [
                corrida('ATRASADA'),
                corrida('DE-OTRA'),
                corrida('SIN-FILA'),
                corrida('SIN-FILA'),
              ],
              siguiente: null,
            },
      );
    },
  );

  await entorno().env.run(() => actividades.conciliarEjecuciones(INICIO));

  expect(revisados).toEqual(['ATRASADA', 'DE-OTRA', 'SIN-FILA']);
  expect(consultas).toEqual([
    [INICIO, null],
    [INICIO, 'p2'],
  ]);
});

describe('the runs that a pass lists', () => {
  it('are all that Temporal knows where no pass came before', async () => {
    expect(await preparar({}).actividades.desdeCuando(null)).toBeNull();
  });

  it('are those since a little before the last pass began', async () => {
    const desde = await preparar({}).actividades.desdeCuando({ inicio: INICIO, testigo: 'anotacion-1' });

    expect(desde).toBe('2026-11-22T09:58:00.000Z');
  });

  it('are all again where the register lacks what it held at the last pass: it was restored', async () => {
    const { actividades } = preparar({ tieneAnotacion: () => Promise.resolve(false) });

    expect(await actividades.desdeCuando({ inicio: INICIO, testigo: 'anotacion-1' })).toBeNull();
  });
});

it('the report adds up what the pass did and says how the locks stand', async () => {
  const { actividades, metricas } = preparar({
    leerCandados: () =>
      Promise.resolve({
        inciertas: 2,
        inciertaMasAntigua: new Date(Date.now() - 60_000).toISOString(),
        sinRazon: [{ codigoSolicitudTramite: 'SOL-9', motivo: 'sin razón' }],
      }),
    leerTestigo: () => Promise.resolve('anotacion-2'),
  });
  const una: Recuento = {
    revisadas: 2,
    interrumpidas: 1,
    reconstruidas: 0,
    sinConciliar: 1,
    diferencias: [{ codigoSolicitudTramite: 'SOL-1', motivo: 'x' }],
  };

  const informe = await actividades.informar(INICIO, [una, una]);

  expect(informe).toMatchObject({
    revisadas: 4,
    interrumpidas: 2,
    sinConciliar: 2,
    inciertas: 2,
    inicio: INICIO,
    testigo: 'anotacion-2',
  });
  const texto = await metricas.metrics();
  for (const linea of ['conciliacion_diferencias 2', 'solicitudes_inciertas 2', 'candados_sin_razon 1'])
    expect(texto).toContain(linea);
  expect(Number(/^solicitud_incierta_edad_seconds (.+)$/m.exec(texto)?.[1])).toBeGreaterThanOrEqual(60);
});
