/** What a run that owns its turn writes: the result of a step, and the outcome. */
import { pasoEnCurso, type Paso, type RespuestaPaso1 } from '../../../emision/contrato.ts';
import type { CertificadoEmitido, ResultadoEmision } from '../../../emision/emision.ts';
import type { FalloDeEmision } from '../../../emision/fallos.ts';
import { fechaIso } from '../../../nucleo/fechas.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import { huellaDeEmisor } from '../../../x509/huella-de-emisor.ts';
import { actualizarPaso, actualizarSolicitud, escribirMarcas } from './escritura.ts';
import { anotar, huellaDeDetalles } from './anotaciones.ts';
import { leerCertificados, type IdentidadAnotada } from './certificados-entregados.ts';
import { anotarEmisores } from './emisores.ts';
import { cifrarColumna } from './columnas-cifradas.ts';
import { estaSinAclarar, leerEmision, pasosProcesoDe, type EmisionRegistrada } from './filas.ts';
import type { Lector, Tx } from './esquema.ts';

/** A certificate ready for release: it conforms, and its key is known by its hash. */
export interface CertificadoConforme extends CertificadoEmitido {
  /** SHA-256 of the SubjectPublicKeyInfo, hex. */
  huellaClavePublica: string;
}

/** Step 1 is done: its numbers are kept and step 2 may begin. */
export async function completarPaso1(
  tx: Tx,
  claves: Claves,
  emision: EmisionRegistrada,
  respuesta: RespuestaPaso1,
): Promise<void> {
  const ahora = new Date();
  await actualizarPaso(tx, emision, 1, {
    estado: 'COMPLETADO',
    fecha_fin: ahora,
    solicitud_pki_id: respuesta.solicitudPkiId,
    numeros_solicitud: JSON.stringify(respuesta.numerosSolicitud),
  });
  await escribirMarcas(tx, emision, 1, []);
  await actualizarPaso(tx, emision, 2, { estado: 'EN_PROCESO', fecha_inicio: ahora });
  await anotar(tx, claves, {
    ...emision,
    evento: 'NUMEROS_GENERADOS',
    contenido: { solicitudPkiId: respuesta.solicitudPkiId, numerosSolicitud: respuesta.numerosSolicitud },
  });
}

/**
 * The certificates conform: they are released, and the issuance is final. A serial or key seen before breaks a unique
 * constraint.
 * @param avisos what support should know of them; without personal data
 */
export async function completarEmision(
  tx: Tx,
  claves: Claves,
  emision: EmisionRegistrada,
  certificados: CertificadoConforme[],
  avisos: string[] = [],
): Promise<void> {
  const { codigo } = emision;
  const ahora = new Date();
  await entregarCertificados(tx, claves, emision, certificados, ahora);
  await actualizarPaso(tx, emision, 2, { estado: 'COMPLETADO', fecha_fin: ahora });
  const registro_auditoria_id = await anotar(tx, claves, {
    ...emision,
    evento: 'EMISION_COMPLETADA',
    contenido: { certificados: certificados.map(identidadDe), ...(avisos.length > 0 && { avisos }) },
  });
  await actualizarSolicitud(tx, codigo, { estado: 'COMPLETADO', fecha_fin: ahora, registro_auditoria_id });
}

/** Releases them. A serial or key seen before breaks a unique constraint. */
export async function entregarCertificados(
  tx: Tx,
  { cifrado }: Claves,
  { codigo, generacion }: Pick<EmisionRegistrada, 'codigo' | 'generacion'>,
  certificados: CertificadoConforme[],
  emitidoEn: Date,
): Promise<void> {
  await anotarEmisores(
    tx,
    cifrado,
    certificados.map(({ numeroSerie }) => numeroSerie),
  );
  await tx
    .insertInto('certificados')
    .values(
      certificados.map(({ huellaClavePublica, ...certificado }) => ({
        codigo,
        generacion,
        tipo: certificado.tipoCertificado,
        numero_serie: certificado.numeroSerie,
        huella_clave_publica: huellaClavePublica,
        huella_certificado: certificado.huellaCertificado,
        huella_emisor: huellaDeEmisor(certificado.certificadoBase64),
        contenido: cifrarColumna(cifrado, certificado, 'certificados.contenido', codigo),
        emitido_en: emitidoEn,
      })),
    )
    .execute();
  await tx
    .updateTable('recibidos')
    .set({ conforme: true, faltas: null })
    .where('codigo', '=', codigo)
    .where('generacion', '=', generacion)
    .execute();
}

/** What an audit entry tells of a certificate. */
export function identidadDe(certificado: CertificadoConforme): IdentidadAnotada {
  const { tipoCertificado, numeroSerie, huellaCertificado, huellaClavePublica, certificadoBase64 } =
    certificado;
  const huellaEmisor = huellaDeEmisor(certificadoBase64);
  return { tipoCertificado, numeroSerie, huellaCertificado, huellaClavePublica, huellaEmisor };
}

/** The issuance failed. It is uncertain, and keeps the lock, where a send of step 2 is still unclear. */
export async function fallarEmision(
  tx: Tx,
  claves: Claves,
  emision: EmisionRegistrada,
  fallo: FalloDeEmision,
): Promise<void> {
  const { codigo } = emision;
  const resultadoIncierto = estaSinAclarar(emision);
  const ahora = new Date();
  for (const paso of [1, 2] as const)
    if (emision.pasos[paso].estado === 'EN_PROCESO')
      await actualizarPaso(tx, emision, paso, { estado: 'FALLIDO', fecha_fin: ahora });
  const registro_auditoria_id = await anotar(tx, claves, {
    ...emision,
    evento: 'EMISION_FALLIDA',
    contenido: {
      tipo: fallo.tipo,
      paso: fallo.paso,
      resultadoIncierto,
      huellaDetalles: huellaDeDetalles(claves, codigo, fallo.detalles),
    },
  });
  await actualizarSolicitud(tx, codigo, {
    estado: 'FALLIDO',
    fallo_tipo: fallo.tipo,
    fallo_paso: fallo.paso,
    fallo_detalles: cifrarColumna(claves.cifrado, fallo.detalles, 'solicitudes.fallo_detalles', codigo),
    fecha_fin: ahora,
    registro_auditoria_id,
  });
}

/** Closes as FALLIDO an issuance whose run will never record its outcome. */
export async function interrumpirEmision(tx: Tx, claves: Claves, emision: EmisionRegistrada): Promise<void> {
  const paso = pasoEnCurso(emision.pasos[1]);
  await fallarEmision(tx, claves, emision, falloDeInterrumpida(paso));
}

/** The failure of a run that will never record its outcome. */
export function falloDeInterrumpida(paso: Paso): FalloDeEmision {
  return {
    tipo: 'EMISION_INTERRUMPIDA',
    paso,
    detalles: [
      'La ejecución se cerró sin registrar su resultado: un operador la terminó o el motor la perdió.',
    ],
  };
}

/** A completed issuance as its run returns it. */
export async function leerResultado(tx: Lector, claves: Claves, codigo: string): Promise<ResultadoEmision> {
  const emision = await leerEmision(tx, claves.cifrado, codigo);
  if (emision?.estado !== 'COMPLETADO' || !emision.fechaFin)
    throw new Error('the issuance is not completed: it has no result');
  return {
    estado: emision.estado,
    fechaInicio: fechaIso(emision.fechaInicio),
    fechaFin: fechaIso(emision.fechaFin),
    pasosProceso: pasosProcesoDe(emision.pasos),
    certificados: await leerCertificados(tx, claves, codigo),
  };
}
