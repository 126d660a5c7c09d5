/** The parent's side of the gates of simulador-con-puertas.ts; they stay closed over the simulator's deaths. */
import type { ChildProcess } from 'node:child_process';
import type { Paso } from '../../../simulator/pki/faults/behaviour.ts';
import type { GatewayFault } from '../../../simulator/pki/faults/gateway.ts';

/** ANTES: the PKI has the call and nothing is done. DESPUES: the work is done and recorded, the answer is not sent. */
export type Momento = 'ANTES' | 'DESPUES';

export interface AlSimulador {
  puerta: string;
  cerrada: boolean;
  /** Whoever stands before a gate that opens is answered by a gateway. */
  pasarela?: GatewayFault | undefined;
}

/** A call came to this moment; where its gate is closed, it stands there. */
export interface DelSimulador {
  puerta: string;
  codigo: string;
  numeroDocumento: string;
  paso: Paso;
  momento: Momento;
  /** The PKI does the work of the call. */
  trabaja: boolean;
}

export function nombreDePuerta(codigo: string, paso: Paso, momento: Momento): string {
  return `${codigo} ${paso} ${momento}`;
}

export interface PuertasDeLaPki {
  /** To be called with each process of the simulator. */
  adoptar(proceso: ChildProcess): void;
  cerrar(codigo: string, paso: Paso, momento: Momento): void;
  /** @param pasarela what a gateway then does to the call that stands before it */
  abrir(codigo: string, paso: Paso, momento: Momento, pasarela?: GatewayFault): void;
  /** Whether a call stands before it, in the simulator that runs. */
  hayQuienEspere(codigo: string, paso: Paso, momento: Momento): boolean;
}

export function createPuertasDeLaPki(alPasar: (aviso: DelSimulador) => void): PuertasDeLaPki {
  const cerradas = new Set<string>();
  const esperando = new Set<string>();
  let actual: ChildProcess | null = null;

  const decir = (puerta: string, cerrada: boolean, pasarela?: GatewayFault) => {
    const mensaje: AlSimulador = { puerta, cerrada, pasarela };
    // One that is dead has nobody to hold.
    if (actual?.connected) actual.send(mensaje, () => undefined);
  };
  return {
    adoptar(proceso) {
      actual = proceso;
      esperando.clear();
      proceso.on('message', (aviso: DelSimulador) => {
        if (cerradas.has(aviso.puerta)) esperando.add(aviso.puerta);
        alPasar(aviso);
      });
      for (const puerta of cerradas) decir(puerta, true);
      // The first message says that all closed gates are known.
      decir('', false);
    },
    cerrar(codigo, paso, momento) {
      const puerta = nombreDePuerta(codigo, paso, momento);
      cerradas.add(puerta);
      decir(puerta, true);
    },
    abrir(codigo, paso, momento, pasarela) {
      const puerta = nombreDePuerta(codigo, paso, momento);
      cerradas.delete(puerta);
      esperando.delete(puerta);
      decir(puerta, false, pasarela);
    },
    hayQuienEspere: (codigo, paso, momento) => esperando.has(nombreDePuerta(codigo, paso, momento)),
  };
}
