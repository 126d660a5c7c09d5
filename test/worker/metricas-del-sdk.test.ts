/** What Temporal's SDK measures, as it stands in the collection. */
import type { BufferedMetricUpdate } from '@temporalio/worker';
import { Registry } from 'prom-client';
import { createAnotador } from '../../worker/metricas-del-sdk.ts';

type Medida = BufferedMetricUpdate['metric'];

function medida(name: string, kind: Medida['kind']): Medida {
  return { name, kind, valueType: 'float' };
}

let coleccion: Registry;
let anotar: (actualizacion: BufferedMetricUpdate) => void;
beforeEach(() => {
  coleccion = new Registry();
  anotar = createAnotador(coleccion);
});

it.each<[Medida['kind'], string, number[], string]>([
  ['counter', 'temporal_request', [2, 3], 'temporal_request_total{task_queue="emision"} 5'],
  ['counter', 'temporal_x_total', [1], 'temporal_x_total{task_queue="emision"} 1'],
  ['gauge', 'temporal_num_pollers', [4, 1], 'temporal_num_pollers{task_queue="emision"} 1'],
  ['up-down-counter', 'temporal_y', [4, -1], 'temporal_y{task_queue="emision"} 3'],
  ['histogram', 'temporal_z', [0.5, 2], 'temporal_z_seconds_sum{task_queue="emision"} 2.5'],
])('a %s %s is %j, all together', async (kind, name, valores, linea) => {
  const metric = medida(name, kind);
  for (const value of valores) anotar({ metric, value, attributes: { task_queue: 'emision' } });

  expect(await coleccion.metrics()).toContain(linea);
});

it('another object of the same metric is the same metric, and attributes that make no series are left out', async () => {
  for (const attributes of [{ task_queue: 'a', namespace: 'default' }, { task_queue: 'a' }, { eager: true }])
    anotar({ metric: medida('temporal_request', 'counter'), value: 1, attributes });

  const texto = await coleccion.metrics();
  expect(texto).toContain('temporal_request_total{task_queue="a"} 2');
  expect(texto).toContain('temporal_request_total 1');
});

it('of a label that takes ever new values, those beyond a hundred are one', async () => {
  for (let i = 0; i < 300; i++)
    anotar({
      metric: medida('temporal_request', 'counter'),
      value: 1,
      attributes: { workflow_type: `tipo-${i}` },
    });

  const lineas = (await coleccion.metrics()).split('\n').filter((linea) => linea.includes('workflow_type='));
  expect(lineas).toHaveLength(101);
  expect(lineas).toContain('temporal_request_total{workflow_type="otro"} 200');
});
