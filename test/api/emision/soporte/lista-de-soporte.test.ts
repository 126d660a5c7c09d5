/** The list of issuances over HTTP: what it tells, by which parameters, page by page. */
import fc from 'fast-check';
import { PAGINA } from '../../../../shared/emision/plazos.ts';
import { ServicioNoDisponible } from '../../../../shared/nucleo/servicio-no-disponible.ts';
import { codigoSolicitudTramite } from '../../../../shared/emision/solicitud.ts';
import type { ResumenEmision } from '../../../../shared/emision/soporte.ts';
import { ApiDePrueba } from '../../../support/api/api-de-prueba.ts';
import { resumenDePrueba } from '../../../support/api/fake-soporte.ts';
import { datosDe } from './lista-respondida.ts';

let api: ApiDePrueba;
beforeAll(async () => {
  api = await ApiDePrueba.iniciar();
});
beforeEach(() => {
  api.olvidar();
});
afterAll(() => api.detener());

const listar = (consulta = '') => api.comoSoporte(`/solicitudes${consulta}`);

/** As many lines as asked for, from the newest to the oldest, two of each millisecond. */
function lineas(cuantas: number): ResumenEmision[] {
  return Array.from({ length: cuantas }, (_, i) =>
    resumenDePrueba({
      codigoSolicitudTramite: `SOL/${String(cuantas - i).padStart(3, '0')} ñ`,
      aceptadaEn: new Date(Date.UTC(2026, 10, 22) - Math.floor(i / 2)).toISOString(),
    }),
  );
}

/** Pages as the register does: behind a position, at most so many. */
function conLineas(todas: ResumenEmision[]): void {
  api.soporte.respuestas.listar = (_filtro, despuesDe, limite) => {
    const inicio = despuesDe
      ? 1 +
        todas.findIndex(
          ({ aceptadaEn, codigoSolicitudTramite }) =>
            aceptadaEn === despuesDe.aceptadaEn.toISOString() && codigoSolicitudTramite === despuesDe.codigo,
        )
      : 0;
    return Promise.resolve(todas.slice(inicio, inicio + limite));
  };
}

