/** What a client is told of the audit log's failures. */
import { fallo, tablaDeFallos } from '../nucleo/fallos.ts';

export const FALLOS = tablaDeFallos({
  SOLICITUD_NO_ENCONTRADA: fallo(404, 'SOLICITUD_NO_ENCONTRADA', 'La bitácora no tiene lo que se pidió'),
});
