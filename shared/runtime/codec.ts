/**
 * Everything that Temporal stores of a run (inputs, results, memo, queries, failures) is encrypted before it leaves.
 * In clear stay only the texts written for operators: what an operator must read without any key.
 */
import { fileURLToPath } from 'node:url';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { Cifrado } from './cifrado.ts';

const { Payload: PayloadProto } = proto.temporal.api.common.v1;
const CODIFICACION = 'binary/encrypted';
const METADATO_DE_CLAVE = 'encryption-key-id';
const CONTEXTO = 'temporal.payload';

/** Id of the key that a payload is encrypted under; null where it is in clear. */
export function claveDe({ metadata }: Payload): string | null {
  const id = metadata?.[METADATO_DE_CLAVE];
  return id ? Buffer.from(id).toString() : null;
}

export function createPayloadCodec(cifrado: Cifrado): PayloadCodec {
  const metadata = {
    encoding: Buffer.from(CODIFICACION),
    [METADATO_DE_CLAVE]: Buffer.from(cifrado.claveActiva),
  };
  return {
    encode: (payloads) =>
      Promise.resolve(
        payloads.map((payload) =>
          esParaOperadores(payload)
            ? payload
            : { metadata, data: cifrado.cifrar(PayloadProto.encode(payload).finish(), CONTEXTO) },
        ),
      ),
    decode: (payloads) =>
      Promise.resolve(
        payloads.map((payload): Payload => {
          const codificacion = payload.metadata?.['encoding'];
          if (!codificacion || Buffer.from(codificacion).toString() !== CODIFICACION) return payload;
          return PayloadProto.decode(cifrado.descifrar(payload.data ?? new Uint8Array(), CONTEXTO));
        }),
      ),
  };
}

/** Begins every text that workflow code writes for operators (summaries); no data of a person is ever part of one. */
const MARCA = '▸ ';

/** Longer than any text for operators; a payload beyond it is not worth parsing. */
const TEXTO_MAXIMO_BYTES = 8_192;

/**
 * A summary: a bare text with the mark, where all data of ours are objects or lists. Or the answer to the query by which
 * Temporal's UI asks for a run's current details.
 */
function esParaOperadores({ metadata, data }: Payload): boolean {
  if (!data || data.length > TEXTO_MAXIMO_BYTES) return false;
  if (Buffer.from(metadata?.['encoding'] ?? []).toString() !== 'json/plain') return false;
  const valor: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
  if (typeof valor === 'string') return valor.startsWith(MARCA);
  return esDetalleParaLaUi(valor);
}

/** temporal.api.sdk.v1.WorkflowMetadata, as the SDK answers `__temporal_workflow_metadata`. */
function esDetalleParaLaUi(valor: unknown): boolean {
  if (typeof valor !== 'object' || valor === null) return false;
  const { definition, ...resto } = valor as { definition?: { queryDefinitions?: unknown } };
  return Array.isArray(definition?.queryDefinitions) && Object.keys(resto).join() === 'currentDetails';
}

/** Path, not value: the same module is also bundled into the workflows. */
export const FAILURE_CONVERTER_PATH = fileURLToPath(new URL('./failure-converter.cjs', import.meta.url));

export function createDataConverter(cifrado: Cifrado): DataConverter {
  return { payloadCodecs: [createPayloadCodec(cifrado)], failureConverterPath: FAILURE_CONVERTER_PATH };
}
