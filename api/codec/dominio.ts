/** The codec server: it opens, for people, what any domain keeps in Temporal. */
import { anotarDescifrados } from '../../shared/bitacora/descifrados.ts';
import { createLectorDeCodigo } from '../../shared/nucleo/ejecuciones/lector-de-codigo.ts';
import type { Configuracion } from '../../shared/runtime/config.ts';
import type { Claves } from '../../shared/runtime/claves/claves.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { createPayloadCodec } from '../../shared/runtime/temporal/codec.ts';
import type { API } from '../configuracion.ts';
import type { DominioPreparado, EnTemporal } from '../dominio.ts';
import { createVerificadorDeToken, porToken } from '../http/acceso/token.ts';
import type { Identificar } from '../http/peticion/ruta.ts';
import type { CODEC } from './configuracion.ts';
import { createDescifrado } from './descifrado.ts';
import { createContadorDeDescifrados } from './metricas.ts';
import { rutasDeEntrada } from './entrada.ts';
import { rutasDelCodec } from './rutas.ts';
import { createSesiones, porTokenOSesion } from './sesion.ts';

interface Opciones {
  /** As browsers reach it. */
  url: string;
  configuracion: Configuracion<{ api: typeof API; codec: typeof CODEC }>;
  claves: Claves;
  logger: Logger;
  /** What each domain says of what it keeps in Temporal. */
  enTemporal: readonly EnTemporal[];
}

export function createCodec({ url, configuracion: { api, codec }, claves, logger, enTemporal }: Opciones): {
  dominio: DominioPreparado;
  identificar: Identificar;
} {
  const origenDeLaUi = codec.CODEC_ORIGEN_UI && new URL(codec.CODEC_ORIGEN_UI).origin;
  const sesiones = createSesiones(claves.cifrado, url, Date.now);
  const verificarToken = createVerificadorDeToken({ emisor: api.OIDC_ISSUER, audiencia: api.OIDC_AUDIENCE });
  const entrada = rutasDeEntrada({
    ...{ url, origenDeLaUi, sesiones, verificarToken, logger },
    emisor: api.OIDC_ISSUER,
    clientId: codec.CODEC_CLIENT_ID,
    clientSecret: codec.CODEC_CLIENT_SECRET,
  });
  const dominio: DominioPreparado = {
    crear({ db, coleccionDeMetricas }) {
      const descifrar = createDescifrado({
        codec: createPayloadCodec(claves.cifrado),
        visible: {
          campos: new Set(enTemporal.flatMap(({ camposVisibles }) => camposVisibles)),
          textos: new Set(enTemporal.flatMap(({ textosVisibles }) => textosVisibles)),
        },
        codigoDe: createLectorDeCodigo(enTemporal.map(({ codigoDe }) => codigoDe)),
        anotar: (descifrados) => anotarDescifrados(db, claves, descifrados),
        contar: createContadorDeDescifrados(coleccionDeMetricas),
        ahoraMs: () => performance.now(),
      });
      return { rutas: [...rutasDelCodec(descifrar, origenDeLaUi), ...entrada] };
    },
  };
  return { dominio, identificar: porTokenOSesion(porToken(verificarToken), sesiones, origenDeLaUi) };
}
