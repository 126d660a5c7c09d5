/** The register, as requests read it: a database that does not answer is 503, not a fault of ours. */
import { BaseSinRespuesta } from '../../../shared/nucleo/base-sin-respuesta.ts';
import { ServicioNoDisponible } from '../../../shared/nucleo/servicio-no-disponible.ts';
import { createGuardaDeParte } from './parte-caida.ts';

type Lectura = (...parametros: never[]) => Promise<unknown>;

/**
 * The same functions; what fails for want of a database throws ServicioNoDisponible.
 * @param esPasajero an error of the register's own that passes by itself, too
 */
export function registroQueResponde<R extends Record<keyof R, Lectura>>(
  registro: R,
  esPasajero: (error: unknown) => boolean = () => false,
): R {
  const pedir = createGuardaDeParte({ parte: 'the register', noResponde: sinRespuesta });
  const responder = async <T>(lectura: () => Promise<T>): Promise<T> => {
    try {
      return await lectura();
    } catch (error) {
      throw sinRespuesta(error) || esPasajero(error)
        ? new ServicioNoDisponible('the register', { cause: error })
        : error;
    }
  };
  return Object.fromEntries(
    Object.entries<Lectura>(registro).map(([nombre, lectura]) => [
      nombre,
      (...parametros: never[]) => responder(() => pedir(() => lectura(...parametros))),
    ]),
  ) as R;
}

/** Nothing came back, or SQLSTATE classes 08 (connection), 53 (resources), 57 (shutdown, timeout). */
function sinRespuesta(error: unknown): boolean {
  if (error instanceof BaseSinRespuesta) return true;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^(08|53|57)[0-9A-Z]{3}$/.test(code);
}
