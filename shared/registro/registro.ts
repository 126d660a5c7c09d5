/** The register: the record of every issuance, which outlives Temporal's. The only module that the layers import. */
import { sql, type Transaction } from 'kysely';
import type {
  Cierre,
  EntradaEmision,
  Paso,
  ReferenciaEmision,
  RespuestaPaso1,
  RespuestaPaso2,
} from '../emision/contrato.ts';
import type { CertificadoEmitido, ResultadoEmision } from '../emision/emision.ts';
import type { FalloDeEmision, TipoFallo } from '../emision/fallos.ts';
import type { MotorEmision } from '../emision/motor.ts';
import type { Claves } from '../runtime/claves.ts';
import type { BaseDeDatos } from './base-de-datos.ts';
import { createConciliar, type Conciliar } from './conciliacion.ts';
import {
  completarEmision,
  fallarEmision,
  guardarRecibidos,
  leerRecibidos,
  leerResultado,
  ponerEnCuarentena,
  registrarPaso1,
  type CertificadoConforme,
} from './desenlace.ts';
import { aclararEnvio, marcarEnvio, type Envio } from './envios.ts';
import type { Esquema } from './esquema.ts';
import {
  leerCertificados,
  leerEmision,
  pasosProcesoDe,
  type EmisionRegistrada,
  type Lector,
} from './filas.ts';
import { comoDueno, type Pretension } from './propiedad.ts';
import { TurnoNegado } from './turno.ts';

export { TurnoNegado } from './turno.ts';
export { impedimentoParaReabrir } from './impedimentos.ts';
export { numerosDe, pasosProcesoDe } from './filas.ts';
export type { Envio } from './envios.ts';
export type { EmisionRegistrada } from './filas.ts';
export type { CertificadoConforme } from './desenlace.ts';

/** The judgement on what the PKI issued. */
type Comparacion =
  { conforme: true; certificados: CertificadoConforme[] } | { conforme: false; faltas: string[] };

export type Comparar = (emision: EmisionRegistrada, recibidos: RespuestaPaso2) => Promise<Comparacion>;

export type TurnoRegistrado =
  | { tipo: 'CONCEDIDO'; emision: EmisionRegistrada; emisionRecibida: boolean }
  | { tipo: 'YA_COMPLETADA'; resultado: ResultadoEmision };

export interface Registro {
  leer(codigo: string): Promise<EmisionRegistrada | null>;
  leerCertificados(codigo: string): Promise<CertificadoEmitido[]>;
  /** Whether another codigo is running under this X-Request-ID. */
  hayOtraPeticionEnProceso(requestId: string, codigo: string): Promise<boolean>;
  conciliar: Conciliar;
  /** Row, lock and the turn of the first step. @throws TurnoNegado */
  registrarSolicitud(entrada: EntradaEmision, runId: string): Promise<TurnoRegistrado>;
  /** Step 1's result and the turn of step 2. @throws TurnoNegado */
  registrarPaso1(entrada: EntradaEmision, runId: string, respuesta: RespuestaPaso1): Promise<TurnoRegistrado>;
  /** The last act before a send. @throws TurnoNegado where the run lost its turn or must not send again */
  marcarEnvio(referencia: ReferenciaEmision, runId: string, paso: Paso): Promise<Envio>;
  /** An attempt was clearly refused or not delivered; `definitivo`: the answer settles all earlier ones too. */
  aclararEnvio(referencia: ReferenciaEmision, runId: string, paso: Paso, definitivo: boolean): Promise<void>;
  /** Compares what step 2 sent (null: what an earlier run received) and records the outcome. @throws TurnoNegado */
  concluir(
    entrada: EntradaEmision,
    runId: string,
    recibidos: RespuestaPaso2 | null,
    cancelada: boolean,
    comparar: Comparar,
  ): Promise<Cierre>;
  /** Records a failure; answers what the register holds, which may be an earlier success. @throws TurnoNegado */
  fallar(entrada: EntradaEmision, runId: string, fallo: FalloDeEmision): Promise<Cierre>;
  /** Answers within the database's own time limits, or throws. */
  comprobar(): Promise<void>;
}

export interface DependenciasDeRegistro {
  db: BaseDeDatos;
  claves: Claves;
  motor: MotorEmision;
  adaptadorIdempotente: boolean;
}

