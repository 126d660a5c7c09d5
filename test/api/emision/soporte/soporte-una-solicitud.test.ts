/** What support does to one issuance: runs it again, or settles its uncertain outcome. */
import { ServicioNoDisponible } from '../../../../shared/nucleo/servicio-no-disponible.ts';
import { TurnoNegado } from '../../../../shared/registro/emision/registro.ts';
import { ApiDePrueba, BASE, detallesDe } from '../../../support/api/api-de-prueba.ts';
import { enProceso, fallida } from '../../../support/api/fake-servicio-emision.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

const CON_NUEVA_EMISION = 'certificados:reejecutar certificados:nueva-emision';
const INCIERTA = { tipo: 'TIEMPO_PKI_AGOTADO', detalles: [], paso: 2, resultadoIncierto: true } as const;

let api: ApiDePrueba;
beforeAll(async () => {
  api = await ApiDePrueba.iniciar();
});
beforeEach(() => {
  api.olvidar();
});
afterAll(() => api.detener());

async function emitida(codigo: string) {
  await api.emitir(solicitudDePrueba(codigo));
  const vista = api.servicio.vistas.get(codigo);
  if (vista === undefined) throw new Error('not issued');
  return vista;
}

const rutaDe = (codigo: string, acto: 'reejecuciones' | 'resolucion') =>
  `/solicitudes/${encodeURIComponent(codigo)}/${acto}`;
const reejecutar = (codigo: string, cuerpo: unknown = { motivo: 'La PKI ya responde' }, opciones = {}) =>
  api.comoSoporte(rutaDe(codigo, 'reejecuciones'), cuerpo, opciones);
const resolver = (codigo: string, cuerpo: unknown = { motivo: 'No emitió', decision: 'NO_EMITIDO' }) =>
  api.comoSoporte(rutaDe(codigo, 'resolucion'), cuerpo);

describe('a re-run', () => {
  it('is asked for in the name of who asks, and answers as the issuance does: 201', async () => {
    await emitida('A/1');

    const { estadoHttp, sobre, cabeceras } = await reejecutar('A/1');

    expect(estadoHttp).toBe(201);
    expect(sobre.data).toMatchObject({
      transaccion: { codigoSolicitudTramite: 'A/1', estado: 'COMPLETADO' },
    });
    expect(api.servicio.reejecutadas).toEqual([
      {
        codigo: 'A/1',
        orden: {
          motivo: 'La PKI ya responde',
          nuevaEmision: false,
          solicitante: {
            usuarioEjecutor: 'ana',
            ipCliente: '127.0.0.1',
            correlationId: cabeceras['x-correlation-id'],
          },
        },
      },
    ]);
  });

  it('of an unknown codigo is 404', async () => {
    const respuesta = await reejecutar('NADIE');
    expect([respuesta.estadoHttp, respuesta.sobre.error?.tipo]).toEqual([404, 'SOLICITUD_NO_ENCONTRADA']);
  });

  it('of what may not run is 409, with how the issuance stands', async () => {
    await emitida('HECHA');
    api.servicio.responder = (vista) => ({
      tipo: 'FALLO',
      fallo: 'SOLICITUD_NO_REEJECUTABLE',
      detalles: ['está COMPLETADO'],
      vista,
    });

    const respuesta = await reejecutar('HECHA');

    expect([respuesta.estadoHttp, respuesta.sobre.data?.transaccion?.estado]).toEqual([409, 'COMPLETADO']);
    expect(detallesDe(respuesta)).toEqual(['está COMPLETADO']);
  });

  it('waits as the client prefers: 202 with where to look', async () => {
    await emitida('LENTA');
    api.servicio.responder = (vista) => ({ tipo: 'ACEPTADA', vista: enProceso(vista), reintentarEnS: 5 });

    const { estadoHttp, cabeceras } = await reejecutar('LENTA', undefined, {
      cabeceras: { Prefer: 'respond-async' },
    });

    expect(estadoHttp).toBe(202);
    expect(cabeceras).toMatchObject({
      location: `${BASE}/solicitudes/LENTA`,
      'retry-after': '5',
      'preference-applied': 'respond-async',
    });
    expect(api.servicio.esperas.at(-1)).toMatchObject({ asincrona: true, maximoMs: 0 });
  });

  it('as a new issuance asks for a scope of its own', async () => {
    await emitida('NUEVA');
    const cuerpo = { motivo: 'La PKI se equivocó', nuevaEmision: true };

    const sinPermiso = await reejecutar('NUEVA', cuerpo);
    expect([sinPermiso.estadoHttp, sinPermiso.sobre.error?.tipo]).toEqual([403, 'SIN_PERMISOS']);
    expect(sinPermiso.cabeceras['www-authenticate']).toContain('scope="certificados:nueva-emision"');
    expect(api.servicio.reejecutadas).toEqual([]);

    expect((await reejecutar('NUEVA', cuerpo, { permisos: CON_NUEVA_EMISION })).estadoHttp).toBe(201);
    expect(api.servicio.reejecutadas).toMatchObject([{ orden: { nuevaEmision: true } }]);
  });

  it('that says nuevaEmision false needs no other scope', async () => {
    await emitida('VIEJA');
    expect((await reejecutar('VIEJA', { motivo: 'otra vez', nuevaEmision: false })).estadoHttp).toBe(201);
  });

  it('needs its own scope: one that reads is not enough', async () => {
    const respuesta = await reejecutar('X', undefined, { permisos: 'certificados:consultar' });
    expect(respuesta.estadoHttp).toBe(403);
    expect(respuesta.cabeceras['www-authenticate']).toContain('scope="certificados:reejecutar"');
  });
});

