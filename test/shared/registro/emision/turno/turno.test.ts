/** The turn of a run, and those who have lost it. One file, since each that asks both databases starts a PostgreSQL. */
import {
  BASES,
  entradaDePrueba,
  FALLO_PASO_1,
  noConforme,
  RESPUESTA_PASO_1,
  usarRegistro,
} from '../../../../support/registro/registro-de-prueba.ts';

const PERDIDO = { fallo: 'TURNO_PERDIDO' };

describe.each(BASES)('the turn on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  describe('of a run that an operator reset', () => {
    it('goes to its successor before step 1, and the old run writes nothing more', async () => {
      const entrada = entradaDePrueba();
      const vieja = prueba.abrirRun(entrada);
      await vieja.registrar();
      const nueva = prueba.abrirRun(entrada);

      await expect(nueva.registrar()).resolves.toMatchObject({ tipo: 'CONCEDIDO' });

      expect(await prueba.leer('SOL-1')).toMatchObject({ runId: nueva.runId, estado: 'EN_PROCESO' });
      expect(await prueba.eventos('SOL-1')).toEqual(['SOLICITUD_ACEPTADA', 'TURNO_TRASPASADO']);
      await expect(vieja.registrar()).rejects.toMatchObject(PERDIDO);
      await expect(vieja.marcar(1)).rejects.toMatchObject(PERDIDO);
      await expect(vieja.registrarPaso1()).rejects.toMatchObject(PERDIDO);
      await expect(vieja.concluir()).rejects.toMatchObject(PERDIDO);
      await expect(vieja.fallar()).rejects.toMatchObject(PERDIDO);
      const despues = await prueba.leer('SOL-1');
      expect(despues.runId).toBe(nueva.runId);
      expect(despues.pasos[1]).toMatchObject({ estado: 'EN_PROCESO', intentos: 0 });
    });

    it.each([1, 2] as const)('goes to its successor at the send of step %i', async (paso) => {
      const entrada = entradaDePrueba();
      const vieja = prueba.abrirRun(entrada);
      await vieja.registrar();
      if (paso === 2) await vieja.registrarPaso1();
      const nueva = prueba.abrirRun(entrada);

      const envio = await nueva.marcar(paso);

      expect(envio.solicitud).toEqual(entrada.solicitud);
      await expect(vieja.marcar(paso)).rejects.toMatchObject(PERDIDO);
      const emision = await prueba.leer('SOL-1');
      expect(emision.runId).toBe(nueva.runId);
      expect(emision.pasos[paso].intentos).toBe(1);
    });

    it('goes to its successor at the result of step 1', async () => {
      const entrada = entradaDePrueba();
      await prueba.abrirRun(entrada).registrar();
      const nueva = prueba.abrirRun(entrada);

      await nueva.registrarPaso1();

      expect(await prueba.leer('SOL-1')).toMatchObject({ runId: nueva.runId });
    });

    it('goes to its successor at the outcome', async () => {
      const entrada = entradaDePrueba();
      const vieja = prueba.abrirRun(entrada);
      await vieja.hastaEnviarPaso2();
      const nueva = prueba.abrirRun(entrada);

      await expect(nueva.concluir()).resolves.toMatchObject({ tipo: 'COMPLETADO' });

      expect(await prueba.leer('SOL-1')).toMatchObject({ runId: nueva.runId, estado: 'COMPLETADO' });
    });

    it('is lost while it compares what it received, which is kept unjudged', async () => {
      const entrada = entradaDePrueba();
      const vieja = prueba.abrirRun(entrada);
      await vieja.hastaEnviarPaso2();
      const nueva = prueba.abrirRun(entrada, { runId: 'sucesora' });
      prueba.motor.abrir('SOL-1', vieja.runId);

      const conclusion = vieja.concluir({
        comparar: async () => {
          prueba.motor.abrir('SOL-1', nueva.runId);
          await nueva.registrar();
          return { conforme: false, faltas: ['subjectDN'] };
        },
      });

      await expect(conclusion).rejects.toMatchObject(PERDIDO);
      expect(await prueba.leer('SOL-1')).toMatchObject({ runId: 'sucesora', estado: 'EN_PROCESO' });
      const recibidos = await prueba.db.selectFrom('recibidos').select('conforme').execute();
      expect(recibidos).toEqual([{ conforme: null }]);
    });
  });

  it.each([
    [
      'another run is open',
      (codigo: string) => {
        prueba.motor.abrir(codigo, 'otra');
      },
    ],
    [
      'it is closed',
      (codigo: string) => {
        prueba.motor.cerrar(codigo);
      },
    ],
    [
      'Temporal knows none',
      (codigo: string) => {
        prueba.motor.olvidar(codigo);
      },
    ],
  ])('is refused to a run that does not own it where %s', async (_, segunTemporal) => {
    const entrada = entradaDePrueba();
    const duena = prueba.abrirRun(entrada);
    await duena.registrar();
    const ajena = prueba.abrirRun(entrada);
    segunTemporal('SOL-1');

    await expect(ajena.registrar()).rejects.toMatchObject(PERDIDO);
    await expect(ajena.marcar(1)).rejects.toMatchObject(PERDIDO);
    await expect(ajena.registrarPaso1()).rejects.toMatchObject(PERDIDO);
    await expect(ajena.concluir()).rejects.toMatchObject(PERDIDO);
    await expect(ajena.fallar()).rejects.toMatchObject(PERDIDO);

    expect(await prueba.leer('SOL-1')).toMatchObject({ runId: duena.runId, estado: 'EN_PROCESO' });
  });

  it('is refused where a third run took it while Temporal was asked', async () => {
    const entrada = entradaDePrueba();
    await prueba.abrirRun(entrada).registrar();
    const segunda = prueba.abrirRun(entrada);
    prueba.motor.alDescribir(() => prueba.abrirRun(entrada, { runId: 'tercera' }).registrar());

    await expect(segunda.registrar()).rejects.toMatchObject(PERDIDO);

    expect(await prueba.leer('SOL-1')).toMatchObject({ runId: 'tercera' });
  });

  it('never returns to a run that recorded an outcome', async () => {
    const run = prueba.abrirRun(entradaDePrueba());
    await run.registrar();
    const cierre = await run.fallar(FALLO_PASO_1);

    await expect(run.registrar()).rejects.toMatchObject(PERDIDO);
    await expect(run.marcar(1)).rejects.toMatchObject(PERDIDO);
    await expect(run.registrarPaso1()).rejects.toMatchObject(PERDIDO);
    await expect(run.concluir()).resolves.toEqual(cierre);
    await expect(run.fallar({ tipo: 'ERROR_INTERNO', paso: null, detalles: [] })).resolves.toEqual(cierre);

    expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', fallo: FALLO_PASO_1 });
    expect(await prueba.contar('certificados')).toBe(0);
  });

  it('never returns to a run that was closed as interrupted', async () => {
    const run = prueba.abrirRun(entradaDePrueba());
    await run.registrar();
    prueba.motor.cerrar('SOL-1');
    await prueba.registro.conciliar('SOL-1');

    await expect(run.marcar(1)).rejects.toMatchObject(PERDIDO);

    expect((await prueba.leer('SOL-1')).pasos[1].intentos).toBe(0);
  });

  describe('of a completed issuance', () => {
    const completar = async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      const cierre = await run.concluir();
      if (cierre.tipo !== 'COMPLETADO') throw new Error('it was to conform');
      return cierre;
    };

    it('gives the same request the certificates that it has', async () => {
      const { resultado } = await completar();
      const nueva = prueba.abrirRun(entradaDePrueba());

      await expect(nueva.registrar()).resolves.toEqual({ tipo: 'YA_COMPLETADA', resultado });
      await expect(nueva.registrarPaso1()).resolves.toEqual({ tipo: 'YA_COMPLETADA', resultado });
      await expect(nueva.concluir({ comparar: noConforme('x') })).resolves.toEqual({
        tipo: 'COMPLETADO',
        resultado,
      });
      await expect(nueva.fallar()).resolves.toEqual({ tipo: 'COMPLETADO', resultado });
      await expect(nueva.marcar(2)).rejects.toMatchObject(PERDIDO);
      expect(await prueba.contar('certificados')).toBe(3);
    });

    it('is refused to another request, which learns nothing of it', async () => {
      await completar();
      const otra = prueba.abrirRun(
        entradaDePrueba('SOL-1', { cambiar: ({ ciudadano }) => (ciudadano.nombres = 'Otra') }),
      );

      const reutilizado = { fallo: 'CODIGO_REUTILIZADO' };
      await expect(otra.registrar()).rejects.toMatchObject(reutilizado);
      await expect(otra.registrarPaso1()).rejects.toMatchObject(reutilizado);
      await expect(otra.concluir()).rejects.toMatchObject(reutilizado);
      await expect(otra.fallar()).rejects.toMatchObject(reutilizado);
      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'COMPLETADO' });
    });
  });

  it('is refused to a send of an earlier generation', async () => {
    const run = prueba.abrirRun(entradaDePrueba());
    await run.registrar();
    await prueba.db.updateTable('pasos').set({ generacion: 2 }).execute();
    await prueba.db.updateTable('solicitudes').set({ generacion: 2 }).execute();

    await expect(run.marcar(1)).rejects.toMatchObject(PERDIDO);

    expect((await prueba.leer('SOL-1')).pasos[1].intentos).toBe(0);
  });

  it('keeps the first answer of step 1 where a successor brings another', async () => {
    const entrada = entradaDePrueba();
    await prueba.abrirRun(entrada).registrar();
    await prueba.abrirRun(entrada).registrarPaso1();

    const turno = await prueba
      .abrirRun(entrada)
      .registrarPaso1({ ...RESPUESTA_PASO_1, solicitudPkiId: 'PKI-2' });

    expect(turno).toMatchObject({ emision: { pasos: { 1: { solicitud_pki_id: 'PKI-1' } } } });
  });

  describe('reconciliation', () => {
    it('knows nothing of a codigo without a row', async () => {
      await expect(prueba.registro.conciliar('SOL-9')).resolves.toBeNull();
    });

    it('leaves an issuance alone whose run is open', async () => {
      await prueba.abrirRun(entradaDePrueba()).registrar();

      await expect(prueba.registro.conciliar('SOL-1')).resolves.toMatchObject({ estado: 'EN_PROCESO' });
    });

    it('leaves what was written while Temporal was asked', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.registrar();
      prueba.motor.cerrar('SOL-1');
      prueba.motor.alDescribir(() => run.fallar(FALLO_PASO_1));

      await expect(prueba.registro.conciliar('SOL-1')).resolves.toMatchObject({ fallo: FALLO_PASO_1 });
      expect(await prueba.eventos('SOL-1')).toEqual(['EMISION_FALLIDA', 'SOLICITUD_ACEPTADA']);
    });

    it('leaves the run that took the turn while Temporal was asked', async () => {
      const entrada = entradaDePrueba();
      await prueba.abrirRun(entrada).registrar();
      prueba.motor.cerrar('SOL-1');
      prueba.motor.alDescribir(() => prueba.abrirRun(entrada, { runId: 'nueva' }).registrar());

      await expect(prueba.registro.conciliar('SOL-1')).resolves.toMatchObject({
        estado: 'EN_PROCESO',
        runId: 'nueva',
      });
    });

    it('closes a dead issuance once, however many ask', async () => {
      await prueba.abrirRun(entradaDePrueba()).hastaEnviarPaso2();
      prueba.motor.cerrar('SOL-1');

      await Promise.all(Array.from({ length: 10 }, () => prueba.registro.conciliar('SOL-1')));

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resultadoIncierto: true });
      expect((await prueba.eventos('SOL-1')).filter((evento) => evento === 'EMISION_FALLIDA')).toHaveLength(
        1,
      );
    });
  });
});
