/** How a run ends: what step 2 answered is compared, the outcome recorded, and told as the register then holds it. */
import type { Cierre, EntradaDeRun, Paso, RespuestaPaso2, SinRespuesta } from '../../../emision/contrato.ts';
import { FALLOS, type FalloDeEmision } from '../../../emision/fallos.ts';
import { aclara } from '../../../emision/respuestas-pki.ts';
import {
  completarEmision,
  fallarEmision,
  leerResultado,
  type CertificadoConforme,
} from '../filas/desenlace.ts';
import { escribirMarcas } from '../filas/escritura.ts';
import { pasosProcesoDe, releerEmision, type EmisionRegistrada } from '../filas/filas.ts';
import { comoDueno, type DependenciasDeTurno } from '../turno/propiedad.ts';
import { pretensionDe, type Pretension } from '../turno/pretension.ts';
import {
  guardarRespuesta,
  leerRespuestaQueAclara,
  ponerEnCuarentena,
} from '../filas/respuestas-guardadas.ts';
import { restriccionRota } from '../filas/restricciones.ts';
import { conservarRespuestaDePaso2 } from './respuesta-conservada.ts';
import { exigirLaMisma, TurnoNegado } from '../turno/turno-negado.ts';
import type { Lector, Tx } from '../filas/esquema.ts';

/** The judgement on what the PKI issued. */
type Comparacion =
  /** `avisos`: for support, without personal data. */
  | { conforme: true; certificados: CertificadoConforme[]; avisos?: string[] }
  | { conforme: false; faltas: string[] };

export type Comparar = (emision: EmisionRegistrada, respuesta: RespuestaPaso2) => Promise<Comparacion>;

/** What a run brings of a step. */
export interface RespuestaTraida<R> {
  respuesta: R;
  /**
   * Whether it says that it answers this very work. An answer of an earlier version does not say it. Such an answer of
   * step 2 is believed if its certificates conform; if not, it does not settle any send.
   */
  esDeEsteTrabajo: boolean;
}

export interface Conclusion {
  /**
   * Compares what the PKI answered in step 2, as the register holds it, else as the run brings it, and records the
   * outcome.
   * @throws TurnoNegado
   */
  concluir(
    entrada: EntradaDeRun,
    runId: string,
    traida: RespuestaTraida<RespuestaPaso2> | null,
    cancelada: boolean,
    comparar: Comparar,
  ): Promise<Cierre | SinRespuesta>;
  /** Records a failure; answers what the register holds, which may be an earlier success. @throws TurnoNegado */
  fallar(entrada: EntradaDeRun, runId: string, fallo: FalloDeEmision): Promise<Cierre>;
}

