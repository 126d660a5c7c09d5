/** The API as it is composed, while what it stands on refuses connections or is silent: 503, soon, and never a hang. */
import { sql } from 'kysely';
import { API } from '../../../../api/configuracion.ts';
import { DOMINIOS as DOMINIOS_DEL_API } from '../../../../api/dominios.ts';
import {
  createComprobacionDeExistencia,
  createLectorDeIdentidad,
} from '../../../../shared/motor/identidad.ts';
import { createGuardaDeTemporal } from '../../../../shared/registro/base/temporal-del-registro.ts';
import { abrirRegistro, DOMINIOS, type BaseDeDatos } from '../../../../shared/registro/dominios.ts';
import { COMUN, TEMPORAL } from '../../../../shared/runtime/secciones.ts';
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { jest } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { startApiService, type ApiService } from '../../../../api/api-service.ts';
import { leerConfiguracion } from '../../../../shared/runtime/config.ts';
import { conectarCliente, createTemporalClient } from '../../../../shared/runtime/temporal/conexion.ts';
import { pickFreePort } from '../../../../scripts/start/ports.ts';
import { BASE, RUTA_POST, type Sobre } from '../../../support/api/api-de-prueba.ts';
import { EmisorDePrueba } from '../../../support/api/emisor-de-prueba.ts';
import { hasta } from '../../../support/hasta.ts';
import { CLAVES_DE_PRUEBA } from '../../../support/emision/claves-de-prueba.ts';
import { startPostgres, type LocalPostgres } from '../../../../scripts/topology/postgres.ts';
import { Puerta } from './puerta.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';
import { temporalServer } from '../../../support/temporal/temporal-server.ts';

jest.setTimeout(60_000);

let postgres: LocalPostgres;
let temporal: Awaited<ReturnType<typeof temporalServer>>;
let emisor: EmisorDePrueba;
let puertas: { registro: Puerta; temporal: Puerta; emisor: Puerta };
let db: BaseDeDatos;
let conexion: ReturnType<typeof conectarCliente>;
let api: ApiService;

beforeAll(async () => {
  [postgres, temporal, emisor] = await Promise.all([
    startPostgres(),
    temporalServer(),
    EmisorDePrueba.iniciar(),
  ]);
  const base = new URL(await postgres.createDatabase());
  puertas = {
    registro: await Puerta.abrir(Number(base.port)),
    temporal: await Puerta.abrir(Number(temporal.address.split(':')[1])),
    emisor: await Puerta.abrir(Number(new URL(emisor.url).port)),
  };
  base.port = String(puertas.registro.puerto);
  const entorno = {
    PORT: String(await pickFreePort('127.0.0.1')),
    DATABASE_URL: base.href,
    TEMPORAL_ADDRESS: `127.0.0.1:${puertas.temporal.puerto}`,
    OIDC_ISSUER: `http://127.0.0.1:${puertas.emisor.puerto}`,
    ESPERA_SINCRONA_MS: '500',
  };
  const configuracion = leerConfiguracion({ comun: COMUN, temporal: TEMPORAL, api: API }, entorno);
  emisor.respuestas.set('/.well-known/openid-configuration', (res) => {
    const issuer = configuracion.api.OIDC_ISSUER;
    res.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks` }));
  });
  db = await abrirRegistro(configuracion.comun);
  conexion = conectarCliente(configuracion.temporal);
  const client = createTemporalClient(conexion, configuracion.temporal, CLAVES_DE_PRUEBA.cifrado);
  api = await startApiService({
    configuracion,
    dominios: DOMINIOS_DEL_API.map((dominio) => dominio.preparar(entorno)),
    comprobaciones: [{ nombre: 'registro', comprobar: () => sql`select 1`.execute(db) }],
    db,
    claves: CLAVES_DE_PRUEBA,
    client,
    clientDelWorker: undefined,
    guarda: createGuardaDeTemporal({
      db,
      claves: CLAVES_DE_PRUEBA,
      dominios: DOMINIOS,
      leerIdentidad: createLectorDeIdentidad(client),
      conoce: createComprobacionDeExistencia(client),
    }),
    coleccionDeMetricas: new Registry(),
    logger: pino({ level: 'silent' }),
  });
}, 120_000);
afterAll(async () => {
  await api.detener();
  await conexion.close();
  await db.destroy();
  await Promise.all(Object.values(puertas).map((puerta) => puerta.cerrar()));
  await Promise.all([postgres.stop(), temporal.teardown(), emisor.detener()]);
});

interface Respuesta {
  estadoHttp: number;
  tipo: string | undefined;
  retryAfter: string | undefined;
}

/** @param plazoMs a client that has no answer by then gives up, and the test fails */
type Llamada = (plazoMs?: number) => Promise<Respuesta>;

async function llamar(
  metodo: 'GET' | 'POST',
  ruta: string,
  plazoMs = 30_000,
  cuerpo?: unknown,
): Promise<Respuesta> {
  const token = await emisor.token({
    iss: `http://127.0.0.1:${puertas.emisor.puerto}`,
    scope: 'certificados:emitir certificados:consultar certificados:reejecutar',
  });
  return new Promise((resolve, reject) => {
    request(`${api.url}${ruta}`, {
      method: metodo,
      signal: AbortSignal.timeout(plazoMs),
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        'X-Correlation-ID': randomUUID(),
        'X-Request-ID': randomUUID(),
        'X-Office-Code': 'LIMA',
        'X-Device-ID': 'PC',
        'X-Channel': 'WEB',
      },
    })
      .on('error', reject)
      .on('response', (res) => {
        let texto = '';
        res.on('data', (parte: Buffer) => (texto += parte.toString()));
        res.on('end', () => {
          resolve({
            estadoHttp: res.statusCode ?? 0,
            tipo: (JSON.parse(texto) as Sobre).error?.tipo,
            retryAfter: res.headers['retry-after'],
          });
        });
      })
      .end(cuerpo === undefined ? undefined : JSON.stringify(cuerpo));
  });
}

