/** A pass of reconciliation: codigo by codigo, in pages; a worker that dies leaves the rest to the next one. */
import { Context } from '@temporalio/activity';
import type {
  ActividadesDeConciliacion,
  InformeDeConciliacion,
  Recuento,
} from '../../../shared/emision/mantenimiento.ts';
import type {
  EjecucionListada,
  ListaDeAbiertas,
  ListaDeCerradas,
} from '../../../shared/motor/emision/motor.ts';
import { DIFERENCIAS_MAX, PAGINA_DE_MANTENIMIENTO } from '../../../shared/nucleo/plazos.ts';
import {
  cambiosAdmitidos,
  DESCRITAS_UNA_POR_UNA_MAX,
  SOLAPE_DE_CONCILIACION_MS,
} from '../../../shared/emision/plazos.ts';
import type { Posicion } from '../../../shared/emision/soporte.ts';
import type { RegistroDeMantenimiento } from '../../../shared/registro/emision/registro-de-mantenimiento.ts';
import { porPaginas } from '../../../shared/nucleo/paginas.ts';
import { avanceAnterior, latir } from '../../ejecuciones/latidos.ts';
import { recorrer } from '../../ejecuciones/recorrido.ts';
import type { MetricasDeConciliacion } from './metricas-de-conciliacion.ts';

export interface DependenciasDeConciliacion {
  registro: Pick<
    RegistroDeMantenimiento,
    | 'conciliarUna'
    | 'contarEnProceso'
    | 'tieneRunAbierta'
    | 'leerEnProceso'
    | 'leerDuenos'
    | 'leerCandados'
    | 'leerUltimaEntrada'
    | 'tieneEntrada'
    | 'comprobar'
  >;
  listarAbiertas: ListaDeAbiertas;
  listarCerradas: ListaDeCerradas;
  metricas: MetricasDeConciliacion;
}

/** Where a pass is: the heartbeat's details. */
interface Avance {
  /** The next page of Temporal's list begins here; null: at the start. */
  pagina: string | null;
  recuento: Recuento;
}

/** The issuances that are EN_PROCESO, before anything is done about them. */
interface Vistas {
  /** Under an open run. */
  enMarcha: number;
  /** Their run is closed or unknown, and has recorded no outcome. */
  sinRun: string[];
  /** What Temporal holds of them cannot be read. */
  ilegibles: string[];
}

const NADA: Recuento = { revisadas: 0, interrumpidas: 0, reconstruidas: 0, sinConciliar: 0, diferencias: [] };

const ILEGIBLE =
  'No se pudo revisar: el detalle está en el log del worker. Si es una clave que falta en CLAVES_CIFRADO, devuélvala.';

