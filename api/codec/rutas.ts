/**
 * POST /decode: what Temporal's command line and UI ask a codec server for (docs.temporal.io, "Codec Server"). There is no
 * /encode: nothing that is typed there is this service's.
 */
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Payload } from '@temporalio/common';
import { EXITOS } from '../../shared/nucleo/fallos.ts';
import type { Identidad } from '../http/acceso/token.ts';
import { leerCuerpo } from '../http/peticion/cuerpo.ts';
import { peticionDe } from '../http/peticion/peticion.ts';
import type { Ruta } from '../http/peticion/ruta.ts';
import type { createDescifrado } from './descifrado.ts';
import { DATOS_PERSONALES, DESCIFRAR } from './permisos.ts';

/** Of a message of Temporal (4 MB), in Base64. */
const CUERPO_MAX_BYTES = 6 * 1024 * 1024;
/** A page of the UI asks for one, a history on the command line for some hundred. */
const CARGAS_MAX = 1_000;

const base64 = z.base64();
/** temporal.api.common.v1.Payloads, in the JSON of protobuf. */
const esquema = z.object({
  payloads: z
    .array(
      z.object({
        metadata: z.record(z.string(), base64).optional(),
        data: base64.nullable().optional(),
      }),
    )
    .max(CARGAS_MAX),
});

/** @param desdeOrigen of Temporal's UI */
export function rutasDelCodec(
  descifrar: ReturnType<typeof createDescifrado>,
  desdeOrigen: string | undefined,
): Ruta[] {
  return [
    {
      metodo: 'POST',
      path: '/decode',
      permiso: DESCIFRAR,
      desdeOrigen,
      async atender(req: Request, res: Response, quien: Identidad) {
        const { payloads } = await leerCuerpo(req, esquema, [], CUERPO_MAX_BYTES);
        const lector = {
          quien: { usuarioEjecutor: quien.sujeto, ipCliente: peticionDe(res).ip },
          conDatosPersonales: quien.permisos.has(DATOS_PERSONALES),
        };
        const abiertas = await descifrar(payloads.map(deJson), lector);
        res
          .status(EXITOS.CONSULTADO)
          .set('Cache-Control', 'no-store')
          .json({ payloads: abiertas.map(aJson) });
      },
    },
  ];
}

interface CargaEnJson {
  metadata?: Record<string, string> | undefined;
  data?: string | null | undefined;
}

function deJson({ metadata = {}, data }: CargaEnJson): Payload {
  return {
    metadata: Object.fromEntries(
      Object.entries(metadata).map(([nombre, valor]) => [nombre, Buffer.from(valor, 'base64')]),
    ),
    data: Buffer.from(data ?? '', 'base64'),
  };
}

function aJson({ metadata, data }: Payload): CargaEnJson {
  return {
    metadata: Object.fromEntries(
      Object.entries(metadata ?? {}).map(([nombre, valor]) => [
        nombre,
        Buffer.from(valor).toString('base64'),
      ]),
    ),
    data: Buffer.from(data ?? []).toString('base64'),
  };
}
