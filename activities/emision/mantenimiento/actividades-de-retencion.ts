/** A pass of retention: page by page, from the oldest end; a worker that dies leaves the rest to the next one. */
import { Context } from '@temporalio/activity';
import type { ActividadesDeRetencion, InformeDeRetencion } from '../../../shared/emision/mantenimiento.ts';
import {
  DESFASE_MAXIMO_MS,
  DIFERENCIAS_MAX,
  DIA_MS,
  PAGINA_DE_MANTENIMIENTO,
} from '../../../shared/nucleo/plazos.ts';
import type {
  HoraDeLaBase,
  RegistroDeMantenimiento,
} from '../../../shared/registro/emision/registro-de-mantenimiento.ts';
import { recorrer } from '../../ejecuciones/recorrido.ts';
import type { MetricasDeRetencion } from './metricas-de-retencion.ts';

/** Days after the end. */
interface PlazosDeRetencion {
  /** 0: nothing is ever taken away. */
  retencionDias: number;
  /** Days in which a failed issuance may run again: for it the greater of both counts. */
  reejecucionDias: number;
}

export interface DependenciasDeRetencion {
  registro: Pick<
    RegistroDeMantenimiento,
    'leerHora' | 'retirarPagina' | 'contarSinJuzgar' | 'retirarOrdenes'
  >;
  plazos: PlazosDeRetencion;
  metricas: MetricasDeRetencion;
  /** This machine's clock, milliseconds since the epoch: it decides nothing, but must agree with the database's. */
  ahora: () => number;
}

/** Where a pass is: the heartbeat's details. */
interface Avance {
  despuesDe: { fechaFin: string; codigo: string } | null;
  informe: InformeDeRetencion;
}

const NADA: InformeDeRetencion = {
  solicitudes: 0,
  ordenes: 0,
  sinRetirar: 0,
  ilegibles: [],
  sinJuzgar: 0,
  detenida: null,
};

const RELOJ_EN_DUDA =
  'No se retiró nada: en la base de datos hay anotaciones posteriores a su propia hora. Corrija el reloj de la base de datos, o del proceso que las escribió.';

export function createActividadesDeRetencion({
  registro,
  plazos: { retencionDias, reejecucionDias },
  metricas,
  ahora,
}: DependenciasDeRetencion): ActividadesDeRetencion {
  return {
    async retirarVencidos() {
      if (retencionDias === 0) return NADA;
      const contexto = Context.current();
      const antes = ahora();
      const reloj = await registro.leerHora();
      const detenida = motivoDeDuda(reloj, antes);
      if (detenida !== null) {
        contexto.log.warn('retention took nothing away: the clocks are in doubt', { detenida });
        const informe = { ...NADA, detenida };
        metricas.terminada(informe);
        return informe;
      }
      const haceDias = (dias: number) => new Date(reloj.ahora.getTime() - dias * DIA_MS);
      const vencimiento = {
        completadas: haceDias(retencionDias),
        fallidas: haceDias(Math.max(retencionDias, reejecucionDias)),
      };
      const inicio: Avance = { despuesDe: null, informe: NADA };
      const { informe: retiradas } = await recorrer(inicio, async ({ despuesDe, informe }) => {
        const { retiradas, ilegibles, ultima } = await registro.retirarPagina(
          vencimiento,
          despuesDe && { ...despuesDe, fechaFin: new Date(despuesDe.fechaFin) },
          PAGINA_DE_MANTENIMIENTO,
        );
        metricas.pagina(retiradas);
        return {
          avance: {
            despuesDe: ultima && { codigo: ultima.codigo, fechaFin: ultima.fechaFin.toISOString() },
            informe: {
              ...informe,
              solicitudes: informe.solicitudes + retiradas,
              sinRetirar: informe.sinRetirar + ilegibles.length,
              ilegibles: [...informe.ilegibles, ...ilegibles].slice(0, DIFERENCIAS_MAX),
            },
          },
          hayMas: ultima !== null,
        };
      });
      const informe = {
        ...retiradas,
        ordenes: await registro.retirarOrdenes(vencimiento.completadas),
        sinJuzgar: await registro.contarSinJuzgar(vencimiento),
      };
      if (informe.sinRetirar > 0)
        contexto.log.warn('data whose time is over do not open and were left', {
          solicitudes: informe.sinRetirar,
        });
      metricas.terminada(informe);
      return informe;
    },
  };
}

/** @param propia this machine's clock, a moment before */
function motivoDeDuda({ ahora, hayPosterior }: HoraDeLaBase, propia: number): string | null {
  const segundos = Math.round(Math.abs(propia - ahora.getTime()) / 1000);
  if (segundos * 1000 > DESFASE_MAXIMO_MS)
    return `No se retiró nada: el reloj de este worker y el de la base de datos difieren en ${segundos} s. Corrija el que esté mal.`;
  return hayPosterior ? RELOJ_EN_DUDA : null;
}
