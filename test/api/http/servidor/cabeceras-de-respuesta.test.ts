/** What every answer carries, and what none does. */
import { connect } from 'node:net';
import { ApiDePrueba, BASE, RUTA_POST } from '../../../support/api/api-de-prueba.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

let api: ApiDePrueba;
beforeAll(async () => {
  api = await ApiDePrueba.iniciar();
});
afterAll(() => api.detener());

const DE_SEGURIDAD = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Of the server's kind and version, and leave for pages of other origins. HSTS is the gateway's. */
const NINGUNA = /^(server|x-powered-by|x-aspnet.*|access-control-.*|strict-transport-security|etag)$/;

function esperarCabeceras(cabeceras: Record<string, unknown>): void {
  expect(cabeceras).toMatchObject(DE_SEGURIDAD);
  expect(Object.keys(cabeceras).filter((nombre) => NINGUNA.test(nombre))).toEqual([]);
}

it.each([
  ['a reading without a token', 'GET', `${BASE}/solicitudes/X`],
  ['an unknown path', 'GET', '/nada'],
  ['another method', 'PUT', RUTA_POST],
  ['OPTIONS', 'OPTIONS', RUTA_POST],
  ['HEAD', 'HEAD', '/health/live'],
  ['health', 'GET', '/health/ready'],
  ['metrics', 'GET', '/metrics'],
  ['the OpenAPI document', 'GET', '/openapi.json'],
  ['a script of the page', 'GET', '/docs/inicio.js'],
])('%s lets a browser do nothing with it, and names no server', async (_caso, metodo, ruta) => {
  esperarCabeceras((await api.pedirTexto({ metodo, ruta })).cabeceras);
});

it('an answer with certificates lets a browser do nothing with it, and no cache keep it', async () => {
  const { estadoHttp, cabeceras } = await api.emitir(solicitudDePrueba());
  expect([estadoHttp, cabeceras['cache-control']]).toEqual([201, 'no-store']);
  esperarCabeceras(cabeceras);
});

it('what is answered below the app lets a browser do nothing with it either', async () => {
  const crudo = await new Promise<string>((resolve, reject) => {
    let texto = '';
    connect(api.puerto, '127.0.0.1')
      .on('data', (parte) => (texto += parte.toString()))
      .on('close', () => {
        resolve(texto);
      })
      .on('error', reject)
      .write('HOLA\r\n\r\n');
  });
  const [, ...lineas] = (crudo.split('\r\n\r\n')[0] ?? '').split('\r\n');
  const cabeceras = Object.fromEntries(
    lineas.map((linea) => {
      const [nombre = '', valor] = linea.split(': ');
      return [nombre.toLowerCase(), valor];
    }),
  );
  esperarCabeceras(cabeceras);
  expect(cabeceras['cache-control']).toBe('no-store');
});

it('the page of the documentation has a policy of its own, which runs no script from elsewhere', async () => {
  const { cabeceras } = await api.pedirTexto({ ruta: '/docs' });
  const politica = String(cabeceras['content-security-policy']);
  expect(politica).toContain("default-src 'none'; script-src 'self';");
  expect(politica).not.toMatch(/script-src[^;]*unsafe/);
  esperarCabeceras({ ...cabeceras, ...DE_SEGURIDAD });
});

it('a page of another origin gets no leave to call', async () => {
  const { estadoHttp, cabeceras } = await api.pedirTexto({
    metodo: 'OPTIONS',
    ruta: RUTA_POST,
    cabeceras: {
      Origin: 'https://otra.example.com',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization',
    },
  });
  expect(estadoHttp).toBe(200);
  esperarCabeceras(cabeceras);
});

it.each([
  ['a range that is not there', { Range: 'bytes=99999999-' }],
  ['a part', { Range: 'bytes=0-9' }],
  ['only if unchanged', { 'If-Match': '"x"' }],
  ['only if unchanged since', { 'If-Unmodified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT' }],
])('a file of the page, asked for with %s, comes whole', async (_caso, cabeceras) => {
  const entera = await api.pedirTexto({ ruta: '/docs/swagger-ui.css' });
  const { estadoHttp, texto } = await api.pedirTexto({ ruta: '/docs/swagger-ui.css', cabeceras });
  expect(estadoHttp).toBe(200);
  expect(texto).toBe(entera.texto);
});
