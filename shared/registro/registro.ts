/** The register: the record of every issuance, which outlives Temporal's. The only module that the layers import. */
import { sql } from 'kysely';
import type {
  Cierre,
  EntradaEmision,
  NumeroSolicitud,
  Paso,
  ReferenciaEmision,
  RespuestaPaso1,
  RespuestaPaso2,
} from '../emision/contrato.ts';
import type { CertificadoEmitido, ResultadoEmision } from '../emision/emision.ts';
import type { ContextoDePeticion } from '../emision/contrato.ts';
import type { FalloDeEmision } from '../emision/fallos.ts';
import type { MotorEmision } from '../emision/motor.ts';
import type { SolicitudCertificado } from '../emision/solicitud.ts';
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
import {
  leerCertificados,
  leerEmision,
  numerosDe,
  pasosProcesoDe,
  estaSinAclarar,
  type EmisionRegistrada,
} from './filas.ts';
import { comoDueno, type Pretension } from './propiedad.ts';
import { TurnoNegado } from './turno.ts';
import { anotar } from './bitacora.ts';

export { TurnoNegado, impedimentoParaReabrir } from './turno.ts';
export { numerosDe, pasosProcesoDe } from './filas.ts';
export type { EmisionRegistrada } from './filas.ts';
export type { CertificadoConforme } from './desenlace.ts';

/** What a PKI activity needs for one send, marked in the register just before it. */
export interface Envio {
  clave: string;
  solicitud: SolicitudCertificado;
  contexto: ContextoDePeticion;
  solicitudPkiId: string | null;
  numerosSolicitud: NumeroSolicitud[];
}

