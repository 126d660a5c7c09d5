import fc from 'fast-check';
import type { Pendiente } from '../../../../api/emision/servicio-emision.ts';
import { fechaIso } from '../../../../shared/nucleo/fechas.ts';
import { codigoSolicitudTramite } from '../../../../shared/emision/solicitud.ts';
import { ServicioNoDisponible } from '../../../../shared/nucleo/servicio-no-disponible.ts';
import { AHORA, ApiDePrueba, BASE, detallesDe } from '../../../support/api/api-de-prueba.ts';
import { enProceso, fallida } from '../../../support/api/fake-servicio-emision.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

let api: ApiDePrueba;
beforeAll(async () => {
  api = await ApiDePrueba.iniciar();
});
afterAll(() => api.detener());

async function emitida(codigo: string) {
  await api.emitir(solicitudDePrueba(codigo));
  const vista = api.servicio.vistas.get(codigo);
  if (vista === undefined) throw new Error('not issued');
  return vista;
}

it.each([
  'a/b',
  'a b',
  '😀',
  '../x',
  '..%2F',
  '%',
  '%zz',
  "'; DROP TABLE x; --",
  '...',
  '?q#f',
  '\\',
  'ñ',
  ' a ',
  'a//b/',
  '+',
])('a codigo %p issues, and its path finds it', async (codigo) => {
  await emitida(codigo);
  const { estadoHttp: estado, sobre } = await api.consultar(codigo);
  expect(estado).toBe(200);
  expect(sobre.data?.transaccion?.codigoSolicitudTramite).toBe(codigo);
});

it('any valid codigo travels through the path unchanged', async () => {
  const codigos = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 30 })
    .filter((codigo) => codigoSolicitudTramite.safeParse(codigo).success);
  await fc.assert(
    fc.asyncProperty(codigos, async (codigo) => {
      const { estadoHttp: estado } = await api.consultar(codigo);
      expect(estado).toBe(404);
      expect(api.servicio.consultadas.at(-1)).toBe(codigo.normalize('NFC'));
    }),
  );
});

it('a running issuance is shown with null where nothing is known yet', async () => {
  api.servicio.vistas.set('CORRE', enProceso(await emitida('CORRE')));
  const { estadoHttp, sobre } = await api.consultar('CORRE');
  expect(estadoHttp).toBe(200);
  expect(sobre.error).toBeUndefined();
  expect(sobre.data).toMatchObject({
    transaccion: { estado: 'EN_PROCESO', fechaFin: null, tiempoProcesamientoMs: null },
    certificados: [],
    pasosProceso: {
      paso1GeneracionClaves: { solicitudPkiId: null },
      paso2EmisionCertificado: { estado: 'PENDIENTE', fechaInicio: null, fechaFin: null, intentos: 0 },
    },
    auditoria: { registroAuditoriaId: null },
  });
});

it('a codigo is found in whatever normal form it is written', async () => {
  await api.emitir(solicitudDePrueba('MUÑOZ-Ⅷ'.normalize('NFD')));

  const { estadoHttp, sobre } = await api.consultar('MUÑOZ-Ⅷ'.normalize('NFC'));
  expect([estadoHttp, sobre.data?.transaccion?.codigoSolicitudTramite]).toEqual([
    200,
    'MUÑOZ-Ⅷ'.normalize('NFC'),
  ]);
  expect((await api.consultar('MUÑOZ-Ⅷ'.normalize('NFD'))).estadoHttp).toBe(200);
});

const enMs = (ms: number) => new Date(AHORA.getTime() + ms);

it.each<[string, Partial<Pendiente>, string, object]>([
  ['has not failed yet', {}, '5', { ultimoFallo: null, proximoIntento: null, retenida: false }],
  [
    'failed, and is tried again in a while',
    { ultimoFallo: 'PKI_SIN_CONEXION', proximoIntento: enMs(21_000) },
    '21',
    {
      ultimoFallo: { tipo: 'ADAPTADOR_NO_DISPONIBLE', titulo: 'No hay conexión con MsAdaptadorPKI' },
      proximoIntento: fechaIso(enMs(21_000)),
    },
  ],
  [
    'is held for long',
    { ultimoFallo: 'TIEMPO_PKI_AGOTADO', proximoIntento: enMs(300_000), retenida: true },
    '60',
    { retenida: true },
  ],
])('a step that %s tells so, and when to ask again', async (_como, pendiente, reintentarEnS, dicho) => {
  const vista = enProceso(await emitida('ESPERA'));
  api.servicio.vistas.set('ESPERA', {
    ...vista,
    pendiente: { paso: 1, ultimoFallo: null, proximoIntento: null, retenida: false, ...pendiente },
  });

  const { cabeceras, sobre } = await api.consultar('ESPERA');

  expect(cabeceras['retry-after']).toBe(reintentarEnS);
  expect(sobre.data?.transaccion).toMatchObject({ pendiente: { paso: 1, ...dicho } });
});

