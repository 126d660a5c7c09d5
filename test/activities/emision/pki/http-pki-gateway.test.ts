/** The calls of the gateway to MsAdaptadorPKI: against the simulator, and byte by byte against a server that keeps them. */
import { AlwaysOnSampler } from '@opentelemetry/sdk-trace';
import { registrarTrazas } from '../../../../shared/runtime/trazas/proveedor.ts';
import { enTramo } from '../../../../shared/runtime/trazas/tramo.ts';
import { emisionesOf, startSimulator } from '../../../support/pki/running-simulator.ts';
import { responde } from '../../../support/pki/fake-adaptador-pki.ts';
import { envioDePrueba, NUMEROS, PASO_1, PASO_2 } from '../../../support/registro/fake-registro.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';
import { PASOS, adaptador, falloDe, gateway } from './gateway-de-prueba.ts';

describe('against the simulator', () => {
  it('the gateway gets the numbers of the types asked for, then their certificates', async () => {
    const { url } = await startSimulator();
    const pki = gateway(url);

    const paso1 = await pki.generarNumerosSolicitud(envioDePrueba());
    const paso2 = await pki.generarCertificadoDigitalDniE(envioDePrueba({ ...paso1, clave: 'clave-2' }));

    expect(paso1.numerosSolicitud.map(({ tipoCertificado }) => tipoCertificado)).toEqual([
      'FIRMA_DIGITAL',
      'AUTENTICACION',
      'CIFRADO',
    ]);
    expect(paso2.certificados).toHaveLength(3);
    expect(await emisionesOf(url, 'SOL-1')).toMatchObject({ numerosGenerados: 3, certificados: 3 });
  });

  it('the gateway gets the same certificates under the same key, issued once', async () => {
    const { url } = await startSimulator();
    const pki = gateway(url);
    const paso1 = await pki.generarNumerosSolicitud(envioDePrueba());
    const envio = envioDePrueba({ ...paso1, clave: 'clave-2' });

    const primera = await pki.generarCertificadoDigitalDniE(envio);
    const segunda = await pki.generarCertificadoDigitalDniE(envio);

    expect(segunda).toEqual(primera);
    expect(await emisionesOf(url, 'SOL-1')).toMatchObject({ certificados: 3 });
  });

  it.each([
    ['99991404', 'CIUDADANO_NO_ENCONTRADO', 'DEFINITIVO'],
    ['99991422', 'CIUDADANO_NO_CUMPLE_REQUISITOS', 'DEFINITIVO'],
    ['99991503', 'PKI_NO_DISPONIBLE', 'NADA_HECHO'],
    ['99991500', 'PKI_ERROR', 'DESCONOCIDO'],
  ])('the gateway tells what the sandbox document %s meets as %s, %s', async (documento, tipo, certeza) => {
    const { url } = await startSimulator({ onError: () => undefined });
    const solicitud = solicitudDePrueba('SOL-1', documento);

    const fallo = await falloDe(gateway(url).generarNumerosSolicitud(envioDePrueba({ solicitud })));

    expect(fallo).toMatchObject({ tipo, certeza });
  });

  it('the gateway passes on the Retry-After of a simulator that is down', async () => {
    const { url } = await startSimulator();
    const solicitud = solicitudDePrueba('SOL-1', '99991503');

    const fallo = await falloDe(gateway(url).generarNumerosSolicitud(envioDePrueba({ solicitud })));

    expect(fallo.reintentarEnMs).toBe(1000);
  });
});

