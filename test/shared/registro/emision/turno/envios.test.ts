import { claveDeIdempotencia } from '../../../../../shared/registro/emision/filas/claves-de-emision.ts';
import {
  BASES,
  entradaDePrueba,
  FALLO_PASO_2,
  noConforme,
  RESPUESTA_PASO_1,
  RESPUESTA_PASO_2,
  usarRegistro,
} from '../../../../support/registro/registro-de-prueba.ts';

const INCIERTA = { estado: 'FALLIDO', resultadoIncierto: true };
const ACLARADA = { estado: 'FALLIDO', resultadoIncierto: false };

describe.each(BASES)('the sends to the PKI on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  it('carry the key of codigo, step and generation, and count every one', async () => {
    const run = prueba.abrirRun(entradaDePrueba());
    await run.registrar();

    const primero = await run.marcar(1);
    const segundo = await run.marcar(1);
    await run.registrarPaso1();
    const paso2 = await run.marcar(2);

    expect(primero).toEqual({
      marca: expect.stringContaining(run.runId) as unknown,
      clave: claveDeIdempotencia('SOL-1', 1, 1),
      solicitud: run.entrada.solicitud,
      contexto: run.entrada.contexto,
      solicitudPkiId: null,
      numerosSolicitud: [],
    });
    const marca = expect.stringContaining(run.runId) as unknown;
    expect(segundo).toEqual({ ...primero, marca });
    expect(new Set([primero, segundo, paso2].map((envio) => envio.marca)).size).toBe(3);
    expect(paso2).toEqual({
      ...primero,
      marca,
      clave: claveDeIdempotencia('SOL-1', 2, 1),
      ...RESPUESTA_PASO_1,
    });
    const { pasos } = await prueba.leer('SOL-1');
    expect(pasos[1].intentos).toBe(2);
    expect(pasos[2].intentos).toBe(1);
  });

  it('that failed are told with when another is due, until that one leaves or the step is done', async () => {
    const run = prueba.abrirRun(entradaDePrueba());
    await run.registrar();
    await run.marcar(1);
    const paso1 = async () => {
      const { ultimo_fallo: fallo, proximo_intento: proximo } = (await prueba.leer('SOL-1')).pasos[1];
      return { fallo, faltanMs: proximo && proximo.getTime() - Date.now() };
    };

    await run.anotarFallo(1, { fallo: 'PKI_ERROR', esperaMs: 30_000 });
    const anotado = await paso1();
    expect(anotado.fallo).toBe('PKI_ERROR');
    expect(anotado.faltanMs).toBeGreaterThan(20_000);
    expect(anotado.faltanMs).toBeLessThanOrEqual(30_000);

    await run.marcar(1);
    expect(await paso1()).toEqual({ fallo: 'PKI_ERROR', faltanMs: null });
  });

  it('of a run that lost its turn tell nothing of how they failed', async () => {
    const run = prueba.abrirRun(entradaDePrueba());
    await run.registrar();
    await run.marcar(1);
    await run.fallar();

    await run.anotarFallo(1, { fallo: 'PKI_ERROR', esperaMs: 30_000 });

    expect((await prueba.leer('SOL-1')).pasos[1]).toMatchObject({
      ultimo_fallo: null,
      proximo_intento: null,
    });
  });

  it('count over all runs of a codigo, under the same key', async () => {
    const entrada = entradaDePrueba();
    const primera = prueba.abrirRun(entrada);
    await primera.registrar();
    const { clave } = await primera.marcar(1);
    await primera.fallar();
    const segunda = prueba.abrirRun(entrada);
    await segunda.registrar();

    await expect(segunda.marcar(1)).resolves.toMatchObject({ clave });

    expect((await prueba.leer('SOL-1')).pasos[1].intentos).toBe(2);
  });

  it('are refused where the register knows no such codigo', async () => {
    await expect(prueba.abrirRun(entradaDePrueba()).marcar(1)).rejects.toMatchObject({
      fallo: 'TURNO_PERDIDO',
    });
  });

  describe('of step 2 where the adapter is not idempotent', () => {
    it('are refused after one whose fate is unknown', async () => {
      const run = prueba.abrirRun(entradaDePrueba(), { idempotente: false });
      await run.hastaEnviarPaso2();

      await expect(run.marcar(2)).rejects.toMatchObject({ fallo: 'RESULTADO_INCIERTO' });

      expect((await prueba.leer('SOL-1')).pasos[2].intentos).toBe(1);
    });

    it('are one where several writers ask at once under one run id', async () => {
      const run = prueba.abrirRun(entradaDePrueba(), { idempotente: false });
      await run.registrar();
      await run.registrarPaso1();

      const pedidos = await Promise.allSettled(Array.from({ length: 4 }, () => run.pedirPermiso(2)));

      expect(pedidos.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const pedido of pedidos)
        if (pedido.status === 'rejected')
          expect(pedido.reason).toMatchObject({ fallo: 'RESULTADO_INCIERTO' });
    });

    it('are allowed after one that was clearly refused', async () => {
      const run = prueba.abrirRun(entradaDePrueba(), { idempotente: false });
      await run.hastaEnviarPaso2();
      await run.aclarar(2);

      await run.marcar(2);

      expect((await prueba.leer('SOL-1')).pasos[2].intentos).toBe(2);
    });

    it('are refused to the successor of a run that sent one, which then ends uncertain', async () => {
      const entrada = entradaDePrueba();
      await prueba.abrirRun(entrada, { idempotente: false }).hastaEnviarPaso2();
      const sucesora = prueba.abrirRun(entrada, { idempotente: false });

      await expect(sucesora.marcar(2)).rejects.toMatchObject({ fallo: 'RESULTADO_INCIERTO' });
      await sucesora.fallar({ tipo: 'RESULTADO_INCIERTO', paso: 2, detalles: [] });

      expect(await prueba.leer('SOL-1')).toMatchObject(INCIERTA);
    });

    it('are not made where the answer of an earlier one is kept: it is handed out', async () => {
      const entrada = entradaDePrueba();
      const primera = prueba.abrirRun(entrada, { idempotente: false });
      await primera.hastaEnviarPaso2();
      await primera.concluir({ comparar: noConforme('subjectDN') });

      // A reset may bring a successor straight to the send, past the turn that tells of the kept answer.
      expect(await prueba.abrirRun(entrada, { idempotente: false }).pedirPermiso(2)).toEqual({
        tipo: 'RESPONDIDO',
        respuesta: RESPUESTA_PASO_2,
      });
      expect((await prueba.leer('SOL-1')).pasos[2].intentos).toBe(1);
    });

    it('are free to be repeated where they are of step 1', async () => {
      const run = prueba.abrirRun(entradaDePrueba(), { idempotente: false });
      await run.registrar();
      await run.marcar(1);

      await expect(run.marcar(1)).resolves.toBeDefined();
    });
  });

  describe('that are cleared', () => {
    it('one by one leave the others unclear', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      await run.marcar(2);
      await run.aclarar(2);

      await run.fallar();

      expect(await prueba.leer('SOL-1')).toMatchObject(INCIERTA);
    });

    it('by an answer under the key are all clear', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      await run.marcar(2);
      await run.aclarar(2, 'DEFINITIVO');

      await run.fallar({ tipo: 'CIUDADANO_NO_ENCONTRADO', paso: 2, detalles: [] });

      expect(await prueba.leer('SOL-1')).toMatchObject(ACLARADA);
    });

    it.each(['DEFINITIVO', 'NADA_HECHO'] as const)(
      'by what is said of an attempt that was given up leave those of the attempt after it (%s)',
      async (certeza) => {
        const run = prueba.abrirRun(entradaDePrueba());
        await run.hastaEnviarPaso2();
        const abandonado = run.marcas[2];
        await run.marcar(2);

        await run.aclarar(2, certeza, abandonado);
        await run.fallar();

        expect((await prueba.leer('SOL-1')).pasos[2].envios_sin_aclarar).toEqual([run.marcas[2]]);
        expect(await prueba.leer('SOL-1')).toMatchObject(INCIERTA);
      },
    );

    it('by a mark that was cleared already leave those that stand, also of an earlier version', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      await run.aclarar(2);
      const marcasDe = async () => (await prueba.leer('SOL-1')).pasos[2].envios_sin_aclarar;
      for (const certeza of ['NADA_HECHO', 'DEFINITIVO'] as const)
        for (const deAntes of [run.runId, `${run.runId}#otra`]) {
          await prueba.db
            .updateTable('pasos')
            .where('paso', '=', 2)
            .set({ envios_sin_aclarar: JSON.stringify([deAntes]) })
            .execute();
          await run.aclarar(2, certeza);
          expect(await marcasDe()).toEqual([deAntes]);
        }
    });

    it('all of them by the answer, whichever send it is to', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      await run.marcar(2);

      await run.conservar({ paso: 2, respuesta: RESPUESTA_PASO_2 });

      expect((await prueba.leer('SOL-1')).pasos[2].envios_sin_aclarar).toEqual([]);
    });

    it('never go below none', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      await run.aclarar(2);
      await run.aclarar(2);
      await run.marcar(2);

      await run.fallar();

      expect(await prueba.leer('SOL-1')).toMatchObject(INCIERTA);
    });

    it('late, after the issuance was closed as uncertain, free the lock', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      prueba.motor.cerrar('SOL-1');
      await prueba.registro.conciliar('SOL-1');

      await run.aclarar(2);

      expect(await prueba.leer('SOL-1')).toMatchObject(ACLARADA);
      expect(await prueba.eventos('SOL-1')).toContain('RESULTADO_ACLARADO');
      await expect(prueba.abrirRun(entradaDePrueba('SOL-2')).registrar()).resolves.toMatchObject({
        tipo: 'CONCEDIDO',
      });
    });

    it('of step 1 settle nothing of step 2', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      await run.fallar();

      await run.aclarar(1, 'DEFINITIVO');

      expect(await prueba.leer('SOL-1')).toMatchObject(INCIERTA);
    });

    it('by a late run are its own only: not those of the run that took its turn', async () => {
      const entrada = entradaDePrueba();
      const vieja = prueba.abrirRun(entrada);
      await vieja.hastaEnviarPaso2();
      const nueva = prueba.abrirRun(entrada);
      await nueva.marcar(2);

      await vieja.aclarar(2, 'DEFINITIVO');
      await nueva.fallar();

      expect(await prueba.leer('SOL-1')).toMatchObject(INCIERTA);
    });

    it('by a late run are none where its own were settled since', async () => {
      const entrada = entradaDePrueba();
      const vieja = prueba.abrirRun(entrada);
      await vieja.hastaEnviarPaso2();
      const segunda = prueba.abrirRun(entrada);
      await segunda.marcar(2);
      await segunda.aclarar(2, 'DEFINITIVO');
      await segunda.fallar({ tipo: 'CIUDADANO_NO_ENCONTRADO', paso: 2, detalles: [] });
      const tercera = prueba.abrirRun(entrada);
      await tercera.registrar();
      await tercera.marcar(2);

      await vieja.aclarar(2);
      await tercera.fallar();

      expect(await prueba.leer('SOL-1')).toMatchObject(INCIERTA);
    });

    it('of an earlier generation change nothing of this one', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      await run.fallar();
      await prueba.db.updateTable('pasos').set({ generacion: 2 }).execute();
      await prueba.db.updateTable('solicitudes').set({ generacion: 2 }).execute();

      await run.aclarar(2, 'DEFINITIVO');

      expect(await prueba.leer('SOL-1')).toMatchObject(INCIERTA);
    });

    it('of a codigo that the register does not hold change nothing', async () => {
      await prueba.abrirRun(entradaDePrueba()).aclarar(2, 'DEFINITIVO');

      expect(await prueba.contar('bitacora')).toBe(0);
    });
  });

  it('of step 2 leave a failure uncertain, and the lock held', async () => {
    const run = prueba.abrirRun(entradaDePrueba());
    await run.hastaEnviarPaso2();

    await expect(run.fallar()).resolves.toMatchObject({
      tipo: 'FALLIDO',
      fallo: FALLO_PASO_2,
      pasosProceso: {
        paso1GeneracionClaves: { estado: 'COMPLETADO', intentos: 1, solicitudPkiId: 'PKI-1' },
        paso2EmisionCertificado: { estado: 'FALLIDO', intentos: 1 },
      },
    });

    expect(await prueba.leer('SOL-1')).toMatchObject(INCIERTA);
    await expect(prueba.abrirRun(entradaDePrueba('SOL-2')).registrar()).rejects.toMatchObject({
      fallo: 'CIUDADANO_CON_INCIERTA',
    });
  });
});
