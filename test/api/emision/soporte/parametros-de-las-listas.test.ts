/** Parameters of the lists that are at fault, told all at once. */
import fc from 'fast-check';
import { ApiDePrueba, detallesDe } from '../../../support/api/api-de-prueba.ts';

let api: ApiDePrueba;
beforeAll(async () => {
  api = await ApiDePrueba.iniciar();
});
beforeEach(() => {
  api.olvidar();
});
afterAll(() => api.detener());

const listar = (consulta = '') => api.comoSoporte(`/solicitudes${consulta}`);

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
