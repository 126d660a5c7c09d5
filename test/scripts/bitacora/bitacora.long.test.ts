/** `npm run bitacora` as a person types it, on a PostgreSQL of its own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { anotarEntrada } from '../../../shared/bitacora/entrada.ts';
import {
  generarClaveDeFirma,
  leerClaveDeFirma,
  leerClavePublica,
} from '../../../shared/bitacora/punto-de-control/nota.ts';
import { createPruebasDeBitacora } from '../../../shared/bitacora/pruebas.ts';
import { secuenciar } from '../../../shared/bitacora/secuencia/secuenciador.ts';
import { datosDeEntrada } from '../../../api/bitacora/esquemas.ts';
import { type BaseDeDatos } from '../../../shared/registro/dominios.ts';
import { abrirRegistro } from '../../../shared/registro/dominios.ts';
import { DE_PRUEBAS } from '../../support/bitacora/bitacora-de-prueba.ts';
import { startPostgres, type LocalPostgres } from '../../../scripts/topology/postgres.ts';
import { CLAVES } from '../../support/registro/registro-de-prueba.ts';
import { runProgram } from '../../support/procesos/run-program.ts';

const CLAVE_FIRMA = generarClaveDeFirma('prueba.example/bitacora');
const FIRMANTE = leerClaveDeFirma(CLAVE_FIRMA);
const DE_PRUEBA = {
  CLAVES_CIFRADO: `prueba:${Buffer.alloc(32, 1).toString('base64')}`,
  CLAVE_HUELLA: Buffer.alloc(32, 2).toString('base64'),
};

/** That deploy/.env.example once gave. */
const IMPRESA = 'PRIVATE+KEY+localhost/bitacora+4be07485+AfHfhtuGHWhHZ7SLySJvkz+2X+ej33JsrDb6MHhBXSZA';

let postgres: LocalPostgres;
let db: BaseDeDatos;
let entorno: Record<string, string>;
let carpeta: string;
let ids: string[];
beforeAll(async () => {
  carpeta = mkdtempSync(join(tmpdir(), 'bitacora-'));
  postgres = await startPostgres();
  const DATABASE_URL = await postgres.createDatabase();
  db = await abrirRegistro({ DATABASE_URL, DATA_DIR: carpeta });
  entorno = {
    PATH: process.env.PATH ?? '',
    DATA_DIR: carpeta,
    DATABASE_URL,
    BITACORA_CLAVE_FIRMA: CLAVE_FIRMA,
    ...DE_PRUEBA,
  };
  ids = [];
  for (const codigo of ['SOL-1', 'SOL-2'])
    ids.push(
      await db.transaction().execute((tx) =>
        anotarEntrada(tx, CLAVES, {
          dominio: 'prueba',
          codigo,
          generacion: 1,
          runId: 'run',
          evento: 'SOLICITUD_ACEPTADA',
          contenido: { oficina: 'LIMA' },
          personal: { usuarioRegistrador: 'mquispe' },
        }),
      ),
    );
  while (
    await secuenciar({
      db,
      claves: CLAVES,
      firmante: FIRMANTE,
      verificadores: [leerClavePublica(FIRMANTE.clavePublica)],
    })
  );
}, 60_000);
afterAll(async () => {
  await db.destroy();
  await postgres.stop();
  rmSync(carpeta, { recursive: true });
});

const bitacora = (args: string[], cambios: Record<string, string> = {}) =>
  runProgram(process.execPath, ['scripts/bitacora.ts', ...args], process.cwd(), { ...entorno, ...cambios });

async function guardarEntrada(cambiar: (datos: Record<string, unknown>) => void): Promise<string> {
  const entrada = await createPruebasDeBitacora(db, DE_PRUEBAS).leerEntrada(ids[1] ?? '');
  if (!entrada) throw new Error('the entry is there');
  const data = { ...datosDeEntrada(entrada) };
  cambiar(data);
  const archivo = join(carpeta, 'entrada.json');
  writeFileSync(archivo, JSON.stringify({ data }));
  return archivo;
}

