/**
 * Issuances under way: what is accepted must be finished, so beyond a bound none is accepted, and no client may take up
 * alone what the whole system may have open (ADR 37, 43, 49). The register counts what a worker has begun. Of what still
 * waits for a worker this process knows what it started, by name; what others started, or it itself before it was started
 * anew, Temporal counts, rarely.
 */
import {
  ESPERA_DE_UN_WORKER_MS,
  PARTE_DEL_RECUENTO,
  PENDIENTES_POR_RECUENTO,
  RECUENTO_EN_TEMPORAL_MS,
  RECUENTO_MS,
  SIN_RECUENTO_MS,
} from '../../../shared/emision/plazos.ts';
import type { RecuentoDelRegistro } from '../../../shared/registro/emision/registro-de-admision.ts';
import type { MetricasDeCarga } from '../../http/servidor/metricas.ts';

interface PorAdmitir {
  codigo: string;
  /** Keyed hash of the client that it counts for; null: for none. */
  cliente: string | null;
  /** The run that owns the codigo's row until the new one takes it; null where there is no row. */
  runAnterior: string | null;
}

type Admision =
  /** It counts from now on, until a count shows it; `soltar`: it did not start, or it is over. */
  | { tipo: 'ADMITIDA'; soltar: () => void }
  /** As many are open as the system, or one client, may have. */
  | { tipo: 'MUCHAS_ABIERTAS' | 'MUCHAS_DEL_CLIENTE' };

export interface EmisionesAbiertas {
  /** Whether one more may start. What this process starts counts at once. */
  admitir(una: PorAdmitir): Promise<Admision>;
}

interface DependenciasDeRecuento {
  /** The most that may be open, and the most that one client may have of them. */
  maximo: number;
  maximoDeUnCliente: number;
  contarEnElRegistro: (pendientes: string[]) => Promise<RecuentoDelRegistro>;
  /** All that are open, whether or not a worker has begun them. */
  contarEnTemporal: () => Promise<number>;
  metricas: Pick<MetricasDeCarga, 'tope'>;
  /** Called once for each series of counts of the register that fail. */
  alFallar?: (error: unknown) => void;
  ahoraMs?: () => number;
}

/** Started by this process, and shown by no count yet. */
interface Pendiente extends PorAdmitir {
  desdeMs: number;
}

