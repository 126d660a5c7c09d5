/** Runs a piece of work in one transaction, as the owner of the codigo's row; takes the turn first where it may. */
import type { Transaction } from 'kysely';
import type { EntradaDeRun, EntradaEmision, Paso, ReferenciaEmision } from '../emision/contrato.ts';
import type { MotorEmision } from '../emision/motor.ts';
import type { Claves } from '../runtime/claves.ts';
import type { BaseDeDatos } from './base-de-datos.ts';
import { interrumpirEmision, type Conciliaciones } from './conciliacion.ts';
import type { Esquema } from './esquema.ts';
import { leerEmision, releerEmision, type EmisionRegistrada } from './filas.ts';
import { impedimentoParaNuevaEmision, impedimentoParaReabrir } from './impedimentos.ts';
import { exigirPeticion, insertarEmision, reabrirEmision, traspasarTurno, TurnoNegado } from './turno.ts';

/** Who wants to act: the run, the request it works on, and its input where the row may have to be made anew. */
export interface Pretension {
  runId: string;
  referencia: ReferenciaEmision;
  entrada: EntradaDeRun | null;
  /** How far the run's sends may have got, where the row is made anew because it was lost. */
  pasoAlcanzado?: Paso | null;
  /** It brings what the PKI answered in step 2: nothing is sent again, and what was uncertain is settled. */
  traeRespuesta?: boolean;
}

/** What a run wants with its own input. */
export function pretensionDe(entrada: EntradaDeRun, runId: string): Pretension {
  return { runId, entrada, referencia: referenciaDe(entrada) };
}

export function referenciaDe({ solicitud, generacion, huellaSolicitud }: EntradaEmision): ReferenciaEmision {
  return {
    codigoSolicitudTramite: solicitud.solicitud.codigoSolicitudTramite,
    generacion,
    huellaSolicitud,
  };
}

/** The work's result; or the issuance as it stands closed, which no run may touch. */
export type ComoDueno<T> = { tipo: 'HECHO'; valor: T } | { tipo: 'CERRADA'; emision: EmisionRegistrada };

export interface Dependencias {
  db: BaseDeDatos;
  claves: Claves;
  motor: MotorEmision;
  adaptadorIdempotente: boolean;
  conciliaciones: Pick<Conciliaciones, 'conciliar' | 'ponerAlDia'>;
}

/** Contenders settle in two or three rounds: describe, reconcile the holder of the lock, write. */
const RONDAS = 5;

/** Unique indexes that another codigo may hold against this one, and what that means. */
const CONFLICTOS = {
  un_ciudadano_a_la_vez: {
    columna: 'huella_ciudadano',
    retieneIncierta: true,
    fallo: 'CIUDADANO_EN_PROCESO',
    motivo: 'Otra solicitud del mismo ciudadano está en proceso o su resultado es incierto.',
  },
  una_peticion_en_proceso: {
    columna: 'request_id',
    retieneIncierta: false,
    fallo: 'PETICION_REUTILIZADA',
    motivo: 'El X-Request-ID pertenece a otra petición que está en proceso.',
  },
} as const;

/**
 * @throws TurnoNegado where the run is not the codigo's open run, or the rules do not let it go on; nothing is written
 */
export async function comoDueno<T>(
  dependencias: Dependencias,
  pretension: Pretension,
  trabajo: (tx: Transaction<Esquema>, emision: EmisionRegistrada) => Promise<T>,
): Promise<ComoDueno<T>> {
  const { db, motor, conciliaciones } = dependencias;
  const { codigoSolicitudTramite: codigo } = pretension.referencia;
  let dueno: string | null = null;
  let estaAlDia = false;
  let ultimo: unknown;
  for (let ronda = 0; ronda < RONDAS; ronda++) {
    try {
      const intento = await db.transaction().execute(async (tx): Promise<ComoDueno<T> | null> => {
        const turno = await conTurno(tx, dependencias, pretension, { reemplazable: dueno, estaAlDia });
        if (turno.tipo === 'DE_OTRA') {
          dueno = turno.emision.runId;
          return null;
        }
        if (turno.tipo === 'SIN_FILA') return null;
        if (turno.tipo === 'CERRADA') return { tipo: 'CERRADA', emision: turno.emision };
        return { tipo: 'HECHO', valor: await trabajo(tx, turno.emision) };
      });
      if (intento) return intento;
    } catch (error) {
      if (!esChoque(error)) throw error;
      ultimo = error;
      await atenderChoque(dependencias, pretension, error);
      continue;
    }
    const run = await motor.describir(codigo);
    if (!run?.abierta || run.runId !== pretension.runId)
      throw new TurnoNegado('TURNO_PERDIDO', 'Otra ejecución, o ninguna, atiende ahora esta solicitud.');
    if (estaAlDia) continue;
    const { emision, accion, pendiente } = await conciliaciones.ponerAlDia(codigo, pretension.runId);
    if (pendiente !== null) throw new TurnoNegado('SERVICIO_NO_DISPONIBLE', pendiente);
    // The row now names a closed run: this one may take its place.
    if (accion === 'RECONSTRUIDA') dueno = emision?.runId ?? null;
    estaAlDia = true;
  }
  throw new Error('the register found no settled state for this codigo', { cause: ultimo });
}

