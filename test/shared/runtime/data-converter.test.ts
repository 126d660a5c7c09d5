/** The data converter: values and failures as Temporal keeps them. */
import {
  ApplicationFailure,
  defaultPayloadConverter,
  type Payload,
  type WorkflowSerializationContext,
} from '@temporalio/common';
import {
  decodeFromPayloadsAtIndex,
  decodeOptionalFailureToOptionalError,
  encodeErrorToFailure,
  encodeToPayloads,
  encodeToPayloadsWithContext,
  loadDataConverter,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import proto from '@temporalio/proto';
import { createCifrado } from '../../../shared/runtime/claves/cifrado.ts';
import { RESUMEN_REEJECUCION } from '../../../shared/emision/textos-para-operadores.ts';
import { abrirFallo } from '../../../shared/runtime/temporal/carga-de-temporal.ts';
import { createDataConverter } from '../../../shared/runtime/temporal/codec.ts';

const clave = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const EN_EMISION: WorkflowSerializationContext = {
  type: 'workflow',
  namespace: 'default',
  workflowId: 'emision/SOL-1',
};
const SECRETO = "O'Higgins 45678912";

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

  describe('believes no failure that this service did not seal', () => {
    const propio = () =>
      encodeErrorToFailure(
        converter,
        ApplicationFailure.create({ type: 'PKI_ERROR', message: 'x', details: [['y']] }),
        EN_EMISION,
      );
    const leer = (failure: Awaited<ReturnType<typeof propio>>, lugar = EN_EMISION) =>
      decodeOptionalFailureToOptionalError(converter, failure, lugar);
    const AJENO = { type: 'FALLO_AJENO', nonRetryable: true };

    it('and each of its own as it was thrown', async () => {
      expect(await leer(await propio())).toMatchObject({ type: 'PKI_ERROR', details: [['y']] });
    });

    it.each(['CIUDADANO_NO_ENCONTRADO', 'PKI_ERROR', null])('in clear (%s)', async (type) => {
      expect(await leer({ message: 'x', applicationFailureInfo: { type } })).toMatchObject(AJENO);
    });

    it('with clear attributes beside it', async () => {
      const type = 'CIUDADANO_NO_ENCONTRADO';
      const encodedAttributes = defaultPayloadConverter.toPayload({ message: 'x', type });
      expect(await leer({ message: 'x', encodedAttributes, applicationFailureInfo: { type } })).toMatchObject(
        AJENO,
      );
    });

    it.each([EN_EMISION, undefined])(
      'with attributes that say of themselves that they were sealed (%#)',
      async (lugar) => {
        const { metadata, data } = defaultPayloadConverter.toPayload(RESUMEN_REEJECUCION);
        const encodedAttributes = {
          metadata: { ...metadata, 'sealed-without-place': new Uint8Array([1]) },
          data: data ?? null,
        };
        const falso = { message: 'x', encodedAttributes, applicationFailureInfo: { type: 'PKI_ERROR' } };
        expect(await decodeOptionalFailureToOptionalError(converter, falso, lugar)).toMatchObject(AJENO);
      },
    );

    it('under another type', async () => {
      const otro = await propio();
      const info = { ...otro.applicationFailureInfo, type: 'CIUDADANO_NO_ENCONTRADO' };
      expect(await leer({ ...otro, applicationFailureInfo: info })).toMatchObject(AJENO);
    });

    it.each<[string, object]>([
      ['in clear', { message: 'x', encodedAttributes: null }],
      ['under another type', { applicationFailureInfo: { type: 'CIUDADANO_NO_ENCONTRADO' } }],
    ])('where a history or a pending activity tells of it: %s', async (_nombre, cambios) => {
      const sellado = await propio();
      expect(await abrirFallo(converter, sellado, EN_EMISION)).toMatchObject({
        type: sellado.applicationFailureInfo?.type,
      });
      expect(await abrirFallo(converter, { ...sellado, ...cambios }, EN_EMISION)).toBeNull();
    });

    it('of another place', async () => {
      expect(await leer(await propio(), { ...EN_EMISION, workflowId: 'emision/SOL-2' })).toMatchObject(AJENO);
    });

    it('whose attributes are some other sealed value', async () => {
      const otro = await propio();
      const [encodedAttributes] =
        (await encodeToPayloadsWithContext(converter, EN_EMISION, [{ a: 1 }])) ?? [];
      expect(await leer({ ...otro, encodedAttributes: encodedAttributes ?? null })).toMatchObject(AJENO);
    });

    it('not even once it was thrown on', async () => {
      const ajeno = await leer({ message: 'x', applicationFailureInfo: { type: 'CIUDADANO_NO_ENCONTRADO' } });

      expect(await leer(await encodeErrorToFailure(converter, ajeno, EN_EMISION))).toMatchObject(AJENO);
    });
  });
});

/** As it goes over the wire. */
function enTexto(payloads: readonly Payload[]): string {
  const { Payloads } = proto.temporal.api.common.v1;
  return Buffer.from(Payloads.encode({ payloads: [...payloads] }).finish()).toString('latin1');
}
