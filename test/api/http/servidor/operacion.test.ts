/** What operators and tools read of the API: health, metrics, the docs page. */
import { METHODS } from 'node:http';
import { Registry } from 'prom-client';
import { ApiDePrueba, BASE } from '../../../support/api/api-de-prueba.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

let api: ApiDePrueba;
let registro: { falla: Error | null };
beforeAll(async () => {
  registro = { falla: null };
  api = await ApiDePrueba.iniciar({
    comprobaciones: [
      { nombre: 'temporal', comprobar: () => Promise.resolve() },
      {
        nombre: 'registro',
        comprobar: () => (registro.falla ? Promise.reject(registro.falla) : Promise.resolve()),
      },
    ],
  });
});
afterAll(() => api.detener());

it('the service is alive whatever its parts say', async () => {
  registro.falla = new Error('clave=secreta');
  const { estadoHttp, texto } = await api.pedirTexto({ ruta: '/health/live' });
  expect([estadoHttp, JSON.parse(texto)]).toEqual([200, { estado: 'VIVO' }]);
  registro.falla = null;
});

it('the service is ready while every part answers', async () => {
  const { estadoHttp, texto } = await api.pedirTexto({ ruta: '/health/ready' });
  expect(estadoHttp).toBe(200);
  expect(JSON.parse(texto)).toMatchObject({
    estado: 'LISTO',
    partes: { temporal: { estado: 'LISTO' }, registro: { estado: 'LISTO' } },
  });
});

it('the service is not ready where a part fails; the reason is in the log, not in the answer', async () => {
  registro.falla = new Error('clave=secreta');
  const { estadoHttp, texto } = await api.pedirTexto({ ruta: '/health/ready' });
  registro.falla = null;
  expect(estadoHttp).toBe(503);
  expect(JSON.parse(texto)).toMatchObject({
    estado: 'NO_LISTO',
    partes: { temporal: { estado: 'LISTO' }, registro: { estado: 'NO_LISTO' } },
  });
  expect(texto).not.toContain('secreta');
  expect(api.bitacora).toContainEqual(
    expect.objectContaining({
      parte: 'registro',
      err: expect.objectContaining({ message: 'clave=secreta' }) as unknown,
    }),
  );
});

it('requests are counted by the route of the table, never by the path that came', async () => {
  const medida = await ApiDePrueba.iniciar({ coleccionDeMetricas: new Registry() });
  try {
    await medida.emitir(solicitudDePrueba('CODIGO-UNICO'));
    await medida.consultar('CODIGO-UNICO');
    await medida.consultar('OTRO');
    await medida.pedir({ ruta: '/a/b/c' });
    const { texto, cabeceras } = await medida.pedirTexto({ ruta: '/metrics' });
    expect(cabeceras['content-type']).toContain('text/plain');
    const consulta = `route="${BASE}/solicitudes/{codigoSolicitudTramite}",method="GET"`;
    expect(texto).toContain(
      `http_requests_total{route="${BASE}/obtener-certificado-digital",method="POST",status="201"} 1`,
    );
    expect(texto).toContain(`http_requests_total{${consulta},status="200"} 1`);
    expect(texto).toContain(`http_requests_total{${consulta},status="404"} 1`);
    expect(texto).toContain('http_requests_total{route="desconocida",method="desconocida",status="404"} 1');
    expect(texto).toContain(`http_request_duration_seconds_count{${consulta}} 2`);
    expect(texto).not.toMatch(/CODIGO-UNICO|\/a\/b\/c/);
  } finally {
    await medida.detener();
  }
});

it('nobody without a token makes a series: no path and no method', async () => {
  const medida = await ApiDePrueba.iniciar({ coleccionDeMetricas: new Registry() });
  const rutas = [
    `${BASE}/obtener-certificado-digital`,
    `${BASE}/solicitudes/SOL-1`,
    '/docs',
    '/metrics',
    '/otra',
  ];
  try {
    for (const metodo of METHODS.filter((uno) => uno !== 'CONNECT'))
      for (const ruta of rutas) await medida.pedirTexto({ metodo, ruta });
    const { texto } = await medida.pedirTexto({ ruta: '/metrics' });
    const contadas = [...texto.matchAll(/^http_requests_total\{(.*)\} \d+$/gm)].map(
      ([, etiquetas = '']) => etiquetas,
    );

    // Of each route that there is, its own methods; of all else, one for each answer.
    const sinRuta = contadas.filter((una) => una.startsWith('route="desconocida"'));
    expect(sinRuta.every((una) => una.includes('method="desconocida"'))).toBe(true);
    expect(contadas.length - sinRuta.length).toBeLessThan(2 * rutas.length + 2);
    expect(sinRuta.length).toBeLessThan(6);
  } finally {
    await medida.detener();
  }
});

it('the docs page loads nothing from elsewhere', async () => {
  const { texto, cabeceras } = await api.pedirTexto({ ruta: '/docs' });
  expect(cabeceras['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
  const enlaces = [...texto.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, enlace = '']) => enlace);
  expect(enlaces).toHaveLength(4);
  for (const enlace of enlaces) {
    expect(enlace).toMatch(/^docs\//);
    const { estadoHttp, texto: contenido } = await api.pedirTexto({ ruta: `/${enlace}` });
    expect(estadoHttp).toBe(200);
    expect(contenido.length).toBeGreaterThan(50);
  }
});
