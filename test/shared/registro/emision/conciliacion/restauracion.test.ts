/**
 * Restores (docs/rules.md): the register came back from an older copy than Temporal, and no run is open. One file, since
 * each that asks both databases starts a PostgreSQL.
 */
import { claveDeIdempotencia } from '../../../../../shared/registro/emision/filas/claves-de-emision.ts';
import type { FinDeRunCerrada, HistoriaDeRun } from '../../../../../shared/motor/emision/motor.ts';
import { crearCaDePrueba, describir } from '../../../../support/pki/ca-de-prueba.ts';
import {
  historiaDe,
  NADA_HECHO,
  pasosProceso,
  RECHAZADO,
  respondido,
  resultadoDePrueba,
  SIN_DESENLACE,
  SIN_RESPUESTA,
} from '../../../../support/registro/historia-de-prueba.ts';
import {
  BASES,
  certificadoDePrueba,
  entradaDePrueba,
  FALLO_PASO_1,
  FALLO_PASO_2,
  RESPUESTA_PASO_1,
  RESPUESTA_PASO_2,
  usarRegistro,
  type RunDePrueba,
} from '../../../../support/registro/registro-de-prueba.ts';

const CONCEDIDO = { tipo: 'CONCEDIDO' };
const EN_PASO_2 = { paso1: respondido(RESPUESTA_PASO_1), paso2: SIN_RESPUESTA };

