/** A token's client as the register knows it: by a keyed hash, since a subject may be a person's document. */
import type { Huella } from '../../shared/runtime/cifrado.ts';
import type { Identidad } from './token.ts';

/** Whom an issuance belongs to that is asked for with this token. */
export function clienteDe(huella: Huella, { cliente, sujeto }: Identidad): string {
  return cliente === null ? huella('cliente-sujeto', sujeto) : huella('cliente', cliente);
}

/** Whose issuances this token may read: its client's; undefined: everybody's. */
export function clienteLegible(huella: Huella, quien: Identidad): string | undefined {
  return quien.permisos.has('certificados:consultar-todas') ? undefined : clienteDe(huella, quien);
}
