/** Fields of an issuance that answers of more than one route tell. */
import { z } from 'zod';
import { ESTADOS } from '../../shared/emision/emision.ts';
import { DECISIONES } from '../../shared/emision/soporte.ts';

export const codigoDeRespuesta = z
  .string()
  .meta({ description: 'El código con que SIIRC envió la solicitud' });

export const estadoDeEmision = z.enum(ESTADOS).meta({
  id: 'Estado',
  description:
    'Dice si hay que esperar (EN_PROCESO), tomar los certificados (COMPLETADO) o enviar de nuevo (FALLIDO)',
});

export const decision = z.enum(DECISIONES).meta({
  id: 'Decision',
  description:
    'NO_EMITIDO: la PKI no emitió; se puede ejecutar de nuevo y corregir. ' +
    'EMITIDO_DESCARTADO: emitió o pudo hacerlo; pasa a la lista por revocar, y sólo una nueva emisión la ejecuta de nuevo',
});
