/** The register: the record of every issuance, which outlives Temporal's. */
import type {
  EntradaDeRun,
  Paso,
  ReferenciaEmision,
  RespuestaPaso1,
  RespuestaPaso2,
  SinRespuesta,
} from '../../emision/contrato.ts';
import type { CertificadoEmitido, ResultadoEmision } from '../../emision/emision.ts';
import type { MotorEmision } from '../../motor/emision/motor.ts';
import type { Claves } from '../../runtime/claves/claves.ts';
import type { GuardaDeTemporal } from '../base/temporal-del-registro.ts';
import { leerCertificados } from './filas/certificados-entregados.ts';
import { createConciliaciones, type Conciliar } from './conciliacion/conciliacion.ts';
import { createConclusion, type Conclusion, type RespuestaTraida } from './conclusion/conclusion.ts';
import { completarPaso1, leerResultado } from './filas/desenlace.ts';
import {
  aclararEnvio,
  anotarIntentoFallido,
  marcarEnvio,
  type IntentoFallido,
  type PermisoDeEnvio,
} from './turno/envios.ts';
import { leerEmision, releerEmision, type EmisionRegistrada } from './filas/filas.ts';
import { marcasTrasRechazo, type CertezaDeRechazo, type Enviado } from './turno/marcas.ts';
import { comoDueno } from './turno/propiedad.ts';
import { pretensionDe } from './turno/pretension.ts';
import { leerRespuestaQueAclara } from './filas/respuestas-guardadas.ts';
import { conservarRespuestaDePaso1, conservarRespuestaDePaso2 } from './conclusion/respuesta-conservada.ts';
import { exigirLaMisma, TurnoNegado } from './turno/turno-negado.ts';
import type { Db, Tx } from './filas/esquema.ts';

export { exigirPeticion, TurnoNegado } from './turno/turno-negado.ts';
export { CertificadosAlterados } from './filas/certificados-entregados.ts';
export { SinConciliar } from './conciliacion/conciliacion.ts';
export { impedimentoPara, impedimentoParaRepetir } from './turno/pretension.ts';
export { numerosDe, pasosProcesoDe } from './filas/filas.ts';
export { claveDeIdempotencia, transaccionId } from './filas/claves-de-emision.ts';
export { nuevaMarca, type CertezaDeRechazo } from './turno/marcas.ts';
export type { Envio, IntentoFallido, PermisoDeEnvio } from './turno/envios.ts';
export type { EmisionRegistrada } from './filas/filas.ts';
export type { Comparar, RespuestaTraida } from './conclusion/conclusion.ts';
export type { CertificadoConforme } from './filas/desenlace.ts';

export type TurnoRegistrado =
  | { tipo: 'CONCEDIDO'; emision: EmisionRegistrada; emisionRecibida: boolean }
  | { tipo: 'YA_COMPLETADA'; resultado: ResultadoEmision };

/** The PKI's answer, and the step that it answers. */
export type RespuestaDePaso = { paso: 1; respuesta: RespuestaPaso1 } | { paso: 2; respuesta: RespuestaPaso2 };

export interface Registro extends Conclusion {
  leer(codigo: string): Promise<EmisionRegistrada | null>;
  /** @throws CertificadosAlterados where they are not those of the record */
  leerCertificados(codigo: string): Promise<CertificadoEmitido[]>;
  /** Whether another codigo is running under this X-Request-ID. */
  hayOtraPeticionEnProceso(requestId: string, codigo: string): Promise<boolean>;
  conciliar: Conciliar;
  /** As conciliar, also where the register lost the row. @throws SinConciliar */
  restaurar: Conciliar;
  /** Row, lock and the turn of the first step. @throws TurnoNegado */
  registrarSolicitud(entrada: EntradaDeRun, runId: string): Promise<TurnoRegistrado>;
  /** The turn of step 2, with step 1's result as the register holds it, else as it comes. @throws TurnoNegado */
  registrarPaso1(
    entrada: EntradaDeRun,
    runId: string,
    traida: RespuestaTraida<RespuestaPaso1> | null,
  ): Promise<TurnoRegistrado | SinRespuesta>;
  /**
   * The last act before a send. Where it fails the mark may stand all the same.
   * @param marca of nuevaMarca: the caller's, so that it can take it back
   * @throws TurnoNegado where the run lost its turn or must not send again: nothing was marked
   */
  marcarEnvio(
    referencia: ReferenciaEmision,
    runId: string,
    paso: Paso,
    marca: string,
  ): Promise<PermisoDeEnvio>;
  /** Keeps what the PKI answered and clears the marks that it settles, whatever became of the run. */
  conservarRespuesta(referencia: ReferenciaEmision, runId: string, respuesta: RespuestaDePaso): Promise<void>;
  /** For who asks why the issuance waits: an attempt failed, and another comes. Of a run that lost its turn it writes nothing. */
  anotarIntentoFallido(
    referencia: ReferenciaEmision,
    runId: string,
    paso: Paso,
    intento: IntentoFallido,
  ): Promise<void>;
  /** An attempt was clearly refused or not delivered. */
  aclararEnvio(
    referencia: ReferenciaEmision,
    enviado: Enviado,
    paso: Paso,
    certeza: CertezaDeRechazo,
  ): Promise<void>;
}

