/** How far a bulk re-run is: the answer of its query, and what an operator reads in Temporal's UI (no personal data). */
import { defineQuery, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { CONSULTA_AVANCE, type AvanceDeRun } from '../../shared/emision/reejecucion.ts';

export interface InformeDeAvance {
  /** One codigo more is under way. */
  empieza(): void;
  /** One that was under way is done, however it ended. */
  termina(): void;
}

const consultaAvance = defineQuery<AvanceDeRun>(CONSULTA_AVANCE);

/** Registers the query, before anything is awaited, and keeps its answer. */
export function exponerAvanceDeReejecucion(codigos: number): InformeDeAvance {
  let avance: AvanceDeRun = { pendientes: codigos, enProceso: 0, atendidas: 0 };
  setHandler(consultaAvance, () => avance);

  const informar = (nuevo: AvanceDeRun) => {
    avance = nuevo;
    setCurrentDetails(textoParaOperador(avance));
  };
  return {
    empieza: () => {
      const { pendientes, enProceso, atendidas } = avance;
      informar({ pendientes: pendientes - 1, enProceso: enProceso + 1, atendidas });
    },
    termina: () => {
      const { pendientes, enProceso, atendidas } = avance;
      informar({ pendientes, enProceso: enProceso - 1, atendidas: atendidas + 1 });
    },
  };
}

/** Markdown. */
function textoParaOperador({ pendientes, enProceso, atendidas }: AvanceDeRun): string {
  return [
    '| Pendientes | En proceso | Atendidas |',
    '|---|---|---|',
    `| ${pendientes} | ${enProceso} | ${atendidas} |`,
  ].join('\n');
}
