/** A pass of reconciliation: what it looks at, settles, counts and tells. */
import type { DependenciasDeConciliacion } from '../../../../activities/emision/mantenimiento/actividades-de-conciliacion.ts';
import type { Recuento } from '../../../../shared/emision/mantenimiento.ts';
import { DESCRITAS_UNA_POR_UNA_MAX } from '../../../../shared/emision/plazos.ts';
import { PAGINA_DE_MANTENIMIENTO } from '../../../../shared/nucleo/plazos.ts';
import { INICIO, NADA, entorno, filas, porPaginas, preparar } from './pasada-de-prueba.ts';

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

describe('a pass over many that are open', () => {
  const todas = filas(DESCRITAS_UNA_POR_UNA_MAX + 1);
  const codigos = todas.map(({ codigo }) => codigo);

  function muchas(listarAbiertas: DependenciasDeConciliacion['listarAbiertas']) {
    const descritas: string[] = [];
    const pasada = preparar(
      {
        leerEnProceso: porPaginas(todas),
        contarEnProceso: () => Promise.resolve(todas.length),
        tieneRunAbierta: (codigo) => {
          descritas.push(codigo);
          return Promise.resolve(codigo !== 'SOL-0007');
        },
      },
      { listarAbiertas },
    );
    return { ...pasada, descritas };
  }

  it("describes only those that Temporal's list does not show", async () => {
    const [sinListar, siguiente] = [['SOL-0007', 'SOL-0500'], 'p2'];
    const listadas = codigos
      .filter((codigo) => !sinListar.includes(codigo))
      .map((codigo) => ({ codigo, runId: `run-de-${codigo}` }));
    const { actividades, revisados, descritas } = muchas((pagina) =>
      Promise.resolve(
        pagina === null
          ? { ejecuciones: listadas.slice(0, 600), siguiente }
          : { ejecuciones: listadas.slice(600), siguiente: null },
      ),
    );

    const recuento: Recuento = await entorno().env.run(() => actividades.conciliarEnProceso());

    expect(descritas).toEqual(sinListar);
    expect(revisados).toEqual(['SOL-0007']);
    expect(recuento.revisadas).toBe(todas.length);
  });

  it('describes each where Temporal does not list', async () => {
    const { actividades, revisados, descritas } = muchas(() => Promise.reject(new Error('no list')));

    await entorno().env.run(() => actividades.conciliarEnProceso());

    expect(descritas).toEqual(codigos);
    expect(revisados).toEqual(['SOL-0007']);
  });
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

it('of the closed runs that Temporal lists a pass looks only at those whose row is missing or behind', async () => {
  const cerrada = (codigo: string) => ({ codigo, runId: `run-de-${codigo}` });
  const consultas: unknown[] = [];
  const { actividades, revisados } = preparar(
    {
      leerDuenos: () =>
        Promise.resolve(
          new Map([
            ['AL-DIA', { runId: 'run-de-AL-DIA', estado: 'FALLIDO' }],
            ['COMPLETA-DE-OTRA', { runId: 'run-2', estado: 'COMPLETADO' }],
            ['ATRASADA', { runId: 'run-de-ATRASADA', estado: 'EN_PROCESO' }],
            ['DE-OTRA', { runId: 'run-2', estado: 'FALLIDO' }],
          ]),
        ),
    },
    {
      listarCerradas: (desde, pagina) => {
        consultas.push([desde, pagina]);
        return Promise.resolve(
          pagina === null
            ? {
                ejecuciones: [cerrada('AL-DIA'), cerrada('COMPLETA-DE-OTRA')],
                siguiente: 'p2',
              }
            : {
                ejecuciones: [
                  cerrada('ATRASADA'),
                  cerrada('DE-OTRA'),
                  cerrada('SIN-FILA'),
                  cerrada('SIN-FILA'),
                ],
                siguiente: null,
              },
        );
      },
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
        candados: 5,
        candadoMasAntiguo: new Date(Date.now() - 3_600_000).toISOString(),
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
  for (const linea of [
    'conciliacion_diferencias 2',
    'solicitudes_inciertas 2',
    'candados_sin_razon 1',
    'candados_retenidos 5',
  ])
    expect(texto).toContain(linea);
  expect(Number(/^candado_edad_seconds (.+)$/m.exec(texto)?.[1])).toBeGreaterThanOrEqual(3_600);
  expect(Number(/^solicitud_incierta_edad_seconds (.+)$/m.exec(texto)?.[1])).toBeGreaterThanOrEqual(60);
});
