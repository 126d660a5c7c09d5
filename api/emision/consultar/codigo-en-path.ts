/** The codigoSolicitudTramite of a path, as its routes read and document it. */
import type { Request } from 'express';
import { codigoSolicitudTramite } from '../../../shared/emision/solicitud.ts';
import type { ParametroDocumentado } from '../../http/documento/operacion-documentada.ts';
import { EJEMPLO_DE_SOLICITUD } from '../ejemplos.ts';

/**
 * Reads the path's segment, already percent-decoded. A codigo that no request may carry is a fault, and is not looked up.
 */
export function leerCodigo(req: Request, faltas: string[]): string {
  const { data, error } = codigoSolicitudTramite.safeParse(req.params.codigoSolicitudTramite);
  faltas.push(...(error?.issues ?? []).map(({ message }) => `codigoSolicitudTramite: ${message}`));
  return data ?? '';
}

export const CODIGO_EN_PATH: ParametroDocumentado = {
  nombre: 'codigoSolicitudTramite',
  en: 'path',
  descripcion: 'Codificado con «%» entero, también la barra',
  esquema: codigoSolicitudTramite,
  ejemplo: EJEMPLO_DE_SOLICITUD.solicitud.codigoSolicitudTramite,
};
