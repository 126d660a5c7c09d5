/** The register, as requests read it: a database that does not answer is 503, not a fault of ours. */
import { BaseSinRespuesta } from '../../../shared/nucleo/base-sin-respuesta.ts';
import { ServicioNoDisponible } from '../../../shared/nucleo/servicio-no-disponible.ts';
import { createGuardaDeParte } from './parte-caida.ts';

type Lectura = (...parametros: never[]) => Promise<unknown>;

/**
 * Makes of a part of the register the same functions; what fails for want of a database throws ServicioNoDisponible. All
 * parts that one caller makes are one register: it is down for all of them or for none.
 * @param esPasajero an error of the register's own that passes by itself, too
 */
export function createRegistroQueResponde(
  esPasajero: (error: unknown) => boolean = () => false,
): <R extends Record<keyof R, Lectura>>(registro: R) => R {
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
  return <R extends Record<keyof R, Lectura>>(registro: R) =>
    Object.fromEntries(
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