describe('verificar', () => {
  it('ends well on a log that nobody touched, also under the public key alone', async () => {
    const propia = await bitacora(['verificar']);
    const ajena = await bitacora(['verificar', '--clave', FIRMANTE.clavePublica], {
      BITACORA_CLAVE_FIRMA: '',
      CLAVES_CIFRADO: '',
      CLAVE_HUELLA: '',
    });

    expect(propia).toMatchObject({ code: 0, stdout: conteniendo('Época 1: 3 entradas') });
    expect(ajena).toMatchObject({ code: 0, stdout: conteniendo('Bien: nada fue alterado') });
    expect(ajena.stdout).toContain('Sin CLAVES_CIFRADO y CLAVE_HUELLA no se leen los sellos');
    expect(propia.stdout).not.toContain('no se leen');
  });

  it('says which entry was changed, and ends badly', async () => {
    const alterar = async (evento: string) => {
      await sql`alter table bitacora disable trigger user`.execute(db);
      await sql`update bitacora set evento = ${evento} where id = ${ids[0]}`.execute(db);
    };
    await alterar('OTRO');
    const { code, stdout } = await bitacora(['verificar']);
    await alterar('SOLICITUD_ACEPTADA');

    expect(code).toBe(1);
    expect(stdout).toContain(`registroAuditoriaId ${ids[0]}) La entrada fue alterada`);
    expect(stdout).toContain('MAL: 1 hallazgo.\nQué hacer: docs/operacion.md, «Bitácora».');
  });

  it('compares with a checkpoint that somebody kept', async () => {
    const archivo = join(carpeta, 'guardado.txt');
    writeFileSync(archivo, FIRMANTE.firmar(`prueba.example/bitacora/1\n9\n${'A'.repeat(43)}=\n`));

    const { code, stdout } = await bitacora(['verificar', '--testigo', archivo]);

    expect({ code, stdout }).toEqual({ code: 1, stdout: conteniendo('faltan las últimas') });
  });

  it('sees a certificate that is not the one that the log tells of', async () => {
    await sql`insert into solicitudes (codigo, generacion, estado, run_id, huella_solicitud, huella_ciudadano,
        request_id, resultado_incierto, oficina, cuerpo, contexto, registro_auditoria_id, aceptada_en, fecha_inicio)
      values ('SOL-1', 1, 'COMPLETADO', 'run', 'h', 'h', 'r', false, 'o', '', '', ${ids[0]}, now(), now())`.execute(
      db,
    );
    await sql`insert into certificados values ('SOL-1', 1, 'CIFRADO', 'AB', 'c', 'd', '', now())`.execute(db);
    const { code, stdout } = await bitacora(['verificar']);
    await sql`delete from certificados`.execute(db);
    await sql`delete from solicitudes`.execute(db);

    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: conteniendo('La bitácora no sabe nada de la solicitud SOL-1, que tiene filas en certificados'),
    });
  });

  it.each([
    [['verificar', '--clave', 'cualquiera'], '--clave: no es la clave pública'],
    [['verificar', '--testigo', '/nada'], '--testigo: no se puede leer /nada (ENOENT)'],
    [['comprobar', 'README.md', '--clave', FIRMANTE.clavePublica], 'README.md no es la respuesta'],
    [['comprobar', '/nada', '--clave', 'cualquiera'], '--clave: no es la clave pública'],
    [['comprobar', '/nada', '--clave', FIRMANTE.clavePublica], 'ARCHIVO: no se puede leer /nada (ENOENT)'],
  ])('%j says in words, with the option, what cannot be used', async (args, palabras) => {
    const { code, output } = await bitacora(args);

    expect({ code, output }).toEqual({ code: 2, output: conteniendo(palabras) });
  });
});