describe('a motivo', () => {
  it.each([
    ['of 5,000 characters', 'x'.repeat(5000), ['motivo: debe tener entre 1 y 500 caracteres']],
    [
      'of control characters',
      'a\u0000b\u001b',
      ['motivo: contiene caracteres de control o de dirección de escritura'],
    ],
    ['with a line break', 'a\nb', ['motivo: contiene caracteres de control o de dirección de escritura']],
    [
      'that turns the text around',
      'a\u202eb',
      ['motivo: contiene caracteres de control o de dirección de escritura'],
    ],
    ['that nobody can see', ' \u200b', ['motivo: no puede estar en blanco']],
    ['that is empty', '', ['motivo: debe tener entre 1 y 500 caracteres']],
    ['that is null', null, ['motivo: no puede ser null']],
    ['that is none', undefined, ['motivo: es obligatorio']],
    ['that is a number', 7, ['motivo: debe ser un texto']],
  ])('%s is refused, and nothing runs', async (_caso, motivo, faltas) => {
    await emitida('M');
    for (const respuesta of [
      await reejecutar('M', { motivo }),
      await resolver('M', { motivo, decision: 'NO_EMITIDO' }),
      await api.comoSoporte('/reejecuciones', { codigos: ['M'], motivo }),
    ]) {
      expect(respuesta.estadoHttp).toBe(400);
      expect(detallesDe(respuesta)).toEqual(faltas);
    }
    expect(api.servicio.reejecutadas).toEqual([]);
    expect(api.soporte.argumentosDe('resolver')).toEqual([]);
    expect(api.motorDeReejecuciones.iniciadas).toEqual([]);
  });

  it.each([
    ['of 500 characters', 'x'.repeat(500)],
    ['of 500 characters beyond the basic plane', '😀'.repeat(500)],
    ['of HTML', '<img src=x onerror=alert(1)>'],
    ['of SQL', "'; drop table x; --"],
    ['of a formula', '=1+1'],
  ])('%s is a text like any other', async (_caso, motivo) => {
    await emitida('M');

    expect((await reejecutar('M', { motivo })).estadoHttp).toBe(201);

    expect(api.servicio.reejecutadas[0]?.orden.motivo).toBe(motivo);
  });
});

