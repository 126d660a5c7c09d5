/** What support finds: by filter, by document, and what is to be revoked. */
import fc from 'fast-check';
import { documentoNormalizado } from '../../../../shared/emision/misma-solicitud.ts';
import { PAGINA, SOLICITUDES_POR_CIUDADANO_MAX } from '../../../../shared/emision/plazos.ts';
import { ServicioNoDisponible } from '../../../../shared/nucleo/servicio-no-disponible.ts';
import { codigoSolicitudTramite } from '../../../../shared/emision/solicitud.ts';
import type { PorRevocar, ResumenEmision } from '../../../../shared/emision/soporte.ts';
import { ApiDePrueba, BASE, detallesDe, type Respuesta } from '../../../support/api/api-de-prueba.ts';
import { CLAVES_DE_PRUEBA } from '../../../support/emision/fake-claves.ts';
import { resumenDePrueba } from '../../../support/api/fake-soporte.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

let api: ApiDePrueba;
beforeAll(async () => {
  api = await ApiDePrueba.iniciar();
});
beforeEach(() => {
  api.olvidar();
});
afterAll(() => api.detener());

const listar = (consulta = '') => api.comoSoporte(`/solicitudes${consulta}`);

interface Lista {
  solicitudes: Record<string, unknown>[];
  porRevocar: Record<string, unknown>[];
  siguiente: string | null;
  fallidas: unknown;
}

function datosDe({ estadoHttp, sobre }: Respuesta): Lista {
  expect(estadoHttp).toBe(200);
  return sobre.data as unknown as Lista;
}

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

