/**
 * What a verification finds of what somebody changed, deleted, moved or put in. One file, since each that asks both
 * databases starts a PostgreSQL.
 */
import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { sql } from 'kysely';
import { ArbolQueCrece, resumenDeHoja } from '../../../shared/bitacora/arbol/arbol.ts';
import { guardarNodos } from '../../../shared/bitacora/arbol/arbol-guardado.ts';
import { SIN_LUGAR_MAXIMO_MS, medirEspera } from '../../../shared/bitacora/secuencia/en-espera.ts';
import { anotarEntrada, COLUMNAS_DE_HOJA, hojaDe, REGISTRADA } from '../../../shared/bitacora/entrada.ts';
import { abrirEpoca } from '../../../shared/bitacora/secuencia/secuenciador.ts';
import { BASES, CLAVES } from '../../support/registro/registro-de-prueba.ts';
import { TABLAS_DE_BITACORA, usarBitacora } from '../../support/bitacora/bitacora-de-prueba.ts';

const ENTRADAS = 9;

describe.each(BASES)('verifying the audit log on $nombre', ({ nombre, abrir }) => {
  const prueba = usarBitacora(abrir);
  let ids: string[] = [];
  /** Ten leaves under three checkpoints: 1, 6 and 10. */
  beforeEach(async () => {
    ids = await prueba.anotar(5);
    await prueba.secuenciarTodo();
    ids.push(...(await prueba.anotar(ENTRADAS - 5)));
    await prueba.secuenciarTodo();
  });
  const hallazgos = async (opciones = {}) => (await prueba.verificar(opciones)).hallazgos;
  const idEn = (indice: number) => ids[indice - 1] ?? '';
  const filas = async (tabla: string) =>
    (await sql<Record<string, unknown>>`select ctid::text, * from ${sql.table(tabla)}`.execute(prueba.db))
      .rows;

  it('finds nothing in a log that nobody touched', async () => {
    expect(await prueba.verificar()).toMatchObject({
      epocas: [{ epoca: 1, tamano: 10, causa: 'INICIO' }],
      sinLugar: 0,
      hallazgos: [],
    });
  });

  // Hundreds of verifications: on the database that production has.
  if (nombre === 'PostgreSQL')
    it('finds one flipped bit in any column of any record, and says which', async () => {
      let alteraciones = 0;
      for (const tabla of TABLAS_DE_BITACORA.filter((una) => una !== 'bitacora_testigos'))
        for (const fila of await filas(tabla))
          for (const [columna, antes] of Object.entries(fila)) {
            if (columna === 'ctid') continue;
            const vuelta = await alterar(tabla, columna, fila);
            if (vuelta === null) continue;
            alteraciones += 1;
            const hallados = await hallazgos();
            const donde = `${tabla}.${columna} of ${String(fila['id'] ?? fila['tamano'] ?? fila['posicion'])}`;
            expect({ donde, hallados: hallados.length > 0 }).toEqual({ donde, hallados: true });
            if (tabla === 'bitacora' && !['id', 'epoca', 'indice'].includes(columna)) {
              const indice = Number(fila['indice']);
              expect(hallados).toContainEqual(expect.objectContaining({ id: fila['id'], indice }));
              expect(hallados.every((uno) => uno.indice === indice)).toBe(true);
            }
            await vuelta(antes);
          }
      // 10 entries of 13 columns, 18 nodes of 4, 3 checkpoints of 3, an epoch: less what the database itself refuses.
      expect(alteraciones).toBeGreaterThanOrEqual(180);
      expect(await hallazgos()).toEqual([]);
    }, 120_000);

  /** @returns what undoes it; null where the database itself refuses the new value */
  const alterar = async (tabla: string, columna: string, fila: Record<string, unknown>) => {
    const {
      rows: [tipo],
    } = await sql<{ tipo: string }>`select data_type as tipo from information_schema.columns
      where table_name = ${tabla} and column_name = ${columna}`.execute(prueba.db);
    const nombre = sql.ref(columna);
    const nuevo = unBitDistinto(tipo?.tipo ?? '', nombre, fila[columna]);
    const donde = sql`ctid = ${fila['ctid']}::tid`;
    let ctid = '';
    try {
      await prueba.sinGuarda(async () => {
        const { rows } = await sql<{
          ctid: string;
        }>`update ${sql.table(tabla)} set ${nombre} = ${nuevo} where ${donde} returning ctid::text`.execute(
          prueba.db,
        );
        ctid = rows[0]?.ctid ?? '';
      });
    } catch {
      return null;
    }
    return async (antes: unknown) => {
      await prueba.sinGuarda(async () => {
        const valor = tipo?.tipo === 'jsonb' ? JSON.stringify(antes) : antes;
        const micro = tipo?.tipo.startsWith('timestamp')
          ? sql`${nombre} - interval '1 microsecond'`
          : sql`${valor}`;
        const { rows } = await sql<{
          ctid: string;
        }>`update ${sql.table(tabla)} set ${nombre} = ${micro} where ctid = ${ctid}::tid returning ctid::text`.execute(
          prueba.db,
        );
        fila['ctid'] = rows[0]?.ctid;
      });
    };
  };

  const borrar = (indice: number) =>
    prueba.sinGuarda(async () => {
      await prueba.db.deleteFrom('bitacora').where('id', '=', idEn(indice)).execute();
    });

  it('says which entry was deleted', async () => {
    await borrar(4);

    expect(await hallazgos()).toEqual([{ epoca: 1, indice: 4, id: null, falta: conteniendo('borrada') }]);
  });

  it('says which entries changed places', async () => {
    await prueba.sinGuarda(async () => {
      await sql`update bitacora set indice = 100 where id = ${idEn(3)}`.execute(prueba.db);
      await sql`update bitacora set indice = 3 where id = ${idEn(5)}`.execute(prueba.db);
      await sql`update bitacora set indice = 5 where id = ${idEn(3)}`.execute(prueba.db);
    });

    expect(await hallazgos()).toEqual([
      { epoca: 1, indice: 3, id: idEn(5), falta: conteniendo('movida') },
      { epoca: 1, indice: 5, id: idEn(3), falta: conteniendo('movida') },
    ]);
  });

  const insertarEn = async (indice: number) => {
    const [intrusa = ''] = await prueba.anotar(1);
    await prueba.sinGuarda(async () => {
      await sql`update bitacora set indice = -indice where indice >= ${indice}`.execute(prueba.db);
      await sql`update bitacora set indice = 1 - indice where indice < 0`.execute(prueba.db);
      await sql`update bitacora set epoca = 1, indice = ${indice} where id = ${intrusa}`.execute(prueba.db);
    });
    return intrusa;
  };

  it('says which entry was inserted', async () => {
    const intrusa = await insertarEn(8);

    const hallados = await hallazgos();
    expect(hallados).toContainEqual({
      epoca: 1,
      indice: 8,
      id: intrusa,
      falta: conteniendo('insertada'),
    });
    expect(hallados.every(({ indice }) => (indice ?? 0) >= 8)).toBe(true);
  });

  it('finds an entry behind the last one that was signed', async () => {
    const intrusa = await insertarEn(10);

    expect(await hallazgos()).toEqual([
      { epoca: 1, indice: 10, id: intrusa, falta: conteniendo('nadie firmó') },
    ]);
  });

  /** As one who can write everything but has no key. */
  const rehacerArbol = async () => {
    const entradas = await prueba.db
      .selectFrom('bitacora')
      .select([...COLUMNAS_DE_HOJA, REGISTRADA])
      .where('indice', 'is not', null)
      .orderBy('indice')
      .execute();
    const arbol = new ArbolQueCrece();
    const nodos = entradas.flatMap((fila) => arbol.agregar(resumenDeHoja(hojaDe(fila))));
    await prueba.db.deleteFrom('bitacora_nodos').execute();
    await prueba.db.transaction().execute((tx) => guardarNodos(tx, 1, nodos));
  };

  it('finds a change under which the whole tree was made anew, between the checkpoints that enclose it', async () => {
    await prueba.sinGuarda(async () => {
      await sql`update bitacora set evento = 'OTRO' where id = ${idEn(7)}`.execute(prueba.db);
    });
    await rehacerArbol();

    expect(await hallazgos()).toEqual([
      { epoca: 1, indice: null, id: null, falta: 'Las entradas 6 a 9 no son las que se firmaron.' },
      { epoca: 1, indice: 7, id: idEn(7), falta: conteniendo('El sello de la entrada no es el suyo') },
    ]);
  });

  it('goes on behind a damage: one of the first stretch does not hide one of the last', async () => {
    await prueba.sinGuarda(async () => {
      await sql`update bitacora set codigo = 'X' where id in (${idEn(2)}, ${idEn(8)})`.execute(prueba.db);
      await sql`update bitacora_puntos set nota = nota || 'x' where tamano = 6`.execute(prueba.db);
    });

    expect((await hallazgos()).map(({ indice }) => indice)).toEqual([null, 2, 8]);
  });

  it('sees that a checkpoint in the middle is gone, wherever it stood', async () => {
    await prueba.db.deleteFrom('bitacora_puntos').where('tamano', '=', 6).execute();
    expect(await hallazgos()).toMatchObject([
      { falta: conteniendo('Falta el punto de control anterior al de 10') },
    ]);

    await prueba.db.deleteFrom('bitacora_puntos').where('tamano', '=', 1).execute();
    expect(await hallazgos()).toMatchObject([
      { falta: conteniendo('Falta el punto de control anterior al de 10') },
    ]);
  });

  it('sees an entry that has waited too long for its place', async () => {
    const hace = Date.now() - SIN_LUGAR_MAXIMO_MS - 60_000;
    const reloj = jest.spyOn(Date, 'now').mockReturnValue(hace);
    const [vieja] = await anotarUna().finally(() => {
      reloj.mockRestore();
    });
    await anotarUna();

    expect(await hallazgos()).toMatchObject([{ id: vieja, falta: conteniendo('más de 10 minutos') }]);
    expect((await medirEspera(prueba.db)).edadMs).toBeGreaterThan(SIN_LUGAR_MAXIMO_MS);
  });
  const anotarUna = async () => {
    const id = await prueba.db.transaction().execute((tx) =>
      anotarEntrada(tx, CLAVES, {
        dominio: 'prueba',
        codigo: randomUUID(),
        generacion: null,
        runId: null,
        evento: 'EVENTO',
        contenido: {},
      }),
    );
    return [id];
  };

  it('sees that an epoch was cut after the next one had begun', async () => {
    await abrirEpoca(prueba.dependencias, 1, { causa: 'ORDEN', motivo: 'Se restauró.' });
    await prueba.db.deleteFrom('bitacora_puntos').where('epoca', '=', 1).where('tamano', '=', 10).execute();

    expect((await hallazgos()).map(({ falta }) => falta)).toContainEqual(
      expect.stringContaining('La época anterior no termina'),
    );
  });

  it('finds nothing in a log that grows while it is read', async () => {
    const hallados: unknown[] = [];
    const tamanos = new Set<number | undefined>();
    const crece = () => tamanos.size < 5;
    const crecer = async () => {
      while (crece()) {
        await prueba.anotar(1);
        await prueba.secuenciarTodo();
      }
    };
    const leer = async () => {
      while (crece()) {
        const { hallazgos, epocas } = await prueba.verificar();
        hallados.push(...hallazgos);
        tamanos.add(epocas[0]?.tamano);
      }
    };

    await Promise.all([crecer(), leer()]);

    expect(hallados).toEqual([]);
  });

  it('finds nodes that no leaf has made', async () => {
    await prueba.db
      .insertInto('bitacora_nodos')
      .values({ epoca: 1, nivel: 0, posicion: 10, resumen: Buffer.alloc(32) })
      .execute();

    expect(await hallazgos()).toMatchObject([{ falta: conteniendo('0/10') }]);
  });

  it('counts what waits for its place', async () => {
    await prueba.anotar(2);

    expect(await prueba.verificar()).toMatchObject({ sinLugar: 2, hallazgos: [] });
  });
});

