import { CancellationScope } from '@temporalio/workflow';

/** An operator's cancel must not keep the register from knowing what happened. */
export function sinCancelar<T>(escritura: () => Promise<T>): Promise<T> {
  return CancellationScope.nonCancellable(escritura);
}
