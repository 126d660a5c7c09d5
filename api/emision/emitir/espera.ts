/** A client's wait for the outcome of an issuance that was started or joined. The register tells how it ended. */
import {
  fueRechazadaAlEmpezar,
  type FalloDeEmision,
  type TipoFallo,
} from '../../../shared/emision/fallos.ts';
import { CONSULTAR_DE_NUEVO_S } from '../../../shared/nucleo/plazos.ts';
import type { Desenlace, Espera, VistaEmision } from '../servicio-emision.ts';
import { ServicioNoDisponible } from '../../../shared/nucleo/servicio-no-disponible.ts';
import { consultarDeNuevoEnS } from '../consultar/datos-emision.ts';
import { codigoReutilizado } from './conflictos.ts';
import { esSuSolicitud } from '../consultar/cliente-de-solicitud.ts';
import { esperarRun } from './espera-de-run.ts';
import type { MotorTemporal } from '../temporal/motor-temporal.ts';
import type { LecturasDeRegistro } from '../lecturas.ts';
import type { LectorDeRetenida } from './retenidas.ts';
import type { LectorDeEstado } from '../consultar/estado-de-solicitud.ts';

/** What a client waits for: a codigo, as long as it holds the client's own request. */
export interface EmisionEsperada {
  codigo: string;
  huella: string;
  /** Who waits, as for ServicioEmision.emitir; undefined: it may read all. */
  lector: string | undefined;
  espera: Espera;
  /** Epoch ms. */
  limite: number;
  /** The issuance as it was accepted. */
  vista: VistaEmision;
}

export function createEsperaDeDesenlace(
  registro: LecturasDeRegistro,
  motor: MotorTemporal,
  { estadoDe, vistaRegistrada }: LectorDeEstado,
  leerRetenida: LectorDeRetenida,
  parada: AbortSignal,
): (esperada: EmisionEsperada) => Promise<Desenlace> {
  return async (esperada) => {
    const { espera, vista } = esperada;
    if (espera.asincrona && espera.maximoMs === 0) return aceptada(vista);
    const desenlace = await hastaElDesenlace(esperada).catch((error: unknown) =>
      sinTemporal(esperada, error),
    );
    if (desenlace) return desenlace;
    throw new ServicioNoDisponible('the register: the run is closed and its outcome is not recorded');
  };

  /** Null where the run is closed and the register holds nothing of it. */
  async function hastaElDesenlace(esperada: EmisionEsperada): Promise<Desenlace | null> {
    const { codigo, huella, espera, limite, vista } = esperada;
    for (;;) {
      const estaRetenida = async () => (await leerRetenida(codigo)) !== null;
      const fin = await esperarRun(motor, estaRetenida, codigo, limite, [parada, espera.abandono]);
      // The client hung up: there is nobody to answer.
      if (espera.abandono.aborted) return sigueEnCurso(espera, 'TIEMPO_PKI_AGOTADO', vista);
      if (fin.tipo === 'RETENIDA') return pendiente(esperada, 'CIRCUITO_ABIERTO');
      // This process stops: the work goes on without it.
      if (parada.aborted) return pendiente(esperada, 'SERVICIO_NO_DISPONIBLE');
      if (fin.tipo === 'PLAZO') return pendiente(esperada, await motivoDeLaDemora(esperada));
      const emision = await registro.conciliar(codigo);
      const esSuya = emision !== null && esSuSolicitud(esperada, emision);
      const registrada = esSuya ? await vistaRegistrada(emision) : null;
      const concluida = registrada && desenlaceDe(registrada);
      if (concluida?.tipo === 'EMITIDO') return concluida;
      // Turned away before it wrote anything: the register holds nothing of it, or another run's account.
      if (fin.fallo && fueRechazadaAlEmpezar(fin.fallo)) return fallida(fin.fallo, registrada);
      if (concluida) return concluida;
      // It failed, and another request corrected it meanwhile: what the register holds now is that request's.
      if (emision && !esSuya)
        return fin.fallo ? fallida(fin.fallo, null) : codigoReutilizado(emision.huellaSolicitud === huella);
      // An operator reset the run: its successor is waited for.
      if (!(await motor.enCurso(codigo))?.abierta) return null;
    }
  }

  /** Temporal fell silent meanwhile: the register tells how far it is. */
  async function sinTemporal(esperada: EmisionEsperada, error: unknown): Promise<Desenlace> {
    const { codigo, espera, vista } = esperada;
    if (!(error instanceof ServicioNoDisponible)) throw error;
    const emision = await registro.leer(codigo);
    // A failure may be an older run's: only Temporal could tell.
    if (emision && (!esSuSolicitud(esperada, emision) || emision.estado === 'FALLIDO')) throw error;
    const ahora = emision ? await vistaRegistrada(emision) : vista;
    return desenlaceDe(ahora) ?? sigueEnCurso(espera, 'SERVICIO_NO_DISPONIBLE', ahora);
  }

  /** Why the PKI has not answered yet. A client that will be told that the work was accepted is not told why. */
  async function motivoDeLaDemora({ codigo, espera }: EmisionEsperada): Promise<TipoFallo> {
    const run = espera.asincrona ? null : await motor.enCurso(codigo);
    return run?.ultimoFallo ?? 'TIEMPO_PKI_AGOTADO';
  }

  /** The client's wait is over and the work goes on. */
  async function pendiente(esperada: EmisionEsperada, motivo: TipoFallo): Promise<Desenlace> {
    const { codigo, huella, espera } = esperada;
    // Its time is over: who waits is not kept longer by a run that does not answer.
    const actual = await estadoDe(codigo, undefined, true);
    if (actual && !esSuSolicitud(esperada, actual))
      return codigoReutilizado(actual.huellaSolicitud === huella);
    const vista = actual?.vista ?? null;
    return (vista && desenlaceDe(vista)) ?? sigueEnCurso(espera, motivo, vista);
  }
}

/** The answer while the work goes on without its client: how to follow it. */
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
    reintentarEnS: consultarDeNuevoEnS(vista?.pendiente ?? null),
  };
}

function aceptada(vista: VistaEmision): Desenlace {
  return { tipo: 'ACEPTADA', vista, reintentarEnS: consultarDeNuevoEnS(vista.pendiente) };
}

/** How a wait ends by what the register holds; null while it goes on. */
function desenlaceDe(vista: VistaEmision): Desenlace | null {
  if (vista.estado === 'COMPLETADO') return { tipo: 'EMITIDO', vista };
  return vista.fallo && fallida(vista.fallo, vista);
}

function fallida({ tipo, detalles }: FalloDeEmision, vista: VistaEmision | null): Desenlace {
  // What holds the citizen's lock ends by itself, unless it is uncertain.
  const pasaSolo = tipo === 'CIUDADANO_EN_PROCESO' && { reintentarEnS: CONSULTAR_DE_NUEVO_S };
  return { tipo: 'FALLO', fallo: tipo, detalles, vista, ...pasaSolo };
}
