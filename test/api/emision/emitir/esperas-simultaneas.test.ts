/** As many clients as may wait at once, and the next one. */
import { Registry } from 'prom-client';
import { ServicioNoDisponible } from '../../../../shared/nucleo/servicio-no-disponible.ts';
import {
  CONTEXTO,
  espera,
  fila,
  MotorQueTarda,
  servicioDeEmision,
  SUYA,
} from '../../../support/api/servicio-de-emision.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';
import { hasta } from '../../../support/hasta.ts';

const EN_PROCESO = { vista: { codigoSolicitudTramite: 'SOL-1', estado: 'EN_PROCESO' }, reintentarEnS: 5 };

let motor: MotorQueTarda;
/** Of a client that waits for as long as its test takes. */
let cliente: AbortController;
beforeEach(() => {
  motor = new MotorQueTarda();
  cliente = new AbortController();
});
afterEach(() => {
  cliente.abort();
  motor.cerrar();
});

describe('as many clients as may wait at once', () => {
  const NO_ACEPTADA = {
    tipo: 'FALLO',
    fallo: 'SERVICIO_NO_DISPONIBLE',
    detalles: [expect.stringContaining('no se aceptó') as unknown],
    vista: null,
    reintentarEnS: 5,
  };

  async function llena(registro = {}) {
    const metricas = new Registry();

    const api = servicioDeEmision({
      motor: motor.motor,
      registro,
      esperaSincronaMs: 60_000,
      esperasMax: 1,
      metricas,
    });
    const primera = api.emitir(
      solicitudDePrueba('SOL-0'),
      CONTEXTO,
      espera({ abandono: cliente.signal, maximoMs: 50_000 }),
    );
    await hasta('the first to be waited with', () => motor.pendientes === 1);
    return { api, primera, metricas };
  }

  it('have the next one refused before anything is started', async () => {
    const { api, metricas } = await llena();
    motor.run = () => null;

    expect(await api.emitir(SUYA, CONTEXTO, espera())).toEqual(NO_ACEPTADA);
    expect(await api.emitir(SUYA, CONTEXTO, espera({ asincrona: true, maximoMs: 1_000 }))).toEqual(
      NO_ACEPTADA,
    );
    expect(motor.iniciadas.map(({ solicitud }) => solicitud.solicitud.codigoSolicitudTramite)).toEqual([
      'SOL-0',
    ]);
    const texto = await metricas.metrics();
    expect(texto).toContain('http_waiting_requests 1');
    expect(texto).toContain('http_shed_requests_total{tope="esperas"} 2');
  });

  it.each([
    ['prefers an asynchronous answer', espera({ asincrona: true, maximoMs: 0 }), 'ACEPTADA'],
    ['waits 0 s', espera({ maximoMs: 0 }), 'FALLO'],
  ])('leave room for one that %s', async (_, suya, tipo) => {
    const { api, metricas } = await llena();

    expect(await api.emitir(SUYA, CONTEXTO, suya)).toMatchObject({ tipo, ...EN_PROCESO });
    expect(motor.iniciadas).toHaveLength(2);
    expect(await metricas.metrics()).toContain('http_shed_requests_total{tope="esperas"} 0');
  });

  it('leave room for the answer that needs no wait', async () => {
    const conciliar = (codigo: string) =>
      Promise.resolve(codigo === 'SOL-1' ? fila(SUYA, 'COMPLETADO') : null);
    const { api } = await llena({ conciliar });

    expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({ tipo: 'YA_EMITIDO' });
  });

  it('have one that joins a running issuance told that it goes on', async () => {
    const conciliar = (codigo: string) =>
      Promise.resolve(codigo === 'SOL-1' ? fila(SUYA, 'EN_PROCESO') : null);
    const { api } = await llena({ conciliar });

    expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({
      fallo: 'SERVICIO_NO_DISPONIBLE',
      ...EN_PROCESO,
    });
  });

  it('have one told the same that joins an issuance which no worker has begun', async () => {
    const { api } = await llena();

    expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({
      fallo: 'SERVICIO_NO_DISPONIBLE',
      ...EN_PROCESO,
    });
  });

  it('give up their place when they hang up', async () => {
    const { api, primera } = await llena();
    cliente.abort();
    await primera;
    cliente = new AbortController();

    void api.emitir(SUYA, CONTEXTO, espera({ abandono: cliente.signal }));
    await hasta('the next to be waited with', () => motor.pendientes === 1);
    expect(motor.iniciadas).toHaveLength(2);
  });

  it('give up their place when they are answered, also by an error', async () => {
    let falla = true;
    const api = servicioDeEmision({
      motor: {
        ...motor.motor,
        iniciar: () => (falla ? Promise.reject(new ServicioNoDisponible('Temporal')) : Promise.resolve(true)),
      },
      esperaSincronaMs: 20,
      esperasMax: 1,
    });
    await expect(api.emitir(SUYA, CONTEXTO, espera())).rejects.toBeInstanceOf(ServicioNoDisponible);
    falla = false;

    expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({ fallo: 'TIEMPO_PKI_AGOTADO' });
    expect(await api.emitir(SUYA, CONTEXTO, espera())).toMatchObject({ fallo: 'TIEMPO_PKI_AGOTADO' });
  });
});
