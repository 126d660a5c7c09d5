/**
 * Everything that Temporal stores of a run (inputs, results, memo, heartbeats, queries, failures) is sealed before it
 * leaves: encrypted, and bound to the place that it is made for. Temporal is a carrier: what it brings and is not sealed
 * for that very place comes out as a CargaRechazada. In clear stay only the texts written for operators (ADR 44).
 */
import { fileURLToPath } from 'node:url';
import {
  defaultPayloadConverter,
  type DataConverter,
  type Payload,
  type PayloadCodec,
  type SerializationContext,
} from '@temporalio/common';
import proto from '@temporalio/proto';
import type { CargaRechazada, MotivoDeRechazo } from '../../nucleo/ejecuciones/carga-rechazada.ts';
import { comoJson } from '../../nucleo/json.ts';
import { Ilegible, type Cifrado } from '../claves/cifrado.ts';

const { Payload: PayloadProto } = proto.temporal.api.common.v1;
const CODIFICACION = 'binary/encrypted';
const METADATO_DE_CLAVE = 'encryption-key-id';
/** In clear too, for whoever opens a payload without being told its place: the codec server of the UI. */
const METADATO_DE_LUGAR = 'sealed-for';
const CONTEXTO = 'temporal.payload';

/** The place that a sealed payload says it is for, which only opening it proves; null where it says none. */
export function lugarEnClaro(payload: Payload): { workflowId: string } | null {
  if (metadato(payload, 'encoding') !== CODIFICACION) return null;
  const lugar = comoJson(metadato(payload, METADATO_DE_LUGAR) ?? '');
  const workflowId: unknown = Array.isArray(lugar) ? lugar[2] : undefined;
  return { workflowId: typeof workflowId === 'string' ? workflowId : '' };
}

/** Marks a payload of a version that bound none to a place: its content has to prove itself in another way. */
const METADATO_SIN_LUGAR = 'sealed-without-place';

/** Id of the key that a payload is encrypted under; null where it is in clear. */
export function claveDe(payload: Payload): string | null {
  return metadato(payload, METADATO_DE_CLAVE);
}

export function createPayloadCodec(cifrado: Cifrado): PayloadCodec {
  const sellar = (payload: Payload, lugar: string): Payload => ({
    metadata: {
      encoding: Buffer.from(CODIFICACION),
      [METADATO_DE_CLAVE]: Buffer.from(cifrado.claveActiva),
      [METADATO_DE_LUGAR]: Buffer.from(lugar),
    },
    data: cifrado.cifrar(PayloadProto.encode(payload).finish(), contextoDe(lugar)),
  });

  const abrir = (payload: Payload, esperado: string | null): Payload => {
    if (metadato(payload, 'encoding') !== CODIFICACION)
      return esperado === null && esParaOperadores(payload) ? enClaro(payload) : rechazada('SIN_SELLO');
    const lugar = metadato(payload, METADATO_DE_LUGAR);
    if (lugar !== null && esperado !== null && lugar !== esperado) return rechazada('DE_OTRO_LUGAR');
    try {
      const claro = PayloadProto.decode(
        cifrado.descifrar(payload.data ?? new Uint8Array(), lugar === null ? CONTEXTO : contextoDe(lugar)),
      );
      return lugar === null ? sinLugar(claro) : claro;
    } catch (error) {
      // A key that is not in the ring may come back: until then nothing can be said of what it sealed.
      if (error instanceof Ilegible && error.clave !== null && !cifrado.claves.includes(error.clave))
        throw error;
      return rechazada('NO_ABRE');
    }
  };

  return {
    encode: (payloads, context) =>
      Promise.resolve(
        payloads.map((payload) =>
          esParaOperadores(payload) ? payload : sellar(payload, lugarDe(context) ?? ''),
        ),
      ),
    // In a promise, so that what it throws is a rejection.
    decode: async (payloads, context) => {
      const lugar = lugarDe(context);
      return Promise.resolve(payloads.map((payload) => abrir(payload, lugar)));
    },
  };
}

function contextoDe(lugar: string): string {
  return `${CONTEXTO}\0${lugar}`;
}

/**
 * The place of a payload: the kind of its owner, namespace and workflow id. Not the run: a reset takes what came before
 * into the next one. Null where the SDK does not say.
 */
function lugarDe(context: SerializationContext | undefined): string | null {
  return context
    ? JSON.stringify([context.type, context.namespace, deLaFamilia(context.workflowId ?? '')])
    : null;
}

/**
 * The runs of a Schedule share one place: Temporal makes their ids of the one that the Schedule's memo was sealed for,
 * and hands each the result of the last. Every other id of ours has a slash.
 */
function deLaFamilia(workflowId: string): string {
  return workflowId.includes('/') ? workflowId : workflowId.replace(/-\d{4}-\d\d-\d\dT[\d:.]+Z$/, '');
}

function rechazada(cargaRechazada: MotivoDeRechazo): Payload {
  return defaultPayloadConverter.toPayload({ cargaRechazada } satisfies CargaRechazada);
}

/** Keeps of its metadata only how it is encoded: the rest is whatever its sender likes. */
function enClaro({ metadata, data }: Payload): Payload {
  return { metadata: { encoding: metadata?.['encoding'] ?? new Uint8Array() }, data: data ?? null };
}

function sinLugar({ metadata, data }: Payload): Payload {
  return { metadata: { ...metadata, [METADATO_SIN_LUGAR]: new Uint8Array([1]) }, data: data ?? null };
}

function metadato({ metadata }: Payload, nombre: string): string | null {
  const valor = metadata?.[nombre];
  return valor ? Buffer.from(valor).toString() : null;
}

/** Begins every text that workflow code writes for operators (summaries); no data of a person is ever part of one. */
const MARCA = '▸ ';

/** Longer than any text for operators; a payload beyond it is not worth parsing. */
const TEXTO_MAXIMO_BYTES = 8_192;

/**
 * Whether it is for operators: a summary, which is a bare text with the mark, where all data of ours are objects or
 * lists; or the answer to the query by which Temporal's UI asks for a run's current details. These leave in clear and are
 * shown as they come; in the place of a payload of ours they count for nothing.
 */
function esParaOperadores(payload: Payload): boolean {
  const { data } = payload;
  if (!data || data.length > TEXTO_MAXIMO_BYTES || metadato(payload, 'encoding') !== 'json/plain')
    return false;
  const valor = comoJson(Buffer.from(data).toString('utf8'));
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
