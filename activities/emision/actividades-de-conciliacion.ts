/** A pass of reconciliation: codigo by codigo, in pages; a worker that dies leaves the rest to the next one. */
import { Context } from '@temporalio/activity';
import type {
  ActividadesDeConciliacion,
  InformeDeConciliacion,
  Recuento,
} from '../../shared/emision/mantenimiento.ts';
import type { ListaDeEjecuciones } from '../../shared/emision/motor.ts';
import {
  DIFERENCIAS_MAX,
  PAGINA_DE_MANTENIMIENTO,
  SOLAPE_DE_CONCILIACION_MS,
} from '../../shared/emision/plazos.ts';
import type { Posicion } from '../../shared/emision/soporte.ts';
import type { RegistroDeMantenimiento } from '../../shared/registro/mantenimiento.ts';
import { latidoAnterior } from '../latido-anterior.ts';
import type { MetricasDeConciliacion } from './metricas-de-conciliacion.ts';

export interface DependenciasDeConciliacion {
  registro: Pick<
    RegistroDeMantenimiento,
    | 'conciliarUna'
    | 'leerEnProceso'
    | 'leerDuenos'
    | 'leerCandados'
    | 'leerTestigo'
    | 'tieneAnotacion'
    | 'comprobar'
  >;
  listarEjecuciones: ListaDeEjecuciones;
  metricas: MetricasDeConciliacion;
}

/** Where a pass is: the heartbeat's details. */
interface Avance<P> {
  /** The next page begins here; null: at the start. */
  pagina: P | null;
  recuento: Recuento;
}

const NADA: Recuento = { revisadas: 0, interrumpidas: 0, reconstruidas: 0, sinConciliar: 0, diferencias: [] };

const ILEGIBLE =
  'No se pudo revisar: el detalle está en el log del worker. Si es una clave que falta en CLAVES_CIFRADO, devuélvala.';

export function createActividadesDeConciliacion({
  registro,
  listarEjecuciones,
  metricas,
}: DependenciasDeConciliacion): ActividadesDeConciliacion {
  return {
    async desdeCuando(anterior) {
      if (!anterior) return null;
      if (anterior.testigo !== null && !(await registro.tieneAnotacion(anterior.testigo))) return null;
      return new Date(Date.parse(anterior.inicio) - SOLAPE_DE_CONCILIACION_MS).toISOString();
    },

    conciliarEnProceso: () =>
      porPaginas<{ aceptadaEn: string; codigo: string }>(async (pagina) => {
        const filas = await registro.leerEnProceso(pagina && posicionDe(pagina), PAGINA_DE_MANTENIMIENTO);
        const ultima = filas.length < PAGINA_DE_MANTENIMIENTO ? undefined : filas.at(-1);
        return {
          codigos: filas.map(({ codigo }) => codigo),
          siguiente: ultima ? { aceptadaEn: ultima.aceptadaEn.toISOString(), codigo: ultima.codigo } : null,
        };
      }),

    conciliarEjecuciones: (desde) =>
      porPaginas<string>(async (pagina) => {
        const { ejecuciones, siguiente } = await listarEjecuciones(desde, pagina);
        const duenos = await registro.leerDuenos(ejecuciones.map(({ codigo }) => codigo));
        const distintas = ejecuciones.filter(({ codigo, runId, abierta }) => {
          const dueno = duenos.get(codigo);
          if (dueno?.estado === 'COMPLETADO') return false;
          return dueno?.runId !== runId || (dueno.estado === 'EN_PROCESO') !== abierta;
        });
        return { codigos: [...new Set(distintas.map(({ codigo }) => codigo))], siguiente };
      }),

    async informar(inicio, recuentos) {
      const informe: InformeDeConciliacion = {
        ...recuentos.reduce(sumar, NADA),
        ...(await registro.leerCandados()),
        inicio,
        testigo: await registro.leerTestigo(),
      };
      metricas.terminada(informe);
      return informe;
    },
  };

  /** @param leer one page, and where the next begins */
  async function porPaginas<P>(
    leer: (pagina: P | null) => Promise<{ codigos: string[]; siguiente: P | null }>,
  ): Promise<Recuento> {
    const contexto = Context.current();
    const previo = latidoAnterior(contexto) as Avance<P> | undefined;
    let { pagina, recuento } = previo ?? { pagina: null, recuento: NADA };
    for (;;) {
      const { codigos, siguiente } = await leer(pagina);
      let deLaPagina = NADA;
      for (const codigo of codigos) {
        contexto.cancellationSignal.throwIfAborted();
        deLaPagina = sumar(deLaPagina, await revisar(codigo));
        // A page that is looked at again finds what is settled settled: only what is counted goes by pages.
        contexto.heartbeat({ pagina, recuento });
      }
      recuento = sumar(recuento, deLaPagina);
      if (siguiente === null) return recuento;
      pagina = siguiente;
      contexto.heartbeat({ pagina, recuento });
    }
  }

  /** One that cannot be read is told of, and the pass goes on; a register that is down ends the attempt. */
  async function revisar(codigo: string): Promise<Recuento> {
    try {
      const { accion, pendiente } = await registro.conciliarUna(codigo);
      metricas.revisada(accion);
      return {
        revisadas: 1,
        interrumpidas: accion === 'INTERRUMPIDA' ? 1 : 0,
        reconstruidas: accion === 'RECONSTRUIDA' ? 1 : 0,
        ...diferencia(codigo, pendiente),
      };
    } catch (err) {
      await registro.comprobar();
      Context.current().log.warn('an issuance could not be reconciled', { codigo, err });
      return { ...NADA, revisadas: 1, ...diferencia(codigo, ILEGIBLE) };
    }
  }
}

function diferencia(codigo: string, motivo: string | null): Pick<Recuento, 'sinConciliar' | 'diferencias'> {
  if (motivo === null) return { sinConciliar: 0, diferencias: [] };
  return { sinConciliar: 1, diferencias: [{ codigoSolicitudTramite: codigo, motivo }] };
}

function sumar(a: Recuento, b: Recuento): Recuento {
  return {
    revisadas: a.revisadas + b.revisadas,
    interrumpidas: a.interrumpidas + b.interrumpidas,
    reconstruidas: a.reconstruidas + b.reconstruidas,
    sinConciliar: a.sinConciliar + b.sinConciliar,
    diferencias: [...a.diferencias, ...b.diferencias].slice(0, DIFERENCIAS_MAX),
  };
}

function posicionDe({ aceptadaEn, codigo }: { aceptadaEn: string; codigo: string }): Posicion {
  return { aceptadaEn: new Date(aceptadaEn), codigo };
}
