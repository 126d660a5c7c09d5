/**
 * A model of what may happen to one citizen: two codigos, their rows, Temporal's runs, attempts of activities that are
 * alive or were given up and do not know it, and what MsAdaptadorPKI did.
 */
import type { CertezaDeEnvio } from '../../shared/emision/fallos.ts';
import type { FilaDelCodigo } from '../../shared/registro/emision/turno/decision.ts';
import type { Marcas } from '../../shared/registro/emision/turno/marcas.ts';
import type { Reglas } from './reglas.ts';

export const CODIGOS = ['A', 'B'] as const;
export type Codigo = (typeof CODIGOS)[number];

export interface Fila {
  generacion: number;
  estado: 'EN_PROCESO' | 'COMPLETADO' | 'FALLIDO';
  runId: string;
  /** By step. */
  marcas: { 1: Marcas; 2: Marcas };
  intentos: { 1: number; 2: number };
  paso1Hecho: boolean;
  /** The set that step 2 brought, kept. */
  respuesta: string | null;
  resolucion: 'NO_EMITIDO' | 'EMITIDO_DESCARTADO' | null;
}

/** What a piece of work knows of Temporal, which is asked between two of its transactions. */
export interface Trabajo {
  /** The owner that it saw, until Temporal is asked. */
  pregunta: { vio: string | null } | null;
  dicho: { reemplazable: string | null; estaAlDia: boolean };
}

export interface Run extends Trabajo {
  id: string;
  codigo: Codigo;
  generacion: number;
  esOrden: boolean;
  /** Where its workflow stands. In a step it waits for an attempt. */
  punto: 'REGISTRAR' | 'PASO_1' | 'PASO_2' | 'CONCLUIR' | 'FALLAR';
  /** What it brings of step 2. */
  trae: string | null;
}

/** An attempt of an activity. One that was given up goes on all the same, until it hears of it. */
export interface Intento extends Trabajo {
  /** Its name, by which the replay knows it; two worlds that differ in it alone are one. */
  numero: number;
  run: string;
  codigo: Codigo;
  generacion: number;
  paso: 1 | 2;
  en: 'MARCAR' | 'SALIR' | 'CON_RESPUESTA';
  trae: string | null;
  /** Of its send, and its number among those under the key; once it is marked. */
  envio: { marca: string; orden: number } | null;
  estaAbandonado: boolean;
}

export interface Mundo {
  idempotente: boolean;
  filas: Record<Codigo, Fila | null>;
  /** The one that Temporal names as open. */
  abiertas: Record<Codigo, Run | null>;
  intentos: Intento[];
  /** Sets that the PKI issued, by codigo and generation: `A1`. */
  emitidos: Record<string, string[]>;
  /**
   * By key, `A1/2`: the send that the PKI refused last. What it says is said of the citizen: whatever was sent before and
   * is still on its way is refused as well. What is sent later may be accepted.
   */
  rechazados: Record<string, number>;
  /** Generations on the to-revoke list. */
  porRevocar: string[];
  entregados: Record<Codigo, string | null>;
  /** How many more of these may happen: they bound the exploration. */
  quedan: { runs: number; abandonos: number; actos: number; fallas: number };
  siguienteRun: number;
  siguienteIntento: number;
}

/** What happened, as the replay carries it out against the register. */
export type Hecho =
  | { tipo: 'ENVIAR' | 'CONCILIAR' | 'TERMINAR' | 'ORDENAR_NUEVA'; codigo: Codigo }
  | { tipo: 'REINICIAR'; codigo: Codigo; generacion: number }
  | { tipo: 'RESOLVER'; codigo: Codigo; decision: 'NO_EMITIDO' | 'EMITIDO_DESCARTADO' }
  /** A piece of work, of a run or of its attempt, goes as far as its next transaction or question. */
  | { tipo: 'TRABAJAR'; quien: string; hasta: 'PREGUNTA' | 'RESPUESTA' | 'TITULAR_CONCILIADO' | 'FIN' }
  | { tipo: 'LLAMAR'; quien: string; sabe: CertezaDeEnvio }
  | { tipo: 'CONSERVAR'; quien: string }
  /** Its process is gone, with whatever it was about. */
  | { tipo: 'MORIR'; quien: string }
  | { tipo: 'ABANDONAR'; quien: string };

export interface Suceso {
  que: string;
  hecho: Hecho;
  mundo: Mundo;
}

export const SIN_DICHO: Trabajo['dicho'] = { reemplazable: null, estaAlDia: false };

