/** An OpenID issuer over HTTP, for the tests of what the API accepts: discovery, keys, and any token asked for. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';

export const AUDIENCIA = 'MsCoreogCertificadosDigitales';

interface Clave {
  alg: string;
  kid: string;
  privada: CryptoKey;
  publica: JWK;
}

/** Claims of the token; `undefined` takes one away. */
export type Reclamos = { [K in keyof JWTPayload]: JWTPayload[K] | undefined };

export class EmisorDePrueba {
  readonly url: string;
  /** Requests answered, by path. */
  readonly pedidos: string[] = [];
  /** What the issuer answers instead of its documents. */
  averia: 'NINGUNA' | 'ERROR_500' | 'BASURA' | 'SILENCIO' | 'OTRO_NOMBRE' = 'NINGUNA';
  /** What it answers at a path instead of its own document. */
  readonly respuestas = new Map<string, (res: ServerResponse) => void>();
  /** Where its keys stand. */
  rutaDeLlaves = '/jwks';
  readonly #server: Server;
  readonly #claves: Map<string, Clave>;

  private constructor(server: Server, claves: Map<string, Clave>) {
    this.#server = server;
    this.#claves = claves;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (req, res) => {
      this.pedidos.push(req.url ?? '');
      if (this.averia === 'SILENCIO') return;
      const otra = this.respuestas.get(req.url ?? '');
      if (otra !== undefined) {
        otra(res);
        return;
      }
      if (this.averia === 'ERROR_500') res.statusCode = 500;
      res.setHeader('Content-Type', 'application/json');
      res.end(this.averia === 'BASURA' ? 'no es JSON' : JSON.stringify(this.#documento(req.url)));
    });
  }

  static async iniciar(): Promise<EmisorDePrueba> {
    const claves = await CLAVES;
    const server = createServer();
    await new Promise<void>((listo) => server.listen(0, '127.0.0.1', listo));
    return new EmisorDePrueba(server, new Map(claves.map((clave) => [clave.alg, clave])));
  }

  /** A good token of the API's caller, but for what `reclamos` changes. */
  async token(reclamos: Reclamos = {}, alg = 'RS256'): Promise<string> {
    const clave = this.#claves.get(alg);
    if (clave === undefined) throw new Error(`no key for ${alg}`);
    return firmar(clave, { ...this.#reclamosBuenos(), ...reclamos });
  }

  /** Publishes a new key under this name, which signs from now on the tokens of `alg`. */
  async rotar(alg: string, kid: string): Promise<void> {
    this.#claves.set(alg, { ...(await crearClave(alg)), kid });
  }

  /** As `token`, signed by a key that the issuer does not publish, under a name that it may publish. */
  async tokenDeOtraClave(kid: string): Promise<string> {
    return firmar({ ...(await crearClave('RS256')), kid }, this.#reclamosBuenos());
  }

  #reclamosBuenos(): Reclamos {
    const ahora = Math.floor(Date.now() / 1000);
    return {
      iss: this.url,
      aud: AUDIENCIA,
      sub: 'siirc',
      client_id: 'siirc',
      iat: ahora,
      exp: ahora + 300,
      scope: 'certificados:emitir certificados:consultar',
    };
  }

  /** Cuts every connection, as a restart does. */
  soltarConexiones(): void {
    this.#server.closeAllConnections();
  }

  async detener(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((cerrado) => this.#server.close(cerrado));
  }

  #documento(ruta: string | undefined): unknown {
    if (ruta === this.rutaDeLlaves)
      return {
        keys: [...this.#claves.values()].map(({ publica, kid, alg }) => ({
          ...publica,
          kid,
          alg,
          use: 'sig',
        })),
      };
    return {
      issuer: this.averia === 'OTRO_NOMBRE' ? 'http://otro.example.com' : this.url,
      jwks_uri: `${this.url}${this.rutaDeLlaves}`,
    };
  }
}

/** Made once a test file: RSA keys take their time. */
const CLAVES = Promise.all(['RS256', 'PS256', 'ES256', 'EdDSA', 'RS384'].map(crearClave));

async function crearClave(alg: string): Promise<Clave> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid: alg, privada: privateKey, publica: await exportJWK(publicKey) };
}

function firmar({ alg, kid, privada }: Clave, reclamos: Reclamos): Promise<string> {
  const presentes = Object.fromEntries(Object.entries(reclamos).filter(([, valor]) => valor !== undefined));
  return new SignJWT(presentes).setProtectedHeader({ alg, kid, typ: 'at+jwt' }).sign(privada);
}
