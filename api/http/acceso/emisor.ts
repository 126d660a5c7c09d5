/** The OpenID issuer: its own name and its keys, found by its discovery document and kept for a while (ADR 47). */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { ServicioNoDisponible } from '../../../shared/nucleo/servicio-no-disponible.ts';
import { createGuardaDeParte } from '../carga/parte-caida.ts';

/** An issuer that takes longer is as good as down; the caller waits for it. */
const PLAZO_MS = 3_000;
/** A token of an unknown key, or of a wrong signature, makes the keys be fetched again, at most this often. */
const PAUSA_ENTRE_REFRESCOS_MS = 30_000;
/** So long a key counts that the issuer has withdrawn, or an address of its keys that has moved. */
const VIGENCIA_MS = 10 * 60_000;
/** Hundreds of keys. */
const DOCUMENTO_MAX_BYTES = 512 * 1024;

export interface Emisor {
  /** As the issuer writes itself, and so its tokens: a final slash counts. */
  nombre: string;
  /** @throws ServicioNoDisponible where the keys cannot be had or used */
  llaves: JWTVerifyGetKey;
  /**
   * The keys as they are published now, for a token whose signature no known key explains: the one of its name may have
   * changed. Null where they were fetched a moment ago.
   * @throws ServicioNoDisponible
   */
  refrescar: () => Promise<JWTVerifyGetKey | null>;
}

interface Publicado {
  nombre: string;
  llaves: ReturnType<typeof createLocalJWKSet>;
  obtenidoMs: number;
}

/**
 * @param ahoraMs of a clock that nobody sets: a withdrawn key must not count for longer because the machine's was
 * @returns finds the issuer; throws ServicioNoDisponible where it does not answer
 */
export function createBuscadorDeEmisor(url: string, ahoraMs: () => number): () => Promise<Emisor> {
  let publicado: Publicado | null = null;
  let enCurso: Promise<Publicado> | null = null;
  // It is asked for nothing but its keys, and seldom: down at its first failure.
  const pedir = createGuardaDeParte({
    parte: 'the OpenID issuer',
    fallosParaCaer: 1,
    noResponde: () => true,
    ahoraMs,
  });

  const publicadoDesdeHace = (ms: number) =>
    publicado !== null && ahoraMs() - publicado.obtenidoMs < ms ? publicado : null;

  const leer = async (): Promise<Publicado> => {
    try {
      publicado = { ...(await leerPublicado(url)), obtenidoMs: ahoraMs() };
      return publicado;
    } catch (cause) {
      throw new ServicioNoDisponible('the OpenID issuer', { cause });
    } finally {
      enCurso = null;
    }
  };

  /** A crowd of requests costs the issuer one. */
  const obtener = () => pedir(() => (enCurso ??= leer()));

  const buscarLlave: JWTVerifyGetKey = async (cabecera, token) => {
    const conocidas = publicadoDesdeHace(VIGENCIA_MS) ?? (await obtener());
    try {
      return await conocidas.llaves(cabecera, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || publicadoDesdeHace(PAUSA_ENTRE_REFRESCOS_MS))
        throw error;
      return (await obtener()).llaves(cabecera, token);
    }
  };

  return async () => {
    const conocido = publicadoDesdeHace(VIGENCIA_MS) ?? (await obtener());
    const { nombre } = conocido;
    return {
      nombre,
      llaves: llavesUtilizables(buscarLlave),
      async refrescar() {
        // Another request may have fetched them meanwhile.
        const reciente = publicadoDesdeHace(PAUSA_ENTRE_REFRESCOS_MS);
        if (reciente === conocido) return null;
        return llavesUtilizables((reciente ?? (await obtener())).llaves);
      },
    };
  };
}

/** What jose raises for the token's sake; anything else is a fault of the issuer's keys. */
const FALLOS_DEL_TOKEN = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

function llavesUtilizables(buscarLlave: JWTVerifyGetKey): JWTVerifyGetKey {
  return async (cabecera, token) => {
    try {
      return await buscarLlave(cabecera, token);
    } catch (cause) {
      const esSabido = [...FALLOS_DEL_TOKEN, ServicioNoDisponible].some((tipo) => cause instanceof tipo);
      throw esSabido ? cause : new ServicioNoDisponible('the OpenID issuer', { cause });
    }
  };
}

/** Discovery document and keys, both within one deadline. */
async function leerPublicado(url: string): Promise<Omit<Publicado, 'obtenidoMs'>> {
  const plazo = AbortSignal.timeout(PLAZO_MS);
  const documento = await leerJson(`${url}/.well-known/openid-configuration`, plazo);
  const { issuer, jwks_uri } = (documento ?? {}) as Record<string, unknown>;
  // A document of another issuer would hand our trust over to it (OpenID Connect Discovery 1.0, section 4.3).
  if (typeof issuer !== 'string' || issuer.replace(/\/+$/, '') !== url)
    throw new Error('discovery document names another issuer');
  if (typeof jwks_uri !== 'string' || !/^https?:/i.test(jwks_uri))
    throw new Error('discovery document has no jwks_uri');
  const llaves = createLocalJWKSet((await leerJson(jwks_uri, plazo)) as JSONWebKeySet);
  return { nombre: issuer, llaves };
}

/** Only what stands at the address itself: a redirect could lead anywhere. */
async function leerJson(url: string, plazo: AbortSignal): Promise<unknown> {
  const respuesta = await fetch(url, { signal: plazo, redirect: 'error' });
  const partes: Uint8Array[] = [];
  let total = 0;
  for await (const parte of (respuesta.body ?? []) as AsyncIterable<Uint8Array>) {
    total += parte.length;
    if (total > DOCUMENTO_MAX_BYTES)
      throw new Error(`the issuer sent more than ${DOCUMENTO_MAX_BYTES} bytes`);
    partes.push(parte);
  }
  if (!respuesta.ok) throw new Error(`the issuer answered ${respuesta.status}`);
  return JSON.parse(Buffer.concat(partes).toString('utf8'));
}
