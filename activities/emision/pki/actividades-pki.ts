/** The two steps at the PKI as activities: pass the circuit, take the turn's last check, call once, tell how it ended. */
import { log, sleep } from '@temporalio/activity';
import type {
  ActividadesPki,
  Paso,
  ReferenciaEmision,
  RespuestaConProcedencia,
} from '../../../shared/emision/contrato.ts';
import {
  ANOTAR_ESPERA_MS,
  ESPERA_REGISTRO_INICIAL_MS,
  MARGEN_INTENTO_MS,
} from '../../../shared/emision/plazos.ts';
import { enPlazo } from '../../../shared/nucleo/en-plazo.ts';
import type { RespuestaDe } from '../../../shared/emision/respuestas-pki.ts';
import {
  nuevaMarca,
  TurnoNegado,
  type Envio,
  type Registro,
  type RespuestaDePaso,
} from '../../../shared/registro/emision/registro.ts';
import { CircuitoAbierto, type CircuitoPki } from './circuito-pki.ts';
import {
  falloPorTurnoNegado,
  falloDeLaPki,
  falloPorRegistroCaido,
  falloPorCircuitoAbierto,
} from './fallo-de-intento.ts';
import { empezarIntento, type Intento, type Ventana } from './intento.ts';
import type { MetricasDePki } from './metricas-pki.ts';
import { PkiFallo, type PkiGateway } from './pki-gateway.ts';
import { procedenciaDe, referenciaPropia } from '../entrada-propia.ts';

export interface DependenciasDePki extends Ventana {
  pki: PkiGateway;
  circuitos: Record<Paso, Pick<CircuitoPki, 'pasar' | 'vista'>>;
  registro: Registro;
  metricas: MetricasDePki;
  /** Where false, a step 2 whose outcome is unclear is never sent again. */
  adaptadorIdempotente: boolean;
}

export function createActividadesPki(dependencias: DependenciasDePki): ActividadesPki {
  const { pki } = dependencias;
  return {
    generarNumerosSolicitud: (referencia) =>
      llamar(dependencias, referencia, 1, (envio) => pki.generarNumerosSolicitud(envio)),
    generarCertificadoDigitalDniE: (referencia) =>
      llamar(dependencias, referencia, 2, (envio) => pki.generarCertificadoDigitalDniE(envio)),
  };
}

async function llamar<P extends Paso>(
  dependencias: DependenciasDePki,
  brindada: ReferenciaEmision,
  paso: P,
  llamada: (envio: Envio) => Promise<RespuestaDe<P>>,
): Promise<RespuestaConProcedencia<RespuestaDe<P>>> {
  const { circuitos, registro, metricas, adaptadorIdempotente } = dependencias;
  const referencia = referenciaPropia(brindada);
  const intento = empezarIntento(dependencias);
  const { runId } = intento;
  const vaUnaSolaVez = paso === 2 && !adaptadorIdempotente;
  const marca = nuevaMarca(runId);
  const marcar = () =>
    registro.marcarEnvio(referencia, runId, paso, marca).catch((error: unknown) => {
      // The mark may stand all the same, and nothing leaves under it.
      if (!(error instanceof TurnoNegado)) intento.recordar({ marca, certeza: 'NADA_HECHO' });
      throw error;
    });
  /** Of this attempt or an earlier one. */
  const aclararLoSabido = async () => {
    const { porAclarar } = intento;
    if (!porAclarar) return;
    await registro.aclararEnvio(referencia, { runId, marca: porAclarar.marca }, paso, porAclarar.certeza);
    intento.olvidar();
  };
  try {
    // What the circuit holds back is not marked: it was never sent.
    const respuesta = await circuitos[paso].pasar(async (juzgar, esSonda) => {
      await enRegistro(() => aclararLoSabido(), intento);
      const permiso = await enRegistro(() => marcar(), intento);
      // An earlier attempt brought the answer, and Temporal never heard of that.
      if (permiso.tipo === 'RESPONDIDO') return permiso.respuesta as RespuestaDe<P>;
      const { envio } = permiso;
      if (vaUnaSolaVez) await anunciar(intento);
      intento.anotarEnvio(esSonda);
      const terminar = metricas.llamada(paso);
      const respuesta = await llamada(envio).catch((error: unknown) => {
        const fallo = error instanceof PkiFallo ? error : inesperado(error);
        const ms = terminar(fallo.tipo);
        log.info('the PKI was called', { paso, resultado: fallo.tipo, ms });
        if (fallo.veredicto) juzgar(fallo.veredicto);
        throw fallo;
      });
      const ms = terminar('COMPLETADO');
      juzgar('RESPONDE');
      await conservar(registro, referencia, runId, { paso, respuesta } as RespuestaDePaso);
      // After what it brought is kept: what is only told must not undo it.
      log.info('the PKI was called', { paso, resultado: 'COMPLETADO', ms });
      return respuesta;
    }, referencia.codigoSolicitudTramite);
    return { ...respuesta, procedencia: procedenciaDe(referencia, paso) };
  } catch (error) {
    if (error instanceof CircuitoAbierto) throw falloPorCircuitoAbierto(error);
    if (!(error instanceof PkiFallo)) throw error;
    const { certeza } = error;
    if (certeza !== 'DESCONOCIDO') {
      intento.recordar({ marca, certeza });
      if (vaUnaSolaVez) intento.aclararEnvio();
      await enRegistro(() => insistir(aclararLoSabido), intento);
    }
    const fallo = falloDeLaPki(error, intento, vaUnaSolaVez && certeza === 'DESCONOCIDO');
    if (!fallo.nonRetryable) {
      const { tipo } = error;
      metricas.reintento(paso, tipo);
      const esperaMs = Number(fallo.nextRetryDelay ?? 0);
      const retenida = circuitos[paso].vista().estado !== 'CERRADO';
      await sinEsperarMas(
        registro.anotarIntentoFallido(referencia, runId, paso, { fallo: tipo, esperaMs }),
        intento.avisarFallo(paso, tipo, retenida, esperaMs),
      );
    }
    throw fallo;
  } finally {
    intento.terminar();
  }
}