it('a failed issuance is a reading that worked: 200, success, and the error of the issuance', async () => {
  const fallo = {
    tipo: 'CERTIFICADO_NO_CONFORME',
    detalles: ['titular distinto'],
    paso: 2,
    resultadoIncierto: false,
  } as const;
  api.servicio.vistas.set('FALLA', fallida(await emitida('FALLA'), fallo));
  const { estadoHttp, sobre } = await api.consultar('FALLA');
  expect(estadoHttp).toBe(200);
  expect(sobre).toMatchObject({
    success: true,
    statusCode: 200,
    data: { transaccion: { estado: 'FALLIDO' } },
    error: { tipo: 'CERTIFICADO_NO_CONFORME', estado: 502, errores: [{ detalleError: 'titular distinto' }] },
  });
});

it('an uncertain failure says so', async () => {
  const fallo = { tipo: 'TIEMPO_PKI_AGOTADO', detalles: [], paso: 2, resultadoIncierto: true } as const;
  api.servicio.vistas.set('INCIERTA', fallida(await emitida('INCIERTA'), fallo));
  expect(detallesDe(await api.consultar('INCIERTA'))).toEqual([
    expect.stringContaining('No se sabe si la PKI llegó a emitir'),
  ]);
});

it('an unknown codigo is 404', async () => {
  const respuesta = await api.consultar('NO-EXISTE');
  expect(respuesta.estadoHttp).toBe(404);
  expect(respuesta.sobre.error?.tipo).toBe('SOLICITUD_NO_ENCONTRADA');
});

it.each([
  [
    'a sequence that is not encoded UTF-8',
    '%E0%A4%A',
    'ruta: tiene una secuencia «%» que no es UTF-8 codificado',
  ],
  ['a lone percent sign', '100%', 'ruta: tiene una secuencia «%» que no es UTF-8 codificado'],
  ['two dots', '%2E%2E', 'codigoSolicitudTramite: no puede ser «.» ni «..»'],
  ['31 characters', 'x'.repeat(31), 'codigoSolicitudTramite: debe tener entre 1 y 30 caracteres'],
  [
    'a control character',
    'a%00b',
    'codigoSolicitudTramite: contiene caracteres de control o de dirección de escritura',
  ],
])('%s is no codigo: 400, and nothing is looked for', async (_caso, segmento, detalle) => {
  const antes = api.servicio.consultadas.length;
  const respuesta = await api.consultarPath(segmento);
  expect(respuesta.estadoHttp).toBe(400);
  expect(detallesDe(respuesta)).toEqual([detalle]);
  expect(api.servicio.consultadas).toHaveLength(antes);
});

it.each(['', 'a/b', 'a/', '../solicitudes/a'])('the path %p belongs to no route', async (segmento) => {
  const respuesta = await api.consultarPath(segmento);
  expect(respuesta.estadoHttp).toBe(404);
  expect(respuesta.sobre.error?.tipo).toBe('RUTA_NO_ENCONTRADA');
});

it('a HEAD is answered as a GET, without a body', async () => {
  await emitida('CABEZA');
  const authorization = `Bearer ${await api.emisor.token()}`;
  const { estadoHttp, texto, cabeceras } = await api.pedirTexto({
    metodo: 'HEAD',
    ruta: `${BASE}/solicitudes/CABEZA`,
    cabeceras: { authorization },
  });
  expect(estadoHttp).toBe(200);
  expect(texto).toBe('');
  expect(Number(cabeceras['content-length'])).toBeGreaterThan(0);
});

it('a GET is never answered as not modified', async () => {
  await emitida('FRESCA');
  const authorization = `Bearer ${await api.emisor.token()}`;
  const { estadoHttp } = await api.pedir({
    ruta: `${BASE}/solicitudes/FRESCA`,
    cabeceras: { authorization, 'If-None-Match': '*' },
  });
  expect(estadoHttp).toBe(200);
});

it('a register that does not answer is 503 with Retry-After', async () => {
  api.servicio.antesDeConsultar = () => {
    throw new ServicioNoDisponible('the register');
  };
  const respuesta = await api.consultar('X');
  api.servicio.antesDeConsultar = () => undefined;
  expect(respuesta.estadoHttp).toBe(503);
  expect(respuesta.cabeceras['retry-after']).toBe('5');
});
