/** A domain that is not there: what it takes to add one is a line in the registry of each layer, and nothing else. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { pino } from 'pino';
import { sql, type Kysely } from 'kysely';
import { createApi } from '../../api/create-api.ts';
import type { DominioDelApi } from '../../api/dominio.ts';
import { responder } from '../../api/http/peticion/peticion.ts';
import type { Ruta } from '../../api/http/peticion/ruta.ts';
import { EXITOS } from '../../shared/nucleo/fallos.ts';
import { abrirBaseDeDatos, migracionesDe } from '../../shared/registro/base/base-de-datos.ts';
import { tablasCifradasDe, type DominioDelRegistro } from '../../shared/registro/base/dominio.ts';
import type { EsquemaBase } from '../../shared/registro/base/esquema.ts';
import { createRegistroDeClaves } from '../../shared/registro/base/registro-de-claves.ts';
import { DOMINIOS } from '../../shared/registro/dominios.ts';
import type { DominioDelWorker } from '../../worker/dominio.ts';
import { reunirColas } from '../../worker/worker-service.ts';
import { createMedidorDeSalud } from '../../shared/runtime/health-server.ts';
import { CLAVES_DE_PRUEBA } from '../support/emision/claves-de-prueba.ts';

const DEL_REGISTRO: DominioDelRegistro = {
  nombre: 'prueba',
  migraciones: {
    '0001-prueba': {
      up: (db: Kysely<unknown>) =>
        sql`create table pruebas (id text primary key, secreto bytea)`.execute(db).then(() => undefined),
    },
  },
  tablasCifradas: { pruebas: { clave: ['id'], id: 'id', columnas: ['secreto'] } },
};

const DEL_WORKER: DominioDelWorker = {
  colas: [
    { nombre: 'emision', actividades: { probar: () => 'probado' }, simultaneas: 80, paradaMs: 1 },
    { nombre: 'prueba', actividades: { probar: () => 'probado' }, simultaneas: 1, paradaMs: 1 },
  ],
};

const DEL_API: DominioDelApi = {
  rutas: [
    {
      metodo: 'GET',
      path: '/prueba',
      permiso: 'prueba:consultar',
      documento: {
        operationId: 'probar',
        resumen: 'Prueba',
        descripcion: 'Prueba',
        etiqueta: { nombre: 'prueba', descripcion: 'De prueba.' },
        respuestas: [],
      },
      atender: (_req, res) => {
        responder(res, EXITOS.CONSULTADO, { success: true, message: 'probado', data: null });
      },
    },
  ],
};

it('a new domain has its tables beside the others, also in a register that was there before it', async () => {
  const DATA_DIR = mkdtempSync(join(tmpdir(), 'dominio-nuevo-'));
  await (await abrirBaseDeDatos<EsquemaBase>({ DATA_DIR }, DOMINIOS)).destroy();

  const dominios = [...DOMINIOS, DEL_REGISTRO];
  const db = await abrirBaseDeDatos<EsquemaBase & { pruebas: { id: string; secreto: Buffer } }>(
    { DATA_DIR },
    dominios,
  );
  const cifrado = CLAVES_DE_PRUEBA.cifrado;
  await db
    .insertInto('pruebas')
    .values({ id: '1', secreto: cifrado.cifrar(Buffer.from('"x"'), 'pruebas.secreto:1') })
    .execute();

  const claves = createRegistroDeClaves(db, dominios, cifrado);
  expect(claves.tablas).toContain('pruebas');
  expect(await claves.recifrarPagina('pruebas', null, 10)).toMatchObject({ revisadas: 1, ilegibles: {} });
  await db.destroy();
  rmSync(DATA_DIR, { recursive: true });
}, 60_000);

it('a new domain has its task queue, or its part of one that is there already', () => {
  const emitir = () => 'emitido';
  const colas = reunirColas([
    { nombre: 'emision', actividades: { emitir }, simultaneas: 50, paradaMs: 15_000 },
    ...DEL_WORKER.colas,
  ]);

  expect(colas.map(({ nombre, simultaneas, paradaMs }) => [nombre, simultaneas, paradaMs])).toEqual([
    ['emision', 130, 15_000],
    ['prueba', 1, 1],
  ]);
  expect(Object.keys(colas[0]?.actividades ?? {})).toEqual(['emitir', 'probar']);
  expect(() => reunirColas([...DEL_WORKER.colas, ...DEL_WORKER.colas])).toThrow(
    /probar on the queue emision/,
  );
});

it('a new domain has its routes, in the service and in its document', async () => {
  const server = apiCon(DEL_API.rutas);
  await new Promise<void>((listo) => server.listen(0, '127.0.0.1', listo));
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}`;

  const con = (Authorization: string) => fetch(`${url}/prueba`, { headers: { Authorization } });
  expect((await con('certificados:consultar')).status).toBe(403);
  for (const permiso of ['prueba:consultar', 'prueba:consultar-todas'])
    expect(await (await con(permiso)).json()).toMatchObject({ message: 'probado' });
  const documento = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object };
  expect(Object.keys(documento.paths)).toContain('/prueba');
  server.closeAllConnections();
  await new Promise((cerrado) => server.close(cerrado));
});

function apiCon(rutas: readonly Ruta[]) {
  return createApi({
    rutas,
    acceso: {
      entrarAlServicio: () => () => undefined,
      identificar: ({ headers: { authorization: scope = '' } }) =>
        Promise.resolve({ sujeto: 's', cliente: 'c', permisos: new Set(scope.split(' ')) }),
      limitarPeticion: () => Promise.resolve(),
    },
    comprobaciones: [],
    coleccionDeMetricas: new Registry(),
    logger: pino({ level: 'silent' }),
    reloj: () => new Date(),
    trustProxy: undefined,
  });
}

it.each([
  ['a migration', /two migrations are called 0001-prueba/, () => migracionesDe([DEL_REGISTRO, DEL_REGISTRO])],
  [
    'an encrypted table',
    /two encrypted tables are called pruebas/,
    () => tablasCifradasDe([DEL_REGISTRO, DEL_REGISTRO]),
  ],
  [
    'a route',
    /two routes are called GET \/prueba/,
    () => {
      apiCon([...DEL_API.rutas, ...DEL_API.rutas]);
    },
  ],
  [
    'a part of the health',
    /two parts of the health are called prueba/,
    () =>
      createMedidorDeSalud(
        [1, 2].map(() => ({ nombre: 'prueba', comprobar: () => Promise.resolve() })),
        () => undefined,
      ),
  ],
])('two domains that bring %s of one name are refused', (_que, error, reunir) => {
  expect(reunir).toThrow(error);
});
