/** What became of a codigo as the audit log tells it: its entries, folded in the order in which they were written. */
import { z } from 'zod';
import type { NumeroSolicitud } from '../../../emision/contrato.ts';
import { ESTADOS, type EstadoEmision } from '../../../emision/emision.ts';
import { DECISIONES, type Decision, type PorRevocar } from '../../../emision/soporte.ts';
import type { Evento } from '../../../emision/soporte.ts';
import { CERTIFICADOS_ANOTADOS, type IdentidadAnotada } from '../filas/certificados-entregados.ts';

export interface Entrada {
  id: string;
  codigo: string;
  generacion: number | null;
  run_id: string | null;
  evento: string;
  contenido: unknown;
  /** ISO 8601 UTC, to the microsecond. */
  registrada: string;
}

/** Facts that entries of earlier versions do not tell are absent: they are not compared. */
export interface Historia {
  codigo: string;
  generacion: number;
  estado: EstadoEmision;
  runId: string | null;
  huellaSolicitud?: string | undefined;
  oficina?: string | undefined;
  /** candadoDe() of the row. */
  candado?: string | undefined;
  cliente?: string | null | undefined;
  /** `detalles`: huellaDeDetalles(). */
  fallo: { tipo: string; paso: number | null; detalles?: string | undefined } | null;
  incierto: boolean;
  resolucion: Decision | null;
  /** Id of the entry that the row names. */
  entradaId: string | null;
  ids: Set<string>;
  /** Its personal data are gone; algunaVezRetirada: those of this run or of an earlier one. */
  retirada: boolean;
  algunaVezRetirada: boolean;
  /** It was reconstructed from Temporal's histories, which do not tell all of what it was before. */
  reconstruida: boolean;
  /** What was released. */
  certificados: IdentidadAnotada[];
  /** By generation. */
  numeros: Map<number, { solicitudPkiId: string; numerosSolicitud?: NumeroSolicitud[] }>;
  /** Generations whose answer of step 2 must be kept, and how it was judged, where that is told. */
  respuestas: Map<number, boolean | null>;
  /** Generations that must stand on the to-revoke list, and why they came there. */
  descartadas: Map<number, PorRevocar['causa']>;
  /** Bulk re-runs that ordered a run of it. */
  reejecuciones: Set<string>;
  /** What is out of order in it, in words. */
  faltas: string[];
  ultima: string;
}

export function historiaVacia(codigo: string): Historia {
  return {
    codigo,
    generacion: 0,
    estado: 'EN_PROCESO',
    runId: null,
    fallo: null,
    incierto: false,
    resolucion: null,
    entradaId: null,
    ids: new Set(),
    retirada: false,
    algunaVezRetirada: false,
    reconstruida: false,
    certificados: [],
    numeros: new Map(),
    respuestas: new Map(),
    descartadas: new Map(),
    reejecuciones: new Set(),
    faltas: [],
    ultima: '',
  };
}

export const NUMEROS_SOLICITUD = z.array(
  z.object({ tipoCertificado: z.string(), numeroSolicitud: z.string() }),
);

/** What is read of an entry's content. Whoever owns the database may have written something else. */
const CONTENIDO = z
  .object({
    huellaSolicitud: z.string(),
    oficina: z.string(),
    candado: z.string(),
    cliente: z.string().nullable(),
    reejecucionId: z.string().nullable(),
    solicitudPkiId: z.string(),
    numerosSolicitud: NUMEROS_SOLICITUD,
    certificados: CERTIFICADOS_ANOTADOS,
    tipo: z.string(),
    paso: z.number().nullable(),
    huellaDetalles: z.string(),
    resultadoIncierto: z.boolean(),
    decision: z.enum(DECISIONES),
    estado: z.enum(ESTADOS),
    sinCambiosDesde: z.string(),
    sustituye: z.boolean(),
  })
  .partial();
type Contenido = z.infer<typeof CONTENIDO>;

