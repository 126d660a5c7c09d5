/**
 * Makes an issuance again whose row is missing or behind, because the register was restored from an older copy: from what
 * its closed runs tell, so that nothing is issued twice and nothing that was issued is lost. The PKI is never called.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { PASOS } from '../../../emision/contrato.ts';
import type { CertificadoEmitido } from '../../../emision/emision.ts';
import type { FalloDeEmision } from '../../../emision/fallos.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import { anotar, candadoDe, huellaDeDetalles } from '../filas/anotaciones.ts';
import { claveDeIdempotencia } from '../filas/claves-de-emision.ts';
import {
  entregarCertificados,
  identidadDe,
  type CertificadoConforme,
  falloDeInterrumpida,
} from '../filas/desenlace.ts';
import { cifrarColumna } from '../filas/columnas-cifradas.ts';
import { type EmisionRegistrada } from '../filas/filas.ts';
import { descartarGeneracionPerdida } from '../filas/por-revocar.ts';
import {
  guardarRespuesta,
  leerRespuestaGuardada,
  leerRespuestaQueAclara,
  seriesDeRespuesta,
} from '../filas/respuestas-guardadas.ts';
import { actualizarSolicitud, columnasDeEntrada } from '../filas/escritura.ts';
import { alMilisegundo, type Reconstruccion } from './historias.ts';
import type { Tx } from '../filas/esquema.ts';

/** Whether the reconstruction tells more than the row holds. */
export async function traeNovedad(
  tx: Tx,
  claves: Claves,
  fila: EmisionRegistrada | null,
  { entrada, resultado, fallo, pasos }: Reconstruccion,
): Promise<boolean> {
  if (fila?.generacion !== entrada.generacion || resultado || fallo) return true;
  if (pasos[1].respuesta && fila.pasos[1].estado !== 'COMPLETADO') return true;
  if (pasos[2].respuesta) return (await leerRespuestaQueAclara(tx, claves, fila)) === null;
  return pasos[2].sinAclarar.length !== fila.pasos[2].envios_sin_aclarar.length;
}

/**
 * Writes the issuance as it was; what the row holds of it already stays.
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
    resolucion: null,
    reejecucion_id: entrada.reejecucion?.reejecucionId ?? null,
    fallo_tipo: fallo?.tipo ?? null,
    fallo_paso: fallo?.paso ?? null,
    fallo_detalles:
      fallo && cifrarColumna(claves.cifrado, fallo.detalles, 'solicitudes.fallo_detalles', codigo),
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
  if (!fila)
    await tx
      .insertInto('solicitudes')
      .values({
        codigo,
        ...estado,
        cuerpo,
        aceptada_en: new Date(entrada.aceptadaEn),
        resultado_incierto: false,
      })
      .execute();
  await escribirPasos(tx, claves, reconstruccion);
  await actualizarSolicitud(tx, codigo, { ...estado, ...(fila && !conservaCuerpo && { cuerpo }) });
  await descartarLoAnterior(tx, claves, fila, reconstruccion);
  if (resultado)
    await entregarCertificados(
      tx,
      claves,
      { codigo, generacion },
      certificados,
      new Date(resultado.fechaFin),
    );
}

/** Puts the generations before this one on the to-revoke list, of which the register may know less than happened. */
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
        ? seriesDeRespuesta(respuesta)
        : ((registrada && (await leerRespuestaGuardada(tx, claves, registrada)))?.series ?? []),
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
  if (pasos[2].respuesta) await guardarRespuesta(tx, claves, { codigo, generacion }, pasos[2].respuesta);
}

function falloDe({ fallo, pasos }: Reconstruccion): FalloDeEmision {
  return fallo ?? falloDeInterrumpida(pasos[1].respuesta ? 2 : 1);
}

/** The key's hash as the comparison took it when the certificate was issued. */
function conHuellaDeClave(certificado: CertificadoEmitido): CertificadoConforme {
  const { publicKey } = new X509Certificate(Buffer.from(certificado.certificadoBase64, 'base64'));
  const clave = publicKey.export({ type: 'spki', format: 'der' });
  return {
    ...certificado,
    huellaClavePublica: createHash('sha256').update(clave).digest('hex').toUpperCase(),
  };
}

function momento(fecha: string | null | undefined): Date | null {
  return fecha ? new Date(fecha) : null;
}
