/** The lists that support reads, page by page and by filter. One file, since each that asks both databases starts a PostgreSQL. */
import { sql } from 'kysely';
import type { EntradaEmision } from '../../../../../shared/emision/contrato.ts';
import type { FalloDeEmision, TipoFallo } from '../../../../../shared/emision/fallos.ts';
import type { FiltroDeSolicitudes, Posicion, ResumenEmision } from '../../../../../shared/emision/soporte.ts';
import { contarEnProceso } from '../../../../../shared/registro/emision/soporte/listado.ts';
import { transaccionId } from '../../../../../shared/registro/emision/filas/claves-de-emision.ts';
import {
  BASES,
  entradaDePrueba,
  ORDEN,
  usarRegistro,
} from '../../../../support/registro/registro-de-prueba.ts';

/** Two in one millisecond, and another in the same second. */
const MOMENTOS = {
  'SOL-A': '2024-11-22T10:00:00.000Z',
  'SOL-B': '2024-11-22T10:00:01.001Z',
  'SOL-C': '2024-11-22T10:00:01.002Z',
  'SOL-D': '2024-11-22T10:00:01.002Z',
  'SOL-E': '2024-11-22T10:00:05.000Z',
};
type Codigo = keyof typeof MOMENTOS;
const CODIGOS = Object.keys(MOMENTOS) as Codigo[];
const DEL_MAS_NUEVO = [...CODIGOS].reverse();
const VISTAS_MAX = 20;

