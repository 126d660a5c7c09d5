/** A new issuance that support orders: how it begins, and when it may not. */
import { claveDeIdempotencia } from '../../../../../shared/registro/emision/filas/claves-de-emision.ts';
import { leerAnotacion } from '../../../../support/registro/anotacion.ts';
import {
  BASES,
  entradaDePrueba,
  noConforme,
  ORDEN,
  RESPUESTA_PASO_1,
  usarRegistro,
  type RunDePrueba,
} from '../../../../support/registro/registro-de-prueba.ts';

const PERDIDO = { fallo: 'TURNO_PERDIDO' };
const NO_REEJECUTABLE = { fallo: 'SOLICITUD_NO_REEJECUTABLE' };
const NUEVA = { nuevaEmision: true };

describe.each(BASES)('a new issuance on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  const enCuarentena = async () => {
    const run = prueba.abrirRun(entradaDePrueba());
    await run.hastaEnviarPaso2();
    await run.concluir({ comparar: noConforme('subjectDN') });
    return run;
  };
  const incierta = async (idempotente = true) => {
    const run = prueba.abrirRun(entradaDePrueba(), { idempotente });
    await run.hastaEnviarPaso2();
    await run.fallar();
    return run;
  };
  /** Of the same request and order, one generation further than the row. */
  const comoNuevaEmision = ({ entrada }: RunDePrueba, generacion = entrada.generacion + 1) => ({
    ...entrada,
    generacion,
    reejecucion: { reejecucionId: null, motivo: ORDEN.motivo, solicitadaPor: 'soporte' },
  });

  it('begins again from step 1, under keys of its own, with the stored request', async () => {
    const anterior = await enCuarentena();

    const nueva = await prueba.ordenarRun('SOL-1', NUEVA);
    const turno = await nueva.registrar();

    expect(turno).toMatchObject({ tipo: 'CONCEDIDO', emisionRecibida: false });
    const emision = await prueba.leer('SOL-1');
    expect(emision).toMatchObject({
      estado: 'EN_PROCESO',
      generacion: 2,
      runId: nueva.runId,
      fallo: null,
      peticion: { solicitud: anterior.entrada.solicitud },
      huellaSolicitud: anterior.entrada.huellaSolicitud,
    });
    expect(emision.pasos[1]).toMatchObject({ estado: 'EN_PROCESO', intentos: 0, solicitud_pki_id: null });
    expect(emision.pasos[2]).toMatchObject({ estado: 'PENDIENTE', intentos: 0 });
    expect(await nueva.marcar(1)).toMatchObject({
      clave: claveDeIdempotencia('SOL-1', 1, 2),
      solicitudPkiId: null,
    });
    await nueva.registrarPaso1({ ...RESPUESTA_PASO_1, solicitudPkiId: 'PKI-2' });
    expect(await nueva.marcar(2)).toMatchObject({
      clave: claveDeIdempotencia('SOL-1', 2, 2),
      solicitudPkiId: 'PKI-2',
    });
    await expect(nueva.concluir()).resolves.toMatchObject({ tipo: 'COMPLETADO' });
  });

  it('sends also where the adapter is not idempotent: the kept answer is of another key', async () => {
    await enCuarentena();
    const nueva = await prueba.ordenarRun('SOL-1', { ...NUEVA, idempotente: false });

    await nueva.hastaEnviarPaso2();

    await expect(nueva.concluir()).resolves.toMatchObject({ tipo: 'COMPLETADO' });
  });

  it('keeps the answer that it gives up, unreleased', async () => {
    await enCuarentena();
    const nueva = await prueba.ordenarRun('SOL-1', NUEVA);
    await nueva.hastaEnviarPaso2();
    await nueva.concluir();

    const recibidos = await prueba.db
      .selectFrom('recibidos')
      .select(['generacion', 'conforme'])
      .orderBy('generacion')
      .execute();

    expect(recibidos).toEqual([
      { generacion: 1, conforme: false },
      { generacion: 2, conforme: true },
    ]);
  });

  it('says who ordered it and why, encrypted and committed to', async () => {
    const anterior = await enCuarentena();
    await (await prueba.ordenarRun('SOL-1', NUEVA)).registrar();

    const { contenido, personal, compromiso, compromisoEsperado, generacion } = await leerAnotacion(
      prueba.db,
      'NUEVA_EMISION',
    );

    expect(personal).toEqual({
      solicitadaPor: ORDEN.solicitante.usuarioEjecutor,
      motivo: ORDEN.motivo,
    });
    expect(compromiso).toBe(compromisoEsperado);
    expect(generacion).toBe(2);
    expect(contenido).toEqual({
      huellaSolicitud: anterior.entrada.huellaSolicitud,
      oficina: 'OF-001',
      cliente: null,
      candado: expect.any(String) as unknown,
      correlationId: ORDEN.solicitante.correlationId,
      reejecucionId: null,
    });
  });

  describe('is refused', () => {
    it.each([true, false])('while the outcome is uncertain (idempotent adapter: %s)', async (idempotente) => {
      const run = await incierta(idempotente);

      await expect(prueba.ordenarRun('SOL-1', { ...NUEVA, idempotente })).rejects.toThrow(/incierto/);
      await expect(prueba.abrirRun(comoNuevaEmision(run), { idempotente }).registrar()).rejects.toMatchObject(
        NO_REEJECUTABLE,
      );

      expect(await prueba.leer('SOL-1')).toMatchObject({ generacion: 1, resultadoIncierto: true });
    });

    it('where the dead run, of which nobody had asked, had sent step 2', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();

      await expect(prueba.abrirRun(comoNuevaEmision(run)).registrar()).rejects.toMatchObject(NO_REEJECUTABLE);
    });

    it('where the request was corrected after the order', async () => {
      await enCuarentena();
      const ordenada = await prueba.ordenarRun('SOL-1', NUEVA);
      const correccion = prueba.abrirRun(
        entradaDePrueba('SOL-1', { cambiar: ({ ciudadano }) => (ciudadano.nombres = 'María Helena') }),
      );
      await correccion.registrar();
      await correccion.fallar();

      const retrasada = prueba.abrirRun(ordenada.entrada);
      await expect(retrasada.registrar()).rejects.toMatchObject(NO_REEJECUTABLE);

      expect(await prueba.leer('SOL-1')).toMatchObject({
        generacion: 1,
        huellaSolicitud: correccion.entrada.huellaSolicitud,
      });
    });

    it('where nobody of support ordered it', async () => {
      const run = await enCuarentena();

      await expect(prueba.abrirRun({ ...run.entrada, generacion: 2 }).registrar()).rejects.toMatchObject(
        PERDIDO,
      );

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', generacion: 1 });
    });

    it('to the send of a run whose generation the register does not know', async () => {
      const run = await enCuarentena();

      await expect(prueba.abrirRun(comoNuevaEmision(run)).marcar(1)).rejects.toMatchObject(PERDIDO);

      expect(await prueba.leer('SOL-1')).toMatchObject({ generacion: 1 });
    });
  });

  it('of a completed issuance is the completed issuance', async () => {
    const run = prueba.abrirRun(entradaDePrueba());
    await run.hastaEnviarPaso2();
    await run.concluir();

    const turno = await prueba.abrirRun(comoNuevaEmision(run)).registrar();

    expect(turno).toMatchObject({ tipo: 'YA_COMPLETADA' });
    expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'COMPLETADO', generacion: 1 });
    expect(await prueba.contar('por_revocar')).toBe(0);
  });

  it('ordered twice at once raises the generation once, and the run that Temporal names goes on', async () => {
    const run = await enCuarentena();
    const ordenes = [comoNuevaEmision(run), comoNuevaEmision(run)].map((entrada) => prueba.abrirRun(entrada));

    const turnos = await Promise.allSettled(ordenes.map((orden) => orden.registrar()));

    expect(turnos.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await prueba.leer('SOL-1')).toMatchObject({ generacion: 2, runId: ordenes[1]?.runId });
    expect(await prueba.contar('por_revocar')).toBe(1);
    expect((await prueba.eventos('SOL-1')).filter((evento) => evento === 'NUEVA_EMISION')).toHaveLength(1);
  });

  it('ordered twice, one after the other, goes on in the generation that the first began', async () => {
    const run = await enCuarentena();
    const [primera, segunda] = [comoNuevaEmision(run), comoNuevaEmision(run)];
    const nueva = prueba.abrirRun(primera);
    await nueva.hastaEnviarPaso2();
    await nueva.aclarar(2);
    await nueva.fallar();

    await prueba.abrirRun(segunda).registrar();

    const emision = await prueba.leer('SOL-1');
    expect(emision).toMatchObject({ estado: 'EN_PROCESO', generacion: 2 });
    expect(emision.pasos[1]).toMatchObject({ estado: 'COMPLETADO' });
    expect(await prueba.contar('por_revocar')).toBe(1);
  });

  it('is answered to its run again, asked twice', async () => {
    await enCuarentena();
    const nueva = await prueba.ordenarRun('SOL-1', NUEVA);
    await nueva.registrar();

    await expect(nueva.registrar()).resolves.toMatchObject({ tipo: 'CONCEDIDO' });

    expect(await prueba.leer('SOL-1')).toMatchObject({ generacion: 2 });
  });

  it('is found by the run that brings its step 1, where a register from before it was restored', async () => {
    const run = await enCuarentena();
    const nueva = prueba.abrirRun(comoNuevaEmision(run));

    await expect(nueva.registrarPaso1()).resolves.toMatchObject({ tipo: 'CONCEDIDO' });

    const emision = await prueba.leer('SOL-1');
    expect(emision).toMatchObject({ estado: 'EN_PROCESO', generacion: 2 });
    expect(emision.pasos[1]).toMatchObject({ estado: 'COMPLETADO', solicitud_pki_id: 'PKI-1' });
  });

  it('that failed in step 2 is uncertain, where a register from before it was restored', async () => {
    const run = await enCuarentena();

    await prueba.abrirRun(comoNuevaEmision(run)).fallar();

    expect(await prueba.leer('SOL-1')).toMatchObject({
      estado: 'FALLIDO',
      generacion: 2,
      resultadoIncierto: true,
    });
  });
});
