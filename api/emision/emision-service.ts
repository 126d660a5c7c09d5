/**
 * The port between HTTP and the durable process: starts or joins an issuance and answers how it stands.
 * The register is the record; Temporal tells what is open. The rules: docs/rules.md.
 */
import type { ContextoDePeticion, EntradaEmision } from '../../shared/emision/contrato.ts';
import type { TipoFallo } from '../../shared/emision/fallos.ts';
import { documentoNormalizado, formaCanonica } from '../../shared/emision/misma-solicitud.ts';
import { CONSULTAR_DE_NUEVO_S } from '../../shared/emision/plazos.ts';
import type { Desenlace, ServicioEmision, VistaEmision } from '../../shared/emision/servicio-emision.ts';
import { ServicioNoDisponible } from '../../shared/emision/servicio-emision.ts';
import type { SolicitudCertificado } from '../../shared/emision/solicitud.ts';
import type { Huella } from '../../shared/runtime/cifrado.ts';
import { impedimentoParaReabrir, type EmisionRegistrada } from '../../shared/registro/registro.ts';
import type { MotorTemporal } from './motor-temporal.ts';
import type { LecturasDeRegistro } from './registro-que-responde.ts';
import { createLectorDeSituacion } from './situacion.ts';
import { detalleDeMemo, vistaDe, vistaDeDetalle } from './vista-emision.ts';

export interface DependenciasDeEmision {
  registro: LecturasDeRegistro;
  motor: MotorTemporal;
  huella: Huella;
  adaptadorIdempotente: boolean;
  esperaSincronaMs: number;
  /** Aborted when the process stops: clients that wait are told at once that the work goes on. */
  parada: AbortSignal;
}

/** What a client waits for: a codigo, as long as it is of its own request. */
interface Esperada {
  codigo: string;
  huella: string;
  /** Epoch ms. */
  limite: number;
}

/** Repeats settle in two rounds: the register is read, Temporal refuses the start, the register is read again. */
const RONDAS = 4;

