/** Whoever reaches Temporal can have any activity asked for, by a worker of his own: this stands before all of them. */
import { ApplicationFailure } from '@temporalio/common';
import { createGuardaDeActividades } from '../../../activities/ejecuciones/actividades-ajenas.ts';
import type { Ajeno } from '../../../shared/nucleo/ejecuciones/ajeno.ts';

function llamarCon(args: unknown[], actividad: () => Promise<unknown> = () => Promise.resolve('hecho')) {
  const vistos: Ajeno[] = [];
  const lineas: string[] = [];
  let llamadas = 0;
  const anotar = (linea: string) => void lineas.push(linea);
  const log = { error: anotar } as never;
  const { inbound } = createGuardaDeActividades((tipo) => vistos.push(tipo))({ log });
  const fin = inbound.execute({ args }, () => {
    llamadas++;
    return actividad();
  });
  return { fin, vistos, lineas, llamadas: () => llamadas };
}

it.each([
  [[]],
  [[{ cargaRechazada: 'SIN_SELLO' }]],
  [['propio', { cargaRechazada: 'DE_OTRO_LUGAR' }]],
  [[{ cargaRechazada: 'NO_ABRE' }, 'propio']],
])(
  'an activity that is given what was not sealed for it (%j) is refused for good, told and counted',
  async (args) => {
    const { fin, vistos, lineas, llamadas } = llamarCon(args);

    await expect(fin).rejects.toMatchObject({ type: 'EJECUCION_AJENA', nonRetryable: true });
    expect([llamadas(), vistos, lineas.length]).toEqual([0, ['EJECUCION_AJENA'], 1]);
  },
);

it.each([[[{}]], [[undefined]], [[null, 'a']]])(
  'an activity that is given what was sealed for it (%j) runs',
  async (args) => {
    const { fin, vistos } = llamarCon(args);

    expect([await fin, vistos]).toEqual(['hecho', []]);
  },
);

it('what the activity itself finds to be of other work is counted', async () => {
  const ajena = ApplicationFailure.nonRetryable('x', 'EJECUCION_AJENA');
  const { fin, vistos } = llamarCon(['propio'], () => Promise.reject(ajena));

  await expect(fin).rejects.toBe(ajena);
  expect(vistos).toEqual(['EJECUCION_AJENA']);
});

it('what else goes wrong is not counted', async () => {
  const caida = ApplicationFailure.retryable('x', 'PKI_NO_DISPONIBLE');
  const { fin, vistos } = llamarCon(['propio'], () => Promise.reject(caida));

  await expect(fin).rejects.toBe(caida);
  expect(vistos).toEqual([]);
});
