/** What a GET of an issuance in process asks, and of whom: the register tells it; Temporal is asked whether its run lives. */
import { createLectorDeEstado } from '../../../../api/emision/consultar/estado-de-solicitud.ts';
import { FILA_RECIENTE_MS, MIRADAS_POR_SEGUNDO } from '../../../../shared/emision/plazos.ts';
import type { EmisionRegistrada } from '../../../../shared/registro/emision/registro.ts';
import { ParteAjena, ServicioNoDisponible } from '../../../../shared/nucleo/servicio-no-disponible.ts';
import type { RunEnCurso } from '../../../../api/emision/temporal/motor-temporal.ts';
import { fila, memoDe, SUYA } from '../../../support/api/servicio-de-emision.ts';

const INICIO = new Date('2026-11-22T10:00:00Z').getTime();

/** In step 2, which began then; step 1 was sent three times. */
function enProceso(codigo = 'SOL-1', paso2En = INICIO): EmisionRegistrada {
  const { pasos, ...resto } = fila(SUYA, 'EN_PROCESO');
  const fecha_inicio = new Date(paso2En - 1_000);
  return {
    ...resto,
    codigo,
    pasos: {
      1: {
        ...pasos[1],
        estado: 'COMPLETADO',
        fecha_inicio,
        fecha_fin: new Date(paso2En),
        intentos: 3,
        solicitud_pki_id: 'PKI-1',
      },
      2: { ...pasos[2], fecha_inicio: new Date(paso2En), intentos: 1 },
    },
  };
}
const VISTA = {
  estado: 'EN_PROCESO',
  fechaFin: null,
  certificados: [],
  pasosProceso: {
    paso1GeneracionClaves: {
      estado: 'COMPLETADO',
      fechaInicio: '2026-11-22T09:59:59Z',
      fechaFin: '2026-11-22T10:00:00Z',
      intentos: 3,
      solicitudPkiId: 'PKI-1',
    },
    paso2EmisionCertificado: {
      estado: 'EN_PROCESO',
      fechaInicio: '2026-11-22T10:00:00Z',
      fechaFin: null,
      intentos: 1,
    },
  },
};

/** A register that holds these rows, and a Temporal of which each question is written down. */
function lector(
  leer: (codigo: string) => EmisionRegistrada | null,
  conciliada = leer,
  run: RunEnCurso | null = null,
) {
  const mundo = { ahora: INICIO, preguntas: [] as string[], temporalCaido: false, descansoMs: 0 };
  const preguntar =
    <T>(que: string, respuesta: (codigo: string) => T) =>
    (codigo: string) => {
      mundo.preguntas.push(`${que} ${codigo}`);
      return mundo.temporalCaido
        ? Promise.reject(new ServicioNoDisponible('Temporal'))
        : new Promise<T>((resolve) => {
            resolve(respuesta(codigo));
          });
    };
  const { estadoDe } = createLectorDeEstado({
    registro: {
      leer: (codigo) => Promise.resolve(leer(codigo)),
      leerCertificados: () => Promise.resolve([]),
      conciliar: preguntar('conciliar', conciliada),
      restaurar: preguntar('restaurar', conciliada),
      hayOtraPeticionEnProceso: () => Promise.resolve(false),
    },
    motor: { enCurso: preguntar('enCurso', () => run), detalle: preguntar('detalle', () => null) },
    circuitos: () => Promise.resolve({ descansoMs: () => mundo.descansoMs, esLaSonda: () => false }),
    adaptadorIdempotente: true,
    ahora: () => mundo.ahora,
  });
  return { mundo, estadoDe, ver: async (codigo = 'SOL-1') => (await estadoDe(codigo))?.vista };
}

