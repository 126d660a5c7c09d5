/** Which issuances support asks for: the same fields as a list's parameters and in a bulk re-run's body. */
import { z } from 'zod';
import { FALLOS, type TipoFallo } from '../../../shared/emision/fallos.ts';
import type { FiltroDeSolicitudes } from '../../../shared/emision/soporte.ts';
import { fechaHora } from '../../../shared/emision/solicitud.ts';
import { texto } from '../../../shared/nucleo/texto.ts';
import { estadoDeEmision } from '../campos.ts';

/** A request is refused with these; no issuance ends with them. */
const SOLO_DE_LA_API: readonly TipoFallo[] = [
  'SOLICITUD_NO_ENCONTRADA',
  'SOLICITUD_EN_PROCESO',
  'CIUDADANO_EN_PROCESO',
  'CODIGO_REUTILIZADO',
  'PETICION_REUTILIZADA',
];

/** Every `error.tipo` with which an issuance may end; several failures share one. */
const TIPOS_DE_ERROR = [
  ...new Set(
    Object.values(FALLOS)
      .filter(({ nombre }) => !SOLO_DE_LA_API.includes(nombre))
      .map(({ tipo }) => tipo),
  ),
];

/** Checked although other fields have faults; a moment that is at fault itself is not compared. */
export const DESDE_ANTES_DE_HASTA = {
  path: ['hasta'],
  error: 'debe ser posterior a desde',
  when: ({ value }: { value: unknown }) => typeof value === 'object' && value !== null,
};

export function esPeriodo({ desde = '', hasta = '' }: { desde?: string; hasta?: string }): boolean {
  return !(Date.parse(desde) >= Date.parse(hasta));
}

const camposDeFallidas = {
  tipoError: z
    .enum(TIPOS_DE_ERROR)
    .meta({ id: 'TipoErrorDeEmision', description: 'Con el que puede fallar una emisión' })
    .exactOptional()
    .meta({ description: '`error.tipo` con el que falló la emisión' }),
  oficina: texto(1, 50).exactOptional().meta({ description: 'X-Office-Code de la solicitud' }),
  desde: fechaHora.exactOptional().meta({ description: 'Aceptadas en este momento o después' }),
  hasta: fechaHora.exactOptional().meta({ description: 'Aceptadas antes de este momento' }),
};

export const camposDeFiltro = {
  estado: estadoDeEmision.exactOptional().meta({ description: 'Estado de la emisión' }),
  ...camposDeFallidas,
  incierto: z
    .enum(['true', 'false'])
    .exactOptional()
    .meta({ description: 'Si no se sabe lo que la PKI emitió' }),
};

/** The filter of a bulk re-run, which picks among the failed ones. */
export const filtroDeFallidas = z.strictObject(camposDeFallidas).refine(esPeriodo, DESDE_ANTES_DE_HASTA);

type Leido<C extends z.ZodRawShape> = z.infer<z.ZodObject<C>>;

export function filtroDe(leido: Leido<typeof camposDeFiltro>): FiltroDeSolicitudes {
  const { estado, tipoError, oficina, desde, hasta, incierto } = leido;
  return {
    ...(estado && { estado }),
    ...(tipoError && { fallos: fallosDe(tipoError) }),
    ...(oficina !== undefined && { oficina }),
    ...(desde !== undefined && { desde: momentoDe(desde) }),
    ...(hasta !== undefined && { hasta: momentoDe(hasta) }),
    ...(incierto && { incierto: incierto === 'true' }),
  };
}

function fallosDe(tipoError: string): TipoFallo[] {
  return (Object.keys(FALLOS) as TipoFallo[]).filter((fallo) => FALLOS[fallo].tipo === tipoError);
}

/** The range of moments that every database takes; no issuance was accepted outside it. */
const PRIMER_MOMENTO_MS = 0;
const ULTIMO_MOMENTO_MS = Date.parse('9999-12-31T23:59:59Z');

function momentoDe(fecha: string): Date {
  return new Date(Math.min(Math.max(Date.parse(fecha), PRIMER_MOMENTO_MS), ULTIMO_MOMENTO_MS));
}
