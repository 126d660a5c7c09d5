/** The bulk re-run, a workflow of its own: its names, its input, and its writes to the register. */
import type { ContextoDePeticion, EntradaEmision } from './contrato.ts';
import type { TipoFallo } from './fallos.ts';

export const WORKFLOW_REEJECUCION = 'reejecutarSolicitudes';
export const CONSULTA_AVANCE = 'avance';

export function workflowIdDeReejecucion(reejecucionId: string): string {
  return `reejecucion/${reejecucionId}`;
}

/** A re-run that support asks for. */
export interface OrdenDeReejecucion {
  motivo: string;
  /** Under a new generation: new keys at the PKI; what the old ones may have left goes on the to-revoke list. */
  nuevaEmision: boolean;
  solicitante: Pick<ContextoDePeticion, 'usuarioEjecutor' | 'ipCliente' | 'correlationId'>;
}

/** Input of the workflow; encrypted as every payload. */
export interface EntradaReejecucion {
  reejecucionId: string;
  codigos: string[];
  motivo: string;
  solicitante: Pick<ContextoDePeticion, 'usuarioEjecutor' | 'ipCliente' | 'correlationId'>;
  /** ISO 8601 UTC. */
  solicitadaEn: string;
}

/** What the start's memo holds: a bulk re-run can be shown before the register holds it. */
export interface MemoReejecucion {
  codigos: string[];
}

/** Answer of the query `avance`, about the codigos that this run was given. The lines are in the register. */
export interface AvanceDeRun {
  pendientes: number;
  enProceso: number;
  atendidas: number;
}

/** Whether a codigo may run again now. */
export type Preparacion = { tipo: 'LISTA'; entrada: EntradaEmision } | { tipo: 'OMITIDA' };

/** Local activities: quick, idempotent writes. */
export interface ActividadesDeReejecucion {
  /** The bulk re-run and all its lines, PENDIENTE. */
  registrarReejecucion(entrada: EntradaReejecucion): Promise<void>;
  /** Answers the input of the codigo's next run, or notes why it is left out. Its line is EN_PROCESO, or OMITIDO. */
  prepararReejecucion(entrada: EntradaReejecucion, codigo: string): Promise<Preparacion>;
  /**
   * Notes on the codigo's line how its issuance stands: COMPLETADO, FALLIDO, or OMITIDO where another run has it.
   * @param rechazo why the run was turned away before it wrote anything; null where it was not
   */
  registrarResultadoDeReejecucion(
    reejecucionId: string,
    codigo: string,
    rechazo: TipoFallo | null,
  ): Promise<void>;
  registrarFinDeReejecucion(reejecucionId: string): Promise<void>;
}