describe.each(BASES)('a restore, on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  /** A run that Temporal knows as closed, so. */
  const cerrada = (
    cambios: Partial<HistoriaDeRun>,
    entrada = entradaDePrueba(),
    run = prueba.abrirRun(entrada),
  ): RunDePrueba => {
    const { codigoSolicitudTramite } = entrada.solicitud.solicitud;
    prueba.motor.cerrar(codigoSolicitudTramite, historiaDe(run, cambios));
    return run;
  };

  const completada = async (codigo = 'SOL-1'): Promise<FinDeRunCerrada> => {
    const { raiz } = await crearCaDePrueba();
    const { huellaClavePublica, ...certificado } = certificadoDePrueba(codigo, 'FIRMA_DIGITAL');
    expect(huellaClavePublica).not.toBe('');
    const { certificadoBase64 } = describir('FIRMA_DIGITAL', raiz);
    return { tipo: 'COMPLETADO', resultado: resultadoDePrueba([{ ...certificado, certificadoBase64 }]) };
  };
  const restaurar = (codigo = 'SOL-1') => prueba.registro.restaurar(codigo);
  const conciliarUna = (codigo = 'SOL-1') => prueba.mantenimiento.conciliarUna(codigo);

  describe('of a register that lost a completed issuance', () => {
    it('brings back row, steps, certificates and the answer of step 2', async () => {
      const fin = await completada();
      const run = cerrada(
        {
          fin,
          paso1: respondido(RESPUESTA_PASO_1),
          paso2: respondido(RESPUESTA_PASO_2),
        },
        entradaDePrueba('SOL-1', {
          cambiar: ({ configuracionCertificados }) =>
            (configuracionCertificados.tipoCertificados = ['FIRMA_DIGITAL']),
        }),
      );

      expect(await conciliarUna()).toMatchObject({ accion: 'RECONSTRUIDA', pendiente: null });

      const emision = await prueba.leer('SOL-1');
      expect(emision).toMatchObject({
        estado: 'COMPLETADO',
        runId: run.runId,
        peticion: { solicitud: run.entrada.solicitud, contexto: run.entrada.contexto },
        aceptadaEn: new Date(run.entrada.aceptadaEn),
        fechaInicio: new Date('2026-11-22T10:00:00Z'),
        fechaFin: new Date('2026-11-22T10:00:01Z'),
        resultadoIncierto: false,
      });
      expect(emision.pasos[1]).toMatchObject({
        estado: 'COMPLETADO',
        intentos: 2,
        solicitud_pki_id: 'PKI-1',
        numeros_solicitud: RESPUESTA_PASO_1.numerosSolicitud,
        clave_idempotencia: claveDeIdempotencia('SOL-1', 1, 1),
      });
      expect(emision.pasos[2]).toMatchObject({ estado: 'COMPLETADO', intentos: 2, envios_sin_aclarar: [] });
      const { certificados } = (fin as Extract<FinDeRunCerrada, { tipo: 'COMPLETADO' }>).resultado;
      expect(await prueba.registro.leerCertificados('SOL-1')).toEqual(certificados);
      expect(await prueba.contar('recibidos')).toBe(1);
      expect(await prueba.eventos('SOL-1')).toEqual(['EMISION_RECONSTRUIDA']);
    });

    it('does so once, however often it is asked', async () => {
      cerrada({ fin: await completada() });
      await Promise.all([restaurar(), restaurar(), restaurar()]);

      expect(await conciliarUna()).toMatchObject({ accion: 'NINGUNA' });
      expect(await prueba.eventos('SOL-1')).toEqual(['EMISION_RECONSTRUIDA']);
    });

    it('leaves it where another issuance has its serial, and says what support does', async () => {
      const fin = await completada();
      cerrada({ fin });
      await restaurar();
      cerrada({ fin }, entradaDePrueba('SOL-2', { documento: '10000002' }));

      expect(await conciliarUna('SOL-2')).toEqual({
        emision: null,
        accion: 'NINGUNA',
        pendiente: expect.stringContaining('consulte a la PKI') as unknown,
      });
      await expect(restaurar('SOL-2')).rejects.toMatchObject({ name: 'SinConciliar' });
      expect(await prueba.eventos('SOL-2')).toEqual([]);
    });
  });

  describe('of a register that holds a completed issuance as it was before', () => {
    it.each<[string, (run: RunDePrueba) => Promise<unknown>]>([
      ['EN_PROCESO', (run) => run.registrar()],
      ['EN_PROCESO in step 2', (run) => run.hastaEnviarPaso2()],
    ])('completes it where the row says %s', async (_, hasta) => {
      const run = prueba.abrirRun(entradaDePrueba());
      await hasta(run);
      cerrada({ ...EN_PASO_2, fin: await completada() }, run.entrada, run);

      await prueba.registro.conciliar('SOL-1');

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'COMPLETADO', resultadoIncierto: false });
    });

    it('completes it where the row says FALLIDO by an earlier run, uncertain even', async () => {
      const anterior = prueba.abrirRun(entradaDePrueba());
      await anterior.hastaEnviarPaso2();
      await anterior.fallar();
      const run = cerrada({ fin: await completada() });

      await prueba.registro.conciliar('SOL-1');

      expect(await prueba.leer('SOL-1')).toMatchObject({
        estado: 'COMPLETADO',
        runId: run.runId,
        resultadoIncierto: false,
        fallo: null,
      });
    });

    it('frees the lock that it held, so that another issuance of the citizen may begin', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      cerrada({ fin: await completada() }, run.entrada, run);

      await expect(prueba.abrirRun(entradaDePrueba('SOL-2')).registrar()).resolves.toMatchObject(CONCEDIDO);
    });
  });

  describe('of a register that lost a failed issuance', () => {
    it.each([true, false])('brings it back as the run says that it was (uncertain: %s)', async (incierta) => {
      const run = cerrada({
        ...EN_PASO_2,
        // Temporal closed it a moment after the register had.
        cierre: new Date('2026-11-22T10:00:02.1Z'),
        fin: {
          tipo: 'FALLIDO',
          fallo: FALLO_PASO_2,
          registrado: { pasosProceso: pasosProceso(7, 'FALLIDO'), resultadoIncierto: incierta },
        },
      });

      await restaurar();

      const emision = await prueba.leer('SOL-1');
      expect(emision).toMatchObject({
        estado: 'FALLIDO',
        fallo: FALLO_PASO_2,
        resultadoIncierto: incierta,
        runId: run.runId,
        fechaInicio: new Date('2026-11-22T10:00:00Z'),
        fechaFin: new Date('2026-11-22T10:00:01Z'),
      });
      expect(emision.pasos[2]).toMatchObject({
        estado: 'FALLIDO',
        intentos: 7,
        envios_sin_aclarar: incierta ? [run.runId] : [],
      });
      const otra = prueba.abrirRun(entradaDePrueba('SOL-2')).registrar();
      await (incierta
        ? expect(otra).rejects.toMatchObject({ fallo: 'CIUDADANO_CON_INCIERTA' })
        : expect(otra).resolves.toMatchObject(CONCEDIDO));
    });

    it.each([
      ['sent and not answered', SIN_RESPUESTA, true],
      ['never sent', NADA_HECHO, false],
      ['refused for good', RECHAZADO, false],
    ])('of an earlier version, step 2 %s', async (_, paso2, incierta) => {
      cerrada({
        paso1: respondido(RESPUESTA_PASO_1),
        paso2,
        fin: { tipo: 'FALLIDO', fallo: FALLO_PASO_2, registrado: null },
      });

      await restaurar();

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resultadoIncierto: incierta });
    });

    it('keeps what step 2 answered: the next run compares it and asks nothing', async () => {
      const { entrada } = cerrada({
        paso1: respondido(RESPUESTA_PASO_1),
        paso2: respondido(RESPUESTA_PASO_2),
        fin: {
          tipo: 'FALLIDO',
          fallo: { tipo: 'CERTIFICADO_NO_CONFORME', paso: 2, detalles: ['subjectDN'] },
          registrado: null,
        },
      });
      await restaurar();

      await expect(prueba.abrirRun(entrada, { idempotente: false }).registrar()).resolves.toMatchObject({
        emisionRecibida: true,
      });
    });

    it('keeps uncertain what an earlier run of several sent and nobody answered', async () => {
      cerrada({ ...EN_PASO_2, fin: SIN_DESENLACE });
      cerrada({ paso2: NADA_HECHO, fin: { tipo: 'FALLIDO', fallo: FALLO_PASO_2, registrado: null } });

      await restaurar();

      const emision = await prueba.leer('SOL-1');
      expect(emision).toMatchObject({ resultadoIncierto: true, fallo: FALLO_PASO_2 });
      expect(emision.pasos[1]).toMatchObject({ estado: 'COMPLETADO', solicitud_pki_id: 'PKI-1' });
    });

    it.each(['CIUDADANO_EN_PROCESO', 'PETICION_REUTILIZADA', 'TURNO_PERDIDO', 'CODIGO_REUTILIZADO'] as const)(
      'makes no row of a run that was turned away: %s',
      async (tipo) => {
        cerrada({ fin: { tipo: 'FALLIDO', fallo: { tipo, paso: null, detalles: [] }, registrado: null } });

        expect(await restaurar()).toBeNull();
      },
    );

    it('waits while another issuance of the citizen has the lock, and then brings it back uncertain', async () => {
      cerrada({ ...EN_PASO_2, fin: SIN_DESENLACE });
      const otra = prueba.abrirRun(entradaDePrueba('SOL-2'));
      await otra.registrar();
      expect(await conciliarUna()).toMatchObject({
        emision: null,
        pendiente: expect.stringContaining('candado') as unknown,
      });
      await otra.fallar(FALLO_PASO_1);

      await restaurar();

      expect(await prueba.leer('SOL-1')).toMatchObject({ resultadoIncierto: true });
    });
  });

  describe('of a register that lost an issuance which was cut short', () => {
    it.each([
      ['before anything was sent', {}, false, 1],
      ['in step 1', { paso1: SIN_RESPUESTA }, false, 1],
      ['in step 2', EN_PASO_2, true, 2],
    ] as const)('%s', async (_, cambios, incierta, paso) => {
      cerrada(cambios);

      await restaurar();

      expect(await prueba.leer('SOL-1')).toMatchObject({
        estado: 'FALLIDO',
        fallo: { tipo: 'EMISION_INTERRUMPIDA', paso },
        resultadoIncierto: incierta,
      });
    });
  });

  it.each<[string, (run: RunDePrueba) => Promise<unknown>]>([
    ['step 1 had answered', () => Promise.resolve()],
    ['step 2 was marked', (run) => run.registrarPaso1()],
  ])('of a register from before %s: the run’s history decides, and the lock stays', async (_, hasta) => {
    const run = prueba.abrirRun(entradaDePrueba());
    await run.registrar();
    await hasta(run);
    cerrada(EN_PASO_2, run.entrada, run);

    await expect(prueba.abrirRun(entradaDePrueba('SOL-2')).registrar()).rejects.toMatchObject({
      fallo: 'CIUDADANO_CON_INCIERTA',
    });

    const emision = await prueba.leer('SOL-1');
    expect(emision).toMatchObject({ estado: 'FALLIDO', resultadoIncierto: true });
    expect(emision.pasos[1]).toMatchObject({ estado: 'COMPLETADO', solicitud_pki_id: 'PKI-1' });
  });
  describe('of nothing, where a run was cut short in step 2,', () => {
    const cortada = async (idempotente: boolean) => {
      const run = prueba.abrirRun(entradaDePrueba(), { idempotente });
      await run.hastaEnviarPaso2();
      prueba.motor.cerrar('SOL-1', historiaDe(run, EN_PASO_2));
      return run;
    };

    it.each([true, false])(
      'closes it with its own mark, which its late answer clears (idempotent adapter: %s)',
      async (idempotente) => {
        const run = await cortada(idempotente);

        expect(await conciliarUna()).toMatchObject({ accion: 'INTERRUMPIDA', pendiente: null });
        const { envios_sin_aclarar, intentos } = (await prueba.leer('SOL-1')).pasos[2];
        expect([envios_sin_aclarar, intentos]).toEqual([[run.marcas[2]], 1]);

        await run.conservar({ paso: 2, respuesta: RESPUESTA_PASO_2 });
        expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resultadoIncierto: false });
        const otra = prueba.abrirRun(run.entrada, { idempotente });
        expect(await otra.registrar()).toMatchObject({ tipo: 'CONCEDIDO', emisionRecibida: true });
      },
    );

    it.each([true, false])(
      'hands its turn to the run that a reset began (idempotent adapter: %s)',
      async (idempotente) => {
        const run = await cortada(idempotente);
        const reiniciada = prueba.abrirRun(run.entrada, { idempotente });

        await run.conservar({ paso: 2, respuesta: RESPUESTA_PASO_2 });

        expect(await reiniciada.registrar()).toMatchObject({ tipo: 'CONCEDIDO', emisionRecibida: true });
        expect(await prueba.eventos('SOL-1')).toContain('TURNO_TRASPASADO');
      },
    );
  });

  it('more closed runs than the service ever makes are not read: support is told to delete them', async () => {
    const run = prueba.abrirRun(entradaDePrueba());
    await run.registrar();
    const antes = await prueba.leer('SOL-1');
    prueba.motor.abrir('SOL-1', 'forjada-0');
    for (let i = 0; i < 1_005; i++)
      prueba.motor.cerrar('SOL-1', historiaDe({ runId: `forjada-${i}`, entrada: run.entrada }));

    expect(await conciliarUna()).toEqual({
      emision: antes,
      accion: 'NINGUNA',
      pendiente: expect.stringContaining('temporal workflow delete') as unknown,
    });
  });
});
