/** The issuance, from top to bottom: register, step 1, step 2, compare and record (docs/rules.md). */
import {
  ActivityCancellationType,
  CancellationScope,
  log,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import {
  COLAS_DE_LA_PKI,
  referenciaDe,
  type ActividadesDeRegistro,
  type ActividadesPki,
  type Cierre,
  type EntradaDeRun,
  type EntradaEmision,
  type Paso,
  type PlazosPki,
  type Turno,
} from '../../shared/emision/contrato.ts';
import type { ResultadoEmision } from '../../shared/emision/emision.ts';
import {
  ESCRITURA_EN_EL_REGISTRO,
  ESPERA_INICIAL_MS,
  ESPERA_MAXIMA_MS,
  FACTOR_ESPERA,
  LATIDO_MS,
  LATIDO_UNA_VEZ_MS,
  MARGEN_INTENTO_MS,
  PARON_MS,
} from '../../shared/emision/plazos.ts';
import { RESUMEN_PASOS } from '../../shared/emision/textos-para-operadores.ts';
import { sinCancelar } from '../ejecuciones/sin-cancelar.ts';
import { exponerAvance, type Avance } from './avance.ts';
import { falloPorActividad } from './fallo-de-actividad.ts';
import { exigirEntradaPropia, pedirHastaUnaRespuesta, nullSiEsAjena } from './respuesta-propia.ts';

type TurnoConcedido = Extract<Turno, { tipo: 'CONCEDIDO' }>;

// Quick writes to the register. A register that is down is waited for: what was issued must be recorded.
const registro = proxyLocalActivities<ActividadesDeRegistro>(ESCRITURA_EN_EL_REGISTRO);

/** @throws ApplicationFailure of a type of FALLOS: a failed issuance closes as Failed, so that its id may run again */
export async function emitirCertificadoDigital(pedida: EntradaEmision): Promise<ResultadoEmision> {
  exigirEntradaPropia(pedida);
  const entrada = { ...pedida, inicio: workflowInfo().startTime.toISOString() };
  const avance = exponerAvance(entrada);

  // A run that is turned away here (another holds the citizen, the codigo or the turn) has written nothing.
  const turno = await sinCancelar(() => registro.registrarSolicitud(entrada)).catch((error: unknown) => {
    throw avance.fallida(falloPorActividad(error, null));
  });
  if (turno.tipo === 'YA_COMPLETADA') return avance.completada(turno.resultado);

  const cierre = await ejecutarPasos(entrada, turno, avance).catch((error: unknown) =>
    registrarFallo(entrada, error, avance),
  );
  if (cierre.tipo === 'COMPLETADO') return avance.completada(cierre.resultado);
  const { fallo, pasosProceso, resultadoIncierto } = cierre;
  throw avance.fallida(fallo, { pasosProceso, resultadoIncierto });
}

/** The two steps at the PKI, each under its turn; what an earlier run has done already is not asked for again. */
async function ejecutarPasos(
  entrada: EntradaDeRun,
  inicial: TurnoConcedido,
  avance: Avance,
): Promise<Cierre> {
  let turno = inicial;
  avance.sigue(turno);

  if (turno.pasosProceso.paso1GeneracionClaves.estado !== 'COMPLETADO') {
    const siguiente = await pedirHastaUnaRespuesta(turno.plazos, async () => {
      const numeros = await nullSiEsAjena(
        pki(turno.plazos, 1).generarNumerosSolicitud(referenciaDe(entrada)),
      );
      return sinCancelar(() => registro.registrarNumerosSolicitud(entrada, numeros));
    });
    if (siguiente.tipo === 'YA_COMPLETADA') return { tipo: 'COMPLETADO', resultado: siguiente.resultado };
    turno = siguiente;
    avance.sigue(turno);
  }

  return pedirHastaUnaRespuesta(turno.plazos, async (esPrimera) => {
    const respuesta =
      esPrimera && turno.emisionRecibida
        ? null
        : await nullSiEsAjena(pki(turno.plazos, 2).generarCertificadoDigitalDniE(referenciaDe(entrada)));

    // What the PKI answered to a cancelled run is kept, though not released.
    const cancelada = CancellationScope.current().consideredCancelled;
    return sinCancelar(() => registro.compararYRegistrarEmision(entrada, respuesta, cancelada));
  });
}

/** The register's word is the outcome: an earlier run may have completed what this one failed at. */
async function registrarFallo(entrada: EntradaDeRun, error: unknown, avance: Avance): Promise<Cierre> {
  const fallo = falloPorActividad(
    error,
    avance.pasoActual(),
    CancellationScope.current().consideredCancelled,
  );
  log.warn('issuance failed', { tipo: fallo.tipo, paso: fallo.paso });
  return sinCancelar(() => registro.registrarFallo(entrada, fallo)).catch((otro: unknown) => {
    throw avance.fallida(falloPorActividad(otro, fallo.paso));
  });
}

function pki(plazos: PlazosPki, paso: Paso) {
  return proxyActivities<ActividadesPki>({
    taskQueue: COLAS_DE_LA_PKI[paso],
    summary: RESUMEN_PASOS[paso],
    startToCloseTimeout: plazos.intentoMs + MARGEN_INTENTO_MS + 2 * PARON_MS,
    heartbeatTimeout: paso === 2 && plazos.paso2UnaVez ? LATIDO_UNA_VEZ_MS : LATIDO_MS,
    // An attempt that a cancel met finishes: what the PKI answers is worth more than the time.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    // Waits with jitter and Retry-After, and the end of the retry window, come from the activity (ADR 21); these waits
    // hold where it could not speak, because its worker died.
    retry: {
      initialInterval: ESPERA_INICIAL_MS,
      backoffCoefficient: FACTOR_ESPERA,
      maximumInterval: ESPERA_MAXIMA_MS,
    },
  });
}
