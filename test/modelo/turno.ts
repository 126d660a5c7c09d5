/** One transaction as the row's owner, or what must come before it (shared/registro/emision/turno/propiedad.ts). */
import type { PretendidoPorRun } from '../../shared/registro/emision/turno/decision.ts';
import { pretendido } from './actores.ts';
import {
  conFila,
  emisionDe,
  filaDelCodigo,
  otroCodigo,
  tieneElCandado,
  type Codigo,
  type Fila,
  type Mundo,
  type Trabajo,
} from './mundo.ts';
import type { Reglas } from './reglas.ts';

/** Whose transaction it is. */
export interface Actor extends Trabajo {
  runId: string;
  codigo: Codigo;
  generacion: number;
  esOrden: boolean;
  /** It brings its own request; an attempt of an activity names the one that the register holds. */
  traeEntrada: boolean;
  traeRespuesta: boolean;
}

export type Turno =
  | { tipo: 'DUENO'; mundo: Mundo; fila: Fila }
  | { tipo: 'CERRADA' | 'NEGADO' }
  /** Another transaction, or a question, comes first. */
  | {
      tipo: 'SIGUE';
      hasta: 'PREGUNTA' | 'RESPUESTA' | 'TITULAR_CONCILIADO';
      mundo: Mundo;
      trabajo: Trabajo;
    };

const SIN_EMITIR = {
  marcas: { 1: [], 2: [] },
  intentos: { 1: 0, 2: 0 },
  paso1Hecho: false,
  respuesta: null,
  resolucion: null,
} satisfies Partial<Fila>;

export function tomarTurno(mundo: Mundo, actor: Actor, reglas: Reglas): Turno {
  const { codigo, generacion, runId, pregunta, dicho } = actor;
  if (pregunta) {
    if (mundo.abiertas[codigo]?.id !== runId) return { tipo: 'NEGADO' };
    const oido = { reemplazable: pregunta.vio, estaAlDia: true };
    return { tipo: 'SIGUE', hasta: 'RESPUESTA', mundo, trabajo: { pregunta: null, dicho: oido } };
  }
  const fila = mundo.filas[codigo];
  const quiere: PretendidoPorRun = {
    ...pretendido(generacion, actor.esOrden),
    traeEntrada: actor.traeEntrada,
    traeRespuesta: actor.traeRespuesta,
    runId,
  };
  const decision = reglas.decidirTurno(fila && filaDelCodigo(fila), quiere, dicho, mundo.idempotente);
  switch (decision.tipo) {
    case 'NEGAR':
      return { tipo: 'NEGADO' };
    case 'ESTA_CERRADA':
      return { tipo: 'CERRADA' };
    case 'PREGUNTAR_A_TEMPORAL': {
      const trabajo = { pregunta: { vio: fila?.runId ?? null }, dicho };
      return { tipo: 'SIGUE', hasta: 'PREGUNTA', mundo, trabajo };
    }
    case 'ES_SUYO':
      return fila ? { tipo: 'DUENO', mundo, fila } : { tipo: 'NEGADO' };
    case 'TRASPASAR':
      return fila ? conElTurno(mundo, codigo, { ...fila, runId }) : { tipo: 'NEGADO' };
    case 'REGISTRAR':
      return conCandado(mundo, actor, { generacion, estado: 'EN_PROCESO', runId, ...SIN_EMITIR }, reglas);
    case 'REABRIR': {
      if (!fila) return { tipo: 'NEGADO' };
      const reabierta: Fila = { ...fila, generacion, estado: 'EN_PROCESO', runId, resolucion: null };
      if (generacion === fila.generacion) return conCandado(mundo, actor, reabierta, reglas);
      const descartada = emisionDe(codigo, fila.generacion);
      const otras = mundo.porRevocar.filter((una) => una !== descartada);
      const porRevocar = dejoRastro(fila) ? [...otras, descartada] : mundo.porRevocar;
      const turno = conCandado(mundo, actor, { ...reabierta, ...SIN_EMITIR }, reglas);
      return turno.tipo === 'DUENO' ? { ...turno, mundo: { ...turno.mundo, porRevocar } } : turno;
    }
  }
}

/** Something was sent, or answered: of a generation of which nothing was, nothing is to revoke. */
function dejoRastro({ intentos, paso1Hecho, respuesta }: Fila): boolean {
  return intentos[1] + intentos[2] > 0 || paso1Hecho || respuesta !== null;
}

/** The unique index on the citizen: its holder may be long dead, and is reconciled first. */
function conCandado(mundo: Mundo, { codigo, pregunta, dicho }: Actor, fila: Fila, reglas: Reglas): Turno {
  const ajeno = otroCodigo(codigo);
  const titular = mundo.filas[ajeno];
  if (!tieneElCandado(titular, reglas)) return conElTurno(mundo, codigo, fila);
  if (titular?.estado !== 'EN_PROCESO' || mundo.abiertas[ajeno]) return { tipo: 'NEGADO' };
  return {
    tipo: 'SIGUE',
    hasta: 'TITULAR_CONCILIADO',
    trabajo: { pregunta, dicho },
    mundo: conFila(mundo, ajeno, { ...titular, estado: 'FALLIDO' }),
  };
}

function conElTurno(mundo: Mundo, codigo: Codigo, fila: Fila): Turno {
  return { tipo: 'DUENO', mundo: conFila(mundo, codigo, fila), fila };
}
