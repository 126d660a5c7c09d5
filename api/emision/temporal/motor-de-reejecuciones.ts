/** What the API asks of Temporal for a bulk re-run; every call has a deadline. */
import type { Client } from '@temporalio/client';
import { COLA_MANTENIMIENTO } from '../../../shared/nucleo/ejecuciones/colas.ts';
import { LLAMADA_TEMPORAL_MS } from '../../../shared/nucleo/plazos.ts';
import {
  WORKFLOW_REEJECUCION,
  workflowIdDeReejecucion,
  type EntradaReejecucion,
  type MemoReejecucion,
} from '../../../shared/emision/reejecucion.ts';
import { atributosDeReejecucion } from '../../../shared/emision/atributos.ts';
import { createConAtributos, type ConAtributos } from '../../../shared/motor/atributos.ts';
import { RESUMEN_REEJECUCION } from '../../../shared/emision/textos-para-operadores.ts';
import { describirWorkflow, estaAbierta } from '../../../shared/runtime/temporal/run.ts';
import { createClaseDeLlamadas } from './llamada-a-temporal.ts';

export interface RunDeReejecucion {
  abierta: boolean;
  inicio: Date;
  /** Null while it is open. */
  fin: Date | null;
  /** All that were ordered, by the start's memo. */
  codigos: string[];
}

export interface MotorDeReejecuciones {
  iniciar(entrada: EntradaReejecucion): Promise<void>;
  /** Null where Temporal knows no such bulk re-run. */
  describir(reejecucionId: string): Promise<RunDeReejecucion | null>;
}

export function createMotorDeReejecuciones(
  client: Client,
  conAtributos: ConAtributos = createConAtributos(),
): MotorDeReejecuciones {
  const iniciarEnTemporal = createClaseDeLlamadas(client);
  const leerDeTemporal = createClaseDeLlamadas(client);

  return {
    async iniciar(entrada) {
      const { reejecucionId, codigos } = entrada;
      const memo: MemoReejecucion = { codigos };
      await iniciarEnTemporal(() =>
        conAtributos(atributosDeReejecucion(reejecucionId), (opciones) =>
          client.workflow.start(WORKFLOW_REEJECUCION, {
            ...opciones,
            workflowId: workflowIdDeReejecucion(reejecucionId),
            taskQueue: COLA_MANTENIMIENTO,
            args: [entrada],
            memo: { ...memo },
            workflowIdConflictPolicy: 'FAIL',
            workflowIdReusePolicy: 'REJECT_DUPLICATE',
            staticSummary: RESUMEN_REEJECUCION,
          }),
        ),
      );
    },

    async describir(reejecucionId) {
      const descrita = await leerDeTemporal(() =>
        describirWorkflow(client, workflowIdDeReejecucion(reejecucionId), LLAMADA_TEMPORAL_MS),
      );
      if (!descrita) return null;
      const { codigos } = (descrita.memo ?? {}) as Partial<MemoReejecucion>;
      // This service did not start it.
      if (!Array.isArray(codigos)) return null;
      return {
        abierta: estaAbierta(descrita),
        inicio: descrita.startTime,
        fin: descrita.closeTime ?? null,
        codigos,
      };
    },
  };
}
