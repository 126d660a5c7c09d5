import 'reflect-metadata';
import { spawn } from 'node:child_process';
import { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createGzip } from 'node:zlib';
import { jest } from '@jest/globals';
import { X509CertificateGenerator } from '@peculiar/x509';
import { Registry } from 'prom-client';
import {
  createHttpPkiGateway,
  type OpcionesDePki,
} from '../../../../activities/emision/pki/http-pki-gateway.ts';
import { createMetricasPki } from '../../../../activities/emision/pki/metricas-pki.ts';
import { PkiFallo } from '../../../../activities/emision/pki/pki-gateway.ts';
import { createAvisoDeRespuestaAjena } from '../../../../activities/emision/pki/respuesta-ajena.ts';
import { cleanUp, emisionesOf, startSimulator } from '../../../simulator/pki/running-simulator.ts';
import { crearClaves } from '../../../support/pki/ca-de-prueba.ts';
import { FakeAdaptadorPki, rechaza, responde } from '../../../support/pki/fake-adaptador-pki.ts';
import { envioDePrueba, NUMEROS, PASO_1, PASO_2 } from '../../../support/registro/fake-registro.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

const PASOS = {
  1: 'generarNumerosSolicitud',
  2: 'generarCertificadoDigitalDniE',
} as const;

const porCerrar: (() => unknown)[] = [];
afterEach(async () => {
  for (const cerrar of porCerrar.splice(0)) await cerrar();
  await cleanUp();
});

async function adaptador(responder: RequestListener): Promise<FakeAdaptadorPki> {
  const servidor = await FakeAdaptadorPki.iniciar(responder);
  porCerrar.push(() => servidor.detener());
  return servidor;
}

function gateway(url: string, opciones: Partial<OpcionesDePki> = {}) {
  return createHttpPkiGateway({
    url,
    token: undefined,
    timeoutMs: 10_000,
    idempotente: true,
    alResponderOtro: () => undefined,
    ...opciones,
  });
}

/** The failure of one call to an adapter that answers so. */
async function falloAnte(
  responder: RequestListener,
  paso: keyof typeof PASOS = 2,
  opciones: Partial<OpcionesDePki> = {},
): Promise<PkiFallo> {
  const { url } = await adaptador(responder);
  return falloDe(gateway(url, opciones)[PASOS[paso]](envioDePrueba()));
}

async function falloDe(llamada: Promise<unknown>): Promise<PkiFallo> {
  const error: unknown = await llamada.then(
    () => 'an answer',
    (motivo: unknown) => motivo,
  );
  if (error instanceof PkiFallo) return error;
  throw new Error('the call did not end in a PkiFallo', { cause: error });
}

