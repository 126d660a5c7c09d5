/** How a child is asked whether it is ready; a no is an error that says what is missing. */
import { SIN_PROXY } from '../../shared/runtime/sin-proxy.ts';

const ANSWER_LIMIT_MS = 2000;

/** No fault by itself: a process listens once it has opened what it stands on. */
export class NotListeningYet extends Error {}

/** By GET /health/ready. @throws Error that names the parts that are not ready; NotListeningYet */
export async function answersReady(url: string): Promise<true> {
  const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) }).catch(
    (error: unknown) => {
      throw isRefused(error) ? new NotListeningYet('nothing listens there', { cause: error }) : error;
    },
  );
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url}/health/ready answers ${answer.status} ${text.slice(0, 500)}`);
  return true;
}

function isRefused(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: unknown } };
  return cause?.code === 'ECONNREFUSED';
}

/** The embedded server listens before its namespace is there. */
export async function servesNamespace(address: string, namespace: string): Promise<true> {
  const { Connection } = await import('@temporalio/client');
  const options = { address, connectTimeout: ANSWER_LIMIT_MS, channelArgs: SIN_PROXY };
  const connection = await Connection.connect(options);
  try {
    await connection.withDeadline(Date.now() + ANSWER_LIMIT_MS, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    return true;
  } finally {
    await connection.close();
  }
}