describe.each(BASES)('the lists on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  const aceptar = async (
    codigo: Codigo,
    {
      documento = '',
      oficina = 'OF-001',
      cliente,
    }: { documento?: string; oficina?: string; cliente?: string } = {},
  ) => {
    const entrada = entradaDePrueba(codigo, {
      documento: documento || `1000000${CODIGOS.indexOf(codigo)}`,
    });
    entrada.aceptadaEn = MOMENTOS[codigo];
    entrada.contexto.oficinaEjecucion = oficina;
    if (cliente !== undefined) entrada.contexto.cliente = cliente;
    const run = prueba.abrirRun(entrada);
    await run.registrar();
    return run;
  };
  const fallar = async (codigo: Codigo, tipo: TipoFallo, cual: Parameters<typeof aceptar>[1] = {}) => {
    const run = await aceptar(codigo, cual);
    const fallo: FalloDeEmision = { tipo, paso: 1, detalles: ['del ciudadano'] };
    await run.fallar(fallo);
  };
  const completar = async (codigo: Codigo) => {
    const run = await aceptar(codigo);
    await run.hastaEnviarPaso2();
    await run.concluir();
  };
  const dejarIncierta = async (codigo: Codigo) => {
    const run = await aceptar(codigo);
    await run.hastaEnviarPaso2();
    await run.fallar();
  };
  const codigosDe = (lista: ResumenEmision[]) =>
    lista.map(({ codigoSolicitudTramite }) => codigoSolicitudTramite);
  const listar = async (filtro: FiltroDeSolicitudes = {}) =>
    codigosDe(await prueba.soporte.listar(filtro, null, 50));
  const detras = ({ aceptadaEn, codigoSolicitudTramite }: ResumenEmision): Posicion => ({
    aceptadaEn: new Date(aceptadaEn),
    codigo: codigoSolicitudTramite,
  });
  /** What the pages show, one after the other, up to the first empty one. */
  const recorrer = async <T>(
    pedir: (posicion: Posicion | null) => Promise<T[]>,
    posicionDe: (ultima: T) => Posicion,
  ): Promise<T[]> => {
    const vistas: T[] = [];
    for (let posicion: Posicion | null = null; vistas.length < VISTAS_MAX;) {
      const pagina: T[] = await pedir(posicion);
      const ultima = pagina.at(-1);
      if (!ultima) return vistas;
      vistas.push(...pagina);
      posicion = posicionDe(ultima);
    }
    throw new Error('the pages do not end');
  };
  const paginar = async (filtro: FiltroDeSolicitudes, limite: number, antesDeCadaOtra = async () => {}) =>
    codigosDe(
      await recorrer(async (posicion) => {
        if (posicion) await antesDeCadaOtra();
        return prueba.soporte.listar(filtro, posicion, limite);
      }, detras),
    );

  it('tell of each issuance what the columns say in clear', async () => {
    await dejarIncierta('SOL-A');
    await completar('SOL-B');
    await aceptar('SOL-E', { oficina: 'OF-009' });

    const lista = await prueba.soporte.listar({}, null, 50);

    const comun = {
      generacion: 1,
      resolucion: null,
      fechaInicio: expect.stringMatching(/:\d\dZ$/) as unknown,
    };
    expect(lista).toEqual([
      {
        ...comun,
        codigoSolicitudTramite: 'SOL-E',
        transaccionId: transaccionId('SOL-E', 1),
        estado: 'EN_PROCESO',
        aceptadaEn: MOMENTOS['SOL-E'],
        fechaFin: null,
        oficina: 'OF-009',
        fallo: null,
        resultadoIncierto: false,
      },
      {
        ...comun,
        codigoSolicitudTramite: 'SOL-B',
        transaccionId: transaccionId('SOL-B', 1),
        estado: 'COMPLETADO',
        aceptadaEn: MOMENTOS['SOL-B'],
        fechaFin: expect.stringMatching(/:\d\dZ$/) as unknown,
        oficina: 'OF-001',
        fallo: null,
        resultadoIncierto: false,
      },
      {
        ...comun,
        codigoSolicitudTramite: 'SOL-A',
        transaccionId: transaccionId('SOL-A', 1),
        estado: 'FALLIDO',
        aceptadaEn: MOMENTOS['SOL-A'],
        fechaFin: expect.stringMatching(/:\d\dZ$/) as unknown,
        oficina: 'OF-001',
        fallo: { tipo: 'TIEMPO_PKI_AGOTADO', paso: 2 },
        resultadoIncierto: true,
      },
    ]);
  });

  it('need no key: what is encrypted is not read', async () => {
    await fallar('SOL-A', 'PKI_ERROR');
    await prueba.db
      .updateTable('solicitudes')
      .set({ cuerpo: Buffer.from('x'), contexto: Buffer.from('x') })
      .execute();

    expect(await listar()).toEqual(['SOL-A']);
  });

  it('tell the generation and what support decided', async () => {
    await dejarIncierta('SOL-A');
    await prueba.soporte.resolver('SOL-A', { ...ORDEN, decision: 'EMITIDO_DESCARTADO' });
    expect(await prueba.soporte.listar({}, null, 1)).toMatchObject([
      { generacion: 1, resolucion: 'EMITIDO_DESCARTADO', resultadoIncierto: false },
    ]);

    await (await prueba.ordenarRun('SOL-A', { nuevaEmision: true })).registrar();

    expect(await prueba.soporte.listar({}, null, 1)).toMatchObject([
      { generacion: 2, resolucion: null, transaccionId: transaccionId('SOL-A', 2) },
    ]);
  });

  describe('page by page', () => {
    beforeEach(async () => {
      for (const codigo of CODIGOS) await fallar(codigo, 'PKI_ERROR');
    });

    it.each([1, 2, 3, 5, 50])('of %i show each once, from the newest to the oldest', async (limite) => {
      expect(await paginar({}, limite)).toEqual(DEL_MAS_NUEVO);
    });

    it('show each once while what was shown runs again and what is newer arrives', async () => {
      let llegadas = 0;
      const vistas = await paginar({}, 2, async () => {
        await (await prueba.ordenarRun('SOL-E').catch(() => null))?.registrar();
        llegadas += 1;
        await prueba
          .abrirRun(entradaDePrueba(`SOL-NUEVA-${llegadas}`, { documento: `2000000${llegadas}` }))
          .registrar();
      });

      expect(vistas).toEqual(DEL_MAS_NUEVO);
    });

    it('of one state lose only what left it', async () => {
      const vistas = await paginar({ estado: 'FALLIDO' }, 2, async () => {
        await (await prueba.ordenarRun('SOL-B').catch(() => null))?.registrar();
      });

      expect(vistas).toEqual(['SOL-E', 'SOL-D', 'SOL-C', 'SOL-A']);
    });

    it('begin behind a line that is not there any more', async () => {
      const lista = await prueba.soporte.listar(
        {},
        { aceptadaEn: new Date('2024-11-22T10:00:01.002Z'), codigo: 'SOL-CC' },
        2,
      );

      expect(codigosDe(lista)).toEqual(['SOL-C', 'SOL-B']);
    });
  });

  describe('by filter', () => {
    beforeEach(async () => {
      await fallar('SOL-A', 'PKI_ERROR');
      await fallar('SOL-B', 'PKI_SIN_CONEXION', { oficina: 'OF-002' });
      await dejarIncierta('SOL-C');
      await completar('SOL-D');
      await aceptar('SOL-E', { oficina: 'OF-002' });
    });

    it.each<[string, FiltroDeSolicitudes, Codigo[]]>([
      ['none', {}, DEL_MAS_NUEVO],
      ['estado', { estado: 'FALLIDO' }, ['SOL-C', 'SOL-B', 'SOL-A']],
      ['estado', { estado: 'EN_PROCESO' }, ['SOL-E']],
      ['fallos', { fallos: ['PKI_ERROR', 'PKI_SIN_CONEXION'] }, ['SOL-B', 'SOL-A']],
      ['no fallo at all', { fallos: [] }, []],
      ['oficina', { oficina: 'OF-002' }, ['SOL-E', 'SOL-B']],
      ['an oficina that nobody has', { oficina: "OF-001' or true --" }, []],
      ['desde, itself included', { desde: new Date(MOMENTOS['SOL-C']) }, ['SOL-E', 'SOL-D', 'SOL-C']],
      ['hasta, itself left out', { hasta: new Date(MOMENTOS['SOL-C']) }, ['SOL-B', 'SOL-A']],
      ['incierto', { incierto: true }, ['SOL-C']],
      ['not incierto', { incierto: false }, ['SOL-E', 'SOL-D', 'SOL-B', 'SOL-A']],
      [
        'all of them at once',
        {
          estado: 'FALLIDO',
          fallos: ['PKI_SIN_CONEXION', 'PKI_ERROR'],
          oficina: 'OF-002',
          desde: new Date(MOMENTOS['SOL-A']),
          hasta: new Date(MOMENTOS['SOL-E']),
          incierto: false,
        },
        ['SOL-B'],
      ],
    ])('%s', async (_, filtro, esperados) => {
      expect(await listar(filtro)).toEqual(esperados);
      expect(await paginar(filtro, 1)).toEqual(esperados);
    });

    it('count the failed ones by type, and the uncertain ones among them', async () => {
      expect(await prueba.soporte.contarFallidas({})).toEqual({
        total: 3,
        inciertas: 1,
        porFallo: { PKI_ERROR: 1, PKI_SIN_CONEXION: 1, TIEMPO_PKI_AGOTADO: 1 },
      });
      expect(await prueba.soporte.contarFallidas({ oficina: 'OF-001', incierto: false })).toEqual({
        total: 1,
        inciertas: 0,
        porFallo: { PKI_ERROR: 1 },
      });
      expect(await prueba.soporte.contarFallidas({ estado: 'COMPLETADO' })).toEqual({
        total: 0,
        inciertas: 0,
        porFallo: {},
      });
    });

    it('add up uncertain and certain ones of one type', async () => {
      const run = prueba.abrirRun(entradaDePrueba('SOL-F', { documento: '30000001' }));
      await run.hastaEnviarPaso2();
      await run.aclarar(2);
      await run.fallar();

      expect(await prueba.soporte.contarFallidas({ fallos: ['TIEMPO_PKI_AGOTADO'] })).toEqual({
        total: 2,
        inciertas: 1,
        porFallo: { TIEMPO_PKI_AGOTADO: 2 },
      });
    });

    it('give the failed codigos for a re-run, oldest first, as many as asked', async () => {
      expect(await prueba.soporte.fallidas({}, 10)).toEqual(['SOL-A', 'SOL-B', 'SOL-C']);
      expect(await prueba.soporte.fallidas({}, 2)).toEqual(['SOL-A', 'SOL-B']);
      expect(await prueba.soporte.fallidas({ oficina: 'OF-002' }, 10)).toEqual(['SOL-B']);
      expect(await prueba.soporte.fallidas({ estado: 'EN_PROCESO' }, 10)).toEqual([]);
    });
  });

  it('of one citizen hold all issuances of the document, newest first, and nobody else’s', async () => {
    await fallar('SOL-A', 'PKI_ERROR', { documento: '45678912' });
    await fallar('SOL-B', 'PKI_ERROR', { documento: '10000009' });
    await fallar('SOL-D', 'PKI_ERROR', { documento: '45678912' });
    const { huellaCiudadano } = await prueba.leer('SOL-A');

    expect(codigosDe(await prueba.soporte.buscarPorCiudadano(huellaCiudadano, 10))).toEqual([
      'SOL-D',
      'SOL-A',
    ]);
    expect(codigosDe(await prueba.soporte.buscarPorCiudadano(huellaCiudadano, 1))).toEqual(['SOL-D']);
    expect(await prueba.soporte.buscarPorCiudadano('nobody', 10)).toEqual([]);
  });

  it('of one client hold what it sent, and nothing that was accepted before that was kept', async () => {
    const documento = '45678912';
    await fallar('SOL-A', 'PKI_ERROR', { documento, cliente: 'uno' });
    await fallar('SOL-B', 'PKI_ERROR', { documento, cliente: 'otro' });
    await fallar('SOL-C', 'PKI_ERROR', { documento });
    const { huellaCiudadano, cliente } = await prueba.leer('SOL-A');

    expect(cliente).toBe('uno');
    expect(codigosDe(await prueba.soporte.listar({ cliente: 'uno' }, null, 10))).toEqual(['SOL-A']);
    expect((await prueba.soporte.contarFallidas({ cliente: 'uno' })).total).toBe(1);
    expect(codigosDe(await prueba.soporte.buscarPorCiudadano(huellaCiudadano, 10, 'otro'))).toEqual([
      'SOL-B',
    ]);
    expect(codigosDe(await prueba.soporte.buscarPorCiudadano(huellaCiudadano, 10))).toHaveLength(3);
    expect(await prueba.soporte.enviadasPor('otro', ['SOL-A', 'SOL-B', 'SOL-C'])).toEqual(new Set(['SOL-B']));
  });

  it('count what each client has under way', async () => {
    await aceptar('SOL-A', { cliente: 'uno' });
    await aceptar('SOL-B', { cliente: 'uno' });
    await aceptar('SOL-C');
    await fallar('SOL-D', 'PKI_ERROR', { cliente: 'uno' });
    expect(await contarEnProceso(prueba.db)).toEqual(
      new Map([
        ['uno', 2],
        [null, 1],
      ]),
    );
  });

  it('of what to revoke go from the newest to the oldest, page by page', async () => {
    for (const codigo of CODIGOS) {
      await dejarIncierta(codigo);
      await prueba.soporte.resolver(codigo, { ...ORDEN, decision: 'EMITIDO_DESCARTADO' });
      await prueba.db
        .updateTable('por_revocar')
        .set({ registrada_en: new Date(MOMENTOS[codigo]) })
        .where('codigo', '=', codigo)
        .execute();
    }

    const vistas = await recorrer(
      (posicion) => prueba.soporte.listarPorRevocar(posicion, 2),
      ({ registradaEn, codigoSolicitudTramite }) => ({
        aceptadaEn: new Date(registradaEn),
        codigo: codigoSolicitudTramite,
      }),
    );

    expect(vistas.map(({ codigoSolicitudTramite }) => codigoSolicitudTramite)).toEqual(DEL_MAS_NUEVO);
  });

  describe('what a correlation id led to', () => {
    const LIMITE = { solicitudes: 10, hechos: 10 };
    const seguir = async (id: string, cliente?: string) =>
      (await prueba.soporte.seguir(id, LIMITE, cliente)).solicitudes;

    it('is told by the request’s and by the re-run’s, with the facts of all runs', async () => {
      await fallar('SOL-A', 'CIUDADANO_NO_ENCONTRADO');
      const { peticion } = await prueba.leer('SOL-A');
      const deLaPeticion = peticion?.contexto.correlationId ?? '';
      const deLaReejecucion = '5F0C8B1E-8D0F-4E55-9A3C-2D8A1F3F7C10';
      const { tipo, ...preparada } = await prueba.soporte.prepararReejecucion(
        'SOL-A',
        { ...ORDEN, solicitante: { ...ORDEN.solicitante, correlationId: deLaReejecucion } },
        null,
      );
      expect(tipo).toBe('LISTA');
      const otra = prueba.abrirRun((preparada as { entrada: EntradaEmision }).entrada);
      await otra.registrar();
      await aceptar('SOL-B');

      for (const id of [deLaPeticion, deLaPeticion.toUpperCase(), deLaReejecucion.toLowerCase()]) {
        const [seguida, ...otras] = await seguir(id);
        expect(otras).toEqual([]);
        expect(seguida?.resumen.codigoSolicitudTramite).toBe('SOL-A');
        expect(
          seguida?.hechos.map(({ evento, correlationId, fallo }) => [evento, correlationId, fallo]).sort(),
        ).toEqual([
          ['EMISION_FALLIDA', null, 'CIUDADANO_NO_ENCONTRADO'],
          ['SOLICITUD_ACEPTADA', deLaPeticion, null],
          ['SOLICITUD_REEJECUTADA', deLaReejecucion, null],
        ]);
        const momentos = seguida?.hechos.map(({ momento }) => momento) ?? [];
        expect(momentos).toEqual([...momentos].sort());
      }
    });

    it('is nothing where nothing came of it, or another client sent it', async () => {
      await aceptar('SOL-A', { cliente: 'uno' });
      const { peticion } = await prueba.leer('SOL-A');
      const id = peticion?.contexto.correlationId ?? '';

      expect(await seguir('5f0c8b1e-8d0f-4e55-9a3c-2d8a1f3f7c10')).toEqual([]);
      expect(await seguir(id, 'dos')).toEqual([]);
      expect(await seguir(id, 'uno')).toHaveLength(1);
    });

    it('is told to its client, however much others have under the same id', async () => {
      await aceptar('SOL-A', { cliente: 'uno' });
      const id = (await prueba.leer('SOL-A')).peticion?.contexto.correlationId ?? '';
      await aceptar('SOL-B', { cliente: 'dos' });
      await sql`
        insert into bitacora
        select (jsonb_populate_record(b, jsonb_build_object(
          'id', gen_random_uuid(), 'epoca', null, 'indice', null,
          'contenido', b.contenido || jsonb_build_object('correlationId', ${id}::text)))).*
        from bitacora b, generate_series(1, 1001) where b.codigo = 'SOL-B'`.execute(prueba.db);

      expect((await seguir(id, 'uno')).map(({ resumen }) => resumen.codigoSolicitudTramite)).toEqual([
        'SOL-A',
      ]);
    });

    it('has the last facts where there are more', async () => {
      await completar('SOL-A');
      const { peticion } = await prueba.leer('SOL-A');
      const { solicitudes, hayMas } = await prueba.soporte.seguir(
        peticion?.contexto.correlationId ?? '',
        { solicitudes: 1, hechos: 1 },
        undefined,
      );
      expect(solicitudes[0]?.hechos.map(({ evento }) => evento)).toEqual(['EMISION_COMPLETADA']);
      expect(hayMas).toBe(false);
    });

    it('is bounded where a client gives all its requests one id, and says that there is more', async () => {
      const id = '5f0c8b1e-8d0f-4e55-9a3c-2d8a1f3f7c10';
      for (const codigo of ['SOL-A', 'SOL-B'] as const) {
        const entrada = entradaDePrueba(codigo, { documento: `2000000${CODIGOS.indexOf(codigo)}` });
        entrada.contexto.correlationId = id;
        await prueba.abrirRun(entrada).registrar();
      }
      const una = await prueba.soporte.seguir(id, { solicitudes: 1, hechos: 9 }, undefined);
      expect([una.solicitudes.length, una.hayMas]).toEqual([1, true]);
      const ambas = await prueba.soporte.seguir(id, { solicitudes: 2, hechos: 9 }, undefined);
      expect([ambas.solicitudes.map(({ hechos }) => hechos.length), ambas.hayMas]).toEqual([[1, 1], false]);
    });
  });
});