/** The value with one bit changed; of a null, a value. */
function unBitDistinto(tipo: string, columna: ReturnType<typeof sql.ref>, valor: unknown) {
  if (tipo.startsWith('timestamp')) return sql`${columna} + interval '1 microsecond'`;
  if (tipo === 'bytea') {
    if (valor === null) return sql`${Buffer.of(1)}`;
    return sql`set_bit(${columna}, (length(${columna}) * 8) / 2, 1 - get_bit(${columna}, (length(${columna}) * 8) / 2))`;
  }
  if (tipo === 'uuid') {
    const texto = typeof valor === 'string' ? valor : randomUUID();
    return sql`${(texto.startsWith('a') ? 'b' : 'a') + texto.slice(1)}::uuid`;
  }
  if (tipo === 'jsonb') {
    const texto = JSON.stringify(valor);
    const i = texto.search(/[a-z]/);
    return sql`${texto.slice(0, i) + (texto[i] === 'a' ? 'c' : 'a') + texto.slice(i + 1)}::jsonb`;
  }
  if (['integer', 'smallint', 'bigint'].includes(tipo)) return sql`coalesce(${columna}, 0) # 64`;
  const texto = typeof valor === 'string' ? valor : 'x';
  const i = Math.floor(texto.length / 2);
  return sql`${texto.slice(0, i) + String.fromCharCode(texto.charCodeAt(i) ^ 1) + texto.slice(i + 1)}`;
}

function conteniendo(texto: string): unknown {
  return expect.stringContaining(texto);
}
