/**
 * A person's session at the codec server: who they are and what their token allows, sealed in a cookie that no script reads. It
 * lasts as long as the token, an hour at most.
 */
import type { IncomingMessage } from 'node:http';
import type { Response } from 'express';
import { z } from 'zod';
import { FALLOS_HTTP } from '../../shared/nucleo/fallos.ts';
import { comoJson } from '../../shared/nucleo/json.ts';
import { Ilegible, type Cifrado } from '../../shared/runtime/claves/cifrado.ts';
import type { Identidad } from '../http/acceso/token.ts';
import { FalloHttp } from '../http/peticion/fallo-http.ts';

const SESION_MAXIMA_MS = 3_600_000;
/** From the issuer's page back to here. */
const ENTRADA_MAXIMA_MS = 600_000;

const sesion = z.object({
  sujeto: z.string(),
  permisos: z.array(z.string()),
  hastaMs: z.number(),
});

const entrada = z.object({ estado: z.string(), verificador: z.string(), hastaMs: z.number() });
/** What is kept of a sign-in while the person is at the issuer. */
type Entrada = Omit<z.infer<typeof entrada>, 'hastaMs'>;

export interface Sesiones {
  /** Null where there is none, or it is over. */
  leer(req: IncomingMessage): Identidad | null;
  /** @param venceEnMs of the token, epoch */
  abrir(res: Response, quien: Identidad, venceEnMs: number): void;
  cerrar(res: Response): void;
  leerEntrada(req: IncomingMessage): Entrada | null;
  guardarEntrada(res: Response, entrada: Entrada): void;
}

/** @param url of the codec server, as browsers reach it: over https a cookie is sent over nothing else */
export function createSesiones(cifrado: Cifrado, url: string, ahoraMs: () => number): Sesiones {
  const secure = url.startsWith('https:');
  // A name that browsers take from this host alone.
  const nombres = {
    sesion: `${secure ? '__Host-' : ''}codec-sesion`,
    entrada: `${secure ? '__Host-' : ''}codec-entrada`,
  };
  // Lax: the issuer's page sends its visitor back here, and Temporal's UI is of the same site.
  const opciones = { httpOnly: true, sameSite: 'lax', secure, path: '/' } as const;

  function leer<T extends { hastaMs: number }>(
    req: IncomingMessage,
    cual: keyof typeof nombres,
    esquema: z.ZodType<T>,
  ): T | null {
    const sellado = cookieDe(req, nombres[cual]);
    if (sellado === null) return null;
    try {
      const claro = cifrado.descifrar(Buffer.from(sellado, 'base64url'), `codec.${cual}`);
      const leida = esquema.safeParse(comoJson(claro.toString('utf8')));
      return leida.success && leida.data.hastaMs > ahoraMs() ? leida.data : null;
    } catch (error) {
      if (error instanceof Ilegible) return null;
      throw error;
    }
  }
  function guardar(
    res: Response,
    cual: keyof typeof nombres,
    valor: z.infer<typeof sesion> | z.infer<typeof entrada>,
  ): void {
    const sellado = cifrado.cifrar(Buffer.from(JSON.stringify(valor)), `codec.${cual}`).toString('base64url');
    res.cookie(nombres[cual], sellado, { ...opciones, maxAge: valor.hastaMs - ahoraMs() });
  }

  return {
    leer(req) {
      const leida = leer(req, 'sesion', sesion);
      // Of no client: the limit is the person's, whom the others of the codec server's client must not shut out.
      return leida && { sujeto: leida.sujeto, cliente: null, permisos: new Set(leida.permisos) };
    },
    abrir(res, { sujeto, permisos }, venceEnMs) {
      res.clearCookie(nombres.entrada, opciones);
      const hastaMs = Math.min(venceEnMs, ahoraMs() + SESION_MAXIMA_MS);
      guardar(res, 'sesion', { sujeto, hastaMs, permisos: [...permisos] });
    },
    cerrar: (res) => {
      res.clearCookie(nombres.sesion, opciones);
    },
    leerEntrada(req) {
      return leer(req, 'entrada', entrada);
    },
    guardarEntrada(res, nueva) {
      guardar(res, 'entrada', { ...nueva, hastaMs: ahoraMs() + ENTRADA_MAXIMA_MS });
    },
  };
}

function cookieDe({ headers }: IncomingMessage, nombre: string): string | null {
  for (const parte of (headers.cookie ?? '').split(';')) {
    const [propio = '', ...valor] = parte.trim().split('=');
    if (propio === nombre) return valor.join('=');
  }
  return null;
}

/**
 * Who calls: by the token, else by the session. A session counts for pages of the UI alone: another site's page must not act
 * in its visitor's name.
 */
export function porTokenOSesion(
  porToken: (req: IncomingMessage) => Promise<Identidad>,
  sesiones: Sesiones,
  origenDeLaUi: string | undefined,
): (req: IncomingMessage) => Promise<Identidad> {
  return async (req) => {
    const { authorization, origin } = req.headers;
    const deSesion =
      authorization === undefined && origin !== undefined && origin === origenDeLaUi
        ? sesiones.leer(req)
        : null;
    if (deSesion) return deSesion;
    if (authorization === undefined && origin !== undefined)
      throw new FalloHttp(FALLOS_HTTP.TOKEN_INVALIDO, [
        'La sesión falta o venció: entre de nuevo en la página del servidor de descifrado',
      ]);
    return porToken(req);
  };
}
