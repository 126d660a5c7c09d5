/** One issuance as a line of a list: how it stands, and nothing of its citizen. */
import { z } from 'zod';
import { ESTADOS } from '../../../shared/emision/emision.ts';
import { FALLOS, type TipoFallo } from '../../../shared/emision/fallos.ts';
import { fechaIso } from '../../../shared/nucleo/fechas.ts';
import { DECISIONES, type ResumenEmision } from '../../../shared/emision/soporte.ts';
import { fechaHoraDeRespuesta } from '../../http/peticion/sobre.ts';

/** A failure, told as `error` tells it; both are null where nothing failed. */
export const camposDeFallo = {
  tipoError: z.string().nullable().meta({ description: 'Como `error.tipo`' }),
  titulo: z.string().nullable(),
};

export function falloEnLinea(fallo: TipoFallo | null): z.infer<z.ZodObject<typeof camposDeFallo>> {
  return fallo
    ? { tipoError: FALLOS[fallo].tipo, titulo: FALLOS[fallo].titulo }
    : { tipoError: null, titulo: null };
}

export const esquemaDeResumen = z.object({
  codigoSolicitudTramite: z.string(),
  transaccionId: z.string(),
  generacion: z.int().meta({ description: 'Sube con cada nueva emisión que soporte ordena' }),
  estado: z.enum(ESTADOS),
  fechaAceptacion: fechaHoraDeRespuesta,
  fechaInicio: fechaHoraDeRespuesta,
  fechaFin: fechaHoraDeRespuesta.nullable(),
  oficina: z.string(),
  ...camposDeFallo,
  paso: z.int().nullable().meta({ description: 'Paso en el que falló: 1, 2 o ninguno' }),
  resultadoIncierto: z.boolean(),
  resolucion: z.enum(DECISIONES).nullable().meta({ description: 'Lo que soporte decidió de un incierto' }),
});

export function resumenDe(linea: ResumenEmision): z.infer<typeof esquemaDeResumen> {
  const { aceptadaEn, fallo, ...resto } = linea;
  return {
    ...resto,
    fechaAceptacion: fechaIso(new Date(aceptadaEn)),
    ...falloEnLinea(fallo?.tipo ?? null),
    paso: fallo?.paso ?? null,
  };
}
