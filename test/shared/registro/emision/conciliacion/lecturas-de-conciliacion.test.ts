/** What a pass of reconciliation reads of the register. */
import { fechaIso } from '../../../../../shared/nucleo/fechas.ts';
import { sql } from 'kysely';
import {
  BASES,
  entradaDePrueba,
  FALLO_PASO_1,
  usarRegistro,
} from '../../../../support/registro/registro-de-prueba.ts';

describe.each(BASES)('a pass over the register, on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  const emitir = (numero: number) =>
    prueba.abrirRun({
      ...entradaDePrueba(`SOL-${numero}`, { documento: `1000000${numero}` }),
      aceptadaEn: new Date(Date.UTC(2026, 10, 22, 10, 0, 9 - numero)).toISOString(),
    });

  it('takes what is open, from the oldest acceptance on, in pages, and nothing that is closed', async () => {
    for (const numero of [1, 2, 3, 4]) await emitir(numero).registrar();
    const cerrada = emitir(5);
    await cerrada.registrar();
    await cerrada.fallar(FALLO_PASO_1);

    const primera = await prueba.mantenimiento.leerEnProceso(null, 3);
    const segunda = await prueba.mantenimiento.leerEnProceso(primera.at(-1) ?? null, 3);

    expect([primera, segunda].map((pagina) => pagina.map(({ codigo }) => codigo))).toEqual([
      ['SOL-4', 'SOL-3', 'SOL-2'],
      ['SOL-1'],
    ]);
  });

  it('knows of each codigo who owns it and how it stands', async () => {
    const run = emitir(1);
    await run.registrar();

    expect(await prueba.mantenimiento.leerDuenos(['SOL-1', 'SOL-2'])).toEqual(
      new Map([['SOL-1', { runId: run.runId, estado: 'EN_PROCESO' }]]),
    );
    expect(await prueba.mantenimiento.leerDuenos([])).toEqual(new Map());
  });

  it('counts what holds a citizen and what is uncertain, tells since when the oldest is, and names a lock without a reason', async () => {
    for (const numero of [1, 2]) {
      const run = emitir(numero);
      await run.hastaEnviarPaso2();
      await run.fallar();
    }
    await emitir(3).registrar();
    const { fechaFin } = await prueba.leer('SOL-1');
    const filas = await Promise.all(['SOL-1', 'SOL-2', 'SOL-3'].map((codigo) => prueba.leer(codigo)));
    const primera = Math.min(...filas.map(({ fechaInicio }) => fechaInicio.getTime()));
    expect(await prueba.mantenimiento.leerCandados()).toEqual({
      candados: 3,
      candadoMasAntiguo: fechaIso(new Date(primera)),
      inciertas: 2,
      inciertaMasAntigua: `${fechaFin?.toISOString().slice(0, 19) ?? ''}Z`,
      sinRazon: [],
    });

    await prueba.db
      .updateTable('pasos')
      .set({ envios_sin_aclarar: '[]' })
      .where('codigo', '=', 'SOL-2')
      .execute();

    expect((await prueba.mantenimiento.leerCandados()).sinRazon).toEqual([
      { codigoSolicitudTramite: 'SOL-2', motivo: expect.stringContaining('resolución') as unknown },
    ]);
  });

  it('bears witness by the last entry of the audit tree', async () => {
    await emitir(1).registrar();
    expect(await prueba.mantenimiento.leerUltimaEntrada()).toBeNull();
    await sql`update bitacora set epoca = 1, indice = 0`.execute(prueba.db);

    const testigo = (await prueba.mantenimiento.leerUltimaEntrada()) ?? '';

    expect(await prueba.mantenimiento.tieneEntrada(testigo)).toBe(true);
    await sql`truncate bitacora`.execute(prueba.db);
    expect(await prueba.mantenimiento.tieneEntrada(testigo)).toBe(false);
  });
});
