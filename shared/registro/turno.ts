/**
 * The turn: which run may act for a codigo. The row names its owner; every write is compare-and-set on it.
 * A run takes another's place only where Temporal names it as the codigo's open run, and under the rules by which a
 * failed issuance may go on. So neither a reset, nor a stopped worker that wakes, nor a stolen lock can act twice.
 */
import type { Transaction } from 'kysely';
import type { EntradaEmision, Paso } from '../emision/contrato.ts';
import { PASOS } from '../emision/contrato.ts';
import type { TipoFallo } from '../emision/fallos.ts';
import { esCorreccionAdmitida } from '../emision/misma-solicitud.ts';
import type { Claves } from '../runtime/claves.ts';
import { anotar, type Evento } from './bitacora.ts';
import { claveDeIdempotencia } from './claves-de-emision.ts';
import type { Esquema } from './esquema.ts';
import { cerrar, estaSinAclarar, type EmisionRegistrada } from './filas.ts';

/** The register refuses a run: `fallo` says why; nothing was written. */
export class TurnoNegado extends Error {
  readonly fallo: TipoFallo;
  constructor(fallo: TipoFallo, motivo: string) {
    super(motivo);
    this.name = 'TurnoNegado';
    this.fallo = fallo;
  }
}

/**
 * First sight of a codigo: its row, its lock (a unique index) and both steps.
 * @param pasoAlcanzado where the row was lost while the run went on: its sends up to this step are not known any more
 */
export async function insertarEmision(
  tx: Transaction<Esquema>,
  claves: Claves,
  entrada: EntradaEmision,
  runId: string,
  pasoAlcanzado: Paso | null,
): Promise<void> {
  const codigo = entrada.solicitud.solicitud.codigoSolicitudTramite;
  const ahora = new Date();
  const { generacion } = entrada;
  await tx
    .insertInto('solicitudes')
    .values({
      codigo,
      estado: 'EN_PROCESO',
      resultado_incierto: false,
      ...columnasDeEntrada(claves, entrada, runId),
      fallo_tipo: null,
      fallo_paso: null,
      fallo_detalles: null,
      registro_auditoria_id: await anotarPeticion(tx, claves, 'SOLICITUD_ACEPTADA', runId, {
        ...entrada,
        codigo,
      }),
      aceptada_en: new Date(entrada.aceptadaEn),
      fecha_inicio: ahora,
      fecha_fin: null,
    })
    .execute();
  await tx
    .insertInto('pasos')
    .values(
      PASOS.map((paso) => {
        const haEmpezado = paso <= (pasoAlcanzado ?? 1);
        return {
          codigo,
          generacion,
          paso,
          clave_idempotencia: claveDeIdempotencia(codigo, paso, generacion),
          estado: haEmpezado ? ('EN_PROCESO' as const) : ('PENDIENTE' as const),
          fecha_inicio: haEmpezado ? ahora : null,
          fecha_fin: null,
          envios_sin_aclarar: JSON.stringify(paso <= (pasoAlcanzado ?? 0) ? [runId] : []),
          solicitud_pki_id: null,
          numeros_solicitud: null,
        };
      }),
    )
    .execute();
}

/** The open run takes the place of a run that closed without an outcome (reset, terminate): its work goes on. */
export async function traspasarTurno(
  tx: Transaction<Esquema>,
  claves: Claves,
  emision: EmisionRegistrada,
  runId: string,
): Promise<void> {
  await tx.updateTable('solicitudes').set({ run_id: runId }).where('codigo', '=', emision.codigo).execute();
  await anotar(tx, claves, {
    codigo: emision.codigo,
    generacion: emision.generacion,
    runId,
    evento: 'TURNO_TRASPASADO',
    contenido: { runAnterior: emision.runId },
  });
}

/**
 * A failed issuance goes on under a new run.
 * @param entrada the new request, which may correct the citizen's data; null keeps the stored one
 */
