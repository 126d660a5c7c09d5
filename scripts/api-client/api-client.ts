/** The API as one of its clients sees it: the POST of an issuance and the GET of one codigo. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { PREFIJO } from '../../api/prefijo.ts';

/** Above the API's own wait for the result. */
const POST_LIMIT_MS = 120_000;
const GET_LIMIT_MS = 10_000;

const paso = z.object({
  estado: z.string(),
  fechaInicio: z.string().nullable(),
  fechaFin: z.string().nullable(),
  intentos: z.number(),
});

const certificado = z.object({
  // Becomes a file's name.
  tipoCertificado: z.string().regex(/^[A-Z0-9_]+$/),
  numeroSerie: z.string(),
  fechaVencimiento: z.string(),
  certificadoBase64: z.string(),
});

const datos = z.object({
  transaccion: z.object({ estado: z.enum(['EN_PROCESO', 'COMPLETADO', 'FALLIDO']) }),
  certificados: z.array(certificado),
  pasosProceso: z.object({ paso1GeneracionClaves: paso, paso2EmisionCertificado: paso }),
});

/** What is read of the envelope (core specification, 3.1.1.2). */
const sobre = z.object({
  statusCode: z.number(),
  message: z.string(),
  data: datos.nullish(),
  error: z
    .object({
      tipo: z.string(),
      titulo: z.string(),
      errores: z.array(z.object({ detalleError: z.string() })).default([]),
    })
    .nullish(),
});

export type Envelope = z.infer<typeof sobre>;
export type TransactionData = z.infer<typeof datos>;
export type IssuedCertificate = z.infer<typeof certificado>;
export type StepsSeen = TransactionData['pasosProceso'];

export interface ApiClient {
  /** X-Correlation-ID of what it sends: what `npm run seguir` finds it by. */
  correlationId: string;
  /** @throws Error in Spanish where nobody answers or the answer is not the envelope */
  emitir(solicitud: unknown): Promise<Envelope>;
  consultar(codigoSolicitudTramite: string): Promise<Envelope>;
}

export function createApiClient(apiUrl: string, token: string): ApiClient {
  const authorization = `Bearer ${token}`;
  const correlationId = randomUUID();

  async function pedir(ruta: string, peticion: RequestInit): Promise<Envelope> {
    let respuesta: Response;
    try {
      respuesta = await fetch(`${apiUrl}${PREFIJO}${ruta}`, peticion);
    } catch (cause) {
      throw new Error(`El API no responde en ${apiUrl}: ¿está en marcha (npm start)?`, { cause });
    }
    const texto = await respuesta.text();
    try {
      return sobre.parse(JSON.parse(texto));
    } catch (cause) {
      throw new Error(`El API respondió ${respuesta.status} sin el sobre esperado: ${texto.slice(0, 500)}`, {
        cause,
      });
    }
  }

  return {
    correlationId,
    emitir: (solicitud) =>
      pedir('/obtener-certificado-digital', {
        method: 'POST',
        signal: AbortSignal.timeout(POST_LIMIT_MS),
        headers: {
          authorization,
          'content-type': 'application/json',
          'x-correlation-id': correlationId,
          'x-request-id': randomUUID(),
          'x-office-code': 'LIMA-CENTRO',
          'x-device-id': 'PC-001',
          'x-channel': 'CONSOLA',
        },
        body: JSON.stringify(solicitud),
      }),
    consultar: (codigo) =>
      pedir(`/solicitudes/${encodeURIComponent(codigo)}`, {
        signal: AbortSignal.timeout(GET_LIMIT_MS),
        headers: { authorization },
      }),
  };
}
