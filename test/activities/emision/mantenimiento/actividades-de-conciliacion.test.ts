/** A pass over the register: in pages, past what cannot be read, and on from where a worker left it. */
import { defaultActivityInfo, MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { Registry } from 'prom-client';
import {
  createActividadesDeConciliacion,
  type DependenciasDeConciliacion,
} from '../../../../activities/emision/mantenimiento/actividades-de-conciliacion.ts';
import { createMetricasDeConciliacion } from '../../../../activities/emision/mantenimiento/metricas-de-conciliacion.ts';
import { reportLines } from '../../../../scripts/maintenance/reconciliation-report.ts';
import type { Recuento } from '../../../../shared/emision/mantenimiento.ts';
import { PAGINA_DE_MANTENIMIENTO } from '../../../../shared/nucleo/plazos.ts';
import { cambiosAdmitidos } from '../../../../shared/emision/plazos.ts';
import type { RegistroDeMantenimiento } from '../../../../shared/registro/emision/registro-de-mantenimiento.ts';

const INICIO = '2026-11-22T10:00:00.000Z';
const NADA: Recuento = { revisadas: 0, interrumpidas: 0, reconstruidas: 0, sinConciliar: 0, diferencias: [] };

/** Without an answer of the test's own, no run of any codigo is open. */
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
      contarEnProceso: () => Promise.resolve(0),
      tieneRunAbierta: () => Promise.resolve(false),
      leerDuenos: (codigos) =>
        Promise.resolve(new Map(codigos.map((codigo) => [codigo, { runId: 'run', estado: 'EN_PROCESO' }]))),
      leerCandados: () => Promise.resolve({ inciertas: 0, inciertaMasAntigua: null, sinRazon: [] }),
      leerUltimaEntrada: () => Promise.resolve(null),
      tieneEntrada: () => Promise.resolve(true),
      comprobar: () => Promise.resolve(),
      ...respuestas,
      conciliarUna,
    },
    listarEjecuciones,
    metricas: createMetricasDeConciliacion(metricas),
  });
  return { actividades, revisados, metricas };
}