describe('a parameter at fault', () => {
  const cursor = (valor: unknown) => Buffer.from(JSON.stringify(valor)).toString('base64url');
  const NO_ES_MOMENTO = (nombre: string) => `${nombre}: no es una fecha y hora real (YYYY-MM-DDThh:mm:ssZ)`;
  const NO_ES_CURSOR = 'cursor: no es el cursor de una página de esta lista';

  it.each([
    ['an unknown estado', 'estado=HECHO', 'estado: debe ser uno de EN_PROCESO, COMPLETADO, FALLIDO'],
    [
      'an internal failure as tipoError',
      'tipoError=PKI_ERROR',
      expect.stringContaining('tipoError: debe ser uno de'),
    ],
    [
      'an error that no issuance ends with',
      'tipoError=VALIDACION',
      expect.stringContaining('tipoError: debe ser uno de'),
    ],
    [
      'an oficina of 51 characters',
      `oficina=${'x'.repeat(51)}`,
      'oficina: debe tener entre 1 y 50 caracteres',
    ],
    [
      'an oficina with a NUL',
      'oficina=a%00b',
      'oficina: contiene caracteres de control o de dirección de escritura',
    ],
    ['a date without its T', 'desde=2026-11-22%2010:00:00Z', NO_ES_MOMENTO('desde')],
    ['a time without zone', 'hasta=2026-11-22T10:00:00.0', NO_ES_MOMENTO('hasta')],
    ['a date that does not exist', 'desde=2026-02-30T00:00:00Z', NO_ES_MOMENTO('desde')],
    ['an offset whose plus is a blank', 'desde=2026-11-22T00:00:00+05:00', NO_ES_MOMENTO('desde')],
    [
      'a period that ends as it begins',
      'desde=2026-11-22T00:00:00Z&hasta=2026-11-22T00:00:00Z',
      'hasta: debe ser posterior a desde',
    ],
    [
      'a period backwards over zones',
      'desde=2026-11-22T00:00:00-05:00&hasta=2026-11-22T04:00:00Z',
      'hasta: debe ser posterior a desde',
    ],
    ['incierto in another word', 'incierto=1', 'incierto: debe ser uno de true, false'],
    ['an unknown name', 'pagina=2', 'pagina: no es un parámetro conocido'],
    ['a name of an object', '__proto__=1', '__proto__: no es un parámetro conocido'],
    ['an empty value', 'estado=', 'estado: está vacío'],
    ['no value', 'estado', 'estado: está vacío'],
    ['the same twice', 'estado=FALLIDO&estado=FALLIDO', 'estado: aparece más de una vez'],
    ['a malformed sequence', 'oficina=%zz', 'consulta: tiene una secuencia «%» que no es UTF-8 codificado'],
    [
      'a sequence that is no UTF-8',
      'oficina=%ff',
      'consulta: tiene una secuencia «%» que no es UTF-8 codificado',
    ],
    ['a cursor that is no Base64', 'cursor=%7B%7D', NO_ES_CURSOR],
    ['a cursor that is no JSON', `cursor=${Buffer.from('hola').toString('base64url')}`, NO_ES_CURSOR],
    ['a cursor of another list', `cursor=${cursor(['por-revocar', 1, 'SOL-1'])}`, NO_ES_CURSOR],
    ['a cursor of a moment that is none', `cursor=${cursor(['solicitudes', 1e300, 'SOL-1'])}`, NO_ES_CURSOR],
    ['a cursor of a fraction', `cursor=${cursor(['solicitudes', 1.5, 'SOL-1'])}`, NO_ES_CURSOR],
    ['a cursor with a NUL', `cursor=${cursor(['solicitudes', 1, 'a\u0000b'])}`, NO_ES_CURSOR],
    ['a cursor of something more', `cursor=${cursor(['solicitudes', 1, 'SOL-1', 2])}`, NO_ES_CURSOR],
    [
      'a cursor in other words',
      `cursor=${Buffer.from('["solicitudes", 1, "SOL-1"]').toString('base64url')}`,
      NO_ES_CURSOR,
    ],
    [
      'a cursor that is padded',
      `cursor=${Buffer.from('["solicitudes",1,"SOL-12"]').toString('base64')}%3D`,
      NO_ES_CURSOR,
    ],
  ])('%s is 400, and nothing is looked for', async (_caso, consulta, falta) => {
    const respuesta = await listar(`?${consulta}`);
    expect(respuesta.estadoHttp).toBe(400);
    expect(detallesDe(respuesta)).toEqual([falta]);
    expect(api.soporte.llamadas).toEqual([]);
  });

  it('is told with all others', async () => {
    const respuesta = await listar(
      '?estado=X&incierto=no&a%20b=1&oficina=&desde=2026-11-22T00:00:00Z&hasta=2025-01-01T00:00:00Z',
    );
    expect(detallesDe(respuesta).sort()).toEqual([
      '"a b": no es un parámetro conocido',
      'estado: debe ser uno de EN_PROCESO, COMPLETADO, FALLIDO',
      'hasta: debe ser posterior a desde',
      'incierto: debe ser uno de true, false',
      'oficina: está vacío',
    ]);
  });

  it('is never one by chance: whatever the query, the answer is 200 or 400', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (texto) => {
        const respuesta = await listar(`?${encodeURI(texto.toWellFormed())}`);
        expect([200, 400]).toContain(respuesta.estadoHttp);
      }),
      { numRuns: 60 },
    );
  });

  it('may be nothing at all', async () => {
    expect((await listar('?')).estadoHttp).toBe(200);
    expect((await listar('?&&')).estadoHttp).toBe(200);
  });
});

