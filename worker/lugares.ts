/**
 * Slots of a queue's activities, of which no more are given than its gate admits: what must not begin is not taken from
 * Temporal, and waits there at no cost.
 */
import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';

export interface Compuerta {
  /** How many tasks may be asked for now, beside those that are at work. */
  admite(): number;
  /** @param avisar to be called when it may admit more than before */
  alCambiar(avisar: () => void): void;
}

interface Lugar extends SlotPermit {
  /** A poll holds it: no task has come yet. */
  sinTarea: boolean;
}

/**
 * @param simultaneas activities at once
 * @returns for a worker without workflows: those hand activities over without a poll, around the gate
 */
export function createLugares(
  simultaneas: number,
  compuerta: Compuerta,
): CustomSlotSupplier<ActivitySlotInfo> {
  let ocupados = 0;
  let sinTarea = 0;
  const enEspera = new Set<(lugar: Lugar) => void>();

  const repartir = () => {
    for (const dar of enEspera) {
      if (ocupados >= simultaneas || sinTarea >= compuerta.admite()) return;
      enEspera.delete(dar);
      ocupados += 1;
      sinTarea += 1;
      dar({ sinTarea: true });
    }
  };
  const yaNoEspera = (lugar: Lugar) => {
    if (lugar.sinTarea) sinTarea -= 1;
    lugar.sinTarea = false;
  };
  compuerta.alCambiar(repartir);

  return {
    type: 'custom',
    reserveSlot: (_contexto, corte) =>
      new Promise((resolve, reject) => {
        const dar = (lugar: Lugar) => {
          corte.removeEventListener('abort', renunciar);
          resolve(lugar);
        };
        const renunciar = () => {
          enEspera.delete(dar);
          reject(corte.reason as Error);
        };
        corte.addEventListener('abort', renunciar);
        enEspera.add(dar);
        repartir();
      }),
    tryReserveSlot: () => null,
    markSlotUsed({ permit }) {
      yaNoEspera(permit as Lugar);
      repartir();
    },
    releaseSlot({ permit }) {
      yaNoEspera(permit as Lugar);
      ocupados -= 1;
      repartir();
    },
  };
}