export function createRegistro({
  db,
  claves,
  motor,
  adaptadorIdempotente,
}: DependenciasDeRegistro): Registro {
  const conciliar = createConciliar(db, claves, motor);
  const dependencias = { db, claves, motor, adaptadorIdempotente, conciliar };
  const { cifrado } = claves;

  const comoRun = (entrada: EntradaEmision, runId: string): Pretension => ({
    runId,
    entrada,
    referencia: referenciaDe(entrada),
  });

  /** A closed issuance, to a run that wanted to go on with it. */
  const turnoDeCerrada = async (emision: EmisionRegistrada, huella: string): Promise<TurnoRegistrado> => {
    if (emision.estado !== 'COMPLETADO')
      throw new TurnoNegado('TURNO_PERDIDO', 'Esta ejecución ya registró su resultado.');
    exigirLaMisma(emision, huella);
    return { tipo: 'YA_COMPLETADA', resultado: await leerResultado(db, claves, emision.codigo) };
  };

  const cierreDe = async (lector: Lector, emision: EmisionRegistrada): Promise<Cierre> => {
    if (emision.estado === 'COMPLETADO')
      return { tipo: 'COMPLETADO', resultado: await leerResultado(lector, claves, emision.codigo) };
    if (!emision.fallo) throw new Error('a closed issuance has neither result nor failure');
    return { tipo: 'FALLIDO', fallo: emision.fallo, pasosProceso: pasosProcesoDe(emision.pasos) };
  };

  /** Records the outcome and answers it from the same transaction: after it, another run may go on. */
  const cerrar = async (
    pretension: Pretension,
    registrarDesenlace: (tx: Transaction<Esquema>, emision: EmisionRegistrada) => Promise<void>,
  ): Promise<Cierre> => {
    const cierre = await comoDueno(dependencias, pretension, async (tx, emision) => {
      await registrarDesenlace(tx, emision);
      return cierreDe(tx, await releer(tx, emision));
    });
    if (cierre.tipo === 'HECHO') return cierre.valor;
    exigirLaMisma(cierre.emision, pretension.referencia.huellaSolicitud);
    return cierreDe(db, cierre.emision);
  };

  const releer = async (lector: Lector, { codigo }: EmisionRegistrada): Promise<EmisionRegistrada> => {
    const emision = await leerEmision(lector, cifrado, codigo);
    if (!emision) throw new Error('the issuance that was just written is gone');
    return emision;
  };

  const registro: Registro = {
    conciliar,
    leer: (codigo) => leerEmision(db, cifrado, codigo),
    leerCertificados: (codigo) => leerCertificados(db, cifrado, codigo),

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
      const turno = await comoDueno(dependencias, comoRun(entrada, runId), async (tx, emision) => ({
        emision,
        emisionRecibida: (await leerRecibidos(tx, claves, emision)) !== null,
      }));
      if (turno.tipo === 'CERRADA') return turnoDeCerrada(turno.emision, entrada.huellaSolicitud);
      return { tipo: 'CONCEDIDO', ...turno.valor };
    },

    async registrarPaso1(entrada, runId, respuesta) {
      const turno = await comoDueno(dependencias, comoRun(entrada, runId), async (tx, emision) => {
        if (emision.pasos[1].estado !== 'COMPLETADO') await registrarPaso1(tx, claves, emision, respuesta);
        return {
          emision: await releer(tx, emision),
          emisionRecibida: (await leerRecibidos(tx, claves, emision)) !== null,
        };
      });
      if (turno.tipo === 'CERRADA') return turnoDeCerrada(turno.emision, entrada.huellaSolicitud);
      return { tipo: 'CONCEDIDO', ...turno.valor };
    },

    async marcarEnvio(referencia, runId, paso) {
      const marca = await comoDueno(dependencias, { runId, referencia, entrada: null }, (tx, emision) =>
        marcarEnvio(tx, claves, emision, paso, adaptadorIdempotente),
      );
      if (marca.tipo === 'CERRADA')
        throw new TurnoNegado('TURNO_PERDIDO', 'La solicitud ya tiene un resultado registrado.');
      return marca.valor;
    },

    async aclararEnvio(referencia, runId, paso, definitivo) {
      await db.transaction().execute((tx) => aclararEnvio(tx, claves, referencia, runId, paso, definitivo));
    },

    async concluir(entrada, runId, respuesta, cancelada, comparar) {
      const pretension: Pretension = {
        ...comoRun(entrada, runId),
        pasoAlcanzado: 2,
        traeRespuesta: respuesta !== null,
      };
      const previa = await comoDueno(dependencias, pretension, async (tx, emision) => ({
        emision,
        recibidos: respuesta ?? (await leerRecibidos(tx, claves, emision)),
      }));
      if (previa.tipo === 'CERRADA') {
        exigirLaMisma(previa.emision, entrada.huellaSolicitud);
        return cierreDe(db, previa.emision);
      }
      const { emision, recibidos } = previa.valor;

      const juzgar = async (): Promise<Comparacion | FalloDeEmision> => {
        if (cancelada) return CANCELADA_CON_RESPUESTA;
        // A row that was lost and made anew does not hold what the comparison needs.
        if (!recibidos || emision.pasos[1].estado !== 'COMPLETADO') return REGISTRO_PERDIDO;
        return comparar(emision, recibidos);
      };
      const registrar = (juicio: Comparacion | FalloDeEmision) =>
        cerrar(pretension, async (tx, actual) => {
          if (recibidos) await guardarRecibidos(tx, claves, actual, recibidos);
          const aclarada = await releer(tx, actual);
          if (!('conforme' in juicio)) return fallarEmision(tx, claves, aclarada, juicio);
          if (juicio.conforme) return completarEmision(tx, claves, aclarada, juicio.certificados);
          await ponerEnCuarentena(tx, claves, aclarada, juicio.faltas);
          return fallarEmision(tx, claves, aclarada, noConforme(juicio.faltas));
        });
      try {
        return await registrar(await juzgar());
      } catch (error) {
        const repetido = repeticion(error);
        if (!repetido) throw error;
        return registrar({ conforme: false, faltas: [repetido] });
      }
    },

    fallar: (entrada, runId, fallo) =>
      cerrar({ ...comoRun(entrada, runId), pasoAlcanzado: pasoSinAclarar(fallo) }, (tx, emision) =>
        fallarEmision(tx, claves, emision, fallo),
      ),

    async comprobar() {
      await sql`select 1`.execute(db);
    },
  };
  return registro;
}

