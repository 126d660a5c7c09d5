/** A pass of retention: page by page, from the oldest end; a worker that dies leaves the rest to the next one. */
import { Context } from '@temporalio/activity';
import type { ActividadesDeRetencion, InformeDeRetencion } from '../../shared/emision/mantenimiento.ts';
import { DIFERENCIAS_MAX, DIA_MS, PAGINA_DE_MANTENIMIENTO } from '../../shared/emision/plazos.ts';
import type { RegistroDeMantenimiento } from '../../shared/registro/mantenimiento.ts';
import { latidoAnterior } from '../latido-anterior.ts';
import type { MetricasDeRetencion } from './metricas-de-retencion.ts';

/** Days after the end. */
interface PlazosDeRetencion {
  /** 0: nothing is ever taken away. */
  retencionDias: number;
  /** Of a failed issuance, which may run again: the later of both counts. */
  reejecucionDias: number;
}

export interface DependenciasDeRetencion {
  registro: Pick<RegistroDeMantenimiento, 'retirarPagina' | 'retirarOrdenes'>;
  plazos: PlazosDeRetencion;
  metricas: MetricasDeRetencion;
  /** Milliseconds since the epoch. */
  ahora: () => number;
}

/** Where a pass is: the heartbeat's details. */
interface Avance {
  despuesDe: { fechaFin: string; codigo: string } | null;
  informe: InformeDeRetencion;
}

const NADA: InformeDeRetencion = { solicitudes: 0, ordenes: 0, sinRetirar: 0, ilegibles: [] };

export function createActividadesDeRetencion({
  registro,
  plazos: { retencionDias, reejecucionDias },
  metricas,
  ahora,
}: DependenciasDeRetencion): ActividadesDeRetencion {
  const haceDias = (dias: number) => new Date(ahora() - dias * DIA_MS);
  return {
    async retirarVencidos() {
      if (retencionDias === 0) return NADA;
      const contexto = Context.current();
      const vencimiento = {
        completadas: haceDias(retencionDias),
        fallidas: haceDias(Math.max(retencionDias, reejecucionDias)),
      };
      const previo = latidoAnterior(contexto) as Avance | undefined;
      let { despuesDe, informe } = previo ?? { despuesDe: null, informe: NADA };
      for (;;) {
        contexto.cancellationSignal.throwIfAborted();
        const { retiradas, ilegibles, ultima } = await registro.retirarPagina(
          vencimiento,
          despuesDe && { ...despuesDe, fechaFin: new Date(despuesDe.fechaFin) },
          PAGINA_DE_MANTENIMIENTO,
        );
        metricas.pagina(retiradas);
        informe = {
          ...informe,
          solicitudes: informe.solicitudes + retiradas,
          sinRetirar: informe.sinRetirar + ilegibles.length,
          ilegibles: [...informe.ilegibles, ...ilegibles].slice(0, DIFERENCIAS_MAX),
        };
        if (!ultima) break;
        despuesDe = { codigo: ultima.codigo, fechaFin: ultima.fechaFin.toISOString() };
        contexto.heartbeat({ despuesDe, informe } satisfies Avance);
      }
      informe = { ...informe, ordenes: await registro.retirarOrdenes(vencimiento.completadas) };
      if (informe.sinRetirar > 0)
        contexto.log.warn('data whose time is over do not open and were left', {
          solicitudes: informe.sinRetirar,
        });
      metricas.terminada(informe);
      return informe;
    },
  };
}
