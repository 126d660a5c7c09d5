/** A part of the service that does not answer: requests are refused at once, not one by one after its deadline (ADR 26). */
import { createCircuito, type Pase } from '../../../shared/nucleo/circuito.ts';
import { ServicioNoDisponible } from '../../../shared/nucleo/servicio-no-disponible.ts';
import { enPlazo } from '../../../shared/nucleo/en-plazo.ts';

/** In a row: one statement that takes too long is no outage. */
const FALLOS_PARA_CAER = 3;
/** So long the part is left alone after a failure; then one request asks it. */
const PAUSA_MS = 1_000;
/** That request, and those that come meanwhile, wait no longer than a healthy part needs; what it asked goes on. */
const PACIENCIA_MS = 300;

/** @throws ServicioNoDisponible at once, with nothing asked, while the part is down */
export type PedirAParte = <T>(llamada: () => Promise<T>) => Promise<T>;

interface ParteDeps {
  /** Its name, in the log. */
  parte: string;
  /** Whether an error means that this part, and no other, did not answer. */
  noResponde: (error: unknown) => boolean;
  fallosParaCaer?: number;
  alCaer?: (error: unknown) => void;
  ahoraMs?: () => number;
}

export function createGuardaDeParte({
  parte,
  noResponde,
  fallosParaCaer = FALLOS_PARA_CAER,
  alCaer = () => undefined,
  ahoraMs = () => performance.now(),
}: ParteDeps): PedirAParte {
  const circuito = createCircuito({ fallosParaAbrir: fallosParaCaer, abiertoMs: () => PAUSA_MS, ahoraMs });
  const responde = () => circuito.vista().estado === 'CERRADO';
  const caida = () => new ServicioNoDisponible(`${parte}, which failed a moment ago`);
  let sondeo: Promise<unknown> = Promise.resolve();

  const pedir = async <T>(pase: Pase, llamada: () => Promise<T>): Promise<T> => {
    try {
      const respuesta = await llamada();
      pase.juzgar('RESPONDE');
      return respuesta;
    } catch (error) {
      if (!noResponde(error)) pase.juzgar('RESPONDE');
      else {
        const respondia = responde();
        pase.juzgar('FALLA');
        if (respondia && !responde()) alCaer(error);
      }
      throw error;
    }
  };

  return async (llamada) => {
    if (circuito.vista().sonda) await enPlazo(() => sondeo, PACIENCIA_MS, caida()).catch(() => undefined);
    const pase = circuito.entrar();
    if (!pase) throw caida();
    const propia = pedir(pase, llamada);
    if (!pase.esSonda) return propia;
    sondeo = propia;
    try {
      return await enPlazo(() => propia, PACIENCIA_MS, caida());
    } finally {
      pase.dejar(PAUSA_MS);
    }
  };
}
