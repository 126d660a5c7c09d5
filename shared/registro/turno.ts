/**
 * The turn: which run may act for a codigo. The row names its owner; every write is compare-and-set on it.
 * A run takes another's place only where Temporal names it as the codigo's open run, and under the rules by which a
 * failed issuance may go on. So neither a reset, nor a stopped worker that wakes, nor a stolen lock can act twice.
 */
import type { Transaction } from 'kysely';
import type { EntradaDeRun, EntradaEmision, Paso } from '../emision/contrato.ts';
import { PASOS } from '../emision/contrato.ts';
import type { TipoFallo } from '../emision/fallos.ts';
import type { Claves } from '../runtime/claves.ts';
import { anotar, candadoDe, type Evento, type Ordenante, type Remitente } from './bitacora.ts';
import { claveDeIdempotencia } from './claves-de-emision.ts';
import { actualizarPaso } from './desenlace.ts';
import type { Esquema } from './esquema.ts';
import { cerrar, type EmisionRegistrada, type PeticionGuardada } from './filas.ts';
import { descartarGeneracion, descartarGeneracionesPerdidas } from './por-revocar.ts';

/** The register refuses a run: `fallo` says why; the issuance stays as it was. */
export class TurnoNegado extends Error {
  readonly fallo: TipoFallo;
  constructor(fallo: TipoFallo, motivo: string) {
    super(motivo);
    this.name = 'TurnoNegado';
    this.fallo = fallo;
  }
}

/** @throws TurnoNegado: another request learns nothing of a completed one */
export function exigirLaMisma({ estado, huellaSolicitud }: EmisionRegistrada, huella: string): void {
  if (estado === 'COMPLETADO' && huellaSolicitud !== huella)
    throw new TurnoNegado('CODIGO_REUTILIZADO', 'El codigoSolicitudTramite pertenece a otra solicitud.');
}

/** @throws TurnoNegado where retention took the request away */
export function exigirPeticion({ peticion }: EmisionRegistrada): PeticionGuardada {
  if (peticion) return peticion;
  throw new TurnoNegado(
    'SOLICITUD_NO_REEJECUTABLE',
    'Los datos de la solicitud se retiraron al vencer su plazo de conservación: sólo quien la envió puede enviarla de nuevo, sin correcciones.',
  );
}

/**
 * First sight of a codigo: its row, its lock (a unique index) and both steps.
 * @param pasoAlcanzado where the row was lost while the run went on: its sends up to this step are not known any more
 */
export async function insertarEmision(
  tx: Transaction<Esquema>,
  claves: Claves,
  entrada: EntradaDeRun,
  runId: string,
  pasoAlcanzado: Paso | null,
): Promise<void> {
  const codigo = entrada.solicitud.solicitud.codigoSolicitudTramite;
  await tx
    .insertInto('solicitudes')
    .values({
      codigo,
      estado: 'EN_PROCESO',
      resultado_incierto: false,
      ...columnasDeEntrada(claves, entrada, runId),
      reejecucion_id: entrada.reejecucion?.reejecucionId ?? null,
      fallo_tipo: null,
      fallo_paso: null,
      fallo_detalles: null,
      registro_auditoria_id: await anotarPeticion(tx, claves, 'SOLICITUD_ACEPTADA', runId, {
        ...entrada,
        codigo,
      }),
      aceptada_en: new Date(entrada.aceptadaEn),
      fecha_inicio: new Date(entrada.inicio),
      fecha_fin: null,
    })
    .execute();
  await insertarPasos(tx, codigo, entrada.generacion, runId, pasoAlcanzado);
  await descartarGeneracionesPerdidas(tx, codigo, 1, entrada.generacion);
}

