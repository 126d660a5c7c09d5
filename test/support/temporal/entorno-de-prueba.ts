/** A server and the bundle of workflows as the worker makes it. */
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, type WorkflowBundle } from '@temporalio/worker';
import { WORKFLOWS } from '../../../worker/paquete.ts';
import { CALLADO, callarAlSdk } from './sdk-callado.ts';

const PROPIOS = new URL('../../../workflows/index.ts', import.meta.url);

/**
 * For a worker that remembers no run: each task replays it from the start, so that what its history does not determine fails.
 * The service's workers remember. Not for several local activities at once: the SDK drops those of what it does not keep.
 */
export const SIN_MEMORIA = { maxCachedWorkflows: 0 };

export function empaquetar(workflows: URL = PROPIOS): Promise<WorkflowBundle> {
  return bundleWorkflowCode({ ...WORKFLOWS, workflowsPath: fileURLToPath(workflows), logger: CALLADO });
}

export function abrirEntorno(
  servidor: () => Promise<TestWorkflowEnvironment>,
): Promise<[TestWorkflowEnvironment, WorkflowBundle]> {
  callarAlSdk();
  return Promise.all([servidor(), empaquetar()]);
}
