/** The headers of the core specification that a submission needs beside Authorization and Content-Type. */
import type { IncomingMessage } from 'node:http';
import { faltasDeTexto } from '../../../shared/nucleo/texto.ts';
import { esUuid } from '../../../shared/nucleo/uuid.ts';
import { leerCabecera } from '../../http/peticion/cabecera.ts';

export interface CabecerasDeEmision {
  correlationId: string;
  requestId: string;
  oficina: string;
  dispositivo: string;
  canal: string;
}

/** Reads all five and adds what is wrong with each to `faltas`; a value at fault is an empty text. */
export function leerCabeceras(req: IncomingMessage, faltas: string[]): CabecerasDeEmision {
  const uuid = (nombre: string) =>
    leerCabecera(req, nombre, (valor) => (esUuid(valor) ? [] : ['debe ser un UUID']), faltas);
  const texto = (nombre: string) => leerCabecera(req, nombre, (valor) => faltasDeTexto(valor, 1, 50), faltas);
  return {
    correlationId: uuid('X-Correlation-ID'),
    // UUIDs are equal in either case; a repeat is recognised by the lower-case one.
    requestId: uuid('X-Request-ID').toLowerCase(),
    oficina: texto('X-Office-Code'),
    dispositivo: texto('X-Device-ID'),
    canal: texto('X-Channel'),
  };
}
