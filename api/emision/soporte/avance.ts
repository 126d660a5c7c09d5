/** A bulk re-run as its GET shows it. */
import { z } from 'zod';
import { ESTADOS_DE_REEJECUCION, type AvanceDeReejecucion } from '../../../shared/emision/soporte.ts';
import { alcance, alcanceDe } from '../../http/acceso/clientes.ts';
import { esquemaSobre, fechaHoraDeRespuesta } from '../../http/peticion/sobre.ts';
import { codigoDeRespuesta } from '../campos.ts';
import { camposDeFallo, falloEnLinea } from './resumen.ts';

const estadoDeLinea = z.enum(ESTADOS_DE_REEJECUCION).meta({ id: 'EstadoEnReejecucion' });

const esquemaDeAvance = z
  .object({
    alcance,
    reejecucionId: z.guid().meta({ description: 'Identifica la reejecución' }),
    estado: z.enum(['EN_PROCESO', 'TERMINADA']).meta({ description: 'TERMINADA: no se iniciará nada más' }),
    fechaInicio: fechaHoraDeRespuesta.meta({ description: 'Cuándo empezó' }),
    fechaFin: fechaHoraDeRespuesta
      .nullable()
      .meta({ description: 'Cuándo terminó; null si no ha terminado' }),
    total: z.int().meta({ description: 'Líneas de `solicitudes`' }),
    porEstado: z.record(estadoDeLinea, z.int()).meta({ description: 'Cuántas líneas hay en cada estado' }),
    solicitudes: z
      .array(
        z
          .object({
            codigoSolicitudTramite: codigoDeRespuesta,
            estado: estadoDeLinea.meta({
              description:
                'OMITIDO: no se ejecutó y `tipoError` dice por qué. PENDIENTE en una TERMINADA: un operador la detuvo antes',
            }),
            ...camposDeFallo,
          })
          .meta({ id: 'LineaDeReejecucion' }),
      )
      .meta({ description: 'Cómo quedó cada una' }),
  })
  .meta({ id: 'Reejecucion', description: 'null si la petición falló' });

export const RESPUESTA_DE_AVANCE = {
  nombre: 'RespuestaReejecucion',
  esquema: esquemaSobre(esquemaDeAvance),
};

/** @param lector the client whose lines alone are shown; undefined: everybody's */
export function datosDeAvance(
  { solicitudes, ...resto }: AvanceDeReejecucion,
  lector?: string,
): z.infer<typeof esquemaDeAvance> {
  const porEstado = { PENDIENTE: 0, EN_PROCESO: 0, COMPLETADO: 0, FALLIDO: 0, OMITIDO: 0 };
  for (const { estado } of solicitudes) porEstado[estado] += 1;
  return {
    alcance: alcanceDe(lector),
    ...resto,
    total: solicitudes.length,
    porEstado,
    solicitudes: solicitudes.map(({ codigoSolicitudTramite, estado, fallo }) => ({
      codigoSolicitudTramite,
      estado,
      ...falloEnLinea(fallo),
    })),
  };
}
