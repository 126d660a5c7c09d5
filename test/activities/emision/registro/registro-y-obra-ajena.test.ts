/** What Temporal brings to the activities of the register and is of other work. */
import { referenciaDe, type Procedencia } from '../../../../shared/emision/contrato.ts';
import { PASO_1, PASO_2 } from '../../../support/registro/fake-registro.ts';
import { entradaDePrueba } from '../../../support/emision/entrada-de-prueba.ts';
import {
  CONCEDIDO,
  ENTRADA,
  FALLO_RECIBIDO,
  RESPONDIDO_1,
  RESPONDIDO_2,
  preparar,
} from './caso-de-registro.ts';

describe('what Temporal brought and is of other work', () => {
  const { procedencia } = RESPONDIDO_2;

  it.each<[string, Partial<Procedencia>]>([
    ['another codigo', { codigoSolicitudTramite: 'SOL-2' }],
    ['the other step', { paso: 1 }],
    ['another generation', { generacion: 2 }],
    ['another key', { clave: RESPONDIDO_1.procedencia.clave }],
  ])('is not told to the register where it is an answer under %s', async (_nombre, otra) => {
    const { actividades, registro, ejecutar } = preparar({
      registrarPaso1: () => Promise.resolve({ tipo: 'SIN_RESPUESTA' }),
      concluir: () => Promise.resolve({ tipo: 'SIN_RESPUESTA' }),
    });
    const ajena2 = { ...PASO_2, procedencia: { ...procedencia, ...otra } };
    const ajena1 = {
      ...PASO_1,
      procedencia: { ...RESPONDIDO_1.procedencia, ...otra, paso: otra.paso ? 2 : 1 },
    };

    const turno = await ejecutar(() =>
      actividades.registrarNumerosSolicitud(
        ENTRADA,
        otra.clave ? { ...PASO_1, procedencia } : (ajena1 as never),
      ),
    );
    const cierre = await ejecutar(() => actividades.compararYRegistrarEmision(ENTRADA, ajena2, false));

    expect([turno, cierre]).toEqual([{ tipo: 'SIN_RESPUESTA' }, { tipo: 'SIN_RESPUESTA' }]);
    expect(registro.llamadas.map(({ argumentos }) => argumentos[2])).toEqual([null, null]);
  });

  /** Each may stand sealed, and for this very activity: as its input, its beat, or another's answer. */
  it.each<[string, unknown]>([
    ['a text', '▸ Paso 2'],
    ['a list', []],
    ['a beat', { gastados: 0, envioSinAclarar: true }],
    ['a reference', referenciaDe(ENTRADA)],
    ['the other step’s answer', { 1: RESPONDIDO_2, 2: RESPONDIDO_1 }],
    ['members of another kind', { 1: { ...RESPONDIDO_1, numerosSolicitud: 'x' }, 2: { certificados: [{}] } }],
  ])('is not told to the register where it is %s and no answer', async (_nombre, cosa) => {
    const { actividades, registro, ejecutar } = preparar({
      registrarPaso1: () => Promise.resolve({ tipo: 'SIN_RESPUESTA' }),
      concluir: () => Promise.resolve({ tipo: 'SIN_RESPUESTA' }),
    });
    const { 1: paso1 = cosa, 2: paso2 = cosa } = cosa as Partial<Record<1 | 2, unknown>>;

    await ejecutar(() => actividades.registrarNumerosSolicitud(ENTRADA, paso1 as never));
    await ejecutar(() => actividades.compararYRegistrarEmision(ENTRADA, paso2 as never, false));

    expect(registro.llamadas.map(({ argumentos }) => argumentos[2])).toEqual([null, null]);
  });

  it.each([
    ['fewer types', PASO_1.numerosSolicitud.slice(1)],
    ['another type', [{ tipoCertificado: 'SELLO', numeroSolicitud: '1' }, ...PASO_1.numerosSolicitud]],
  ])(
    'is not told to the register where it is numbers for %s than were asked',
    async (_nombre, numerosSolicitud) => {
      const { actividades, registro, ejecutar } = preparar({
        registrarPaso1: () => Promise.resolve({ tipo: 'SIN_RESPUESTA' }),
      });

      await ejecutar(() => actividades.registrarNumerosSolicitud(ENTRADA, { ...PASO_1, numerosSolicitud }));

      expect(registro.llamadas[0]?.argumentos[2]).toBeNull();
    },
  );

  it.each<[string, unknown]>([
    ['the input of another codigo', { ...entradaDePrueba('SOL-2'), inicio: ENTRADA.inicio }],
    ['no input', undefined],
    ['a text', '▸ Paso 1'],
    ['a memo', { requestId: 'x' }],
    ['an input without a body', { ...ENTRADA, solicitud: {} }],
    ['what nobody sealed', { cargaRechazada: 'SIN_SELLO' }],
  ])('does not reach the register where it is %s', async (_nombre, brindada) => {
    const { actividades, registro, ejecutar } = preparar({});
    const entrada = brindada as typeof ENTRADA;

    for (const llamada of [
      () => actividades.registrarSolicitud(entrada),
      () => actividades.registrarNumerosSolicitud(entrada, RESPONDIDO_1),
      () => actividades.compararYRegistrarEmision(entrada, RESPONDIDO_2, false),
      () => actividades.registrarFallo(entrada, FALLO_RECIBIDO),
    ])
      await expect(ejecutar<unknown>(llamada)).rejects.toMatchObject({
        type: 'EJECUCION_AJENA',
        nonRetryable: true,
      });
    expect(registro.llamadas).toEqual([]);
  });

  it('decides no lock: the register is given the keyed hashes of the body', async () => {
    const { actividades, registro, ejecutar } = preparar({
      registrarSolicitud: () => Promise.resolve(CONCEDIDO),
    });

    await ejecutar(() =>
      actividades.registrarSolicitud({ ...ENTRADA, huellaCiudadano: 'de-otro', huellaSolicitud: 'otra' }),
    );

    expect(registro.llamadas[0]?.argumentos[0]).toEqual(ENTRADA);
  });
});
