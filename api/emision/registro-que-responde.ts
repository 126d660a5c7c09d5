/** The register, as the issuance reads it: a database that does not answer is 503, not a fault of ours. */
import { ServicioNoDisponible } from '../../shared/emision/servicio-emision.ts';
import { SinConciliar, type Registro } from '../../shared/registro/registro.ts';
import type { RegistroDeSoporte } from '../../shared/registro/soporte.ts';
import { createPedirAParte } from '../http/parte-caida.ts';

export type LecturasDeRegistro = Pick<
  Registro,
  'leer' | 'leerCertificados' | 'conciliar' | 'restaurar' | 'hayOtraPeticionEnProceso'
>;
export type ReejecucionesDeRegistro = Pick<RegistroDeSoporte, 'prepararReejecucion'>;

type Lectura = (...parametros: never[]) => Promise<unknown>;

/** The same functions; what fails for want of a database, or of a row that is yet to be restored, throws ServicioNoDisponible. */
export function registroQueResponde<R extends Record<keyof R, Lectura>>(registro: R): R {
  const pedir = createPedirAParte({ parte: 'the register', noResponde: sinRespuesta });
  return Object.fromEntries(
    Object.entries<Lectura>(registro).map(([nombre, lectura]) => [
      nombre,
      (...parametros: never[]) => responder(() => pedir(() => lectura(...parametros))),
    ]),
  ) as R;
}

async function responder<T>(lectura: () => Promise<T>): Promise<T> {
  try {
    return await lectura();
  } catch (error) {
    throw sinRespuesta(error) || error instanceof SinConciliar
      ? new ServicioNoDisponible('the register', { cause: error })
      : error;
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