export function mundoInicial(idempotente: boolean, quedan: Mundo['quedan']): Mundo {
  return {
    idempotente,
    filas: { A: null, B: null },
    abiertas: { A: null, B: null },
    intentos: [],
    emitidos: {},
    rechazados: {},
    porRevocar: [],
    entregados: { A: null, B: null },
    quedan,
    siguienteRun: 1,
    siguienteIntento: 1,
  };
}

export const otroCodigo = (codigo: Codigo): Codigo => (codigo === 'A' ? 'B' : 'A');
export const emisionDe = (codigo: Codigo, generacion: number): string => `${codigo}${generacion}`;
export const nombreDe = (intento: Intento): string => `intento ${intento.numero}`;

export function tieneElCandado(fila: Fila | null, { esIncierta }: Pick<Reglas, 'esIncierta'>): boolean {
  return (
    fila !== null &&
    (fila.estado === 'EN_PROCESO' || (fila.estado === 'FALLIDO' && esIncierta(fila.marcas[2])))
  );
}

export function conFila(mundo: Mundo, codigo: Codigo, fila: Fila): Mundo {
  return { ...mundo, filas: { ...mundo.filas, [codigo]: fila } };
}

export function conRun(mundo: Mundo, codigo: Codigo, cambios: Partial<Run>): Mundo {
  const run = mundo.abiertas[codigo];
  return run ? { ...mundo, abiertas: { ...mundo.abiertas, [codigo]: { ...run, ...cambios } } } : mundo;
}

/** Null: the attempt is over. */
export function conIntento(mundo: Mundo, { numero }: Intento, cambios: Partial<Intento> | null): Mundo {
  const intentos = mundo.intentos.flatMap((uno) => {
    if (uno.numero !== numero) return uno;
    return cambios ? { ...uno, ...cambios } : [];
  });
  return { ...mundo, intentos };
}

/** The run comes to a point of its workflow; in a step, with an attempt that begins. */
export function enPunto(mundo: Mundo, codigo: Codigo, punto: Run['punto']): Mundo {
  const run = mundo.abiertas[codigo];
  if (!run) return mundo;
  const movido = conRun(mundo, codigo, { punto, pregunta: null, dicho: SIN_DICHO });
  if (punto !== 'PASO_1' && punto !== 'PASO_2') return movido;
  const paso = punto === 'PASO_1' ? 1 : 2;
  return conNuevoIntento(movido, { run: run.id, codigo, generacion: run.generacion, paso });
}

export function conNuevoIntento(
  mundo: Mundo,
  { run, codigo, generacion, paso }: Pick<Intento, 'run' | 'codigo' | 'generacion' | 'paso'>,
): Mundo {
  const intento: Intento = {
    ...{ numero: mundo.siguienteIntento, run, codigo, generacion, paso },
    en: 'MARCAR',
    trae: null,
    envio: null,
    estaAbandonado: false,
    pregunta: null,
    dicho: SIN_DICHO,
  };
  return {
    ...mundo,
    intentos: [...mundo.intentos, intento],
    siguienteIntento: mundo.siguienteIntento + 1,
  };
}

export function conNuevaRun(mundo: Mundo, codigo: Codigo, generacion: number, esOrden: boolean): Mundo {
  const run: Run = {
    ...{ id: `${codigo.toLowerCase()}${mundo.siguienteRun}`, codigo, generacion, esOrden },
    punto: 'REGISTRAR',
    trae: null,
    pregunta: null,
    dicho: SIN_DICHO,
  };
  return {
    ...mundo,
    abiertas: { ...mundo.abiertas, [codigo]: run },
    quedan: { ...mundo.quedan, runs: mundo.quedan.runs - 1 },
    siguienteRun: mundo.siguienteRun + 1,
  };
}

/** Temporal closes it. Its attempts do not hear of that at once. */
export function sinRun(mundo: Mundo, codigo: Codigo): Mundo {
  const cerrada = mundo.abiertas[codigo]?.id;
  return {
    ...mundo,
    abiertas: { ...mundo.abiertas, [codigo]: null },
    intentos: mundo.intentos.map((uno) => (uno.run === cerrada ? { ...uno, estaAbandonado: true } : uno)),
  };
}

/** The row, as the product's decisions take it. */
export function filaDelCodigo({
  generacion,
  estado,
  runId,
  resolucion,
  marcas,
  paso1Hecho,
}: Fila): FilaDelCodigo {
  return {
    ...{ generacion, estado, runId, resolucion },
    huellaSolicitud: 'huella',
    cliente: null,
    tienePeticion: true,
    estaSinAclarar: marcas[2].length > 0,
    paso1SinRastro: !paso1Hecho && marcas[1].length === 0,
  };
}
