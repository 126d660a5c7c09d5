/** The script of the docs page, run as the browser does. */
import { runInNewContext } from 'node:vm';
import { ApiDePrueba } from '../../../support/api/api-de-prueba.ts';

interface Peticion {
  headers: Record<string, string>;
}
interface Respuesta {
  url: string;
  text: string;
}
interface Opciones {
  requestInterceptor(peticion: Peticion): Peticion;
  responseInterceptor(respuesta: Respuesta): Respuesta;
}
interface Parametro {
  name: string;
  required: boolean;
  example?: string;
}
interface Documento {
  paths: Record<string, Record<string, { parameters?: Parametro[] }>>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let api: ApiDePrueba;
let guion: string;
let contrato: string;
let ejemplos: Record<string, string>;

beforeAll(async () => {
  api = await ApiDePrueba.iniciar();
  guion = (await api.pedirTexto({ ruta: '/docs/inicio.js' })).texto;
  contrato = (await api.pedirTexto({ ruta: '/openapi.json' })).texto;
  ejemplos = Object.fromEntries(
    parametros(contrato, '/obtener-certificado-digital').map(({ name, example = '' }) => [name, example]),
  );
});
afterAll(() => api.detener());

function parametros(documento: string, ruta: string): Parametro[] {
  const { paths } = JSON.parse(documento) as Documento;
  const [, operaciones = {}] = Object.entries(paths).find(([path]) => path.endsWith(ruta)) ?? [];
  return Object.values(operaciones).flatMap(({ parameters = [] }) => parameters);
}

/** The browser's own, as far as the script asks it. */
class Navegador extends EventTarget {
  matches = false;
  readonly clases = new Set<string>();
  readonly matchMedia = (consulta: string) => {
    if (consulta !== '(prefers-color-scheme: dark)') throw new Error(`nobody knows ${consulta}`);
    return this;
  };
  readonly document = {
    documentElement: {
      classList: {
        toggle: (clase: string, puesta: boolean) => this.clases[puesta ? 'add' : 'delete'](clase),
      },
    },
  };
}

function opciones(contexto: object = {}, navegador = new Navegador()): Opciones {
  let dadas: Opciones | undefined;
  const { matchMedia, document } = navegador;
  runInNewContext(guion, {
    matchMedia,
    document,
    ...contexto,
    SwaggerUIBundle: (recibidas: Opciones) => (dadas = recibidas),
  });
  if (!dadas) throw new Error('the page starts no swagger-ui');
  return dadas;
}

function enviar(headers: Record<string, string>, contexto: object): Record<string, string> {
  return opciones(contexto).requestInterceptor({ headers: { ...headers } }).headers;
}

it('the page is as dark as its system, and follows it', () => {
  const navegador = new Navegador();
  const clases = () => [...navegador.clases];
  navegador.matches = true;
  opciones({}, navegador);
  expect(clases()).toEqual(['dark-mode']);

  navegador.matches = false;
  navegador.dispatchEvent(new Event('change'));
  expect(clases()).toEqual([]);
});

it('the page has the dark colours that it asks swagger-ui for', async () => {
  const { texto } = await api.pedirTexto({ ruta: '/docs/swagger-ui.css' });
  expect(texto).toContain('html.dark-mode .swagger-ui{');
});

it('the page sends new identifiers in place of those of the example, and the other headers as they are', () => {
  const [una, otra] = [enviar(ejemplos, { crypto }), enviar(ejemplos, { crypto })];

  for (const nombre of ['X-Request-ID', 'X-Correlation-ID']) {
    expect(una[nombre]).toMatch(UUID);
    expect(new Set([ejemplos[nombre], una[nombre], otra[nombre]]).size).toBe(3);
  }
  expect(una['X-Office-Code']).toBe(ejemplos['X-Office-Code']);
});

it('the page sends the identifiers that a person wrote', () => {
  const propios = { 'X-Request-ID': 'aaaaaaaa-0000-4000-8000-000000000000', 'X-Correlation-ID': 'otro' };
  expect(enviar(propios, { crypto })).toEqual(propios);
});

it('the page sends the example where the browser makes no UUID', () => {
  expect(enviar(ejemplos, { crypto: {} })).toEqual(ejemplos);
});

it('the page fills in what must be sent, and leaves empty what need not be', () => {
  const mostrado = opciones().responseInterceptor({ url: 'http://x/openapi.json', text: contrato }).text;

  for (const ruta of ['/obtener-certificado-digital', '/solicitudes'])
    expect(parametros(mostrado, ruta)).toEqual(
      parametros(contrato, ruta).map(({ example, ...resto }) =>
        resto.required ? { ...resto, example } : resto,
      ),
    );
  expect(parametros(contrato, '/solicitudes').some(({ required, example }) => !required && example)).toBe(
    true,
  );
});

it('the page shows every other answer as it came', () => {
  const respuesta = { url: 'http://x/health/live', text: '{"in":1,"example":2}' };
  expect(opciones().responseInterceptor({ ...respuesta })).toEqual(respuesta);
});
