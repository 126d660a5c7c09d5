/** Under which key the runs that Temporal still knows began: their memo says so, without being opened. */
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { LLAMADA_TEMPORAL_MS, PAGINA_DE_MANTENIMIENTO } from '../nucleo/plazos.ts';
import { claveDe } from '../runtime/temporal/codec.ts';

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
  const conPlazo = <T>(llamada: () => Promise<T>) =>
    client.withDeadline(Date.now() + LLAMADA_TEMPORAL_MS, llamada);
  return {
    async listar(pagina) {
      const { executions, nextPageToken } = await conPlazo(() =>
        client.workflowService.listWorkflowExecutions({
          namespace,
          pageSize: PAGINA_DE_MANTENIMIENTO,
          ...(pagina !== null && { nextPageToken: Buffer.from(pagina, 'base64') }),
        }),
      );
      return {
        ejecuciones: executions.map((ejecucion) => ({
          clave: claveDelMemo(ejecucion),
          cierre: momento(ejecucion.closeTime),
        })),
        siguiente: nextPageToken.length > 0 ? Buffer.from(nextPageToken).toString('base64') : null,
      };
    },

    async retencionMs() {
      const { config } = await conPlazo(() => client.workflowService.describeNamespace({ namespace }));
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