/** @param avance what the attempt before left with its last heartbeat */
function entorno(avance?: unknown) {
  const { activityType: de, workflowExecution } = defaultActivityInfo;
  const env = new MockActivityEnvironment(
    { heartbeatDetails: avance && { runId: workflowExecution?.runId, de, avance } },
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

it('a pass looks at every row that is open, once, page by page, and settles those without an open run', async () => {
  const todas = filas(2 * PAGINA_DE_MANTENIMIENTO + 1);
  const mirados: string[] = [];
  const { actividades, revisados, metricas } = preparar({
    leerEnProceso: porPaginas(todas),
    tieneRunAbierta: (codigo) => {
      mirados.push(codigo);
      return Promise.resolve(!codigo.endsWith('00'));
    },
  });
  const { env, latidos } = entorno();

  const recuento: Recuento = await env.run(() => actividades.conciliarEnProceso());

  expect(mirados).toEqual(todas.map(({ codigo }) => codigo));
  expect(revisados).toEqual(['SOL-0000', 'SOL-0100', 'SOL-0200', 'SOL-0300', 'SOL-0400']);
  expect(recuento).toEqual({ ...NADA, revisadas: todas.length });
  expect(latidos.length).toBeGreaterThan(todas.length);
  expect(await metricas.metrics()).toContain(
    `conciliacion_solicitudes_total{accion="NINGUNA"} ${todas.length}`,
  );
});

it('a pass leaves alone what recorded its outcome while Temporal was asked', async () => {
  const { actividades, revisados } = preparar({
    leerEnProceso: porPaginas(filas(1)),
    leerDuenos: () => Promise.resolve(new Map([['SOL-0000', { runId: 'run', estado: 'COMPLETADO' }]])),
  });

  await entorno().env.run(() => actividades.conciliarEnProceso());

  expect(revisados).toEqual([]);
});

it('a pass counts what a worker that died had done, and does the rest', async () => {
  const hechas = { ...NADA, revisadas: 7, interrumpidas: 7 };
  const { actividades, revisados } = preparar({ leerEnProceso: porPaginas(filas(3)) });
  const { env } = entorno({ pagina: null, recuento: hechas });

  const recuento: Recuento = await env.run(() => actividades.conciliarEnProceso());

  expect(revisados).toHaveLength(3);
  expect(recuento).toEqual({ ...hechas, revisadas: 10 });
});

describe('a pass that would change too much of what is open', () => {
  const interrumpida = () =>
    Promise.resolve({ emision: null, accion: 'INTERRUMPIDA' as const, pendiente: null });

  it.each([
    ['few, though all of them', 20, 20, false],
    ['one more than that', 21, 21, true],
    ['a tenth of many', 300, 30, false],
    ['more than a tenth of many', 300, 31, true],
    ['all of many', 300, 300, true],
  ])('is stopped before it changes any: %s', async (_, abiertas, sinRun, detenida) => {
    const todas = filas(abiertas);
    const muertas = new Set(todas.slice(0, sinRun).map(({ codigo }) => codigo));
    const { actividades, revisados } = preparar({
      leerEnProceso: porPaginas(todas),
      tieneRunAbierta: (codigo) => Promise.resolve(!muertas.has(codigo)),
      conciliarUna: interrumpida,
    });

    const recuento: Recuento = await entorno().env.run(() => actividades.conciliarEnProceso());

    expect(revisados).toHaveLength(detenida ? 0 : sinRun);
    expect(recuento).toMatchObject({ revisadas: abiertas, interrumpidas: detenida ? 0 : sinRun });
    expect(recuento.detenida).toEqual(
      detenida
        ? { porCambiar: sinRun, enProceso: abiertas, admitidas: cambiosAdmitidos(abiertas) }
        : undefined,
    );
  });

  it('is judged with what its attempt before had closed', async () => {
    const { actividades, revisados } = preparar({ leerEnProceso: porPaginas(filas(11)) });
    const { env } = entorno({ pagina: null, recuento: { ...NADA, revisadas: 10, interrumpidas: 10 } });

    const recuento: Recuento = await env.run(() => actividades.conciliarEnProceso());

    expect(revisados).toEqual([]);
    expect(recuento.detenida).toMatchObject({ porCambiar: 21, enProceso: 21 });
  });

  it('goes on where an operator says so', async () => {
    const { actividades, revisados } = preparar({
      leerEnProceso: porPaginas(filas(300)),
      conciliarUna: interrumpida,
    });

    const recuento: Recuento = await entorno().env.run(() =>
      actividades.conciliarEnProceso({ forzar: true }),
    );

    expect(revisados).toHaveLength(300);
    expect(recuento).toMatchObject({ interrumpidas: 300 });
    expect(recuento.detenida).toBeUndefined();
  });

  it.each([
    [undefined, 21],
    [{ forzar: true }, 60],
  ])('is stopped as it rebuilds what Temporal lists (%j)', async (orden, hechas) => {
    const { actividades, revisados } = preparar(
      {
        leerDuenos: () => Promise.resolve(new Map()),
        conciliarUna: () => Promise.resolve({ emision: null, accion: 'RECONSTRUIDA', pendiente: null }),
      },
      () =>
        Promise.resolve({
          ejecuciones: filas(60).map(({ codigo }) => ({ codigo, runId: 'run', abierta: false })),
          siguiente: null,
        }),
    );

    const recuento: Recuento = await entorno().env.run(() => actividades.conciliarEjecuciones(null, orden));

    expect(revisados).toHaveLength(hechas);
    expect(recuento.detenida).toEqual(orden ? undefined : { porCambiar: 21, enProceso: 0, admitidas: 20 });
  });

  it('says so in its report and its metric', async () => {
    const { actividades, metricas } = preparar({});
    const detenida = { porCambiar: 31, enProceso: 300, admitidas: 30 };

    const informe = await actividades.informar(INICIO, [{ ...NADA, detenida }]);

    expect(informe.detenida).toEqual(detenida);
    expect(reportLines(informe).join('\n')).toMatch(/^DETENIDA: .* 31 .* 300 .* 30\.\n.*--forzar/);
    expect(await metricas.metrics()).toContain('conciliacion_detenida 1');
  });
});

it('a pass counts what it did, and tells what it could not settle', async () => {
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

  const recuento: Recuento = await entorno().env.run(() => actividades.conciliarEnProceso());

  expect(recuento).toEqual({
    revisadas: 3,
    interrumpidas: 1,
    reconstruidas: 1,
    sinConciliar: 1,
    diferencias: [{ codigoSolicitudTramite: 'SOL-0002', motivo: 'otra tiene su candado' }],
  });
  expect(await metricas.metrics()).toContain('conciliacion_solicitudes_total{accion="RECONSTRUIDA"} 1');
});

it('a pass goes past a row that cannot be read, and names it', async () => {
  const { actividades, revisados } = preparar({
    leerEnProceso: porPaginas(filas(3)),
    conciliarUna: (codigo) =>
      codigo === 'SOL-0001'
        ? Promise.reject(new Error('encrypted under the key "vieja"'))
        : Promise.resolve({ emision: null, accion: 'NINGUNA', pendiente: null }),
  });

  const recuento: Recuento = await entorno().env.run(() => actividades.conciliarEnProceso());

  expect(revisados).toHaveLength(3);
  expect(recuento).toMatchObject({
    sinConciliar: 1,
    diferencias: [
      { codigoSolicitudTramite: 'SOL-0001', motivo: expect.stringContaining('CLAVES_CIFRADO') as unknown },
    ],
  });
});

it('an attempt ends where register or Temporal is down, and another one goes on', async () => {
  const caida = () => Promise.reject(new Error('connect ECONNREFUSED'));
  const { actividades } = preparar({
    leerEnProceso: porPaginas(filas(3)),
    conciliarUna: caida,
    comprobar: caida,
  });

  await expect(entorno().env.run(() => actividades.conciliarEnProceso())).rejects.toThrow('ECONNREFUSED');
});

it('of the runs that Temporal lists a pass looks only at those whose row is missing or behind', async () => {
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
    const { actividades } = preparar({ tieneEntrada: () => Promise.resolve(false) });

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
    leerUltimaEntrada: () => Promise.resolve('anotacion-2'),
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