describe('an issuance in process', () => {
  it('is told by the row alone while it is recent: steps, dates and what was really sent', async () => {
    const { mundo, ver } = lector(() => enProceso());
    mundo.temporalCaido = true;
    mundo.ahora += FILA_RECIENTE_MS - 1;

    expect(await ver()).toMatchObject(VISTA);
    expect(mundo.preguntas).toEqual([]);
  });

  it('is looked at once nothing was written to it for a while, and then not for as long', async () => {
    const { mundo, ver } = lector(() => enProceso());
    mundo.ahora += FILA_RECIENTE_MS;

    for (let i = 0; i < 10; i++) expect(await ver()).toMatchObject(VISTA);
    expect(mundo.preguntas).toEqual(['conciliar SOL-1']);

    mundo.ahora += FILA_RECIENTE_MS;
    expect(await ver()).toMatchObject(VISTA);
    expect(mundo.preguntas).toEqual(['conciliar SOL-1', 'conciliar SOL-1']);
  });

  it('of a run that died is told as it was closed', async () => {
    const { mundo, ver } = lector(
      () => enProceso(),
      () => fila(SUYA, 'FALLIDO', { tipo: 'EMISION_INTERRUMPIDA', paso: 2, detalles: [] }),
    );
    mundo.ahora += FILA_RECIENTE_MS;

    expect(await ver()).toMatchObject({ estado: 'FALLIDO', fallo: { tipo: 'EMISION_INTERRUMPIDA' } });
  });

  it('whose row is of a moment to come, by a clock that was set back, is looked at', async () => {
    const { mundo, ver } = lector(() => enProceso('SOL-1', INICIO + 3_600_000));

    await ver();

    expect(mundo.preguntas).toEqual(['conciliar SOL-1']);
  });

  it('of whose run nothing was heard is told by its row, and looked at again by the next who asks', async () => {
    const { mundo, ver } = lector(() => enProceso());
    mundo.ahora += FILA_RECIENTE_MS;
    mundo.temporalCaido = true;
    expect(await ver()).toMatchObject(VISTA);
    mundo.temporalCaido = false;

    expect(await ver()).toMatchObject(VISTA);
    expect(mundo.preguntas).toHaveLength(2);
  });

  it('is not told where another Temporal answers in the place of its own', async () => {
    const { ver } = lector(
      () => enProceso('SOL-1', INICIO - FILA_RECIENTE_MS),
      () => {
        throw new ParteAjena('the Temporal of this register');
      },
    );

    await expect(ver()).rejects.toBeInstanceOf(ServicioNoDisponible);
  });

  it('is looked at with so many others a second at most, however many are asked for', async () => {
    const codigos = Array.from({ length: 2_000 }, (_, i) => `SOL-${i}`);
    const { mundo, ver } = lector((codigo) => enProceso(codigo));
    mundo.ahora += FILA_RECIENTE_MS;
    for (let segundos = 0; segundos < 60; segundos++) {
      for (let i = 0; i < 400; i++)
        expect(await ver(codigos[(segundos * 400 + i) % codigos.length])).toMatchObject({
          estado: 'EN_PROCESO',
        });
      mundo.ahora += 1_000;
    }

    expect(mundo.preguntas.length).toBeLessThanOrEqual(60 * MIRADAS_POR_SEGUNDO);
    expect(mundo.preguntas.length).toBeGreaterThan(50 * MIRADAS_POR_SEGUNDO);
  });

  it('without a row is told by its memo where nobody may wait for its run', async () => {
    const { mundo, estadoDe } = lector(() => null, undefined, {
      runId: 'run-nuevo',
      abierta: true,
      inicio: new Date(INICIO),
      memo: memoDe(SUYA),
      ultimoFallo: null,
    });

    expect((await estadoDe('SOL-1', undefined, true))?.vista).toMatchObject({ estado: 'EN_PROCESO' });
    expect(mundo.preguntas).toEqual(['enCurso SOL-1']);
  });

  it('without a row is asked of its run, as ever', async () => {
    const { mundo, ver } = lector(() => null);

    expect(await ver()).toBeUndefined();
    expect(mundo.preguntas).toEqual(['enCurso SOL-1']);
  });
});
