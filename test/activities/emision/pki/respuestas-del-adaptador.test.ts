/** What the gateway makes of an answer of MsAdaptadorPKI: understood, a refusal, or a breach of the contract. */
import type { RequestListener } from 'node:http';
import { createGzip } from 'node:zlib';
import { rechaza, responde } from '../../../support/pki/fake-adaptador-pki.ts';
import { envioDePrueba, NUMEROS, PASO_1, PASO_2 } from '../../../support/registro/fake-registro.ts';
import { adaptador, falloAnte, gateway } from './gateway-de-prueba.ts';

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

describe('an answer of the adapter', () => {
  it.each([200, 201])('of %i says that the work is done', async (codigo) => {
    const { url } = await adaptador(responde(codigo, PASO_2));

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
