/** Witnesses of the audit log, over HTTP and in a file: one subject, case by case, over one log. */
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { Registry } from 'prom-client';
import { createMetricasDeBitacora } from '../../../shared/bitacora/metricas.ts';
import { createPresentador } from '../../../shared/bitacora/secuencia/presentacion-a-testigos.ts';
import {
  generarClaveDeFirma,
  leerClaveDeFirma,
  leerClavePublica,
} from '../../../shared/bitacora/punto-de-control/nota.ts';
import { createPruebasDeBitacora } from '../../../shared/bitacora/pruebas.ts';
import { leerPuntoDeControl } from '../../../shared/bitacora/punto-de-control/punto-de-control.ts';
import { leerUltimoPunto } from '../../../shared/bitacora/arbol/arbol-guardado.ts';
import {
  archivoDeContradicciones,
  createTestigoEnArchivo,
  createTestigoHttp,
  TestigoMalPuesto,
  type Testigo,
} from '../../../shared/bitacora/punto-de-control/testigos.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { BASES } from '../../support/registro/registro-de-prueba.ts';
import {
  DE_PRUEBAS,
  TABLAS_DE_BITACORA,
  usarBitacora,
  VERIFICADOR,
} from '../../support/bitacora/bitacora-de-prueba.ts';
import { startTestigoDePrueba, type TestigoDePrueba } from './testigo-de-prueba.ts';

const [PGLITE] = BASES;