describe('the list', () => {
  it('tells of each issuance how it stands, and nothing of its citizen', async () => {
    api.soporte.respuestas.listar = () => Promise.resolve([resumenDePrueba({ resolucion: 'NO_EMITIDO' })]);

    expect(datosDe(await listar()).solicitudes).toEqual([
      {
        codigoSolicitudTramite: 'SOL-1',
        transaccionId: 'd2c5c0f0-6f7e-5d7f-9f0a-0f4f3a6a1b22',
        generacion: 1,
        estado: 'FALLIDO',
        fechaAceptacion: '2026-11-22T10:00:00Z',
        fechaInicio: '2026-11-22T10:00:00Z',
        fechaFin: '2026-11-22T10:15:00Z',
        oficina: 'LIMA-CENTRO',
        tipoError: 'PKI_NO_DISPONIBLE',
        titulo: 'La PKI no está disponible por el momento',
        paso: 1,
        resultadoIncierto: false,
        resolucion: 'NO_EMITIDO',
      },
    ]);
  });

  it('has null for what a running one has not', async () => {
    api.soporte.respuestas.listar = () =>
      Promise.resolve([resumenDePrueba({ estado: 'EN_PROCESO', fechaFin: null, fallo: null })]);

    expect(datosDe(await listar()).solicitudes).toMatchObject([
      { estado: 'EN_PROCESO', fechaFin: null, tipoError: null, titulo: null, paso: null },
    ]);
  });

  it('without parameters asks for all', async () => {
    await listar();
    expect(api.soporte.argumentosDe('listar')).toEqual([[{}, null, PAGINA + 1]]);
    expect(api.soporte.argumentosDe('contarFallidas')).toEqual([[{}]]);
  });

  it('asks for what all parameters say together, and counts the same', async () => {
    const consulta = new URLSearchParams({
      estado: 'FALLIDO',
      tipoError: 'ADAPTADOR_NO_DISPONIBLE',
      oficina: 'Cañete & Cía',
      desde: '2026-11-01T00:00:00-05:00',
      hasta: '2026-11-22T10:00:00.5Z',
      incierto: 'true',
    });

    await listar(`?${consulta.toString()}`);

    const filtro = {
      estado: 'FALLIDO',
      fallos: [
        'PKI_ERROR',
        'PKI_SIN_CONEXION',
        'PKI_SIN_SOBRE',
        'PKI_MAL_DIRIGIDA',
        'PKI_RECHAZO',
        'PKI_RESPUESTA_INVALIDA',
        'RESULTADO_INCIERTO',
      ],
      oficina: 'Cañete & Cía',
      desde: new Date('2026-11-01T05:00:00Z'),
      hasta: new Date('2026-11-22T10:00:00.5Z'),
      incierto: true,
    };
    expect(api.soporte.argumentosDe('listar')).toEqual([[filtro, null, PAGINA + 1]]);
    expect(api.soporte.argumentosDe('contarFallidas')).toEqual([[filtro]]);
  });

  it.each([
    ['CIUDADANO_NO_ENCONTRADO', ['CIUDADANO_NO_ENCONTRADO']],
    ['CERTIFICADO_NO_CONFORME', ['CERTIFICADO_NO_CONFORME']],
    ['PKI_NO_DISPONIBLE', ['PKI_NO_DISPONIBLE', 'CIRCUITO_ABIERTO']],
    [
      'ERROR_INTERNO',
      [
        'ERROR_INTERNO',
        'EMISION_CANCELADA',
        'EMISION_INTERRUMPIDA',
        'EJECUCION_AJENA',
        'RESULTADO_AJENO',
        'TURNO_PERDIDO',
      ],
    ],
  ])('finds by the error %s every failure that is told so', async (tipoError, fallos) => {
    await listar(`?tipoError=${tipoError}`);
    expect(api.soporte.argumentosDe('listar')[0]?.[0]).toEqual({ fallos });
  });

  it('takes moments that no database holds for the first and the last', async () => {
    await listar(`?desde=0001-01-01T00:00:00%2B23:59&hasta=9999-12-31T23:59:59-23:59`);
    expect(api.soporte.argumentosDe('listar')[0]?.[0]).toEqual({
      desde: new Date(0),
      hasta: new Date('9999-12-31T23:59:59Z'),
    });
  });

  it('counts the failed ones by what they are told as, the most frequent first', async () => {
    api.soporte.respuestas.contarFallidas = () =>
      Promise.resolve({
        total: 9,
        inciertas: 2,
        porFallo: { CIUDADANO_NO_ENCONTRADO: 2, PKI_ERROR: 3, PKI_SIN_CONEXION: 4 },
      });

    expect(datosDe(await listar()).fallidas).toEqual({
      total: 9,
      inciertas: 2,
      porTipoError: [
        { tipoError: 'ADAPTADOR_NO_DISPONIBLE', total: 7 },
        { tipoError: 'CIUDADANO_NO_ENCONTRADO', total: 2 },
      ],
    });
  });

  it('goes on page by page to its end, each line once, and counts on the first only', async () => {
    const todas = lineas(2 * PAGINA + 1);
    conLineas(todas);

    const vistas: unknown[] = [];
    const recuentos: boolean[] = [];
    let consulta = '?estado=FALLIDO';
    for (;;) {
      const { solicitudes, siguiente, fallidas } = datosDe(await listar(consulta));
      vistas.push(...solicitudes.map((linea) => linea.codigoSolicitudTramite));
      recuentos.push(fallidas !== null);
      if (siguiente === null) break;
      consulta = `?estado=FALLIDO&cursor=${siguiente}`;
    }

    expect(vistas).toEqual(todas.map((linea) => linea.codigoSolicitudTramite));
    expect(recuentos).toEqual([true, false, false]);
    expect(api.soporte.argumentosDe('contarFallidas')).toHaveLength(1);
  });

  it.each([0, 1, PAGINA])('of %i lines has no next page', async (cuantas) => {
    conLineas(lineas(cuantas));
    expect(datosDe(await listar())).toMatchObject({ siguiente: null });
  });

  it('passes any codigo through its cursor', async () => {
    const codigos = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 30 })
      .filter((codigo) => codigoSolicitudTramite.safeParse(codigo).success);
    await fc.assert(
      fc.asyncProperty(
        codigos,
        fc.date({ min: new Date(0), noInvalidDate: true, max: new Date('9999-12-31') }),
        async (codigo, fecha) => {
          api.olvidar();
          const ultima = resumenDePrueba({ codigoSolicitudTramite: codigo, aceptadaEn: fecha.toISOString() });
          api.soporte.respuestas.listar = () =>
            Promise.resolve(Array(PAGINA + 1).fill(ultima) as ResumenEmision[]);
          const { siguiente } = datosDe(await listar());
          expect(siguiente).toMatch(/^[\w-]+$/);
          await listar(`?cursor=${siguiente ?? ''}`);
          expect(api.soporte.argumentosDe('listar')[1]?.[1]).toEqual({ aceptadaEn: fecha, codigo });
        },
      ),
      { numRuns: 20 },
    );
  });

  it('needs the scope that reads', async () => {
    const respuesta = await api.comoSoporte('/solicitudes', undefined, {
      permisos: 'certificados:reejecutar',
    });
    expect(respuesta.estadoHttp).toBe(403);
    expect(respuesta.cabeceras['www-authenticate']).toContain('scope="certificados:consultar"');
  });

  it('while the register is down is 503', async () => {
    api.soporte.respuestas.contarFallidas = () => Promise.reject(new ServicioNoDisponible('the register'));
    expect((await listar()).estadoHttp).toBe(503);
  });
});
