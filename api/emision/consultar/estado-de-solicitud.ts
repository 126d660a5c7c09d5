/** How a codigo stands now: the register is the record, the run itself tells what is not written yet. */
import type { VistaEmision } from '../servicio-emision.ts';
import type { EmisionRegistrada } from '../../../shared/registro/emision/registro.ts';
import { puedeLeer } from './de-quien.ts';
import type { MotorTemporal } from '../temporal/motor-temporal.ts';
import type { LecturasDeRegistro } from '../lecturas.ts';
import { conDetalle, detalleDeMemo, vistaDe, vistaDeDetalle } from './vista-emision.ts';

/** For which request, and of which client. */
interface DeQuien {
  huellaSolicitud: string;
  cliente: string | null;
}

interface Situacion extends DeQuien {
  vista: VistaEmision;
}

export interface LectorDeSituacion {
  /**
   * Null where neither the register nor Temporal knows the codigo.
   * @param lector (keyed hash) for whom what it may not read is not there: no part is asked more than of a codigo that never was
   */
  situacionDe: (codigo: string, lector?: string) => Promise<Situacion | null>;
  vistaRegistrada: (emision: EmisionRegistrada) => Promise<VistaEmision>;
}

export function createLectorDeSituacion(
  registro: LecturasDeRegistro,
  motor: MotorTemporal,
): LectorDeSituacion {
  return { situacionDe, vistaRegistrada };

  async function situacionDe(codigo: string, lector?: string): Promise<Situacion | null> {
    const loLegible = <E extends { cliente?: string | null }>(emision: E | null | undefined) =>
      emision && puedeLeer(lector, emision) ? emision : null;
    const leida = loLegible(await registro.leer(codigo));
    if (leida?.estado === 'COMPLETADO') return registrada(leida);
    if (leida?.estado === 'EN_PROCESO') {
      const detalle = await motor.detalle(codigo);
      if (detalle?.estado === 'EN_PROCESO')
        return { ...deQuien(leida), vista: conDetalle(vistaDe(leida, []), detalle) };
      const emision = loLegible(await registro.conciliar(codigo));
      return emision && registrada(emision);
    }
    const ultima = await motor.enCurso(codigo).catch((error: unknown) => {
      // The register still tells of a failure where Temporal does not answer.
      if (leida) return null;
      throw error;
    });
    // One without a memo is of nobody: who reads but its own learns nothing of it.
    const run = ultima && (lector === undefined || loLegible(ultima.memo)) ? ultima : null;
    // Accepted, and its worker has not written its turn yet: what the register holds is older.
    if (run?.abierta && run.memo && run.runId !== leida?.runId) {
      const detalle = (await motor.detalle(codigo)) ?? detalleDeMemo(run.memo, run.inicio);
      if (detalle.estado === 'EN_PROCESO')
        return { ...deQuien(run.memo), vista: vistaDeDetalle(codigo, detalle) };
    }
    // No run is open: one that ended since the first look has written its outcome, or the register lost what it wrote.
    const esDeOtra = run && !run.abierta && run.runId !== leida?.runId;
    const ahora = await (esDeOtra ? registro.restaurar(codigo) : registro.leer(codigo));
    const legible = loLegible(ahora);
    return legible && registrada(legible);
  }

  async function registrada(emision: EmisionRegistrada): Promise<Situacion> {
    return { ...deQuien(emision), vista: await vistaRegistrada(emision) };
  }

  async function vistaRegistrada(emision: EmisionRegistrada): Promise<VistaEmision> {
    const completada = emision.estado === 'COMPLETADO';
    return vistaDe(emision, completada ? await registro.leerCertificados(emision.codigo) : []);
  }
}

function deQuien({
  huellaSolicitud,
  cliente = null,
}: Pick<DeQuien, 'huellaSolicitud'> & { cliente?: string | null }): DeQuien {
  return { huellaSolicitud, cliente };
}
