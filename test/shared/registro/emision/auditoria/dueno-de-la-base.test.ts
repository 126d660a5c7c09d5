/**
 * One who owns the database writes to it by SQL: the DBA's table of docs/audit-log.md, row by row. One file, since the table
 * that it walks is one.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { ArbolQueCrece, resumenDeHoja } from '../../../../../shared/bitacora/arbol/arbol.ts';
import { guardarNodos, leerUltimoPunto } from '../../../../../shared/bitacora/arbol/arbol-guardado.ts';
import {
  anotarEntrada,
  COLUMNAS_DE_HOJA,
  hojaDe,
  REGISTRADA,
} from '../../../../../shared/bitacora/entrada.ts';
import { secuenciar } from '../../../../../shared/bitacora/secuencia/secuenciador.ts';
import { verificarBitacora } from '../../../../../shared/bitacora/verificacion/verificacion.ts';
import { compararDominios } from '../../../../../shared/registro/dominios.ts';
import { createGuardaDeTemporal } from '../../../../../shared/registro/base/temporal-del-registro.ts';
import {
  FIRMANTE,
  TABLAS_DE_BITACORA,
  VERIFICADOR,
} from '../../../../support/bitacora/bitacora-de-prueba.ts';
import {
  BASES,
  CLAVES,
  conforme,
  entradaDePrueba,
  FALLO_PASO_1,
  noConforme,
  ORDEN,
  TABLAS,
  usarRegistro,
} from '../../../../support/registro/registro-de-prueba.ts';
import { crearCaDePrueba, describir } from '../../../../support/pki/ca-de-prueba.ts';
import { historiaDe } from '../../../../support/registro/historia-de-prueba.ts';
import { vencer } from '../../../../support/registro/retencion.ts';
import { CON_TESTIGO, EDICIONES, SIN_HALLAR } from './ediciones.ts';

const TODAS = [
  ...new Set([...TABLAS, ...TABLAS_DE_BITACORA, 'claves_del_registro', 'temporal_del_registro']),
];

/** Whose issuer can be read. */
let REAL: { certificadoBase64: string };
beforeAll(async () => {
  REAL = describir('CIFRADO', (await crearCaDePrueba({})).emisora);
});

/** A row under another key is a row that is missing, and one that is invented. */
const DE_CLAVE = [
  'certificados.codigo',
  'pasos.codigo',
  'pasos.generacion',
  'pasos.paso',
  'por_revocar.codigo',
  'por_revocar.generacion',
  'recibidos.codigo',
  'reejecuciones.id',
  'reejecuciones_lineas.reejecucion_id',
  'solicitudes.codigo',
];

