/** A token's client as the register knows it: by a keyed hash, since a subject may be a person's document. */
import { z } from 'zod';
import type { Huella } from '../../../shared/runtime/claves/cifrado.ts';
import { paraTodas, type Identidad, type Permiso } from './token.ts';

/** Whom that belongs to which is asked for with this token. */
export function clienteDe(huella: Huella, { cliente, sujeto }: Identidad): string {
  return cliente === null ? huella('cliente-sujeto', sujeto) : huella('cliente', cliente);
}

/**
 * Whose this token may read: its client's; undefined: everybody's.
 * @param permiso by which it reads, of the form `X:consultar`
 */
export function clienteLegible(huella: Huella, quien: Identidad, permiso: Permiso): string | undefined {
  const todas = paraTodas(permiso);
  return todas !== null && quien.permisos.has(todas) ? undefined : clienteDe(huella, quien);
}

/** Told with what was looked for among many: where nothing is found, of whom there is nothing. */
export const alcance = z.enum(['propias', 'todas']).meta({
  id: 'Alcance',
  description:
    '`propias`: sólo entre las que este cliente envió. `todas`: el token las lee, o las ejecuta, todas',
});

/** @param lector as clienteLegible tells */
export function alcanceDe(lector: string | undefined): z.infer<typeof alcance> {
  return lector === undefined ? 'todas' : 'propias';
}
