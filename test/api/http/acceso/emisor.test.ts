/** The issuer of tokens: how its keys are found, kept, and done without. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createVerificadorDeToken } from '../../../../api/http/acceso/token.ts';
import { ServicioNoDisponible } from '../../../../shared/nucleo/servicio-no-disponible.ts';
import { ApiDePrueba, BASE } from '../../../support/api/api-de-prueba.ts';
import { AUDIENCIA, EmisorDePrueba } from '../../../support/api/emisor-de-prueba.ts';

describe('the issuer', () => {
  let emisor: EmisorDePrueba;
  let ahoraMs: number;
  beforeEach(async () => {
    emisor = await EmisorDePrueba.iniciar();
    ahoraMs = Date.now();
  });
  afterEach(() => emisor.detener());

  const createVerificar = (url = emisor.url) =>
    createVerificadorDeToken(
      { emisor: url, audiencia: AUDIENCIA },
      () => new Date(ahoraMs),
      () => ahoraMs,
    );
  function verificador() {
    const verificar = createVerificar();
    return async () => verificar(`Bearer ${await emisor.token()}`);
  }

  it('is asked once for its keys by a crowd of requests', async () => {
    const verificar = verificador();
    await Promise.all(Array.from({ length: 20 }, verificar));
    await verificar();
    expect(emisor.pedidos).toEqual(['/.well-known/openid-configuration', '/jwks']);
  });

  it.each(['ERROR_500', 'BASURA', 'OTRO_NOMBRE'] as const)(
    'in trouble (%s) is a service out of reach',
    async (averia) => {
      emisor.averia = averia;
      await expect(verificador()()).rejects.toBeInstanceOf(ServicioNoDisponible);
    },
  );

  const DESCUBRIMIENTO = '/.well-known/openid-configuration';
  const conLlaves = (jwks_uri: unknown) => () => ({ issuer: emisor.url, jwks_uri });
  it.each<[string, string, () => unknown]>([
    ['a discovery document that is null', DESCUBRIMIENTO, () => null],
    ['a discovery document that is a list', DESCUBRIMIENTO, () => []],
    ['no address of its keys', DESCUBRIMIENTO, conLlaves(undefined)],
    ['an address of its keys that is none', DESCUBRIMIENTO, conLlaves('ninguna')],
    ['its keys in a file', DESCUBRIMIENTO, conLlaves('file:///etc/hostname')],
    ['its keys in the document', DESCUBRIMIENTO, conLlaves('data:application/json,{"keys":[]}')],
    ['keys that are null', '/jwks', () => null],
    ['keys without a list', '/jwks', () => ({ keys: 'RS256' })],
    ['a list of nothing', '/jwks', () => ({ keys: [null] })],
    ['a key without its numbers', '/jwks', () => ({ keys: [{ kty: 'RSA', kid: 'RS256', alg: 'RS256' }] })],
    [
      'a secret for a key',
      '/jwks',
      () => ({ keys: [{ kty: 'RSA', kid: 'RS256', n: 'AQAB', e: 'AQAB', d: 'AQ' }] }),
    ],
    [
      'a key that is too short',
      '/jwks',
      () => ({ keys: [{ kty: 'RSA', kid: 'RS256', n: 'uyD-_Q', e: 'AQAB' }] }),
    ],
    ['keys of a megabyte', '/jwks', () => ({ keys: [], relleno: 'x'.repeat(1_000_000) })],
  ])('with %s is a service out of reach', async (_caso, ruta, documento) => {
    emisor.respuestas.set(ruta, (res) => res.end(JSON.stringify(documento())));
    await expect(verificador()()).rejects.toBeInstanceOf(ServicioNoDisponible);
  });

  it.each([DESCUBRIMIENTO, '/jwks'])('that redirects %s is not followed', async (ruta) => {
    emisor.respuestas.set(ruta, (res) => res.writeHead(302, { Location: `${emisor.url}/otra` }).end());
    await expect(verificador()()).rejects.toBeInstanceOf(ServicioNoDisponible);
    expect(emisor.pedidos).not.toContain('/otra');
  });

  it('whose keys never end is cut off', async () => {
    const cortada = Promise.withResolvers<undefined>();
    emisor.respuestas.set('/jwks', (res) => {
      const escribir = () => {
        while (res.write('x'.repeat(65_536)));
      };
      res.on('drain', escribir).on('close', () => {
        cortada.resolve(undefined);
      });
      escribir();
    });
    await expect(verificador()()).rejects.toBeInstanceOf(ServicioNoDisponible);
    await cortada.promise;
  });

  it('that is silent is waited for once; then requests are refused at once, and it is found when it is back', async () => {
    const verificar = verificador();
    const motivo = async () => {
      const error: unknown = await verificar().catch((una: unknown) => una);
      if (!(error instanceof ServicioNoDisponible)) throw new Error('it was not refused', { cause: error });
      return error;
    };
    emisor.averia = 'SILENCIO';
    // Each of the three ways to be refused says itself how long it waited: the deadline, not at all, a moment.
    expect(await motivo()).toMatchObject({ cause: { name: 'TimeoutError' } });
    expect((await motivo()).message).toContain('which failed a moment ago');
    expect(emisor.pedidos).toHaveLength(1);
    ahoraMs += 1_001;
    expect((await motivo()).message).toContain('which failed a moment ago');
    expect(emisor.pedidos).toHaveLength(2);

    // What was under way ends by itself; the one after it meets the issuer that is back.
    emisor.averia = 'NINGUNA';
    emisor.soltarConexiones();
    await expect(verificar()).rejects.toBeInstanceOf(ServicioNoDisponible);
    ahoraMs += 1_001;
    await expect(verificar()).resolves.toMatchObject({ sujeto: 'siirc' });
  });

  it('that refuses connections rests before it is asked again, and is found when it is back', async () => {
    const verificar = verificador();
    emisor.averia = 'ERROR_500';
    await expect(verificar()).rejects.toBeInstanceOf(ServicioNoDisponible);
    emisor.averia = 'NINGUNA';
    await expect(verificar()).rejects.toBeInstanceOf(ServicioNoDisponible);
    expect(emisor.pedidos).toHaveLength(1);
    ahoraMs += 1_001;
    await expect(verificar()).resolves.toMatchObject({ sujeto: 'siirc', cliente: 'siirc' });
  });

  /** As a stranger would make it: the key is looked for before the signature is. */
  const tokenDeClaveDesconocida = (kid: string) =>
    [{ alg: 'RS256', kid }, { sub: 'nadie' }, 'firma']
      .map((parte) => Buffer.from(JSON.stringify(parte)).toString('base64url'))
      .join('.');

  it('is asked again at most every 30 s, by a thousand tokens of unknown keys', async () => {
    const verificar = createVerificar();
    const mil = async () => {
      for (let ronda = 0; ronda < 10; ronda++) {
        const resultados = await Promise.allSettled(
          Array.from({ length: 100 }, (_, i) =>
            verificar(`Bearer ${tokenDeClaveDesconocida(`${ronda}-${i}`)}`),
          ),
        );
        for (const resultado of resultados)
          expect(resultado).toMatchObject({
            status: 'rejected',
            reason: { fallo: { nombre: 'TOKEN_INVALIDO' } },
          });
      }
    };
    await verificar(`Bearer ${await emisor.token()}`);
    await mil();
    expect(emisor.pedidos).toHaveLength(2);
    ahoraMs += 30_000;
    await mil();
    expect(emisor.pedidos).toHaveLength(4);
  });

  it('may sign by a new key: it is fetched where it is met, half a minute after the last time', async () => {
    const verificar = verificador();
    await verificar();
    await emisor.rotar('RS256', 'nueva');
    await expect(verificar()).rejects.toMatchObject({ fallo: { nombre: 'TOKEN_INVALIDO' } });
    ahoraMs += 30_000;
    await expect(verificar()).resolves.toMatchObject({ sujeto: 'siirc' });
  });

  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])(
    'may sign by a new key under the old name (%s): it is fetched as soon as keys may be fetched again',
    async (alg) => {
      const verificar = createVerificar();
      const exp = Math.floor(ahoraMs / 1000) + 3_600;
      const verificarNuevo = async () => verificar(`Bearer ${await emisor.token({ exp }, alg)}`);
      await verificarNuevo();
      const anterior = await emisor.token({ exp }, alg);
      await emisor.rotar(alg, alg);
      await expect(verificarNuevo()).rejects.toMatchObject({ fallo: { nombre: 'TOKEN_INVALIDO' } });
      expect(emisor.pedidos).toHaveLength(2);

      ahoraMs += 30_000;
      await Promise.all([verificarNuevo(), verificarNuevo(), verificarNuevo()]);
      expect(emisor.pedidos).toHaveLength(4);
      await expect(verificar(`Bearer ${anterior}`)).rejects.toMatchObject({
        fallo: { nombre: 'TOKEN_INVALIDO' },
      });
    },
  );

  it('is asked again at most every 30 s, by hundreds of wrong signatures under a known name', async () => {
    const verificar = createVerificar();
    const bueno = await emisor.token({ exp: Math.floor(ahoraMs / 1000) + 3_600 });
    const forjados = async () => {
      const [cabecera = '', carga = ''] = bueno.split('.');
      const resultados = await Promise.allSettled(
        Array.from({ length: 200 }, (_, i) => {
          const firma = Buffer.alloc(256, i).toString('base64url');
          return verificar(`Bearer ${cabecera}.${carga}.${firma}`);
        }),
      );
      for (const resultado of resultados)
        expect(resultado).toMatchObject({
          status: 'rejected',
          reason: { fallo: { nombre: 'TOKEN_INVALIDO' } },
        });
    };
    await verificar(`Bearer ${bueno}`);
    for (let ronda = 1; ronda <= 3; ronda++) {
      await forjados();
      await forjados();
      expect(emisor.pedidos).toHaveLength(2 * ronda);
      await expect(verificar(`Bearer ${bueno}`)).resolves.toMatchObject({ sujeto: 'siirc' });
      ahoraMs += 30_000;
    }
  });

  it('down, does not lock out those whose keys are known, within ten minutes', async () => {
    const verificar = createVerificar();
    const token = await emisor.token({ exp: Math.floor(ahoraMs / 1000) + 3_600 });
    await verificar(`Bearer ${token}`);
    emisor.averia = 'ERROR_500';
    ahoraMs += 9 * 60_000;
    const deOtra = tokenDeClaveDesconocida('nueva');
    await expect(verificar(`Bearer ${deOtra}`)).rejects.toBeInstanceOf(ServicioNoDisponible);
    await expect(verificar(`Bearer ${token}`)).resolves.toMatchObject({ sujeto: 'siirc' });
    ahoraMs += 60_000;
    await expect(verificar(`Bearer ${token}`)).rejects.toBeInstanceOf(ServicioNoDisponible);
  });

  it('is asked as often as it should be, and its keys count no longer, where the clock is set back', async () => {
    const inicioMs = ahoraMs;
    let puestoMs = 0;
    const verificar = createVerificadorDeToken(
      { emisor: emisor.url, audiencia: AUDIENCIA },
      () => new Date(inicioMs - puestoMs),
      () => ahoraMs,
    );
    const token = await emisor.token({ exp: Math.floor(inicioMs / 1000) + 3_600 });
    emisor.averia = 'ERROR_500';
    await expect(verificar(`Bearer ${token}`)).rejects.toBeInstanceOf(ServicioNoDisponible);
    emisor.averia = 'NINGUNA';
    puestoMs = 3_600_000;
    ahoraMs += 1_001;
    await expect(verificar(`Bearer ${token}`)).resolves.toMatchObject({ sujeto: 'siirc' });
    emisor.averia = 'ERROR_500';
    ahoraMs += 10 * 60_000;
    await expect(verificar(`Bearer ${token}`)).rejects.toBeInstanceOf(ServicioNoDisponible);
  });

  it('is asked by one request at a time while it is silent, however long that takes', async () => {
    const verificar = verificador();
    emisor.averia = 'ERROR_500';
    await expect(verificar()).rejects.toBeInstanceOf(ServicioNoDisponible);
    emisor.averia = 'SILENCIO';
    for (let i = 0; i < 3; i++) {
      ahoraMs += 1_001;
      await expect(verificar()).rejects.toBeInstanceOf(ServicioNoDisponible);
    }
    expect(emisor.pedidos).toHaveLength(2);
  });

  it.each([
    ['after ten minutes, though all keys are known', 10 * 60_000, null],
    ['as soon as a key is not known', 30_000, 'nueva'],
  ])('is found at a new address of its keys %s', async (_caso, despuesMs, claveNueva) => {
    const verificar = createVerificar();
    const exp = Math.floor(ahoraMs / 1000) + 3_600;
    await verificar(`Bearer ${await emisor.token({ exp })}`);
    emisor.rutaDeLlaves = '/otras-llaves';
    if (claveNueva !== null) await emisor.rotar('RS256', claveNueva);
    ahoraMs += despuesMs;
    await expect(verificar(`Bearer ${await emisor.token({ exp })}`)).resolves.toMatchObject({
      sujeto: 'siirc',
    });
    expect(emisor.pedidos.slice(2)).toEqual(['/.well-known/openid-configuration', '/otras-llaves']);
  });

  it('that moved its keys while it was down is found again', async () => {
    const verificar = verificador();
    emisor.respuestas.set('/jwks', (res) => res.writeHead(404).end());
    await expect(verificar()).rejects.toBeInstanceOf(ServicioNoDisponible);
    emisor.rutaDeLlaves = '/otras-llaves';
    ahoraMs += 1_001;
    await expect(verificar()).resolves.toMatchObject({ sujeto: 'siirc' });
  });

  it('whose name ends in a slash is known by it', async () => {
    const server = createServer((req, res) => {
      res.end(JSON.stringify({ issuer: `${url}/`, jwks_uri: `${emisor.url}/jwks` }));
    });
    await new Promise<void>((listo) => server.listen(0, '127.0.0.1', listo));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const verificar = createVerificar(url);
    await expect(verificar(`Bearer ${await emisor.token({ iss: `${url}/` })}`)).resolves.toMatchObject({
      sujeto: 'siirc',
    });
    server.closeAllConnections();
    await new Promise((cerrado) => server.close(cerrado));
  });

  it('that is gone makes the API answer 503 with Retry-After, not 401', async () => {
    const sinEmisor = await ApiDePrueba.iniciar();
    const authorization = `Bearer ${await sinEmisor.emisor.token()}`;
    await sinEmisor.emisor.detener();
    const respuesta = await sinEmisor.pedir({ ruta: `${BASE}/solicitudes/X`, cabeceras: { authorization } });
    expect(respuesta.estadoHttp).toBe(503);
    expect(respuesta.sobre.error?.tipo).toBe('SERVICIO_NO_DISPONIBLE');
    expect(respuesta.cabeceras['retry-after']).toBe('5');
    sinEmisor.server.closeAllConnections();
    await new Promise((cerrado) => sinEmisor.server.close(cerrado));
  });
});
