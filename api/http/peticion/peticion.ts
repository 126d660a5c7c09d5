/** What is known of a request from its first byte on, whatever becomes of it. */
import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { esUuid } from '../../../shared/nucleo/uuid.ts';
import type { Trabajo } from '../../../shared/runtime/trazas/contexto.ts';
import { direccionDelCliente } from '../servidor/direccion.ts';
import { construirSobre, type Contenido } from './sobre.ts';

export interface Peticion {
  reloj: () => Date;
  /** performance.now() at arrival. */
  inicioMs: number;
  correlationId: string;
  /** What its log lines and its span are found by; the codigo, once it is known. */
  trabajo: Trabajo & { correlationId: string };
  ip: string;
  /** Path of the route's table entry, never the raw path: it labels metrics and logs. */
  ruta: string;
  /** The token's client, once it is known. */
  cliente: string | null;
}

/** Path label of what no route matched. */
export const RUTA_DESCONOCIDA = 'desconocida';

export function abrirPeticion(req: Request, res: Response, reloj: () => Date): Peticion {
  const correlationId = uuidDe(req, 'x-correlation-id') ?? randomUUID();
  const requestId = uuidDe(req, 'x-request-id');
  const peticion: Peticion = {
    reloj,
    inicioMs: performance.now(),
    correlationId,
    trabajo: { correlationId, ...(requestId !== undefined && { requestId }) },
    ip: direccionDelCliente(req),
    ruta: RUTA_DESCONOCIDA,
    cliente: null,
  };
  res.locals.peticion = peticion;
  return peticion;
}

function uuidDe(req: Request, cabecera: string): string | undefined {
  const recibido = req.headers[cabecera];
  return typeof recibido === 'string' && esUuid(recibido) ? recibido : undefined;
}

export function peticionDe(res: Response): Peticion {
  return res.locals.peticion as Peticion;
}

/** Sends the envelope. Nothing in it may be kept by a cache: it names a citizen. */
export function responder(
  res: Response,
  statusCode: number,
  contenido: Contenido,
  cabeceras: Record<string, string> = {},
): void {
  const { correlationId, reloj, inicioMs } = peticionDe(res);
  const meta = { correlationId, ahora: reloj(), tiempoMs: performance.now() - inicioMs };
  const cuerpo = Buffer.from(JSON.stringify(construirSobre(statusCode, contenido, meta)));
  res.status(statusCode).set({
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': String(cuerpo.length),
    'Cache-Control': 'no-store',
    ...cabeceras,
  });
  // Not by res.json(): express would answer a request with If-None-Match by a 304 without envelope.
  res.end(cuerpo);
}
