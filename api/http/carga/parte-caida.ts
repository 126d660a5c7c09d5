/** A part of the service that does not answer: requests are refused at once, not one by one after its deadline. */
import { ServicioNoDisponible } from '../../../shared/nucleo/servicio-no-disponible.ts';
import { conPaciencia } from './con-paciencia.ts';

/** One statement that takes too long is no outage. */
const FALLOS_SEGUIDOS = 3;
/** So long the part is left alone after a failure; then one request asks it. */
const PAUSA_MS = 1_000;
/** That request, and those that come meanwhile, wait no longer than a healthy part needs; what it asked goes on. */
const PACIENCIA_MS = 300;

/**
 * @param corte where the caller cuts the call, its failure says nothing of the part
 * @throws ServicioNoDisponible at once, with nothing asked, while the part is down
 */
export type PedirAParte = <T>(llamada: () => Promise<T>, corte?: AbortSignal) => Promise<T>;

interface ParteDeps {
  /** Its name, in the log. */
  parte: string;
  /** Whether an error means that this part, and no other, did not answer. */
  noResponde: (error: unknown) => boolean;
  alCaer?: (error: unknown) => void;
  ahoraMs?: () => number;
}

export function createPedirAParte({
  parte,
  noResponde,
  alCaer = () => undefined,
  ahoraMs = () => Date.now(),
}: ParteDeps): PedirAParte {
  let fallos = 0;
  let ultimoFalloMs = 0;
  let sonda: Promise<unknown> | null = null;

  const pedir: PedirAParte = async (llamada, corte) => {
    try {
      const respuesta = await llamada();
      fallos = 0;
      return respuesta;
    } catch (error) {
      if (!noResponde(error)) fallos = 0;
      else if (corte?.aborted !== true) {
        ultimoFalloMs = ahoraMs();
        if (++fallos === FALLOS_SEGUIDOS) alCaer(error);
      }
      throw error;
    }
  };
  const sondear: PedirAParte = async (llamada, corte) => {
    const propia = pedir(llamada, corte);
    sonda = propia;
    try {
      return await conPaciencia(propia, PACIENCIA_MS, caida());
    } finally {
      sonda = null;
      if (fallos > 0) ultimoFalloMs = ahoraMs();
    }
  };
  const caida = () => new ServicioNoDisponible(`${parte}, which failed a moment ago`);

  return async (llamada, corte) => {
    if (fallos < FALLOS_SEGUIDOS) return pedir(llamada, corte);
    if (sonda === null) {
      if (ahoraMs() - ultimoFalloMs < PAUSA_MS) throw caida();
      return sondear(llamada, corte);
    }
    await conPaciencia(sonda, PACIENCIA_MS, caida()).catch(() => undefined);
    if (fallos > 0) throw caida();
    return pedir(llamada, corte);
  };
}
