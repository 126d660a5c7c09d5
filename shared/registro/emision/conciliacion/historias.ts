/** What closed runs tell together of an issuance: a pure reading of their histories, from the first to the last. */
import type { EntradaEmision, Paso, RespuestaPaso1, RespuestaPaso2 } from '../../../emision/contrato.ts';
import type { PasoProceso, ResultadoEmision } from '../../../emision/emision.ts';
import { esDelRun } from '../turno/marcas.ts';
import { fueRechazadaAlEmpezar, type FalloDeEmision } from '../../../emision/fallos.ts';
import type { HistoriaDeRun, Rastro } from '../../../motor/emision/motor.ts';
import { fechaIso } from '../../../nucleo/fechas.ts';
import type { EmisionRegistrada } from '../filas/filas.ts';

/** What became of one step, over all runs of a generation. */
interface EstadoDePaso<R> {
  intentos: number;
  respuesta: R | null;
  /** Runs of which some send is unclear. */
  sinAclarar: string[];
  proceso: PasoProceso | null;
}

/** An issuance as its closed runs tell it. */
export interface Reconstruccion {
  /** The run that ended it. */
  runId: string;
  entrada: EntradaEmision;
  resultado: ResultadoEmision | null;
  /** Null where the last run ended without saying why. */
  fallo: FalloDeEmision | null;
  inicio: Date;
  cierre: Date;
  pasos: { 1: EstadoDePaso<RespuestaPaso1>; 2: EstadoDePaso<RespuestaPaso2> };
  /** Runs of generations that were given up for this one. */
  anteriores: HistoriaDeRun[];
}

/** Whether a run did anything: one that the register turned away at its start did not. */
export function dejoRastro({ fin, paso1, paso2 }: HistoriaDeRun): boolean {
  if (paso1.intentos + paso2.intentos > 0) return true;
  return fin.tipo === 'COMPLETADO' || (fin.tipo === 'FALLIDO' && !fueRechazadaAlEmpezar(fin.fallo));
}

/**
 * @param guardada what the register holds of the row's step 2: it settles what the histories leave open
 * @param historias of closed runs, from the first to the last
 * @returns null where they tell nothing that the row does not hold already
 */
export function reconstruirDe(
  fila: EmisionRegistrada | null,
  guardada: RespuestaPaso2 | null,
  historias: readonly HistoriaDeRun[],
): Reconstruccion | null {
  const generacion = Math.max(...historias.map(({ entrada }) => entrada.generacion));
  if (historias.length === 0 || generacion < (fila?.generacion ?? 1)) return null;
  const vigentes = historias.filter(({ entrada }) => entrada.generacion === generacion);
  const completada = vigentes.find(({ fin }) => fin.tipo === 'COMPLETADO');
  const ultima = completada ?? vigentes.at(-1);
  if (!ultima) return null;
  const filaVigente = fila?.generacion === generacion ? fila : null;
  const { fin } = ultima;
  return {
    runId: ultima.runId,
    entrada: ultima.entrada,
    resultado: fin.tipo === 'COMPLETADO' ? fin.resultado : null,
    fallo: fin.tipo === 'FALLIDO' ? fin.fallo : null,
    inicio: filaVigente?.fechaInicio ?? ultima.inicio,
    cierre: cierreDe(ultima),
    pasos: {
      1: sumarPasos(1, respuestaDePaso1(filaVigente), filaVigente, vigentes),
      2: sumarPasos(2, filaVigente && guardada, filaVigente, vigentes),
    },
    anteriores: historias.filter(({ entrada }) => entrada.generacion < generacion),
  };
}

/** When it ended: as the register recorded it, where the run tells that. */
function cierreDe(historia: HistoriaDeRun): Date {
  const { fin, cierre } = historia;
  if (fin.tipo === 'COMPLETADO') return alMilisegundo(fin.resultado.fechaFin, cierre);
  const paso = fin.tipo === 'FALLIDO' ? fin.fallo.paso : null;
  const fechaFin = paso && procesoEn(historia, paso)?.fechaFin;
  return fechaFin ? alMilisegundo(fechaFin, cierre) : cierre;
}

function respuestaDePaso1(filaVigente: EmisionRegistrada | null): RespuestaPaso1 | null {
  const paso1 = filaVigente?.pasos[1];
  if (paso1?.estado !== 'COMPLETADO' || paso1.solicitud_pki_id === null) return null;
  return { solicitudPkiId: paso1.solicitud_pki_id, numerosSolicitud: paso1.numeros_solicitud ?? [] };
}

function sumarPasos<R>(
  paso: Paso,
  respuesta: R | null,
  filaVigente: EmisionRegistrada | null,
  historias: readonly HistoriaDeRun[],
): EstadoDePaso<R> {
  const estado: EstadoDePaso<R> = {
    intentos: filaVigente?.pasos[paso].intentos ?? 0,
    respuesta,
    sinAclarar: filaVigente?.pasos[paso].envios_sin_aclarar ?? [],
    proceso: null,
  };
  return historias.reduce((antes, historia) => conHistoria(antes, paso, historia), estado);
}

function conHistoria<R>(antes: EstadoDePaso<R>, paso: Paso, historia: HistoriaDeRun): EstadoDePaso<R> {
  const rastro = (paso === 1 ? historia.paso1 : historia.paso2) as Rastro<R>;
  const proceso = procesoEn(historia, paso);
  return {
    // What the register counted is exact, over all runs; some of Temporal's attempts may have been held back and sent
    // nothing.
    intentos: proceso?.intentos ?? antes.intentos + rastro.intentos,
    respuesta: rastro.respuesta ?? antes.respuesta,
    sinAclarar: antes.respuesta ? antes.sinAclarar : sinAclararTras(antes.sinAclarar, paso, historia, rastro),
    proceso: proceso ?? antes.proceso,
  };
}

function procesoEn({ fin }: HistoriaDeRun, paso: Paso): PasoProceso | null {
  const pasos =
    fin.tipo === 'COMPLETADO'
      ? fin.resultado.pasosProceso
      : fin.tipo === 'FALLIDO'
        ? fin.registrado?.pasosProceso
        : null;
  if (!pasos) return null;
  return paso === 1 ? pasos.paso1GeneracionClaves : pasos.paso2EmisionCertificado;
}

/** What one run leaves unclear of what it and those before it sent under the step's key. */
function sinAclararTras(
  antes: string[],
  paso: Paso,
  { runId, fin }: HistoriaDeRun,
  rastro: Rastro<unknown>,
): string[] {
  if (rastro.respuesta !== null || rastro.certeza === 'DEFINITIVO' || fin.tipo === 'COMPLETADO') return [];
  const conOtra = antes.some((marca) => esDelRun(marca, runId)) ? antes : [...antes, runId];
  // The register's own word, where the run tells it.
  if (paso === 2 && fin.tipo === 'FALLIDO' && fin.registrado)
    return fin.registrado.resultadoIncierto ? conOtra : [];
  return rastro.intentos > 0 && rastro.certeza === 'DESCONOCIDO' ? conOtra : antes;
}

/** A date that the result tells to the second, to the millisecond of the run's own history where both are the same second. */
export function alMilisegundo(fecha: string, aproximada: Date): Date {
  return fechaIso(aproximada) === fecha ? aproximada : new Date(fecha);
}