/**
 * @param reemplazable the owner whose place this run may take: it was the owner before Temporal named this run as open
 * @param estaAlDia the row, or that there is none, is what the codigo's closed runs left
 * @returns DE_OTRA where Temporal must first say whether this run may take the place of the row's owner; SIN_FILA where it
 *   must first say whether the row was lost
 */
async function conTurno(
  tx: Transaction<Esquema>,
  { claves, adaptadorIdempotente }: Dependencias,
  { runId, referencia, entrada, pasoAlcanzado = null, traeRespuesta = false }: Pretension,
  { reemplazable, estaAlDia }: { reemplazable: string | null; estaAlDia: boolean },
): Promise<{ tipo: 'DUENO' | 'CERRADA' | 'DE_OTRA'; emision: EmisionRegistrada } | { tipo: 'SIN_FILA' }> {
  const codigo = referencia.codigoSolicitudTramite;
  const releer = () => releerEmision(tx, claves.cifrado, codigo);
  const emision = await leerEmision(tx, claves.cifrado, codigo, true);
  if (!emision) {
    if (!entrada) throw new TurnoNegado('TURNO_PERDIDO', 'El registro no conoce esta solicitud.');
    // An idempotent adapter repeats what it did under the keys of the first generation: nothing need be known of it.
    if (!estaAlDia && !(adaptadorIdempotente && entrada.generacion === 1)) return { tipo: 'SIN_FILA' };
    await insertarEmision(tx, claves, entrada, runId, pasoAlcanzado);
    return { tipo: 'DUENO', emision: await releer() };
  }
  // What a new issuance discarded is over for every run of it, however it comes back.
  if (referencia.generacion < emision.generacion)
    throw new TurnoNegado('TURNO_PERDIDO', 'La solicitud pasó a una nueva emisión.');
  if (emision.estado === 'COMPLETADO') return { tipo: 'CERRADA', emision };
  if (emision.runId === runId)
    return { tipo: emision.estado === 'EN_PROCESO' ? 'DUENO' : 'CERRADA', emision };
  if (emision.runId !== reemplazable) return { tipo: 'DE_OTRA', emision };

  const esNueva = referencia.generacion > emision.generacion;
  const esLaMisma = !esNueva && emision.huellaSolicitud === referencia.huellaSolicitud;
  if (!esLaMisma && !entrada)
    throw new TurnoNegado('TURNO_PERDIDO', 'La solicitud fue corregida después de esta ejecución.');
  if (emision.estado === 'EN_PROCESO' && esLaMisma) {
    await traspasarTurno(tx, claves, emision, runId);
    return { tipo: 'DUENO', emision: await releer() };
  }
  if (emision.estado === 'EN_PROCESO') await interrumpirEmision(tx, claves, emision);
  const anterior = await releer();
  const puedeRepetirse = adaptadorIdempotente || traeRespuesta;
  const impedimento =
    esNueva && entrada
      ? impedimentoParaNuevaEmision(anterior, entrada)
      : impedimentoParaReabrir(
          anterior,
          entrada ?? { ...anterior, ...exigirPeticion(anterior) },
          puedeRepetirse,
        );
  if (impedimento) throw new TurnoNegado(impedimento.fallo, impedimento.motivo);
  await reabrirEmision(tx, claves, anterior, entrada, runId, pasoAlcanzado);
  return { tipo: 'DUENO', emision: await releer() };
}

interface Choque {
  constraint: string;
}

function esChoque(error: unknown): error is Choque {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return (
    code === '23505' &&
    typeof constraint === 'string' &&
    (Object.hasOwn(CONFLICTOS, constraint) || constraint === 'solicitudes_pkey')
  );
}

/** The holder of the lock may be long dead: its own rules decide before this run is turned away. */
async function atenderChoque(
  { db, conciliaciones: { conciliar } }: Dependencias,
  { referencia, entrada }: Pretension,
  { constraint }: Choque,
): Promise<void> {
  // Another run of this codigo wrote its first row at the same moment: look again.
  if (constraint === 'solicitudes_pkey') return;
  const { columna, retieneIncierta, fallo, motivo } = CONFLICTOS[constraint as keyof typeof CONFLICTOS];
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
      e.or([
        e('estado', '=', 'EN_PROCESO'),
        ...(retieneIncierta ? [e('resultado_incierto', '=', true)] : []),
      ]),
    )
    .executeTakeFirst();
  const conciliada = titular && (await conciliar(titular.codigo));
  if (conciliada?.estado === 'EN_PROCESO' || (retieneIncierta && conciliada?.resultadoIncierto))
    throw new TurnoNegado(fallo, motivo);
}
