/** The bulk re-run, from top to bottom: register the order, run its codigos a few at a time, record the end. */
import {
  CancellationScope,
  CancelledFailure,
  ChildWorkflowFailure,
  continueAsNew,
  executeChild,
  ParentClosePolicy,
  proxyLocalActivities,
  setWorkflowOptions,
  workflowInfo,
} from '@temporalio/workflow';
import { ApplicationFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  COLA_EMISION,
  WORKFLOW_EMISION,
  workflowId,
  type EntradaEmision,
} from '../../shared/emision/contrato.ts';
import {
  esTipoFallo,
  fueRechazadaAlEmpezar,
  type FalloDeEmision,
  type TipoFallo,
} from '../../shared/emision/fallos.ts';
import { memoDe } from '../../shared/emision/memo.ts';
import { prioridadDe } from '../../shared/emision/prioridad.ts';
import {
  ESCRITURA_EN_EL_REGISTRO,
  REEJECUCIONES_A_LA_VEZ,
  REEJECUCIONES_POR_RUN,
} from '../../shared/emision/plazos.ts';
import type { ActividadesDeReejecucion, EntradaReejecucion } from '../../shared/emision/reejecucion.ts';
import { atributosDeInicio } from '../../shared/emision/atributos.ts';
import { resumenDeEmision } from '../../shared/emision/textos-para-operadores.ts';
import { tieneAtributos } from './atributos.ts';
import { sinCancelar } from '../ejecuciones/sin-cancelar.ts';
import { exponerAvanceDeReejecucion, type InformeDeAvance } from './avance-de-reejecucion.ts';
import { siempreEnLaActual } from '../version.ts';

// A register that is down is waited for, as an issuance waits for it.
const registro = proxyLocalActivities<ActividadesDeReejecucion>(ESCRITURA_EN_EL_REGISTRO);

setWorkflowOptions(siempreEnLaActual, reejecutarSolicitudes);

/** Ends well whatever became of its codigos: each line tells of its own. */
export async function reejecutarSolicitudes(entrada: EntradaReejecucion): Promise<void> {
  const { reejecucionId, codigos } = entrada;
  const avance = exponerAvanceDeReejecucion(codigos.length);

  const esContinuacion = workflowInfo().continuedFromExecutionRunId !== undefined;
  if (!esContinuacion) await sinCancelar(() => registro.registrarReejecucion(entrada));

  await variosALaVez(codigos.slice(0, REEJECUCIONES_POR_RUN), (codigo) =>
    reejecutar(entrada, codigo, avance),
  );

  const restantes = codigos.slice(REEJECUCIONES_POR_RUN);
  if (restantes.length > 0 && !estaCancelada())
    await continueAsNew<typeof reejecutarSolicitudes>({ ...entrada, codigos: restantes });

  await sinCancelar(() => registro.registrarFinDeReejecucion(reejecucionId));
  if (estaCancelada()) throw new CancelledFailure('an operator cancelled the bulk re-run');
}

/** A cancel begins no other codigo, and waits for those that run: they go on. */
async function variosALaVez(codigos: string[], ejecutar: (codigo: string) => Promise<void>): Promise<void> {
  const cola = codigos.values();
  const tomarHastaElFin = async () => {
    for (const codigo of cola) {
      if (estaCancelada()) return;
      await ejecutar(codigo);
    }
  };
  await Promise.all(Array.from({ length: REEJECUCIONES_A_LA_VEZ }, tomarHastaElFin));
}

function reejecutar(entrada: EntradaReejecucion, codigo: string, avance: InformeDeAvance): Promise<void> {
  return sinCancelar(async () => {
    avance.empieza();
    const preparacion = await registro.prepararReejecucion(entrada, codigo);
    if (preparacion.tipo === 'LISTA') {
      const rechazo = await emitir(codigo, preparacion.entrada);
      await registro.registrarResultadoDeReejecucion(entrada.reejecucionId, codigo, rechazo);
    }
    avance.termina();
  });
}

/**
 * Runs the issuance to its end, under the id and the policies of the API's own start.
 * @returns why it was turned away before it wrote anything; else null, and the register tells how it ended
 */
async function emitir(codigo: string, entrada: EntradaEmision): Promise<TipoFallo | null> {
  try {
    await executeChild(WORKFLOW_EMISION, {
      workflowId: workflowId(codigo),
      taskQueue: COLA_EMISION,
      args: [entrada],
      memo: { ...memoDe(entrada) },
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      // An issuance outlives the re-run that began it, whatever becomes of that.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      priority: prioridadDe(entrada, true),
      staticSummary: resumenDeEmision(entrada),
      // As the bulk re-run itself: where Temporal knows none, a child with some could not begin.
      ...(tieneAtributos() && { typedSearchAttributes: atributosDeInicio(entrada) }),
    });
    return null;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'SOLICITUD_EN_PROCESO';
    if (!(error instanceof ChildWorkflowFailure)) throw error;
    return rechazoEn(error);
  }
}

/** A run that is terminated or reset says nothing of itself. */
function rechazoEn({ cause }: ChildWorkflowFailure): TipoFallo | null {
  if (!(cause instanceof ApplicationFailure) || !esTipoFallo(cause.type)) return null;
  const fallo = cause.details?.[0] as FalloDeEmision | undefined;
  return fallo && fueRechazadaAlEmpezar(fallo) ? cause.type : null;
}

function estaCancelada(): boolean {
  return CancellationScope.current().consideredCancelled;
}
