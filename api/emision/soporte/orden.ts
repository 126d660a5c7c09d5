/** What every act of support says: why, and in whose name. */
import type { Response } from 'express';
import type { OrdenDeReejecucion } from '../../../shared/emision/servicio-emision.ts';
import { texto } from '../../../shared/emision/texto.ts';
import { peticionDe } from '../../http/peticion.ts';
import type { Identidad } from '../../http/token.ts';

export const motivo = texto(1, 500).meta({
  description: 'Por qué; queda en la bitácora de auditoría',
  examples: ['La PKI ya responde'],
});

export function solicitanteDe(res: Response, { sujeto }: Identidad): OrdenDeReejecucion['solicitante'] {
  const { ip, correlationId } = peticionDe(res);
  return { usuarioEjecutor: sujeto, ipCliente: ip, correlationId };
}
