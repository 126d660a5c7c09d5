/** `npm run recifrar`: after a rotation of CLAVES_CIFRADO, writes the register anew under the first key and says which may go. */
import { parseArgs } from 'node:util';
import { CLAVES, COMUN } from '../shared/runtime/secciones.ts';
import {
  WORKFLOW_RECIFRADO,
  type InformeDeRecifrado,
  type OrdenDeRecifrado,
} from '../shared/mantenimiento/recifrado.ts';
import { RESUMEN_RECIFRADO } from '../shared/emision/textos-para-operadores.ts';
import { abrirClaves } from '../shared/runtime/claves/claves.ts';
import { leerConfiguracion } from '../shared/runtime/config.ts';
import { hasUnreadable, reportLines } from './maintenance/re-encryption-report.ts';
import { runWorkflow } from './maintenance/run-workflow.ts';

try {
  // It takes none: who wanted something else by one is told, and nothing is done.
  parseArgs();
  const { comun, claves } = leerConfiguracion({ comun: COMUN, claves: CLAVES });
  const { cifrado } = abrirClaves({ ...comun, ...claves });
  const orden: OrdenDeRecifrado = { claveActiva: cifrado.claveActiva };
  const informe = await runWorkflow<InformeDeRecifrado>({
    workflow: WORKFLOW_RECIFRADO,
    summary: RESUMEN_RECIFRADO,
    args: [orden],
  });
  console.log(reportLines(informe, cifrado.claves).join('\n'));
  if (hasUnreadable(informe)) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
