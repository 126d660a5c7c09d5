/** SIIRC as it should behave: it repeats what was not answered under the same X-Request-ID, and waits for what goes on. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { SolicitudCertificado } from '../../shared/emision/solicitud.ts';
import type { Respuesta } from '../support/servidores/stack.ts';
import type { Sistema } from './sistema.ts';

/** RECHAZADA: refused with a code that a repeat does not change. */
type Final = 'COMPLETADO' | 'FALLIDO' | 'RECHAZADA' | 'SIN_FINAL';

const PAUSA_MS = 400;

export interface Esperado {
  final: Final;
  /** error.tipo of the last answer. */
  tipo: string | null;
}

export async function pedirHastaElFinal(
  sistema: Sistema,
  solicitud: SolicitudCertificado,
  { requestId = randomUUID(), limiteMs = 150_000 }: { requestId?: string; limiteMs?: number } = {},
): Promise<Esperado> {
  const { codigoSolicitudTramite: codigo } = solicitud.solicitud;
  const limite = Date.now() + limiteMs;
  sistema.cuenta.solicitudes += 1;
  let enProceso = false;
  let tipo: string | null = null;
  while (Date.now() < limite) {
    const respuesta: Respuesta | null = enProceso
      ? await sistema.preguntar(codigo)
      : await sistema.enviar(solicitud, requestId);
    const estado: string | undefined = respuesta?.sobre.data?.transaccion.estado;
    tipo = respuesta?.sobre.error?.tipo ?? tipo;
    if (estado === 'COMPLETADO' || estado === 'FALLIDO') return { final: estado, tipo };
    const estadoHttp = respuesta?.estadoHttp ?? 0;
    if (!enProceso && estado === undefined && estadoHttp >= 400 && estadoHttp < 500 && estadoHttp !== 429)
      return { final: 'RECHAZADA', tipo };
    // Of a codigo that nobody knows (yet, or any more) nothing was accepted: it is sent again.
    if (estadoHttp === 404) enProceso = false;
    else enProceso ||= estado === 'EN_PROCESO';
    await pause(PAUSA_MS);
  }
  return { final: 'SIN_FINAL', tipo };
}
