/**
 * Register against Temporal: an issuance whose run is closed or gone without an outcome is closed here.
 * Before step 2 was sent it loses the lock; after, it is uncertain and keeps it. The PKI is never called.
 */
import type { Transaction } from 'kysely';
import type { Accion } from '../emision/mantenimiento.ts';
import type { MotorEmision } from '../emision/motor.ts';
import type { Claves } from '../runtime/claves.ts';
import type { BaseDeDatos } from './base-de-datos.ts';
import { fallarEmision } from './desenlace.ts';
import type { Esquema } from './esquema.ts';
import { leerEmision, type EmisionRegistrada } from './filas.ts';

/** @returns the issuance as it stands afterwards; null where the register knows none */
export type Conciliar = (codigo: string) => Promise<EmisionRegistrada | null>;

/** What reconciling did, and why it could not settle the codigo, where it could not (Spanish, no personal data). */
interface Conciliacion {
  emision: EmisionRegistrada | null;
  accion: Accion;
  pendiente: string | null;
}

export type ConciliarUna = (codigo: string) => Promise<Conciliacion>;

export function createConciliar(db: BaseDeDatos, claves: Claves, motor: MotorEmision): Conciliar {
  const conciliarUna = createConciliarUna(db, claves, motor);
  return async (codigo) => (await conciliarUna(codigo)).emision;
}

export function createConciliarUna(db: BaseDeDatos, claves: Claves, motor: MotorEmision): ConciliarUna {
  return async (codigo) => {
    const antes = await leerEmision(db, claves.cifrado, codigo);
    if (antes?.estado !== 'EN_PROCESO') return sinCambio(antes);
    if ((await motor.describir(codigo))?.abierta) return sinCambio(antes);
    return db.transaction().execute(async (tx) => {
      const ahora = await leerEmision(tx, claves.cifrado, codigo, true);
      // Somebody took the turn or recorded an outcome while Temporal was asked: what they wrote stands.
      if (ahora?.estado !== 'EN_PROCESO' || ahora.runId !== antes.runId) return sinCambio(ahora);
      await interrumpirEmision(tx, claves, ahora);
      return {
        emision: await leerEmision(tx, claves.cifrado, codigo),
        accion: 'INTERRUMPIDA',
        pendiente: null,
      };
    });
  };
}

function sinCambio(emision: EmisionRegistrada | null): Conciliacion {
  return { emision, accion: 'NINGUNA', pendiente: null };
}

/** Closes as FALLIDO an issuance whose run will never record its outcome. */
export async function interrumpirEmision(
  tx: Transaction<Esquema>,
  claves: Claves,
  emision: EmisionRegistrada,
): Promise<void> {
  await fallarEmision(tx, claves, emision, {
    tipo: 'EMISION_INTERRUMPIDA',
    paso: emision.pasos[1].estado === 'COMPLETADO' ? 2 : 1,
    detalles: [
      'La ejecución se cerró sin registrar su resultado: un operador la terminó o el motor la perdió.',
    ],
  });
}
