/** Who calls: the JWT of the configured OpenID issuer, verified by the keys that it publishes. */
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { ServicioNoDisponible } from '../../shared/emision/servicio-emision.ts';
import { FalloHttp } from './fallo-http.ts';

export type Permiso =
  'certificados:emitir' | 'certificados:consultar' | 'certificados:reejecutar' | 'certificados:nueva-emision';

export interface Identidad {
  /** The token's `sub`. */
  sujeto: string;
  /** `client_id` or `azp`; null where the issuer names none. */
  cliente: string | null;
  permisos: ReadonlySet<string>;
}

/**
 * Verifies the value of Authorization.
 * @throws FalloHttp TOKEN_INVALIDO
 * @throws ServicioNoDisponible where the issuer's keys cannot be had
 */
export type VerificarToken = (authorization: string | undefined) => Promise<Identidad>;

const ALGORITMOS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
/** Clocks of two machines under NTP differ by less. */
const TOLERANCIA_RELOJ_S = 5;
/** An issuer that takes longer is as good as down; the caller waits for it. */
const PLAZO_EMISOR_MS = 3_000;
/** After a failure the issuer is left alone this long; requests are refused at once meanwhile. */
const PAUSA_TRAS_FALLO_MS = 1_000;
/** A token of an unknown key makes the keys be fetched again, at most this often. */
const PAUSA_ENTRE_REFRESCOS_MS = 30_000;

interface Emisor {
  /** As the issuer writes itself, and so its tokens: a final slash counts. */
  nombre: string;
  llaves: ReturnType<typeof createRemoteJWKSet>;
}

export function createVerificarToken(
  { emisor, audiencia }: { emisor: string; audiencia: string },
  reloj: () => Date = () => new Date(),
): VerificarToken {
  const buscarEmisor = createBuscadorDeEmisor(emisor, reloj);
  return async (authorization) => {
    const token = leerBearer(authorization);
    const { nombre, llaves } = await buscarEmisor();
    try {
      const { payload } = await jwtVerify(token, llavesAlAlcance(llaves), {
        algorithms: ALGORITMOS,
        issuer: nombre,
        audience: audiencia,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: TOLERANCIA_RELOJ_S,
        currentDate: reloj(),
      });
      return identidadDe(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError) throw tokenInvalido(faltaDe(error));
      throw error;
    }
  };
}

/** 401 in words that name the fault and never repeat the token. */
function tokenInvalido(falta: string): FalloHttp {
  return new FalloHttp('TOKEN_INVALIDO', [`Authorization: ${falta}`], {
    cabeceras: {
      'WWW-Authenticate': `Bearer error="invalid_token", error_description="${soloAscii(falta)}"`,
    },
  });
}

/** @throws FalloHttp SIN_PERMISOS */
export function exigirPermiso({ permisos }: Identidad, permiso: Permiso): void {
  if (permisos.has(permiso)) return;
  throw new FalloHttp('SIN_PERMISOS', [`Authorization: el token no tiene el permiso ${permiso}`], {
    cabeceras: { 'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${permiso}"` },
  });
}

function leerBearer(authorization: string | undefined): string {
  if (authorization === undefined)
    // RFC 6750, section 3.1: no error code where no token came.
    throw new FalloHttp('TOKEN_INVALIDO', ['Authorization: es obligatoria'], {
      cabeceras: { 'WWW-Authenticate': 'Bearer' },
    });
  const token = /^Bearer +(?<token>[^\s,]+)$/i.exec(authorization)?.groups?.token;
  if (token === undefined) throw tokenInvalido('debe ser «Bearer» y un token');
  return token;
}

function identidadDe({ sub, scope, client_id, azp }: JWTPayload): Identidad {
  if (typeof sub !== 'string' || sub.trim() === '') throw tokenInvalido('el token no trae sub');
  const cliente = [client_id, azp].find((valor) => typeof valor === 'string' && valor !== '');
  const permisos = Array.isArray(scope) ? scope : typeof scope === 'string' ? scope.split(' ') : [];
  return {
    sujeto: sub,
    cliente: typeof cliente === 'string' ? cliente : null,
    permisos: new Set(permisos.filter((permiso) => typeof permiso === 'string')),
  };
}

function faltaDe(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'el token venció';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.reason === 'missing') return `el token no trae ${error.claim}`;
    if (error.claim === 'iss') return 'el token es de otro emisor';
    if (error.claim === 'aud') return 'el token es para otra audiencia';
    if (error.claim === 'nbf') return 'el token todavía no es válido';
    return `el token trae un ${error.claim} que no es válido`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'el algoritmo de firma del token no se admite';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'la firma del token no es válida';
  if (error instanceof errors.JWKSNoMatchingKey) return 'el token no está firmado con una clave del emisor';
  return 'no es un JWT válido';
}

