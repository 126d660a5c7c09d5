/** What MsAdaptadorPKI answers to a step that it did, wherever it is read: from the adapter, and from Temporal. */
import { z } from 'zod';
import type { Paso, RespuestaPaso1, RespuestaPaso2 } from './contrato.ts';
import { texto } from '../nucleo/texto.ts';

/** What is kept, compared and shown to support: under the limits of a request's texts. */
const identificador = texto(1, 500);

export type RespuestaDe<P extends Paso> = P extends 1 ? RespuestaPaso1 : RespuestaPaso2;

export const RESPUESTAS_PKI = {
  1: z.object({
    solicitudPkiId: identificador,
    numerosSolicitud: z
      .array(z.object({ tipoCertificado: identificador, numeroSolicitud: identificador }))
      .max(10),
  }),
  2: z.object({
    certificados: z
      .array(
        z.object({
          tipoCertificado: identificador,
          certificadoId: identificador,
          numeroSerie: identificador,
          fechaEmision: identificador,
          fechaVencimiento: identificador,
          estadoCertificado: identificador,
          certificadoBase64: z.string().min(1).max(100_000),
        }),
      )
      .max(10),
  }),
} satisfies { [P in Paso]: z.ZodType<RespuestaDe<P>> };

/** Whether there is a number for each of the types, and for no other. */
export function sonDeLosTipos({ numerosSolicitud }: RespuestaPaso1, tipos: readonly string[]): boolean {
  const recibidos = numerosSolicitud.map(({ tipoCertificado }) => tipoCertificado);
  return JSON.stringify(recibidos.toSorted()) === JSON.stringify(tipos.toSorted());
}

/** Whether an answer of step 2 tells what became of the sends: one that brings nothing does not say that nothing was issued. */
export function aclara({ certificados }: RespuestaPaso2): boolean {
  return certificados.length > 0;
}
