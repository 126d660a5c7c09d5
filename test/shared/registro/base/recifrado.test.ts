import { DOMINIOS } from '../../../../shared/registro/dominios.ts';
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { tablasCifradasDe } from '../../../../shared/registro/base/dominio.ts';
import type { PaginaRecifrada } from '../../../../shared/registro/base/recifrado.ts';
import { createRegistroDeClaves } from '../../../../shared/registro/base/registro-de-claves.ts';
import { createRegistro } from '../../../../shared/registro/emision/registro.ts';
import { createCifrado } from '../../../../shared/runtime/claves/cifrado.ts';
import {
  BASES,
  CLAVES,
  entradaDePrueba,
  noConforme,
  ORDEN,
  usarRegistro,
} from '../../../support/registro/registro-de-prueba.ts';
import { vencer } from '../../../support/registro/retencion.ts';
import { GUARDA_CONFIADA } from '../../../support/registro/guarda-confiada.ts';

const VIEJA = `prueba:${Buffer.alloc(32, 1).toString('base64')}`;
const NUEVA = `nueva-2027:${randomBytes(32).toString('base64')}`;
const soloNueva = createCifrado(NUEVA);
const girado = createCifrado(`${NUEVA},${VIEJA}`);
const TABLAS = tablasCifradasDe(DOMINIOS);

describe.each(BASES)('re-encryption on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  /** A value in every encrypted column. */
  const llenar = async () => {
    const completada = prueba.abrirRun(entradaDePrueba('SOL-1', { documento: '10000001' }));
    await completada.hastaEnviarPaso2();
    await completada.concluir();
    await vencer(prueba);
    const noConformada = prueba.abrirRun(entradaDePrueba('SOL-2', { documento: '10000002' }));
    await noConformada.hastaEnviarPaso2();
    await noConformada.concluir({ comparar: noConforme('sujeto: es de otra persona') });
    await prueba.soporte.registrarReejecucion({
      ...ORDEN,
      reejecucionId: '1d1f0c1e-7d3b-4a51-9f0e-1f7b8a2c3d4e',
      codigos: ['SOL-2'],
      solicitadaEn: new Date().toISOString(),
    });
  };
  const registroCon = (cifrado: typeof girado) => createRegistroDeClaves(prueba.db, DOMINIOS, cifrado);
  const recifrar = async (cifrado = girado, limite = 100) => {
    const paginas: Record<string, PaginaRecifrada> = {};
    for (const { nombre } of TABLAS)
      paginas[nombre] = await registroCon(cifrado).recifrarPagina(nombre, null, limite);
    return paginas;
  };
  const total = (paginas: Record<string, PaginaRecifrada>) =>
    Object.values(paginas).reduce((suma, { recifradas }) => suma + recifradas, 0);
  /** How many values of each encrypted column begin as this key's do. */
  const bajo = async ({ encabezado }: typeof girado) => {
    const cuentas: Record<string, number> = {};
    for (const { nombre: tabla, columnas } of TABLAS)
      for (const columna of columnas) {
        const { rows } = await sql<{ cuantas: number }>`
          select count(*)::integer as cuantas from ${sql.table(tabla)}
          where substring(${sql.ref(columna)} from 1 for ${sql.lit(encabezado.length)}) = ${encabezado}`.execute(
          prueba.db,
        );
        cuentas[`${tabla}.${columna}`] = rows[0]?.cuantas ?? 0;
      }
    return cuentas;
  };
  const conNueva = () =>
    createRegistro({
      db: prueba.db,
      claves: { ...CLAVES, cifrado: soloNueva },
      motor: prueba.motor,
      guarda: GUARDA_CONFIADA,
      adaptadorIdempotente: true,
    });

  it('knows every column of bytes of the schema', async () => {
    const { rows } = await sql<{ columna: string }>`
      select table_name || '.' || column_name as columna from information_schema.columns
      where table_schema = 'public' and data_type = 'bytea'`.execute(prueba.db);

    const cifradas = TABLAS.flatMap(({ nombre, columnas }) =>
      columnas.map((columna) => `${nombre}.${columna}`),
    );
    const sinCifrar = DOMINIOS.flatMap(({ bytesSinCifrar = [] }) => bytesSinCifrar);
    expect(rows.map(({ columna }) => columna).sort()).toEqual([...cifradas, ...sinCifrar].sort());
  });

  it('writes every value anew under the active key, and the old one is needed no more', async () => {
    await llenar();
    const antes = await bajo(CLAVES.cifrado);
    expect(Object.entries(antes).filter(([, cuantas]) => cuantas === 0)).toEqual([]);
    const vista = await prueba.leer('SOL-2');

    const paginas = await recifrar();

    expect(await bajo(girado)).toEqual(antes);
    expect(paginas.solicitudes).toEqual({ revisadas: 2, recifradas: 2, ilegibles: {}, ultima: null });
    expect(await conNueva().leer('SOL-2')).toEqual(vista);
    expect(await conNueva().leerCertificados('SOL-1')).toHaveLength(3);
  });

  it('done again writes nothing', async () => {
    await llenar();
    await recifrar();

    expect(total(await recifrar())).toBe(0);
  });

  it('goes on behind the last row of a page, in tables of one key column and of two', async () => {
    await llenar();

    for (const tabla of ['solicitudes', 'certificados'] as const) {
      const filas = await prueba.contar(tabla);
      let ultima: PaginaRecifrada['ultima'] = null;
      let recifradas = 0;
      do {
        const pagina = await registroCon(girado).recifrarPagina(tabla, ultima, 1);
        recifradas += pagina.recifradas;
        ultima = pagina.ultima;
      } while (ultima);
      expect(recifradas).toBe(filas);
    }
  });

  it('leaves what does not open as it is, and counts it under its key', async () => {
    await llenar();
    const otra = createCifrado(`perdida:${randomBytes(32).toString('base64')}`);
    const perdido = otra.cifrar(Buffer.from('{}'), 'solicitudes.cuerpo:SOL-2');
    await prueba.db
      .updateTable('solicitudes')
      .set({ cuerpo: perdido, fallo_detalles: Buffer.from('no cipher') })
      .where('codigo', '=', 'SOL-2')
      .execute();

    const { solicitudes } = await recifrar();

    expect(solicitudes).toMatchObject({ recifradas: 2, ilegibles: { perdida: 1, '': 1 } });
    const { cuerpo } = await prueba.db
      .selectFrom('solicitudes')
      .select('cuerpo')
      .where('codigo', '=', 'SOL-2')
      .executeTakeFirstOrThrow();
    expect(Buffer.from(cuerpo ?? [])).toEqual(perdido);
  });

  it('never puts back what somebody else wrote meanwhile', async () => {
    await llenar();
    // The row changes between its reading and its writing: the first decryption is the moment.
    let cambio: Promise<unknown> | undefined;
    const interpuesto = {
      ...girado,
      descifrar: (bytes: Uint8Array, contexto: string) => {
        cambio ??= prueba.db
          .updateTable('solicitudes')
          .set({ contexto: soloNueva.cifrar(Buffer.from('{"canal":"NUEVO"}'), 'solicitudes.contexto:SOL-2') })
          .where('codigo', '=', 'SOL-2')
          .execute();
        return girado.descifrar(bytes, contexto);
      },
    };

    const { recifradas } = await registroCon(interpuesto).recifrarPagina('solicitudes', null, 100);
    await cambio;

    expect(recifradas).toBe(2);
    expect(await conNueva().leer('SOL-2')).toMatchObject({ peticion: { contexto: { canal: 'NUEVO' } } });
  });
});
