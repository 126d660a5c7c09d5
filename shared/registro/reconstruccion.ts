/**
 * An issuance whose row is missing or behind, because the register was restored from an older copy: made again from what
 * its closed runs tell, so that nothing is issued twice and nothing that was issued is lost. The PKI is never called.
 */
import { createHash, X509Certificate } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { EntradaEmision, Paso, RespuestaPaso1, RespuestaPaso2 } from '../emision/contrato.ts';
import { PASOS } from '../emision/contrato.ts';
import type { CertificadoEmitido, PasoProceso, ResultadoEmision } from '../emision/emision.ts';
import type { FalloDeEmision } from '../emision/fallos.ts';
import { fechaIso } from '../emision/fechas.ts';
import type { HistoriaDeRun, Rastro } from '../emision/motor.ts';
import type { Claves } from '../runtime/claves.ts';
import { anotar, candadoDe, huellaDeDetalles } from './bitacora.ts';
import { claveDeIdempotencia } from './claves-de-emision.ts';
import { entregarCertificados, identidadDe, type CertificadoConforme } from './desenlace.ts';
import type { Esquema } from './esquema.ts';
import { cerrar, type EmisionRegistrada } from './filas.ts';
import { descartarGeneracionPerdida } from './por-revocar.ts';
import { guardarRecibidos, leerRecibidos, leerRespuestaDePaso2, seriesDe } from './recibidos.ts';
import { columnasDeEntrada } from './turno.ts';

type Tx = Transaction<Esquema>;

/** What became of one step, over all runs of a generation. */
interface EstadoDePaso<R> {
  intentos: number;
  respuesta: R | null;
  /** Runs of which some send is unclear. */
  sinAclarar: string[];
  proceso: PasoProceso | null;
}

/** An issuance as its closed runs tell it. */
export interface Reconstruccion {
  /** The run that ended it. */
  runId: string;
  entrada: EntradaEmision;
  resultado: ResultadoEmision | null;
  /** Null where the last run ended without saying why. */
  fallo: FalloDeEmision | null;
  inicio: Date;
  cierre: Date;
  pasos: { 1: EstadoDePaso<RespuestaPaso1>; 2: EstadoDePaso<RespuestaPaso2> };
  /** Runs of generations that were given up for this one. */
  anteriores: HistoriaDeRun[];
}

/** Whether a run did anything: one that the register turned away at its start did not. */
export function dejoRastro({ fin, paso1, paso2 }: HistoriaDeRun): boolean {
  if (paso1.intentos + paso2.intentos > 0) return true;
  return fin.tipo === 'COMPLETADO' || (fin.tipo === 'FALLIDO' && fin.fallo.paso !== null);
}

/**
 * @param guardada what the register holds of the row's step 2: it settles what the histories leave open
 * @param historias of closed runs, from the first to the last
 * @returns null where they tell nothing that the row does not hold already
 */
export function reconstruirDe(
  fila: EmisionRegistrada | null,
  guardada: RespuestaPaso2 | null,
  historias: readonly HistoriaDeRun[],
): Reconstruccion | null {
  const generacion = Math.max(...historias.map(({ entrada }) => entrada.generacion));
  if (historias.length === 0 || generacion < (fila?.generacion ?? 1)) return null;
  const vigentes = historias.filter(({ entrada }) => entrada.generacion === generacion);
  const completada = vigentes.find(({ fin }) => fin.tipo === 'COMPLETADO');
  const ultima = completada ?? vigentes.at(-1);
  if (!ultima) return null;
  const base = fila?.generacion === generacion ? fila : null;
  const { fin } = ultima;
  return {
    runId: ultima.runId,
    entrada: ultima.entrada,
    resultado: fin.tipo === 'COMPLETADO' ? fin.resultado : null,
    fallo: fin.tipo === 'FALLIDO' ? fin.fallo : null,
    inicio: base?.fechaInicio ?? ultima.inicio,
    cierre: cierreDe(ultima),
    pasos: {
      1: sumarPasos(1, respuestaDePaso1(base), base, vigentes),
      2: sumarPasos(2, base && guardada, base, vigentes),
    },
    anteriores: historias.filter(({ entrada }) => entrada.generacion < generacion),
  };
}