export function createActividadesDeConciliacion({
  registro,
  listarAbiertas,
  listarCerradas,
  metricas,
}: DependenciasDeConciliacion): ActividadesDeConciliacion {
  return {
    async desdeCuando(anterior) {
      if (!anterior) return null;
      if (anterior.testigo !== null && !(await registro.tieneEntrada(anterior.testigo))) return null;
      return new Date(Date.parse(anterior.inicio) - SOLAPE_DE_CONCILIACION_MS).toISOString();
    },

    async conciliarEnProceso(orden) {
      const contexto = Context.current();
      // What an earlier attempt settled, before its worker died, is not open any more.
      let hechas = ((avanceAnterior(contexto) as Avance | undefined) ?? { recuento: NADA }).recuento;
      const avanzar = () => {
        latir(contexto, { pagina: null, recuento: hechas } satisfies Avance);
      };
      const { enMarcha, sinRun, ilegibles } = await mirarEnProceso(avanzar);
      const porCambiar = cambiadas(hechas) + sinRun.length;
      const enProceso = enMarcha + ilegibles.length + porCambiar;
      const admitidas = cambiosAdmitidos(enProceso);
      const enMarchaVistas = { ...NADA, revisadas: enMarcha };
      if (orden?.forzar !== true && porCambiar > admitidas) {
        const vistas = { ...NADA, revisadas: enMarcha + sinRun.length + ilegibles.length };
        return { ...sumar(hechas, vistas), detenida: { porCambiar, enProceso, admitidas } };
      }
      for (const codigo of [...sinRun, ...ilegibles]) {
        contexto.cancellationSignal.throwIfAborted();
        hechas = sumar(hechas, await revisar(codigo));
        avanzar();
      }
      return sumar(hechas, enMarchaVistas);
    },

    async conciliarEjecuciones(desde, orden) {
      const contexto = Context.current();
      const enProceso = await registro.contarEnProceso();
      const admitidas = cambiosAdmitidos(enProceso);
      let detenida: Recuento['detenida'];
      const { recuento } = await recorrer<Avance>({ pagina: null, recuento: NADA }, async (avance) => {
        const { ejecuciones, siguiente } = await listarCerradas(desde, avance.pagina);
        let hechas = avance.recuento;
        for (const codigo of await distintasDe(ejecuciones)) {
          contexto.cancellationSignal.throwIfAborted();
          hechas = sumar(hechas, await revisar(codigo));
          // A page that is looked at again finds its codigos settled already: so they are counted by whole pages.
          latir(contexto, avance);
          const porCambiar = cambiadas(hechas);
          if (orden?.forzar === true || porCambiar <= admitidas) continue;
          detenida = { porCambiar, enProceso, admitidas };
          return { avance: { ...avance, recuento: hechas }, hayMas: false };
        }
        return { avance: { pagina: siguiente, recuento: hechas }, hayMas: siguiente !== null };
      });
      return { ...recuento, ...(detenida && { detenida }) };
    },

    async informar(inicio, recuentos) {
      const detenida = recuentos.find((una) => una.detenida)?.detenida;
      const informe: InformeDeConciliacion = {
        ...recuentos.reduce(sumar, NADA),
        ...(detenida && { detenida }),
        ...(await registro.leerCandados()),
        inicio,
        testigo: await registro.leerUltimaEntrada(),
      };
      metricas.terminada(informe);
      return informe;
    },
  };

  async function mirarEnProceso(avanzar: () => void): Promise<Vistas> {
    const vistas: Vistas = { enMarcha: 0, sinRun: [], ilegibles: [] };
    const muchas = (await registro.contarEnProceso()) > DESCRITAS_UNA_POR_UNA_MAX;
    const listadas = muchas ? await listadasComoAbiertas(avanzar) : new Set();
    const paginas = porPaginas<Posicion>(PAGINA_DE_MANTENIMIENTO, (despuesDe) =>
      registro.leerEnProceso(despuesDe, PAGINA_DE_MANTENIMIENTO),
    );
    for await (const filas of paginas) {
      const cerradas: string[] = [];
      for (const { codigo } of filas) {
        Context.current().cancellationSignal.throwIfAborted();
        const abierta =
          listadas.has(codigo) || (await oNullSiFalla(codigo, () => registro.tieneRunAbierta(codigo)));
        if (abierta === null) vistas.ilegibles.push(codigo);
        else if (!abierta) cerradas.push(codigo);
        else {
          vistas.enMarcha++;
          metricas.revisada('NINGUNA');
        }
        avanzar();
      }
      // A run records its outcome before it closes: what is still EN_PROCESO now has none.
      const duenos = await registro.leerDuenos(cerradas);
      const sinRun = cerradas.filter((codigo) => duenos.get(codigo)?.estado === 'EN_PROCESO');
      vistas.sinRun.push(...sinRun);
    }
    return vistas;
  }

  /** What closed since is looked at by the next pass. Where Temporal does not list, each one is described. */
  async function listadasComoAbiertas(avanzar: () => void): Promise<Set<string>> {
    const contexto = Context.current();
    const listadas = new Set<string>();
    let pagina: string | null = null;
    try {
      do {
        contexto.cancellationSignal.throwIfAborted();
        const { ejecuciones, siguiente } = await listarAbiertas(pagina);
        for (const { codigo } of ejecuciones) listadas.add(codigo);
        pagina = siguiente;
        avanzar();
      } while (pagina !== null);
    } catch (err) {
      contexto.cancellationSignal.throwIfAborted();
      contexto.log.warn('Temporal did not list what is open: it is asked for each one', { err });
    }
    return listadas;
  }

  /** The codigos of those closed runs that the register holds differently. */
  async function distintasDe(ejecuciones: readonly EjecucionListada[]): Promise<Set<string>> {
    const duenos = await registro.leerDuenos(ejecuciones.map(({ codigo }) => codigo));
    const distintas = ejecuciones.filter(({ codigo, runId }) => {
      const dueno = duenos.get(codigo);
      if (dueno?.estado === 'COMPLETADO') return false;
      return dueno?.runId !== runId || dueno.estado === 'EN_PROCESO';
    });
    return new Set(distintas.map(({ codigo }) => codigo));
  }

  /** Null, with a warning, where this one cannot be read; a register or a Temporal that is down ends the attempt. */
  async function oNullSiFalla<T>(codigo: string, acto: () => Promise<T>): Promise<T | null> {
    try {
      return await acto();
    } catch (err) {
      await registro.comprobar();
      Context.current().log.warn('an issuance could not be reconciled', { codigo, err });
      return null;
    }
  }

  async function revisar(codigo: string): Promise<Recuento> {
    const conciliacion = await oNullSiFalla(codigo, () => registro.conciliarUna(codigo));
    if (!conciliacion) return { ...NADA, revisadas: 1, ...diferencia(codigo, ILEGIBLE) };
    const { accion, pendiente } = conciliacion;
    metricas.revisada(accion);
    return {
      revisadas: 1,
      interrumpidas: accion === 'INTERRUMPIDA' ? 1 : 0,
      reconstruidas: accion === 'RECONSTRUIDA' ? 1 : 0,
      ...diferencia(codigo, pendiente),
    };
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

/** What the pass has closed or rebuilt so far. */
function cambiadas({ interrumpidas, reconstruidas }: Recuento): number {
  return interrumpidas + reconstruidas;
}
