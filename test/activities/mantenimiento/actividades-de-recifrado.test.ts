import { MockActivityEnvironment } from '@temporalio/testing';
import { createActividadesDeRecifrado } from '../../../activities/mantenimiento/actividades-de-recifrado.ts';
import type { ClavesEnTemporal } from '../../../shared/motor/claves-en-temporal.ts';
import type { PosicionEnTabla } from '../../../shared/registro/base/recifrado.ts';
import { CALLADO } from '../../support/temporal/sdk-callado.ts';

const NINGUNA = { recifradas: 0, ilegibles: {}, ultima: null };
const UN_DIA = 86_400_000;
const TABLAS = ['solicitudes', 'recibidos', 'certificados', 'bitacora', 'reejecuciones'];

type Lista = Awaited<ReturnType<ClavesEnTemporal['listar']>>;

/** Each table has two pages, but for the audit log; each page has two rows, of which one is written anew. */
function actividadesCon({
  listas = [],
  heartbeatDetails,
}: { listas?: Lista[]; heartbeatDetails?: unknown } = {}) {
  const pedidas: [string, PosicionEnTabla | null][] = [];
  const paginas: (string | null)[] = [];
  const latidos: unknown[] = [];
  let anotadas = 0;
  const entorno = new MockActivityEnvironment({ heartbeatDetails }, { logger: CALLADO });
  entorno.on('heartbeat', (detalles) => latidos.push(JSON.parse(JSON.stringify(detalles))));
  const actividades = createActividadesDeRecifrado({
    claveActiva: 'nueva',
    registro: {
      tablas: TABLAS,
      recifrarPagina: (tabla, despuesDe) => {
        pedidas.push([tabla, despuesDe]);
        if (tabla === 'bitacora') return Promise.resolve({ ...NINGUNA, revisadas: 0 });
        const ultima = despuesDe ? null : ['fila-2'];
        return Promise.resolve({ revisadas: 2, recifradas: 1, ilegibles: { perdida: 1 }, ultima });
      },
      anotarRecifrado: () => {
        anotadas++;
        return Promise.resolve();
      },
    },
    enTemporal: {
      listar: (pagina) => {
        paginas.push(pagina);
        return Promise.resolve(listas.shift() ?? { ejecuciones: [], siguiente: null });
      },
      retencionMs: () => Promise.resolve(UN_DIA),
    },
  });
  return {
    recifrarTablas: (clave = 'nueva') => entorno.run(() => actividades.recifrarTablas(clave)),
    contarEjecuciones: () => entorno.run(() => actividades.contarEjecuciones('nueva')),
    entorno,
    pedidas,
    paginas,
    latidos,
    anotadas: () => anotadas,
  };
}

const DOS_PAGINAS = { revisadas: 4, recifradas: 2, ilegibles: { perdida: 2 } };
const TODAS = [
  { tabla: 'solicitudes', ...DOS_PAGINAS },
  { tabla: 'recibidos', ...DOS_PAGINAS },
  { tabla: 'certificados', ...DOS_PAGINAS },
  { tabla: 'bitacora', revisadas: 0, recifradas: 0, ilegibles: {} },
  { tabla: 'reejecuciones', ...DOS_PAGINAS },
];

describe('the register’s tables', () => {
  it('are walked one after the other, page by page, each with its account', async () => {
    const { recifrarTablas, pedidas, anotadas } = actividadesCon();

    expect(await recifrarTablas()).toEqual(TODAS);

    expect(anotadas()).toBe(1);
    expect(pedidas.slice(0, 3)).toEqual([
      ['solicitudes', null],
      ['solicitudes', ['fila-2']],
      ['recibidos', null],
    ]);
  });

  it('are gone on with from every point at which a worker may die, and give the same account', async () => {
    const { recifrarTablas, latidos, pedidas } = actividadesCon();
    await recifrarTablas();

    for (const [i, heartbeatDetails] of latidos.entries()) {
      const siguiente = actividadesCon({ heartbeatDetails });
      expect(await siguiente.recifrarTablas()).toEqual(TODAS);
      expect(siguiente.pedidas).toEqual(pedidas.slice(i + 1));
    }
    expect(latidos).toHaveLength(pedidas.length - 1);
  });

  it('are walked no more where a worker of the version before was done with them, and told so', async () => {
    const primera = actividadesCon();
    await primera.recifrarTablas();
    const { recifrarTablas, pedidas, anotadas } = actividadesCon({
      heartbeatDetails: { ...(primera.latidos[0] as object), avance: { hechas: TODAS, empezada: null } },
    });

    expect(await recifrarTablas()).toEqual(TODAS);

    expect([pedidas, anotadas()]).toEqual([[], 1]);
  });

  it('are left alone by a worker whose first key is another', async () => {
    const { recifrarTablas, pedidas } = actividadesCon();

    await expect(recifrarTablas('otra')).rejects.toMatchObject({
      type: 'CLAVES_DISTINTAS',
      nonRetryable: true,
      message: expect.stringMatching(/«otra».*«nueva»/) as unknown,
    });

    expect(pedidas).toEqual([]);
  });

  it('are left where they are once the worker stops, and no key is said to be free', async () => {
    const { recifrarTablas, entorno, pedidas, anotadas } = actividadesCon();
    entorno.cancel();

    await expect(recifrarTablas()).rejects.toThrow();

    expect([pedidas, anotadas()]).toEqual([[], 0]);
  });
});

describe('the runs of Temporal', () => {
  const el = (dia: string) => new Date(`${dia}T10:00:00Z`);
  const PAGINAS: Lista[] = [
    {
      ejecuciones: [
        { clave: 'nueva', cierre: null },
        { clave: 'vieja', cierre: el('2026-11-20') },
        { clave: 'vieja', cierre: el('2026-11-22') },
      ],
      siguiente: 'p2',
    },
    {
      ejecuciones: [
        { clave: 'vieja', cierre: el('2026-11-21') },
        { clave: 'vieja', cierre: null },
        { clave: null, cierre: null },
      ],
      siguiente: null,
    },
  ];
  const CUENTA = [
    { clave: 'vieja', abiertas: 1, cerradas: 3, hasta: '2026-11-23T10:00:00.000Z' },
    { clave: null, abiertas: 1, cerradas: 0, hasta: null },
  ];

  it('are counted by key, with the moment at which the last closed one is forgotten', async () => {
    const { contarEjecuciones, paginas } = actividadesCon({ listas: [...PAGINAS] });

    expect(await contarEjecuciones()).toEqual(CUENTA);

    expect(paginas).toEqual([null, 'p2']);
  });

  it('are gone on with behind the last page that was told of, and none is counted twice', async () => {
    const primera = actividadesCon({ listas: [...PAGINAS] });
    await primera.contarEjecuciones();
    const segunda = actividadesCon({ listas: PAGINAS.slice(1), heartbeatDetails: primera.latidos.at(-1) });

    expect(await segunda.contarEjecuciones()).toEqual(CUENTA);

    expect(segunda.paginas).toEqual(['p2']);
  });
});
