/** The progress of a bulk re-run over HTTP. */
import { ServicioNoDisponible } from '../../../../shared/nucleo/servicio-no-disponible.ts';
import type { AvanceDeReejecucion } from '../../../../shared/emision/soporte.ts';
import { ApiDePrueba, detallesDe, type Respuesta } from '../../../support/api/api-de-prueba.ts';

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

const consultar = (id = ID) => api.comoSoporte(`/reejecuciones/${id}`);

function datosDe({ sobre }: Respuesta): Record<string, unknown> {
  return sobre.data as unknown as Record<string, unknown>;
}

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
