/** Sends a request and follows it to its end, showing the steps as they pass. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient, IssuedCertificate, Envelope, TransactionData } from '../api-client/api-client.ts';
import { createStepProgress } from './step-progress.ts';

const CONSULTA_CADA_MS = 250;
/** Longest silence of the API that is waited out: it may be starting again. */
const SILENCIO_MAX_MS = 60_000;

/** The issuance ended badly, or nothing could begin: the words of the envelope's `error`. */
class EmisionFallida extends Error {
  constructor({ statusCode, message, error }: Envelope) {
    const titulo = error ? `${error.tipo}: ${error.titulo}` : message;
    const detalles = error?.errores.map(({ detalleError }) => `\n  - ${detalleError}`) ?? [];
    super(`${statusCode} ${titulo}${detalles.join('')}`);
    this.name = 'EmisionFallida';
  }
}

/**
 * Answers the certificates.
 * @throws EmisionFallida with the error's words
 */
export async function issue(
  api: ApiClient,
  codigo: string,
  solicitud: unknown,
  mostrar: (linea: string) => void,
): Promise<IssuedCertificate[]> {
  const avance = createStepProgress();
  const mostrarPasos = (data: TransactionData) => {
    avance(data.pasosProceso).forEach(mostrar);
  };
  const respuesta = await followWhile(api.emitir(solicitud), api, codigo, mostrarPasos);
  const { data } = respuesta;
  if (!data) throw new EmisionFallida(respuesta);
  mostrarPasos(data);
  // The state, not the code, tells whether to wait (docs/status-codes.md).
  if (data.transaccion.estado !== 'EN_PROCESO') return certificatesOf(respuesta);
  mostrar(`${respuesta.statusCode} ${respuesta.message}: sigue en proceso, se espera su final.`);
  return certificatesOf(await followToTheEnd(api, codigo, mostrarPasos));
}

/** Asks for the steps while the POST waits for its answer. */
async function followWhile(
  emision: Promise<Envelope>,
  api: ApiClient,
  codigo: string,
  mostrarPasos: (data: TransactionData) => void,
): Promise<Envelope> {
  const respondida = emision.then(
    () => 'RESPONDIDA' as const,
    () => 'RESPONDIDA' as const,
  );
  while ((await Promise.race([respondida, pause(CONSULTA_CADA_MS)])) !== 'RESPONDIDA') {
    // A codigo that is not there yet, or that failed before, says nothing of this POST; nor does a GET that fails.
    const vista = await api.consultar(codigo).catch(() => null);
    if (vista?.data?.transaccion.estado === 'EN_PROCESO') mostrarPasos(vista.data);
  }
  return emision;
}

async function followToTheEnd(
  api: ApiClient,
  codigo: string,
  mostrarPasos: (data: TransactionData) => void,
): Promise<Envelope> {
  let ultimaRespuesta = Date.now();
  for (;;) {
    await pause(CONSULTA_CADA_MS);
    try {
      const vista = await api.consultar(codigo);
      if (vista.data) {
        ultimaRespuesta = Date.now();
        mostrarPasos(vista.data);
        if (vista.data.transaccion.estado !== 'EN_PROCESO') return vista;
      } else if (Date.now() - ultimaRespuesta > SILENCIO_MAX_MS) throw new EmisionFallida(vista);
    } catch (error) {
      if (error instanceof EmisionFallida || Date.now() - ultimaRespuesta > SILENCIO_MAX_MS) throw error;
    }
  }
}

function certificatesOf(respuesta: Envelope): IssuedCertificate[] {
  if (respuesta.data?.transaccion.estado !== 'COMPLETADO') throw new EmisionFallida(respuesta);
  return respuesta.data.certificados;
}