export function createConclusion(dependencias: DependenciasDeTurno): Conclusion {
  const { db, claves } = dependencias;

  const cierreDe = async (lector: Lector, emision: EmisionRegistrada): Promise<Cierre> => {
    if (emision.estado === 'COMPLETADO')
      return { tipo: 'COMPLETADO', resultado: await leerResultado(lector, claves, emision.codigo) };
    if (!emision.fallo) throw new Error('a closed issuance has neither result nor failure');
    return {
      tipo: 'FALLIDO',
      fallo: emision.fallo,
      pasosProceso: pasosProcesoDe(emision.pasos),
      resultadoIncierto: emision.resultadoIncierto,
    };
  };

  /** Records the outcome and answers it from the same transaction: after that, another run may go on. */
  const cerrar = async (
    pretension: Pretension,
    registrarDesenlace: (tx: Tx, emision: EmisionRegistrada) => Promise<void>,
  ): Promise<Cierre> => {
    const cierre = await comoDueno(dependencias, pretension, async (tx, emision) => {
      await registrarDesenlace(tx, emision);
      return cierreDe(tx, await releerEmision(tx, claves.cifrado, emision.codigo));
    });
    if (cierre.tipo === 'HECHO') return cierre.valor;
    exigirLaMisma(cierre.emision, pretension.referencia.huellaSolicitud);
    return cierreDe(db, cierre.emision);
  };

  const guardarYAclarar = async (
    tx: Tx,
    emision: EmisionRegistrada,
    respuesta: RespuestaPaso2,
  ): Promise<void> => {
    if ((await guardarRespuesta(tx, claves, emision, respuesta)) === 'ES_OTRA')
      throw new Error(
        'the PKI was heard with another answer while this one was compared: it is compared next',
      );
    if (aclara(respuesta)) await escribirMarcas(tx, emision, 2, []);
  };

  const compararYCerrar = async (
    pretension: Pretension,
    traida: RespuestaTraida<RespuestaPaso2> | null,
    cancelada: boolean,
    comparar: Comparar,
  ): Promise<Cierre | SinRespuesta> => {
    const previa = await comoDueno(dependencias, pretension, async (tx, emision) => ({
      emision,
      guardada: await leerRespuestaQueAclara(tx, claves, emision),
    }));
    if (previa.tipo === 'CERRADA') {
      exigirLaMisma(previa.emision, pretension.referencia.huellaSolicitud);
      return cierreDe(db, previa.emision);
    }
    const { emision, guardada } = previa.valor;
    const respuesta = guardada ?? traida?.respuesta ?? null;
    const seConoceElPaso1 = emision.pasos[1].estado === 'COMPLETADO';
    if (!respuesta && seConoceElPaso1) return { tipo: 'SIN_RESPUESTA' };

    // A row that was lost and made anew does not hold what the comparison needs.
    const comparacion = respuesta && seConoceElPaso1 ? await comparar(emision, respuesta) : null;
    const esDudosa = !guardada && traida?.esDeEsteTrabajo === false;
    if (esDudosa && comparacion?.conforme === false) return { tipo: 'SIN_RESPUESTA' };
    const juicio = cancelada ? CANCELADA_CON_RESPUESTA : (comparacion ?? REGISTRO_PERDIDO);

    const registrar = (juicio: Comparacion | FalloDeEmision) =>
      cerrar(pretension, async (tx, actual) => {
        if (respuesta) await guardarYAclarar(tx, actual, respuesta);
        const aclarada = await releerEmision(tx, claves.cifrado, actual.codigo);
        if (!('conforme' in juicio)) return fallarEmision(tx, claves, aclarada, juicio);
        if (juicio.conforme)
          return completarEmision(tx, claves, aclarada, juicio.certificados, juicio.avisos);
        await ponerEnCuarentena(tx, claves, aclarada, juicio.faltas);
        return fallarEmision(tx, claves, aclarada, noConforme(juicio.faltas));
      });
    try {
      return await registrar(juicio);
    } catch (error) {
      const repetido = repeticion(error);
      if (!repetido) throw error;
      return registrar({ conforme: false, faltas: [repetido] });
    }
  };

  return {
    async concluir(entrada, runId, traida, cancelada, comparar) {
      const suya = traida?.esDeEsteTrabajo === true ? traida.respuesta : null;
      const pretension: Pretension = {
        ...pretensionDe(entrada, runId),
        pasoAlcanzado: 2,
        traeRespuesta: suya !== null,
      };
      const conservar = () =>
        suya &&
        db
          .transaction()
          .execute((tx) => conservarRespuestaDePaso2(tx, dependencias, pretension.referencia, runId, suya));
      try {
        const cierre = await compararYCerrar(pretension, traida, cancelada, comparar);
        if (cierre.tipo === 'FALLIDO') await conservar();
        return cierre;
      } catch (error) {
        if (error instanceof TurnoNegado) await conservar();
        throw error;
      }
    },

    fallar: (entrada, runId, fallo) =>
      cerrar({ ...pretensionDe(entrada, runId), pasoAlcanzado: pasoSinAclarar(fallo) }, (tx, emision) =>
        fallarEmision(tx, claves, emision, fallo),
      ),
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

/** The last step of which a run that failed so may have left a send unclear. */
function pasoSinAclarar({ tipo, paso }: FalloDeEmision): Paso | null {
  if (FALLOS[tipo].certeza !== 'DEFINITIVO') return paso;
  return paso === 2 ? 1 : null;
}

function noConforme(faltas: string[]): FalloDeEmision {
  return { tipo: 'CERTIFICADO_NO_CONFORME', paso: 2, detalles: faltas };
}

/**
 * What is at fault with a certificate whose serial or public key an earlier one already has; null where the error is
 * another.
 */
function repeticion(error: unknown): string | null {
  const rota = restriccionRota(error);
  if (rota === 'SERIE')
    return 'numeroSerie: la PKI repitió el número de serie de un certificado ya entregado del mismo emisor.';
  if (rota === 'CLAVE_PUBLICA')
    return 'clave pública: la PKI repitió la clave de un certificado ya entregado.';
  return null;
}
