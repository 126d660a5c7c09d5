/** The script of the docs page, run as the browser does. */
import { runInNewContext } from 'node:vm';
import { ApiDePrueba } from '../support/api-de-prueba.ts';

interface Peticion {
  headers: Record<string, string>;
}
interface Opciones {
  requestInterceptor(peticion: Peticion): Peticion;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let api: ApiDePrueba;
let guion: string;
let ejemplos: Record<string, string>;

beforeAll(async () => {
  api = await ApiDePrueba.iniciar();
  guion = (await api.pedirTexto({ ruta: '/docs/inicio.js' })).texto;
  const documento = JSON.parse((await api.pedirTexto({ ruta: '/openapi.json' })).texto) as {
    paths: Record<string, { post?: { parameters: { name: string; example: string }[] } }>;
  };
  const emision = Object.entries(documento.paths).find(([path]) =>
    path.endsWith('/obtener-certificado-digital'),
  );
  const parametros = emision?.[1].post?.parameters ?? [];
  ejemplos = Object.fromEntries(parametros.map(({ name, example }) => [name, example]));
});
afterAll(() => api.detener());

function enviar(headers: Record<string, string>, contexto: object): Record<string, string> {
  let opciones: Opciones | undefined;
  runInNewContext(guion, { ...contexto, SwaggerUIBundle: (dadas: Opciones) => (opciones = dadas) });
  const enviada = opciones?.requestInterceptor({ headers: { ...headers } });
  return enviada?.headers ?? {};
}

it('sends new identifiers in place of those of the example, and the other headers as they are', () => {
  const [una, otra] = [enviar(ejemplos, { crypto }), enviar(ejemplos, { crypto })];

  for (const nombre of ['X-Request-ID', 'X-Correlation-ID']) {
    expect(una[nombre]).toMatch(UUID);
    expect(new Set([ejemplos[nombre], una[nombre], otra[nombre]]).size).toBe(3);
  }
  expect(una['X-Office-Code']).toBe(ejemplos['X-Office-Code']);
});

it('sends the identifiers that a person wrote', () => {
  const propios = { 'X-Request-ID': 'aaaaaaaa-0000-4000-8000-000000000000', 'X-Correlation-ID': 'otro' };
  expect(enviar(propios, { crypto })).toEqual(propios);
});

it('sends the example where the browser makes no UUID', () => {
  expect(enviar(ejemplos, { crypto: {} })).toEqual(ejemplos);
});