/** As the register recorded it, where the run tells that. */
function cierreDe(historia: HistoriaDeRun): Date {
  const { fin, cierre } = historia;
  if (fin.tipo === 'COMPLETADO') return alMilisegundo(fin.resultado.fechaFin, cierre);
  const paso = fin.tipo === 'FALLIDO' ? fin.fallo.paso : null;
  const fechaFin = paso && procesoEn(historia, paso)?.fechaFin;
  return fechaFin ? alMilisegundo(fechaFin, cierre) : cierre;
}

function respuestaDePaso1(base: EmisionRegistrada | null): RespuestaPaso1 | null {
  const paso1 = base?.pasos[1];
  if (paso1?.estado !== 'COMPLETADO' || paso1.solicitud_pki_id === null) return null;
  return { solicitudPkiId: paso1.solicitud_pki_id, numerosSolicitud: paso1.numeros_solicitud ?? [] };
}

function sumarPasos<R>(
  paso: Paso,
  respuesta: R | null,
  base: EmisionRegistrada | null,
  historias: readonly HistoriaDeRun[],
): EstadoDePaso<R> {
  const estado: EstadoDePaso<R> = {
    intentos: base?.pasos[paso].intentos ?? 0,
    respuesta,
    sinAclarar: base?.pasos[paso].envios_sin_aclarar ?? [],
    proceso: null,
  };
  return historias.reduce((antes, historia) => conHistoria(antes, paso, historia), estado);
}

function conHistoria<R>(antes: EstadoDePaso<R>, paso: Paso, historia: HistoriaDeRun): EstadoDePaso<R> {
  const rastro = (paso === 1 ? historia.paso1 : historia.paso2) as Rastro<R>;
  const proceso = procesoEn(historia, paso);
  return {
    // What the register itself counted is exact, over all runs; attempts of Temporal may have been held back.
    intentos: proceso?.intentos ?? antes.intentos + rastro.intentos,
    respuesta: rastro.respuesta ?? antes.respuesta,
    sinAclarar: antes.respuesta ? antes.sinAclarar : sinAclararTras(antes.sinAclarar, paso, historia, rastro),
    proceso: proceso ?? antes.proceso,
  };
}

function procesoEn({ fin }: HistoriaDeRun, paso: Paso): PasoProceso | null {
  const pasos =
    fin.tipo === 'COMPLETADO'
      ? fin.resultado.pasosProceso
      : fin.tipo === 'FALLIDO'
        ? fin.registrado?.pasosProceso
        : null;
  if (!pasos) return null;
  return paso === 1 ? pasos.paso1GeneracionClaves : pasos.paso2EmisionCertificado;
}

/** What one run leaves unclear of what it and those before it sent under the step's key. */
function sinAclararTras(
  antes: string[],
  paso: Paso,
  { runId, fin }: HistoriaDeRun,
  rastro: Rastro<unknown>,
): string[] {
  if (rastro.respuesta !== null || rastro.nadaHecho === 'DEFINITIVO' || fin.tipo === 'COMPLETADO') return [];
  const conOtra = antes.includes(runId) ? antes : [...antes, runId];
  // The register's own word, where the run tells it.
  if (paso === 2 && fin.tipo === 'FALLIDO' && fin.registrado)
    return fin.registrado.resultadoIncierto ? conOtra : [];
  return rastro.intentos > 0 && rastro.nadaHecho === 'NO' ? conOtra : antes;
}

/** Whether it tells more than the row holds. */
export async function traeNovedad(
  tx: Tx,
  claves: Claves,
  fila: EmisionRegistrada | null,
  { entrada, resultado, fallo, pasos }: Reconstruccion,
): Promise<boolean> {
  if (fila?.generacion !== entrada.generacion || resultado || fallo) return true;
  if (pasos[1].respuesta && fila.pasos[1].estado !== 'COMPLETADO') return true;
  if (pasos[2].respuesta) return (await leerRespuestaDePaso2(tx, claves, fila)) === null;
  return pasos[2].sinAclarar.length !== fila.pasos[2].envios_sin_aclarar.length;
}