let solicitudes = 0;
const emitir: Llamada = (plazoMs) => {
  const codigo = `CAIDA-${++solicitudes}`;
  return llamar('POST', RUTA_POST, plazoMs, solicitudDePrueba(codigo, String(40_000_000 + solicitudes)));
};
const consultar: Llamada = (plazoMs) => llamar('GET', `${BASE}/solicitudes/NO-HAY`, plazoMs);
const listar: Llamada = (plazoMs) => llamar('GET', `${BASE}/solicitudes`, plazoMs);

/** Until the API answers as it should; a part that is back is noticed within a second or two. */
async function hastaQueAtienda(): Promise<void> {
  await hasta('the API to come back', async () => (await consultar()).estadoHttp === 404, 15_000);
}

/** Less than the deadline of any call: nobody was asked. */
const AL_MOMENTO_MS = 3_000;
const NO_DISPONIBLE = { estadoHttp: 503, tipo: 'SERVICIO_NO_DISPONIBLE', retryAfter: '5' };

describe.each([
  ['the register', 'registro', [emitir, consultar, listar], 18_000],
  ['Temporal', 'temporal', [emitir, consultar], 8_000],
] as const)('%s', (_nombre, parte, llamadas, plazoMs) => {
  beforeEach(hastaQueAtienda);
  afterEach(() => puertas[parte].reabrir());

  it.each([
    ['refuses connections', 'cerrar'],
    ['is silent', 'callar'],
  ] as const)(
    'that %s makes every request 503: the first within its deadline, then at once',
    async (_caso, averia) => {
      await puertas[parte][averia]();

      const primeras = [...llamadas, ...llamadas, ...llamadas].map((llamada) => llamada(plazoMs));
      expect(await Promise.all(primeras)).toEqual(primeras.map(() => NO_DISPONIBLE));
      for (const llamada of llamadas) expect(await llamada(AL_MOMENTO_MS)).toEqual(NO_DISPONIBLE);

      await puertas[parte].reabrir();
      // Each of what an answer stands on is asked again after a rest of its own.
      await hasta('issuances to start', async () => (await emitir()).tipo === 'TIEMPO_PKI_AGOTADO', 15_000);
    },
  );
});

it('a Temporal that is down does not keep the register from answering', async () => {
  await hastaQueAtienda();
  await puertas.temporal.cerrar();
  try {
    await Promise.all([consultar(), consultar(), consultar(), emitir()]);
    expect((await listar()).estadoHttp).toBe(200);
  } finally {
    await puertas.temporal.reabrir();
  }
  await hastaQueAtienda();
});

it('the keys of an issuer that goes down go on counting', async () => {
  await hastaQueAtienda();
  await puertas.emisor.cerrar();
  try {
    expect((await consultar()).estadoHttp).toBe(404);
  } finally {
    await puertas.emisor.reabrir();
  }
});