describe('the search by document', () => {
  const buscar = (cuerpo: unknown) => api.comoSoporte('/solicitudes/busqueda', cuerpo);
  const DOCUMENTO = { tipoDocumento: 'DNI', numeroDocumento: '45678912' };

  it('looks for the keyed hash that an issuance of that citizen is locked by', async () => {
    api.soporte.respuestas.buscarPorCiudadano = () => Promise.resolve([resumenDePrueba()]);

    const datos = datosDe(await buscar({ tipoDocumento: 'dni', numeroDocumento: '45678912' }));

    expect(datos).toMatchObject({ solicitudes: [{ codigoSolicitudTramite: 'SOL-1' }], hayMas: false });
    const huella = CLAVES_DE_PRUEBA.huella('ciudadano', documentoNormalizado(solicitudDePrueba()));
    expect(api.soporte.argumentosDe('buscarPorCiudadano')).toEqual([
      [huella, SOLICITUDES_POR_CIUDADANO_MAX + 1],
    ]);
  });

  it('keeps the document out of the answer and of the log', async () => {
    api.soporte.respuestas.buscarPorCiudadano = () => Promise.resolve([resumenDePrueba()]);
    const { texto } = await buscar(DOCUMENTO);
    await buscar({ ...DOCUMENTO, tipoDocumento: 'DEMASIADO' });
    api.soporte.respuestas.buscarPorCiudadano = () => Promise.reject(new Error('broken'));
    const interno = await buscar(DOCUMENTO);

    expect(interno.estadoHttp).toBe(500);
    for (const donde of [texto, interno.texto, JSON.stringify(api.bitacora)])
      expect(donde).not.toContain(DOCUMENTO.numeroDocumento);
  });

  it('says where a citizen has more than it shows', async () => {
    api.soporte.respuestas.buscarPorCiudadano = (_huella, limite) =>
      Promise.resolve(Array(limite).fill(resumenDePrueba()) as ResumenEmision[]);
    const { solicitudes, ...resto } = datosDe(await buscar(DOCUMENTO));
    expect(solicitudes).toHaveLength(SOLICITUDES_POR_CIUDADANO_MAX);
    expect(resto).toMatchObject({ hayMas: true });
  });

  it('has the limits that the request of an issuance has', async () => {
    const respuesta = await buscar({ tipoDocumento: 'X', numeroDocumento: null, nombre: 'María' });
    expect(respuesta.estadoHttp).toBe(400);
    expect(detallesDe(respuesta).sort()).toEqual([
      'nombre: no es un campo conocido',
      'numeroDocumento: no puede ser null',
      'tipoDocumento: debe tener entre 2 y 3 caracteres',
    ]);
  });

  it('leaves the codigo of the same name to its own route', async () => {
    await api.emitir(solicitudDePrueba('busqueda'));

    const consultada = await api.comoSoporte('/solicitudes/busqueda');

    expect(consultada.estadoHttp).toBe(200);
    expect(consultada.sobre.data?.transaccion?.codigoSolicitudTramite).toBe('busqueda');
    const otro = await api.pedir({ metodo: 'DELETE', ruta: `${BASE}/solicitudes/busqueda` });
    expect([otro.estadoHttp, otro.cabeceras.allow]).toEqual([405, 'GET, HEAD, POST, OPTIONS']);
    const deUnCodigo = await api.pedir({ metodo: 'POST', ruta: `${BASE}/solicitudes/otro` });
    expect([deUnCodigo.estadoHttp, deUnCodigo.cabeceras.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });
});

describe('the to-revoke list', () => {
  const DESCARTADA: PorRevocar = {
    codigoSolicitudTramite: 'SOL-1',
    generacion: 1,
    causa: 'NUEVA_EMISION',
    clave: '6f9b6d5e-3c1a-5b7a-9d55-2a7c1e0b4f10',
    solicitudPkiId: 'PKI-1',
    numerosSerie: ['0A', '0B'],
    registradaEn: '2026-11-22T10:00:00.987Z',
  };
  const comoCsv = { cabeceras: { Accept: 'text/csv' } };

  function conDescartadas(todas: PorRevocar[]): void {
    api.soporte.respuestas.listarPorRevocar = (despuesDe, limite) => {
      const inicio = todas.findIndex(
        ({ registradaEn, codigoSolicitudTramite }) =>
          registradaEn === despuesDe?.aceptadaEn.toISOString() && codigoSolicitudTramite === despuesDe.codigo,
      );
      return Promise.resolve(todas.slice(inicio + 1, inicio + 1 + limite));
    };
  }

  const muchas = Array.from({ length: PAGINA + 2 }, (_, i) => ({
    ...DESCARTADA,
    codigoSolicitudTramite: `SOL-${i}`,
  }));

  it('tells what the PKI is to be asked about', async () => {
    conDescartadas([DESCARTADA]);
    expect(datosDe(await api.comoSoporte('/por-revocar'))).toEqual({
      porRevocar: [
        {
          codigoSolicitudTramite: 'SOL-1',
          generacion: 1,
          causa: 'NUEVA_EMISION',
          claveIdempotencia: '6f9b6d5e-3c1a-5b7a-9d55-2a7c1e0b4f10',
          solicitudPkiId: 'PKI-1',
          numerosSerie: ['0A', '0B'],
          fechaRegistro: '2026-11-22T10:00:00Z',
        },
      ],
      siguiente: null,
    });
  });

  it('goes on page by page', async () => {
    conDescartadas(muchas);
    const primera = datosDe(await api.comoSoporte('/por-revocar'));
    const segunda = datosDe(await api.comoSoporte(`/por-revocar?cursor=${primera.siguiente ?? ''}`));
    expect([primera.porRevocar.length, segunda.porRevocar.length, segunda.siguiente]).toEqual([
      PAGINA,
      2,
      null,
    ]);
  });

  it('as CSV is the whole list in one file', async () => {
    conDescartadas(muchas);
    const token = await api.emisor.token({ scope: 'certificados:reejecutar' });

    const { estadoHttp, cabeceras, texto } = await api.pedirTexto({
      ruta: `${BASE}/por-revocar`,
      cabeceras: { Authorization: `Bearer ${token}`, ...comoCsv.cabeceras },
    });

    expect(estadoHttp).toBe(200);
    expect(cabeceras).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="por-revocar.csv"',
      'cache-control': 'no-store',
    });
    const filas = texto.split('\r\n');
    expect(filas[0]).toBe(
      '"codigoSolicitudTramite","generacion","causa","claveIdempotencia","solicitudPkiId","numerosSerie","fechaRegistro"',
    );
    expect(filas[1]).toBe(
      '"SOL-0","1","NUEVA_EMISION","6f9b6d5e-3c1a-5b7a-9d55-2a7c1e0b4f10","PKI-1","0A 0B","2026-11-22T10:00:00Z"',
    );
    expect(filas).toHaveLength(1 + muchas.length + 1);
  });

  it.each([
    ['=cmd|calc', `"'=cmd|calc"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    [' =1', `"' =1"`],
    ['＝1', `"'＝1"`],
    ['a"b,c', '"a""b,c"'],
    ['SOL-1', '"SOL-1"'],
  ])('as CSV holds the codigo %p as a text that no spreadsheet runs', async (codigo, celda) => {
    conDescartadas([{ ...DESCARTADA, codigoSolicitudTramite: codigo, solicitudPkiId: null }]);
    const token = await api.emisor.token({ scope: 'certificados:reejecutar' });
    const { texto } = await api.pedirTexto({
      ruta: `${BASE}/por-revocar`,
      cabeceras: { Authorization: `Bearer ${token}`, ...comoCsv.cabeceras },
    });
    expect(texto.split('\r\n')[1]?.slice(0, celda.length + 1)).toBe(`${celda},`);
  });

  it('is JSON for who takes either, or neither', async () => {
    for (const Accept of ['*/*', 'application/json, text/csv;q=0.5', 'image/png'])
      expect((await api.comoSoporte('/por-revocar', undefined, { cabeceras: { Accept } })).estadoHttp).toBe(
        200,
      );
  });

  it('tells a fault in the envelope to who wants CSV', async () => {
    const respuesta = await api.comoSoporte('/por-revocar?cursor=x&otro=1', undefined, comoCsv);
    expect(respuesta.estadoHttp).toBe(400);
    expect(detallesDe(respuesta)).toEqual([
      'otro: no es un parámetro conocido',
      'cursor: no es el cursor de una página de esta lista',
    ]);
  });

  it('needs the scope that acts', async () => {
    const respuesta = await api.comoSoporte('/por-revocar', undefined, {
      permisos: 'certificados:consultar',
    });
    expect(respuesta.cabeceras['www-authenticate']).toContain('scope="certificados:reejecutar"');
  });
});
