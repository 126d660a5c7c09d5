/** A completed issuance whose certificates in the register are not those of the record. */
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { conAlertaDeAlterados } from '../../../../api/emision/consultar/certificados-alterados.ts';
import { createRegistroQueResponde } from '../../../../api/http/carga/registro-que-responde.ts';
import { CertificadosAlterados } from '../../../../shared/registro/emision/registro.ts';
import { ApiDePrueba } from '../../../support/api/api-de-prueba.ts';
import { CLAVES_DE_PRUEBA } from '../../../support/emision/claves-de-prueba.ts';
import { fila, servicioDeEmision } from '../../../support/api/servicio-de-emision.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

const SOLICITUD = solicitudDePrueba('SOL-1');

let api: ApiDePrueba;
let metricas: Registry;
let lineas: Record<string, unknown>[];
beforeAll(async () => {
  metricas = new Registry();
  lineas = [];
  const logger = pino(
    {},
    { write: (linea: string) => void lineas.push(JSON.parse(linea) as Record<string, unknown>) },
  );
  const leerCertificados = conAlertaDeAlterados(
    (codigo) => Promise.reject(new CertificadosAlterados(codigo, '3 were released, 0 stand')),
    { coleccionDeMetricas: metricas, logger },
  );
  // Of whoever asks: nobody else is told so much.
  const suya = { ...fila(SOLICITUD, 'COMPLETADO'), cliente: CLAVES_DE_PRUEBA.huella('cliente', 'siirc') };
  const lecturas = createRegistroQueResponde()({
    leer: () => Promise.resolve(suya),
    conciliar: () => Promise.resolve(suya),
    leerCertificados,
  });
  api = await ApiDePrueba.iniciar({ servicio: servicioDeEmision({ registro: lecturas }) });
});
afterAll(() => api.detener());

it.each([
  ['a GET', () => api.consultar('SOL-1')],
  ['a POST of the same request', () => api.emitir(SOLICITUD)],
])('%s answers 500 in general words, never 200, and alerts by codigo', async (_, pedir) => {
  const antes = lineas.length;

  const { estadoHttp, sobre } = await pedir();

  expect([estadoHttp, sobre.success, sobre.error?.tipo]).toEqual([500, false, 'ERROR_INTERNO']);
  expect(JSON.stringify(sobre)).not.toContain('released');
  expect(lineas.slice(antes)).toMatchObject([
    { level: 50, codigo: 'SOL-1', msg: 'the certificates of an issuance are not those of the record' },
  ]);
});

it('each alteration that is found is counted', async () => {
  const contadas = async () =>
    (await metricas.getSingleMetric('register_altered_certificates_total')?.get())?.values[0]?.value ?? 0;
  const antes = await contadas();

  await api.consultar('SOL-1');

  expect(await contadas()).toBe(antes + 1);
});