describe.each(BASES)('what is written to the database past the service, on $nombre', ({ nombre, abrir }) => {
  const prueba = usarRegistro(abrir);
  const dependencias = () => ({
    db: prueba.db,
    claves: CLAVES,
    firmante: FIRMANTE,
    verificadores: [VERIFICADOR],
  });
  const secuenciarTodo = async () => {
    while ((await secuenciar(dependencias())) !== null);
  };

  /** Every kind of end, and two entries that wait for their place. */
  const llenar = async () => {
    const run = (codigo: string) => {
      const entrada = entradaDePrueba(codigo, { documento: `1000000${codigo.slice(-1)}` });
      return prueba.abrirRun({ ...entrada, contexto: { ...entrada.contexto, cliente: 'uno' } });
    };
    for (const codigo of ['SOL-0', 'SOL-1']) {
      const completada = run(codigo);
      await completada.hastaEnviarPaso2();
      await completada.concluir({ comparar: conforme({ certificadoBase64: REAL.certificadoBase64 }) });
      if (codigo === 'SOL-0') {
        await ordenarMasiva('SOL-0');
        await vencer(prueba);
      }
      await secuenciarTodo();
    }
    const noConformada = run('SOL-2');
    await noConformada.hastaEnviarPaso2();
    await noConformada.concluir({ comparar: noConforme('sujeto: es de otra persona') });
    const incierta = run('SOL-3');
    await incierta.hastaEnviarPaso2();
    await incierta.fallar();
    await descartada(run('SOL-4'));
    await sinRespuesta(run('SOL-7'));
    await secuenciarTodo();
    await run('SOL-5').hastaEnviarPaso2();
    const perdida = run('SOL-6');
    const fallo = { ...FALLO_PASO_1 };
    prueba.motor.cerrar('SOL-6', historiaDe(perdida, { fin: { tipo: 'FALLIDO', fallo, registrado: null } }));
    await secuenciarTodo();
    await prueba.registro.restaurar('SOL-6');
  };
  /** Given up by support; the PKI never answered. */
  const sinRespuesta = async (perdida: ReturnType<typeof prueba.abrirRun>) => {
    await perdida.hastaEnviarPaso2();
    await perdida.fallar();
    await prueba.soporte.resolver('SOL-7', { ...ORDEN, decision: 'EMITIDO_DESCARTADO' });
  };
  /** Given up by support, run again in bulk under the next generation; then the PKI answers to the first. */
  const descartada = async (primera: ReturnType<typeof prueba.abrirRun>) => {
    await primera.hastaEnviarPaso2();
    await primera.fallar();
    await prueba.soporte.resolver('SOL-4', { ...ORDEN, decision: 'EMITIDO_DESCARTADO' });
    const nueva = await prueba.ordenarRun('SOL-4', { nuevaEmision: true });
    await nueva.registrar();
    await nueva.fallar({ ...FALLO_PASO_1, detalles: ['La primera causa.'] });
    await comoDueno(`create schema copia; create table copia.fallos as
      select fallo_detalles from solicitudes where codigo = 'SOL-4'`);
    await expect(prueba.abrirRun(primera.entrada).concluir()).rejects.toThrow();
    const masiva = await prueba.ordenarRun('SOL-4', { reejecucionId: await ordenarMasiva('SOL-4') });
    await masiva.registrar();
    await masiva.fallar(FALLO_PASO_1);
  };

  const ordenarMasiva = async (codigo: string) => {
    const reejecucionId = randomUUID();
    const orden = { ...ORDEN, reejecucionId, codigos: [codigo], solicitadaEn: new Date().toISOString() };
    await prueba.soporte.registrarReejecucion(orden);
    return reejecucionId;
  };

  /** As its owner: past triggers and foreign keys, one statement after the other. */
  const comoDueno = (sentencias: string) =>
    prueba.db.transaction().execute(async (tx) => {
      await sql`set local session_replication_role = replica`.execute(tx);
      for (const sentencia of sentencias.split(';')) await sql.raw(sentencia).execute(tx);
    });
  beforeEach(async () => {
    const existe = await sql`select from information_schema.schemata where schema_name = 'copia'`.execute(
      prueba.db,
    );
    if (existe.rows.length === 0) {
      await comoDueno(TABLAS_DE_BITACORA.map((tabla) => `delete from ${tabla}`).join(';'));
      await createGuardaDeTemporal({
        db: prueba.db,
        claves: CLAVES,
        leerIdentidad: () => Promise.resolve({ clusterId: 'cluster-1', namespaceId: 'espacio-1' }),
        dominios: [],
        conoce: () => Promise.resolve(false),
      }).comprobar();
      await llenar();
      const copias = TODAS.map((tabla) => `create table copia.${tabla} as table public.${tabla}`);
      await comoDueno(copias.join(';'));
      return;
    }
    await comoDueno(
      TODAS.flatMap((tabla) => [`delete from ${tabla}`, `insert into ${tabla} table copia.${tabla}`]).join(
        ';',
      ),
    );
  });

  const verificar = async (claves: typeof CLAVES | null = CLAVES, notasDeTestigos: string[] = []) =>
    verificarBitacora({
      db: prueba.db,
      verificadores: [VERIFICADOR],
      notasDeTestigos,
      claves,
      deDominios: compararDominios(prueba.db, claves),
    });
  const faltas = async () => (await verificar()).hallazgos.map(({ falta }) => falta);

  it('is nothing as long as only the service writes, also for whoever has no key but the public one', async () => {
    expect(await verificar()).toMatchObject({ hallazgos: [], sinLugar: 1 });
    expect(await verificar(null)).toMatchObject({ hallazgos: [] });
  });

  // Production's database; PGlite runs the same statements.
  if (nombre === 'PostgreSQL')
    describe('is found', () => {
      it.each(EDICIONES)('$tabla: $edicion', async ({ sql: sentencias, halla }) => {
        await comoDueno(sentencias);

        expect(await faltas()).toContainEqual(expect.stringContaining(halla));
      });

      const DE_JSON = [
        'bitacora.contenido',
        'pasos.envios_sin_aclarar',
        'pasos.numeros_solicitud',
        'por_revocar.series',
        'recibidos.series',
      ];
      it.each(
        DE_JSON.flatMap((columna) =>
          ['null', '{}', '[null]', '[{}]', '5', '"x"', `${'['.repeat(4_000)}${']'.repeat(4_000)}`].map(
            (valor) => [columna, valor.slice(0, 6), valor] as const,
          ),
        ),
      )('%s: nonsense (%s), and it hides nothing else', async (columna, _, valor) => {
        const [tabla = '', nombreDeColumna = ''] = columna.split('.');
        await comoDueno(
          `update ${tabla} set ${nombreDeColumna} = '${valor}' where codigo <> 'SOL-1';
           update solicitudes set oficina = 'OF-999' where codigo = 'SOL-1'`,
        );

        const halladas = (await faltas()).filter((falta) => !falta.includes('SOL-1'));

        expect(await faltas()).toContainEqual(
          expect.stringContaining('SOL-1 no está como la bitácora anotó: oficina'),
        );
        expect(halladas).not.toEqual([]);
      });

      it('or the table knows every column of JSON', async () => {
        const { rows } = await sql<{ columna: string }>`
          select table_name || '.' || column_name as columna from information_schema.columns
          where table_schema = 'public' and table_name = any(${sql.val(TODAS)}) and data_type = 'jsonb'
          order by columna`.execute(prueba.db);

        expect(rows.map(({ columna }) => columna)).toEqual(DE_JSON);
      });

      it.each([
        [
          'an epoch far off',
          `insert into bitacora_epocas values (2147483647);
           insert into bitacora_puntos values (2147483647, 1, 'x')`,
          'Faltan las épocas 2 a 2147483646',
        ],
        [
          'one epoch too far',
          `insert into bitacora_epocas values (3); insert into bitacora_puntos values (3, 1, 'x')`,
          'Falta la época 2: fue borrada',
        ],
        ['a checkpoint without its epoch', `delete from bitacora_epocas`, 'Falta la fila de la época'],
        [
          'a checkpoint of no size',
          `insert into bitacora_puntos values (1, 0, 'x')`,
          'no es el que se firmó',
        ],
        [
          'a checkpoint of any size, with its last leaf',
          `insert into bitacora_puntos values (1, 4503599627370496, 'x');
           insert into bitacora_nodos values (1, 0, 4503599627370495, 'x')`,
          'El punto de control de 4503599627370496 entradas no es el que se firmó',
        ],
        [
          'a node of an epoch that never was',
          `insert into bitacora_nodos values (7, 0, 0, 'x')`,
          'El nodo 0/0 del árbol guardado no es de ninguna entrada firmada',
        ],
        [
          'an entry of a generation that nobody counts to',
          `update bitacora set generacion = 2147483647 where codigo = 'SOL-4' and evento = 'NUEVA_EMISION'`,
          'La entrada fue alterada después de firmarse',
        ],
      ])('%s, at once, and it hides nothing else', async (_, edicion, halla) => {
        await comoDueno(`${edicion}; update solicitudes set oficina = 'OF-999' where codigo = 'SOL-1'`);

        const halladas = await faltas();

        expect(halladas).toContainEqual(expect.stringContaining(halla));
        expect(halladas).toContainEqual(expect.stringContaining('anotó: oficina'));
      });

      it('epochs by the thousand: as many findings, each told once', async () => {
        await comoDueno(`insert into bitacora_epocas select * from generate_series(2, 3000)`);

        expect((await verificar()).hallados).toBe(2999);
      });

      it('or the table says why it is not, of every column of the register', async () => {
        const { rows } = await sql<{ columna: string }>`
          select table_name || '.' || column_name as columna from information_schema.columns
          where table_schema = 'public' and table_name = any(${sql.val(TODAS)})`.execute(prueba.db);

        const conocidas = [...EDICIONES, ...SIN_HALLAR].flatMap(({ tabla, columnas }) =>
          columnas.map((columna) => `${tabla}.${columna}`),
        );
        const columnas = rows.map(({ columna }) => columna);
        expect(columnas.filter((columna) => !conocidas.includes(columna)).sort()).toEqual(DE_CLAVE);
        expect(conocidas.filter((columna) => !columnas.includes(columna))).toEqual([]);
      });
    });

  it.each(CON_TESTIGO)(
    'is shown by a witness alone: $edicion',
    async ({ edicion, sql: sentencias, halla }) => {
      const { nota: vista } = (await leerUltimoPunto(prueba.db)) ?? { nota: '' };
      await comoDueno(sentencias);
      if (edicion.startsWith('the same'))
        for (let i = 0; i < 9; i++) {
          const deNadie = { dominio: 'prueba', codigo: randomUUID(), generacion: null, runId: null };
          await prueba.db
            .transaction()
            .execute((tx) => anotarEntrada(tx, CLAVES, { ...deNadie, evento: 'X', contenido: {} }));
        }
      await secuenciarTodo();

      expect(await faltas()).toEqual([]);
      expect((await verificar(CLAVES, [vista])).hallazgos).toMatchObject([
        { falta: expect.stringContaining(halla) as string },
      ]);
    },
  );

  it('is never signed: a signed entry rewritten with the nodes above it, older checkpoints deleted', async () => {
    await comoDueno(
      `update bitacora set contenido = '{"certificados":[]}' where codigo = 'SOL-1' and evento = 'EMISION_COMPLETADA';
       delete from bitacora_puntos where tamano < (select max(tamano) from bitacora_puntos)`,
    );
    await rehacerArbol();

    await expect(secuenciar(dependencias())).rejects.toThrow('no es el que firma su último punto de control');

    const puntos = await prueba.db.selectFrom('bitacora_puntos').selectAll().execute();
    expect(puntos).toHaveLength(1);
    expect(await faltas()).toEqual(
      expect.arrayContaining([
        expect.stringContaining('no son las que se firmaron'),
        expect.stringContaining('Falta el punto de control anterior'),
      ]),
    );
  });

  it('is never signed: what waits, edited while its lock is held', async () => {
    const { id } = await prueba.db
      .selectFrom('bitacora')
      .select('id')
      .where('indice', 'is', null)
      .executeTakeFirstOrThrow();
    await comoDueno(`update bitacora set evento = 'EMISION_COMPLETADA' where id = '${id}'`);

    expect(await secuenciar(dependencias())).toBeNull();

    expect((await verificar()).hallazgos).toContainEqual(
      expect.objectContaining({
        id,
        falta: expect.stringContaining('su sello no es el del servicio') as string,
      }),
    );
  });

  it('is never answered: certificates that are missing or not those of the record', async () => {
    const ataques = [
      `delete from certificados where codigo = 'SOL-1'`,
      `delete from certificados where codigo = 'SOL-1' and tipo = 'CIFRADO'`,
      ...EDICIONES.filter(
        ({ tabla, edicion }) =>
          tabla === 'certificados' && !edicion.includes('deleted') && !edicion.includes('never were'),
      ).map((una) => una.sql),
      `update solicitudes set registro_auditoria_id = gen_random_uuid() where codigo = 'SOL-1'`,
      `${sinCifrado('SOL-1')}; update bitacora set sello = null where codigo = 'SOL-1'`,
      // What the entry tells fits the rows: only its seal does not.
      `update certificados set generacion = 2 where codigo = 'SOL-1';
       update bitacora set generacion = 2 where codigo = 'SOL-1' and evento = 'EMISION_COMPLETADA'`,
      `alter table solicitudes drop constraint if exists peticion_o_extracto;
       update solicitudes set cuerpo = null where codigo = 'SOL-1'`,
      ...['null', '{}', '"x"', '[null]', '[]'].map(
        (valor) => `update bitacora set sello = null, contenido = '{"certificados":${valor}}'
          where codigo = 'SOL-1' and evento = 'EMISION_COMPLETADA'`,
      ),
      `update bitacora set sello = null, contenido = 'null' where codigo = 'SOL-1' and evento = 'EMISION_COMPLETADA'`,
    ];
    await expect(prueba.registro.leerCertificados('SOL-1')).resolves.toHaveLength(3);
    for (const ataque of ataques) {
      await comoDueno(ataque);
      await expect(prueba.registro.leerCertificados('SOL-1')).rejects.toThrow(
        'the certificates of SOL-1 are not those of the record',
      );
      await comoDueno(
        ['certificados', 'solicitudes', 'bitacora']
          .flatMap((tabla) => [`delete from ${tabla}`, `insert into ${tabla} table copia.${tabla}`])
          .join(';'),
      );
    }
  });

  it('is never answered: one certificate less, with the entry that tells of it, after retention', async () => {
    await expect(prueba.registro.leerCertificados('SOL-0')).resolves.toHaveLength(3);

    await comoDueno(`${sinCifrado('SOL-0')}; update bitacora set sello = null where codigo = 'SOL-0'`);

    await expect(prueba.registro.leerCertificados('SOL-0')).rejects.toThrow(
      'the certificates of SOL-0 are not those of the record',
    );
  });

  /** Taken out of what stands, and out of what the entry tells. */
  const sinCifrado = (codigo: string) =>
    `delete from certificados where codigo = '${codigo}' and tipo = 'CIFRADO';
     update bitacora set contenido = jsonb_set(contenido, '{certificados}', (
         select jsonb_agg(uno) from jsonb_array_elements(contenido->'certificados') uno
         where uno->>'tipoCertificado' <> 'CIFRADO'))
       where codigo = '${codigo}' and evento = 'EMISION_COMPLETADA'`;

  const rehacerArbol = async () => {
    const entradas = await prueba.db
      .selectFrom('bitacora')
      .select([...COLUMNAS_DE_HOJA, REGISTRADA])
      .where('indice', 'is not', null)
      .orderBy('indice')
      .execute();
    const arbol = new ArbolQueCrece();
    const nodos = entradas.flatMap((entrada) => arbol.agregar(resumenDeHoja(hojaDe(entrada))));
    await comoDueno('delete from bitacora_nodos');
    await prueba.db.transaction().execute((tx) => guardarNodos(tx, 1, nodos));
  };
});

test('the table is the one of docs/audit-log.md', () => {
  const texto = readFileSync('docs/audit-log.md', 'utf8');
  const pagina = texto.replaceAll(/ +/g, ' ');

  const filas = [
    ...EDICIONES.map(({ tabla, edicion }) => `| \`${tabla}\` | ${edicion} |`),
    ...SIN_HALLAR.map(({ porque }) => porque),
    ...CON_TESTIGO.map(({ edicion }) => `| ${edicion} |`),
  ];
  expect(filas.filter((fila) => !pagina.includes(fila))).toEqual([]);
  expect(texto.match(/^\| `[a-z_]+` /gm)).toHaveLength(EDICIONES.length + SIN_HALLAR.length);
});