describe('a call', () => {
  it('posts step 1 with the request and its types, and nothing of the citizen’s data', async () => {
    const servidor = await adaptador(responde(200, PASO_1));

    await gateway(servidor.url).generarNumerosSolicitud(envioDePrueba());

    const { solicitud, configuracionCertificados } = solicitudDePrueba();
    expect(servidor.recibidas).toHaveLength(1);
    expect(servidor.recibidas[0]).toMatchObject({
      metodo: 'POST',
      ruta: '/api/v1/adaptador/MsAdaptadorPKI/generarNumerosSolicitud2',
    });
    expect(JSON.parse(servidor.recibidas[0]?.cuerpo ?? '')).toStrictEqual({
      solicitud,
      ...configuracionCertificados,
    });
  });

  it('posts step 2 with what step 1 answered, the citizen and the configuration', async () => {
    const servidor = await adaptador(responde(200, PASO_2));

    await gateway(servidor.url).generarCertificadoDigitalDniE(envioDePrueba());

    const { solicitud, ciudadano, configuracionCertificados } = solicitudDePrueba();
    expect(servidor.recibidas[0]).toMatchObject({
      metodo: 'POST',
      ruta: '/api/v1/adaptador/MsAdaptadorPKI/generarCertificadoDigitalDniE',
    });
    expect(JSON.parse(servidor.recibidas[0]?.cuerpo ?? '')).toStrictEqual({
      solicitudPkiId: 'PKI-1',
      numerosSolicitud: NUMEROS,
      solicitud,
      ciudadano,
      configuracionCertificados,
    });
  });

  it('leaves out of step 1 the options that the request does not name', async () => {
    const servidor = await adaptador(responde(200, PASO_1));
    const solicitud = solicitudDePrueba();
    delete solicitud.configuracionCertificados.usoExtendido;
    delete solicitud.configuracionCertificados.nivelSeguridad;

    await gateway(servidor.url).generarNumerosSolicitud(envioDePrueba({ solicitud }));

    expect(Object.keys(JSON.parse(servidor.recibidas[0]?.cuerpo ?? '') as object)).toEqual([
      'solicitud',
      'tipoCertificados',
      'vigenciaAnios',
    ]);
  });

  it.each([
    [1, PASO_1],
    [2, PASO_2],
  ] as const)(
    'of step %i that is sent again is the same byte for byte, under the same key',
    async (paso, datos) => {
      const servidor = await adaptador(responde(200, datos));
      const pki = gateway(servidor.url);

      await pki[PASOS[paso]](envioDePrueba());
      await pki[PASOS[paso]](structuredClone(envioDePrueba()));

      const [primera, segunda] = servidor.recibidas;
      expect(segunda?.cuerpo).toBe(primera?.cuerpo);
      expect(segunda?.cabeceras['idempotency-key']).toBe(primera?.cabeceras['idempotency-key']);
    },
  );

  it('passes on the key of the work and the headers of the original call', async () => {
    const servidor = await adaptador(responde(200, PASO_2));
    const { clave, contexto } = envioDePrueba();

    await gateway(servidor.url).generarCertificadoDigitalDniE(envioDePrueba());

    expect(servidor.recibidas[0]?.cabeceras).toMatchObject({
      'idempotency-key': clave,
      'x-correlation-id': contexto.correlationId,
      'x-request-id': contexto.requestId,
      'x-office-code': 'LIMA-CENTRO',
      'x-device-id': 'PC-7',
      'x-channel': 'PRESENCIAL',
      'content-type': 'application/json',
      accept: 'application/json',
    });
  });

  it('goes on the trace of the attempt, with a span of its own for each call', async () => {
    const servidor = await adaptador(responde(200, PASO_2));
    const pki = gateway(servidor.url);
    const trazas = registrarTrazas(new AlwaysOnSampler(), []);
    let traceId = '';

    await enTramo('intento', {}, async (tramo) => {
      ({ traceId } = tramo.spanContext());
      await pki.generarCertificadoDigitalDniE(envioDePrueba());
      await pki.generarCertificadoDigitalDniE(envioDePrueba());
    });
    await trazas.detener();

    const [primera = '', segunda = ''] = servidor.recibidas.map(({ cabeceras }) =>
      String(cabeceras.traceparent),
    );
    for (const una of [primera, segunda]) expect(una).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    expect(segunda).not.toBe(primera);
  });

  it('bears a token where one is configured, and only there', async () => {
    const servidor = await adaptador(responde(200, PASO_2));

    await gateway(servidor.url, { token: 'secreto' }).generarCertificadoDigitalDniE(envioDePrueba());
    await gateway(servidor.url).generarCertificadoDigitalDniE(envioDePrueba());

    expect(servidor.recibidas.map(({ cabeceras }) => cabeceras.authorization)).toEqual([
      'Bearer secreto',
      undefined,
    ]);
  });

  it.each(['Cañete', 'Λίμα', '札幌', 'Ñ 🏛'])('bears the header value %s as its UTF-8', async (oficina) => {
    const servidor = await adaptador(responde(200, PASO_2));
    const contexto = { ...envioDePrueba().contexto, oficinaEjecucion: oficina };

    await gateway(servidor.url).generarCertificadoDigitalDniE(envioDePrueba({ contexto }));

    const recibida = String(servidor.recibidas[0]?.cabeceras['x-office-code']);
    expect(Buffer.from(recibida, 'latin1').toString('utf8')).toBe(oficina);
  });

  it('keeps its connection to an idempotent adapter, and opens one a call to another', async () => {
    const constante = await adaptador(responde(200, PASO_2));
    const cauto = await adaptador(responde(200, PASO_2));
    const pkiConstante = gateway(constante.url, { idempotente: true });
    const pkiCauta = gateway(cauto.url, { idempotente: false });

    for (const pki of [pkiConstante, pkiCauta]) {
      await pki.generarCertificadoDigitalDniE(envioDePrueba());
      await pki.generarCertificadoDigitalDniE(envioDePrueba());
    }

    expect(constante.conexiones).toHaveLength(1);
    expect(cauto.conexiones).toHaveLength(2);
  });
});
