/** The payload codec of the version before, which bound no payload to a place: what it sealed is still in Temporal after an upgrade. */
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { Cifrado } from '../../../shared/runtime/claves/cifrado.ts';

const { Payload: PayloadProto } = proto.temporal.api.common.v1;

export function createCodecAnterior(cifrado: Cifrado): PayloadCodec {
  return {
    encode: (payloads) =>
      Promise.resolve(
        payloads.map((payload): Payload => ({
          metadata: {
            encoding: Buffer.from('binary/encrypted'),
            'encryption-key-id': Buffer.from(cifrado.claveActiva),
          },
          data: cifrado.cifrar(PayloadProto.encode(payload).finish(), 'temporal.payload'),
        })),
      ),
    decode: () => Promise.reject(new Error('the version before opens nothing here')),
  };
}
