/** The codec of payloads: what it seals, for which place, and what it refuses. */
import {
  defaultPayloadConverter,
  type Payload,
  type SerializationContext,
  type WorkflowSerializationContext,
} from '@temporalio/common';
import proto from '@temporalio/proto';
import { createCifrado } from '../../../shared/runtime/claves/cifrado.ts';
import { RESUMEN_REEJECUCION, RESUMEN_PASOS } from '../../../shared/emision/textos-para-operadores.ts';
import { createPayloadCodec } from '../../../shared/runtime/temporal/codec.ts';
import { createCodecAnterior } from '../../support/emision/codec-anterior.ts';

const clave = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const EN_EMISION: WorkflowSerializationContext = {
  type: 'workflow',
  namespace: 'default',
  workflowId: 'emision/SOL-1',
};
const SECRETO = "O'Higgins 45678912";

/** As a run answers Temporal's UI. */
const DETALLES = { definition: { type: 'w', queryDefinitions: [] }, currentDetails: '**EN_PROCESO**' };

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
      leidos(await createPayloadCodec(createCifrado(clavesDelLector)).decode(payload ? [payload] : []));

    // A key that is not in the ring may come back to it: nothing is said of what it sealed.
    await expect(decodificar(`otro:${clave(1)}`, cifrado)).rejects.toThrow('"viejo"');
    for (const roto of [
      await decodificar(`viejo:${clave(2)}`, cifrado),
      await decodificar(`viejo:${clave(1)}`, { ...cifrado, data: null }),
      await decodificar(`viejo:${clave(1)}`, alterado),
    ])
      expect(roto).toEqual([{ cargaRechazada: 'NO_ABRE' }]);
  });

  it('leaves in clear what operators must read, and nothing that only looks like it', async () => {
    const publicos = [RESUMEN_REEJECUCION, RESUMEN_PASOS[1], RESUMEN_PASOS[2], DETALLES];
    const reservados = [
      SECRETO,
      { nota: RESUMEN_REEJECUCION },
      { ...DETALLES, nombre: SECRETO },
      'x'.repeat(9_000),
    ];

    const enClaro = await codec.encode(publicos.map((valor) => defaultPayloadConverter.toPayload(valor)));
    const cifrados = await codec.encode(reservados.map((valor) => defaultPayloadConverter.toPayload(valor)));

    expect(enClaro.map((payload) => defaultPayloadConverter.fromPayload(payload))).toEqual(publicos);
    expect(cifrados.map(({ metadata }) => texto(metadata?.['encoding']))).toEqual(
      reservados.map(() => 'binary/encrypted'),
    );
  });

  it.each<[string, Payload]>([
    ['a value in clear', defaultPayloadConverter.toPayload({ certificados: [] })],
    ['null', defaultPayloadConverter.toPayload(null)],
    ['a text', defaultPayloadConverter.toPayload('de otro cliente')],
    ['bytes without metadata', { data: Buffer.from('x') }],
    ['no bytes at all', { metadata: { encoding: Buffer.from('json/plain') } }],
    ['JSON that is none', { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{') }],
    ['a text for operators', defaultPayloadConverter.toPayload(RESUMEN_REEJECUCION)],
    ['a run’s current details', defaultPayloadConverter.toPayload(DETALLES)],
    ['another codec’s', { metadata: { encoding: Buffer.from('binary/zlib') }, data: Buffer.from('x') }],
  ])('refuses what nobody sealed: %s', async (_nombre, claro) => {
    expect(leidos(await codec.decode([claro], EN_EMISION))).toEqual([{ cargaRechazada: 'SIN_SELLO' }]);
  });

  it('hands a text for operators to whoever is told no place, and none of the marks that came with it', async () => {
    const { metadata, data } = defaultPayloadConverter.toPayload(RESUMEN_REEJECUCION);
    const marcado = {
      metadata: { ...metadata, 'sealed-without-place': new Uint8Array([1]) },
      data: data ?? null,
    };

    const [leido] = await codec.decode([marcado]);

    expect(leido && defaultPayloadConverter.fromPayload(leido)).toBe(RESUMEN_REEJECUCION);
    expect(Object.keys(leido?.metadata ?? {})).toEqual(['encoding']);
  });

  describe('seals each payload for its place', () => {
    const payload = defaultPayloadConverter.toPayload({ nombre: SECRETO });

    it.each<[string, SerializationContext]>([
      ['another workflow', { ...EN_EMISION, workflowId: 'emision/SOL-2' }],
      ['another namespace', { ...EN_EMISION, namespace: 'pruebas' }],
      ['an activity of the same workflow', { ...EN_EMISION, type: 'activity', isLocal: false }],
      [
        'a workflow whose id begins alike',
        { ...EN_EMISION, workflowId: 'emision/SOL-1-2026-11-27T05:56:00Z' },
      ],
    ])('and refuses it in %s', async (_nombre, otro) => {
      const [sellado] = await codec.encode([payload], EN_EMISION);

      expect(leidos(await codec.decode(sellado ? [sellado] : [], otro))).toEqual([
        { cargaRechazada: 'DE_OTRO_LUGAR' },
      ]);
      expect(leidos(await codec.decode(sellado ? [sellado] : [], EN_EMISION))).toEqual([{ nombre: SECRETO }]);
    });

    it('so that the place that it names cannot be changed, nor taken away', async () => {
      const otro = { ...EN_EMISION, workflowId: 'emision/SOL-2' };
      const [[sellado], [deOtro]] = await Promise.all([
        codec.encode([payload], EN_EMISION),
        codec.encode([payload], otro),
      ]);
      const { 'sealed-for': lugar, ...sinLugar } = sellado?.metadata ?? {};
      expect(texto(lugar)).toContain('emision/SOL-1');

      const falsos = [
        { ...sellado, metadata: deOtro?.metadata ?? null },
        { ...sellado, metadata: sinLugar },
      ];
      expect(leidos(await codec.decode(falsos, otro))).toEqual(
        falsos.map(() => ({ cargaRechazada: 'NO_ABRE' })),
      );
    });

    it('an activity’s for all attempts and runs, and for local ones alike', async () => {
      const deActividad = { ...EN_EMISION, type: 'activity', activityId: '3', isLocal: false } as const;
      const sellados = await codec.encode([payload], deActividad);

      const leida = await codec.decode(sellados, { ...deActividad, activityId: '9', isLocal: true });
      expect(leidos(leida)).toEqual([{ nombre: SECRETO }]);
    });

    it('a Schedule’s for each of its runs, to which Temporal hands the result of the last', async () => {
      const programacion = { ...EN_EMISION, workflowId: 'conciliacion' };
      const unRun = { ...EN_EMISION, workflowId: 'conciliacion-2026-11-27T05:56:00Z' };
      const elSiguiente = { ...EN_EMISION, workflowId: 'conciliacion-2026-11-27T06:01:00Z' };

      for (const [de, a] of [
        [programacion, unRun],
        [unRun, elSiguiente],
      ] as const)
        expect(leidos(await codec.decode(await codec.encode([payload], de), a))).toEqual([
          { nombre: SECRETO },
        ]);
    });

    it('and opens it for whoever is told no place, as the codec server of the UI', async () => {
      expect(leidos(await codec.decode(await codec.encode([payload], EN_EMISION)))).toEqual([
        { nombre: SECRETO },
      ]);
    });

    it('and opens, marked, what the version before sealed without one', async () => {
      const deAntes = await createCodecAnterior(viejo).encode([payload]);

      const [abierto] = await codec.decode(deAntes, EN_EMISION);

      expect(abierto && defaultPayloadConverter.fromPayload(abierto)).toEqual({ nombre: SECRETO });
      expect(abierto?.metadata).toHaveProperty('sealed-without-place');
    });
  });
});

function leidos(payloads: readonly Payload[]): unknown[] {
  return payloads.map((payload) => defaultPayloadConverter.fromPayload(payload));
}

function texto(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString();
}

/** As it goes over the wire. */
function enTexto(payloads: readonly Payload[]): string {
  const { Payloads } = proto.temporal.api.common.v1;
  return Buffer.from(Payloads.encode({ payloads: [...payloads] }).finish()).toString('latin1');
}
