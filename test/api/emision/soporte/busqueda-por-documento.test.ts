/** The search of a citizen’s issuances, whose document stands nowhere but in the request. */
import { documentoNormalizado } from '../../../../shared/emision/misma-solicitud.ts';
import { SOLICITUDES_POR_CIUDADANO_MAX } from '../../../../shared/emision/plazos.ts';
import type { ResumenEmision } from '../../../../shared/emision/soporte.ts';
import { ApiDePrueba, BASE, detallesDe } from '../../../support/api/api-de-prueba.ts';
import { CLAVES_DE_PRUEBA } from '../../../support/emision/claves-de-prueba.ts';
import { resumenDePrueba } from '../../../support/api/fake-soporte.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';
import { datosDe } from './lista-respondida.ts';

let api: ApiDePrueba;
beforeAll(async () => {
  api = await ApiDePrueba.iniciar();
});
beforeEach(() => {
  api.olvidar();
});
afterAll(() => api.detener());

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
