/** Temporal as the register sees it: runs that are open, closed or forgotten, as the test says. */
import {
  HistoriaIlegible,
  type ComienzoDeRun,
  type HistoriaDeRun,
  type MotorEmision,
  type RunDescrita,
} from '../../../shared/motor/emision/motor.ts';

export interface FakeMotor extends MotorEmision {
  abrir(codigo: string, runId: string, comienzo?: ComienzoDeRun): void;
  /** Codigos of which the closed runs were listed. */
  readonly listados: readonly string[];
  /** The run is terminated, or ended in any other way; its history says this of it. */
  cerrar(codigo: string, historia?: HistoriaDeRun): void;
  /** No history can be read any more: its key is gone. */
  cifrarHistorias(): void;
  /** Retention passed, or its data were lost. */
  olvidar(codigo: string): void;
  /** What happens while the answer of the next describe() is on its way. */
  alDescribir(accion: () => Promise<unknown>): void;
}

export function createFakeMotor(): FakeMotor {
  const runs = new Map<string, RunDescrita>();
  const historias = new Map<string, HistoriaDeRun[]>();
  const listados: string[] = [];
  let ilegibles = false;
  let accion: (() => Promise<unknown>) | null = null;
  return {
    async describir(codigo) {
      const run = runs.get(codigo) ?? null;
      const pendiente = accion;
      accion = null;
      await pendiente?.();
      return run;
    },
    // In pages of two.
    cerradas(codigo, pagina) {
      listados.push(codigo);
      const todas = (historias.get(codigo) ?? []).map(({ runId }) => runId);
      const desde = Number(pagina ?? 0);
      const hasta = desde + 2;
      return Promise.resolve({
        runIds: todas.slice(desde, hasta),
        siguiente: hasta < todas.length ? String(hasta) : null,
      });
    },
    leerHistoria: (codigo, runId) =>
      ilegibles
        ? Promise.reject(new HistoriaIlegible({ cause: new Error('unknown key') }))
        : Promise.resolve((historias.get(codigo) ?? []).find((una) => una.runId === runId) ?? null),
    cifrarHistorias() {
      ilegibles = true;
    },
    abrir(codigo, runId, comienzo) {
      runs.set(codigo, { runId, abierta: true, comienzo });
    },
    listados,
    cerrar(codigo, historia) {
      const run = runs.get(codigo);
      if (run) runs.set(codigo, { ...run, abierta: false });
      if (historia) historias.set(codigo, [historia, ...(historias.get(codigo) ?? [])]);
    },
    olvidar(codigo) {
      runs.delete(codigo);
      historias.delete(codigo);
    },
    alDescribir(siguiente) {
      accion = siguiente;
    },
  };
}
