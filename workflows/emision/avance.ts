/** How far the run is: the answer of its queries, and what an operator reads in Temporal's UI (no personal data). */
import {
  ApplicationFailure,
  defineQuery,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  CONSULTA_DETALLE,
  CONSULTA_ESTADO,
  pasoEnCurso,
  type CierreRegistrado,
  type DetalleEmision,
  type EntradaDeRun,
  type Paso,
  type Turno,
} from '../../shared/emision/contrato.ts';
import {
  type EstadoEmision,
  pasosPendientes,
  type PasoProceso,
  type ResultadoEmision,
} from '../../shared/emision/emision.ts';
import { FALLOS, type FalloDeEmision } from '../../shared/emision/fallos.ts';
import { fechaIso } from '../../shared/nucleo/fechas.ts';
import { personasDe } from '../../shared/emision/titular.ts';

export interface Avance {
  /** The register granted a turn: the steps stand as it says. */
  sigue(turno: Extract<Turno, { tipo: 'CONCEDIDO' }>): void;
  completada(resultado: ResultadoEmision): ResultadoEmision;
  /**
   * @param registrado absent where the register recorded nothing of it
   * @returns the failure to throw
   */
  fallida(fallo: FalloDeEmision, registrado?: CierreRegistrado): ApplicationFailure;
  pasoActual(): Paso;
}

const consultaEstado = defineQuery<EstadoEmision>(CONSULTA_ESTADO);
const consultaDetalle = defineQuery<DetalleEmision>(CONSULTA_DETALLE);

/** Registers the queries, before anything is awaited, and keeps their answer. */
export function exponerAvance(entrada: EntradaDeRun): Avance {
  let detalle: DetalleEmision = {
    estado: 'EN_PROCESO',
    generacion: entrada.generacion,
    fechaInicio: fechaIso(new Date(entrada.inicio)),
    pasosProceso: pasosPendientes(entrada.solicitudPkiId),
    ...personasDe(entrada),
  };
  setHandler(consultaEstado, () => detalle.estado);
  setHandler(consultaDetalle, () => detalle);

  const informar = (cambios: Partial<DetalleEmision>, fallo?: FalloDeEmision) => {
    detalle = { ...detalle, ...cambios };
    setCurrentDetails(textoParaOperador(detalle, fallo));
  };
  return {
    sigue: ({ fechaInicio, pasosProceso }) => {
      informar({ fechaInicio, pasosProceso });
    },
    completada: (resultado) => {
      informar({ estado: 'COMPLETADO', pasosProceso: resultado.pasosProceso });
      return resultado;
    },
    fallida: (fallo, registrado) => {
      informar({ estado: 'FALLIDO', pasosProceso: registrado?.pasosProceso ?? detalle.pasosProceso }, fallo);
      return ApplicationFailure.create({
        type: fallo.tipo,
        message: FALLOS[fallo.tipo].titulo,
        nonRetryable: true,
        details: registrado ? [fallo, { ...registrado, runId: workflowInfo().runId }] : [fallo],
      });
    },
    pasoActual: () => pasoEnCurso(detalle.pasosProceso.paso1GeneracionClaves),
  };
}

/** Markdown. The failure's details may name the citizen: they stay in the register. */
function textoParaOperador({ estado, pasosProceso }: DetalleEmision, fallo?: FalloDeEmision): string {
  const { paso1GeneracionClaves: paso1, paso2EmisionCertificado: paso2 } = pasosProceso;
  const fila = (nombre: string, { estado: como, fechaInicio, fechaFin, intentos }: PasoProceso) =>
    `| ${nombre} | ${como} | ${fechaInicio ?? '—'} | ${fechaFin ?? '—'} | ${como === 'EN_PROCESO' ? 'ver *Pending Activities*' : intentos} |`;
  return [
    `**${estado}**`,
    ...(fallo ? [`\`${fallo.tipo}\`: ${FALLOS[fallo.tipo].titulo}`] : []),
    [
      '| Paso | Estado | Inicio | Fin | Intentos |',
      '|---|---|---|---|---|',
      fila('1. Números de solicitud y claves', paso1),
      fila('2. Emisión de certificados', paso2),
    ].join('\n'),
    ...(paso1.solicitudPkiId ? [`solicitudPkiId: \`${paso1.solicitudPkiId}\``] : []),
  ].join('\n\n');
}
