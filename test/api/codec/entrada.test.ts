/** What a person meets who signs in while something is amiss: in words, and never for longer than that lasts. */
import { Registry } from 'prom-client';
import { pino } from 'pino';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { rutasDeEntrada } from '../../../api/codec/entrada.ts';
import { createSesiones } from '../../../api/codec/sesion.ts';
import { createApi } from '../../../api/create-api.ts';
import { pickFreePort } from '../../../scripts/start/ports.ts';
import { startIssuer, type Issuer } from '../../../simulator/oidc/issuer.ts';
import { CLAVES_DE_PRUEBA } from '../../support/emision/claves-de-prueba.ts';
import { temporaryFolder } from '../../support/procesos/temporary-folder.ts';

const logger = pino({ level: 'silent' });
const URL_DEL_CODEC = 'http://127.0.0.1:8092';

let cerrar: () => Promise<void>;
let puertoDelEmisor: number;
let pedir: (path: string, cookie?: string) => Promise<Response>;
let emisor: Issuer | null;

beforeEach(async () => {
  emisor = null;
  puertoDelEmisor = await pickFreePort('127.0.0.1');
  const server = createApi({
    rutas: rutasDeEntrada({
      url: URL_DEL_CODEC,
      emisor: `http://127.0.0.1:${puertoDelEmisor}`,
      clientId: 'codec',
      clientSecret: undefined,
      origenDeLaUi: undefined,
      sesiones: createSesiones(CLAVES_DE_PRUEBA.cifrado, URL_DEL_CODEC, Date.now),
      verificarToken: () => Promise.reject(new Error('no token comes so far')),
      logger,
    }),
    acceso: {
      entrarAlServicio: () => () => undefined,
      identificar: () => Promise.reject(new Error('these routes are open')),
      limitarPeticion: () => Promise.resolve(),
    },
    comprobaciones: [],
    documentada: false,
    coleccionDeMetricas: new Registry(),
    logger,
    reloj: () => new Date(),
    trustProxy: undefined,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  pedir = (path, cookie = '') =>
    fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', headers: { cookie } });
  cerrar = async () => {
    server.close();
    server.closeAllConnections();
    await emisor?.stop();
  };
});
afterEach(() => cerrar());

const cookieDe = (respuesta: Response) => (respuesta.headers.get('set-cookie') ?? '').split(';')[0] ?? '';

it('with the issuer down it says so, and goes on once that is back', async () => {
  const caida = await pedir('/entrar');
  expect([caida.status, await caida.text()]).toEqual([503, expect.stringContaining('no responde')]);

  emisor = await startIssuer({
    ...{ host: '127.0.0.1', port: puertoDelEmisor, audience: 'x', codecUrl: URL_DEL_CODEC },
    keysFolder: temporaryFolder(),
  });
  const entrada = await pedir('/entrar');
  expect(entrada.status).toBe(303);
  const destino = new URL(entrada.headers.get('location') ?? '');
  expect(destino.origin).toBe(emisor.url);
  expect(Object.fromEntries(destino.searchParams)).toMatchObject({
    client_id: 'codec',
    redirect_uri: `${URL_DEL_CODEC}/volver`,
    code_challenge_method: 'S256',
  });
  expect(cookieDe(entrada)).toMatch(/^codec-entrada=/);
});

it.each([
  ['that was begun nowhere', ''],
  ['with a cookie that is none of ours', 'codec-entrada=x'],
])('an answer of the issuer to a sign-in %s opens nothing', async (_cual, cookie) => {
  const vuelta = await pedir('/volver?code=x&state=y', cookie);

  expect([vuelta.status, await vuelta.text()]).toEqual([400, expect.stringContaining('empiece de nuevo')]);
  expect(vuelta.headers.get('set-cookie')).toBeNull();
});

it('an answer with another state than this sign-in’s opens nothing', async () => {
  emisor = await startIssuer({
    ...{ host: '127.0.0.1', port: puertoDelEmisor, audience: 'x', codecUrl: URL_DEL_CODEC },
    keysFolder: temporaryFolder(),
  });
  const vuelta = await pedir('/volver?code=x&state=de-otro', cookieDe(await pedir('/entrar')));

  expect([vuelta.status, await vuelta.text()]).toEqual([401, expect.stringContaining('no confirmó')]);
  expect(vuelta.headers.get('set-cookie')).toBeNull();
});