/** Finds the issuer's own name and keys by its discovery document, once. */
function createBuscadorDeEmisor(emisor: string, reloj: () => Date): () => Promise<Emisor> {
  const pedir = createPedidoAlEmisor(reloj);
  let conocido: Emisor | null = null;
  let enCurso: Promise<Emisor> | null = null;
  return async () => {
    if (conocido !== null) return conocido;
    enCurso ??= descubrir(emisor, pedir).finally(() => {
      enCurso = null;
    });
    conocido = await enCurso;
    return conocido;
  };
}

async function descubrir(emisor: string, pedir: typeof fetch): Promise<Emisor> {
  try {
    const respuesta = await pedir(`${emisor}/.well-known/openid-configuration`, {
      signal: AbortSignal.timeout(PLAZO_EMISOR_MS),
      redirect: 'error',
    });
    const { issuer, jwks_uri } = (await respuesta.json()) as Record<string, unknown>;
    // A document of another issuer would hand our trust over to it (OpenID Connect Discovery 1.0, section 4.3).
    if (typeof issuer !== 'string' || issuer.replace(/\/+$/, '') !== emisor)
      throw new Error('discovery document names another issuer');
    if (typeof jwks_uri !== 'string') throw new Error('discovery document has no jwks_uri');
    const llaves = createRemoteJWKSet(new URL(jwks_uri), {
      timeoutDuration: PLAZO_EMISOR_MS,
      cooldownDuration: PAUSA_ENTRE_REFRESCOS_MS,
      [customFetch]: pedir,
    });
    return { nombre: issuer, llaves };
  } catch (cause) {
    throw new ServicioNoDisponible('the OpenID issuer', { cause });
  }
}

/** What jose raises of a key set that it has; anything else means that it could not be fetched. */
const FALLOS_DEL_TOKEN = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

function llavesAlAlcance(llaves: Emisor['llaves']): JWTVerifyGetKey {
  return async (cabecera, token) => {
    try {
      return await llaves(cabecera, token);
    } catch (cause) {
      if (FALLOS_DEL_TOKEN.some((tipo) => cause instanceof tipo)) throw cause;
      throw new ServicioNoDisponible('the OpenID issuer', { cause });
    }
  };
}

/** fetch that lets an issuer in trouble rest: a crowd of requests costs it one. */
function createPedidoAlEmisor(reloj: () => Date): typeof fetch {
  let descansaHastaMs = 0;
  return async (...pedido) => {
    if (reloj().getTime() < descansaHastaMs) throw new Error('the issuer failed a moment ago');
    try {
      const respuesta = await fetch(...pedido);
      if (!respuesta.ok) throw new Error(`the issuer answered ${respuesta.status}`);
      return respuesta;
    } catch (error) {
      descansaHastaMs = reloj().getTime() + PAUSA_TRAS_FALLO_MS;
      throw error;
    }
  };
}

/** error_description holds printable ASCII without quotes (RFC 6750, section 3). */
function soloAscii(texto: string): string {
  return texto
    .normalize('NFD')
    .replace(/[^\x20-\x7e]/g, '')
    .replaceAll('"', '');
}