export function createEmisionService(dependencias: DependenciasDeEmision): ServicioEmision {
  const { registro, motor, huella, adaptadorIdempotente, esperaSincronaMs, parada } = dependencias;

  const { situacionDe, vistaRegistrada } = createLectorDeSituacion(registro, motor);

  return { emitir, consultar };

  async function emitir(solicitud: SolicitudCertificado, contexto: ContextoDePeticion): Promise<Desenlace> {
    const codigo = solicitud.solicitud.codigoSolicitudTramite;
    const limite = Date.now() + esperaSincronaMs;
    const entrada: EntradaEmision = {
      solicitud,
      contexto,
      huellaSolicitud: huella('solicitud', formaCanonica(solicitud)),
      huellaCiudadano: huella('ciudadano', documentoNormalizado(solicitud)),
      generacion: 1,
      solicitudPkiId: null,
      aceptadaEn: new Date().toISOString(),
    };
    for (let ronda = 0; ronda < RONDAS; ronda++) {
      const emision = await registro.conciliar(codigo);
      if (emision) {
        const respuesta = await segunElRegistro(emision, entrada, limite);
        if (respuesta) return respuesta;
      } else if (await registro.hayOtraPeticionEnProceso(contexto.requestId, codigo))
        return sinTransaccion('PETICION_REUTILIZADA', [
          'X-Request-ID: pertenece a otra petición que está en proceso; cada petición lleva uno propio.',
        ]);
      if (await motor.iniciar(continuacionDe(entrada, emision)))
        return esperar({ codigo, huella: entrada.huellaSolicitud, limite });

      const run = await motor.enCurso(codigo);
      if (!run?.abierta) continue;
      // The run that recorded this failure is about to close: then the codigo may run again.
      if (run.runId === emision?.runId) await motor.esperar(codigo, limite, parada);
      // Open, and the register does not hold its turn yet: its memo tells a repeat from a conflict.
      else if (run.memo)
        return repetida(
          entrada,
          run.memo,
          limite,
          vistaDeDetalle(codigo, detalleDeMemo(run.memo, run.inicio)),
        );
    }
    throw new ServicioNoDisponible(
      'the register: Temporal closed this codigo and the register does not hold it',
    );
  }

  /** What a codigo that is known already answers; null where it may run again. */
  async function segunElRegistro(
    emision: EmisionRegistrada,
    entrada: EntradaEmision,
    limite: number,
  ): Promise<Desenlace | null> {
    switch (emision.estado) {
      case 'COMPLETADO':
        if (emision.huellaSolicitud !== entrada.huellaSolicitud) return deOtraSolicitud();
        return { tipo: 'YA_EMITIDO', vista: await vistaRegistrada(emision) };
      case 'EN_PROCESO':
        return repetida(entrada, emision, limite, vistaDe(emision, []));
      case 'FALLIDO': {
        const impedimento = impedimentoParaReabrir(emision, entrada, adaptadorIdempotente);
        if (!impedimento) return null;
        const { fallo, motivo } = impedimento;
        if (fallo === 'CODIGO_REUTILIZADO') return sinTransaccion(fallo, [motivo]);
        return { tipo: 'FALLO', fallo, detalles: [motivo], vista: vistaDe(emision, []) };
      }
    }
  }

  /** The codigo is running: the same request under the same X-Request-ID joins it, all else is a conflict. */
  async function repetida(
    entrada: EntradaEmision,
    enCurso: { requestId: string; huellaSolicitud: string },
    limite: number,
    vista: VistaEmision,
  ): Promise<Desenlace> {
    const codigo = entrada.solicitud.solicitud.codigoSolicitudTramite;
    const esLaMisma = enCurso.huellaSolicitud === entrada.huellaSolicitud;
    const esLaPeticion = enCurso.requestId === entrada.contexto.requestId;
    if (esLaMisma && esLaPeticion) return esperar({ codigo, huella: entrada.huellaSolicitud, limite });
    if (esLaMisma)
      return {
        tipo: 'FALLO',
        fallo: 'SOLICITUD_EN_PROCESO',
        detalles: ['La misma solicitud está en proceso bajo otro X-Request-ID; consulte su estado.'],
        // As the register shows it: of many repeats at once, none may ask the worker that is at work on it.
        vista,
        reintentarEnS: CONSULTAR_DE_NUEVO_S,
      };
    if (!esLaPeticion) return deOtraSolicitud();
    return sinTransaccion('PETICION_REUTILIZADA', [
      'X-Request-ID: pertenece a una petición en proceso con otro contenido; cada petición lleva uno propio.',
    ]);
  }

  /** Waits for the outcome. Where Temporal falls silent meanwhile, the register tells how far it is. */
  async function esperar(esperada: Esperada): Promise<Desenlace> {
    try {
      return await hastaElDesenlace(esperada);
    } catch (error) {
      if (!(error instanceof ServicioNoDisponible)) throw error;
      const emision = await registro.leer(esperada.codigo);
      // A failure may be an older run's: only Temporal could tell.
      if (emision?.huellaSolicitud !== esperada.huella || emision.estado === 'FALLIDO') throw error;
      const vista = await vistaRegistrada(emision);
      return desenlaceDe(vista) ?? sigueEnCurso('SERVICIO_NO_DISPONIBLE', vista);
    }
  }

  async function hastaElDesenlace(esperada: Esperada): Promise<Desenlace> {
    const { codigo, limite } = esperada;
    for (;;) {
      const fin = await motor.esperar(codigo, limite, parada);
      if (fin.tipo === 'PLAZO') return pendiente(esperada);
      const emision = await registro.conciliar(codigo);
      const esSuya = emision?.huellaSolicitud === esperada.huella;
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

  /** The client's wait is over and the work goes on: the code says why the PKI has not answered. */
  async function pendiente({ codigo, huella: suya }: Esperada): Promise<Desenlace> {
    const run = await motor.enCurso(codigo);
    const situacion = await situacionDe(codigo);
    if (situacion && situacion.huella !== suya) return deOtraSolicitud();
    const vista = situacion?.vista ?? null;
    return (vista && desenlaceDe(vista)) ?? sigueEnCurso(run?.ultimoFallo ?? 'TIEMPO_PKI_AGOTADO', vista);
  }

  async function consultar(codigo: string): Promise<VistaEmision | null> {
    return (await situacionDe(codigo))?.vista ?? null;
  }
}

/** The client is not waited for any longer, the work goes on: how to follow it. */
function sigueEnCurso(fallo: TipoFallo, vista: VistaEmision | null): Desenlace {
  return {
    tipo: 'FALLO',
    fallo,
    detalles: ['La emisión continúa; consulte su estado hasta que sea COMPLETADO o FALLIDO.'],
    vista,
    reintentarEnS: CONSULTAR_DE_NUEVO_S,
  };
}

/** How a waiting POST ends by what the register holds; null while it goes on. */
function desenlaceDe(vista: VistaEmision): Desenlace | null {
  if (vista.estado === 'COMPLETADO') return { tipo: 'EMITIDO', vista };
  if (!vista.fallo) return null;
  const { tipo, detalles } = vista.fallo;
  return { tipo: 'FALLO', fallo: tipo, detalles, vista };
}

/** The input of a run that goes on with what the register holds of the codigo. */
function continuacionDe(entrada: EntradaEmision, emision: EmisionRegistrada | null): EntradaEmision {
  if (!emision) return entrada;
  return {
    ...entrada,
    generacion: emision.generacion,
    solicitudPkiId: emision.pasos[1].solicitud_pki_id,
    aceptadaEn: emision.aceptadaEn.toISOString(),
  };
}

/** A conflict with another request, of which the answer says nothing. */
function sinTransaccion(fallo: TipoFallo, detalles: string[]): Desenlace {
  return { tipo: 'FALLO', fallo, detalles, vista: null };
}

function deOtraSolicitud(): Desenlace {
  return sinTransaccion('CODIGO_REUTILIZADO', [
    'solicitud.codigoSolicitudTramite: pertenece a otra solicitud; use un código nuevo.',
  ]);
}
