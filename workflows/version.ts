/** Which version of the worker goes on with a run, where its workflow does not leave it to the worker's default (ADR 35). */
import type { WorkflowDefinitionOptions } from '@temporalio/common';
import { workflowInfo } from '@temporalio/workflow';

/**
 * For workflows that may run for hours. From a worker without a version, which names no deployment, the server would
 * refuse it.
 */
export function siempreEnLaActual(): WorkflowDefinitionOptions {
  return workflowInfo().currentDeploymentVersion?.deploymentName
    ? { versioningBehavior: 'AUTO_UPGRADE' }
    : {};
}
