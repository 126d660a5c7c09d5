/**
 * `npm run conciliar`: compares the register with all that Temporal knows, now, and prints what it found and did. With
 * --forzar also where it would change more than a pass does by itself.
 */
import { parseArgs } from 'node:util';
import {
  WORKFLOW_CONCILIACION,
  type InformeDeConciliacion,
  type OrdenDeConciliacion,
} from '../shared/emision/mantenimiento.ts';
import { RESUMEN_CONCILIACION } from '../shared/emision/textos-para-operadores.ts';
import { reportLines } from './maintenance/reconciliation-report.ts';
import { runWorkflow } from './maintenance/run-workflow.ts';

try {
  const { values } = parseArgs({ options: { forzar: { type: 'boolean', default: false } } });
  const orden: OrdenDeConciliacion = { forzar: values.forzar };
  const informe = await runWorkflow<InformeDeConciliacion>({
    workflow: WORKFLOW_CONCILIACION,
    summary: RESUMEN_CONCILIACION,
    args: [orden],
  });
  console.log(reportLines(informe).join('\n'));
  if (informe.detenida) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
