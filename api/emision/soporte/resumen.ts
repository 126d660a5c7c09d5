/** One issuance as a line of a list: how it stands, and nothing of its citizen. */
import { z } from 'zod';
import { FALLOS, type TipoFallo } from '../../../shared/emision/fallos.ts';
import { fechaIso } from '../../../shared/nucleo/fechas.ts';
import type { ResumenEmision } from '../../../shared/emision/soporte.ts';
import { fechaHoraDeRespuesta, tipoDeError } from '../../http/peticion/sobre.ts';
import { codigoDeRespuesta, decision, estadoDeEmision } from '../campos.ts';

/** A failure, told as `error` tells it; both are null where nothing failed. */
export const camposDeFallo = {
  tipoError: tipoDeError.nullable().meta({ description: 'Como `error.tipo`; null si nada falló' }),
  titulo: z.string().nullable().meta({ description: 'El tipo de error en palabras; null si nada falló' }),
};

export function falloEnLinea(fallo: TipoFallo | null): z.infer<z.ZodObject<typeof camposDeFallo>> {
  return fallo
    ? { tipoError: FALLOS[fallo].tipo, titulo: FALLOS[fallo].titulo }
    : { tipoError: null, titulo: null };
}

export const esquemaDeResumen = z
  .object({
    codigoSolicitudTramite: codigoDeRespuesta,
    transaccionId: z.string().meta({ description: 'Identifica la emisión en este servicio' }),
    generacion: z.int().meta({ description: 'Sube con cada nueva emisión que soporte ordena' }),
    estado: estadoDeEmision,
    fechaAceptacion: fechaHoraDeRespuesta.meta({ description: 'Cuándo se aceptó su primera petición' }),
    fechaInicio: fechaHoraDeRespuesta.meta({ description: 'Cuándo empezó la última ejecución' }),
    fechaFin: fechaHoraDeRespuesta
      .nullable()
      .meta({ description: 'Cuándo terminó; null si está EN_PROCESO' }),
    oficina: z.string().meta({ description: 'X-Office-Code de la solicitud' }),
    ...camposDeFallo,
    paso: z.int().nullable().meta({ description: 'Paso en el que falló: 1, 2 o ninguno' }),
    resultadoIncierto: z.boolean().meta({ description: 'Si no se sabe lo que la PKI emitió' }),
    resolucion: decision.nullable().meta({ description: 'Lo que soporte decidió de un incierto' }),
  })
  .meta({ id: 'Resumen', description: 'Una emisión, sin datos de su ciudadano' });

export function resumenDe(linea: ResumenEmision): z.infer<typeof esquemaDeResumen> {
  const { aceptadaEn, fallo, ...resto } = linea;
  return {
    ...resto,
    fechaAceptacion: fechaIso(new Date(aceptadaEn)),
    ...falloEnLinea(fallo?.tipo ?? null),
    paso: fallo?.paso ?? null,
  };
}
