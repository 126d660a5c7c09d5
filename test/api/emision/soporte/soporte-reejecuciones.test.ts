/** The bulk re-run at the wire: its order, its preview, and its progress. */
import { REEJECUCIONES_MAX } from '../../../../shared/emision/plazos.ts';
import { ServicioNoDisponible } from '../../../../shared/nucleo/servicio-no-disponible.ts';
import type { AvanceDeReejecucion } from '../../../../shared/emision/soporte.ts';
import { ApiDePrueba, BASE, detallesDe, type Respuesta } from '../../../support/api/api-de-prueba.ts';

const ID = '1c7a2f0e-5b7f-4a43-9e02-6a1f0f7d2c55';
const INICIO = new Date('2026-11-22T11:00:00.4Z');

let api: ApiDePrueba;
beforeAll(async () => {
  api = await ApiDePrueba.iniciar();
});
beforeEach(() => {
  api.olvidar();
});
afterAll(() => api.detener());

const ordenar = (cuerpo: object) =>
  api.comoSoporte('/reejecuciones', { motivo: 'La PKI ya responde', ...cuerpo });
const consultar = (id = ID) => api.comoSoporte(`/reejecuciones/${id}`);
const codigos = (cuantos: number) => Array.from({ length: cuantos }, (_, i) => `SOL-${i}`);

function datosDe({ sobre }: Respuesta): Record<string, unknown> {
  return sobre.data as unknown as Record<string, unknown>;
}

