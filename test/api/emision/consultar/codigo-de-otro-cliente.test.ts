/** A codigo that one client sent and another sends again. */
import { jest } from '@jest/globals';
import type { EntradaEmision } from '../../../../shared/emision/contrato.ts';
import type { FalloDeEmision } from '../../../../shared/emision/fallos.ts';
import type { ServicioEmision } from '../../../../api/emision/servicio-emision.ts';
import { ApiDePrueba } from '../../../support/api/api-de-prueba.ts';
import { CLAVES_DE_PRUEBA } from '../../../support/emision/claves-de-prueba.ts';
import {
  AJENA as CORREGIDA,
  CONTEXTO,
  espera,
  fila,
  memoDe,
  runAbierta,
  servicioDeEmision,
  sucesivas,
  SUYA,
} from '../../../support/api/servicio-de-emision.ts';

const { huella } = CLAVES_DE_PRUEBA;
const DE_SIIRC = huella('cliente', 'siirc');

const apis: ApiDePrueba[] = [];
afterEach(() => Promise.all(apis.splice(0).map((api) => api.detener())));

async function iniciar(cambios: Parameters<typeof ApiDePrueba.iniciar>[0] = {}): Promise<ApiDePrueba> {
  const api = await ApiDePrueba.iniciar(cambios);
  apis.push(api);
  return api;
}

describe('what one client sent and another sends again', () => {
  const B = huella('cliente', 'otro');
  const FALLO = { tipo: 'PKI_ERROR', paso: 1, detalles: ['x'] } satisfies FalloDeEmision;
  const REUTILIZADO = { tipo: 'FALLO', fallo: 'CODIGO_REUTILIZADO', vista: null };

  type Cliente = string | null | undefined;
  async function emitir(
    {
      de,
      estado,
      conFila = true,
    }: { de: Cliente; estado: 'COMPLETADO' | 'EN_PROCESO' | 'FALLIDO'; conFila?: boolean },
    solicitud: typeof SUYA,
    lector: string | undefined,
  ) {
    const iniciadas: EntradaEmision[] = [];
    const emision = {
      ...fila(SUYA, estado, estado === 'FALLIDO' ? FALLO : null),
      cliente: de ?? null,
    };
    const memo = { ...memoDe(SUYA), ...(typeof de === 'string' && { cliente: de }) };
    const servicio = servicioDeEmision({
      esperaSincronaMs: 20,
      registro: conFila
        ? { leer: () => Promise.resolve(emision), conciliar: () => Promise.resolve(emision) }
        : {},
      motor: {
        enCurso: () => Promise.resolve(conFila ? null : runAbierta({ memo })),
        esperar: () => Promise.resolve({ tipo: 'PLAZO' }),
        iniciar: (entrada) => {
          iniciadas.push(entrada);
          return Promise.resolve(conFila);
        },
      },
    });
    const desenlace = await servicio.emitir(
      solicitud,
      { ...CONTEXTO, cliente: B },
      espera({ asincrona: true, maximoMs: 0 }),
      lector,
    );
    return { desenlace, clientes: iniciadas.map(({ contexto }) => contexto.cliente) };
  }

  it.each([
    ['COMPLETADO', true],
    ['EN_PROCESO', true],
    ['EN_PROCESO', false],
    ['FALLIDO', true],
  ] as const)(
    'is neither told nor run again where it is %s (in the register: %s)',
    async (estado, conFila) => {
      for (const solicitud of [SUYA, CORREGIDA]) {
        const { desenlace, clientes } = await emitir({ de: DE_SIIRC, estado, conFila }, solicitud, B);
        expect(desenlace).toMatchObject(REUTILIZADO);
        // Where Temporal alone knows it, a start was tried, and refused.
        expect(clientes).toHaveLength(conFila ? 0 : 1);
      }
    },
  );

  it('is refused with the advice to issue the same request under no other codigo, and another request under one', async () => {
    const detalles = async (solicitud: typeof SUYA) => {
      const { desenlace } = await emitir({ de: DE_SIIRC, estado: 'COMPLETADO' }, solicitud, B);
      return desenlace.tipo === 'FALLO' ? desenlace.detalles.join() : '';
    };
    expect(await detalles(SUYA)).toMatch(/no la envíe con otro código/);
    expect(await detalles(CORREGIDA)).toMatch(/use un código nuevo/);
  });

  it.each<[string, Cliente, string | undefined, Cliente]>([
    ['its own', B, B, B],
    ['asked for by who may read all, and stays whose it was', DE_SIIRC, undefined, DE_SIIRC],
    ['from before its sender was kept, and is then its own', null, B, B],
  ])('is joined, told, and run again where it is %s', async (_caso, de, lector, queda) => {
    const tipos = [];
    for (const estado of ['COMPLETADO', 'EN_PROCESO'] as const)
      tipos.push((await emitir({ de, estado }, SUYA, lector)).desenlace.tipo);
    expect(tipos).toEqual(['YA_EMITIDO', 'ACEPTADA']);
    for (const solicitud of [SUYA, CORREGIDA]) {
      const { desenlace, clientes } = await emitir({ de, estado: 'FALLIDO' }, solicitud, lector);
      expect(desenlace.tipo).toBe('ACEPTADA');
      expect(clientes).toEqual([queda]);
    }
  });

  it.each(['CERRADA', 'PLAZO'] as const)(
    'who waits is not told what another made of the same request meanwhile (%s)',
    async (tipo) => {
      const deOtro = { ...fila(SUYA, 'COMPLETADO'), cliente: DE_SIIRC };
      const servicio = servicioDeEmision({
        registro: { leer: () => Promise.resolve(deOtro), conciliar: sucesivas(null, deOtro) },
        motor: {
          esperar: () => Promise.resolve(tipo === 'PLAZO' ? { tipo } : { tipo, fallo: null }),
        },
      });
      expect(await servicio.emitir(SUYA, { ...CONTEXTO, cliente: B }, espera(), B)).toMatchObject(
        REUTILIZADO,
      );
    },
  );

  it('is refused to a POST by the client of its token', async () => {
    const emisiones = jest.fn<ServicioEmision['emitir']>(() =>
      Promise.resolve({ tipo: 'FALLO', fallo: 'CODIGO_REUTILIZADO', detalles: ['x'], vista: null }),
    );
    const api = await iniciar({ servicio: { ...servicioDeEmision({}), emitir: emisiones } });
    for (const scope of ['certificados:emitir', 'certificados:emitir certificados:consultar-todas'])
      await api.emitir(SUYA, {
        Authorization: `Bearer ${await api.emisor.token({ client_id: 'otro', scope })}`,
      });
    expect(emisiones.mock.calls.map(([, { cliente }, , lector]) => [cliente, lector])).toEqual([
      [B, B],
      [B, undefined],
    ]);
  });
});