describe('a body and a path at fault', () => {
  it('are told together, every fault by its path', async () => {
    const respuesta = await reejecutar('x'.repeat(31), { nuevaEmision: 'sí', otro: 1, 'con espacio': 2 });

    expect(respuesta.estadoHttp).toBe(400);
    expect(detallesDe(respuesta).sort()).toEqual([
      '"con espacio": no es un campo conocido',
      'codigoSolicitudTramite: debe tener entre 1 y 30 caracteres',
      'motivo: es obligatorio',
      'nuevaEmision: debe ser true o false',
      'otro: no es un campo conocido',
    ]);
  });

  it.each([
    ['no JSON', '{', ['cuerpo: no es JSON válido (línea 1, columna 2)']],
    ['a list', '[]', ['cuerpo: debe ser un objeto JSON']],
    ['null', 'null', ['cuerpo: no puede ser null']],
    ['a member twice', '{"motivo":"a","motivo":"b"}', ['motivo: aparece más de una vez']],
  ])('%s is 400', async (_caso, cuerpo, faltas) => {
    const respuesta = await reejecutar('X', cuerpo);
    expect(respuesta.estadoHttp).toBe(400);
    expect(detallesDe(respuesta)).toEqual(faltas);
  });

  it('are no reason to tell who asks without the scope what the body lacks', async () => {
    const respuesta = await reejecutar('X', {}, { permisos: 'certificados:consultar' });
    expect(respuesta.estadoHttp).toBe(403);
  });
});

describe('a resolution', () => {
  it('is recorded, and answers how the issuance stands', async () => {
    api.servicio.vistas.set('I', fallida(await emitida('I'), { ...INCIERTA, resultadoIncierto: false }));

    const { estadoHttp, sobre, cabeceras } = await resolver('I');

    expect(estadoHttp).toBe(200);
    expect(sobre).toMatchObject({
      success: true,
      data: { transaccion: { codigoSolicitudTramite: 'I', estado: 'FALLIDO' } },
      error: { tipo: 'TIEMPO_PKI_AGOTADO' },
    });
    expect(api.soporte.argumentosDe('resolver')).toEqual([
      [
        'I',
        {
          decision: 'NO_EMITIDO',
          motivo: 'No emitió',
          solicitante: {
            usuarioEjecutor: 'ana',
            ipCliente: '127.0.0.1',
            correlationId: cabeceras['x-correlation-id'],
          },
        },
      ],
    ]);
  });

  it('of an unknown codigo is 404', async () => {
    api.soporte.respuestas.resolver = () => Promise.resolve(false);
    const respuesta = await resolver('NADIE');
    expect([respuesta.estadoHttp, respuesta.sobre.error?.tipo]).toEqual([404, 'SOLICITUD_NO_ENCONTRADA']);
  });

  it.each(['SOLICITUD_EN_PROCESO', 'SOLICITUD_NO_REEJECUTABLE'] as const)(
    'that the register refuses as %s is 409, with how the issuance stands',
    async (fallo) => {
      await emitida('R');
      api.soporte.respuestas.resolver = () =>
        Promise.reject(new TurnoNegado(fallo, 'No hay nada que resolver.'));

      const respuesta = await resolver('R');

      expect([respuesta.estadoHttp, respuesta.sobre.error?.tipo]).toEqual([409, fallo]);
      expect(detallesDe(respuesta)).toEqual(['No hay nada que resolver.']);
      expect(respuesta.sobre.data?.transaccion?.codigoSolicitudTramite).toBe('R');
    },
  );

  it('by another word than the two is 400', async () => {
    const respuesta = await resolver('R', { motivo: 'x', decision: 'EMITIDO' });
    expect(detallesDe(respuesta)).toEqual(['decision: debe ser uno de NO_EMITIDO, EMITIDO_DESCARTADO']);
  });

  it('while the register is down is 503', async () => {
    api.soporte.respuestas.resolver = () => Promise.reject(new ServicioNoDisponible('the register'));
    const respuesta = await resolver('R');
    expect([respuesta.estadoHttp, respuesta.cabeceras['retry-after']]).toEqual([503, '5']);
  });
});
