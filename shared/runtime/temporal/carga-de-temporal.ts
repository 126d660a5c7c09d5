/** Payloads and failures that are read where the SDK does not read them itself: histories, pending activities. */
import {
  ApplicationFailure,
  type LoadedDataConverter,
  type Payload,
  type SerializationContext,
} from '@temporalio/common';
import type proto from '@temporalio/proto';

type Payloads = proto.temporal.api.common.v1.IPayloads | null | undefined;
type Fallo = proto.temporal.api.failure.v1.IFailure;

/** @returns a CargaRechazada in the place of what is not sealed for `lugar` */
export async function abrirCargas(
  converter: LoadedDataConverter,
  payloads: Payloads,
  lugar: SerializationContext,
): Promise<unknown[]> {
  const abiertas = await abrir(converter, payloads?.payloads ?? [], lugar);
  return abiertas.map((payload) => converter.payloadConverter.fromPayload(payload, lugar));
}

/** @returns null where it is no failure that code of ours threw, or none that it sealed for `lugar` */
export async function abrirFallo(
  converter: LoadedDataConverter,
  failure: Fallo | null | undefined,
  lugar: SerializationContext,
): Promise<ApplicationFailure | null> {
  const { applicationFailureInfo: info, encodedAttributes } = failure ?? {};
  if (!failure || !info || !encodedAttributes) return null;
  const [atributos] = await abrir(converter, [encodedAttributes], lugar);
  const payloads = await abrir(converter, info.details?.payloads ?? [], lugar);
  const abierto = {
    ...failure,
    cause: null,
    encodedAttributes: atributos ?? null,
    applicationFailureInfo: { ...info, details: { payloads } },
  };
  const error = converter.failureConverter.failureToError(abierto, converter.payloadConverter, lugar);
  return error instanceof ApplicationFailure && error.type === info.type ? error : null;
}

async function abrir(
  { payloadCodecs }: LoadedDataConverter,
  payloads: Payload[],
  lugar: SerializationContext,
): Promise<Payload[]> {
  let abiertas = payloads;
  for (const codec of payloadCodecs.toReversed()) abiertas = await codec.decode(abiertas, lugar);
  return abiertas;
}
