/** The POST of an issuance over HTTP: how it ends, what the service is asked, and what is logged. */
import { randomUUID } from 'node:crypto';
import { FALLOS, type TipoFallo } from '../../../../shared/emision/fallos.ts';
import { EXITOS } from '../../../../shared/nucleo/fallos.ts';
import { ServicioNoDisponible, ServicioSaturado } from '../../../../shared/nucleo/servicio-no-disponible.ts';
import { ApiDePrueba, BASE, detallesDe } from '../../../support/api/api-de-prueba.ts';
import { CLAVES_DE_PRUEBA } from '../../../support/emision/claves-de-prueba.ts';
import { enProceso, fallida } from '../../../support/api/fake-servicio-emision.ts';
import { conMiembro, solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

let api: ApiDePrueba;
beforeEach(async () => {
  api = await ApiDePrueba.iniciar();
});
afterEach(() => api.detener());

describe('a POST that ends well', () => {
  it('answers 201 with the certificates in the envelope of the seed', async () => {
    const { estadoHttp, sobre } = await api.emitir(solicitudDePrueba());
    expect(estadoHttp).toBe(EXITOS.INICIADO);
    expect(sobre).toEqual({
      success: true,
      statusCode: 201,
      message: 'Certificados emitidos exitosamente',
      data: {
        transaccion: {
          transaccionId: 'TX-1',
          codigoSolicitudTramite: 'SOL-1',
          estado: 'COMPLETADO',
          fechaInicio: '2026-11-22T10:00:00Z',
          fechaFin: '2026-11-22T10:00:01Z',
          tiempoProcesamientoMs: 1000,
          pendiente: null,
          admiteReenvio: false,
          resultadoIncierto: false,
        },
        ciudadano: { numeroDocumento: '45678912', nombreCompleto: 'María Elena' },
        certificados: [
          expect.objectContaining({ tipoCertificado: 'FIRMA_DIGITAL', longitudClave: 2048 }),
          expect.objectContaining({ tipoCertificado: 'AUTENTICACION' }),
          expect.objectContaining({ tipoCertificado: 'CIFRADO' }),
        ],
        pasosProceso: {
          paso1GeneracionClaves: expect.objectContaining({
            estado: 'COMPLETADO',
            solicitudPkiId: 'PKI-1',
          }) as unknown,
          paso2EmisionCertificado: expect.objectContaining({ estado: 'COMPLETADO', intentos: 1 }) as unknown,
        },
        auditoria: {
          correlationId: expect.any(String) as unknown,
          registroAuditoriaId: '1',
          usuarioEjecutor: 'siirc',
          oficinaEjecucion: 'LIMA-CENTRO',
          ipCliente: '10.20.30.40',
        },
      },
      metadata: {
        timestamp: '2026-11-22T15:00:00Z',
        correlationId: expect.any(String) as unknown,
        version: '1.0.0',
        tiempoRespuesta: expect.stringMatching(/^\d+ ms$/) as unknown,
      },
    });
  });

  it('answers 200 where the codigo had been issued before', async () => {
    api.servicio.responder = (vista) => ({ tipo: 'YA_EMITIDO', vista });
    const { estadoHttp, sobre } = await api.emitir(solicitudDePrueba());
    expect(estadoHttp).toBe(EXITOS.CONSULTADO);
    expect(sobre.success).toBe(true);
  });

  it('gives back the correlation id and forbids caches to keep the answer', async () => {
    const id = 'ABCDEF00-1234-4ABC-8DEF-0123456789ab';
    const { cabeceras, sobre } = await api.emitir(solicitudDePrueba(), { 'X-Correlation-ID': id });
    expect(cabeceras['x-correlation-id']).toBe(id);
    expect(sobre.metadata.correlationId).toBe(id);
    expect(cabeceras['cache-control']).toBe('no-store');
    expect(cabeceras['content-type']).toBe('application/json; charset=utf-8');
  });
});

describe('what the service is asked', () => {
  it('is the request as it came, and who sent it from where', async () => {
    const [correlationId, requestId] = [randomUUID(), randomUUID()];
    await api.emitir(solicitudDePrueba(), {
      'X-Correlation-ID': correlationId,
      'X-Request-ID': requestId.toUpperCase(),
    });
    expect(api.servicio.emitidas).toEqual([
      {
        solicitud: solicitudDePrueba(),
        contexto: {
          usuarioEjecutor: 'siirc',
          oficinaEjecucion: 'LIMA-CENTRO',
          ipCliente: '10.20.30.40',
          dispositivo: 'KIOSCO-07',
          canal: 'SIIRC',
          correlationId,
          requestId,
          // The client by a keyed hash, never by its name.
          cliente: CLAVES_DE_PRUEBA.huella('cliente', 'siirc'),
        },
      },
    ]);
  });

  it('has the address of the socket where the request names none', async () => {
    await api.emitir(conMiembro(solicitudDePrueba(), 'metadatos.ipOrigen', undefined), {
      'X-Forwarded-For': '203.0.113.7',
    });
    expect(api.servicio.emitidas[0]?.contexto.ipCliente).toBe('127.0.0.1');
  });

  it.each([
    ['UTF-8', Buffer.from('Cañete', 'utf8').toString('latin1')],
    ['Latin-1', 'Cañete'],
  ])('has office codes that come in %s', async (_codificacion, oficina) => {
    await api.emitir(solicitudDePrueba(), { 'X-Office-Code': oficina });
    expect(api.servicio.emitidas[0]?.contexto.oficinaEjecucion).toBe('Cañete');
  });
});

describe('behind a proxy that is trusted', () => {
  it.each([
    ['its forwarded address', '203.0.113.7', '203.0.113.7'],
    ['the socket, where what it forwards is no address', 'nada', '127.0.0.1'],
  ])('the client is %s', async (_caso, reenviada, esperada) => {
    const detras = await ApiDePrueba.iniciar({ trustProxy: '1' });
    try {
      await detras.emitir(conMiembro(solicitudDePrueba(), 'metadatos.ipOrigen', undefined), {
        'X-Forwarded-For': reenviada,
      });
      expect(detras.servicio.emitidas[0]?.contexto.ipCliente).toBe(esperada);
    } finally {
      await detras.detener();
    }
  });
});

describe('a POST that fails', () => {
  it.each(Object.keys(FALLOS) as TipoFallo[])('%s answers its code and type', async (fallo) => {
    api.servicio.responder = () => ({ tipo: 'FALLO', fallo, detalles: ['uno', 'dos'], vista: null });
    const respuesta = await api.emitir(solicitudDePrueba());
    const { statusCode, tipo, titulo } = FALLOS[fallo];
    expect(respuesta.estadoHttp).toBe(statusCode);
    expect(respuesta.sobre).toMatchObject({
      message: titulo,
      data: null,
      error: { tipo, titulo, estado: statusCode },
    });
    expect(detallesDe(respuesta)).toEqual(fallo === 'ERROR_INTERNO' ? [titulo] : ['uno', 'dos']);
    expect(respuesta.cabeceras.location).toBeUndefined();
  });

  it('says where and when to ask again while the work goes on', async () => {
    const codigo = '../x y/😀%2F?#';
    api.servicio.responder = (vista) => ({
      tipo: 'FALLO',
      fallo: 'TIEMPO_PKI_AGOTADO',
      detalles: [],
      vista: enProceso(vista),
    });
    const respuesta = await api.emitir(solicitudDePrueba(codigo));
    expect(respuesta.estadoHttp).toBe(504);
    expect(respuesta.sobre.data?.transaccion?.estado).toBe('EN_PROCESO');
    expect(respuesta.cabeceras.location).toBe(`${BASE}/solicitudes/${encodeURIComponent(codigo)}`);
    expect(respuesta.cabeceras['retry-after']).toBe('5');
    const location = respuesta.cabeceras.location?.replace(`${BASE}/solicitudes/`, '') ?? '';
    expect((await api.consultarPath(location)).sobre.data?.transaccion?.codigoSolicitudTramite).toBe(codigo);
  });

  it('waits as long as the service says', async () => {
    api.servicio.responder = () => ({
      tipo: 'FALLO',
      fallo: 'PKI_NO_DISPONIBLE',
      detalles: [],
      vista: null,
      reintentarEnS: 7.2,
    });
    expect((await api.emitir(solicitudDePrueba())).cabeceras['retry-after']).toBe('8');
  });

  it('says that nobody knows whether the PKI issued', async () => {
    const fallo = { tipo: 'TIEMPO_PKI_AGOTADO', detalles: [], paso: 2, resultadoIncierto: true } as const;
    api.servicio.responder = (vista) => ({
      tipo: 'FALLO',
      fallo: fallo.tipo,
      detalles: ['MsAdaptadorPKI no respondió'],
      vista: fallida(vista, fallo),
    });
    expect(detallesDe(await api.emitir(solicitudDePrueba()))).toEqual([
      'MsAdaptadorPKI no respondió',
      expect.stringContaining('No se sabe si la PKI llegó a emitir'),
    ]);
  });

  it.each([
    ['is down', ServicioNoDisponible],
    ['sheds load', ServicioSaturado],
  ])('answers 503 with Retry-After where a part of the service %s', async (_caso, Fallo) => {
    api.servicio.responder = () => {
      throw new Fallo('Temporal', { cause: new Error('refused') });
    };
    const respuesta = await api.emitir(solicitudDePrueba());
    expect(respuesta.estadoHttp).toBe(503);
    expect(respuesta.sobre.error?.tipo).toBe('SERVICIO_NO_DISPONIBLE');
    expect(respuesta.cabeceras['retry-after']).toBe('5');
    expect(respuesta.texto).not.toContain('Temporal');
  });

  it('answers 500 with general words, and logs the detail under the correlation id', async () => {
    api.servicio.responder = () => {
      throw new Error('clave secreta 123');
    };
    const respuesta = await api.emitir(solicitudDePrueba());
    expect(respuesta.estadoHttp).toBe(500);
    expect(respuesta.texto).not.toContain('secreta');
    const { correlationId } = respuesta.sobre.metadata;
    const linea = api.bitacora.find(
      (evento) => evento.correlationId === correlationId && evento.err !== undefined,
    );
    expect(linea?.err).toMatchObject({ message: 'clave secreta 123', stack: expect.any(String) as unknown });
  });
});

describe('a rule of issuance', () => {
  it.each([
    [
      'under 18',
      'ciudadano.fechaNacimiento',
      '2008-11-23',
      'ciudadano.fechaNacimiento: el ciudadano debe haber cumplido 18 años (regla MAYORIA_DE_EDAD)',
    ],
    [
      'a kind of document that is not admitted',
      'solicitud.tipoDocumento',
      'CE',
      'solicitud.tipoDocumento: no se admite; se admite DNI (regla DOCUMENTO_ADMITIDO)',
    ],
    [
      'a DNI of nine digits',
      'solicitud.numeroDocumento',
      '456789123',
      'solicitud.numeroDocumento: no tiene la forma de un DNI (regla DOCUMENTO_ADMITIDO)',
    ],
  ])('refuses %s by 422 before anything is asked', async (_regla, ruta, valor, detalle) => {
    const respuesta = await api.emitir(conMiembro(solicitudDePrueba(), ruta, valor));
    expect(respuesta.estadoHttp).toBe(422);
    expect(respuesta.sobre.error?.tipo).toBe('CIUDADANO_NO_CUMPLE_REQUISITOS');
    expect(detallesDe(respuesta)).toEqual([detalle]);
    expect(api.servicio.emitidas).toEqual([]);
  });

  it('lets in who turns 18 today', async () => {
    expect(
      (await api.emitir(conMiembro(solicitudDePrueba(), 'ciudadano.fechaNacimiento', '2008-11-22')))
        .estadoHttp,
    ).toBe(201);
  });
});

describe('the log', () => {
  it('has one line for the request, with no personal data in it', async () => {
    await api.emitir(solicitudDePrueba('CODIGO-UNICO'));
    const lineas = api.bitacora.filter(({ route }) => route === `${BASE}/obtener-certificado-digital`);
    expect(lineas).toEqual([
      expect.objectContaining({
        method: 'POST',
        status: '201',
        cliente: 'siirc',
        codigoSolicitudTramite: 'CODIGO-UNICO',
        correlationId: expect.any(String) as unknown,
        requestId: expect.any(String) as unknown,
      }),
    ]);
    expect(JSON.stringify(api.bitacora)).not.toMatch(/45678912|María|Quispe|10\.20\.30\.40|eyJ/);
  });
});
