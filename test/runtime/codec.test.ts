import { ApplicationFailure, defaultPayloadConverter, type Payload } from '@temporalio/common';
import {
  decodeFromPayloadsAtIndex,
  decodeOptionalFailureToOptionalError,
  encodeErrorToFailure,
  encodeToPayloads,
  loadDataConverter,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import proto from '@temporalio/proto';
import { createCifrado } from '../../shared/runtime/cifrado.ts';
import { RESUMEN_EMISION, RESUMEN_PASOS } from '../../shared/emision/textos-para-operadores.ts';
import { createDataConverter, createPayloadCodec } from '../../shared/runtime/codec.ts';

const clave = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const SECRETO = "O'Higgins 45678912";

describe('the payload codec', () => {
  const viejo = createCifrado(`viejo:${clave(1)}`);
  const codec = createPayloadCodec(viejo);

  it('encrypts data and metadata whole, under a named key, and gives them back', async () => {
    const claros = [
      defaultPayloadConverter.toPayload({ nombre: SECRETO }),
      defaultPayloadConverter.toPayload(null),
      defaultPayloadConverter.toPayload(new Uint8Array([1, 2, 3])),
    ];

    const cifrados = await codec.encode(claros);

    expect(cifrados.map(({ metadata }) => texto(metadata?.['encoding']))).toEqual(
      Array(3).fill('binary/encrypted'),
    );
    expect(cifrados.map(({ metadata }) => texto(metadata?.['encryption-key-id']))).toEqual(
      Array(3).fill('viejo'),
    );
    expect(enTexto(cifrados)).not.toContain(SECRETO);
    expect(enTexto(cifrados)).not.toContain('json/plain');
    const descifrados = await codec.decode(cifrados);
    expect(descifrados.map((payload) => defaultPayloadConverter.fromPayload(payload))).toEqual([
      { nombre: SECRETO },
      null,
      new Uint8Array([1, 2, 3]),
    ]);
  });

  it('opens what was written under a key that has rotated', async () => {
    const cifrados = await codec.encode([defaultPayloadConverter.toPayload(SECRETO)]);

    const rotado = createPayloadCodec(createCifrado(`nuevo:${clave(2)},viejo:${clave(1)}`));

    const [payload] = await rotado.decode(cifrados);
    expect(payload && defaultPayloadConverter.fromPayload(payload)).toBe(SECRETO);
    const [otro] = await rotado.encode([defaultPayloadConverter.toPayload(SECRETO)]);
    expect(texto(otro?.metadata?.['encryption-key-id'])).toBe('nuevo');
  });

  it('opens nothing under a key that it does not hold, or that was changed', async () => {
    const [cifrado] = await codec.encode([defaultPayloadConverter.toPayload(SECRETO)]);
    const alterado: Payload = { ...cifrado, data: Buffer.from(cifrado?.data ?? []).fill(0, 40) };

    const decodificar = async (clavesDelLector: string, payload: Payload | undefined) =>
      createPayloadCodec(createCifrado(clavesDelLector)).decode(payload ? [payload] : []);

    await expect(decodificar(`otro:${clave(1)}`, cifrado)).rejects.toThrow('"viejo"');
    await expect(decodificar(`viejo:${clave(2)}`, cifrado)).rejects.toThrow();
    await expect(decodificar(`viejo:${clave(1)}`, { ...cifrado, data: null })).rejects.toThrow();
    await expect(decodificar(`viejo:${clave(1)}`, alterado)).rejects.toThrow();
  });

  it('leaves in clear what operators must read, and nothing that only looks like it', async () => {
    const detalles = { definition: { type: 'w', queryDefinitions: [] }, currentDetails: '**EN_PROCESO**' };
    const publicos = [RESUMEN_EMISION, RESUMEN_PASOS[1], RESUMEN_PASOS[2], detalles];
    const reservados = [
      SECRETO,
      { nota: RESUMEN_EMISION },
      { ...detalles, nombre: SECRETO },
      'x'.repeat(9_000),
    ];

    const enClaro = await codec.encode(publicos.map((valor) => defaultPayloadConverter.toPayload(valor)));
    const cifrados = await codec.encode(reservados.map((valor) => defaultPayloadConverter.toPayload(valor)));

    expect(enClaro.map((payload) => defaultPayloadConverter.fromPayload(payload))).toEqual(publicos);
    expect(cifrados.map(({ metadata }) => texto(metadata?.['encoding']))).toEqual(
      reservados.map(() => 'binary/encrypted'),
    );
  });

  it('passes on what is not encrypted, as it came', async () => {
    const claro = defaultPayloadConverter.toPayload('de otro cliente');
    const sinMetadatos: Payload = { data: Buffer.from('x') };

    await expect(codec.decode([claro, sinMetadatos])).resolves.toEqual([claro, sinMetadatos]);
  });
});

describe('the data converter', () => {
  const converter = loadDataConverter(createDataConverter(createCifrado(`k:${clave(1)}`)));

  it('encrypts what a workflow is given', async () => {
    const payloads = await encodeToPayloads(converter, { nombre: SECRETO });

    expect(enTexto(payloads ?? [])).not.toContain(SECRETO);
    await expect(decodeFromPayloadsAtIndex(converter, 0, payloads)).resolves.toEqual({ nombre: SECRETO });
  });

  it('encrypts message, stack and details of a failure, and of its cause', async () => {
    const error = ApplicationFailure.create({
      type: 'CIUDADANO_NO_ENCONTRADO',
      message: `no existe ${SECRETO}`,
      details: [{ nombre: SECRETO }],
      cause: new Error(`dijo ${SECRETO}`),
    });

    const failure = await encodeErrorToFailure(converter, error);

    const { Failure } = proto.temporal.api.failure.v1;
    expect(Buffer.from(Failure.encode(failure).finish()).toString('latin1')).not.toContain(SECRETO);
    expect(failure.applicationFailureInfo?.type).toBe('CIUDADANO_NO_ENCONTRADO');
    const leido = await decodeOptionalFailureToOptionalError(converter, failure);
    expect(leido).toMatchObject({ message: `no existe ${SECRETO}`, details: [{ nombre: SECRETO }] });
    expect(leido?.cause).toMatchObject({ message: `dijo ${SECRETO}` });
  });
});

function texto(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}

/** As it goes over the wire. */
function enTexto(payloads: readonly Payload[]): string {
  const { Payloads } = proto.temporal.api.common.v1;
  return Buffer.from(Payloads.encode({ payloads: [...payloads] }).finish()).toString('latin1');
}
