import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { Registry } from 'prom-client';
import { createActividadesDeRetencion } from '../../activities/emision/actividades-de-retencion.ts';
import { createMetricasDeRetencion } from '../../activities/emision/metricas-de-retencion.ts';
import type { RegistroDeMantenimiento } from '../../shared/registro/mantenimiento.ts';

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
}

function pasada(
  paginas: Pagina[],
  { retencionDias = 90, reejecucionDias = 180, heartbeatDetails }: Opciones = {},
) {
  const pedidas: { vencimiento: unknown; despuesDe: unknown }[] = [];
  const ordenesAntesDe: Date[] = [];
  const metricas = new Registry();
  const latidos: unknown[] = [];
  const entorno = new MockActivityEnvironment({ heartbeatDetails }, { logger: new DefaultLogger('ERROR') });
  entorno.on('heartbeat', (detalles) => latidos.push(detalles));
  const actividades = createActividadesDeRetencion({
    registro: {
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
    ahora: () => AHORA.getTime(),
  });
  const ejecutar = () => entorno.run(() => actividades.retirarVencidos());
  return { ejecutar, entorno, pedidas, ordenesAntesDe, latidos, texto: () => metricas.metrics() };
}

it('takes page after page, counts them, and tells of those that do not open', async () => {
  const { ejecutar, pedidas, texto } = pasada([SIGUE, ULTIMA]);

  expect(await ejecutar()).toEqual({ solicitudes: 201, ordenes: 3, sinRetirar: 1, ilegibles: ['SOL-9'] });

  expect(pedidas.map(({ despuesDe }) => despuesDe)).toEqual([null, SIGUE.ultima]);
  expect(await texto()).toMatch(/^retencion_solicitudes_total 201$[^]*^retencion_sin_retirar 1$/m);
});

it.each([
  ['the re-run window where that is longer', 90, 180, '2026-08-24', '2026-05-26'],
  ['retention where that is longer', 90, 30, '2026-08-24', '2026-08-24'],
])(
  'leaves a failed issuance its data for %s',
  async (_, retencionDias, reejecucionDias, completadas, fallidas) => {
    const { ejecutar, pedidas, ordenesAntesDe } = pasada([ULTIMA], { retencionDias, reejecucionDias });

    await ejecutar();

    const a = (dia: string) => new Date(`${dia}T10:00:00Z`);
    expect(pedidas[0]?.vencimiento).toEqual({ completadas: a(completadas), fallidas: a(fallidas) });
    expect(ordenesAntesDe).toEqual([a(completadas)]);
  },
);

it('takes nothing where retention is 0', async () => {
  const { ejecutar, pedidas, ordenesAntesDe } = pasada([SIGUE], { retencionDias: 0 });

  expect(await ejecutar()).toEqual({ solicitudes: 0, ordenes: 0, sinRetirar: 0, ilegibles: [] });

  expect([pedidas, ordenesAntesDe]).toEqual([[], []]);
});

it('goes on where the attempt before died', async () => {
  const primera = pasada([SIGUE, ULTIMA]);
  await primera.ejecutar();
  const [heartbeatDetails] = primera.latidos;
  const segunda = pasada([ULTIMA], {
    heartbeatDetails: JSON.parse(JSON.stringify(heartbeatDetails)) as unknown,
  });

  expect(await segunda.ejecutar()).toMatchObject({ solicitudes: 201, sinRetirar: 1 });

  expect(segunda.pedidas.map(({ despuesDe }) => despuesDe)).toEqual([SIGUE.ultima]);
});

it('takes nothing more once its worker stops', async () => {
  const { ejecutar, entorno, pedidas } = pasada([SIGUE]);
  entorno.cancel();

  await expect(ejecutar()).rejects.toThrow();

  expect(pedidas).toEqual([]);
});
