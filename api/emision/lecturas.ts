/** What the issuance's routes read of the register. */
import type { Registro } from '../../shared/registro/emision/registro.ts';
import type { RegistroDeSoporte } from '../../shared/registro/emision/registro-de-soporte.ts';

export type LecturasDeRegistro = Pick<
  Registro,
  'leer' | 'leerCertificados' | 'conciliar' | 'restaurar' | 'hayOtraPeticionEnProceso'
>;
export type ReejecucionesDeRegistro = Pick<RegistroDeSoporte, 'prepararReejecucion'>;
