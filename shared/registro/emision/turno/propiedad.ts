/** Runs a piece of work in one transaction, as the owner of the codigo's row; takes the turn first where it may. */
import type { Accion } from '../../../emision/mantenimiento.ts';
import type { MotorEmision } from '../../../motor/emision/motor.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import type { GuardaDeTemporal } from '../../base/temporal-del-registro.ts';
import type { Db, Tx } from '../filas/esquema.ts';
import type { EmisionRegistrada } from '../filas/filas.ts';
import { restriccionRota, type Restriccion } from '../filas/restricciones.ts';
import type { Pretension } from './pretension.ts';
import { esLaPrimeraEjecucion } from './primera-ejecucion.ts';
import { TurnoNegado } from './turno-negado.ts';
import { tomarTurno } from './turno.ts';

/** The work's result; or the issuance as it stands closed, which no run may touch. */
export type ComoDueno<T> = { tipo: 'HECHO'; valor: T } | { tipo: 'CERRADA'; emision: EmisionRegistrada };

/** Register against Temporal, as the turn needs it (conciliacion.ts). */
interface ConciliacionParaElTurno {
  conciliar(codigo: string): Promise<EmisionRegistrada | null>;
  /** What the closed runs did that the row does not hold, before the open one takes it. */
  ponerAlDia(
    codigo: string,
    runId: string,
  ): Promise<{ emision: EmisionRegistrada | null; accion: Accion; pendiente: string | null }>;
}

export interface DependenciasDeTurno {
  db: Db;
  claves: Claves;
  motor: MotorEmision;
  guarda: Pick<GuardaDeTemporal, 'exigirVigente'>;
  adaptadorIdempotente: boolean;
  ahora: () => number;
  conciliaciones: ConciliacionParaElTurno;
}

/** Contenders settle in two or three rounds: describe, reconcile the holder of the lock, write. */
const RONDAS = 5;

/** What another codigo may hold against this one, and what that means. */
const CONFLICTOS = {
  CIUDADANO: {
    columna: 'huella_ciudadano',
    enProceso: {
      fallo: 'CIUDADANO_EN_PROCESO',
      motivo:
        'Otra solicitud del mismo ciudadano está en proceso: espere a que termine y envíe esta de nuevo.',
    },
    incierta: {
      fallo: 'CIUDADANO_CON_INCIERTA',
      motivo:
        'Otra solicitud del mismo ciudadano terminó y no se sabe si la PKI emitió sus certificados: esperar no basta, soporte debe resolverla.',
    },
  },
  PETICION: {
    columna: 'request_id',
    enProceso: {
      fallo: 'PETICION_REUTILIZADA',
      motivo: 'El X-Request-ID pertenece a otra petición que está en proceso.',
    },
    incierta: null,
  },
} as const satisfies Partial<Record<Restriccion, object>>;

/**
 * @throws TurnoNegado where the run is not the codigo's open run, or the rules do not let it go on; nothing is written
 */
export async function comoDueno<T>(
  dependencias: DependenciasDeTurno,
  pretension: Pretension,
  trabajo: (tx: Tx, emision: EmisionRegistrada) => Promise<T>,
): Promise<ComoDueno<T>> {
  const { db, motor, guarda, conciliaciones, ahora } = dependencias;
  const { codigoSolicitudTramite: codigo } = pretension.referencia;
  let dueno: string | null = null;
  let estaAlDia = false;
  let esPrimera = false;
  let ultimo: unknown;
  for (let ronda = 0; ronda < RONDAS; ronda++) {
    try {
      const intento = await db.transaction().execute(async (tx): Promise<ComoDueno<T> | null> => {
        await guarda.exigirVigente(tx);
        const turno = await tomarTurno(tx, dependencias, pretension, {
          reemplazable: dueno,
          estaAlDia: estaAlDia || esPrimera,
        });
        switch (turno.tipo) {
          case 'PREGUNTAR_A_TEMPORAL':
            dueno = turno.dueno ?? dueno;
            return null;
          case 'ESTA_CERRADA':
            return { tipo: 'CERRADA', emision: turno.emision };
          case 'ES_SUYO':
            return { tipo: 'HECHO', valor: await trabajo(tx, turno.emision) };
        }
      });
      if (intento) return intento;
    } catch (error) {
      const rota = restriccionRota(error);
      // Another run of this codigo wrote its first row at the same moment: look again.
      if (rota === 'CIUDADANO' || rota === 'PETICION') await atenderChoque(dependencias, pretension, rota);
      else if (rota !== 'CODIGO') throw error;
      ultimo = error;
      continue;
    }
    const run = await motor.describir(codigo);
    if (!run?.abierta || run.runId !== pretension.runId)
      throw new TurnoNegado('TURNO_PERDIDO', 'Otra ejecución, o ninguna, atiende ahora esta solicitud.');
    if (estaAlDia) continue;
    // A row that has come up since contradicts it: what the closed runs left is then asked for.
    if (dueno === null && esLaPrimeraEjecucion(pretension, run, ahora())) {
      esPrimera = true;
      continue;
    }
    const { emision, accion, pendiente } = await conciliaciones.ponerAlDia(codigo, pretension.runId);
    if (pendiente !== null) throw new TurnoNegado('SERVICIO_NO_DISPONIBLE', pendiente);
    // The row now names a closed run: this one may take its place.
    if (accion === 'RECONSTRUIDA') dueno = emision?.runId ?? null;
    estaAlDia = true;
  }
  throw new Error('the register found no settled state for this codigo', { cause: ultimo });
}

/** The holder of the lock may be long dead: its own rules decide before this run is turned away. */
async function atenderChoque(
  { db, conciliaciones }: DependenciasDeTurno,
  { referencia, entrada }: Pretension,
  rota: keyof typeof CONFLICTOS,
): Promise<void> {
  const { columna, enProceso, incierta } = CONFLICTOS[rota];
  const valor = columna === 'request_id' ? entrada?.contexto.requestId : entrada?.huellaCiudadano;
  const propia = await db
    .selectFrom('solicitudes')
    .select(columna)
    .where('codigo', '=', referencia.codigoSolicitudTramite)
    .executeTakeFirst();
  const titular = await db
    .selectFrom('solicitudes')
    .select('codigo')
    .where(columna, '=', valor ?? (propia as Record<string, string> | undefined)?.[columna] ?? '')
    .where('codigo', '<>', referencia.codigoSolicitudTramite)
    .where((e) =>
      e.or([e('estado', '=', 'EN_PROCESO'), ...(incierta ? [e('resultado_incierto', '=', true)] : [])]),
    )
    .executeTakeFirst();
  const conciliada = titular && (await conciliaciones.conciliar(titular.codigo));
  if (conciliada?.estado === 'EN_PROCESO') throw new TurnoNegado(enProceso.fallo, enProceso.motivo);
  if (incierta && conciliada?.resultadoIncierto) throw new TurnoNegado(incierta.fallo, incierta.motivo);
}