/**
 * A register that comes back from a copy has forgotten the marks made since: of what must be sent only once, Temporal is
 * told too. The mark that was just made stays, so that the outcome is uncertain.
 */
async function anunciar(intento: Intento): Promise<void> {
  if (intento.huboEnvioSinAclarar)
    throw falloPorTurnoNegado(
      new TurnoNegado(
        'RESULTADO_INCIERTO',
        'Un envío anterior del paso 2 quedó sin respuesta clara, y el registro, restaurado de una copia, no lo recuerda; no se envió otra vez.',
      ),
    );
  await intento.anunciarEnvio().catch((cause: unknown) => {
    throw new PkiFallo({
      tipo: 'SERVICIO_NO_DISPONIBLE',
      certeza: 'NADA_HECHO',
      veredicto: null,
      detalles: ['Temporal no respondió: el paso 2 no se envió y se repetirá.'],
      cause,
    });
  });
}

/**
 * The register hears of the answer before Temporal does. Where the register is down for longer than this attempt may
 * wait, the run tells it later, from what Temporal keeps.
 */
async function conservar(
  registro: Registro,
  referencia: ReferenciaEmision,
  runId: string,
  respuesta: RespuestaDePaso,
): Promise<void> {
  try {
    await insistir(() => registro.conservarRespuesta(referencia, runId, respuesta));
  } catch (error) {
    log.warn('the register did not take the answer of the PKI; the run brings it', {
      paso: respuesta.paso,
      error,
    });
  }
}

/** For who asks; whoever is slow or down is waited for no longer than this: the attempt has a time to end in. */
async function sinEsperarMas(...avisos: Promise<void>[]): Promise<void> {
  const dados = avisos.map((aviso) =>
    aviso.catch((error: unknown) => {
      log.warn('it was not told why an issuance waits', { error });
    }),
  );
  await enPlazo(() => Promise.all(dados), ANOTAR_ESPERA_MS, new Error('slow')).catch(() => undefined);
}

/** The PKI's clear answer is known to this attempt alone: a register that is down gets some seconds to hear of it. */
async function insistir(escritura: () => Promise<void>): Promise<void> {
  const limite = Date.now() + MARGEN_INTENTO_MS / 2;
  for (;;) {
    try {
      await escritura();
      return;
    } catch (error) {
      if (error instanceof TurnoNegado || Date.now() > limite) throw error;
      await sleep(ESPERA_REGISTRO_INICIAL_MS);
    }
  }
}

async function enRegistro<T>(marca: () => Promise<T>, intento: Intento): Promise<T> {
  try {
    return await marca();
  } catch (error) {
    throw error instanceof TurnoNegado ? falloPorTurnoNegado(error) : falloPorRegistroCaido(error, intento);
  }
}

/** No failure of the PKI but a fault of ours: it would come again, and what became of the call is unknown. */
function inesperado(cause: unknown): PkiFallo {
  return new PkiFallo({
    tipo: 'ERROR_INTERNO',
    certeza: 'DESCONOCIDO',
    veredicto: null,
    detalles: ['Error interno; el detalle está en el registro de eventos del worker.'],
    cause,
  });
}
