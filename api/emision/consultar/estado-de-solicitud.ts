/**
 * How a codigo stands now. The register is the record, and tells it of what is in process too: its rows are written before
 * the run hears of them. Temporal is asked whether a run that has not written for a while lives, and where there is no row.
 */
import { ParteAjena, ServicioNoDisponible } from '../../../shared/nucleo/servicio-no-disponible.ts';
import type { VistaEmision } from '../servicio-emision.ts';
import type { EmisionRegistrada } from '../../../shared/registro/emision/registro.ts';
import { puedeLeer } from './cliente-de-solicitud.ts';
import type { MotorTemporal, RunEnCurso } from '../temporal/motor-temporal.ts';
import type { LecturasDeRegistro } from '../lecturas.ts';
import type { CircuitosEnDescanso } from '../emitir/circuitos-en-descanso.ts';
import { createMiradas } from './miradas.ts';
import { detalleDeMemo, vistaDe, vistaDeDetalle } from './vista-emision.ts';

/** The request that the codigo holds, by its hash, and the client that sent it. */
interface SolicitudDeCliente {
  huellaSolicitud: string;
  cliente: string | null;
}

interface EstadoDeSolicitud extends SolicitudDeCliente {
  vista: VistaEmision;
}

export interface LectorDeEstado {
  /**
   * Null where neither the register nor Temporal knows the codigo.
   * @param lector keyed hash of the client that reads. What it may not read is answered like a codigo that never existed,
   * and costs as many calls
   * @param sinPreguntar a run without a row is told by its memo; it is not asked itself, which takes CONSULTA_MS where no
   * worker serves it
   */
  estadoDe: (codigo: string, lector?: string, sinPreguntar?: boolean) => Promise<EstadoDeSolicitud | null>;
  vistaRegistrada: (emision: EmisionRegistrada) => Promise<VistaEmision>;
}

interface DependenciasDeEstado {
  registro: LecturasDeRegistro;
  motor: Pick<MotorTemporal, 'enCurso' | 'detalle'>;
  circuitos: () => Promise<CircuitosEnDescanso>;
  adaptadorIdempotente: boolean;
  /** Milliseconds since the epoch. */
  ahora?: () => number;
}

export function createLectorDeEstado({
  registro,
  motor,
  circuitos,
  adaptadorIdempotente,
  ahora = Date.now,
}: DependenciasDeEstado): LectorDeEstado {
  const miradas = createMiradas(ahora);
  return { estadoDe, vistaRegistrada };

  async function estadoDe(
    codigo: string,
    lector?: string,
    sinPreguntar = false,
  ): Promise<EstadoDeSolicitud | null> {
    const loLegible = <E extends { cliente?: string | null }>(emision: E | null | undefined) =>
      emision && puedeLeer(lector, emision) ? emision : null;
    const leida = loLegible(await registro.leer(codigo));
    if (leida?.estado === 'COMPLETADO') return registrada(leida);
    if (leida?.estado === 'EN_PROCESO') {
      if (!miradas.tomar(leida)) return registrada(leida);
      const conciliada = await registro.conciliar(codigo).catch((error: unknown) => {
        // Where Temporal does not answer the register still tells how far it is.
        if (error instanceof ServicioNoDisponible && !(error instanceof ParteAjena)) return undefined;
        throw error;
      });
      if (conciliada === undefined) return registrada(leida);
      const emision = loLegible(conciliada);
      if (emision?.estado === 'EN_PROCESO') miradas.vive(codigo);
      return emision && registrada(emision);
    }
    const ultima = await motor.enCurso(codigo).catch((error: unknown) => {
      // And that it failed.
      if (leida) return null;
      throw error;
    });
    // A run without a memo belongs to no client, so one that reads only its own learns nothing of it.
    const run = ultima && (lector === undefined || loLegible(ultima.memo)) ? ultima : null;
    // Accepted, but its worker has not written its turn yet: what the register holds is of an older run.
    if (run?.abierta && run.memo && run.runId !== leida?.runId) {
      const dicho = sinPreguntar ? null : await motor.detalle(codigo);
      const detalle = dicho ?? detalleDeMemo(run.memo, run.inicio);
      if (detalle.estado === 'EN_PROCESO')
        return { ...solicitudDeCliente(run.memo), vista: vistaDeDetalle(codigo, detalle) };
    }
    // No run is open. One that ended since the register was read has written its outcome, unless the register lost it.
    const esDeOtra = run && !run.abierta && run.runId !== leida?.runId;
    const releida = await (esDeOtra ? registro.restaurar(codigo) : registro.leer(codigo));
    const legible = loLegible(releida);
    const dicha = legible && (await registrada(legible));
    if (dicha?.vista.fallo && legible && esOrdenSinCumplir(run, legible))
      dicha.vista.fallo.sinReenvio ??= ORDEN_SIN_CUMPLIR.motivo;
    return dicha;
  }

  async function registrada(emision: EmisionRegistrada): Promise<EstadoDeSolicitud> {
    return { ...solicitudDeCliente(emision), vista: await vistaRegistrada(emision) };
  }

  async function vistaRegistrada(emision: EmisionRegistrada): Promise<VistaEmision> {
    const { codigo, estado } = emision;
    const certificados = estado === 'COMPLETADO' ? await registro.leerCertificados(codigo) : [];
    const vista = vistaDe(emision, certificados, adaptadorIdempotente);
    if (!vista.pendiente) return vista;
    const { descansoMs, esLaSonda } = await circuitos();
    const restoMs = esLaSonda(codigo) ? 0 : descansoMs(vista.pendiente.paso);
    if (restoMs === 0) return vista;
    const proximoIntento = new Date(ahora() + restoMs);
    return { ...vista, pendiente: { ...vista.pendiente, retenida: true, proximoIntento } };
  }
}

/** Support ordered a new issuance, and its run closed before the register heard of it: only support may go on with it. */
export const ORDEN_SIN_CUMPLIR = {
  fallo: 'SOLICITUD_NO_REEJECUTABLE',
  motivo: 'Soporte ordenó una nueva emisión que no llegó a empezar: soporte debe ordenarla otra vez.',
} as const;

export function esOrdenSinCumplir(
  ultima: RunEnCurso | null | undefined,
  { generacion }: Pick<EmisionRegistrada, 'generacion'>,
): boolean {
  return ultima?.memo !== undefined && !ultima.abierta && ultima.memo.generacion > generacion;
}

function solicitudDeCliente({
  huellaSolicitud,
  cliente = null,
}: Pick<SolicitudDeCliente, 'huellaSolicitud'> & { cliente?: string | null }): SolicitudDeCliente {
  return { huellaSolicitud, cliente };
}