describe('an order', () => {
  it('of a list starts the workflow, and says where its progress is', async () => {
    const respuesta = await ordenar({ codigos: ['A/1', 'B'] });

    expect(respuesta.estadoHttp).toBe(201);
    const [iniciada] = api.motorDeReejecuciones.iniciadas;
    expect(iniciada).toEqual({
      reejecucionId: expect.any(String) as string,
      codigos: ['A/1', 'B'],
      motivo: 'La PKI ya responde',
      solicitante: {
        usuarioEjecutor: 'ana',
        ipCliente: '127.0.0.1',
        correlationId: respuesta.cabeceras['x-correlation-id'],
      },
      solicitadaEn: '2026-11-22T15:00:00.000Z',
    });
    expect(respuesta.cabeceras.location).toBe(`${BASE}/reejecuciones/${iniciada?.reejecucionId ?? ''}`);
    expect(datosDe(respuesta)).toEqual({
      alcance: 'todas',
      reejecucionId: iniciada?.reejecucionId,
      estado: 'EN_PROCESO',
      fechaInicio: '2026-11-22T15:00:00Z',
      fechaFin: null,
      total: 2,
      porEstado: { PENDIENTE: 2, EN_PROCESO: 0, COMPLETADO: 0, FALLIDO: 0, OMITIDO: 0 },
      solicitudes: ['A/1', 'B'].map((codigoSolicitudTramite) => ({
        codigoSolicitudTramite,
        estado: 'PENDIENTE',
        tipoError: null,
        titulo: null,
      })),
    });
    expect(api.soporte.llamadas).toEqual([]);
  });

  it('of a filter runs the failed ones that match', async () => {
    api.soporte.respuestas.fallidas = () => Promise.resolve(['A', 'B']);

    const respuesta = await ordenar({
      filtro: { tipoError: 'PKI_NO_DISPONIBLE', oficina: 'LIMA', desde: '2026-11-22T00:00:00Z' },
    });

    expect(respuesta.estadoHttp).toBe(201);
    expect(api.soporte.argumentosDe('fallidas')).toEqual([
      [
        {
          fallos: ['PKI_NO_DISPONIBLE', 'CIRCUITO_ABIERTO'],
          oficina: 'LIMA',
          desde: new Date('2026-11-22T00:00:00Z'),
        },
        REEJECUCIONES_MAX + 1,
      ],
    ]);
    expect(api.motorDeReejecuciones.iniciadas).toMatchObject([{ codigos: ['A', 'B'] }]);
  });

  it('of a filter that nothing matches starts nothing: 200', async () => {
    const respuesta = await ordenar({ filtro: {} });

    expect(respuesta.estadoHttp).toBe(200);
    expect(datosDe(respuesta)).toEqual({
      alcance: 'todas',
      total: 0,
      ejecutables: 0,
      omitidas: 0,
      solicitudes: [],
    });
    expect(respuesta.sobre.message).toContain('no se inició nada');
    expect(api.motorDeReejecuciones.iniciadas).toEqual([]);
  });

  it('of as many as one takes runs them all', async () => {
    expect((await ordenar({ codigos: codigos(REEJECUCIONES_MAX) })).estadoHttp).toBe(201);
    expect(api.motorDeReejecuciones.iniciadas[0]?.codigos).toHaveLength(REEJECUCIONES_MAX);
  });

  it('of the longest codigos, every character escaped, is read whole', async () => {
    const largos = codigos(REEJECUCIONES_MAX).map((codigo) => codigo + '😀'.repeat(30 - codigo.length));
    const escapado = JSON.stringify({ motivo: '😀'.repeat(500), codigos: largos }).replace(
      /[^\x20-\x7e]/g,
      (letra) => `\\u${letra.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    expect((await api.comoSoporte('/reejecuciones', escapado)).estadoHttp).toBe(201);
  });

  it('of more codigos than one takes says how many they are', async () => {
    const respuesta = await ordenar({ codigos: codigos(REEJECUCIONES_MAX + 1) });
    expect(respuesta.estadoHttp).toBe(400);
    expect(detallesDe(respuesta)).toEqual([
      'codigos: trae 501 códigos y una reejecución admite 500; repártalos en varias',
    ]);
  });

  it('of a filter that more match says how many, and to narrow it', async () => {
    api.soporte.respuestas.fallidas = (_filtro, limite) => Promise.resolve(codigos(limite));
    api.soporte.respuestas.contarFallidas = () =>
      Promise.resolve({ total: 1234, inciertas: 0, porFallo: {} });

    for (const simular of [true, false]) {
      const respuesta = await ordenar({ filtro: {}, simular });
      expect(respuesta.estadoHttp).toBe(400);
      expect(detallesDe(respuesta)).toEqual([
        'filtro: lo cumplen 1234 solicitudes y una reejecución admite 500; acótelo, por ejemplo con desde y hasta',
      ]);
    }
    expect(api.motorDeReejecuciones.iniciadas).toEqual([]);
  });

  it.each([
    ['neither list nor filter', {}, ['cuerpo: debe traer codigos o filtro, y sólo uno de los dos']],
    ['both', { codigos: ['A'], filtro: {} }, ['cuerpo: debe traer codigos o filtro, y sólo uno de los dos']],
    ['an empty list', { codigos: [] }, ['codigos: no puede estar vacía']],
    ['a codigo twice', { codigos: ['A', 'B', 'A'] }, ['codigos: no puede repetir códigos']],
    [
      'codigos at fault, one twice',
      { codigos: ['A', 'A', '..', '', 7] },
      [
        'codigos: no puede repetir códigos',
        'codigos[2]: no puede ser «.» ni «..»',
        'codigos[3]: debe tener entre 1 y 30 caracteres',
        'codigos[4]: debe ser un texto',
      ],
    ],
    ['codigos that are no list', { codigos: 'A' }, ['codigos: debe ser una lista']],
    ['a list that is null', { codigos: null }, ['codigos: no puede ser null']],
    ['a new issuance', { codigos: ['A'], nuevaEmision: true }, ['nuevaEmision: no es un campo conocido']],
    ['simular in words', { codigos: ['A'], simular: 'sí' }, ['simular: debe ser true o false']],
    ['another state', { filtro: { estado: 'COMPLETADO' } }, ['filtro.estado: no es un campo conocido']],
    [
      'a filter at fault in all',
      {
        filtro: { oficina: '', desde: '2026-11-22T00:00:00Z', hasta: '2026-11-21T00:00:00Z' },
      },
      ['filtro.oficina: debe tener entre 1 y 50 caracteres', 'filtro.hasta: debe ser posterior a desde'],
    ],
  ])('with %s is 400, and starts nothing', async (_caso, cuerpo, faltas) => {
    const respuesta = await ordenar(cuerpo);
    expect(respuesta.estadoHttp).toBe(400);
    expect(detallesDe(respuesta).sort()).toEqual([...faltas].sort());
    expect(api.motorDeReejecuciones.iniciadas).toEqual([]);
  });

  it('needs the scope that acts, its preview too', async () => {
    for (const simular of [true, false]) {
      const respuesta = await api.comoSoporte(
        '/reejecuciones',
        { motivo: 'x', codigos: ['A'], simular },
        { permisos: 'certificados:consultar certificados:nueva-emision' },
      );
      expect(respuesta.estadoHttp).toBe(403);
    }
  });

  it('while Temporal is down is 503', async () => {
    const caida = await ApiDePrueba.iniciar({
      motorDeReejecuciones: {
        iniciar: () => Promise.reject(new ServicioNoDisponible('Temporal')),
        describir: () => Promise.resolve(null),
      },
    });
    const { estadoHttp } = await caida.comoSoporte('/reejecuciones', { motivo: 'x', codigos: ['A'] });
    await caida.detener();
    expect(estadoHttp).toBe(503);
  });
});

describe('a preview', () => {
  it('tells what would run and what not, and why, and starts nothing', async () => {
    api.soporte.respuestas.prepararReejecucion = (codigo) =>
      codigo === 'B'
        ? Promise.resolve({ tipo: 'IMPEDIDA', fallo: 'SOLICITUD_EN_PROCESO', motivo: 'Espere su resultado.' })
        : Promise.resolve({ tipo: 'LISTA', entrada: null as never });

    const respuesta = await ordenar({ codigos: ['A', 'B', 'C'], simular: true });

    expect(respuesta.estadoHttp).toBe(200);
    expect(datosDe(respuesta)).toEqual({
      alcance: 'todas',
      total: 3,
      ejecutables: 2,
      omitidas: 1,
      solicitudes: [
        { codigoSolicitudTramite: 'A', ejecutable: true, tipoError: null, titulo: null, detalle: null },
        {
          codigoSolicitudTramite: 'B',
          ejecutable: false,
          tipoError: 'SOLICITUD_EN_PROCESO',
          titulo: 'La solicitud ya está en proceso',
          detalle: 'Espere su resultado.',
        },
        { codigoSolicitudTramite: 'C', ejecutable: true, tipoError: null, titulo: null, detalle: null },
      ],
    });
    expect(api.motorDeReejecuciones.iniciadas).toEqual([]);
    expect(api.soporte.llamadas.map(({ operacion }) => operacion)).toEqual(
      Array(3).fill('prepararReejecucion'),
    );
  });

  it('of many keeps their order', async () => {
    const respuesta = await ordenar({ codigos: codigos(23), simular: true });
    expect(datosDe(respuesta)).toMatchObject({
      total: 23,
      solicitudes: codigos(23).map((codigoSolicitudTramite) => ({ codigoSolicitudTramite })),
    });
  });
});

describe('the progress', () => {
  const REGISTRADA: AvanceDeReejecucion = {
    reejecucionId: ID,
    estado: 'EN_PROCESO',
    fechaInicio: '2026-11-22T11:00:00Z',
    fechaFin: null,
    solicitudes: [
      { codigoSolicitudTramite: 'A', estado: 'COMPLETADO', fallo: null },
      { codigoSolicitudTramite: 'B', estado: 'FALLIDO', fallo: 'PKI_SIN_CONEXION' },
      { codigoSolicitudTramite: 'C', estado: 'OMITIDO', fallo: 'SOLICITUD_NO_ENCONTRADA' },
      { codigoSolicitudTramite: 'D', estado: 'PENDIENTE', fallo: null },
    ],
  };
  const TERMINADA = { ...REGISTRADA, estado: 'TERMINADA', fechaFin: '2026-11-22T11:05:00Z' } as const;
  const abierta = { abierta: true, inicio: INICIO, fin: null, codigos: ['A', 'B'] };
  const cerrada = { ...abierta, abierta: false, fin: new Date('2026-11-22T11:03:00Z') };

  /** What the register holds at the first look and at the next ones. */
  function conRegistro(...vistas: (AvanceDeReejecucion | null)[]): void {
    api.soporte.respuestas.leerReejecucion = () =>
      Promise.resolve((vistas.length > 1 ? vistas.shift() : vistas[0]) ?? null);
  }

  it('is what the register holds of each codigo, counted by state', async () => {
    conRegistro(REGISTRADA);
    api.motorDeReejecuciones.runs.set(ID, abierta);

    const respuesta = await consultar();

    expect(respuesta.estadoHttp).toBe(200);
    expect(datosDe(respuesta)).toEqual({
      alcance: 'todas',
      reejecucionId: ID,
      estado: 'EN_PROCESO',
      fechaInicio: '2026-11-22T11:00:00Z',
      fechaFin: null,
      total: 4,
      porEstado: { PENDIENTE: 1, EN_PROCESO: 0, COMPLETADO: 1, FALLIDO: 1, OMITIDO: 1 },
      solicitudes: [
        { codigoSolicitudTramite: 'A', estado: 'COMPLETADO', tipoError: null, titulo: null },
        {
          codigoSolicitudTramite: 'B',
          estado: 'FALLIDO',
          tipoError: 'ADAPTADOR_NO_DISPONIBLE',
          titulo: 'No hay conexión con MsAdaptadorPKI',
        },
        {
          codigoSolicitudTramite: 'C',
          estado: 'OMITIDO',
          tipoError: 'SOLICITUD_NO_ENCONTRADA',
          titulo: 'No hay solicitud con ese código',
        },
        { codigoSolicitudTramite: 'D', estado: 'PENDIENTE', tipoError: null, titulo: null },
      ],
    });
  });

  it('of one that ended asks Temporal nothing', async () => {
    conRegistro(TERMINADA);
    api.motorDeReejecuciones.runs.set(ID, new Error('asked'));
    expect(datosDe(await consultar())).toMatchObject({
      estado: 'TERMINADA',
      fechaFin: '2026-11-22T11:05:00Z',
    });
  });

  it('of one that no worker has taken yet comes from its memo', async () => {
    api.motorDeReejecuciones.runs.set(ID, abierta);
    expect(datosDe(await consultar())).toMatchObject({
      estado: 'EN_PROCESO',
      fechaInicio: '2026-11-22T11:00:00Z',
      porEstado: { PENDIENTE: 2 },
      solicitudes: [{ codigoSolicitudTramite: 'A' }, { codigoSolicitudTramite: 'B' }],
    });
  });

  it('of one that an operator terminated is TERMINADA, its last lines never run', async () => {
    conRegistro(REGISTRADA);
    api.motorDeReejecuciones.runs.set(ID, cerrada);
    expect(datosDe(await consultar())).toMatchObject({
      estado: 'TERMINADA',
      fechaFin: '2026-11-22T11:03:00Z',
      porEstado: { PENDIENTE: 1 },
    });
  });

  it('of one that ended between two looks is as the register says then', async () => {
    conRegistro(REGISTRADA, TERMINADA);
    api.motorDeReejecuciones.runs.set(ID, cerrada);
    expect(datosDe(await consultar())).toMatchObject({
      estado: 'TERMINADA',
      fechaFin: '2026-11-22T11:05:00Z',
    });
  });

  it('of one that Temporal has forgotten, and whose end nobody recorded, is TERMINADA at no known moment', async () => {
    conRegistro(REGISTRADA);
    expect(datosDe(await consultar())).toMatchObject({ estado: 'TERMINADA', fechaFin: null });
  });

  it('of one that was terminated before any worker took it is TERMINADA', async () => {
    api.motorDeReejecuciones.runs.set(ID, cerrada);
    expect(datosDe(await consultar())).toMatchObject({ estado: 'TERMINADA', porEstado: { PENDIENTE: 2 } });
  });

  it('is the register’s while Temporal is down', async () => {
    conRegistro(REGISTRADA);
    api.motorDeReejecuciones.runs.set(ID, new ServicioNoDisponible('Temporal'));
    expect(datosDe(await consultar())).toMatchObject({ estado: 'EN_PROCESO' });
  });

  it('of an id that the register does not hold is 503 while Temporal is down: it may be there', async () => {
    api.motorDeReejecuciones.runs.set(ID, new ServicioNoDisponible('Temporal'));
    expect((await consultar()).estadoHttp).toBe(503);
  });

  it('of an id that nobody knows is 404, in words that say what was looked for', async () => {
    const respuesta = await consultar();
    expect([respuesta.estadoHttp, respuesta.sobre.error?.tipo]).toEqual([404, 'SOLICITUD_NO_ENCONTRADA']);
    expect(detallesDe(respuesta)).toEqual(['reejecucionId: no hay reejecución con ese identificador']);
  });

  it('is found by its id in either case', async () => {
    conRegistro(TERMINADA);
    expect((await consultar(ID.toUpperCase())).estadoHttp).toBe(200);
    expect(api.soporte.argumentosDe('leerReejecucion')).toEqual([[ID]]);
  });

  it.each(['x', `${ID}0`, ID.replaceAll('-', ''), `%7B${ID}%7D`, '%00'])(
    'of %p, no UUID, is 400',
    async (id) => {
      const respuesta = await consultar(id);
      expect(respuesta.estadoHttp).toBe(400);
      expect(detallesDe(respuesta)).toEqual(['reejecucionId: debe ser un UUID']);
      expect(api.soporte.llamadas).toEqual([]);
    },
  );
});
