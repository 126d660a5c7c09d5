/** Re-encryption of the register, of all domains: its names and results. Operators read them, so they are Spanish. */

/** What is encrypted under another key is written again under the active one. */
export const WORKFLOW_RECIFRADO = 'recifrarRegistro';

/** It walks the whole register once in a rotation of keys: some thousand rows a second. */
export const RECIFRADO_MAXIMO_MS = 86_400_000;

export interface OrdenDeRecifrado {
  /** Id of the key that whoever orders it has first: a worker that has another refuses. */
  claveActiva: string;
}

/** Rows looked at and written again. A worker that died in between may have written more than is counted. */
export interface TablaRecifrada {
  tabla: string;
  revisadas: number;
  recifradas: number;
  /** Values that do not open, by the id of their key; under '' those that name none. */
  ilegibles: Record<string, number>;
}

/** Runs that Temporal keeps under another key than the active one. */
export interface ClaveEnTemporal {
  /** Null where the run does not say. */
  clave: string | null;
  abiertas: number;
  cerradas: number;
  /** When Temporal will have forgotten the closed ones, ISO 8601 UTC. */
  hasta: string | null;
}

export interface InformeDeRecifrado {
  tablas: TablaRecifrada[];
  enTemporal: ClaveEnTemporal[];
}

export interface ActividadesDeRecifrado {
  /** @throws ApplicationFailure CLAVES_DISTINTAS */
  recifrarTablas(claveActiva: string): Promise<TablaRecifrada[]>;
  contarEjecuciones(claveActiva: string): Promise<ClaveEnTemporal[]>;
}
