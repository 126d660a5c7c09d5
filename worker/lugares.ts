/**
 * Slots of a queue's activities, of which no more are given than its gate admits: what must not begin is not taken from
 * Temporal, and waits there at no cost.
 */
import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';

export interface Compuerta {
  /** How many tasks it admits at once: those at work, on their way and asked for. */
  admite(): number;
  /** @param avisar to be called when it may admit more than before */
  alAdmitirMas(avisar: () => void): void;
}

/**
 * @param simultaneas activities at once
 * @returns for a worker without workflows: those hand activities over without a poll, around the gate
 */
export function createLugares(
  simultaneas: number,
  compuerta: Compuerta,
): CustomSlotSupplier<ActivitySlotInfo> {
  /** Held by a poll, or by the task that it brought. */
  const dados = new Set<SlotPermit>();
  const enEspera = new Set<(lugar: SlotPermit) => void>();

  const repartir = () => {
    for (const dar of enEspera) {
      if (dados.size >= Math.min(simultaneas, compuerta.admite())) return;
      enEspera.delete(dar);
      const lugar = {};
      dados.add(lugar);
      dar(lugar);
    }
  };
  compuerta.alAdmitirMas(repartir);

  return {
    type: 'custom',
    reserveSlot: (_contexto, corte) =>
      new Promise((resolve, reject) => {
        const dar = (lugar: SlotPermit) => {
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
    markSlotUsed: () => undefined,
    releaseSlot({ permit }) {
      dados.delete(permit);
      repartir();
    },
  };
}
