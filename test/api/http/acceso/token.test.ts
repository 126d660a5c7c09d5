/** Which tokens the API takes, and what each may do. */
import { ApiDePrueba, BASE, detallesDe, type Respuesta } from '../../../support/api/api-de-prueba.ts';
import { TOKENS_QUE_NO_VALEN } from '../../../support/api/tokens-que-no-valen.ts';

let api: ApiDePrueba;
beforeAll(async () => {
  api = await ApiDePrueba.iniciar();
});
afterAll(() => api.detener());

function consultarCon(authorization: string | string[] | undefined): Promise<Respuesta> {
  return api.pedir({ ruta: `${BASE}/solicitudes/X`, cabeceras: { authorization } });
}

async function esperar401(authorization: string | undefined, falta: string): Promise<void> {
  const respuesta = await consultarCon(authorization);
  expect(respuesta.estadoHttp).toBe(401);
  expect(respuesta.sobre.error?.tipo).toBe('TOKEN_INVALIDO');
  expect(detallesDe(respuesta)).toEqual([`Authorization: ${falta}`]);
  expect(respuesta.cabeceras['www-authenticate']).toMatch(/^Bearer/);
  const token = authorization?.replace(/^Bearer /, '');
  if (token !== undefined && token.length > 10) expect(JSON.stringify(respuesta)).not.toContain(token);
}

describe('a token', () => {
  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('signed by %s is accepted', async (alg) => {
    expect((await consultarCon(`Bearer ${await api.emisor.token({}, alg)}`)).estadoHttp).toBe(404);
  });

  it('is accepted with the scheme in any case, a list of scopes, and azp for a client', async () => {
    const token = await api.emisor.token({
      scope: ['certificados:consultar'],
      client_id: undefined,
      azp: 'consulta',
    });
    expect((await consultarCon(`bearer ${token}`)).estadoHttp).toBe(404);
    expect(api.bitacora.at(-1)).toMatchObject({ cliente: 'consulta' });
  });

  it.each(TOKENS_QUE_NO_VALEN)('%s is refused', async (_caso, authorization, falta) => {
    await esperar401(await authorization(api.emisor), falta);
  });

  it('names no error where none came, as RFC 6750 asks', async () => {
    expect((await consultarCon(undefined)).cabeceras['www-authenticate']).toBe('Bearer');
  });

  it.each([['openid certificados:consultarlo'], [''], [undefined], [7]])(
    'with the scope %p may not read',
    async (scope) => {
      const respuesta = await consultarCon(`Bearer ${await api.emisor.token({ scope })}`);
      expect(respuesta.estadoHttp).toBe(403);
      expect(respuesta.sobre.error?.tipo).toBe('SIN_PERMISOS');
      expect(detallesDe(respuesta)).toEqual([
        'Authorization: el token no tiene el permiso certificados:consultar',
      ]);
      expect(respuesta.cabeceras['www-authenticate']).toBe(
        'Bearer error="insufficient_scope", scope="certificados:consultar"',
      );
    },
  );

  it('that may read may not issue', async () => {
    const token = await api.emisor.token({ scope: 'certificados:consultar' });
    expect((await api.emitir({}, { Authorization: `Bearer ${token}` })).estadoHttp).toBe(403);
  });
});

describe('every route that asks for a token', () => {
  it('refuses each that is none, before it looks at anything else', async () => {
    const { texto } = await api.pedirTexto({ ruta: '/openapi.json' });
    const { paths } = JSON.parse(texto) as { paths: Record<string, Record<string, { security?: object[] }>> };
    const protegidas = Object.entries(paths).flatMap(([ruta, operaciones]) =>
      Object.entries(operaciones)
        .filter(([, { security = [] }]) => security.length > 0)
        .map(([metodo]) => ({ metodo: metodo.toUpperCase(), ruta })),
    );
    expect(protegidas.length).toBeGreaterThan(10);

    for (const [caso, authorization, falta] of TOKENS_QUE_NO_VALEN) {
      const cabeceras = { authorization: await authorization(api.emisor) };
      for (const { metodo, ruta } of protegidas) {
        const respuesta = await api.pedir({ metodo, ruta, cabeceras });
        const dicho = [respuesta.sobre.error?.tipo, ...detallesDe(respuesta)];
        expect([metodo, ruta, caso, ...dicho]).toEqual([
          metodo,
          ruta,
          caso,
          'TOKEN_INVALIDO',
          `Authorization: ${falta}`,
        ]);
      }
    }
    expect(api.soporte.llamadas).toEqual([]);
  });
});
