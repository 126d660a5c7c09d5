/** The headers of the core specification that a submission needs beside Authorization and Content-Type. */
import type { IncomingMessage } from 'node:http';
import { faltasDeTexto } from '../../../shared/nucleo/texto.ts';

export interface CabecerasDeEmision {
  correlationId: string;
  requestId: string;
  oficina: string;
  dispositivo: string;
  canal: string;
}

/** Any UUID of RFC 9562, whatever its version. */
export function esUuid(valor: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(valor);
}

/** Reads all five and adds what is wrong with each to `faltas`; a value at fault is an empty text. */
export function leerCabeceras(req: IncomingMessage, faltas: string[]): CabecerasDeEmision {
  const leer = (nombre: string, faltasDe: (valor: string) => string[]): string => {
    const [recibido, ...repetidos] = req.headersDistinct[nombre.toLowerCase()] ?? [];
    const valor = recibido === undefined ? '' : decodificar(recibido);
    const propias =
      recibido === undefined
        ? ['es obligatoria']
        : repetidos.length > 0
          ? ['aparece más de una vez']
          : faltasDe(valor);
    faltas.push(...propias.map((falta) => `${nombre}: ${falta}`));
    return propias.length === 0 ? valor : '';
  };
  const uuid = (valor: string) => (esUuid(valor) ? [] : ['debe ser un UUID']);
  const texto = (valor: string) => faltasDeTexto(valor, 1, 50);
  return {
    correlationId: leer('X-Correlation-ID', uuid),
    // UUIDs are equal in either case; a repeat is recognised by the lower-case one.
    requestId: leer('X-Request-ID', uuid).toLowerCase(),
    oficina: leer('X-Office-Code', texto),
    dispositivo: leer('X-Device-ID', texto),
    canal: leer('X-Channel', texto),
  };
}

/**
 * Node gives a header's bytes as Latin-1. Most clients send UTF-8 (Cañete), some Latin-1: what is valid UTF-8 is read as
 * UTF-8.
 */
function decodificar(valor: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(valor, 'latin1'));
  } catch {
    return valor;
  }
}
