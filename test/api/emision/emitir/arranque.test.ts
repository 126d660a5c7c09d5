/** What is answered where no more issuances may be open, and what of those that start goes on counting. */
import { Registry } from 'prom-client';
import type { RunEnCurso } from '../../../../api/emision/temporal/motor-temporal.ts';
import type { Espera } from '../../../../api/emision/servicio-emision.ts';
import { ServicioNoDisponible } from '../../../../shared/nucleo/servicio-no-disponible.ts';
import {
  CONTEXTO,
  espera,
  fila,
  runAbierta,
  servicioDeEmision,
  sucesivas,
  SUYA,
} from '../../../support/api/servicio-de-emision.ts';

const NO_ACEPTADA = {
  tipo: 'FALLO',
  fallo: 'SERVICIO_NO_DISPONIBLE',
  detalles: [
    'La petición no se aceptó: ya hay tantas emisiones en proceso como el servicio admite a la vez. Envíela de nuevo.',
  ],
  vista: null,
  reintentarEnS: 5,
};
const ASINCRONA = espera({ asincrona: true, maximoMs: 0 });

describe('where as many are open as may be', () => {
  const llena = (
    registro = {},
    run: RunEnCurso | null = null,
    tipo: 'MUCHAS_ABIERTAS' | 'MUCHAS_DEL_CLIENTE' = 'MUCHAS_ABIERTAS',
  ) => {
    const metricas = new Registry();
    const iniciadas: unknown[] = [];
    const api = servicioDeEmision({
      registro,
      motor: {
        enCurso: () => Promise.resolve(run),
        iniciar: (entrada) => {
          iniciadas.push(entrada);
          return Promise.resolve(true);
        },
      },
      abiertas: { admitir: () => Promise.resolve({ tipo }) },
      metricas,
    });
    return { api, iniciadas, metricas };
  };

  it.each<[string, Espera]>([
    ['waits for it', espera()],
    ['does not', ASINCRONA],
  ])('a new one is refused before anything is started, whether its client %s', async (_, suya) => {
    const { api, iniciadas, metricas } = llena();

    expect(await api.emitir(SUYA, CONTEXTO, suya)).toEqual(NO_ACEPTADA);
    expect(iniciadas).toEqual([]);
    expect(await metricas.metrics()).toContain('http_waiting_requests 0');
  });

  it('of one client, it is told so', async () => {
    const { api, iniciadas } = llena({}, null, 'MUCHAS_DEL_CLIENTE');

    expect(await api.emitir(SUYA, { ...CONTEXTO, cliente: 'uno' }, espera())).toEqual({
      ...NO_ACEPTADA,
      detalles: [
        'La petición no se aceptó: el cliente ya tiene en proceso tantas emisiones como uno solo puede tener a la vez. Envíela de nuevo.',
      ],
    });
    expect(iniciadas).toEqual([]);
  });

  it('what is under way or done already is answered as ever', async () => {
    const { api, iniciadas } = llena({ conciliar: () => Promise.resolve(fila(SUYA, 'COMPLETADO')) });
    expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({ tipo: 'YA_EMITIDO' });

    const otra = llena({ conciliar: () => Promise.resolve(fila(SUYA, 'EN_PROCESO')) });
    expect(await otra.api.emitir(SUYA, CONTEXTO, ASINCRONA)).toMatchObject({ tipo: 'ACEPTADA' });
    expect([...iniciadas, ...otra.iniciadas]).toEqual([]);
  });

  it('what was accepted and no worker has begun is not denied', async () => {
    const { api } = llena({}, runAbierta());

    expect(await api.emitir(SUYA, CONTEXTO, ASINCRONA)).toMatchObject({
      tipo: 'ACEPTADA',
      vista: { estado: 'EN_PROCESO' },
    });
  });

  it('what a restored register lost is made again', async () => {
    const leidas = sucesivas(null, fila(SUYA, 'COMPLETADO'));
    const { api } = llena({ conciliar: leidas }, runAbierta({ abierta: false }));

    expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({ tipo: 'YA_EMITIDO' });
  });
});

describe('what is let start', () => {
  /** What the bound is asked, and how many of what it let in do not count any more. */
  const contando = (puertos: Parameters<typeof servicioDeEmision>[0]) => {
    const admitidas: unknown[] = [];
    let sueltas = 0;
    const api = servicioDeEmision({
      ...puertos,
      abiertas: {
        admitir: (una) => {
          admitidas.push(una);
          return Promise.resolve({ tipo: 'ADMITIDA', soltar: () => sueltas++ });
        },
      },
    });
    return { api, admitidas, sueltas: () => sueltas };
  };

  it('is named with its client and the run that its row is of', async () => {
    const fallida = fila(SUYA, 'FALLIDO', { tipo: 'PKI_ERROR', paso: 1, detalles: [] });
    const { api, admitidas } = contando({ registro: { conciliar: () => Promise.resolve(fallida) } });
    await api.emitir(SUYA, { ...CONTEXTO, cliente: 'uno' }, ASINCRONA);

    expect(admitidas).toEqual([{ codigo: 'SOL-1', cliente: 'uno', runAnterior: 'run-anterior' }]);
  });

  it('counts while it goes on, and no more once it is closed without a row', async () => {
    const enMarcha = contando({});
    await enMarcha.api.emitir(SUYA, CONTEXTO, ASINCRONA);
    expect(enMarcha.sueltas()).toBe(0);

    const rechazada = contando({
      motor: {
        esperar: () =>
          Promise.resolve({
            tipo: 'CERRADA',
            fallo: { tipo: 'CIUDADANO_EN_PROCESO', paso: null, detalles: ['otra'] },
          }),
      },
    });
    await rechazada.api.emitir(SUYA, CONTEXTO, espera());
    expect(rechazada.sueltas()).toBe(1);
  });

  it('and that Temporal does not take, whatever it says of it, does not count', async () => {
    const { api, sueltas } = contando({
      motor: { iniciar: () => Promise.reject(new ServicioNoDisponible('Temporal')) },
    });
    await expect(api.emitir(SUYA, CONTEXTO, ASINCRONA)).rejects.toBeInstanceOf(ServicioNoDisponible);

    expect(sueltas()).toBe(1);
  });

  it('and that Temporal refuses does not count', async () => {
    const { api, sueltas } = contando({
      motor: { iniciar: () => Promise.resolve(false), enCurso: () => Promise.resolve(runAbierta()) },
    });
    await api.emitir(SUYA, CONTEXTO, ASINCRONA);

    expect(sueltas()).toBe(1);
  });
});
