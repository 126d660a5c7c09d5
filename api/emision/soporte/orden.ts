/** What every act of support says: why, and in whose name. */
import type { Response } from 'express';
import type { OrdenDeReejecucion } from '../../../shared/emision/reejecucion.ts';
import { texto } from '../../../shared/nucleo/texto.ts';
import { peticionDe } from '../../http/peticion/peticion.ts';
import type { Identidad } from '../../http/acceso/token.ts';

export const motivo = texto(1, 500).meta({
  description: 'Por qué; queda en la bitácora de auditoría',
  examples: ['La PKI ya responde'],
});

export function solicitanteDe(res: Response, { sujeto }: Identidad): OrdenDeReejecucion['solicitante'] {
  const { ip, correlationId } = peticionDe(res);
  return { usuarioEjecutor: sujeto, ipCliente: ip, correlationId };
}