/** Takes the next entry of the codigo into its history. */
export function incorporar(historia: Historia, entrada: Entrada): void {
  const { id, registrada } = entrada;
  const contenido = leerContenido(historia, entrada);
  const generacion = entrada.generacion ?? historia.generacion;
  historia.ids.add(id);
  const evento = entrada.evento as Evento;
  switch (evento) {
    case 'SOLICITUD_ACEPTADA':
    case 'SOLICITUD_REABIERTA':
    case 'SOLICITUD_REEJECUTADA':
    case 'NUEVA_EMISION':
      if (evento === 'NUEVA_EMISION') descartarHasta(historia, generacion);
      if (contenido.reejecucionId) historia.reejecuciones.add(contenido.reejecucionId);
      empezar(historia, entrada, generacion, contenido);
      break;
    case 'TURNO_TRASPASADO':
      historia.runId = entrada.run_id;
      break;
    case 'NUMEROS_GENERADOS':
      if (contenido.solicitudPkiId !== undefined)
        historia.numeros.set(generacion, {
          solicitudPkiId: contenido.solicitudPkiId,
          ...(contenido.numerosSolicitud && { numerosSolicitud: contenido.numerosSolicitud }),
        });
      break;
    case 'EMISION_COMPLETADA':
      Object.assign(historia, { estado: 'COMPLETADO', entradaId: id });
      historia.certificados = contenido.certificados ?? [];
      historia.respuestas.set(generacion, true);
      break;
    case 'EMISION_FALLIDA':
      fallar(historia, id, contenido);
      if (contenido.tipo === 'CERTIFICADO_NO_CONFORME') historia.respuestas.set(generacion, false);
      break;
    case 'RESULTADO_ACLARADO':
      historia.incierto = false;
      break;
    case 'RESULTADO_RESUELTO':
      historia.incierto = false;
      historia.resolucion = contenido.decision ?? null;
      if (contenido.decision === 'EMITIDO_DESCARTADO') descartar(historia, generacion, 'EMITIDO_DESCARTADO');
      break;
    case 'RESPUESTA_TARDIA':
      if (!historia.respuestas.has(generacion) || contenido.sustituye === true)
        historia.respuestas.set(generacion, null);
      break;
    case 'DATOS_RETIRADOS':
      retirar(historia, contenido);
      break;
    case 'EMISION_RECONSTRUIDA':
      descartarHasta(historia, generacion);
      empezar(historia, entrada, generacion, contenido);
      historia.reconstruida = true;
      // Temporal's histories may tell of other numbers than the register had.
      historia.numeros.delete(generacion);
      if (contenido.estado === 'COMPLETADO') {
        historia.estado = 'COMPLETADO';
        historia.certificados = contenido.certificados ?? [];
      } else fallar(historia, id, contenido);
      break;
  }
  historia.ultima = registrada;
}

function leerContenido({ faltas }: Historia, { id, contenido }: Entrada): Contenido {
  const { data } = CONTENIDO.safeParse(contenido);
  if (!data) faltas.push(`su entrada ${id} no tiene la forma de las que escribe el servicio`);
  return data ?? {};
}

function empezar(historia: Historia, entrada: Entrada, generacion: number, contenido: Contenido): void {
  const { huellaSolicitud, oficina, candado, cliente } = contenido;
  Object.assign(historia, {
    generacion,
    estado: 'EN_PROCESO',
    runId: entrada.run_id,
    huellaSolicitud,
    oficina,
    candado,
    cliente,
    fallo: null,
    incierto: false,
    resolucion: null,
    entradaId: entrada.id,
    retirada: false,
  } satisfies Partial<Historia>);
}

function fallar(
  historia: Historia,
  entradaId: string,
  { tipo, paso, resultadoIncierto, huellaDetalles }: Contenido,
): void {
  Object.assign(historia, {
    estado: 'FALLIDO',
    fallo: { tipo: tipo ?? '', paso: paso ?? null, detalles: huellaDetalles },
    incierto: resultadoIncierto === true,
    entradaId,
  } satisfies Partial<Historia>);
}

/** Gives up the generations before a new issuance. One whose step 1 was answered surely stands on the to-revoke list. */
function descartarHasta(historia: Historia, generacion: number): void {
  for (const dada of historia.numeros.keys())
    if (dada >= Math.max(1, historia.generacion) && dada < generacion)
      descartar(historia, dada, 'NUEVA_EMISION');
}

/** A line is never taken off, nor written anew. */
function descartar({ descartadas }: Historia, generacion: number, causa: PorRevocar['causa']): void {
  if (!descartadas.has(generacion)) descartadas.set(generacion, causa);
}

/** Retention takes nothing that is open or uncertain, nor what was touched within its time. */
function retirar(historia: Historia, { sinCambiosDesde }: Contenido): void {
  if (historia.estado === 'EN_PROCESO' || historia.incierto)
    historia.faltas.push('sus datos se retiraron mientras estaba en proceso o incierta');
  if (sinCambiosDesde !== undefined && Date.parse(historia.ultima) >= Date.parse(sinCambiosDesde))
    historia.faltas.push('sus datos se retiraron antes de que venciera su plazo');
  historia.retirada = true;
  historia.algunaVezRetirada = true;
}
