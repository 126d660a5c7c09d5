/** Everything that Temporal stores of a run (inputs, results, memo, queries, failures) is encrypted before it leaves. */
import { fileURLToPath } from 'node:url';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { Cifrado } from './cifrado.ts';

const { Payload: PayloadProto } = proto.temporal.api.common.v1;
const CODIFICACION = 'binary/encrypted';
const CONTEXTO = 'temporal.payload';

export function createPayloadCodec(cifrado: Cifrado): PayloadCodec {
  const metadata = {
    encoding: Buffer.from(CODIFICACION),
    'encryption-key-id': Buffer.from(cifrado.claveActiva),
  };
  return {
    encode: (payloads) =>
      Promise.resolve(
        payloads.map((payload) => ({
          metadata,
          data: cifrado.cifrar(PayloadProto.encode(payload).finish(), CONTEXTO),
        })),
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

/** Path, not value: the same module is also bundled into the workflows. */
export const FAILURE_CONVERTER_PATH = fileURLToPath(new URL('./failure-converter.cjs', import.meta.url));

export function createDataConverter(cifrado: Cifrado): DataConverter {
  return { payloadCodecs: [createPayloadCodec(cifrado)], failureConverterPath: FAILURE_CONVERTER_PATH };
}
