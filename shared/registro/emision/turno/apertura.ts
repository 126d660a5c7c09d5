/** An issuance opens: its row is made with the lock and both steps, or a failed one goes on under a new run. */
import type { EntradaDeRun, EntradaEmision, Paso } from '../../../emision/contrato.ts';
import { pasoEnCurso, PASOS } from '../../../emision/contrato.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import type { Tx } from '../filas/esquema.ts';
import type { Evento } from '../../../emision/soporte.ts';
import { anotar, candadoDe, type Ordenante, type Remitente } from '../filas/anotaciones.ts';
import { claveDeIdempotencia } from '../filas/claves-de-emision.ts';
import {
  actualizarPaso,
  actualizarSolicitud,
  columnasDeEntrada,
  type PeticionPorGuardar,
} from '../filas/escritura.ts';
import type { EmisionRegistrada } from '../filas/filas.ts';
import { descartarGeneracion, descartarGeneracionesPerdidas } from '../filas/por-revocar.ts';
import { exigirPeticion } from './turno-negado.ts';

/**
 * First sight of a codigo: its row, its lock (a unique index) and both steps.
 * @param pasoAlcanzado where the row was lost while the run went on: its sends up to this step are not known any more
 */
export async function insertarEmision(
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

/**
 * A failed issuance goes on under a new run: in its generation at the step that failed, or in the next one from the start.
 * @param entrada the new request, which may correct the citizen's data; null keeps the stored one
 * @param pasoAlcanzado as for insertarEmision, where the generation that the run works on is not the row's yet
 */
export async function reabrirEmision(
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
  await actualizarPaso(tx, emision, pasoEnCurso(emision.pasos[1]), {
    estado: 'EN_PROCESO',
    fecha_inicio: ahora,
    fecha_fin: null,
    ultimo_fallo: null,
    proximo_intento: null,
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