export async function reabrirEmision(
  tx: Transaction<Esquema>,
  claves: Claves,
  emision: EmisionRegistrada,
  entrada: EntradaEmision | null,
  runId: string,
): Promise<void> {
  const { codigo, generacion, pasos } = emision;
  const ahora = new Date();
  // Under the same huella the stored body stays: what goes to the PKI again is what went, byte for byte.
  const corregida = entrada !== null && entrada.huellaSolicitud !== emision.huellaSolicitud;
  const { cuerpo, ...resto } = columnasDeEntrada(claves, { ...emision, ...entrada, generacion }, runId);
  await tx
    .updateTable('solicitudes')
    .set({
      ...resto,
      ...(corregida && { cuerpo }),
      estado: 'EN_PROCESO',
      resultado_incierto: false,
      fallo_tipo: null,
      fallo_paso: null,
      fallo_detalles: null,
      fecha_inicio: ahora,
      fecha_fin: null,
      registro_auditoria_id: await anotarPeticion(tx, claves, 'SOLICITUD_REABIERTA', runId, {
        ...emision,
        ...entrada,
        generacion,
      }),
    })
    .where('codigo', '=', codigo)
    .execute();
  const siguiente: Paso = pasos[1].estado === 'COMPLETADO' ? 2 : 1;
  await tx
    .updateTable('pasos')
    .set({ estado: 'EN_PROCESO', fecha_inicio: ahora, fecha_fin: null })
    .where('codigo', '=', codigo)
    .where('generacion', '=', generacion)
    .where('paso', '=', siguiente)
    .execute();
}

/**
 * Whether a failed issuance may run again for this request (docs/rules.md: Uncertain, Corrections).
 * @returns null where it may, else the conflict and its reason
 */
export function impedimentoParaReabrir(
  emision: EmisionRegistrada,
  entrada: Pick<EntradaEmision, 'solicitud' | 'huellaSolicitud'>,
  adaptadorIdempotente: boolean,
): { fallo: TipoFallo; motivo: string } | null {
  const esLaMisma = emision.huellaSolicitud === entrada.huellaSolicitud;
  if (estaSinAclarar(emision)) {
    if (!esLaMisma)
      return {
        fallo: 'CODIGO_REUTILIZADO',
        motivo:
          'El resultado de la emisión anterior es incierto: hasta aclararlo sólo se admite la misma solicitud, sin correcciones.',
      };
    if (!adaptadorIdempotente)
      return {
        fallo: 'SOLICITUD_NO_REEJECUTABLE',
        motivo:
          'El resultado de la emisión anterior es incierto y el adaptador de la PKI no admite repetirla: soporte debe resolverla.',
      };
    return null;
  }
  if (esLaMisma) return null;
  const { envios_sin_aclarar, estado } = emision.pasos[1];
  const paso1SinRastro = estado !== 'COMPLETADO' && envios_sin_aclarar.length === 0;
  if (esCorreccionAdmitida(emision.solicitud, entrada.solicitud, paso1SinRastro)) return null;
  return {
    fallo: 'CODIGO_REUTILIZADO',
    motivo: paso1SinRastro
      ? 'El codigoSolicitudTramite pertenece a una solicitud anterior; tras un fallo sólo pueden corregirse los datos del ciudadano y su documento.'
      : 'El codigoSolicitudTramite pertenece a una solicitud anterior; tras un fallo sólo pueden corregirse los datos del ciudadano.',
  };
}

type Peticion = Pick<
  EntradaEmision,
  'solicitud' | 'contexto' | 'huellaSolicitud' | 'huellaCiudadano' | 'generacion'
>;

function columnasDeEntrada(claves: Claves, peticion: Peticion, runId: string) {
  const { solicitud, contexto, huellaSolicitud, huellaCiudadano, generacion } = peticion;
  const codigo = solicitud.solicitud.codigoSolicitudTramite;
  return {
    generacion,
    run_id: runId,
    huella_solicitud: huellaSolicitud,
    huella_ciudadano: huellaCiudadano,
    request_id: contexto.requestId,
    oficina: contexto.oficinaEjecucion,
    cuerpo: cerrar(claves.cifrado, solicitud, 'solicitudes.cuerpo', codigo),
    contexto: cerrar(claves.cifrado, contexto, 'solicitudes.contexto', codigo),
  };
}

function anotarPeticion(
  tx: Transaction<Esquema>,
  claves: Claves,
  evento: Evento,
  runId: string,
  { codigo, solicitud, contexto, huellaSolicitud, generacion }: Peticion & { codigo: string },
): Promise<string> {
  return anotar(tx, claves, {
    codigo,
    generacion,
    runId,
    evento,
    contenido: { huellaSolicitud, oficina: contexto.oficinaEjecucion, correlationId: contexto.correlationId },
    personal: {
      usuarioRegistrador: solicitud.metadatos.usuarioRegistrador,
      dispositivo: contexto.dispositivo,
      canal: contexto.canal,
    },
  });
}