/** Of a run that will never record its outcome. */
export function falloDeInterrumpida(paso: Paso): FalloDeEmision {
  return {
    tipo: 'EMISION_INTERRUMPIDA',
    paso,
    detalles: [
      'La ejecución se cerró sin registrar su resultado: un operador la terminó o el motor la perdió.',
    ],
  };
}

/**
 * Writes the issuance as it was; what of it the row holds already stays.
 * @throws an error of the database where its lock, a serial or a key is another issuance's
 */
export async function escribirReconstruccion(
  tx: Tx,
  claves: Claves,
  fila: EmisionRegistrada | null,
  reconstruccion: Reconstruccion,
): Promise<void> {
  const { entrada, runId, resultado, inicio, cierre } = reconstruccion;
  const { generacion } = entrada;
  const codigo = entrada.solicitud.solicitud.codigoSolicitudTramite;
  const resultadoIncierto = !resultado && reconstruccion.pasos[2].sinAclarar.length > 0;
  const fallo = resultado ? null : falloDe(reconstruccion);
  const certificados = resultado?.certificados.map(conHuellaDeClave) ?? [];
  const { cuerpo, ...columnas } = columnasDeEntrada(claves, entrada, runId);
  const conservaCuerpo = !!fila?.peticion && fila.huellaSolicitud === entrada.huellaSolicitud;
  const estado = {
    ...columnas,
    estado: resultado ? ('COMPLETADO' as const) : ('FALLIDO' as const),
    resultado_incierto: resultadoIncierto,
    resolucion: null,
    reejecucion_id: entrada.reejecucion?.reejecucionId ?? null,
    fallo_tipo: fallo?.tipo ?? null,
    fallo_paso: fallo?.paso ?? null,
    fallo_detalles: fallo && cerrar(claves.cifrado, fallo.detalles, 'solicitudes.fallo_detalles', codigo),
    fecha_inicio: resultado ? alMilisegundo(resultado.fechaInicio, inicio) : inicio,
    fecha_fin: cierre,
    registro_auditoria_id: await anotar(tx, claves, {
      codigo,
      generacion,
      runId,
      evento: 'EMISION_RECONSTRUIDA',
      contenido: {
        estado: resultado ? 'COMPLETADO' : 'FALLIDO',
        huellaSolicitud: columnas.huella_solicitud,
        oficina: columnas.oficina,
        candado: candadoDe(claves, {
          codigo,
          huellaCiudadano: columnas.huella_ciudadano,
          requestId: columnas.request_id,
        }),
        cliente: columnas.cliente,
        ...(fallo && {
          tipo: fallo.tipo,
          paso: fallo.paso,
          resultadoIncierto,
          huellaDetalles: huellaDeDetalles(claves, codigo, fallo.detalles),
        }),
        ...(resultado && { certificados: certificados.map(identidadDe) }),
      },
    }),
  };
  if (fila)
    await tx
      .updateTable('solicitudes')
      .set({ ...estado, ...(!conservaCuerpo && { cuerpo }) })
      .where('codigo', '=', codigo)
      .execute();
  else
    await tx
      .insertInto('solicitudes')
      .values({ codigo, ...estado, cuerpo, aceptada_en: new Date(entrada.aceptadaEn) })
      .execute();
  await descartarLoAnterior(tx, claves, fila, reconstruccion);
  await escribirPasos(tx, claves, reconstruccion);
  if (resultado)
    await entregarCertificados(
      tx,
      claves,
      { codigo, generacion },
      certificados,
      new Date(resultado.fechaFin),
    );
}

