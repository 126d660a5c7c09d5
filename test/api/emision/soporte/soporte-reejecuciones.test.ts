/** Bulk re-runs over HTTP: the order, and its preview. */
import { REEJECUCIONES_MAX } from '../../../../shared/emision/plazos.ts';
import { ServicioNoDisponible } from '../../../../shared/nucleo/servicio-no-disponible.ts';
import { ApiDePrueba, BASE, detallesDe, type Respuesta } from '../../../support/api/api-de-prueba.ts';

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