/** The judgement on what the PKI issued. */
export type Comparacion =
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
    if (emision.huellaSolicitud !== huella)
      throw new TurnoNegado('CODIGO_REUTILIZADO', 'El codigoSolicitudTramite pertenece a otra solicitud.');
    return { tipo: 'YA_COMPLETADA', resultado: await leerResultado(db, claves, emision.codigo) };
  };

  const cierreDeCerrada = async (emision: EmisionRegistrada): Promise<Cierre> => {
    if (emision.estado === 'COMPLETADO')
      return { tipo: 'COMPLETADO', resultado: await leerResultado(db, claves, emision.codigo) };
    if (!emision.fallo) throw new Error('a closed issuance has neither result nor failure');
    return { tipo: 'FALLIDO', fallo: emision.fallo, pasosProceso: pasosProcesoDe(emision.pasos) };
  };

  const cierreDe = async (codigo: string): Promise<Cierre> => {
    const emision = await leerEmision(db, cifrado, codigo);
    if (!emision) throw new Error('the issuance that was just recorded is gone');
    return cierreDeCerrada(emision);
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
      return otra !== undefined;
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
        const despues = await leerEmision(tx, cifrado, emision.codigo);
        return {
          emision: despues ?? emision,
          emisionRecibida: (await leerRecibidos(tx, claves, emision)) !== null,
        };
      });
      if (turno.tipo === 'CERRADA') return turnoDeCerrada(turno.emision, entrada.huellaSolicitud);
      return { tipo: 'CONCEDIDO', ...turno.valor };
    },

    async marcarEnvio(referencia, runId, paso) {
      const marca = await comoDueno(
        dependencias,
        { runId, referencia, entrada: null },
        async (tx, emision): Promise<Envio> => {
          if (emision.generacion !== referencia.generacion)
            throw new TurnoNegado('TURNO_PERDIDO', 'La solicitud pasó a una nueva emisión.');
          if (paso === 2 && !adaptadorIdempotente && estaSinAclarar(emision))
            throw new TurnoNegado(
              'RESULTADO_INCIERTO',
              'Un envío anterior del paso 2 quedó sin respuesta clara y el adaptador no admite repetirlo; no se envió otra vez.',
            );
          await tx
            .updateTable('pasos')
            .set({ intentos: sql`intentos + 1`, envios_sin_aclarar: sql`envios_sin_aclarar + 1` })
            .where('codigo', '=', emision.codigo)
            .where('generacion', '=', emision.generacion)
            .where('paso', '=', paso)
            .execute();
          return {
            clave: emision.pasos[paso].clave_idempotencia,
            solicitud: emision.solicitud,
            contexto: emision.contexto,
            solicitudPkiId: emision.pasos[1].solicitud_pki_id,
            numerosSolicitud: numerosDe(emision.pasos),
          };
        },
      );
      if (marca.tipo === 'CERRADA')
        throw new TurnoNegado('TURNO_PERDIDO', 'La solicitud ya tiene un resultado registrado.');
      return marca.valor;
    },

    async aclararEnvio({ codigoSolicitudTramite: codigo, generacion }, runId, paso, definitivo) {
      await db.transaction().execute(async (tx) => {
        const emision = await leerEmision(tx, cifrado, codigo, true);
        if (!emision) return;
        // A late run clears only its own mark: the owner may have sent since.
        const quedan =
          definitivo && emision.runId === runId ? sql`0` : sql`greatest(envios_sin_aclarar - 1, 0)`;
        const aclarado = await tx
          .updateTable('pasos')
          .set({ envios_sin_aclarar: sql<number>`${quedan}` })
          .where('codigo', '=', codigo)
          .where('generacion', '=', generacion)
          .where('paso', '=', paso)
          .returning('envios_sin_aclarar')
          .executeTakeFirst();
        if (!emision.resultadoIncierto || paso !== 2 || emision.generacion !== generacion) return;
        if (aclarado?.envios_sin_aclarar !== 0) return;
        await tx
          .updateTable('solicitudes')
          .set({ resultado_incierto: false })
          .where('codigo', '=', codigo)
          .execute();
        await anotar(tx, claves, { codigo, generacion, runId, evento: 'RESULTADO_ACLARADO', contenido: {} });
      });
    },

    async concluir(entrada, runId, respuesta, cancelada, comparar) {
      const pretension = comoRun(entrada, runId);
      const previa = await comoDueno(dependencias, pretension, async (tx, emision) => ({
        emision,
        recibidos: respuesta ?? (await leerRecibidos(tx, claves, emision)),
      }));
      if (previa.tipo === 'CERRADA') return cierreDeCerrada(previa.emision);
      const { emision, recibidos } = previa.valor;
      if (!recibidos) throw new Error('nothing was received from step 2 for this issuance');

      let comparacion = cancelada ? null : await comparar(emision, recibidos);
      const registrar = () =>
        comoDueno(dependencias, pretension, async (tx, actual) => {
          await guardarRecibidos(tx, claves, actual, recibidos);
          const aclarada = await leerEmision(tx, cifrado, actual.codigo);
          if (!aclarada) throw new Error('the issuance that was just recorded is gone');
          if (comparacion === null) return fallarEmision(tx, claves, aclarada, CANCELADA_CON_RESPUESTA);
          if (comparacion.conforme) return completarEmision(tx, claves, aclarada, comparacion.certificados);
          await ponerEnCuarentena(tx, claves, aclarada, comparacion.faltas);
          return fallarEmision(tx, claves, aclarada, noConforme(comparacion.faltas));
        });
      try {
        await registrar();
      } catch (error) {
        const repetido = repeticion(error);
        if (!repetido) throw error;
        comparacion = { conforme: false, faltas: [repetido] };
        await registrar();
      }
      return cierreDe(emision.codigo);
    },

    async fallar(entrada, runId, fallo) {
      const cierre = await comoDueno(dependencias, comoRun(entrada, runId), (tx, emision) =>
        fallarEmision(tx, claves, emision, fallo),
      );
      if (cierre.tipo === 'CERRADA') return cierreDeCerrada(cierre.emision);
      return cierreDe(entrada.solicitud.solicitud.codigoSolicitudTramite);
    },

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