async function insertarPasos(
  tx: Transaction<Esquema>,
  codigo: string,
  generacion: number,
  runId: string,
  pasoAlcanzado: Paso | null,
): Promise<void> {
  const ahora = new Date();
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
 * A failed issuance goes on under a new run: in its generation at the step that failed, or in the next one from the start.
 * @param entrada the new request, which may correct the citizen's data; null keeps the stored one
 * @param pasoAlcanzado as for insertarEmision, where the generation that the run works on is not the row's yet
 */
export async function reabrirEmision(
  tx: Transaction<Esquema>,
  claves: Claves,
  emision: EmisionRegistrada,
  entrada: EntradaDeRun | null,
  runId: string,
  pasoAlcanzado: Paso | null,
): Promise<void> {
  const { codigo } = emision;
  const peticion = { ...emision, ...(entrada ?? exigirPeticion(emision)) };
  const esNueva = peticion.generacion > emision.generacion;
  const ahora = new Date();
  // Under the same huella the stored body stays: what goes to the PKI again is what went, byte for byte.
  const conservada = emision.peticion !== null && peticion.huellaSolicitud === emision.huellaSolicitud;
  const { cuerpo, ...resto } = columnasDeEntrada(claves, peticion, runId);
  await tx
    .updateTable('solicitudes')
    .set({
      ...resto,
      ...(!conservada && { cuerpo }),
      ...(entrada && { reejecucion_id: entrada.reejecucion?.reejecucionId ?? null }),
      estado: 'EN_PROCESO',
      resultado_incierto: false,
      resolucion: null,
      fallo_tipo: null,
      fallo_paso: null,
      fallo_detalles: null,
      fecha_inicio: entrada ? new Date(entrada.inicio) : ahora,
      fecha_fin: null,
      registro_auditoria_id: await anotarPeticion(
        tx,
        claves,
        eventoDeReapertura(entrada, esNueva),
        runId,
        peticion,
      ),
    })
    .where('codigo', '=', codigo)
    .execute();
  if (esNueva) {
    await descartarGeneracion(tx, claves, emision, 'NUEVA_EMISION');
    if (peticion.generacion > emision.generacion + 1)
      await descartarGeneracionesPerdidas(tx, codigo, emision.generacion, peticion.generacion);
    await insertarPasos(tx, codigo, peticion.generacion, runId, pasoAlcanzado);
    return;
  }
  await actualizarPaso(tx, emision, emision.pasos[1].estado === 'COMPLETADO' ? 2 : 1, {
    estado: 'EN_PROCESO',
    fecha_inicio: ahora,
    fecha_fin: null,
  });
}

function eventoDeReapertura(entrada: EntradaEmision | null, esNueva: boolean): Evento {
  if (esNueva) return 'NUEVA_EMISION';
  return entrada?.reejecucion ? 'SOLICITUD_REEJECUTADA' : 'SOLICITUD_REABIERTA';
}

type Peticion = Pick<
  EntradaEmision,
  'solicitud' | 'contexto' | 'huellaSolicitud' | 'huellaCiudadano' | 'generacion' | 'reejecucion'
>;

export function columnasDeEntrada(claves: Claves, peticion: Peticion, runId: string) {
  const { solicitud, contexto, huellaSolicitud, huellaCiudadano, generacion } = peticion;
  const codigo = solicitud.solicitud.codigoSolicitudTramite;
  return {
    generacion,
    run_id: runId,
    huella_solicitud: huellaSolicitud,
    huella_ciudadano: huellaCiudadano,
    request_id: contexto.requestId,
    cliente: contexto.cliente ?? null,
    oficina: contexto.oficinaEjecucion,
    cuerpo: cerrar(claves.cifrado, solicitud, 'solicitudes.cuerpo', codigo),
    contexto: cerrar(claves.cifrado, contexto, 'solicitudes.contexto', codigo),
    extracto: null,
  };
}

function anotarPeticion(
  tx: Transaction<Esquema>,
  claves: Claves,
  evento: Evento,
  runId: string,
  peticion: Peticion & { codigo: string },
): Promise<string> {
  const { codigo, contexto, huellaSolicitud, huellaCiudadano, generacion, reejecucion } = peticion;
  const { oficinaEjecucion: oficina, correlationId, requestId } = contexto;
  return anotar(tx, claves, {
    codigo,
    generacion,
    runId,
    evento,
    contenido: {
      huellaSolicitud,
      oficina,
      candado: candadoDe(claves, { codigo, huellaCiudadano, requestId }),
      cliente: contexto.cliente ?? null,
      correlationId,
      ...(reejecucion && { reejecucionId: reejecucion.reejecucionId }),
    },
    personal: quienLaPide(peticion),
  });
}

function quienLaPide({ solicitud, contexto, reejecucion }: Peticion): Remitente | Ordenante {
  if (reejecucion) return { solicitadaPor: reejecucion.solicitadaPor, motivo: reejecucion.motivo };
  return {
    usuarioRegistrador: solicitud.metadatos.usuarioRegistrador,
    dispositivo: contexto.dispositivo,
    canal: contexto.canal,
  };
}