export interface DependenciasDeRegistro {
  db: Db;
  claves: Claves;
  motor: MotorEmision;
  guarda: Pick<GuardaDeTemporal, 'exigirVigente'>;
  adaptadorIdempotente: boolean;
  /** Milliseconds since the epoch. */
  ahora?: () => number;
}

export function createRegistro({
  db,
  claves,
  motor,
  guarda,
  adaptadorIdempotente,
  ahora = Date.now,
}: DependenciasDeRegistro): Registro {
  const conciliaciones = createConciliaciones({ db, claves, motor, guarda });
  const { conciliar, restaurar } = conciliaciones;
  const dependencias = { db, claves, motor, guarda, adaptadorIdempotente, ahora, conciliaciones };
  const { cifrado } = claves;

  const hayQueComparar = async (tx: Tx, emision: EmisionRegistrada) =>
    (await leerRespuestaQueAclara(tx, claves, emision)) !== null;

  /** The answer to a run that wanted to go on with a closed issuance. */
  const turnoDeCerrada = async (emision: EmisionRegistrada, huella: string): Promise<TurnoRegistrado> => {
    if (emision.estado !== 'COMPLETADO')
      throw new TurnoNegado('TURNO_PERDIDO', 'Esta ejecución ya registró su resultado.');
    exigirLaMisma(emision, huella);
    return { tipo: 'YA_COMPLETADA', resultado: await leerResultado(db, claves, emision.codigo) };
  };

  return {
    conciliar,
    restaurar,
    leer: (codigo) => leerEmision(db, cifrado, codigo),
    leerCertificados: (codigo) => leerCertificados(db, claves, codigo),

    async hayOtraPeticionEnProceso(requestId, codigo) {
      const otra = await db
        .selectFrom('solicitudes')
        .select('codigo')
        .where('request_id', '=', requestId)
        .where('estado', '=', 'EN_PROCESO')
        .where('codigo', '<>', codigo)
        .executeTakeFirst();
      return otra !== undefined && (await conciliar(otra.codigo))?.estado === 'EN_PROCESO';
    },

    async registrarSolicitud(entrada, runId) {
      const pretension = { ...pretensionDe(entrada, runId), esLoPrimero: true };
      const turno = await comoDueno(dependencias, pretension, async (tx, emision) => ({
        emision,
        emisionRecibida: await hayQueComparar(tx, emision),
      }));
      if (turno.tipo === 'CERRADA') return turnoDeCerrada(turno.emision, entrada.huellaSolicitud);
      return { tipo: 'CONCEDIDO', ...turno.valor };
    },

    async registrarPaso1(entrada, runId, traida) {
      const turno = await comoDueno(dependencias, pretensionDe(entrada, runId), async (tx, emision) => {
        if (emision.pasos[1].estado !== 'COMPLETADO') {
          if (!traida || (await esDeOtroCodigo(tx, emision, traida))) return null;
          await completarPaso1(tx, claves, emision, traida.respuesta);
        }
        return {
          emision: await releerEmision(tx, cifrado, emision.codigo),
          emisionRecibida: await hayQueComparar(tx, emision),
        };
      });
      if (turno.tipo === 'CERRADA') return turnoDeCerrada(turno.emision, entrada.huellaSolicitud);
      return turno.valor ? { tipo: 'CONCEDIDO', ...turno.valor } : { tipo: 'SIN_RESPUESTA' };
    },

    async marcarEnvio(referencia, runId, paso, marca) {
      const turno = await comoDueno(dependencias, { runId, referencia, entrada: null }, (tx, emision) =>
        marcarEnvio(tx, claves, emision, paso, marca, adaptadorIdempotente),
      );
      if (turno.tipo === 'CERRADA')
        throw new TurnoNegado('TURNO_PERDIDO', 'La solicitud ya tiene un resultado registrado.');
      return turno.valor;
    },

    async conservarRespuesta(referencia, runId, { paso, respuesta }) {
      await db
        .transaction()
        .execute((tx) =>
          paso === 1
            ? conservarRespuestaDePaso1(tx, claves, referencia, respuesta)
            : conservarRespuestaDePaso2(tx, dependencias, referencia, runId, respuesta),
        );
    },

    async anotarIntentoFallido(referencia, runId, paso, intento) {
      await db.transaction().execute((tx) => anotarIntentoFallido(tx, referencia, runId, paso, intento));
    },

    async aclararEnvio(referencia, { runId, marca }, paso, certeza) {
      await db
        .transaction()
        .execute((tx) =>
          aclararEnvio(tx, claves, referencia, runId, paso, (marcas) =>
            marcasTrasRechazo(marcas, marca, certeza),
          ),
        );
    },

    ...createConclusion(dependencias),
  };
}

/** An answer that does not say whose it is may be a copy of another issuance's: the register knows whose the numbers are. */
async function esDeOtroCodigo(
  tx: Tx,
  { codigo }: EmisionRegistrada,
  { respuesta, esDeEsteTrabajo }: RespuestaTraida<RespuestaPaso1>,
): Promise<boolean> {
  if (esDeEsteTrabajo) return false;
  const otro = await tx
    .selectFrom('pasos')
    .select('codigo')
    .where('solicitud_pki_id', '=', respuesta.solicitudPkiId)
    .where('codigo', '<>', codigo)
    .limit(1)
    .executeTakeFirst();
  return otro !== undefined;
}
