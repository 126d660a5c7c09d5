import { MockActivityEnvironment } from '@temporalio/testing';
import { Registry } from 'prom-client';
import { createActividadesDeRetencion } from '../../../../activities/emision/mantenimiento/actividades-de-retencion.ts';
import { createMetricasDeRetencion } from '../../../../activities/emision/mantenimiento/metricas-de-retencion.ts';
import type { RegistroDeMantenimiento } from '../../../../shared/registro/emision/registro-de-mantenimiento.ts';
import { CALLADO } from '../../../support/temporal/sdk-callado.ts';

const AHORA = new Date('2026-11-22T10:00:00Z');
type Pagina = Awaited<ReturnType<RegistroDeMantenimiento['retirarPagina']>>;
const ULTIMA: Pagina = { retiradas: 1, ilegibles: [], ultima: null };
const SIGUE: Pagina = {
  retiradas: 200,
  ilegibles: ['SOL-9'],
  ultima: { fechaFin: new Date('2026-01-01T10:00:00Z'), codigo: 'SOL-200' },
};

interface Opciones {
  retencionDias?: number;
  reejecucionDias?: number;
  /** Of the attempt before. */
  heartbeatDetails?: unknown;
  /** How far this worker's clock is ahead of the database's. */
  adelantoMs?: number;
  hayPosterior?: boolean;
}

function pasada(
  paginas: Pagina[],
  {
    retencionDias = 90,
    reejecucionDias = 180,
    heartbeatDetails,
    adelantoMs = 0,
    hayPosterior = false,
  }: Opciones = {},
) {
  const pedidas: { vencimiento: unknown; despuesDe: unknown }[] = [];
  const ordenesAntesDe: Date[] = [];
  const metricas = new Registry();
  const latidos: unknown[] = [];
  const entorno = new MockActivityEnvironment({ heartbeatDetails }, { logger: CALLADO });
  entorno.on('heartbeat', (detalles) => latidos.push(detalles));
  const actividades = createActividadesDeRetencion({
    registro: {
      leerHora: () => Promise.resolve({ ahora: AHORA, hayPosterior }),
      contarSinJuzgar: () => Promise.resolve(2),
      retirarPagina: (vencimiento, despuesDe) => {
        pedidas.push({ vencimiento, despuesDe });
        return Promise.resolve(paginas.shift() ?? ULTIMA);
      },
      retirarOrdenes: (antesDe) => {
        ordenesAntesDe.push(antesDe);
        return Promise.resolve(3);
      },
    },
    plazos: { retencionDias, reejecucionDias },
    metricas: createMetricasDeRetencion(metricas),
    ahora: () => AHORA.getTime() + adelantoMs,
  });
  const ejecutar = () => entorno.run(() => actividades.retirarVencidos({}));
  return { ejecutar, entorno, pedidas, ordenesAntesDe, latidos, texto: () => metricas.metrics() };
}

it('retention takes page after page, counts them, and tells of those that do not open', async () => {
  const { ejecutar, pedidas, texto } = pasada([SIGUE, ULTIMA]);

  expect(await ejecutar()).toEqual({
    solicitudes: 201,
    ordenes: 3,
    sinRetirar: 1,
    ilegibles: ['SOL-9'],
    sinJuzgar: 2,
    detenida: null,
  });

  expect(pedidas.map(({ despuesDe }) => despuesDe)).toEqual([null, SIGUE.ultima]);
  expect(await texto()).toMatch(/^retencion_solicitudes_total 201$[^]*^retencion_sin_retirar 1$/m);
  expect(await texto()).toMatch(/^retencion_sin_juzgar 2$[^]*^retencion_detenida 0$/m);
});

it.each([
  ['the re-run window where that is longer', 90, 180, '2026-08-24', '2026-05-26'],
  ['retention where that is longer', 90, 30, '2026-08-24', '2026-08-24'],
])(
  'retention leaves a failed issuance its data for %s',
  async (_, retencionDias, reejecucionDias, completadas, fallidas) => {
    const { ejecutar, pedidas, ordenesAntesDe } = pasada([ULTIMA], { retencionDias, reejecucionDias });

    await ejecutar();

    const a = (dia: string) => new Date(`${dia}T10:00:00Z`);
    expect(pedidas[0]?.vencimiento).toEqual({ completadas: a(completadas), fallidas: a(fallidas) });
    expect(ordenesAntesDe).toEqual([a(completadas)]);
  },
);

it('retention of 0 days takes nothing', async () => {
  const { ejecutar, pedidas, ordenesAntesDe } = pasada([SIGUE], { retencionDias: 0 });

  expect(await ejecutar()).toMatchObject({ solicitudes: 0, ordenes: 0, detenida: null });

  expect([pedidas, ordenesAntesDe]).toEqual([[], []]);
});

it('an attempt goes on where the one before it died', async () => {
  const primera = pasada([SIGUE, ULTIMA]);
  await primera.ejecutar();
  const [heartbeatDetails] = primera.latidos;
  const segunda = pasada([ULTIMA], {
    heartbeatDetails: JSON.parse(JSON.stringify(heartbeatDetails)) as unknown,
  });

  expect(await segunda.ejecutar()).toMatchObject({ solicitudes: 201, sinRetirar: 1 });

  expect(segunda.pedidas.map(({ despuesDe }) => despuesDe)).toEqual([SIGUE.ultima]);
});

it('an attempt takes nothing more once its worker stops', async () => {
  const { ejecutar, entorno, pedidas } = pasada([SIGUE]);
  entorno.cancel();

  await expect(ejecutar()).rejects.toThrow();

  expect(pedidas).toEqual([]);
});

const DIA = 86_400_000;

describe('clocks that are in doubt', () => {
  it.each([
    ['a worker 200 days ahead', { adelantoMs: 200 * DIA }, /difieren en 17280000 s/],
    ['a worker 200 days behind', { adelantoMs: -200 * DIA }, /difieren en 17280000 s/],
    ['a worker some minutes ahead', { adelantoMs: 180_000 }, /difieren en 180 s/],
    ['a database that holds what was written after its own now', { hayPosterior: true }, /posteriores/],
  ])('let nothing be taken away: %s', async (_, opciones, motivo) => {
    const { ejecutar, pedidas, ordenesAntesDe, texto } = pasada([SIGUE], opciones);

    expect(await ejecutar()).toMatchObject({
      solicitudes: 0,
      ordenes: 0,
      detenida: expect.stringMatching(motivo) as unknown,
    });

    expect([pedidas, ordenesAntesDe]).toEqual([[], []]);
    expect(await texto()).toMatch(/^retencion_detenida 1$/m);
  });

  it.each([30_000, -30_000])(
    'are not those that differ by %i ms; the database’s counts',
    async (adelantoMs) => {
      const { ejecutar, pedidas } = pasada([ULTIMA], { adelantoMs });

      expect(await ejecutar()).toMatchObject({ solicitudes: 1, detenida: null });

      expect(pedidas[0]?.vencimiento).toMatchObject({ completadas: new Date('2026-08-24T10:00:00Z') });
    },
  );
});
