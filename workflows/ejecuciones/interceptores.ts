/**
 * What Temporal brings to any workflow and is not sealed for it is refused here: this service begins no run with such an
 * input or with none, and ends no activity with such a result (ADR 44). Nobody reads a child's result. What a run is found by
 * goes on to all that it asks for.
 */
import { defaultPayloadConverter, type Headers, type Payload } from '@temporalio/common';
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  patched,
  workflowInfo,
  type WorkflowInterceptorsFactory,
} from '@temporalio/workflow';
import { esCargaRechazada } from '../../shared/nucleo/ejecuciones/carga-rechazada.ts';
import {
  CABECERA_DE_IDENTIFICADORES,
  identificadoresDe,
  type Identificadores,
} from '../../shared/nucleo/ejecuciones/identificadores.ts';
import { falloAjeno, avisarDeAjeno } from './ajeno.ts';

export const interceptors: WorkflowInterceptorsFactory = () => {
  /** What the run was given to be found by, which all that it asks for is given too. */
  let identificadores: Identificadores = {};
  const conIdentificadores = <I extends { headers: Headers }>(input: I): I => ({
    ...input,
    headers: {
      ...(Object.keys(identificadores).length > 0 && {
        [CABECERA_DE_IDENTIFICADORES]: defaultPayloadConverter.toPayload(identificadores),
      }),
      ...input.headers,
    },
  });
  return {
    inbound: [
      {
        // Within a promise: the SDK takes what is thrown outside of one for a fault of its own.
        async execute(input, next) {
          const { args, headers } = input;
          const { [CABECERA_DE_IDENTIFICADORES]: recibidos } = headers;
          identificadores = leerIdentificadores(recibidos);
          if (args.some(esCargaRechazada) || (args.length === 0 && !esDeAntes()))
            throw falloAjeno('EJECUCION_AJENA');
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => exigirPropio(avisarSiEsAjeno(next(conIdentificadores(input)))),
        scheduleLocalActivity: (input, next) => exigirPropio(next(conIdentificadores(input))),
        startChildWorkflowExecution: (input, next) => next(conIdentificadores(input)),
        continueAsNew: (input, next) => next(conIdentificadores(input)),
        getLogAttributes: (atributos, next) => next({ ...paraElLog(identificadores), ...atributos }),
      },
    ],
  };
};

/** In clear, as anybody may have written it: what has not the form of an id goes no further. */
function leerIdentificadores(recibidos: Payload | undefined): Identificadores {
  if (!recibidos) return {};
  try {
    return identificadoresDe(defaultPayloadConverter.fromPayload(recibidos));
  } catch {
    return {};
  }
}

/** As its log lines tell them: the trace is the activities'. */
function paraElLog({ correlationId, requestId }: Identificadores): Identificadores {
  return {
    ...(correlationId !== undefined && { correlationId }),
    ...(requestId !== undefined && { requestId }),
  };
}

/** What a Schedule or a command began without an input, before every input was sealed. No other will ever be added. */
const SIN_ENTRADA: readonly string[] = ['conciliarSolicitudes', 'aplicarRetencion', 'verificarBitacora'];

/** A run that an earlier version worked on goes on; one that begins now is refused. */
function esDeAntes(): boolean {
  return SIN_ENTRADA.includes(workflowInfo().workflowType) && !patched('entrada-sellada');
}

/** Tells of a foreign failure, which goes on as it is: the run knows what it means. */
function avisarSiEsAjeno(actividad: Promise<unknown>): Promise<unknown> {
  return actividad.catch((error: unknown) => {
    if (esFalloAjeno(error)) avisarDeAjeno('FALLO_AJENO');
    throw error;
  });
}

async function exigirPropio(actividad: Promise<unknown>): Promise<unknown> {
  const resultado = await actividad;
  if (esCargaRechazada(resultado)) throw falloAjeno('RESULTADO_AJENO');
  return resultado;
}

/** A failure that this service did not seal, or a cancel that nobody asked the run for. */
function esFalloAjeno(error: unknown): boolean {
  if (isCancellation(error)) return !CancellationScope.current().consideredCancelled;
  const causa = error instanceof ActivityFailure ? error.cause : undefined;
  return causa instanceof ApplicationFailure && causa.type === 'FALLO_AJENO';
}
