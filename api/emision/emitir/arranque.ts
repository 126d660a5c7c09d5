/**
 * Starts a run or joins one, within the number that may be open at once, and waits for it in one of the places for
 * clients that wait.
 */
import type { EntradaEmision } from '../../../shared/emision/contrato.ts';
import { memoDe } from '../../../shared/emision/memo.ts';
import { CONSULTAR_DE_NUEVO_S, LLAMADA_TEMPORAL_MS } from '../../../shared/nucleo/plazos.ts';
import type { Desenlace, VistaEmision } from '../servicio-emision.ts';
import { sigueEnCurso, type EmisionEsperada } from './espera.ts';
import type { EmisionesAbiertas } from './emisiones-abiertas.ts';
import type { EsperasSimultaneas } from './esperas-simultaneas.ts';
import type { MotorTemporal, RunEnCurso } from '../temporal/motor-temporal.ts';
import type { LecturasDeRegistro } from '../lecturas.ts';
import { vistaDeMemo } from '../consultar/vista-emision.ts';

/** Who waits, for which codigo and until when. */
export type PedidoDeEspera = Omit<EmisionEsperada, 'vista'>;

const MUCHAS_ESPERAN = 'ya esperan tantas como el servicio puede atender a la vez';
const SIN_LUGAR = {
  MUCHAS_ABIERTAS: 'ya hay tantas emisiones en proceso como el servicio admite a la vez',
  MUCHAS_DEL_CLIENTE: 'el cliente ya tiene en proceso tantas emisiones como uno solo puede tener a la vez',
} as const;

export interface DependenciasDeArranque {
  registro: LecturasDeRegistro;
  motor: MotorTemporal;
  esperas: EsperasSimultaneas;
  abiertas: EmisionesAbiertas;
  /** Aborted when the process stops: clients that wait are told at once that the work goes on. */
  parada: AbortSignal;
}

interface LoSabidoDelCodigo {
  /** As for MotorTemporal.iniciar. */
  esPrimera: boolean;
  /** As for EmisionesAbiertas.admitir. */
  runAnterior: string | null;
}

export interface Arranque {
  /** Starts a run, where one more may be open, and waits for it; null where Temporal refuses the codigo. */
  ejecutar: (
    entrada: EntradaEmision,
    pedido: PedidoDeEspera,
    loSabido: LoSabidoDelCodigo,
  ) => Promise<Desenlace | null>;
  /** Waits for the run that is under way, which `vista` shows. */
  unirse: (pedido: PedidoDeEspera, vista: VistaEmision) => Promise<Desenlace>;
  /** The open run for which Temporal refuses the codigo; null where there is none any more. */
  runEnMarcha: (pedido: PedidoDeEspera) => Promise<RunEnCurso | null>;
}

export function createArranque(
  { registro, motor, esperas, abiertas, parada }: DependenciasDeArranque,
  esperar: (esperada: EmisionEsperada) => Promise<Desenlace>,
): Arranque {
  return {
    ejecutar(entrada, pedido, { esPrimera, runAnterior }) {
      const { codigo } = pedido;
      const rechazar = (motivo: string) => noAceptada(codigo, esPrimera, motivo);
      return conLugar(
        pedido,
        () => rechazar(MUCHAS_ESPERAN),
        async () => {
          const cliente = clienteQueCuenta(entrada);
          const admision = await abiertas.admitir({ codigo, cliente, runAnterior });
          if (admision.tipo !== 'ADMITIDA') return rechazar(SIN_LUGAR[admision.tipo]);
          const vista = vistaDeMemo(codigo, memoDe(entrada), new Date());
          const empezo = await motor.iniciar(entrada, esPrimera).catch((error: unknown) => {
            // If Temporal took it all the same, its row tells, or Temporal's own count.
            admision.soltar();
            throw error;
          });
          if (!empezo) {
            admision.soltar();
            return null;
          }
          const desenlace = await esperar({ ...pedido, vista });
          // A run that was turned away leaves the register nothing by which a count would tell.
          if (desenlace.vista?.estado !== 'EN_PROCESO') admision.soltar();
          return desenlace;
        },
      );
    },

    unirse: (pedido, vista) =>
      conLugar(
        pedido,
        () => sigueEnCurso(pedido.espera, 'SERVICIO_NO_DISPONIBLE', vista),
        () => esperar({ ...pedido, vista }),
      ),

    async runEnMarcha({ codigo, espera }) {
      const run = await motor.enCurso(codigo);
      if (!run?.abierta) return null;
      const corte = AbortSignal.any([parada, espera.abandono]);
      const hastaElFin = () => motor.esperar(codigo, Date.now() + LLAMADA_TEMPORAL_MS, corte);
      if (!run.memo) {
        // This service did not start it: a worker turns it away at once, and then the codigo may run.
        await hastaElFin();
        return null;
      }
      const emision = await registro.leer(codigo);
      if (emision?.runId !== run.runId || emision.estado === 'EN_PROCESO') return run;
      // It recorded its outcome and is about to close: then the codigo may run again.
      await hastaElFin();
      return null;
    },
  };

  /**
   * The answer where nothing is started. Null where Temporal would refuse the codigo anyway: what was accepted before is
   * not denied now.
   */
  async function noAceptada(codigo: string, esPrimera: boolean, motivo: string): Promise<Desenlace | null> {
    const run = await motor.enCurso(codigo);
    if (run && (run.abierta || esPrimera)) return null;
    return {
      tipo: 'FALLO',
      fallo: 'SERVICIO_NO_DISPONIBLE',
      detalles: [`La petición no se aceptó: ${motivo}. Envíela de nuevo.`],
      vista: null,
      reintentarEnS: CONSULTAR_DE_NUEVO_S,
    };
  }

  /** Does the work in a place for clients that wait; one that does not wait takes none. */
  async function conLugar<D extends Desenlace | null>(
    { espera }: PedidoDeEspera,
    sinLugar: () => D | Promise<D>,
    trabajo: () => Promise<D>,
  ): Promise<D> {
    if (espera.maximoMs === 0) return trabajo();
    const salir = esperas.entrar();
    if (!salir) return sinLugar();
    try {
      return await trabajo();
    } finally {
      salir();
    }
  }
}

/** What support orders does not count against the client that once sent the request. */
function clienteQueCuenta({ contexto, reejecucion }: EntradaEmision): string | null {
  return reejecucion === undefined ? (contexto.cliente ?? null) : null;
}
