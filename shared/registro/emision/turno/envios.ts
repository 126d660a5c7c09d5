/** The marks of what was sent to the PKI: made just before a send, cleared only by what says clearly how it ended. */
import type {
  ContextoDePeticion,
  NumeroSolicitud,
  Paso,
  ReferenciaEmision,
  RespuestaPaso1,
  RespuestaPaso2,
} from '../../../emision/contrato.ts';
import { sql } from 'kysely';
import type { TipoFallo } from '../../../emision/fallos.ts';
import { aclara } from '../../../emision/respuestas-pki.ts';
import type { SolicitudCertificado } from '../../../emision/solicitud.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import { anotar } from '../filas/anotaciones.ts';
import { actualizarPaso, actualizarSolicitud, escribirMarcas } from '../filas/escritura.ts';
import { leerEmision, numerosDe, type EmisionRegistrada } from '../filas/filas.ts';
import { leerRespuestaGuardada } from '../filas/respuestas-guardadas.ts';
import { decidirEnvio, type Marcas } from './marcas.ts';
import { exigirPeticion, TurnoNegado } from './turno-negado.ts';
import type { Tx } from '../filas/esquema.ts';

/** What a PKI activity needs for one send, marked in the register just before it. */
export interface Envio {
  /** By which what becomes of it is told to the register. */
  marca: string;
  clave: string;
  solicitud: SolicitudCertificado;
  contexto: ContextoDePeticion;
  solicitudPkiId: string | null;
  numerosSolicitud: NumeroSolicitud[];
}

/** An attempt that failed, after which another comes. */
export interface IntentoFallido {
  fallo: TipoFallo;
  esperaMs: number;
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
  marca: string,
  adaptadorIdempotente: boolean,
): Promise<PermisoDeEnvio> {
  const { clave_idempotencia: clave, intentos, envios_sin_aclarar } = emision.pasos[paso];
  const guardada = paso === 1 ? paso1De(emision) : await paso2De(tx, claves, emision);
  const decision = decidirEnvio(
    paso,
    marca,
    envios_sin_aclarar,
    guardada === 'NINGUNA' || guardada === 'RETIRADA' ? guardada : 'GUARDADA',
    adaptadorIdempotente,
  );
  switch (decision.tipo) {
    case 'NEGAR':
      throw new TurnoNegado(decision.fallo, decision.motivo);
    case 'DAR_LA_GUARDADA':
      return { tipo: 'RESPONDIDO', respuesta: guardada as RespuestaPaso1 | RespuestaPaso2 };
    case 'MARCAR_Y_ENVIAR':
      await escribirMarcas(tx, emision, paso, decision.marcas);
      await actualizarPaso(tx, emision, paso, { intentos: intentos + 1, proximo_intento: null });
      return {
        tipo: 'MARCADO',
        envio: {
          marca,
          clave,
          ...exigirPeticion(emision),
          solicitudPkiId: emision.pasos[1].solicitud_pki_id,
          numerosSolicitud: numerosDe(emision.pasos),
        },
      };
  }
}

function paso1De({ pasos }: EmisionRegistrada): RespuestaPaso1 | 'NINGUNA' {
  const { estado, solicitud_pki_id: solicitudPkiId } = pasos[1];
  if (estado !== 'COMPLETADO' || solicitudPkiId === null) return 'NINGUNA';
  return { solicitudPkiId, numerosSolicitud: numerosDe(pasos) };
}

async function paso2De(
  tx: Tx,
  claves: Claves,
  emision: EmisionRegistrada,
): Promise<RespuestaPaso2 | 'NINGUNA' | 'RETIRADA'> {
  const guardada = await leerRespuestaGuardada(tx, claves, emision);
  if (!guardada) return 'NINGUNA';
  if (!guardada.respuesta) return 'RETIRADA';
  // One without certificates tells nothing of what was sent.
  return aclara(guardada.respuesta) ? guardada.respuesta : 'NINGUNA';
}

/** How an attempt of the row's owner failed, and when another is due: for who asks why it waits. */
export async function anotarIntentoFallido(
  tx: Tx,
  { codigoSolicitudTramite: codigo, generacion }: ReferenciaEmision,
  runId: string,
  paso: Paso,
  { fallo, esperaMs }: IntentoFallido,
): Promise<void> {
  await tx
    .updateTable('pasos')
    .set({
      ultimo_fallo: fallo,
      proximo_intento: sql<Date>`now() + make_interval(secs => ${esperaMs / 1000})`,
    })
    .where('codigo', '=', codigo)
    .where('generacion', '=', generacion)
    .where('paso', '=', paso)
    .where((e) =>
      e.exists(
        e
          .selectFrom('solicitudes')
          .select('solicitudes.codigo')
          .where('solicitudes.codigo', '=', codigo)
          .where('run_id', '=', runId)
          .where('solicitudes.estado', '=', 'EN_PROCESO'),
      ),
    )
    .execute();
}

/** Something clear is known of a send of the run: its mark, and what others it settles, go. */
export async function aclararEnvio(
  tx: Tx,
  claves: Claves,
  { codigoSolicitudTramite: codigo, generacion }: ReferenciaEmision,
  runId: string,
  paso: Paso,
  marcasQueQuedan: (marcas: Marcas) => Marcas,
): Promise<void> {
  const emision = await leerEmision(tx, claves.cifrado, codigo, true);
  if (emision?.generacion !== generacion) return;
  const quedan = marcasQueQuedan(emision.pasos[paso].envios_sin_aclarar);
  await escribirMarcas(tx, emision, paso, quedan);
  if (paso !== 2 || !emision.resultadoIncierto || quedan.length > 0) return;
  await actualizarSolicitud(tx, codigo, {});
  await anotar(tx, claves, { codigo, generacion, runId, evento: 'RESULTADO_ACLARADO', contenido: {} });
}
