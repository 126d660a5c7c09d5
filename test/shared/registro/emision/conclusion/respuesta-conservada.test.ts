/**
 * What the PKI answered reaches the register from the activity that received it, whatever became of its run. One file, since
 * each that asks both databases starts a PostgreSQL.
 */
import { historiaDe, SIN_RESPUESTA } from '../../../../support/registro/historia-de-prueba.ts';
import { compararConBitacora } from '../../../../../shared/registro/emision/auditoria/auditoria.ts';
import { seriesDeRespuesta } from '../../../../../shared/registro/emision/filas/respuestas-guardadas.ts';
import type { RespuestaPaso1, RespuestaPaso2 } from '../../../../../shared/emision/contrato.ts';
import {
  BASES,
  CLAVES,
  conforme,
  entradaDePrueba,
  FALLO_PASO_2,
  noConforme,
  ORDEN,
  RESPUESTA_PASO_1,
  RESPUESTA_PASO_2,
  usarRegistro,
} from '../../../../support/registro/registro-de-prueba.ts';

const DEL_PASO_1 = { paso: 1, respuesta: RESPUESTA_PASO_1 } as const;
const DEL_PASO_2 = { paso: 2, respuesta: RESPUESTA_PASO_2 } as const;

describe.each(BASES)('what the PKI answered, on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  const enviada = async (opciones = {}) => {
    const run = prueba.abrirRun(entradaDePrueba(), opciones);
    await run.hastaEnviarPaso2();
    return run;
  };

  /** Whatever was written, the log tells the same. */
  afterEach(async () => {
    const hallazgos: string[] = [];
    for await (const { falta } of compararConBitacora(prueba.db, CLAVES, () => undefined))
      hallazgos.push(falta);
    expect(hallazgos).toEqual([]);
  });

  it('in step 1 is its result from then on, and what another brings of it changes nothing', async () => {
    const run = prueba.abrirRun(entradaDePrueba());
    await run.registrar();
    await run.marcar(1);

    await run.conservar(DEL_PASO_1);
    const ajena: RespuestaPaso1 = { solicitudPkiId: 'PKI-AJENO', numerosSolicitud: [] };
    await run.conservar({ paso: 1, respuesta: ajena });

    const turno = await run.registrarPaso1(ajena);
    expect(turno).toMatchObject({ tipo: 'CONCEDIDO' });
    expect((await prueba.leer('SOL-1')).pasos[1]).toMatchObject({
      estado: 'COMPLETADO',
      solicitud_pki_id: RESPUESTA_PASO_1.solicitudPkiId,
      envios_sin_aclarar: [],
    });
    expect(await prueba.eventos('SOL-1')).toEqual(['NUMEROS_GENERADOS', 'SOLICITUD_ACEPTADA']);
  });

  it('in step 1 that does not say whose it is is not taken where another codigo has its numbers', async () => {
    const otra = prueba.abrirRun(entradaDePrueba('SOL-OTRA', { documento: '11111111' }));
    await otra.registrar();
    await otra.registrarPaso1({ ...RESPUESTA_PASO_1, solicitudPkiId: 'PKI-DE-OTRA' });
    const run = prueba.abrirRun(entradaDePrueba());
    await run.registrar();

    const copiada = { ...RESPUESTA_PASO_1, solicitudPkiId: 'PKI-DE-OTRA' };
    expect(await run.registrarPaso1(copiada, false)).toEqual({ tipo: 'SIN_RESPUESTA' });
    expect(await run.registrarPaso1(RESPUESTA_PASO_1, false)).toMatchObject({ tipo: 'CONCEDIDO' });
  });

  it('in step 2 clears the marks, and is compared though the run brings nothing, or something else', async () => {
    const run = await enviada();

    await run.conservar(DEL_PASO_2);

    expect((await prueba.leer('SOL-1')).pasos[2].envios_sin_aclarar).toEqual([]);
    const comparados: RespuestaPaso2[] = [];
    const cierre = await run.concluir({
      respuesta: { certificados: [] },
      esDeEsteTrabajo: false,
      comparar: (emision, recibidos) => {
        comparados.push(recibidos);
        return conforme()(emision, recibidos);
      },
    });
    expect(cierre).toMatchObject({ tipo: 'COMPLETADO' });
    expect(comparados).toEqual([RESPUESTA_PASO_2]);
  });

  it.each([true, false])(
    'is handed to an attempt that would send again (idempotent: %s)',
    async (idempotente) => {
      const run = prueba.abrirRun(entradaDePrueba(), { idempotente });
      await run.registrar();
      await run.marcar(1);
      await run.conservar(DEL_PASO_1);
      expect(await run.pedirPermiso(1)).toEqual({ tipo: 'RESPONDIDO', respuesta: RESPUESTA_PASO_1 });
      await run.registrarPaso1(null);
      await run.marcar(2);
      await run.conservar(DEL_PASO_2);

      expect(await run.pedirPermiso(2)).toEqual({ tipo: 'RESPONDIDO', respuesta: RESPUESTA_PASO_2 });

      const { pasos } = await prueba.leer('SOL-1');
      expect([pasos[1].intentos, pasos[2].intentos]).toEqual([1, 1]);
    },
  );

  it('to a run that somebody cut short is compared by its successor', async () => {
    const entrada = entradaDePrueba();
    const cortada = prueba.abrirRun(entrada, { idempotente: false });
    await cortada.hastaEnviarPaso2();
    const sucesora = prueba.abrirRun(entrada, { idempotente: false });
    await sucesora.registrar();

    await cortada.conservar(DEL_PASO_2);

    expect(await sucesora.pedirPermiso(2)).toEqual({ tipo: 'RESPONDIDO', respuesta: RESPUESTA_PASO_2 });
    expect(await sucesora.concluir({ respuesta: null })).toMatchObject({ tipo: 'COMPLETADO' });
  });

  it('settles the issuance though its run was cut short, and its history tells of a step that nobody answered', async () => {
    const run = await enviada({ idempotente: false });
    await run.conservar(DEL_PASO_2);
    prueba.motor.cerrar('SOL-1', historiaDe(run, { paso2: SIN_RESPUESTA }));

    expect(await prueba.registro.conciliar('SOL-1')).toMatchObject({
      estado: 'FALLIDO',
      fallo: { tipo: 'EMISION_INTERRUMPIDA', paso: 2 },
      resultadoIncierto: false,
    });
    const otra = prueba.abrirRun(run.entrada, { idempotente: false });
    expect(await otra.registrar()).toMatchObject({ tipo: 'CONCEDIDO', emisionRecibida: true });
  });

  it('to a run that failed meanwhile settles it, and the next run compares it', async () => {
    const run = await enviada();
    await run.fallar(FALLO_PASO_2);
    expect(await prueba.leer('SOL-1')).toMatchObject({ resultadoIncierto: true });

    await run.conservar(DEL_PASO_2);
    await run.conservar(DEL_PASO_2);

    expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resultadoIncierto: false });
    const tardias = (await prueba.eventos('SOL-1')).filter((evento) => /TARDIA|ACLARADO/.test(evento));
    expect(tardias).toEqual(['RESPUESTA_TARDIA', 'RESULTADO_ACLARADO']);
    const otra = prueba.abrirRun(run.entrada);
    expect(await otra.registrar()).toMatchObject({ tipo: 'CONCEDIDO', emisionRecibida: true });
  });

  it('that brings no certificate clears no mark', async () => {
    const run = await enviada();

    await run.conservar({ paso: 2, respuesta: { certificados: [] } });

    expect((await prueba.leer('SOL-1')).pasos[2].envios_sin_aclarar).toEqual([run.marcas[2]]);
  });

  describe('after one that brought no certificate', () => {
    const VACIA = { paso: 2 as const, respuesta: { certificados: [] } };

    it('takes its place, clears the marks and is compared, whoever brings it', async () => {
      const run = await enviada();
      await run.conservar(VACIA);
      await run.concluir({ respuesta: VACIA.respuesta, comparar: noConforme('falta el certificado') });
      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resultadoIncierto: true });

      await run.conservar(DEL_PASO_2);

      expect(await prueba.leer('SOL-1')).toMatchObject({ resultadoIncierto: false });
      const otra = prueba.abrirRun(run.entrada);
      expect(await otra.registrar()).toMatchObject({ tipo: 'CONCEDIDO', emisionRecibida: true });
      expect(await otra.concluir({ respuesta: null })).toMatchObject({ tipo: 'COMPLETADO' });
    });

    it('takes its place while its run still compares', async () => {
      const run = await enviada();
      await run.conservar(VACIA);

      const cierre = await run
        .concluir({
          respuesta: VACIA.respuesta,
          comparar: async (emision, recibidos) => {
            if (recibidos.certificados.length > 0) return conforme()(emision, recibidos);
            await run.conservar(DEL_PASO_2);
            return { conforme: false, faltas: ['falta el certificado'] };
          },
        })
        .catch(() => run.concluir({ respuesta: VACIA.respuesta }));

      expect(cierre).toMatchObject({ tipo: 'COMPLETADO' });
    });

    it('is asked for again by the next run, with an adapter that repeats its answers', async () => {
      const run = await enviada();
      await run.conservar(VACIA);
      await run.fallar(FALLO_PASO_2);
      const otra = prueba.abrirRun(run.entrada);

      expect(await otra.registrar()).toMatchObject({ tipo: 'CONCEDIDO', emisionRecibida: false });
      expect(await otra.pedirPermiso(2)).toMatchObject({ tipo: 'MARCADO' });
    });

    it('is not asked for again with one that does not', async () => {
      const run = await enviada({ idempotente: false });
      await run.conservar(VACIA);

      await expect(run.pedirPermiso(2)).rejects.toMatchObject({ fallo: 'RESULTADO_INCIERTO' });
    });
  });

  it('that is another set than the one that is kept clears nothing of its own, and the log names its serials', async () => {
    const entrada = entradaDePrueba();
    const cortada = prueba.abrirRun(entrada);
    await cortada.hastaEnviarPaso2();
    const sucesora = prueba.abrirRun(entrada);
    await sucesora.registrar();
    await sucesora.marcar(2);
    await sucesora.conservar(DEL_PASO_2);
    const [uno, ...otros] = RESPUESTA_PASO_2.certificados;
    if (!uno) throw new Error('unreachable: it has three');

    await cortada.conservar({
      paso: 2,
      respuesta: { certificados: [{ ...uno, numeroSerie: 'FF', certificadoBase64: 'AAAA' }, ...otros] },
    });

    const { contenido } = await prueba.db
      .selectFrom('bitacora')
      .select('contenido')
      .where('evento', '=', 'RESPUESTA_TARDIA')
      .executeTakeFirstOrThrow();
    expect(contenido).toMatchObject({ seriesDeOtra: expect.arrayContaining(['FF']) as unknown });
    expect(await sucesora.concluir({ respuesta: null })).toMatchObject({ tipo: 'COMPLETADO' });
  });

  it('to a generation that was given up goes on the to-revoke list alone', async () => {
    const run = await enviada();
    await run.fallar(FALLO_PASO_2);
    await prueba.soporte.resolver('SOL-1', { ...ORDEN, decision: 'EMITIDO_DESCARTADO' });

    await run.conservar(DEL_PASO_2);

    expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resolucion: 'EMITIDO_DESCARTADO' });
    const [porRevocar] = await prueba.db.selectFrom('por_revocar').select('series').execute();
    expect(porRevocar?.series).toEqual(seriesDeRespuesta(RESPUESTA_PASO_2));
  });

  it('of a codigo that the register does not know, or to another request, is of no use', async () => {
    const run = await enviada();
    const otra = entradaDePrueba('SOL-1', { cambiar: ({ ciudadano }) => (ciudadano.nombres = 'OTRA') });

    await prueba.abrirRun(entradaDePrueba('SOL-9', { documento: '10000009' })).conservar(DEL_PASO_2);
    await prueba.abrirRun(otra).conservar(DEL_PASO_2);

    expect(await prueba.contar('recibidos')).toBe(0);
    expect((await prueba.leer('SOL-1')).pasos[2].envios_sin_aclarar).toEqual([run.marcas[2]]);
  });
});