describe('a witness of the audit log', () => {
  const prueba = usarBitacora(PGLITE.abrir);
  let carpeta = '';
  let remoto: TestigoDePrueba;
  beforeEach(async () => {
    carpeta = mkdtempSync(join(tmpdir(), 'testigo-'));
    mkdirSync(join(carpeta, 'lejos'));
    remoto = await startTestigoDePrueba(VERIFICADOR);
  });
  afterEach(async () => {
    rmSync(carpeta, { recursive: true });
    await remoto.close();
  });

  const archivo = () => join(carpeta, 'lejos/testigo.txt');
  const CLASES: [string, () => Testigo][] = [
    ['in a file', () => createTestigoEnArchivo(archivo())],
    ['over HTTP', () => createTestigoHttp(remoto.url, leerClavePublica(remoto.clavePublica))],
  ];
  const metricas = createMetricasDeBitacora(new Registry());
  /** A process of its own each time: what one remembers another does not. */
  const mostrar = (testigo: Testigo) =>
    createPresentador(
      { ...prueba.dependencias, metricas, logger: createLogger('prueba', 'silent') },
      testigo,
    )();
  const crecer = async (entradas: number) => {
    await prueba.anotar(entradas);
    await prueba.secuenciarTodo();
  };
  const epocas = async () => (await prueba.verificar()).epocas;

  /** The register as it was, put back after more has happened. */
  const restaurarTras = async (trabajo: () => Promise<void>) => {
    const copias = await Promise.all(
      TABLAS_DE_BITACORA.map(async (tabla) => ({
        tabla,
        filas: (
          await sql<{ fila: string }>`select to_jsonb(t)::text as fila from ${sql.table(tabla)} t`.execute(
            prueba.db,
          )
        ).rows,
      })),
    );
    await trabajo();
    await sql`truncate ${sql.join(TABLAS_DE_BITACORA.map((tabla) => sql.table(tabla)))}`.execute(prueba.db);
    for (const { tabla, filas } of copias.toReversed())
      for (const { fila } of filas)
        await sql`insert into ${sql.table(tabla)} select * from jsonb_populate_record(null::${sql.table(tabla)}, ${fila}::jsonb)`.execute(
          prueba.db,
        );
  };

  describe.each(CLASES)('%s', (_, createTestigo) => {
    it('sees every checkpoint of a log that grows', async () => {
      for (const entradas of [1, 3, 4]) {
        await crecer(entradas);
        expect(await mostrar(createTestigo())).toBe(true);
      }

      expect(await epocas()).toMatchObject([{ epoca: 1, tamano: 9 }]);
    });

    it('that has seen more than a restored register holds makes it open an epoch, and is satisfied with that', async () => {
      await crecer(3);
      await restaurarTras(async () => {
        await crecer(2);
        await mostrar(createTestigo());
      });

      expect(await mostrar(createTestigo())).toBe(false);
      expect(await mostrar(createTestigo())).toBe(true);
      const informe = await prueba.verificar();
      expect(informe.hallazgos).toMatchObject([{ epoca: 2, falta: conteniendo('nadie lo ha reconocido') }]);
      expect(informe.epocas).toMatchObject([
        { epoca: 1, tamano: 4 },
        { epoca: 2, tamano: 1, causa: 'CONTRADICCION', motivo: conteniendo('El testigo vio 6') },
      ]);
    });

    it('that has seen another tree of the same size makes it open an epoch', async () => {
      await crecer(3);
      await restaurarTras(async () => {
        await crecer(2);
        await mostrar(createTestigo());
      });
      await crecer(2);

      await mostrar(createTestigo());

      expect(await epocas()).toMatchObject([{ tamano: 6 }, { causa: 'CONTRADICCION' }]);
    });

    it('that has seen another tree makes it open an epoch, though the restored register has outgrown it', async () => {
      await crecer(3);
      await restaurarTras(async () => {
        await crecer(2);
        await mostrar(createTestigo());
      });
      await crecer(7);

      await mostrar(createTestigo());

      expect(await epocas()).toMatchObject([{ tamano: 11 }, { causa: 'CONTRADICCION' }]);
    });
  });

  it.each([1_000_000_000, -1, 2])(
    'over HTTP is not silenced by what the database says that it has seen: %i',
    async (tamano) => {
      const createTestigo = () => createTestigoHttp(remoto.url, leerClavePublica(remoto.clavePublica));
      await crecer(3);
      await restaurarTras(async () => {
        await crecer(2);
        await mostrar(createTestigo());
      });
      await sql`insert into bitacora_testigos values (${remoto.url}, 1, ${tamano}, '')`.execute(prueba.db);

      expect(await mostrar(createTestigo())).toBe(false);
      expect(await mostrar(createTestigo())).toBe(true);

      expect(await epocas()).toMatchObject([{ tamano: 4 }, { causa: 'CONTRADICCION' }]);
    },
  );

  it('over HTTP has its signature published whatever the database said that it had seen', async () => {
    await crecer(2);
    await sql`insert into bitacora_testigos values (${remoto.url}, 1, 1000000000, '')`.execute(prueba.db);

    await mostrar(createTestigoHttp(remoto.url, leerClavePublica(remoto.clavePublica)));

    const punto = await createPruebasDeBitacora(prueba.db, DE_PRUEBAS).leerPunto();
    expect(leerClavePublica(remoto.clavePublica).verificar(punto?.nota ?? '')).toBe(true);
  });

  it('in a file that is gone is not begun anew by itself: its path may be mistyped', async () => {
    await crecer(2);
    await mostrar(createTestigoEnArchivo(archivo()));
    await crecer(1);
    const otra = join(carpeta, 'lejos/testgo.txt');

    const mostrada = mostrar(createTestigoEnArchivo(otra));

    await expect(mostrada).rejects.toBeInstanceOf(TestigoMalPuesto);
    await expect(mostrada).rejects.toThrow(/Falta el archivo .*Mover un testigo/);
    expect(existsSync(otra)).toBe(false);
    writeFileSync(otra, '');
    expect(await mostrar(createTestigoEnArchivo(otra))).toBe(true);
    expect(leerPuntoDeControl(readFileSync(otra, 'utf8'))).toMatchObject({ tamano: 4 });
  });

  it('in a folder that is not there has none made', async () => {
    await crecer(1);
    const otra = join(carpeta, 'mal/testigo.txt');

    await expect(mostrar(createTestigoEnArchivo(otra))).rejects.toThrow(
      'La carpeta de BITACORA_TESTIGO_ARCHIVO',
    );

    expect(existsSync(join(carpeta, 'mal'))).toBe(false);
  });

  it('in a file keeps what contradicted the log, however the log goes on, and each contradiction once', async () => {
    await crecer(3);
    let vista = '';
    await restaurarTras(async () => {
      await crecer(2);
      await mostrar(createTestigoEnArchivo(archivo()));
      vista = readFileSync(archivo(), 'utf8');
    });
    const presentada = (await leerUltimoPunto(prueba.db))?.nota ?? '';

    await mostrar(createTestigoEnArchivo(archivo()));
    await mostrar(createTestigoEnArchivo(archivo()));
    await crecer(1);
    await mostrar(createTestigoEnArchivo(archivo()));

    expect(readFileSync(archivo(), 'utf8')).not.toBe(vista);
    const conservado = readFileSync(archivoDeContradicciones(archivo()), 'utf8');
    expect(conservado.split(vista)).toHaveLength(2);
    expect(conservado.split(presentada)).toHaveLength(2);
  });

  it('has what it showed against the log stand in the entry that opens the epoch', async () => {
    for (const [i, createTestigo] of CLASES.map(([, create]) => create).entries()) {
      await crecer(3);
      await restaurarTras(async () => {
        await crecer(2);
        await mostrar(createTestigo());
      });
      await mostrar(createTestigo());

      const { contenido } = await prueba.db
        .selectFrom('bitacora')
        .select('contenido')
        .where('evento', '=', 'EPOCA_ABIERTA')
        .orderBy('registrada_en', 'desc')
        .executeTakeFirstOrThrow();
      expect(contenido['evidencia']).toEqual(conteniendo(i === 0 ? 'prueba.example/bitacora/1\n6\n' : '409'));
      await sql`truncate ${sql.join(TABLAS_DE_BITACORA.map((tabla) => sql.table(tabla)))}`.execute(prueba.db);
    }
  });

  it('is shown nothing that was not signed, and opens no epoch over a tree that was changed', async () => {
    await crecer(3);
    await mostrar(createTestigoEnArchivo(archivo()));
    const guardada = readFileSync(archivo(), 'utf8');
    await crecer(1);
    const { nota, tamano } = (await leerUltimoPunto(prueba.db)) ?? { nota: '', tamano: 0 };
    await prueba.db
      .updateTable('bitacora_puntos')
      .set({ nota: nota.replace('\n5\n', '\n6\n') })
      .where('tamano', '=', tamano)
      .execute();
    await expect(mostrar(createTestigoEnArchivo(archivo()))).rejects.toThrow('no es el que se firmó');
    await prueba.db.updateTable('bitacora_puntos').set({ nota }).where('tamano', '=', tamano).execute();
    await sql`update bitacora_nodos set resumen = sha256(resumen)`.execute(prueba.db);
    await expect(mostrar(createTestigoEnArchivo(archivo()))).rejects.toThrow('fue alterado');

    expect(readFileSync(archivo(), 'utf8')).toBe(guardada);
    expect(await prueba.db.selectFrom('bitacora_epocas').selectAll().execute()).toHaveLength(1);
  });

  it('signs what it saw, and its signature stands under the published checkpoint', async () => {
    await crecer(2);
    await mostrar(createTestigoHttp(remoto.url, leerClavePublica(remoto.clavePublica)));

    const punto = await createPruebasDeBitacora(prueba.db, DE_PRUEBAS).leerPunto();
    expect(VERIFICADOR.verificar(punto?.nota ?? '')).toBe(true);
    expect(leerClavePublica(remoto.clavePublica).verificar(punto?.nota ?? '')).toBe(true);
  });

  it('whose signature is not of its key is not believed', async () => {
    await crecer(1);
    const otro = await startTestigoDePrueba(VERIFICADOR);
    try {
      const testigo = createTestigoHttp(remoto.url, leerClavePublica(otro.clavePublica));
      await expect(mostrar(testigo)).rejects.toThrow('BITACORA_TESTIGO_CLAVE');
    } finally {
      await otro.close();
    }
  });

  it('is called by its address without user and password, and is asked with them', async () => {
    let credenciales: string | undefined;
    const servidor = createServer((req, res) => {
      credenciales = req.headers.authorization;
      res.statusCode = 500;
      res.end();
    });
    await once(servidor.listen(0, '127.0.0.1'), 'listening');
    const { port } = servidor.address() as AddressInfo;
    try {
      await crecer(1);
      const testigo = createTestigoHttp(`http://ana:cl%40ve@127.0.0.1:${port}/prefijo@1`, null);

      expect(testigo.nombre).toBe(`http://127.0.0.1:${port}/prefijo@1`);
      await expect(mostrar(testigo)).rejects.toThrow('500');
      expect(credenciales).toBe(`Basic ${Buffer.from('ana:cl@ve').toString('base64')}`);
    } finally {
      servidor.close();
    }
  });

  it.each(['http://testigo.example', 'https://testigo.example:8443/a/b', 'http://[::1]:1/x?y=@z'])(
    'keeps the name that it had: %s',
    (url) => {
      expect(createTestigoHttp(url, null).nombre).toBe(url);
    },
  );

  it('that cannot be reached, or answers nonsense, opens no epoch', async () => {
    await crecer(1);
    await expect(mostrar(createTestigoHttp(`${remoto.url}/otra-parte`, null))).rejects.toThrow('404');
    await remoto.close();
    await expect(mostrar(createTestigoHttp(remoto.url, null))).rejects.toThrow();
    remoto = await startTestigoDePrueba(VERIFICADOR);

    expect(await epocas()).toMatchObject([{ epoca: 1 }]);
  });

  it('that contradicts whatever it is shown opens one epoch, not one a second', async () => {
    await crecer(1);
    const terco: Testigo = {
      nombre: 'terco',
      presentar: () => Promise.resolve({ tipo: 'CONTRADICE', motivo: 'porque sí', evidencia: 'nada' }),
    };
    for (let i = 0; i < 4; i++) expect(await mostrar(terco)).toBe(false);

    expect(await epocas()).toHaveLength(2);
  });

  it('is shown a checkpoint once by a process that has shown it', async () => {
    await crecer(1);
    let veces = 0;
    const atento: Testigo = {
      nombre: 'atento',
      presentar: () => {
        veces += 1;
        return Promise.resolve({ tipo: 'VISTO', cofirmas: '' });
      },
    };
    const mostrarle = createPresentador(
      { ...prueba.dependencias, metricas, logger: createLogger('prueba', 'silent') },
      atento,
    );
    await mostrarle();
    await mostrarle();
    expect(veces).toBe(1);
    await crecer(1);
    await mostrarle();
    expect(veces).toBe(2);
  });

  it('in a file keeps the newest checkpoint, whole, and refuses a file that is none', async () => {
    await crecer(2);
    await mostrar(createTestigoEnArchivo(archivo()));
    expect(leerPuntoDeControl(readFileSync(archivo(), 'utf8'))).toMatchObject({ tamano: 3 });

    writeFileSync(archivo(), 'cortado');
    await crecer(1);
    await expect(mostrar(createTestigoEnArchivo(archivo()))).rejects.toThrow('signed note');
    const deOtra = leerClaveDeFirma(generarClaveDeFirma('otra.example/bitacora'));
    writeFileSync(archivo(), deOtra.firmar(`otra.example/bitacora/1\n1\n${'A'.repeat(43)}=\n`));
    await expect(mostrar(createTestigoEnArchivo(archivo()))).rejects.toThrow('another log');
  });
});

function conteniendo(texto: string): unknown {
  return expect.stringContaining(texto);
}
