/** What the routes of the audit log answer, and how OpenAPI shows it. */
import { z } from 'zod';
import type { EntradaProbada, PuntoPublicado } from '../../shared/bitacora/pruebas.ts';
import { textoDePrueba } from '../../shared/bitacora/arbol/prueba.ts';
import { leerPuntoDeControl } from '../../shared/bitacora/punto-de-control/punto-de-control.ts';
import { esquemaSobre } from '../http/peticion/sobre.ts';

const nota = z.string().meta({
  description:
    'Punto de control firmado (c2sp.org/tlog-checkpoint), con las firmas de los testigos que lo vieron',
});
const epoca = z.int().meta({ description: 'Una más por cada vez que el registro se restauró' });
const tamano = z.int().meta({ description: 'Entradas del árbol' });
const resumen = z.string().meta({ contentEncoding: 'base64', description: 'SHA-256 en Base64' });

const entrada = z
  .object({
    registroAuditoriaId: z.guid().meta({ description: 'El de `data.auditoria` de la solicitud' }),
    hoja: z.string().meta({
      contentEncoding: 'base64',
      description: 'La entrada, un JSON: lo que el árbol guarda de ella',
    }),
    epoca: epoca.nullable().meta({ description: 'La del árbol en que está; null: todavía no tiene lugar' }),
    indice: z
      .int()
      .nullable()
      .meta({ description: 'null: todavía no tiene lugar; lo tiene en unos segundos' }),
    prueba: z.string().nullable().meta({
      description: 'Prueba de inclusión (c2sp.org/tlog-proof): se comprueba sin confiar en el servicio',
    }),
  })
  .meta({ id: 'EntradaDeBitacora', description: 'null si la petición falló' });

const punto = z
  .object({ epoca, tamano, raiz: resumen.meta({ description: 'Raíz del árbol, SHA-256 en Base64' }), nota })
  .meta({ id: 'PuntoDeControl', description: 'null si la petición falló' });

const consistencia = z
  .object({
    epoca,
    desde: z.int().meta({ description: 'El tamaño por el que se preguntó' }),
    tamano,
    prueba: z
      .array(resumen)
      .meta({ description: 'RFC 6962, 2.1.2: el árbol de `tamano` empieza por el de `desde`' }),
    nota,
  })
  .meta({ id: 'Consistencia', description: 'null si la petición falló' });

export const RESPUESTA_ENTRADA = { nombre: 'RespuestaEntradaDeBitacora', esquema: esquemaSobre(entrada) };
export const RESPUESTA_PUNTO = { nombre: 'RespuestaPuntoDeControl', esquema: esquemaSobre(punto) };
export const RESPUESTA_CONSISTENCIA = {
  nombre: 'RespuestaConsistencia',
  esquema: esquemaSobre(consistencia),
};

export function datosDeEntrada({ id, hoja, lugar }: EntradaProbada): z.infer<typeof entrada> {
  return {
    registroAuditoriaId: id,
    hoja: hoja.toString('base64'),
    epoca: lugar && lugar.epoca,
    indice: lugar && lugar.indice,
    prueba: lugar && textoDePrueba({ ...lugar, nota: lugar.punto.nota }),
  };
}

export function datosDePunto({ epoca, tamano, nota }: PuntoPublicado): z.infer<typeof punto> {
  return { epoca, tamano, raiz: leerPuntoDeControl(nota).raiz.toString('base64'), nota };
}

export function datosDeConsistencia(
  desde: number,
  prueba: readonly Buffer[],
  { epoca, tamano, nota }: PuntoPublicado,
): z.infer<typeof consistencia> {
  return { epoca, desde, tamano, prueba: prueba.map((uno) => uno.toString('base64')), nota };
}
