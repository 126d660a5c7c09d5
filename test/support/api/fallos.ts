/** Every failure that a client of the issuance can meet, by its name: HTTP's own and the issuance's. */
import { FALLOS as DE_EMISION } from '../../../shared/emision/fallos.ts';
import { FALLOS_HTTP } from '../../../shared/nucleo/fallos.ts';

export const FALLOS = { ...FALLOS_HTTP, ...DE_EMISION };
export type NombreDeFallo = keyof typeof FALLOS;
