/** Who may have payloads opened: by which token, and with which scope. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { rutasDelCodec } from '../../../api/codec/rutas.ts';
import { createSesiones, porTokenOSesion } from '../../../api/codec/sesion.ts';
import { createApi } from '../../../api/create-api.ts';
import { createVerificadorDeToken, porToken } from '../../../api/http/acceso/token.ts';
import { AUDIENCIA, EmisorDePrueba } from '../../support/api/emisor-de-prueba.ts';
import { TOKENS_QUE_NO_VALEN } from '../../support/api/tokens-que-no-valen.ts';
import { CLAVES_DE_PRUEBA } from '../../support/emision/claves-de-prueba.ts';

const UI = 'https://temporal.example';
const CODEC = 'http://127.0.0.1:8092';

let emisor: EmisorDePrueba;
let cerrar: () => void;
let decodificar: (cabeceras: Record<string, string>) => Promise<Response>;
/** How often somebody was let in. */
let abiertas = 0;

beforeAll(async () => {
  emisor = await EmisorDePrueba.iniciar();
  const verificar = porToken(createVerificadorDeToken({ emisor: emisor.url, audiencia: AUDIENCIA }));
  const sesiones = createSesiones(CLAVES_DE_PRUEBA.cifrado, CODEC, Date.now);
  const server = createApi({
    rutas: rutasDelCodec((cargas) => {
      abiertas += 1;
      return Promise.resolve([...cargas]);
    }, UI),
    acceso: {
      entrarAlServicio: () => () => undefined,
      identificar: porTokenOSesion(verificar, sesiones, UI),
      limitarPeticion: () => Promise.resolve(),
    },
    comprobaciones: [],
    documentada: false,
    coleccionDeMetricas: new Registry(),
    logger: pino({ level: 'silent' }),
    reloj: () => new Date(),
    trustProxy: undefined,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  decodificar = (headers) =>
    fetch(`http://127.0.0.1:${port}/decode`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: '{"payloads": []}',
    });
  cerrar = () => {
    server.close();
    server.closeAllConnections();
  };
});
afterAll(async () => {
  cerrar();
  await emisor.detener();
});

it.each(TOKENS_QUE_NO_VALEN)('a token %s opens nothing', async (_caso, authorization, falta) => {
  const antes = abiertas;
  const valor = await authorization(emisor);

  const respuesta = await decodificar(valor === undefined ? {} : { Authorization: valor });

  expect(respuesta.status).toBe(401);
  expect(await respuesta.text()).toContain(`Authorization: ${falta}`);
  expect(abiertas).toBe(antes);
});

it.each([
  ['may open', 'certificados:descifrar', 200],
  ['may see personal data and not open', 'certificados:datos-personales', 403],
  ['may do all that the API allows', 'certificados:emitir certificados:consultar-todas', 403],
  ['has a scope that begins like it', 'certificados:descifrar-todo', 403],
])('a token that %s: %s', async (_que, scope, estadoHttp) => {
  const respuesta = await decodificar({ Authorization: `Bearer ${await emisor.token({ scope })}` });
  expect(respuesta.status).toBe(estadoHttp);
});

it.each([
  ['of the UI without a session', { Origin: UI }],
  ['of another site', { Origin: 'https://otra.example' }],
  ['of another site with a cookie', { Origin: 'https://otra.example', Cookie: 'codec-sesion=AAAA' }],
  ['of the UI with a cookie that nobody sealed', { Origin: UI, Cookie: 'codec-sesion=AAAA' }],
])('a page %s is told to sign in', async (_de, cabeceras: Record<string, string>) => {
  const respuesta = await decodificar(cabeceras);
  expect(respuesta.status).toBe(401);
  expect(await respuesta.text()).toContain('entre de nuevo');
});
