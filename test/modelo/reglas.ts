/** What moves the model: the product's own pure decisions. A test puts a fault in the place of one, and must find it. */
import {
  decidirTurno,
  impedimentoParaEjecutarDeNuevo,
} from '../../shared/registro/emision/turno/decision.ts';
import {
  decidirEnvio,
  marcasTrasRechazo,
  marcasTrasRespuesta,
  type Marcas,
} from '../../shared/registro/emision/turno/marcas.ts';

export const REGLAS = {
  decidirTurno,
  decidirEnvio,
  marcasTrasRechazo,
  marcasTrasRespuesta,
  impedimentoParaEjecutarDeNuevo,
  /** Which failed issuance holds the citizen's lock. */
  esIncierta: (marcasDelPaso2: Marcas) => marcasDelPaso2.length > 0,
};
export type Reglas = typeof REGLAS;
