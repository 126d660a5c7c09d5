/** A pass that would change too much of what is open is stopped until an operator says so. */
import { reportLines } from '../../../../scripts/maintenance/reconciliation-report.ts';
import type { Recuento } from '../../../../shared/emision/mantenimiento.ts';
import { cambiosAdmitidos } from '../../../../shared/emision/plazos.ts';
import { INICIO, NADA, entorno, filas, porPaginas, preparar } from './pasada-de-prueba.ts';

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
      {
        listarCerradas: () =>
          Promise.resolve({
            ejecuciones: filas(60).map(({ codigo }) => ({ codigo, runId: 'run' })),
            siguiente: null,
          }),
      },
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
