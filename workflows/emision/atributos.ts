/** What the run is found by in Temporal, kept true while it goes on. A healthy issuance changes none: each change is an event. */
import { patched, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import {
  ATRIBUTOS,
  atributosDeCierre,
  atributosDeFallo,
  SIN_FALLO,
  type CambioDeAtributo,
} from '../../shared/emision/atributos.ts';
import type { Paso } from '../../shared/emision/contrato.ts';
import type { TipoFallo } from '../../shared/emision/fallos.ts';

export interface AtributosDelRun {
  /** @param tipoError `error.tipo` */
  falla(tipoError: string, paso: Paso): void;
  /** The step went well after all, or there is none that fails. */
  vaBien(): void;
  fallo(tipo: TipoFallo, paso: Paso | null, resultadoIncierto: boolean): void;
}

export function createAtributosDelRun(): AtributosDelRun {
  let falla = false;
  /**
   * A run that began without any (an earlier version, or a Temporal that does not know them) gets none: it would stand still. Nor is
   * what a worker of an earlier version passed over done when this one replays it.
   */
  const cambiar = (cambios: CambioDeAtributo[]) => {
    if (tieneAtributos() && patched('atributos-de-busqueda')) upsertSearchAttributes(cambios);
  };
  return {
    falla(tipoError, paso) {
      falla = true;
      cambiar(atributosDeFallo(tipoError, paso));
    },
    vaBien() {
      if (falla) cambiar(SIN_FALLO);
      falla = false;
    },
    fallo(tipo, paso, resultadoIncierto) {
      cambiar(atributosDeCierre(tipo, paso, resultadoIncierto));
    },
  };
}

/** Whether this run was begun with search attributes. */
export function tieneAtributos(): boolean {
  const { typedSearchAttributes } = workflowInfo();
  return Object.entries(ATRIBUTOS).some(
    ([name, type]) => typedSearchAttributes.get({ name, type }) !== undefined,
  );
}
