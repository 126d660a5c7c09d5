/** 'Bad input' of the contract: each gets its code and names its fault; nothing of it reaches the service. */
import { gzipSync } from 'node:zlib';
import { ApiDePrueba, detallesDe, RUTA_POST, type Respuesta } from '../../../support/api/api-de-prueba.ts';
import { conMiembro, solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

let api: ApiDePrueba;
beforeAll(async () => {
  api = await ApiDePrueba.iniciar();
});
afterEach(() => {
  expect(api.servicio.emitidas).toEqual([]);
});
afterAll(() => api.detener());

function esperarValidacion(respuesta: Respuesta, detalles: string[]): void {
  expect(respuesta.estadoHttp).toBe(400);
  expect(respuesta.sobre.error?.tipo).toBe('VALIDACION');
  expect(respuesta.sobre.data).toBeNull();
  expect(detallesDe(respuesta)).toEqual(detalles);
}

const VALIDA = JSON.stringify(solicitudDePrueba());

describe('a body', () => {
  it.each([
    ['empty', '', 'cuerpo: está vacío'],
    ['cut short', VALIDA.slice(0, -5), /^cuerpo: no es JSON válido( \(línea 1, columna \d+\))?$/],
    ['of two documents', `${VALIDA}{}`, /^cuerpo: no es JSON válido \(línea 1, columna \d+\)$/],
    ['that is no JSON', 'numeroDocumento=45678912', 'cuerpo: no es JSON válido'],
    ['with a comment', '/* */{}', /^cuerpo: no es JSON válido/],
    ['with NaN', '{"a":NaN}', /^cuerpo: no es JSON válido/],
    ['that is null', 'null', 'cuerpo: no puede ser null'],
    ['that is a list', '[]', 'cuerpo: debe ser un objeto JSON'],
    ['that is a text', '"x"', 'cuerpo: debe ser un objeto JSON'],
    [
      'of ten thousand nested lists',
      '['.repeat(10_000) + ']'.repeat(10_000),
      'cuerpo: debe ser un objeto JSON',
    ],
    ['that is not UTF-8', Buffer.from(VALIDA, 'latin1'), 'cuerpo: no es UTF-8 válido'],
    ['in UTF-16', Buffer.from(VALIDA, 'utf16le'), /^cuerpo: no es/],
    [
      'of 10 MB',
      JSON.stringify({ ...solicitudDePrueba(), relleno: 'x'.repeat(10_000_000) }),
      'cuerpo: supera los 64 kB admitidos',
    ],
  ])('%s', async (_caso, cuerpo, detalle) => {
    const esperado = typeof detalle === 'string' ? detalle : (expect.stringMatching(detalle) as string);
    esperarValidacion(await api.emitir(cuerpo), [esperado]);
  });

  it('with a member that appears twice is refused: it would be lost', async () => {
    const repetida = VALIDA.replace('"numeroTramite"', '"numeroTramite":"OTRO","numero\\u0054ramite"');
    esperarValidacion(await api.emitir(repetida), ['solicitud.numeroTramite: aparece más de una vez']);
  });

  it('with members that appear twice at every one of thousands of levels is refused in a short answer', async () => {
    const hondo = `${'{"a":0,"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;

    const respuesta = await api.emitir(hondo);

    expect(respuesta.estadoHttp).toBe(400);
    expect(respuesta.texto.length).toBeLessThan(20_000);
  });

  it('with a member called __proto__ has an unknown field', async () => {
    esperarValidacion(await api.emitir(VALIDA.replace('{', '{"__proto__":{"admin":true},')), [
      '__proto__: no es un campo conocido',
    ]);
  });

  it('with lone surrogates is refused', async () => {
    esperarValidacion(await api.emitir(VALIDA.replace('Quispe', '\\ud800')), [
      'ciudadano.apellidoPaterno: no es Unicode bien formado',
    ]);
  });

  it('tells all its faults at once, each by its path', async () => {
    let cuerpo = conMiembro(solicitudDePrueba(), 'solicitud.numeroDocumento', '1234567');
    cuerpo = conMiembro(cuerpo, 'ciudadano.fechaNacimiento', '2026-11-23');
    cuerpo = conMiembro(cuerpo, 'ciudadano.sexo', null);
    cuerpo = conMiembro(cuerpo, 'configuracionCertificados.tipoCertificados', ['CIFRADO', 'CIFRADO']);
    cuerpo = conMiembro(cuerpo, 'metadatos.otro', 1);
    const detalles = detallesDe(await api.emitir(cuerpo));
    expect(detalles.sort()).toEqual([
      'ciudadano.fechaNacimiento: no puede ser futura',
      'ciudadano.sexo: no puede ser null',
      'configuracionCertificados.tipoCertificados: no puede repetir elementos',
      'metadatos.otro: no es un campo conocido',
      'solicitud.numeroDocumento: debe tener entre 8 y 12 caracteres',
    ]);
  });

  it('with thousands of faults gets the first hundred', async () => {
    const muchos = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`x${i}`, 1]));
    const detalles = detallesDe(await api.emitir({ ...solicitudDePrueba(), ...muchos }));
    expect(detalles).toHaveLength(101);
    expect(detalles.at(-1)).toBe('cuerpo: tiene 2900 faltas más');
  });
});

describe('Content-Type', () => {
  it.each([
    'text/plain',
    'application/json; charset=latin1',
    'application/jsonx',
    'multipart/form-data',
    'nada',
  ])('%s is refused', async (tipo) => {
    esperarValidacion(await api.emitir(VALIDA, { 'Content-Type': tipo }), [
      'Content-Type: debe ser application/json (UTF-8)',
    ]);
  });

  it('is mandatory', async () => {
    esperarValidacion(await api.emitir(VALIDA, { 'Content-Type': undefined }), [
      'Content-Type: es obligatoria',
    ]);
  });

  it('comes without compression', async () => {
    esperarValidacion(await api.emitir(gzipSync(VALIDA), { 'Content-Encoding': 'gzip' }), [
      'Content-Encoding: no se admiten cuerpos comprimidos',
    ]);
  });
});

describe('headers', () => {
  const uuids = ['X-Correlation-ID', 'X-Request-ID'];
  const textos = ['X-Office-Code', 'X-Device-ID', 'X-Channel'];

  it.each([...uuids, ...textos])('%s is mandatory and comes once', async (nombre) => {
    esperarValidacion(await api.emitir(VALIDA, { [nombre]: undefined }), [`${nombre}: es obligatoria`]);
    const id = '7d4f2f5e-0c5b-4a7e-9a53-1f0f6c2f9b10';
    esperarValidacion(await api.emitir(VALIDA, { [nombre]: [id, id] }), [
      `${nombre}: aparece más de una vez`,
    ]);
  });

  it.each(uuids)('%s is a UUID', async (nombre) => {
    for (const valor of ['x', '7d4f2f5e0c5b4a7e9a531f0f6c2f9b10', '{7d4f2f5e-0c5b-4a7e-9a53-1f0f6c2f9b10}'])
      esperarValidacion(await api.emitir(VALIDA, { [nombre]: valor }), [`${nombre}: debe ser un UUID`]);
  });

  it.each(textos)('%s has 1 to 50 printable characters', async (nombre) => {
    esperarValidacion(await api.emitir(VALIDA, { [nombre]: 'x'.repeat(51) }), [
      `${nombre}: debe tener entre 1 y 50 caracteres`,
    ]);
    esperarValidacion(await api.emitir(VALIDA, { [nombre]: '' }), [
      `${nombre}: debe tener entre 1 y 50 caracteres`,
    ]);
    const giro = Buffer.from('a\u202eb').toString('latin1');
    for (const valor of ['a\tb', giro])
      esperarValidacion(await api.emitir(VALIDA, { [nombre]: valor }), [
        `${nombre}: contiene caracteres de control o de dirección de escritura`,
      ]);
  });

  it('at fault are told together with the body', async () => {
    const respuesta = await api.emitir(conMiembro(solicitudDePrueba(), 'solicitud.numeroTramite', ''), {
      'X-Channel': undefined,
      'X-Request-ID': 'x',
    });
    esperarValidacion(respuesta, [
      'X-Request-ID: debe ser un UUID',
      'X-Channel: es obligatoria',
      'solicitud.numeroTramite: debe tener entre 1 y 30 caracteres',
    ]);
  });

  it('without a correlation id get one made for the answer', async () => {
    const { sobre } = await api.emitir(VALIDA, { 'X-Correlation-ID': 'no es un UUID' });
    expect(sobre.metadata.correlationId).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('the order of checks', () => {
  it('is path, method, token, scope, and only then what was sent', async () => {
    const sinNada = { metodo: 'POST', ruta: RUTA_POST, cuerpo: '{' };
    expect((await api.pedir({ ...sinNada, ruta: `${RUTA_POST}/x` })).estadoHttp).toBe(404);
    expect((await api.pedir({ ...sinNada, metodo: 'PUT' })).estadoHttp).toBe(405);
    expect((await api.pedir(sinNada)).estadoHttp).toBe(401);
    const sinPermiso = await api.emisor.token({ scope: 'certificados:consultar' });
    expect(
      (await api.pedir({ ...sinNada, cabeceras: { Authorization: `Bearer ${sinPermiso}` } })).estadoHttp,
    ).toBe(403);
    const conPermiso = await api.emisor.token();
    expect(
      (await api.pedir({ ...sinNada, cabeceras: { Authorization: `Bearer ${conPermiso}` } })).estadoHttp,
    ).toBe(400);
  });
});