describe('comprobar', () => {
  it('proves an entry from the answer of the API and the public key alone', async () => {
    const archivo = await guardarEntrada(() => undefined);

    const { code, stdout } = await bitacora(['comprobar', archivo, '--clave', FIRMANTE.clavePublica]);

    expect({ code, stdout }).toEqual({ code: 0, stdout: conteniendo('"codigo": "SOL-2"') });
  });

  it.each([
    ['a leaf that was changed', 'hoja', Buffer.from('{"id":"x"}').toString('base64'), 'no lleva de esa hoja'],
    ['another id', 'registroAuditoriaId', '00000000-0000-4000-8000-000000000000', 'la hoja es de otra'],
  ])('refuses %s', async (_, miembro, valor, palabras) => {
    const archivo = await guardarEntrada((datos) => (datos[miembro] = valor));

    const { code, stdout } = await bitacora(['comprobar', archivo, '--clave', FIRMANTE.clavePublica]);

    expect({ code, stdout }).toEqual({ code: 1, stdout: conteniendo(palabras) });
  });

  it('refuses a checkpoint of another key', async () => {
    const archivo = await guardarEntrada(() => undefined);
    const { clavePublica } = leerClaveDeFirma(generarClaveDeFirma('prueba.example/bitacora'));

    const { code, stdout } = await bitacora(['comprobar', archivo, '--clave', clavePublica]);

    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: conteniendo('no está firmado con esa clave'),
    });
  });

  it('refuses a file that is no answer', async () => {
    const archivo = join(carpeta, 'otro.json');
    writeFileSync(archivo, '{"data":null}');

    const { code, output } = await bitacora(['comprobar', archivo, '--clave', FIRMANTE.clavePublica]);

    expect({ code, output }).toEqual({ code: 2, output: conteniendo('no es la respuesta de') });
  });
});

describe('keys', () => {
  it('are made for the environment, and their public half is told apart', async () => {
    const { code, stdout, output } = await bitacora(['nueva-clave', 'reniec.example/bitacora']);
    const [, clave = ''] = /^BITACORA_CLAVE_FIRMA=(\S+)\n$/.exec(stdout) ?? [];

    expect(code).toBe(0);
    expect(output).toContain(leerClaveDeFirma(clave).clavePublica);
    expect((await bitacora(['clave'], { BITACORA_CLAVE_FIRMA: clave })).stdout).toBe(
      `${leerClaveDeFirma(clave).clavePublica}\n`,
    );
  });

  it('are made in development where neither one nor a database is given, once, for its owner only', async () => {
    const sinClave = { BITACORA_CLAVE_FIRMA: '', DATABASE_URL: '' };
    const primera = await bitacora(['clave'], sinClave);
    const segunda = await bitacora(['clave'], sinClave);

    expect(primera.stdout).toBe(segunda.stdout);
    expect(readFileSync(join(carpeta, 'bitacora/clave-de-firma'), 'utf8')).toContain('PRIVATE+KEY+localhost');
  });

  it.each([
    [
      'absent in production',
      'is missing',
      { BITACORA_CLAVE_FIRMA: '', NODE_ENV: 'production', DATABASE_URL: '' },
    ],
    ['absent beside a database', 'is missing', { BITACORA_CLAVE_FIRMA: '' }],
    ['one that was printed', 'was printed', { BITACORA_CLAVE_FIRMA: IMPRESA }],
    ['a word', 'must be "PRIVATE', { BITACORA_CLAVE_FIRMA: 'FALTA' }],
    ['with a line break', 'must be "PRIVATE', { BITACORA_CLAVE_FIRMA: `${CLAVE_FIRMA}\n` }],
  ])('are refused by name, and by no value: %s', async (_, dicho, variables) => {
    const { code, output } = await bitacora(['clave'], variables);

    expect({ code, output }).toEqual({ code: 2, output: conteniendo(`BITACORA_CLAVE_FIRMA: ${dicho}`) });
    expect(output).not.toContain('PRIVATE+KEY+localhost');
  });
});

it.each([
  [['reconocer'], 'qué época'],
  [['reconocer', '2'], 'Diga el motivo'],
  [['adoptar'], 'Diga el motivo'],
  [['nueva-epoca', ' '], 'Diga el motivo'],
])(
  'npm run bitacora with %p and without what that needs says so, and orders nothing',
  async (args, palabras) => {
    const { code, output } = await bitacora(args);

    expect({ code, output }).toEqual({ code: 2, output: conteniendo(palabras) });
  },
);

it('npm run bitacora says how it is used', async () => {
  const { code, output } = await bitacora(['otra-cosa']);

  expect({ code, output }).toEqual({ code: 2, output: conteniendo('Uso: npm run bitacora') });
});

function conteniendo(texto: string): unknown {
  return expect.stringContaining(texto);
}