export function referenciaDe({ solicitud, generacion, huellaSolicitud }: EntradaEmision): ReferenciaEmision {
  return {
    codigoSolicitudTramite: solicitud.solicitud.codigoSolicitudTramite,
    generacion,
    huellaSolicitud,
  };
}

const CANCELADA_CON_RESPUESTA: FalloDeEmision = {
  tipo: 'EMISION_CANCELADA',
  paso: 2,
  detalles: [
    'La PKI ya había respondido: sus certificados se guardaron sin entregarse. Al reenviar la solicitud se comparan y se entregan.',
  ],
};

const REGISTRO_PERDIDO: FalloDeEmision = {
  tipo: 'EMISION_INTERRUMPIDA',
  paso: 2,
  detalles: [
    'El registro perdió los datos de los pasos anteriores. Al reenviar la solicitud la PKI los repite y la emisión se completa.',
  ],
};

/** Answers of the PKI that hold for every send of their step. */
const DEFINITIVOS: readonly TipoFallo[] = ['CIUDADANO_NO_ENCONTRADO', 'CIUDADANO_NO_CUMPLE_REQUISITOS'];

/** The last step of which a run that failed so may have left a send unclear. */
function pasoSinAclarar({ tipo, paso }: FalloDeEmision): Paso | null {
  if (!DEFINITIVOS.includes(tipo)) return paso;
  return paso === 2 ? 1 : null;
}

/** @throws TurnoNegado: another request learns nothing of a completed one */
function exigirLaMisma({ estado, huellaSolicitud }: EmisionRegistrada, huella: string): void {
  if (estado === 'COMPLETADO' && huellaSolicitud !== huella)
    throw new TurnoNegado('CODIGO_REUTILIZADO', 'El codigoSolicitudTramite pertenece a otra solicitud.');
}

function noConforme(faltas: string[]): FalloDeEmision {
  return { tipo: 'CERTIFICADO_NO_CONFORME', paso: 2, detalles: faltas };
}

/** A serial or public key that an earlier certificate already has: a certificate at fault, not a database error. */
function repeticion(error: unknown): string | null {
  switch ((error as { constraint?: unknown }).constraint) {
    case 'serie_unica':
      return 'numeroSerie: la PKI repitió el número de serie de un certificado ya entregado.';
    case 'clave_publica_unica':
      return 'clave pública: la PKI repitió la clave de un certificado ya entregado.';
    default:
      return null;
  }
}
