/** The points of an issuance at which a case strikes, each reached by a gate that holds it there, never by luck. */
import type { Momento } from './puertas/puertas-de-la-pki.ts';
import type { Lado } from '../support/servidores/puerta-de-temporal.ts';
import type { Escritura } from './puertas/puertas-del-registro.ts';
import type { Paso } from '../../simulator/pki/faults/behaviour.ts';
import type { Sistema } from './sistema.ts';

type Puerta =
  | { en: 'TEMPORAL'; lado: Lado }
  | { en: 'REGISTRO'; escritura: Escritura }
  | { en: 'PKI'; paso: Paso; momento: Momento };

/** In the order of the process. */
const PUERTAS = {
  /** The API has the request; Temporal has not heard of it. */
  'antes-del-arranque': { en: 'TEMPORAL', lado: 'PETICION' },
  /** Temporal recorded the start; the API does not know that. */
  'arranque-sin-respuesta': { en: 'TEMPORAL', lado: 'RESPUESTA' },
  /** The run goes; row and lock are not committed. */
  'antes-de-registrar': { en: 'REGISTRO', escritura: 'ACEPTADA' },
  /** The mark of the send is not committed. */
  'antes-de-enviar-1': { en: 'REGISTRO', escritura: 'ENVIO_1' },
  /** The PKI has the call and has done nothing. */
  'durante-1': { en: 'PKI', paso: 1, momento: 'ANTES' },
  /** The PKI did the work; its answer has not left. */
  'hecho-1': { en: 'PKI', paso: 1, momento: 'DESPUES' },
  /** The worker has the answer; it is not committed. */
  'entre-pasos': { en: 'REGISTRO', escritura: 'PASO_1' },
  'antes-de-enviar-2': { en: 'REGISTRO', escritura: 'ENVIO_2' },
  'durante-2': { en: 'PKI', paso: 2, momento: 'ANTES' },
  'hecho-2': { en: 'PKI', paso: 2, momento: 'DESPUES' },
  /** The outcome is written and not committed. */
  'antes-del-desenlace': { en: 'REGISTRO', escritura: 'DESENLACE' },
  /** The outcome is committed; Temporal, stopped, has not heard of it. */
  'tras-el-desenlace': { en: 'REGISTRO', escritura: 'DESENLACE' },
  /** The register and Temporal have it; the API, stopped, has not answered. */
  'antes-de-responder': { en: 'REGISTRO', escritura: 'DESENLACE' },
} as const satisfies Record<string, Puerta>;

export type Punto = keyof typeof PUERTAS;
export const PUNTOS = Object.keys(PUERTAS) as Punto[];

export function cerrarPuerta(
  { puertaDeTemporal, puertasDelRegistro, puertasDeLaPki }: Sistema,
  codigo: string,
  punto: Punto,
) {
  const puerta: Puerta = PUERTAS[punto];
  switch (puerta.en) {
    case 'TEMPORAL':
      puertaDeTemporal.cerrar(codigo, puerta.lado);
      return Promise.resolve();
    case 'REGISTRO':
      return puertasDelRegistro.cerrar(codigo, puerta.escritura);
    case 'PKI':
      puertasDeLaPki.cerrar(codigo, puerta.paso, puerta.momento);
      return Promise.resolve();
  }
}

/** Those of Temporal open all together. */
export function abrirPuerta(
  { puertaDeTemporal, puertasDelRegistro, puertasDeLaPki }: Sistema,
  codigo: string,
  punto: Punto,
) {
  const puerta: Puerta = PUERTAS[punto];
  switch (puerta.en) {
    case 'TEMPORAL':
      puertaDeTemporal.abrir();
      return Promise.resolve();
    case 'REGISTRO':
      return puertasDelRegistro.abrir(codigo, puerta.escritura);
    case 'PKI':
      puertasDeLaPki.abrir(codigo, puerta.paso, puerta.momento);
      return Promise.resolve();
  }
}

export async function estaEnSuPunto(sistema: Sistema, codigo: string, punto: Punto): Promise<boolean> {
  const puerta: Puerta = PUERTAS[punto];
  switch (puerta.en) {
    case 'TEMPORAL':
      return sistema.puertaDeTemporal.hayQuienEspere(codigo);
    case 'REGISTRO':
      return sistema.puertasDelRegistro.hayQuienEspere(codigo, puerta.escritura);
    case 'PKI':
      return sistema.puertasDeLaPki.hayQuienEspere(codigo, puerta.paso, puerta.momento);
  }
}

/** The API's connection to Temporal is held with it: it comes after all others. */
export function retieneAlApi(punto: Punto): boolean {
  return PUERTAS[punto].en === 'TEMPORAL';
}

/** Row and lock are committed. */
export function tieneCandado(punto: Punto): boolean {
  return PUNTOS.indexOf(punto) >= PUNTOS.indexOf('antes-de-enviar-1');
}

/** A send of step 2 may be out; of a start whose answer alone is held nobody holds the run. */
export function pudoEnviarPaso2(punto: Punto): boolean {
  return punto === 'arranque-sin-respuesta' || PUNTOS.indexOf(punto) >= PUNTOS.indexOf('antes-de-enviar-2');
}

export function haAcabado(punto: Punto): boolean {
  return punto === 'tras-el-desenlace' || punto === 'antes-de-responder';
}