/** Of what each generation before this one left, the register may know less than happened. */
async function descartarLoAnterior(
  tx: Tx,
  claves: Claves,
  fila: EmisionRegistrada | null,
  { entrada, anteriores }: Reconstruccion,
): Promise<void> {
  const codigo = entrada.solicitud.solicitud.codigoSolicitudTramite;
  for (let generacion = fila?.generacion ?? 1; generacion < entrada.generacion; generacion++) {
    const deElla = anteriores.filter((historia) => historia.entrada.generacion === generacion);
    const registrada = fila?.generacion === generacion ? fila : null;
    const respuesta = deElla.findLast(({ paso2 }) => paso2.respuesta)?.paso2.respuesta;
    await descartarGeneracionPerdida(tx, {
      codigo,
      generacion,
      solicitudPkiId:
        deElla.findLast(({ paso1 }) => paso1.respuesta)?.paso1.respuesta?.solicitudPkiId ??
        registrada?.pasos[1].solicitud_pki_id ??
        null,
      series: respuesta
        ? seriesDe(respuesta)
        : ((registrada && (await leerRecibidos(tx, claves, registrada)))?.series ?? []),
    });
  }
}

/** What the steps left: their numbers, what step 2 answered, what is unclear. */
async function escribirPasos(tx: Tx, claves: Claves, reconstruccion: Reconstruccion): Promise<void> {
  const { entrada, pasos, resultado, cierre } = reconstruccion;
  const { generacion } = entrada;
  const codigo = entrada.solicitud.solicitud.codigoSolicitudTramite;
  const numeros = pasos[1].respuesta;
  for (const paso of PASOS) {
    const { intentos, sinAclarar, proceso } = pasos[paso];
    const haEmpezado = paso === 1 || numeros !== null || intentos > 0;
    const hecho = resultado !== null || (paso === 1 && numeros !== null);
    const columnas = {
      estado: hecho ? ('COMPLETADO' as const) : haEmpezado ? ('FALLIDO' as const) : ('PENDIENTE' as const),
      fecha_inicio: momento(proceso?.fechaInicio) ?? (haEmpezado ? reconstruccion.inicio : null),
      fecha_fin: momento(proceso?.fechaFin) ?? (haEmpezado ? cierre : null),
      intentos,
      envios_sin_aclarar: JSON.stringify(hecho ? [] : sinAclarar),
      solicitud_pki_id: paso === 1 ? (numeros?.solicitudPkiId ?? entrada.solicitudPkiId) : null,
      numeros_solicitud: paso === 1 && numeros ? JSON.stringify(numeros.numerosSolicitud) : null,
    };
    await tx
      .insertInto('pasos')
      .values({
        codigo,
        generacion,
        paso,
        clave_idempotencia: claveDeIdempotencia(codigo, paso, generacion),
        ...columnas,
      })
      .onConflict((conflicto) => conflicto.columns(['codigo', 'generacion', 'paso']).doUpdateSet(columnas))
      .execute();
  }
  if (pasos[2].respuesta) await guardarRecibidos(tx, claves, { codigo, generacion }, pasos[2].respuesta);
}

function falloDe({ fallo, pasos }: Reconstruccion): FalloDeEmision {
  return fallo ?? falloDeInterrumpida(pasos[1].respuesta ? 2 : 1);
}

/** As the comparison took it when the certificate was issued. */
function conHuellaDeClave(certificado: CertificadoEmitido): CertificadoConforme {
  const { publicKey } = new X509Certificate(Buffer.from(certificado.certificadoBase64, 'base64'));
  const clave = publicKey.export({ type: 'spki', format: 'der' });
  return {
    ...certificado,
    huellaClavePublica: createHash('sha256').update(clave).digest('hex').toUpperCase(),
  };
}

/** What the result says to the second, as the run's own history has it, where that is the same second. */
function alMilisegundo(fecha: string, aproximada: Date): Date {
  return fechaIso(aproximada) === fecha ? aproximada : new Date(fecha);
}

function momento(fecha: string | null | undefined): Date | null {
  return fecha ? new Date(fecha) : null;
}
