/**
 * The turn: which run may act for a codigo. The row names its owner; every write is compare-and-set on it. What is decided
 * by decision.ts is carried out here, in the transaction that read the row.
 */
import type { EntradaDeRun, EntradaEmision, Paso } from '../../../emision/contrato.ts';
import { PASOS } from '../../../emision/contrato.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import { interrumpirEmision } from '../filas/desenlace.ts';
import type { Tx } from '../filas/esquema.ts';
import { anotar, candadoDe, type Evento, type Ordenante, type Remitente } from '../filas/anotaciones.ts';
import { claveDeIdempotencia } from '../filas/claves-de-emision.ts';
import {
  actualizarPaso,
  actualizarSolicitud,
  columnasDeEntrada,
  type PeticionPorGuardar,
} from '../filas/escritura.ts';
import { leerEmision, releerEmision, type EmisionRegistrada } from '../filas/filas.ts';
import { descartarGeneracion, descartarGeneracionesPerdidas } from '../filas/por-revocar.ts';
import { decidirTurno, type DichoPorTemporal } from './decision.ts';
import { filaDelCodigo, pretendidoPorRun, type Pretension } from './pretension.ts';
import { exigirPeticion, TurnoNegado } from './turno-negado.ts';

/** PREGUNTAR_A_TEMPORAL: `dueno` owned the row; null where there was none. */
export type IntentoDeTurno =
  | { tipo: 'ES_SUYO' | 'ESTA_CERRADA'; emision: EmisionRegistrada }
  | { tipo: 'PREGUNTAR_A_TEMPORAL'; dueno: string | null };

/** @throws TurnoNegado; nothing is written then */
export async function tomarTurno(
  tx: Tx,
  { claves, adaptadorIdempotente }: { claves: Claves; adaptadorIdempotente: boolean },
  pretension: Pretension,
  dicho: DichoPorTemporal,
): Promise<IntentoDeTurno> {
  const { runId, referencia, entrada, pasoAlcanzado = null } = pretension;
  const { codigoSolicitudTramite: codigo } = referencia;
  const emision = await leerEmision(tx, claves.cifrado, codigo, true);
  const decision = decidirTurno(
    emision && filaDelCodigo(emision),
    pretendidoPorRun(emision, pretension),
    dicho,
    adaptadorIdempotente,
  );
  const tomado = async (): Promise<IntentoDeTurno> => ({
    tipo: 'ES_SUYO',
    emision: await releerEmision(tx, claves.cifrado, codigo),
  });
  switch (decision.tipo) {
    case 'NEGAR':
      throw new TurnoNegado(decision.fallo, decision.motivo);
    case 'PREGUNTAR_A_TEMPORAL':
      return { tipo: decision.tipo, dueno: emision?.runId ?? null };
    case 'ES_SUYO':
    case 'ESTA_CERRADA':
      return { tipo: decision.tipo, emision: existente(emision) };
    case 'REGISTRAR':
      await insertarEmision(tx, claves, existente(entrada), runId, pasoAlcanzado);
      return tomado();
    case 'TRASPASAR':
      await traspasarTurno(tx, claves, existente(emision), runId);
      return tomado();
    case 'REABRIR': {
      const abierta = existente(emision);
      if (decision.interrumpeAntes) await interrumpirEmision(tx, claves, abierta);
      const fallida = await releerEmision(tx, claves.cifrado, codigo);
      await reabrirEmision(tx, claves, fallida, entrada, runId, pasoAlcanzado);
      return tomado();
    }
  }
}

/** What a decision presumes. */
function existente<T>(valor: T | null): T {
  if (valor === null) throw new Error('the turn was decided on what is not there');
  return valor;
}

/**
 * First sight of a codigo: its row, its lock (a unique index) and both steps.
 * @param pasoAlcanzado where the row was lost while the run went on: its sends up to this step are not known any more
 */
async function insertarEmision(
  tx: Tx,
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
  tx: Tx,
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
async function traspasarTurno(
  tx: Tx,
  claves: Claves,
  emision: EmisionRegistrada,
  runId: string,
): Promise<void> {
  await actualizarSolicitud(tx, emision.codigo, { run_id: runId });
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
async function reabrirEmision(
  tx: Tx,
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
  await actualizarSolicitud(tx, codigo, {
    ...resto,
    ...(!conservada && { cuerpo }),
    ...(entrada && { reejecucion_id: entrada.reejecucion?.reejecucionId ?? null }),
    estado: 'EN_PROCESO',
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
  });
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

function anotarPeticion(
  tx: Tx,
  claves: Claves,
  evento: Evento,
  runId: string,
  peticion: PeticionPorGuardar & { codigo: string },
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

function quienLaPide({ solicitud, contexto, reejecucion }: PeticionPorGuardar): Remitente | Ordenante {
  if (reejecucion) return { solicitadaPor: reejecucion.solicitadaPor, motivo: reejecucion.motivo };
  return {
    usuarioRegistrador: solicitud.metadatos.usuarioRegistrador,
    dispositivo: contexto.dispositivo,
    canal: contexto.canal,
  };
}
