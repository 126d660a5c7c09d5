/** How a person signs in at the codec server: authorization code with PKCE, at the issuer that the API believes too. */
import type { Request, Response } from 'express';
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { EXITOS, FALLOS_HTTP } from '../../shared/nucleo/fallos.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { VerificarToken } from '../http/acceso/token.ts';
import type { Ruta, RutaAbierta } from '../http/peticion/ruta.ts';
import { DATOS_PERSONALES, DESCIFRAR } from './permisos.ts';
import { pagina } from './pagina.ts';
import type { Sesiones } from './sesion.ts';

export interface DependenciasDeEntrada {
  /** Origin of the codec server, as browsers reach it. */
  url: string;
  emisor: string;
  clientId: string;
  clientSecret: string | undefined;
  origenDeLaUi: string | undefined;
  sesiones: Sesiones;
  verificarToken: VerificarToken;
  logger: Logger;
}

/** One who waits longer sees that the issuer does not answer. */
const EMISOR_S = 5;
const VER_OTRO = 303;

export function rutasDeEntrada(deps: DependenciasDeEntrada): Ruta[] {
  const { url, emisor, clientId, clientSecret, origenDeLaUi, sesiones, verificarToken, logger } = deps;
  let conocido: Promise<oidc.Configuration> | undefined;
  const emisorConocido = () =>
    (conocido ??= oidc
      .discovery(
        new URL(emisor),
        clientId,
        undefined,
        clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(clientSecret),
        {
          timeout: EMISOR_S,
          // The issuer of npm start, on this machine.
          // eslint-disable-next-line @typescript-eslint/no-deprecated -- the library marks it so that it stands out
          execute: emisor.startsWith('http:') ? [oidc.allowInsecureRequests] : [],
        },
      )
      .catch((error: unknown) => {
        conocido = undefined;
        throw error;
      }));
  const abierta = (
    metodo: Ruta['metodo'],
    path: string,
    atender: (req: Request, res: Response) => Promise<void> | void,
  ): RutaAbierta => ({ metodo, path, permiso: null, atender });
  const fallar = (res: Response, statusCode: number, que: string, error?: unknown) => {
    if (error !== undefined) logger.warn({ err: error }, 'somebody could not sign in');
    pagina(res, statusCode, { titulo: 'No se pudo entrar', parrafos: [que], accion: ENTRAR });
  };

  return [
    abierta('GET', '/', (req, res) => {
      const quien = sesiones.leer(req);
      if (!quien) {
        pagina(res, EXITOS.CONSULTADO, {
          titulo: 'Descifrado de Temporal',
          parrafos: ['Para leer en la interfaz de Temporal lo que guarda cifrado, entre con su cuenta.'],
          accion: ENTRAR,
        });
        return;
      }
      const todo = quien.permisos.has(DATOS_PERSONALES);
      pagina(res, EXITOS.CONSULTADO, {
        titulo: 'Descifrado de Temporal',
        parrafos: [
          `Entró como ${quien.sujeto}. Ve ${todo ? 'todo, con datos personales' : 'el trabajo; los datos personales se ocultan'}. Cada lectura queda en la bitácora.`,
          ...(origenDeLaUi === undefined
            ? []
            : [
                `La primera vez, en la interfaz: el icono de las gafas, «Use my browser setting», ${url}, «Include cross-origin credentials» y «Apply».`,
              ]),
        ],
        enlace: origenDeLaUi === undefined ? undefined : { href: origenDeLaUi, texto: 'Ir a Temporal' },
        accion: { metodo: 'POST', path: '/salir', texto: 'Salir' },
      });
    }),
    abierta('GET', '/entrar', async (_req, res) => {
      try {
        const configuracion = await emisorConocido();
        const verificador = oidc.randomPKCECodeVerifier();
        const estado = oidc.randomState();
        const destino = oidc.buildAuthorizationUrl(configuracion, {
          redirect_uri: `${url}/volver`,
          scope: ['openid', DESCIFRAR, DATOS_PERSONALES].join(' '),
          code_challenge: await oidc.calculatePKCECodeChallenge(verificador),
          code_challenge_method: 'S256',
          state: estado,
        });
        sesiones.guardarEntrada(res, { estado, verificador });
        res.redirect(VER_OTRO, destino.href);
      } catch (error) {
        const { statusCode } = FALLOS_HTTP.SERVICIO_NO_DISPONIBLE;
        fallar(
          res,
          statusCode,
          'El emisor de identidades no responde: pruebe de nuevo en un momento.',
          error,
        );
      }
    }),
    abierta('GET', '/volver', async (req, res) => {
      const entrada = sesiones.leerEntrada(req);
      if (!entrada) {
        const que = 'La entrada venció, o empezó en otro navegador: empiece de nuevo.';
        fallar(res, FALLOS_HTTP.VALIDACION.statusCode, que);
        return;
      }
      try {
        const { access_token: token } = await oidc.authorizationCodeGrant(
          await emisorConocido(),
          new URL(req.originalUrl, url),
          { pkceCodeVerifier: entrada.verificador, expectedState: entrada.estado },
        );
        const quien = await verificarToken(`Bearer ${token}`);
        if (!quien.permisos.has(DESCIFRAR)) {
          const que = `Su cuenta no tiene el permiso ${DESCIFRAR}: pídalo a quien administra el emisor de identidades.`;
          fallar(res, FALLOS_HTTP.SIN_PERMISOS.statusCode, que);
          return;
        }
        // Verified above, which asks for an end.
        sesiones.abrir(res, quien, (decodeJwt(token).exp ?? 0) * 1_000);
        res.redirect(VER_OTRO, '/');
      } catch (error) {
        const que = 'El emisor de identidades no confirmó la entrada: empiece de nuevo.';
        fallar(res, FALLOS_HTTP.TOKEN_INVALIDO.statusCode, que, error);
      }
    }),
    abierta('POST', '/salir', (req, res) => {
      // A form of another site's page must not sign its visitor out.
      // (Origin is null here, as the page sends no referrer.)
      const { 'sec-fetch-site': desde = 'same-origin' } = req.headers;
      if (desde === 'same-origin') sesiones.cerrar(res);
      res.redirect(VER_OTRO, '/');
    }),
  ];
}

const ENTRAR = { metodo: 'GET', path: '/entrar', texto: 'Entrar' } as const;
