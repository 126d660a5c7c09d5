/** Which tokens the API takes, and what each may do. */
import { ApiDePrueba, BASE, detallesDe, type Respuesta } from '../../../support/api/api-de-prueba.ts';
import { type Reclamos } from '../../../support/api/emisor-de-prueba.ts';

const AHORA_S = Math.floor(Date.now() / 1000);

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

  it.each<[string, Reclamos, string]>([
    ['expired', { exp: AHORA_S - 60 }, 'el token venció'],
    ['not valid yet', { nbf: AHORA_S + 60 }, 'el token todavía no es válido'],
    ['without exp', { exp: undefined }, 'el token no trae exp'],
    [
      'with an exp that is no number',
      { exp: 'mañana' as unknown as number },
      'el token trae un exp que no es válido',
    ],
    ['of another issuer', { iss: 'http://otro.example.com' }, 'el token es de otro emisor'],
    ['without issuer', { iss: undefined }, 'el token no trae iss'],
    ['for another audience', { aud: 'OtroServicio' }, 'el token es para otra audiencia'],
    ['without audience', { aud: undefined }, 'el token no trae aud'],
    ['without subject', { sub: undefined }, 'el token no trae sub'],
    ['with a blank subject', { sub: ' ' }, 'el token no trae sub'],
  ])('%s is refused', async (_caso, reclamos, falta) => {
    await esperar401(`Bearer ${await api.emisor.token({ exp: AHORA_S + 300, ...reclamos })}`, falta);
  });

  it('of alg none, or unsigned, is refused', async () => {
    const [, carga = ''] = (await api.emisor.token()).split('.');
    const cabecera = Buffer.from('{"alg":"none"}').toString('base64url');
    await esperar401(`Bearer ${cabecera}.${carga}.`, 'el algoritmo de firma del token no se admite');
    const firmada = (await api.emisor.token()).replace(/[^.]+$/, '');
    await esperar401(`Bearer ${firmada}`, 'la firma del token no es válida');
  });

  it('of an algorithm that is not ours is refused, though the issuer signs by it', async () => {
    await esperar401(
      `Bearer ${await api.emisor.token({}, 'RS384')}`,
      'el algoritmo de firma del token no se admite',
    );
  });

  it('signed by a key of somebody else is refused, whatever it calls itself', async () => {
    await esperar401(
      `Bearer ${await api.emisor.tokenDeOtraClave('RS256')}`,
      'la firma del token no es válida',
    );
    await esperar401(
      `Bearer ${await api.emisor.tokenDeOtraClave('ajena')}`,
      'el token no está firmado con una clave del emisor',
    );
  });

  it('that was changed after it was signed is refused', async () => {
    const [cabecera, , firma] = (await api.emisor.token()).split('.');
    const [, otra] = (await api.emisor.token({ sub: 'otro' })).split('.');
    await esperar401(
      `Bearer ${cabecera ?? ''}.${otra ?? ''}.${firma ?? ''}`,
      'la firma del token no es válida',
    );
  });

  it.each([
    [undefined, 'es obligatoria'],
    ['', 'debe ser «Bearer» y un token'],
    ['Basic dXN1YXJpbzpjbGF2ZQ==', 'debe ser «Bearer» y un token'],
    ['Bearer', 'debe ser «Bearer» y un token'],
    ['Bearer uno dos', 'debe ser «Bearer» y un token'],
    ['Bearer no-es-un-jwt-de-nadie', 'no es un JWT válido'],
    ['Bearer a.b.c', 'no es un JWT válido'],
  ])('%p is none', async (authorization, falta) => {
    await esperar401(authorization, falta);
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