/** A body that never ends; tells how many bytes it could hand over. */
function sinFin(cabeceras: Record<string, string>, comprimido: boolean) {
  const cuenta = { bytes: 0 };
  const responder: RequestListener = (_peticion, respuesta) => {
    respuesta.writeHead(200, cabeceras);
    const destino = comprimido ? createGzip() : respuesta;
    if (destino !== respuesta) destino.pipe(respuesta);
    const trozo = Buffer.alloc(65_536, 32);
    const seguir = () => {
      while (!respuesta.destroyed) {
        cuenta.bytes += trozo.length;
        if (!destino.write(trozo)) return;
      }
    };
    destino.on('drain', seguir);
    respuesta.on('close', () => destino.destroy());
    destino.on('error', () => undefined);
    seguir();
  };
  return { cuenta, responder };
}

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

  it('begins a trace that the correlation id leads to, with a span of its own for each call', async () => {
    const servidor = await adaptador(responde(200, PASO_2));
    const pki = gateway(servidor.url);

    await pki.generarCertificadoDigitalDniE(envioDePrueba());
    await pki.generarCertificadoDigitalDniE(envioDePrueba());

    const [primera, segunda] = servidor.recibidas.map(({ cabeceras }) => String(cabeceras.traceparent));
    expect(primera).toMatch(/^00-0b8e4f6c2d1a4c3b8e5f6a7b8c9d0e1f-[0-9a-f]{16}-01$/);
    expect(segunda).not.toBe(primera);
  });

  it('begins a valid trace for the nil UUID too, which no trace may be called', async () => {
    const servidor = await adaptador(responde(200, PASO_2));
    const contexto = {
      ...envioDePrueba().contexto,
      correlationId: '00000000-0000-0000-0000-000000000000',
    };

    await gateway(servidor.url).generarCertificadoDigitalDniE(envioDePrueba({ contexto }));

    expect(servidor.recibidas[0]?.cabeceras.traceparent).toMatch(
      /^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/,
    );
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

describe('an answer of the adapter', () => {
  it.each([200, 201])('of %i says that the work is done', async (estadoHttp) => {
    const { url } = await adaptador(responde(estadoHttp, PASO_2));

    await expect(gateway(url).generarCertificadoDigitalDniE(envioDePrueba())).resolves.toEqual(PASO_2);
  });

  it.each([
    ['are absent', {}],
    ['are extra', { otro: null, success: true, message: 'Listo', metadata: {} }],
    ['name the other code of a success', { success: true, statusCode: 201 }],
    ['name no code', { success: true, statusCode: 0 }],
    ['name a code that contradicts', { statusCode: 500 }],
    ['are of another type', { success: 'false', statusCode: '200' }],
  ])('is read by its data alone where other members %s', async (_caso, otros) => {
    const data = { ...PASO_1, numerosSolicitud: NUMEROS.map((numero) => ({ ...numero, orden: 1 })), lote: 7 };
    const { url } = await adaptador(responde(200, JSON.stringify({ ...otros, data })));

    await expect(gateway(url).generarNumerosSolicitud(envioDePrueba())).resolves.toEqual(PASO_1);
  });

  it('may bring the numbers in any order', async () => {
    const numerosSolicitud = NUMEROS.toReversed();
    const { url } = await adaptador(responde(200, { ...PASO_1, numerosSolicitud }));

    const respuesta = await gateway(url).generarNumerosSolicitud(envioDePrueba());

    expect(respuesta.numerosSolicitud).toEqual(numerosSolicitud);
  });
});

describe('what is told of a refusal', () => {
  it('is the adapter’s own words, which stay out of the message, since that is logged', async () => {
    const fallo = await falloAnte(rechaza(422, ['María Elena es menor de edad.', 'No tiene DNIe.']));

    expect(fallo.detalles).toEqual(['María Elena es menor de edad.', 'No tiene DNIe.']);
    expect(String(fallo.stack)).not.toContain('María');
  });

  it.each([
    ['its message, where it lists no error', { message: 'Sin servicio.' }, 'Sin servicio.'],
    ['its message, where what it lists is none', { message: 'Uy.', error: { errores: ['x', 7] } }, 'Uy.'],
    ['the code, where it says nothing', { message: null }, 'MsAdaptadorPKI respondió 500.'],
    [
      'the code, where it says nothing visible',
      { message: '\u200b\u202e \n' },
      'MsAdaptadorPKI respondió 500.',
    ],
  ])('is %s', async (_caso, otros, dicho) => {
    const sobre = { success: false, statusCode: 500, ...otros };

    expect((await falloAnte(responde(500, JSON.stringify(sobre)))).detalles).toEqual([dicho]);
  });

  it('is well formed, without controls, however the adapter wrote it', async () => {
    const fallo = await falloAnte(
      rechaza(422, ['Mar\u202eía\nElena\u0000 \ud800', '\u200b', `${'x'.repeat(159)}🪪`]),
    );

    expect(fallo.detalles).toEqual(['Mar ía Elena \ufffd', 'x'.repeat(159)]);
  });

  it('is a bounded part of a flood of words', async () => {
    const fallo = await falloAnte(rechaza(500, Array<string>(1000).fill('y'.repeat(900))));

    expect(fallo.detalles).toEqual(Array<string>(5).fill('y'.repeat(160)));
  });
});

describe('Retry-After', () => {
  it.each([
    ['of a refusal', rechaza(503, [], { 'retry-after': '17' })],
    ['of a gateway', responde(503, '<html>', { 'retry-after': '17' })],
  ])('of %s is told in milliseconds', async (_caso, responder) => {
    expect((await falloAnte(responder)).reintentarEnMs).toBe(17_000);
  });

  it('is null where the answer has none', async () => {
    expect((await falloAnte(rechaza(503, []))).reintentarEnMs).toBeNull();
  });
});

describe('an answer of somebody else', () => {
  const pagina = responde(
    404,
    '<html>\r\n<head><title>404 Not Found</title><style>b { color: red }</style></head>\r\n<center>nginx</center>',
    { 'content-type': 'text/html; charset=utf-8' },
  );

  it('is told by what came, and whoever sent the request is told what to do', async () => {
    const { detalles } = await falloAnte(pagina);

    expect(detalles).toEqual([
      'Llegó un 404 sin el sobre de MsAdaptadorPKI (success: false y statusCode: 404): no es una respuesta suya.',
      'Contenido: text/html; comienza: «404 Not Found nginx».',
      'No es por esta solicitud: soporte debe revisar el camino hasta MsAdaptadorPKI (proxy, balanceador, pasarela); después, envíela de nuevo.',
    ]);
  });

  it('is told without a variable of the configuration to whoever sent the request', async () => {
    const variables = /\b(?!HTTP_)[A-Z]+_[A-Z_]+\b/;
    for (const estadoHttp of [302, 404, 418, 429, 502, 503])
      for (const detalle of (await falloAnte(responde(estadoHttp, '<html>'))).detalles)
        expect(detalle).not.toMatch(variables);
  });

  it.each<[string, RequestListener, string]>([
    ['nothing', (_peticion, respuesta) => respuesta.writeHead(502).end(), 'Contenido: sin tipo, sin texto.'],
    [
      'controls',
      responde(502, 'a\u0000\u202eb', { 'content-type': 'text/plain' }),
      'Contenido: text/plain; comienza: «a b».',
    ],
    [
      'a flood of half marks',
      responde(502, '<'.repeat(900_000), { 'content-type': 'x/y' }),
      `Contenido: x/y; comienza: «${'<'.repeat(100)}».`,
    ],
    [
      'JSON of its own',
      responde(404, '{\n  "status": 404,\n  "error": "Not Found"\n}'),
      'Contenido: application/json; comienza: «{ "status": 404, "error": "Not Found" }».',
    ],
  ])('is shown by a clean beginning where it brings %s', async (_caso, responder, linea) => {
    expect((await falloAnte(responder)).detalles[1]).toBe(linea);
  });

  it('is counted by its code and logged without a word of it', async () => {
    const coleccionDeMetricas = new Registry();
    const warn = jest.fn();
    const alResponderOtro = createAvisoDeRespuestaAjena(createMetricasPki(coleccionDeMetricas), { warn });

    await falloAnte(pagina, 2, { alResponderOtro });

    expect(await coleccionDeMetricas.metrics()).toContain(
      'pki_foreign_answers_total{paso="2",codigo="404"} 1',
    );
    expect(warn.mock.calls).toEqual([[expect.stringContaining('PKI_ADAPTER_URL'), { paso: 2, codigo: 404 }]]);
  });

  it('is none of those that the adapter gives', async () => {
    const alResponderOtro = jest.fn();

    for (const responder of [rechaza(404, []), responde(200, '<html>'), responde(204, '')])
      await falloAnte(responder, 2, { alResponderOtro });

    expect(alResponderOtro).not.toHaveBeenCalled();
  });

  it.each([301, 302, 303, 307, 308])('with %i leads nowhere: no redirect is followed', async (estadoHttp) => {
    const otro = await adaptador(responde(200, PASO_2));

    const fallo = await falloAnte(responde(estadoHttp, '', { location: `${otro.url}/otro` }));

    expect(fallo).toMatchObject({ tipo: 'PKI_MAL_DIRIGIDA', certeza: 'DESCONOCIDO' });
    expect(otro.recibidas).toEqual([]);
  });
});

describe('an answer that breaks the contract', () => {
  it.each([
    ['NUL', 'PKI\u0000X'],
    ['half a character', 'PKI\ud800'],
    ['a line break', 'PKI\n# X'],
    ['a line separator', 'PKI\u2028X'],
    ['a change of writing direction', 'PKI\u202e1-X'],
    ['an isolate', 'PKI\u2066X'],
    ['nothing visible', ' \u200b'],
  ])(
    'by %s in an identifier, which the register could not keep, is told as one',
    async (_caso, solicitudPkiId) => {
      const servidor = await adaptador(responde(200, { ...PASO_1, solicitudPkiId }));

      await expect(gateway(servidor.url).generarNumerosSolicitud(envioDePrueba())).rejects.toMatchObject({
        tipo: 'PKI_RESPUESTA_INVALIDA',
      });
    },
  );

  it.each([
    ['is no JSON', '<html>200 OK</html>'],
    ['is empty', ''],
    ['is cut JSON', '{"data":{"certificados":[{"tipoCertif'],
    ['has no data', '{"success":true}'],
    ['is null', 'null'],
    ['has null for data', '{"data":null}'],
    ['has data of another type', '{"data":[]}'],
  ])('and %s is told as one, unclear', async (_caso, cuerpo) => {
    const fallo = await falloAnte(responde(200, cuerpo));

    expect(fallo).toMatchObject({
      tipo: 'PKI_RESPUESTA_INVALIDA',
      certeza: 'DESCONOCIDO',
      veredicto: 'FALLA',
    });
    expect(fallo.detalles[0]).toBe('MsAdaptadorPKI respondió 200 con un cuerpo que no cumple su contrato.');
  });

  it.each(['numeroSerie', 'certificadoId', 'tipoCertificado', 'estadoCertificado', 'fechaEmision'])(
    'by a control in %s of a certificate is told as one',
    async (miembro) => {
      const [certificado] = PASO_2.certificados;
      const fallo = await falloAnte(
        responde(200, { certificados: [{ ...certificado, [miembro]: 'A\u200e1' }] }),
      );

      expect(fallo.tipo).toBe('PKI_RESPUESTA_INVALIDA');
      expect(fallo.detalles[1]).toBe(
        `data.certificados.0.${miembro}: contiene caracteres de control o de dirección de escritura`,
      );
    },
  );

  it('by saying that it failed is told in its own words, whatever data it brings', async () => {
    const fallo = await falloAnte(
      responde(
        200,
        JSON.stringify({
          success: false,
          statusCode: 200,
          data: PASO_2,
          error: { errores: [{ detalleError: 'La CA\u202e no firmó.' }] },
        }),
      ),
    );

    expect(fallo).toMatchObject({
      tipo: 'PKI_RESPUESTA_INVALIDA',
      certeza: 'DESCONOCIDO',
      veredicto: 'FALLA',
    });
    expect(fallo.detalles).toEqual([
      'MsAdaptadorPKI respondió 200, pero su sobre dice que falló (success: false).',
      'La CA no firmó.',
    ]);
  });

  it('because it is a page tells which', async () => {
    const fallo = await falloAnte(
      responde(200, '<html><title>Ingreso</title>', { 'content-type': 'text/html' }),
    );

    expect(fallo.detalles).toEqual([
      'MsAdaptadorPKI respondió 200 con un cuerpo que no cumple su contrato.',
      'Contenido: text/html; comienza: «Ingreso».',
    ]);
  });

  it('is told by the members at fault, in Spanish', async () => {
    const [certificado] = PASO_2.certificados;
    const fallo = await falloAnte(
      responde(200, { certificados: [{ ...certificado, numeroSerie: 7, certificadoBase64: undefined }] }),
    );

    expect(fallo.detalles.slice(1)).toEqual([
      expect.stringMatching(/^data\.certificados\.0\.numeroSerie: Entrada inválida/),
      expect.stringMatching(/^data\.certificados\.0\.certificadoBase64: Entrada inválida/),
    ]);
  });

  it('is told by data itself where that is missing', async () => {
    const fallo = await falloAnte(responde(200, '{}'));

    expect(fallo.detalles[1]).toMatch(/^data: Entrada inválida/);
  });

  it.each([
    ['a type is missing', NUMEROS.slice(1)],
    ['a type comes twice', [...NUMEROS.slice(1), ...NUMEROS.slice(1, 2)]],
    ['a type was not asked for', [...NUMEROS, { tipoCertificado: 'SELLO', numeroSolicitud: 'N-4' }]],
    [
      'two types are written as one',
      [
        { tipoCertificado: 'AUTENTICACION,CIFRADO', numeroSolicitud: 'N-1' },
        { tipoCertificado: 'FIRMA_DIGITAL', numeroSolicitud: 'N-2' },
      ],
    ],
    ['there are no numbers', []],
  ])('in step 1, because %s', async (_caso, numerosSolicitud) => {
    const fallo = await falloAnte(responde(200, { ...PASO_1, numerosSolicitud }), 1);

    expect(fallo).toMatchObject({
      tipo: 'PKI_RESPUESTA_INVALIDA',
      certeza: 'DESCONOCIDO',
      veredicto: 'FALLA',
    });
    expect(fallo.detalles[0]).toMatch(/^MsAdaptadorPKI generó números para /);
  });

  it.each([
    ['without a length', {}, false],
    ['with a false length', { 'content-length': '999999999' }, false],
    ['compressed to almost nothing', { 'content-encoding': 'gzip' }, true],
  ])('by going on for ever %s is cut', async (_caso, cabeceras, comprimido) => {
    const { cuenta, responder } = sinFin(cabeceras, comprimido);

    const fallo = await falloAnte(responder);

    expect(fallo).toMatchObject({
      tipo: 'PKI_RESPUESTA_INVALIDA',
      certeza: 'DESCONOCIDO',
      veredicto: 'FALLA',
    });
    // A megabyte is read; beyond it stand only the buffers of both sides, compressed ones holding more.
    expect(cuenta.bytes).toBeLessThan(comprimido ? 1e9 : 32e6);
  });

  it('by a compression that is none is a lost connection', async () => {
    const fallo = await falloAnte(responde(200, PASO_2, { 'content-encoding': 'gzip' }));

    expect(fallo).toMatchObject({ tipo: 'PKI_SIN_CONEXION', certeza: 'DESCONOCIDO', veredicto: 'FALLA' });
  });
});

describe('a connection that fails', () => {
  it.each<[string, RequestListener]>([
    [
      'before the headers',
      (peticion) => {
        peticion.socket.destroy();
      },
    ],
    [
      'in the middle of a body of known length',
      (_peticion, respuesta) => {
        respuesta.writeHead(200, { 'content-length': '1000' });
        respuesta.write('{"data":', () => respuesta.destroy());
      },
    ],
    [
      'in the middle of a body in chunks',
      (_peticion, respuesta) => {
        respuesta.writeHead(200);
        respuesta.write('{"data":', () => respuesta.destroy());
      },
    ],
    [
      'with what is not HTTP',
      (peticion) => {
        peticion.socket.end('SSH-2.0-OpenSSH\r\n\r\n');
      },
    ],
  ])('%s leaves it unclear what was done', async (_caso, responder) => {
    expect(await falloAnte(responder)).toMatchObject({
      tipo: 'PKI_SIN_CONEXION',
      certeza: 'DESCONOCIDO',
      veredicto: 'FALLA',
    });
  });

  it('because nobody listens has done nothing', async () => {
    const servidor = await FakeAdaptadorPki.iniciar(responde(200, PASO_2));
    const { url } = servidor;
    await servidor.detener();

    const fallo = await falloDe(gateway(url).generarCertificadoDigitalDniE(envioDePrueba()));

    expect(fallo).toMatchObject({ tipo: 'PKI_SIN_CONEXION', certeza: 'NADA_HECHO', veredicto: 'FALLA' });
    expect(fallo.detalles).toEqual(['No se completó la conexión con MsAdaptadorPKI (ECONNREFUSED).']);
  });

  it('because the name is unknown has done nothing', async () => {
    const fallo = await falloDe(
      gateway('http://adaptador.invalid').generarCertificadoDigitalDniE(envioDePrueba()),
    );

    expect(fallo).toMatchObject({ tipo: 'PKI_SIN_CONEXION', certeza: 'NADA_HECHO', veredicto: 'FALLA' });
  });

  it('because a kept connection was closed meanwhile is unclear: the request may have arrived', async () => {
    let llamadas = 0;
    const { url } = await adaptador((peticion, respuesta) => {
      if (++llamadas === 1) responde(200, PASO_2)(peticion, respuesta);
      else peticion.socket.destroy();
    });
    const pki = gateway(url);
    await pki.generarCertificadoDigitalDniE(envioDePrueba());

    const fallo = await falloDe(pki.generarCertificadoDigitalDniE(envioDePrueba()));

    expect(fallo).toMatchObject({ tipo: 'PKI_SIN_CONEXION', certeza: 'DESCONOCIDO', veredicto: 'FALLA' });
  });
});

describe('an answer that does not come in time', () => {
  /** Longer than a connection to this machine takes, however busy that is. */
  const breve = { timeoutMs: 1_500 };

  it.each<[string, RequestListener]>([
    ['its headers', () => undefined],
    [
      'the end of its body',
      (_peticion, respuesta) => {
        respuesta.writeHead(200);
        respuesta.write('{"data":');
      },
    ],
  ])('for lack of %s is told so, unclear', async (_caso, responder) => {
    expect(await falloAnte(responder, 2, breve)).toMatchObject({
      tipo: 'TIEMPO_PKI_AGOTADO',
      certeza: 'DESCONOCIDO',
      veredicto: 'FALLA',
    });
  });

  it('has its connection given up', async () => {
    const servidor = await adaptador(() => undefined);

    await falloDe(gateway(servidor.url, breve).generarCertificadoDigitalDniE(envioDePrueba()));

    const [conexion] = servidor.conexiones as [Socket];
    if (!conexion.destroyed) await once(conexion, 'close');
    expect(conexion.destroyed).toBe(true);
  });

  it('because no connection ever stood has done nothing', async () => {
    const puerto = await puertoQueNoAcepta();

    const fallo = await falloDe(
      gateway(`http://127.0.0.1:${puerto}`, breve).generarCertificadoDigitalDniE(envioDePrueba()),
    );

    expect(fallo).toMatchObject({ tipo: 'TIEMPO_PKI_AGOTADO', certeza: 'NADA_HECHO', veredicto: 'FALLA' });
  });
});

it('the gateway sends nothing to a server whose certificate it does not trust', async () => {
  const claves = await crearClaves('EC');
  const certificado = await X509CertificateGenerator.createSelfSigned({ name: 'CN=127.0.0.1', keys: claves });
  let peticiones = 0;
  const servidor = createHttpsServer(
    {
      key: KeyObject.from(claves.privateKey).export({ type: 'pkcs8', format: 'pem' }),
      cert: certificado.toString('pem'),
    },
    () => {
      peticiones += 1;
    },
  ).listen(0, '127.0.0.1');
  await once(servidor, 'listening');
  porCerrar.push(() => servidor.close());
  const { port } = servidor.address() as AddressInfo;

  const fallo = await falloDe(
    gateway(`https://127.0.0.1:${port}`).generarCertificadoDigitalDniE(envioDePrueba()),
  );

  expect(fallo).toMatchObject({ tipo: 'PKI_SIN_CONEXION', certeza: 'NADA_HECHO', veredicto: 'FALLA' });
  expect(peticiones).toBe(0);
});

/** A port whose queue of new connections is full: it answers no greeting, as a firewall that drops packets. */
async function puertoQueNoAcepta(): Promise<number> {
  const programa = `
    const servidor = require('node:net').createServer().listen(0, '127.0.0.1', 1, () => {
      require('node:fs').writeSync(1, String(servidor.address().port));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const proceso = spawn(process.execPath, ['-e', programa], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [salida] = (await once(proceso.stdout, 'data')) as [Buffer];
  const puerto = Number(salida.toString());
  // A queue of one holds two; whoever comes after them gets no answer.
  const ocupantes = [1, 2].map(() => connect(puerto, '127.0.0.1'));
  porCerrar.push(() => {
    for (const ocupante of ocupantes) ocupante.destroy();
    proceso.kill('SIGKILL');
  });
  await Promise.all(ocupantes.map((ocupante) => once(ocupante, 'connect')));
  return puerto;
}
