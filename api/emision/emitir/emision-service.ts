/**
 * The port between HTTP and the durable process: starts or joins an issuance and answers how it stands.
 * The register is the record; Temporal tells what is open. The rules: docs/rules.md.
 */
import type { ContextoDePeticion, EntradaEmision } from '../../../shared/emision/contrato.ts';
import { conGeneracionDe } from '../../../shared/emision/memo.ts';
import { huellasDe } from '../../../shared/emision/misma-solicitud.ts';
import { CONSULTAR_DE_NUEVO_S } from '../../../shared/nucleo/plazos.ts';
import type { OrdenDeReejecucion } from '../../../shared/emision/reejecucion.ts';
import type { Desenlace, Espera, ServicioEmision, VistaEmision } from '../servicio-emision.ts';
import { ServicioNoDisponible } from '../../../shared/nucleo/servicio-no-disponible.ts';
import type { SolicitudCertificado } from '../../../shared/emision/solicitud.ts';
import type { Huella } from '../../../shared/runtime/claves/cifrado.ts';
import { impedimentoPara, type EmisionRegistrada } from '../../../shared/registro/emision/registro.ts';
import { createArranque, type DependenciasDeArranque, type PedidoDeEspera } from './arranque.ts';
import type { CircuitosEnDescanso } from './circuitos-en-descanso.ts';
import { codigoReutilizado, conflicto } from './conflictos.ts';
import { continuacionDe } from './continuacion.ts';
import { esDeOtroCliente } from '../consultar/cliente-de-solicitud.ts';
import { createEsperaDeDesenlace, sigueEnCurso } from './espera.ts';
import { createLectorDeRetenida } from './retenidas.ts';
import type { LecturasDeRegistro, ReejecucionesDeRegistro } from '../lecturas.ts';
import {
  createLectorDeEstado,
  esOrdenSinCumplir,
  ORDEN_SIN_CUMPLIR,
} from '../consultar/estado-de-solicitud.ts';
import { vistaDeMemo } from '../consultar/vista-emision.ts';

export interface DependenciasDeEmision extends DependenciasDeArranque {
  registro: LecturasDeRegistro;
  soporte: ReejecucionesDeRegistro;
  huella: Huella;
  adaptadorIdempotente: boolean;
  esperaSincronaMs: number;
  circuitos: () => Promise<CircuitosEnDescanso>;
}

/** Repeats settle in two rounds: the register is read, Temporal refuses the start, the register is read again. */
const RONDAS = 4;

