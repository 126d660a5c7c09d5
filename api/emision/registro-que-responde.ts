/** The register, as the issuance reads it: a database that does not answer is 503, not a fault of ours. */
import { ServicioNoDisponible } from '../../shared/emision/servicio-emision.ts';
import type { Registro } from '../../shared/registro/registro.ts';

export type LecturasDeRegistro = Pick<
  Registro,
  'leer' | 'leerCertificados' | 'conciliar' | 'hayOtraPeticionEnProceso'
>;

export function registroQueResponde(registro: LecturasDeRegistro): LecturasDeRegistro {
  return {
    leer: (codigo) => responder(() => registro.leer(codigo)),
    leerCertificados: (codigo) => responder(() => registro.leerCertificados(codigo)),
    conciliar: (codigo) => responder(() => registro.conciliar(codigo)),
    hayOtraPeticionEnProceso: (requestId, codigo) =>
      responder(() => registro.hayOtraPeticionEnProceso(requestId, codigo)),
  };
}

async function responder<T>(lectura: () => Promise<T>): Promise<T> {
  try {
    return await lectura();
  } catch (error) {
    throw sinRespuesta(error) ? new ServicioNoDisponible('the register', { cause: error }) : error;
  }
}

/**
 * No connection (errno), one that broke, or SQLSTATE classes 08 (connection), 53 (resources), 57 (shutdown, timeout).
 * The pool and the driver tell their own timeouts by their words only.
 */
function sinRespuesta(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && /^(08...|53...|57...|E[A-Z]+)$/.test(code)) return true;
  return /timeout|connection terminated/i.test(String(message));
}