export function createEmisionesAbiertas({
  maximo,
  maximoDeUnCliente,
  contarEnElRegistro,
  contarEnTemporal,
  metricas,
  alFallar = () => undefined,
  ahoraMs = () => performance.now(),
}: DependenciasDeRecuento): EmisionesAbiertas {
  const rechazar = metricas.tope('emisiones');
  const rechazarDelCliente = metricas.tope('emisiones_del_cliente');
  let porCliente: RecuentoDelRegistro['porCliente'] = new Map();
  /** By the last count; infinite until there is a first one, which is waited for. */
  let registradas = Infinity;
  /** In the order in which they are looked up. */
  const pendientes = new Map<string, Pendiente>();
  const pendientesDe = new Map<string | null, number>();
  /** By the last count of Temporal: waiting for a worker, and not among those. */
  let deOtros = 0;
  let contadasEnMs = -Infinity;
  let intervaloMs = RECUENTO_MS;
  let temporalEnMs = -Infinity;
  let fallaDesdeMs: number | null = null;
  let recuento: Promise<void> | null = null;

  return {
    async admitir(una) {
      if (ahoraMs() - contadasEnMs >= intervaloMs) recuento ??= recontar().finally(() => (recuento = null));
      // Sent again: it counts already, and whether it started Temporal tells.
      if (pendientes.has(una.codigo)) return { tipo: 'ADMITIDA', soltar: () => undefined };
      // Only a start that would be refused waits for a newer count.
      if (impedimentoPara(una) && recuento) await recuento;
      const impedimento = impedimentoPara(una);
      if (impedimento) {
        rechazar();
        if (impedimento === 'MUCHAS_DEL_CLIENTE') rechazarDelCliente();
        return { tipo: impedimento };
      }
      const pendiente = { ...una, desdeMs: ahoraMs() };
      agregar(pendiente);
      return {
        tipo: 'ADMITIDA',
        soltar: () => {
          olvidar(pendiente);
        },
      };
    },
  };

  function impedimentoPara({ cliente }: PorAdmitir): Exclude<Admision['tipo'], 'ADMITIDA'> | null {
    // Where nobody has counted for a long time, nobody is turned away for that.
    if (ahoraMs() - (fallaDesdeMs ?? Infinity) >= SIN_RECUENTO_MS) return null;
    // What a client is refused uses up nothing of what others may have.
    const suyas = (porCliente.get(cliente) ?? 0) + (pendientesDe.get(cliente) ?? 0);
    if (cliente !== null && registradas !== Infinity && suyas >= maximoDeUnCliente)
      return 'MUCHAS_DEL_CLIENTE';
    return registradas + pendientes.size + deOtros < maximo ? null : 'MUCHAS_ABIERTAS';
  }

  function agregar(pendiente: Pendiente): void {
    const { codigo, cliente } = pendiente;
    // Only where nobody is turned away may they be more.
    const [siguiente] = pendientes.values();
    if (pendientes.size >= maximo && siguiente) olvidar(siguiente);
    pendientes.set(codigo, pendiente);
    pendientesDe.set(cliente, (pendientesDe.get(cliente) ?? 0) + 1);
  }

  function olvidar(pendiente: Pendiente): void {
    const { codigo, cliente } = pendiente;
    if (pendientes.get(codigo) !== pendiente) return;
    pendientes.delete(codigo);
    const quedan = (pendientesDe.get(cliente) ?? 1) - 1;
    if (quedan > 0) pendientesDe.set(cliente, quedan);
    else pendientesDe.delete(cliente);
  }

  async function recontar(): Promise<void> {
    const inicioMs = ahoraMs();
    const tocaTemporal = inicioMs - temporalEnMs >= RECUENTO_EN_TEMPORAL_MS;
    if (tocaTemporal) temporalEnMs = inicioMs;
    // Its store may fail by itself: then only what this process knows of counts.
    const enTemporal = tocaTemporal ? contarEnTemporal().catch(() => null) : undefined;
    const preguntadas = [...primeras(pendientes.values(), PENDIENTES_POR_RECUENTO)];
    let abiertas: number | null | undefined;
    try {
      const contadas = await contarEnElRegistro(preguntadas.map(({ codigo }) => codigo));
      ({ porCliente } = contadas);
      registradas = [...porCliente.values()].reduce((suma, suyas) => suma + suyas, 0);
      for (const una of preguntadas) asentar(una, contadas.duenos.get(una.codigo));
      fallaDesdeMs = null;
      // A count that is slow, of many rows that no vacuum has seen, must not take up the database.
      intervaloMs = Math.max(RECUENTO_MS, PARTE_DEL_RECUENTO * (ahoraMs() - inicioMs));
      abiertas = await enTemporal;
    } catch (error) {
      if (fallaDesdeMs === null) alFallar(error);
      if (registradas === Infinity) registradas = 0;
      fallaDesdeMs ??= inicioMs;
    }
    if (abiertas !== undefined) conLoDeTemporal(abiertas, inicioMs);
    contadasEnMs = ahoraMs();
  }

  /** @param dueno the run that owns its row, by the register */
  function asentar(una: Pendiente, dueno: string | undefined): void {
    if (pendientes.get(una.codigo) !== una) return;
    if (dueno !== undefined && dueno !== una.runAnterior) {
      olvidar(una);
      return;
    }
    // The others have their turn before it is looked up again.
    pendientes.delete(una.codigo);
    pendientes.set(una.codigo, una);
  }

  /** @param abiertas null where Temporal did not count */
  function conLoDeTemporal(abiertas: number | null, inicioMs: number): void {
    if (abiertas === null) {
      deOtros = 0;
      // A run may end before it writes anything: what no count will ever show must not count for ever.
      for (const una of pendientes.values())
        if (inicioMs - una.desdeMs >= ESPERA_DE_UN_WORKER_MS) olvidar(una);
      return;
    }
    const sinRegistrar = Math.max(0, abiertas - registradas);
    // No more can wait for a worker: of those that Temporal has had the time to count, the rest closed before they wrote
    // anything.
    const contadas = [...pendientes.values()].filter(
      ({ desdeMs }) => inicioMs - desdeMs >= RECUENTO_EN_TEMPORAL_MS,
    );
    for (const una of contadas.slice(0, Math.max(0, contadas.length - sinRegistrar))) olvidar(una);
    deOtros = Math.max(0, sinRegistrar - pendientes.size);
  }
}

function* primeras<T>(todas: Iterable<T>, cuantas: number): Generator<T> {
  let dadas = 0;
  for (const una of todas) {
    if (dadas++ >= cuantas) return;
    yield una;
  }
}
