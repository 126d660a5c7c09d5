/** What the bulk re-run asks of the register before and after each codigo. */
import { createActividadesDeReejecucion } from '../../../../activities/emision/registro/actividades-de-reejecucion.ts';
import type { FalloDeEmision } from '../../../../shared/emision/fallos.ts';
import type { RunDescrita } from '../../../../shared/motor/emision/motor.ts';
import type { EntradaReejecucion } from '../../../../shared/emision/reejecucion.ts';
import type { EmisionRegistrada } from '../../../../shared/registro/emision/registro.ts';
import type { RegistroDeSoporte } from '../../../../shared/registro/emision/registro-de-soporte.ts';
import { createFakeRegistro } from '../../../support/registro/fake-registro.ts';
import { createFakeSoporte } from '../../../support/api/fake-soporte.ts';
import { fila, memoDe, SUYA } from '../../../support/api/servicio-de-emision.ts';
import { entradaDePrueba } from '../../../support/emision/entrada-de-prueba.ts';

const ORDEN: EntradaReejecucion = {
  reejecucionId: '1c7a2f0e-5b7f-4a43-9e02-6a1f0f7d2c55',
  codigos: ['SOL-1'],
  motivo: 'La PKI ya responde',
  solicitante: { usuarioEjecutor: 'ana', ipCliente: '10.0.0.1', correlationId: 'c' },
  solicitadaEn: '2026-11-22T10:00:00Z',
};
const FALLO: FalloDeEmision = { tipo: 'PKI_ERROR', paso: 1, detalles: [] };

/** @param emision how the register holds the codigo */
function actividadesCon(
  emision: EmisionRegistrada | null,
  respuestas: Partial<RegistroDeSoporte> = {},
  ultimoRun: RunDescrita | null = null,
) {
  const soporte = createFakeSoporte(respuestas);
  const actividades = createActividadesDeReejecucion({
    registro: createFakeRegistro({
      leer: () => Promise.resolve(emision),
      conciliar: () => Promise.resolve(emision),
    }),
    soporte: soporte.registro,
    motor: { describir: () => Promise.resolve(ultimoRun) },
  });
  return { actividades, soporte };
}

describe('before a codigo runs', () => {
  it('its input is the register’s, in the name of who ordered it, and its line says that it runs', async () => {
    const { actividades, soporte } = actividadesCon(fila(SUYA, 'FALLIDO', FALLO));

    const preparacion = await actividades.prepararReejecucion(ORDEN, 'SOL-1');

    expect(preparacion).toEqual({ tipo: 'LISTA', entrada: entradaDePrueba('SOL-1') });
    const { motivo, solicitante, reejecucionId } = ORDEN;
    expect(soporte.llamadas).toEqual([
      {
        operacion: 'prepararReejecucion',
        argumentos: ['SOL-1', { motivo, solicitante, nuevaEmision: false }, reejecucionId],
      },
      {
        operacion: 'anotarLinea',
        argumentos: [reejecucionId, 'SOL-1', { estado: 'EN_PROCESO', fallo: null }],
      },
    ]);
  });

  it('the register’s refusal leaves it out, and stands on its line', async () => {
    const { actividades, soporte } = actividadesCon(null, {
      prepararReejecucion: () =>
        Promise.resolve({ tipo: 'IMPEDIDA', fallo: 'SOLICITUD_NO_ENCONTRADA', motivo: 'no hay' }),
    });

    expect(await actividades.prepararReejecucion(ORDEN, 'SOL-1')).toEqual({ tipo: 'OMITIDA' });

    expect(soporte.argumentosDe('anotarLinea')).toEqual([
      [ORDEN.reejecucionId, 'SOL-1', { estado: 'OMITIDO', fallo: 'SOLICITUD_NO_ENCONTRADA' }],
    ]);
  });

  it('a codigo that ran under this order already does not run again: its line says how that ended', async () => {
    const yaCorrio = { ...fila(SUYA, 'FALLIDO', FALLO), reejecucionId: ORDEN.reejecucionId };
    const { actividades, soporte } = actividadesCon(yaCorrio);

    expect(await actividades.prepararReejecucion(ORDEN, 'SOL-1')).toEqual({ tipo: 'OMITIDA' });

    expect(soporte.llamadas).toEqual([
      {
        operacion: 'anotarLinea',
        argumentos: [ORDEN.reejecucionId, 'SOL-1', { estado: 'FALLIDO', fallo: 'PKI_ERROR' }],
      },
    ]);
  });

  it('one that ran under another order runs', async () => {
    const deOtra = { ...fila(SUYA, 'FALLIDO', FALLO), reejecucionId: 'otra' };
    const { actividades } = actividadesCon(deOtra);
    expect((await actividades.prepararReejecucion(ORDEN, 'SOL-1')).tipo).toBe('LISTA');
  });

  it('a new issuance that support ordered and that never began goes on under its generation', async () => {
    const nueva = { runId: 'r', abierta: false, memo: { ...memoDe(SUYA, 2), solicitudPkiId: null } };
    const { actividades } = actividadesCon(fila(SUYA, 'FALLIDO', FALLO), {}, nueva);

    expect(await actividades.prepararReejecucion(ORDEN, 'SOL-1')).toMatchObject({
      tipo: 'LISTA',
      entrada: { generacion: 2, solicitudPkiId: null },
    });
  });
});

describe('after a codigo ran its line says', () => {
  it.each([
    ['COMPLETADO', fila(SUYA, 'COMPLETADO'), null, { estado: 'COMPLETADO', fallo: null }],
    ['how it failed', fila(SUYA, 'FALLIDO', FALLO), null, { estado: 'FALLIDO', fallo: 'PKI_ERROR' }],
    [
      'that another run has it',
      fila(SUYA, 'EN_PROCESO'),
      null,
      { estado: 'OMITIDO', fallo: 'SOLICITUD_EN_PROCESO' },
    ],
    [
      'why its run was turned away, not how an earlier one failed',
      fila(SUYA, 'FALLIDO', FALLO),
      'CIUDADANO_EN_PROCESO',
      { estado: 'OMITIDO', fallo: 'CIUDADANO_EN_PROCESO' },
    ],
    [
      'COMPLETADO where the run that turned it away has issued',
      fila(SUYA, 'COMPLETADO'),
      'SOLICITUD_EN_PROCESO',
      { estado: 'COMPLETADO', fallo: null },
    ],
    ['that it is gone', null, null, { estado: 'OMITIDO', fallo: 'SOLICITUD_NO_ENCONTRADA' }],
  ] as const)('%s', async (_caso, emision, rechazo, linea) => {
    const { actividades, soporte } = actividadesCon(emision);
    await actividades.registrarResultadoDeReejecucion(ORDEN.reejecucionId, 'SOL-1', rechazo);
    expect(soporte.argumentosDe('anotarLinea')).toEqual([[ORDEN.reejecucionId, 'SOL-1', linea]]);
  });
});

it('the order and its end are recorded as they are', async () => {
  const { actividades, soporte } = actividadesCon(null);
  await actividades.registrarReejecucion(ORDEN);
  await actividades.registrarFinDeReejecucion(ORDEN.reejecucionId);
  expect(soporte.llamadas).toEqual([
    { operacion: 'registrarReejecucion', argumentos: [ORDEN] },
    { operacion: 'registrarFinDeReejecucion', argumentos: [ORDEN.reejecucionId] },
  ]);
});