export function createEmisionService(dependencias: DependenciasDeEmision): ServicioEmision {
  const { registro, soporte, motor, huella, adaptadorIdempotente, esperaSincronaMs, circuitos, parada } =
    dependencias;

  const { estadoDe, vistaRegistrada } = createLectorDeEstado({
    registro,
    motor,
    circuitos,
    adaptadorIdempotente,
  });
  const leerRetenida = createLectorDeRetenida(registro, circuitos);
  const esperar = createEsperaDeDesenlace(
    registro,
    motor,
    { estadoDe, vistaRegistrada },
    leerRetenida,
    parada,
  );
  const { ejecutar, unirse, runEnMarcha } = createArranque(dependencias, esperar);

  return { emitir, esRepeticion, reejecutar, consultar };

  async function emitir(
    solicitud: SolicitudCertificado,
    contexto: ContextoDePeticion,
    espera: Espera,
    lector?: string,
  ): Promise<Desenlace> {
    const codigo = solicitud.solicitud.codigoSolicitudTramite;
    const entrada: EntradaEmision = {
      solicitud,
      contexto,
      ...huellasDe(huella, solicitud),
      generacion: 1,
      solicitudPkiId: null,
      aceptadaEn: new Date().toISOString(),
    };
    const pedido = { codigo, huella: entrada.huellaSolicitud, lector, espera, limite: limiteDe(espera) };
    let tuvoOtras = false;
    return hastaUnAcuerdo(async () => {
      // Who asks again what an outage holds must not have each run described.
      const retenida = await leerRetenida(codigo);
      const emision = retenida ?? (await registro.conciliar(codigo));
      if (emision) {
        const respuesta = await segunElRegistro(emision, entrada, pedido, retenida !== null);
        if (respuesta) return respuesta;
      } else if (await registro.hayOtraPeticionEnProceso(contexto.requestId, codigo))
        return conflicto('PETICION_REUTILIZADA', [
          'X-Request-ID: pertenece a otra petición que está en proceso; cada petición lleva uno propio.',
        ]);
      const esPrimera = emision === null && !tuvoOtras;
      const desenlace = await ejecutar(emision ? continuacionDe(entrada, emision) : entrada, pedido, {
        esPrimera,
        runAnterior: emision?.runId ?? null,
      });
      if (desenlace) return desenlace;

      // A run is open whose turn the register does not hold yet: its memo tells a repeat from a conflict.
      const run = await runEnMarcha(pedido);
      if (run?.memo) return repetida(entrada, run.memo, pedido, vistaDeMemo(codigo, run.memo, run.inicio));
      // The run is closed: it was turned away before it wrote anything, or the register lost what it wrote.
      if (emision === null) await registro.restaurar(codigo);
      tuvoOtras = true;
      return undefined;
    });
  }

  async function esRepeticion(solicitud: SolicitudCertificado): Promise<boolean> {
    const emision = await registro.leer(solicitud.solicitud.codigoSolicitudTramite);
    return emision?.huellaSolicitud === huellaDe(solicitud) && emision.estado !== 'FALLIDO';
  }

  async function reejecutar(
    codigo: string,
    orden: OrdenDeReejecucion,
    espera: Espera,
  ): Promise<Desenlace | null> {
    const limite = limiteDe(espera);
    return hastaUnAcuerdo(async () => {
      const preparada = await soporte.prepararReejecucion(codigo, orden, null);
      if (preparada.tipo === 'IMPEDIDA') {
        const { fallo, motivo } = preparada;
        if (fallo === 'SOLICITUD_NO_ENCONTRADA') return null;
        return { tipo: 'FALLO', fallo, detalles: [motivo], vista: await consultar(codigo) };
      }
      const ultima = await motor.enCurso(codigo);
      const entrada = conGeneracionDe(ultima?.memo, preparada.entrada);
      const pedido = { codigo, huella: entrada.huellaSolicitud, lector: undefined, espera, limite };
      const runAnterior = (await registro.leer(codigo))?.runId ?? null;
      const desenlace = await ejecutar(entrada, pedido, { esPrimera: false, runAnterior });
      if (desenlace) return desenlace;

      const run = await runEnMarcha(pedido);
      if (!run?.memo) return undefined;
      return {
        tipo: 'FALLO',
        fallo: 'SOLICITUD_EN_PROCESO',
        detalles: ['La solicitud ya se ejecuta de nuevo; consulte su estado.'],
        vista: vistaDeMemo(codigo, run.memo, run.inicio),
      };
    });
  }

  async function consultar(codigo: string, lector?: string): Promise<VistaEmision | null> {
    return (await estadoDe(codigo, lector))?.vista ?? null;
  }

  function huellaDe(solicitud: SolicitudCertificado): string {
    return huellasDe(huella, solicitud).huellaSolicitud;
  }

  function limiteDe({ maximoMs }: Espera): number {
    return Date.now() + Math.min(esperaSincronaMs, maximoMs ?? esperaSincronaMs);
  }

  /** The answer for a codigo that the register knows; null where it may run again. */
  async function segunElRegistro(
    emision: EmisionRegistrada,
    entrada: EntradaEmision,
    pedido: PedidoDeEspera,
    estaRetenida: boolean,
  ): Promise<Desenlace | null> {
    const esLaMisma = emision.huellaSolicitud === entrada.huellaSolicitud;
    if (esDeOtroCliente(pedido.lector, emision)) return codigoReutilizado(esLaMisma);
    switch (emision.estado) {
      case 'COMPLETADO':
        return esLaMisma
          ? { tipo: 'YA_EMITIDO', vista: await vistaRegistrada(emision) }
          : codigoReutilizado();
      case 'EN_PROCESO':
        return repetida(entrada, emision, pedido, await vistaRegistrada(emision), estaRetenida);
      case 'FALLIDO': {
        const impedimento =
          impedimentoPara(emision, continuacionDe(entrada, emision), adaptadorIdempotente) ??
          (await ordenSinCumplir(emision));
        if (!impedimento) return null;
        const { fallo, motivo } = impedimento;
        if (fallo === 'CODIGO_REUTILIZADO' || !esLaMisma) return conflicto(fallo, [motivo]);
        return { tipo: 'FALLO', fallo, detalles: [motivo], vista: await vistaRegistrada(emision) };
      }
    }
  }

  async function ordenSinCumplir(emision: EmisionRegistrada) {
    return esOrdenSinCumplir(await motor.enCurso(emision.codigo), emision) ? ORDEN_SIN_CUMPLIR : null;
  }

  /** The codigo is running: the same request under the same X-Request-ID joins it, all else is a conflict. */
  async function repetida(
    entrada: EntradaEmision,
    enCurso: { requestId: string; huellaSolicitud: string; cliente?: string | null },
    pedido: PedidoDeEspera,
    vista: VistaEmision,
    estaRetenida = false,
  ): Promise<Desenlace> {
    const esLaMisma = enCurso.huellaSolicitud === entrada.huellaSolicitud;
    if (esDeOtroCliente(pedido.lector, enCurso)) return codigoReutilizado(esLaMisma);
    const esLaPeticion = enCurso.requestId === entrada.contexto.requestId;
    if (esLaMisma && esLaPeticion)
      return estaRetenida ? sigueEnCurso(pedido.espera, 'CIRCUITO_ABIERTO', vista) : unirse(pedido, vista);
    if (esLaMisma)
      return {
        tipo: 'FALLO',
        fallo: 'SOLICITUD_EN_PROCESO',
        detalles: ['La misma solicitud está en proceso bajo otro X-Request-ID; consulte su estado.'],
        // As the register shows it: many repeats at once must not each have the run described.
        vista,
        reintentarEnS: CONSULTAR_DE_NUEVO_S,
      };
    if (!esLaPeticion) return codigoReutilizado();
    return conflicto('PETICION_REUTILIZADA', [
      'X-Request-ID: pertenece a una petición en proceso con otro contenido; cada petición lleva uno propio.',
    ]);
  }
}

/** @param ronda answers undefined where the codigo changed meanwhile and must be looked at again */
async function hastaUnAcuerdo<D>(ronda: () => Promise<D | undefined>): Promise<D> {
  for (let i = 0; i < RONDAS; i++) {
    const acuerdo = await ronda();
    if (acuerdo !== undefined) return acuerdo;
  }
  throw new ServicioNoDisponible(
    'the register: Temporal closed this codigo and the register does not hold it',
  );
}
