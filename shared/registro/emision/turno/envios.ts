/** The marks of what was sent to the PKI: made just before a send, cleared only by what says clearly how it ended. */
import type {
  ContextoDePeticion,
  NumeroSolicitud,
  Paso,
  ReferenciaEmision,
  RespuestaPaso1,
  RespuestaPaso2,
} from '../../../emision/contrato.ts';
import type { SolicitudCertificado } from '../../../emision/solicitud.ts';
import type { Claves } from '../../../runtime/claves.ts';
import { anotar } from '../filas/anotaciones.ts';
import { actualizarPaso, actualizarSolicitud, escribirMarcas } from '../filas/escritura.ts';
import { estaSinAclarar, leerEmision, numerosDe, type EmisionRegistrada } from '../filas/filas.ts';
import { leerRecibidos, leerRespuestaDePaso2 } from '../filas/certificados-recibidos.ts';
import { exigirPeticion, TurnoNegado } from './turno-negado.ts';
import type { Tx } from '../filas/esquema.ts';

/** What a PKI activity needs for one send, marked in the register just before it. */
export interface Envio {
  clave: string;
  solicitud: SolicitudCertificado;
  contexto: ContextoDePeticion;
  solicitudPkiId: string | null;
  numerosSolicitud: NumeroSolicitud[];
}

/** What the register says to an attempt that is about to leave: go, or that an earlier one has brought the answer. */
export type PermisoDeEnvio =
  { tipo: 'MARCADO'; envio: Envio } | { tipo: 'RESPONDIDO'; respuesta: RespuestaPaso1 | RespuestaPaso2 };

/** @throws TurnoNegado where the adapter does not repeat its answers and step 2 may have been done */
export async function marcarEnvio(
  tx: Tx,
  claves: Claves,
  emision: EmisionRegistrada,
  paso: Paso,
  adaptadorIdempotente: boolean,
): Promise<PermisoDeEnvio> {
  const { clave_idempotencia: clave, intentos, envios_sin_aclarar } = emision.pasos[paso];
  const respuesta = paso === 1 ? paso1De(emision) : await paso2De(tx, claves, emision, adaptadorIdempotente);
  if (respuesta) return { tipo: 'RESPONDIDO', respuesta };
  await escribirMarcas(tx, emision, paso, [...envios_sin_aclarar, emision.runId]);
  await actualizarPaso(tx, emision, paso, { intentos: intentos + 1 });
  return {
    tipo: 'MARCADO',
    envio: {
      clave,
      ...exigirPeticion(emision),
      solicitudPkiId: emision.pasos[1].solicitud_pki_id,
      numerosSolicitud: numerosDe(emision.pasos),
    },
  };
}

function paso1De({ pasos }: EmisionRegistrada): RespuestaPaso1 | null {
  const { estado, solicitud_pki_id: solicitudPkiId } = pasos[1];
  if (estado !== 'COMPLETADO' || solicitudPkiId === null) return null;
  return { solicitudPkiId, numerosSolicitud: numerosDe(pasos) };
}

async function paso2De(
  tx: Tx,
  claves: Claves,
  emision: EmisionRegistrada,
  adaptadorIdempotente: boolean,
): Promise<RespuestaPaso2 | null> {
  const respuesta = await leerRespuestaDePaso2(tx, claves, emision);
  if (respuesta || adaptadorIdempotente) return respuesta;
  if (estaSinAclarar(emision))
    throw new TurnoNegado(
      'RESULTADO_INCIERTO',
      'Un envío anterior del paso 2 quedó sin respuesta clara y el adaptador no admite repetirlo; no se envió otra vez.',
    );
  const recibidos = await leerRecibidos(tx, claves, emision);
  if (!recibidos || recibidos.respuesta) return null;
  throw new TurnoNegado(
    'SOLICITUD_NO_REEJECUTABLE',
    'La PKI ya respondió al paso 2, el adaptador no admite repetirlo y lo recibido se retiró al vencer su plazo de conservación: sólo una nueva emisión, ordenada por soporte, ejecuta de nuevo esta solicitud.',
  );
}

/** @param definitivo the answer settles all sends under the key up to it, not just the one that it came to */
export async function aclararEnvio(
  tx: Tx,
  claves: Claves,
  { codigoSolicitudTramite: codigo, generacion }: ReferenciaEmision,
  runId: string,
  paso: Paso,
  definitivo: boolean,
): Promise<void> {
  const emision = await leerEmision(tx, claves.cifrado, codigo, true);
  if (emision?.generacion !== generacion) return;
  const quedan = sinAclararTras(emision, runId, paso, definitivo);
  await escribirMarcas(tx, emision, paso, quedan);
  if (paso !== 2 || !emision.resultadoIncierto || quedan.length > 0) return;
  await actualizarSolicitud(tx, codigo, {});
  await anotar(tx, claves, { codigo, generacion, runId, evento: 'RESULTADO_ACLARADO', contenido: {} });
}

/** A late run clears only its own marks: the owner may have sent since. */
function sinAclararTras(
  { runId: dueno, pasos }: EmisionRegistrada,
  runId: string,
  paso: Paso,
  definitivo: boolean,
): string[] {
  const marcas = pasos[paso].envios_sin_aclarar;
  if (definitivo) return dueno === runId ? [] : marcas.filter((marca) => marca !== runId);
  const aclarada = marcas.lastIndexOf(runId);
  return marcas.filter((_, i) => i !== aclarada);
}
