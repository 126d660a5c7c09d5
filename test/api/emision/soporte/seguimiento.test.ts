/** What a correlation id is answered with: what it led to, to whoever may read it. */
import { SOLICITUDES_SEGUIDAS_MAX } from '../../../../shared/emision/plazos.ts';
import type { SolicitudSeguida } from '../../../../shared/emision/soporte.ts';
import { ApiDePrueba, detallesDe } from '../../../support/api/api-de-prueba.ts';
import { resumenDePrueba } from '../../../support/api/fake-soporte.ts';

const CORRELACION = '5f0c8b1e-8d0f-4e55-9a3c-2d8a1f3f7c10';

const SEGUIDA: SolicitudSeguida = {
  resumen: resumenDePrueba(),
  hechos: [
    {
      momento: '2026-11-22T10:00:00Z',
      evento: 'EMISION_FALLIDA',
      generacion: 1,
      runId: 'run-1',
      correlationId: null,
      fallo: 'CIUDADANO_NO_ENCONTRADO',
    },
  ],
};

let api: ApiDePrueba;
beforeAll(async () => {
  api = await ApiDePrueba.iniciar();
});
beforeEach(() => {
  api.olvidar();
});
afterAll(() => api.detener());

const seguir = (correlationId: string) => api.comoSoporte(`/seguimiento/${correlationId}`);

async function seguidas(): Promise<{ solicitudes: unknown[]; hayMas: boolean }> {
  return (await seguir(CORRELACION)).sobre.data as unknown as { solicitudes: unknown[]; hayMas: boolean };
}

it('tells the issuances and their facts, each failure as the API names it', async () => {
  api.soporte.respuestas.seguir = () => Promise.resolve({ solicitudes: [SEGUIDA], hayMas: false });

  const { solicitudes, hayMas } = await seguidas();

  expect(hayMas).toBe(false);
  expect(solicitudes).toMatchObject([
    {
      solicitud: { codigoSolicitudTramite: 'SOL-1' },
      hechos: [{ evento: 'EMISION_FALLIDA', runId: 'run-1', tipoError: 'CIUDADANO_NO_ENCONTRADO' }],
    },
  ]);
  expect(api.soporte.argumentosDe('seguir')).toMatchObject([[CORRELACION, {}]]);
});

it('says where it led to more than it tells', async () => {
  api.soporte.respuestas.seguir = () => Promise.resolve({ solicitudes: [SEGUIDA], hayMas: true });
  expect((await seguidas()).hayMas).toBe(true);
  expect(api.soporte.argumentosDe('seguir')).toMatchObject([
    [CORRELACION, { solicitudes: SOLICITUDES_SEGUIDAS_MAX }, undefined],
  ]);
});

it('answers an empty list where nothing came of it', async () => {
  expect(await seguidas()).toMatchObject({ solicitudes: [], hayMas: false });
});

it.each(['SOL-1', '5f0c8b1e8d0f4e559a3c2d8a1f3f7c10', `${CORRELACION}0`, '%20'])(
  '%s is refused as no id, and not looked up',
  async (id) => {
    const respuesta = await seguir(id);
    expect(respuesta.estadoHttp).toBe(400);
    expect(detallesDe(respuesta)).toEqual(['correlationId: debe ser un UUID']);
    expect(api.soporte.argumentosDe('seguir')).toEqual([]);
  },
);
