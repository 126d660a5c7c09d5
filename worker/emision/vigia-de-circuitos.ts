/**
 * Tells the register how this worker's circuits stand, and learns how those of the others do: how many share the probing of
 * a PKI that is down, and that one of them has found it back.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pausa } from 'node:timers/promises';
import type { CircuitoPki } from '../../activities/emision/pki/circuito-pki.ts';
import { PASOS, type Paso } from '../../shared/emision/contrato.ts';
import { CIRCUITOS_ABIERTOS_CADA_MS, CIRCUITOS_CADA_MS } from '../../shared/emision/plazos.ts';
import type { EstadoDeCircuito } from '../../shared/nucleo/circuito.ts';
import type {
  CircuitoDeTrabajador,
  RegistroDeCircuitos,
} from '../../shared/registro/emision/registro-de-circuitos.ts';
import type { ServicioDelDominio } from '../dominio.ts';
import type { Logger } from '../../shared/runtime/logger.ts';

export interface VigiaDeCircuitos {
  /** How many workers have told lately, this one among them. */
  trabajadores(): number;
  /**
   * Opens the circuits that others have open, before anything is sent: of a worker that starts in an outage each first call would
   * fail. Where the register does not answer it starts without.
   */
  aprender(circuitos: Record<Paso, CircuitoPki>): Promise<void>;
  empezar(circuitos: Record<Paso, CircuitoPki>): ServicioDelDominio;
}

export function createVigiaDeCircuitos(registro: RegistroDeCircuitos, logger: Logger): VigiaDeCircuitos {
  const trabajador = randomUUID();
  let trabajadores = 1;
  /** Of the other workers, as they stood when they were last read. */
  let antes = new Map<string, EstadoDeCircuito>();

  const anunciar = (circuitos: Record<Paso, CircuitoPki>) =>
    registro.anotar(
      PASOS.map((paso) => {
        const { estado, restoMs } = circuitos[paso].vista();
        return { trabajador, paso, estado, restoMs, aPruebaCon: circuitos[paso].aPruebaCon() };
      }),
    );

  const escuchar = async (circuitos: Record<Paso, CircuitoPki>) => {
    const otros = (await registro.leer()).filter((circuito) => circuito.trabajador !== trabajador);
    trabajadores = 1 + new Set(otros.map((otro) => otro.trabajador)).size;
    // Only where it has just closed: one that was closed all the time sees another PKI than this worker does.
    for (const otro of otros)
      if (otro.estado === 'CERRADO' && (antes.get(nombreDe(otro)) ?? 'CERRADO') !== 'CERRADO')
        circuitos[otro.paso].sondear();
    antes = new Map(otros.map((otro) => [nombreDe(otro), otro.estado]));
  };

  return {
    trabajadores: () => trabajadores,
    async aprender(circuitos) {
      try {
        for (const [paso, restoMs] of await registro.leerPasosSinRespuesta())
          circuitos[paso].empezarAbierto(restoMs);
      } catch (err) {
        logger.warn({ err }, 'how the circuits of the PKI stand could not be read; they start closed');
      }
    },
    empezar(circuitos) {
      const parada = new AbortController();
      let cambio = new AbortController();
      for (const paso of PASOS)
        circuitos[paso].alCambiar(() => {
          cambio.abort();
        });
      let avisado = false;
      const repetir = async () => {
        while (!parada.signal.aborted) {
          cambio = new AbortController();
          try {
            await anunciar(circuitos);
            await escuchar(circuitos);
            avisado = false;
          } catch (err) {
            trabajadores = 1;
            logger[avisado ? 'debug' : 'warn'](
              { err },
              'the circuits of the PKI are not told to the register',
            );
            avisado = true;
          }
          const hayAbierto = PASOS.some((paso) => circuitos[paso].vista().estado !== 'CERRADO');
          const corte = AbortSignal.any([parada.signal, cambio.signal]);
          await pausa(hayAbierto ? CIRCUITOS_ABIERTOS_CADA_MS : CIRCUITOS_CADA_MS, undefined, {
            signal: corte,
          }).catch(() => undefined);
        }
      };
      const enMarcha = repetir();
      return {
        async detener() {
          parada.abort();
          await enMarcha;
          await registro.retirar(trabajador).catch(() => undefined);
        },
      };
    },
  };
}

function nombreDe({ trabajador, paso }: CircuitoDeTrabajador): string {
  return `${trabajador} ${paso}`;
}
