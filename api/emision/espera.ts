/** A client's wait for the outcome of an issuance that was started or joined. The register tells how it ended. */
import type { TipoFallo } from '../../shared/emision/fallos.ts';
import { CONSULTAR_DE_NUEVO_S } from '../../shared/emision/plazos.ts';
import type { Desenlace, Espera, VistaEmision } from '../../shared/emision/servicio-emision.ts';
import { ServicioNoDisponible } from '../../shared/emision/servicio-emision.ts';
import { deOtraSolicitud, sinTransaccion } from './conflictos.ts';
import { esperarRun } from './espera-de-run.ts';
import type { MotorTemporal } from './motor-temporal.ts';
import type { LecturasDeRegistro } from './registro-que-responde.ts';
import type { LectorDeSituacion } from './situacion.ts';

/** What a client waits for: a codigo, as long as it is of its own request. */
export interface Esperada {
  codigo: string;
  huella: string;
  espera: Espera;
  /** Epoch ms. */
  limite: number;
  /** As it was accepted. */
  vista: VistaEmision;
}

export function createEsperar(
  registro: LecturasDeRegistro,
  motor: MotorTemporal,
  { situacionDe, vistaRegistrada }: LectorDeSituacion,
  parada: AbortSignal,
): (esperada: Esperada) => Promise<Desenlace> {
  /** Where Temporal falls silent meanwhile, the register tells how far it is. */
  return async (esperada) => {
    const { codigo, huella, espera, vista } = esperada;
    if (espera.asincrona && espera.maximoMs === 0) return aceptada(vista);
    try {
      return await hastaElDesenlace(esperada);
    } catch (error) {
      if (!(error instanceof ServicioNoDisponible)) throw error;
      const emision = await registro.leer(codigo);
      // A failure may be an older run's: only Temporal could tell.
      if (emision && (emision.huellaSolicitud !== huella || emision.estado === 'FALLIDO')) throw error;
      const ahora = emision ? await vistaRegistrada(emision) : vista;
      return desenlaceDe(ahora) ?? sigueEnCurso(espera, 'SERVICIO_NO_DISPONIBLE', ahora);
    }
  };

  async function hastaElDesenlace(esperada: Esperada): Promise<Desenlace> {
    const { codigo, huella, espera, limite, vista } = esperada;
    for (;;) {
      const fin = await esperarRun(motor, codigo, limite, [parada, espera.abandono]);
      // Nobody is there to be answered.
      if (espera.abandono.aborted) return sigueEnCurso(espera, 'TIEMPO_PKI_AGOTADO', vista);
      if (fin.tipo === 'RETENIDA') return pendiente(esperada, 'CIRCUITO_ABIERTO');
      if (fin.tipo === 'PLAZO') return pendiente(esperada, await motivoDeLaDemora(esperada));
      const emision = await registro.conciliar(codigo);
      const esSuya = emision?.huellaSolicitud === huella;
      const concluida = esSuya ? desenlaceDe(await vistaRegistrada(emision)) : null;
      if (concluida?.tipo === 'EMITIDO') return concluida;
      // Turned away before it wrote anything: the register holds nothing of it, or another run's account.
      if (fin.fallo?.paso === null) return sinTransaccion(fin.fallo.tipo, fin.fallo.detalles);
      if (concluida) return concluida;
      // Failed, and corrected by another request meanwhile: what stands there now is that one's.
      if (emision && !esSuya)
        return fin.fallo ? sinTransaccion(fin.fallo.tipo, fin.fallo.detalles) : deOtraSolicitud();
      // An operator reset the run: its successor is waited for.
      const run = await motor.enCurso(codigo);
      if (!run?.abierta)
        throw new ServicioNoDisponible('the register: the run is closed and its outcome is not recorded');
    }
  }

  /** Why the PKI has not answered; who is told that the work was accepted is not told that. */
  async function motivoDeLaDemora({ codigo, espera }: Esperada): Promise<TipoFallo> {
    const run = espera.asincrona ? null : await motor.enCurso(codigo);
    return run?.ultimoFallo ?? 'TIEMPO_PKI_AGOTADO';
  }

  /** The client's wait is over and the work goes on. */
  async function pendiente({ codigo, huella, espera }: Esperada, motivo: TipoFallo): Promise<Desenlace> {
    const situacion = await situacionDe(codigo);
    if (situacion && situacion.huella !== huella) return deOtraSolicitud();
    const vista = situacion?.vista ?? null;
    return (vista && desenlaceDe(vista)) ?? sigueEnCurso(espera, motivo, vista);
  }
}

/** How to follow what goes on without its client. */
export function sigueEnCurso(
  { asincrona }: Pick<Espera, 'asincrona'>,
  fallo: TipoFallo,
  vista: VistaEmision | null,
): Desenlace {
  if (asincrona && vista) return aceptada(vista);
  return {
    tipo: 'FALLO',
    fallo,
    detalles: ['La emisión continúa; consulte su estado hasta que sea COMPLETADO o FALLIDO.'],
    vista,
    reintentarEnS: CONSULTAR_DE_NUEVO_S,
  };
}

function aceptada(vista: VistaEmision): Desenlace {
  return { tipo: 'ACEPTADA', vista, reintentarEnS: CONSULTAR_DE_NUEVO_S };
}

/** How a wait ends by what the register holds; null while it goes on. */
function desenlaceDe(vista: VistaEmision): Desenlace | null {
  if (vista.estado === 'COMPLETADO') return { tipo: 'EMITIDO', vista };
  if (!vista.fallo) return null;
  const { tipo, detalles } = vista.fallo;
  return { tipo: 'FALLO', fallo: tipo, detalles, vista };
}
