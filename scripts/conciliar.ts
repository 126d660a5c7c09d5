/** `npm run conciliar`: compares the register with all that Temporal knows, now, and prints what it found and did. */
import { WORKFLOW_CONCILIACION, type InformeDeConciliacion } from '../shared/emision/mantenimiento.ts';
import { RESUMEN_CONCILIACION } from '../shared/emision/textos-para-operadores.ts';
import { reportLines } from './maintenance/reconciliation-report.ts';
import { runWorkflow } from './maintenance/run-workflow.ts';

try {
  const informe = await runWorkflow<InformeDeConciliacion>({
    workflow: WORKFLOW_CONCILIACION,
    summary: RESUMEN_CONCILIACION,
  });
  console.log(reportLines(informe).join('\n'));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
