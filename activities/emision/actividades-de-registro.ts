/** The register's writes as local activities: one call each, refusals translated. */
import { Context } from '@temporalio/activity';
import type { ActividadesDeRegistro, Cierre, PlazosPki, Turno } from '../../shared/emision/contrato.ts';
import { fechaIso } from '../../shared/emision/fechas.ts';
import {
  pasosProcesoDe,
  TurnoNegado,
  type Comparar,
  type Registro,
  type TurnoRegistrado,
} from '../../shared/registro/registro.ts';
import { negado } from './fallo-de-intento.ts';
import { runDe } from './intento.ts';
import type { MetricasDeEmision } from './metricas-pki.ts';

export interface DependenciasDeActividadesDeRegistro {
  registro: Registro;
  comparar: Comparar;
  plazos: PlazosPki;
  metricas: MetricasDeEmision;
}

export function createActividadesDeRegistro({
  registro,
  comparar,
  plazos,
  metricas,
}: DependenciasDeActividadesDeRegistro): ActividadesDeRegistro {
  const turno = (registrado: TurnoRegistrado): Turno => {
    if (registrado.tipo === 'YA_COMPLETADA') return registrado;
    const { emision, emisionRecibida } = registrado;
    return {
      tipo: 'CONCEDIDO',
      plazos,
      fechaInicio: fechaIso(emision.fechaInicio),
      pasosProceso: pasosProcesoDe(emision.pasos),
      emisionRecibida,
    };
  };
  const contada = (cierre: Cierre): Cierre => {
    metricas.cierre(cierre.tipo, cierre.tipo === 'FALLIDO' ? cierre.fallo.tipo : 'NINGUNO');
    return cierre;
  };
  return {
    registrarSolicitud: (entrada) =>
      sinNegados(async () => turno(await registro.registrarSolicitud(entrada, runId()))),
    registrarNumerosSolicitud: (entrada, paso1) =>
      sinNegados(async () => turno(await registro.registrarPaso1(entrada, runId(), paso1))),
    compararYRegistrarEmision: (entrada, paso2, cancelada) =>
      sinNegados(async () => contada(await registro.concluir(entrada, runId(), paso2, cancelada, comparar))),
    registrarFallo: (entrada, fallo) =>
      sinNegados(async () => contada(await registro.fallar(entrada, runId(), fallo))),
  };
}

function runId(): string {
  return runDe(Context.current());
}

async function sinNegados<T>(escritura: () => Promise<T>): Promise<T> {
  try {
    return await escritura();
  } catch (error) {
    throw error instanceof TurnoNegado ? negado(error) : error;
  }
}
