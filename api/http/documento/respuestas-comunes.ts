/** What the OpenAPI document says of all protected routes alike. */
import { z } from 'zod';
import { FALLOS_HTTP, type Fallo } from '../../../shared/nucleo/fallos.ts';
import {
  CABECERAS_DE_LIMITE,
  META_DE_EJEMPLO,
  type CabeceraDeRespuesta,
  type EsquemaConNombre,
  type ParametroDocumentado,
  type RespuestaDocumentada,
} from './operacion-documentada.ts';
import type { Permiso } from '../acceso/token.ts';
import { construirSobre, type Contenido } from '../peticion/sobre.ts';

/** What any request to a protected route may meet. */
export const FALLOS_COMUNES: readonly Fallo[] = [
  FALLOS_HTTP.VALIDACION,
  FALLOS_HTTP.TOKEN_INVALIDO,
  FALLOS_HTTP.SIN_PERMISOS,
  FALLOS_HTTP.METODO_NO_PERMITIDO,
  FALLOS_HTTP.TIEMPO_AGOTADO,
  FALLOS_HTTP.LIMITE_EXCEDIDO,
  FALLOS_HTTP.CABECERAS_EXCESIVAS,
  FALLOS_HTTP.ERROR_INTERNO,
  FALLOS_HTTP.SERVICIO_NO_DISPONIBLE,
];

/** Part of the description of each operation that reads what clients sent. @param permiso of the form `X:consultar` */
export function soloLasPropias(permiso: Permiso): string {
  return (
    `Con \`${permiso}\`, sólo las solicitudes que este cliente envió; las demás son como si no existieran. ` +
    `Con \`${permiso}-todas\`, que vale también por él, todas.`
  );
}

export const CORRELACION: ParametroDocumentado = {
  nombre: 'X-Correlation-ID',
  en: 'header',
  opcional: true,
  descripcion:
    'Identificador de correlación, un UUID; se devuelve en la respuesta. Si falta o no es un UUID, uno nuevo',
  esquema: z.string(),
  ejemplo: META_DE_EJEMPLO.correlationId,
};

/** A response of an operation that worked. */
export function respuestaDeExito(
  statusCode: number,
  descripcion: string,
  esquema: EsquemaConNombre,
  ejemplos: Record<string, Omit<Contenido, 'success'>>,
  cabeceras: readonly CabeceraDeRespuesta[] = [],
): RespuestaDocumentada {
  return {
    statusCode,
    descripcion,
    esquema,
    cabeceras: ['X-Correlation-ID', ...CABECERAS_DE_LIMITE, ...cabeceras],
    ejemplos: Object.fromEntries(
      Object.entries(ejemplos).map(([nombre, contenido]) => [
        nombre,
        construirSobre(statusCode, { success: true, ...contenido }, META_DE_EJEMPLO),
      ]),
    ),
  };
}
