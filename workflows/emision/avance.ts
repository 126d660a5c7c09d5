/** How far the run is: the answer of its queries, and what an operator reads in Temporal's UI (no personal data). */
import {
  ApplicationFailure,
  defineQuery,
  defineSignal,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  CONSULTA_DETALLE,
  CONSULTA_ESTADO,
  SENAL_INTENTO_FALLIDO,
  pasoEnCurso,
  type CierreRegistrado,
  type DetalleEmision,
  type EntradaDeRun,
  type IntentoFallido,
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
import { esCargaRechazada, type CargaRechazada } from '../../shared/nucleo/ejecuciones/carga-rechazada.ts';
import { createAtributosDelRun } from './atributos.ts';
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

const intentoFallido = defineSignal<[IntentoFallido | CargaRechazada]>(SENAL_INTENTO_FALLIDO);
const consultaEstado = defineQuery<EstadoEmision>(CONSULTA_ESTADO);
const consultaDetalle = defineQuery<DetalleEmision>(CONSULTA_DETALLE);

/** Registers the queries and the signal, before anything is awaited, and keeps what they tell. */
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

  const atributos = createAtributosDelRun();
  const informar = (cambios: Partial<DetalleEmision>, porQue: string | null) => {
    detalle = { ...detalle, ...cambios };
    setCurrentDetails(textoParaOperador(detalle, porQue));
  };
  setHandler(intentoFallido, (intento) => {
    // Not sealed for this codigo, or something else that is. Nothing but the signal itself decides: it is replayed in other runs.
    if (esCargaRechazada(intento) || typeof intento.tipoError !== 'string') return;
    atributos.falla(intento.tipoError, intento.paso);
    informar({}, textoDeIntento(intento));
  });
  return {
    sigue: ({ fechaInicio, pasosProceso, retenida = false }) => {
      atributos.vaBien();
      informar({ fechaInicio, pasosProceso }, retenida ? RETENIDA : null);
    },
    completada: (resultado) => {
      atributos.vaBien();
      informar({ estado: 'COMPLETADO', pasosProceso: resultado.pasosProceso }, null);
      return resultado;
    },
    fallida: (fallo, registrado) => {
      const incierto = registrado?.resultadoIncierto ?? false;
      atributos.fallo(fallo.tipo, fallo.paso, incierto);
      const pasosProceso = registrado?.pasosProceso ?? detalle.pasosProceso;
      informar({ estado: 'FALLIDO', pasosProceso }, textoDeFallo(fallo, incierto));
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

const RETENIDA =
  'La PKI falla repetidamente: no se le envía nada hasta que se recupere, y entonces sigue por sí misma.';

function textoDeIntento({ paso, intento, tipo, titulo, proximoIntento, retenida }: IntentoFallido): string {
  const despues = retenida ? RETENIDA : `Próximo intento: ${proximoIntento}`;
  return `El intento ${intento} del paso ${paso} falló. \`${tipo}\`: ${titulo}.\n\n${despues}`;
}

/** The failure's details may name the citizen: they stay in the register. */
function textoDeFallo({ tipo, paso }: FalloDeEmision, incierto: boolean): string {
  const donde = paso === null ? 'No empezó' : `Falló en el paso ${paso}`;
  const despues = incierto ? '\n\n**Resultado incierto**: no se sabe si la PKI emitió los certificados.' : '';
  return `${donde}. \`${tipo}\`: ${FALLOS[tipo].titulo}.${despues}`;
}

/** Markdown, the most important first: Temporal's UI shows the beginning. */
function textoParaOperador({ estado, pasosProceso }: DetalleEmision, porQue: string | null): string {
  const { paso1GeneracionClaves: paso1, paso2EmisionCertificado: paso2 } = pasosProceso;
  const fila = (nombre: string, { estado: como, fechaInicio, fechaFin, intentos }: PasoProceso) =>
    `| ${nombre} | ${como} | ${fechaInicio ?? '—'} | ${fechaFin ?? '—'} | ${como === 'EN_PROCESO' ? 'ver *Pending Activities*' : intentos} |`;
  const enCurso = estado === 'EN_PROCESO' ? `, paso ${pasoEnCurso(paso1)} de 2` : '';
  return [
    `**${estado}${enCurso}**`,
    ...(porQue === null ? [] : [porQue]),
    [
      '| Paso | Estado | Inicio | Fin | Intentos |',
      '|---|---|---|---|---|',
      fila('1. Números de solicitud y claves', paso1),
      fila('2. Emisión de certificados', paso2),
    ].join('\n'),
    ...(paso1.solicitudPkiId ? [`solicitudPkiId: \`${paso1.solicitudPkiId}\``] : []),
  ].join('\n\n');
}
