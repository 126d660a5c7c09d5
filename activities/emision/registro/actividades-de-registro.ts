/** The register's writes as local activities: one call each, refusals translated. */
import { Context, log } from '@temporalio/activity';
import {
  pasoEnCurso,
  referenciaDe,
  type ActividadesDeRegistro,
  type Cierre,
  type EntradaDeRun,
  type Paso,
  type PlazosPki,
  type Turno,
} from '../../../shared/emision/contrato.ts';
import { fechaIso } from '../../../shared/nucleo/fechas.ts';
import { sonDeLosTipos } from '../../../shared/emision/respuestas-pki.ts';
import {
  pasosProcesoDe,
  TurnoNegado,
  type Comparar,
  type Registro,
  type TurnoRegistrado,
} from '../../../shared/registro/emision/registro.ts';
import type { Huella } from '../../../shared/runtime/claves/cifrado.ts';
import { falloPorTurnoNegado } from '../pki/fallo-de-intento.ts';
import type { CircuitoPki } from '../pki/circuito-pki.ts';
import { runDe } from '../pki/intento.ts';
import type { MetricasDeEmision } from '../pki/metricas-pki.ts';
import { terminarTramoDeRun } from '../../ejecuciones/tramo-de-run.ts';
import { entradaPropia, respuestaPropia } from '../entrada-propia.ts';

export interface DependenciasDeActividadesDeRegistro {
  registro: Registro;
  huella: Huella;
  comparar: Comparar;
  plazos: PlazosPki;
  circuitos: Record<Paso, Pick<CircuitoPki, 'vista'>>;
  metricas: MetricasDeEmision;
}

export function createActividadesDeRegistro({
  registro,
  huella,
  comparar,
  plazos,
  circuitos,
  metricas,
}: DependenciasDeActividadesDeRegistro): ActividadesDeRegistro {
  const turno = (registrado: TurnoRegistrado): Turno => {
    if (registrado.tipo === 'YA_COMPLETADA') return registrado;
    const { emision, emisionRecibida } = registrado;
    const pasosProceso = pasosProcesoDe(emision.pasos);
    const circuito = circuitos[pasoEnCurso(pasosProceso.paso1GeneracionClaves)].vista();
    return {
      tipo: 'CONCEDIDO',
      plazos,
      fechaInicio: fechaIso(emision.fechaInicio),
      pasosProceso,
      ...(circuito.estado !== 'CERRADO' && { retenida: true }),
      emisionRecibida,
    };
  };
  /** What is only told must not undo what is recorded. */
  const terminada = (cierre: Cierre, { inicio }: EntradaDeRun): Cierre => {
    try {
      contarFin(cierre, new Date(inicio), metricas);
    } catch (error) {
      log.warn('the end of an issuance was not told', { error });
    }
    return cierre;
  };
  return {
    registrarSolicitud: (brindada) =>
      sinNegados(async () =>
        turno(await registro.registrarSolicitud(entradaPropia(brindada, huella), runId())),
      ),

    registrarNumerosSolicitud: (brindada, respondida) =>
      sinNegados(async () => {
        const entrada = entradaPropia(brindada, huella);
        const traida = respuestaPropia(respondida, referenciaDe(entrada), 1);
        const { tipoCertificados } = entrada.solicitud.configuracionCertificados;
        const suya = traida && sonDeLosTipos(traida.respuesta, tipoCertificados) ? traida : null;
        const registrado = await registro.registrarPaso1(entrada, runId(), suya);
        return registrado.tipo === 'SIN_RESPUESTA' ? registrado : turno(registrado);
      }),

    compararYRegistrarEmision: (brindada, respondida, cancelada) =>
      sinNegados(async () => {
        const entrada = entradaPropia(brindada, huella);
        const traida = respuestaPropia(respondida, referenciaDe(entrada), 2);
        const cierre = await registro.concluir(entrada, runId(), traida, cancelada, comparar);
        return cierre.tipo === 'SIN_RESPUESTA' ? cierre : terminada(cierre, entrada);
      }),

    registrarFallo: (brindada, fallo) =>
      sinNegados(async () => {
        const entrada = entradaPropia(brindada, huella);
        return terminada(await registro.fallar(entrada, runId(), fallo), entrada);
      }),
  };
}

function contarFin(cierre: Cierre, inicio: Date, metricas: MetricasDeEmision): void {
  const tipo = cierre.tipo === 'FALLIDO' ? cierre.fallo.tipo : 'NINGUNO';
  const ms = Math.max(0, Date.now() - inicio.getTime());
  metricas.cierre(cierre.tipo, tipo);
  if (cierre.tipo === 'COMPLETADO')
    metricas.emitida(
      cierre.resultado.certificados.map(({ tipoCertificado }) => tipoCertificado),
      ms,
    );
  log.info('the issuance ended', { estado: cierre.tipo, tipo, ms });
  terminarTramoDeRun(Context.current(), inicio, cierre.tipo);
}

function runId(): string {
  return runDe(Context.current());
}

async function sinNegados<T>(escritura: () => Promise<T>): Promise<T> {
  try {
    return await escritura();
  } catch (error) {
    throw error instanceof TurnoNegado ? falloPorTurnoNegado(error) : error;
  }
}
