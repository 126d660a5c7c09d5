/** Who calls: the JWT of the configured OpenID issuer, verified by the keys that it publishes. */
import type { IncomingMessage } from 'node:http';
import { FALLOS_HTTP } from '../../../shared/nucleo/fallos.ts';
import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { ServicioNoDisponible } from '../../../shared/nucleo/servicio-no-disponible.ts';
import { createBuscadorDeEmisor, type Emisor } from './emisor.ts';
import { FalloHttp } from '../peticion/fallo-http.ts';

/** A scope of the token, by what it is of and what it allows: each domain has its own. */
export type Permiso = `${string}:${string}`;

/** Who may read all may read its own. */
export function paraTodas(permiso: Permiso): Permiso | null {
  return permiso.endsWith(':consultar') ? `${permiso}-todas` : null;
}

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
 * @throws ServicioNoDisponible where the issuer's keys cannot be had or used
 */
export type VerificarToken = (authorization: string | undefined) => Promise<Identidad>;

const ALGORITMOS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
/** Clocks of two machines under NTP differ by less. */
const TOLERANCIA_RELOJ_S = 5;

export function createVerificadorDeToken(
  { emisor, audiencia }: { emisor: string; audiencia: string },
  reloj: () => Date = () => new Date(),
  ahoraMs: () => number = () => performance.now(),
): VerificarToken {
  const buscarEmisor = createBuscadorDeEmisor(emisor, ahoraMs);
  return async (authorization) => {
    const token = leerBearer(authorization);
    return identidadDe(await verificarFirma(token, await buscarEmisor()));
  };

  async function verificarFirma(token: string, { nombre, llaves, refrescar }: Emisor): Promise<JWTPayload> {
    const verificar = async (conLlaves: JWTVerifyGetKey) => {
      const { payload } = await jwtVerify(token, conLlaves, {
        algorithms: ALGORITMOS,
        issuer: nombre,
        audience: audiencia,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: TOLERANCIA_RELOJ_S,
        currentDate: reloj(),
      });
      return payload;
    };
    try {
      return await verificar(llaves).catch(async (error: unknown) => {
        const otras = error instanceof errors.JWSSignatureVerificationFailed ? await refrescar() : null;
        if (!otras) throw error;
        return verificar(otras);
      });
    } catch (error) {
      if (error instanceof errors.JOSEError) throw tokenInvalido(faltaDe(error));
      if (error instanceof ServicioNoDisponible) throw error;
      // A key that jose will not verify with, e.g. for being too short: the token's signer knows no other.
      throw new ServicioNoDisponible('a usable key of the OpenID issuer', { cause: error });
    }
  }
}

/** By the header alone. */
export function porToken(verificarToken: VerificarToken): (req: IncomingMessage) => Promise<Identidad> {
  return (req) => verificarToken(req.headers.authorization);
}

/** 401 in words that name the fault and never repeat the token. */
function tokenInvalido(falta: string): FalloHttp {
  return new FalloHttp(FALLOS_HTTP.TOKEN_INVALIDO, [`Authorization: ${falta}`], {
    cabeceras: {
      'WWW-Authenticate': `Bearer error="invalid_token", error_description="${soloAscii(falta)}"`,
    },
  });
}

/** @throws FalloHttp SIN_PERMISOS */
export function exigirPermiso({ permisos }: Identidad, permiso: Permiso): void {
  const todas = paraTodas(permiso);
  if (permisos.has(permiso) || (todas !== null && permisos.has(todas))) return;
  throw new FalloHttp(FALLOS_HTTP.SIN_PERMISOS, [`Authorization: el token no tiene el permiso ${permiso}`], {
    cabeceras: { 'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${permiso}"` },
  });
}

function leerBearer(authorization: string | undefined): string {
  if (authorization === undefined)
    // RFC 6750, section 3.1: no error code where no token came.
    throw new FalloHttp(FALLOS_HTTP.TOKEN_INVALIDO, ['Authorization: es obligatoria'], {
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
  if (error instanceof errors.JWKSMultipleMatchingKeys) return 'el token no dice con qué clave está firmado';
  if (error instanceof errors.JWKSNoMatchingKey) return 'el token no está firmado con una clave del emisor';
  return 'no es un JWT válido';
}

/** error_description holds printable ASCII without quotes (RFC 6750, section 3). */
function soloAscii(texto: string): string {
  return texto
    .normalize('NFD')
    .replace(/[^\x20-\x7e]/g, '')
    .replaceAll('"', '');
}
