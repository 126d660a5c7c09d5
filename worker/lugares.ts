/**
 * Slots of a queue's activities, of which no more are given than its gate admits: what must not begin is not taken from
 * Temporal, and waits there at no cost.
 */
import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';

export interface Compuerta {
  /** How many tasks may be asked for until it changes. */
  admite(): number;
  /** @param avisar to be called when it has changed, or may admit more than before */
  alCambiar(avisar: () => void): void;
}

interface Lugar extends SlotPermit {
  /** A poll holds it: no task has come yet. */
  sinTarea: boolean;
  /** After how many changes of the gate it was given. */
  cambio: number;
}

/**
 * @param simultaneas activities at once
 * @returns for a worker without workflows: those hand activities over without a poll, around the gate
 */
export function createLugares(
  simultaneas: number,
  compuerta: Compuerta,
): CustomSlotSupplier<ActivitySlotInfo> {
  const dados = new Set<Lugar>();
  const enEspera = new Set<(lugar: Lugar) => void>();
  let cambio = 0;

  const hayLugar = () => {
    if (dados.size >= simultaneas) return false;
    // A task that has just been taken has not come to the gate yet: until that tells, it counts as asked for.
    const pedidas = [...dados].filter((lugar) => lugar.sinTarea || lugar.cambio === cambio);
    return pedidas.length < compuerta.admite();
  };
  const repartir = () => {
    for (const dar of enEspera) {
      if (!hayLugar()) return;
      enEspera.delete(dar);
      const lugar = { sinTarea: true, cambio };
      dados.add(lugar);
      dar(lugar);
    }
  };
  compuerta.alCambiar(() => {
    cambio += 1;
    repartir();
  });

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
      (permit as Lugar).sinTarea = false;
      repartir();
    },
    releaseSlot({ permit }) {
      dados.delete(permit as Lugar);
      repartir();
    },
  };
}
