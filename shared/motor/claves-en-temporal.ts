/** Under which key the runs that Temporal still knows began: their memo says so, without being opened. */
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { claveDe } from '../runtime/temporal/codec.ts';
import { dentroDelPlazo, listarRuns } from './llamadas.ts';

type Info = temporal.api.workflow.v1.IWorkflowExecutionInfo;

/** What Temporal keeps, by the key under which it is encrypted. */
export interface ClavesEnTemporal {
  /** One page of all runs. @param pagina `siguiente` of the page before; null: the first */
  listar(pagina: string | null): Promise<{
    /** `clave` is null where the run does not say; `cierre` where it is open. */
    ejecuciones: { clave: string | null; cierre: Date | null }[];
    siguiente: string | null;
  }>;
  /** How long a closed run is kept. */
  retencionMs(): Promise<number>;
}

export function createClavesEnTemporal(client: Client): ClavesEnTemporal {
  const { namespace } = client.options;
  return {
    async listar(pagina) {
      const { runs, siguiente } = await listarRuns(client, '', pagina);
      const ejecuciones = runs.map((run) => ({ clave: claveDelMemo(run), cierre: momento(run.closeTime) }));
      return { ejecuciones, siguiente };
    },

    async retencionMs() {
      const { config } = await dentroDelPlazo(client, () =>
        client.workflowService.describeNamespace({ namespace }),
      );
      return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) * 1000;
    },
  };
}

function claveDelMemo({ memo }: Info): string | null {
  const [payload] = Object.values(memo?.fields ?? {});
  return payload ? claveDe(payload) : null;
}

function momento(marca: Info['closeTime']): Date | null {
  return marca ? new Date(Number(marca.seconds ?? 0) * 1000) : null;
}
