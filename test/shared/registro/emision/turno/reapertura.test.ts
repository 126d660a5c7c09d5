/** A failed issuance that runs again. One file, since each that asks both databases starts a PostgreSQL. */
import type { EntradaEmision } from '../../../../../shared/emision/contrato.ts';
import type { SolicitudCertificado } from '../../../../../shared/emision/solicitud.ts';
import {
  BASES,
  entradaDePrueba,
  FALLO_PASO_1,
  usarRegistro,
} from '../../../../support/registro/registro-de-prueba.ts';

const REUTILIZADO = { fallo: 'CODIGO_REUTILIZADO' };
const CONCEDIDO = { tipo: 'CONCEDIDO' };

describe.each(BASES)('a failed issuance that runs again on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  const corregida = (cambiar: (solicitud: SolicitudCertificado) => void): EntradaEmision =>
    entradaDePrueba('SOL-1', { cambiar });
  const conOtroNombre = corregida(({ ciudadano }) => (ciudadano.nombres = 'María Helena'));
  const conOtroDocumento = corregida(({ solicitud }) => (solicitud.numeroDocumento = '10000009'));

  const fallidaEnPaso1 = async (sends: 'none' | 'refused' | 'unclear') => {
    const run = prueba.abrirRun(entradaDePrueba());
    await run.registrar();
    if (sends !== 'none') await run.marcar(1);
    if (sends === 'refused') await run.aclarar(1);
    await run.fallar(FALLO_PASO_1);
  };
  const fallidaEnPaso2 = async (sends: 'refused' | 'unclear', idempotente = true) => {
    const run = prueba.abrirRun(entradaDePrueba(), { idempotente });
    await run.hastaEnviarPaso2();
    if (sends === 'refused') await run.aclarar(2);
    await run.fallar();
  };

  it('goes on at the step that failed, and is EN_PROCESO again with nothing of the failure', async () => {
    await fallidaEnPaso2('refused');
    const antes = await prueba.leer('SOL-1');
    const nueva = prueba.abrirRun(entradaDePrueba());

    await expect(nueva.registrar()).resolves.toMatchObject(CONCEDIDO);

    const despues = await prueba.leer('SOL-1');
    expect(despues).toMatchObject({
      estado: 'EN_PROCESO',
      runId: nueva.runId,
      requestId: nueva.entrada.contexto.requestId,
      fallo: null,
      fechaInicio: new Date(nueva.entrada.inicio),
      fechaFin: null,
      aceptadaEn: antes.aceptadaEn,
    });
    expect(despues.registroAuditoriaId).not.toBe(antes.registroAuditoriaId);
    expect(despues.pasos[1]).toMatchObject({ estado: 'COMPLETADO', solicitud_pki_id: 'PKI-1', intentos: 1 });
    expect(despues.pasos[2]).toMatchObject({ estado: 'EN_PROCESO', intentos: 1, fecha_fin: null });
    expect(await prueba.eventos('SOL-1')).toContain('SOLICITUD_REABIERTA');
  });

  it('takes the lock again, so that a POST that meets it is turned away', async () => {
    await fallidaEnPaso1('refused');
    await prueba.abrirRun(entradaDePrueba('SOL-2')).registrar();

    await expect(prueba.abrirRun(entradaDePrueba()).registrar()).rejects.toMatchObject({
      fallo: 'CIUDADANO_EN_PROCESO',
    });

    expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', fallo: FALLO_PASO_1 });
    expect(await prueba.eventos('SOL-1')).toEqual(['EMISION_FALLIDA', 'SOLICITUD_ACEPTADA']);
  });

  it('takes its X-Request-ID, which no other running codigo may have', async () => {
    await fallidaEnPaso1('refused');
    const otra = prueba.abrirRun(entradaDePrueba('SOL-2', { documento: '10000002' }));
    await otra.registrar();
    const { requestId } = otra.entrada.contexto;

    await expect(prueba.abrirRun(entradaDePrueba('SOL-1', { requestId })).registrar()).rejects.toMatchObject({
      fallo: 'PETICION_REUTILIZADA',
    });

    expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO' });
  });

  it('sends the stored body, byte for byte, where the same request came in another form', async () => {
    await fallidaEnPaso2('unclear');
    const { cuerpo } = await prueba.db.selectFrom('solicitudes').select('cuerpo').executeTakeFirstOrThrow();
    const enviado = JSON.stringify((await prueba.leer('SOL-1')).peticion?.solicitud);
    const otraForma = corregida(({ configuracionCertificados, metadatos }) => {
      configuracionCertificados.tipoCertificados.reverse();
      metadatos.usuarioRegistrador = 'otro';
    });
    const nueva = prueba.abrirRun(otraForma);

    await nueva.registrar();
    const envio = await nueva.marcar(2);

    expect(JSON.stringify(envio.solicitud)).toBe(enviado);
    expect(await prueba.db.selectFrom('solicitudes').select('cuerpo').executeTakeFirst()).toEqual({ cuerpo });
  });

  it('sends the corrected body where the citizen’s data were corrected', async () => {
    await fallidaEnPaso2('refused');
    const nueva = prueba.abrirRun(conOtroNombre);

    await nueva.registrar();

    await expect(nueva.marcar(2)).resolves.toMatchObject({ solicitud: conOtroNombre.solicitud });
    expect(await prueba.leer('SOL-1')).toMatchObject({ huellaSolicitud: conOtroNombre.huellaSolicitud });
  });

  describe('sent by a client', () => {
    const de = (
      cliente: string | undefined,
      entrada: EntradaEmision = entradaDePrueba(),
    ): EntradaEmision => ({
      ...entrada,
      contexto: { ...entrada.contexto, ...(cliente !== undefined && { cliente }) },
    });
    const fallidaDe = async (cliente: string | undefined) => {
      const run = prueba.abrirRun(de(cliente));
      await run.registrar();
      await run.fallar(FALLO_PASO_1);
    };

    it.each([
      ['as it was', entradaDePrueba()],
      ['corrected', conOtroNombre],
      ['for another citizen', conOtroDocumento],
    ])('is not run again by another client, %s, and stays whose it was', async (_caso, entrada) => {
      await fallidaDe('A');
      const antes = await prueba.leer('SOL-1');

      await expect(prueba.abrirRun(de('B', entrada)).registrar()).rejects.toMatchObject(REUTILIZADO);

      expect(await prueba.leer('SOL-1')).toEqual(antes);
    });

    it.each([
      ['A', 'A', 'A'],
      [undefined, 'B', 'B'],
    ])('(%s) is run again by %s, and is then of %s', async (primero, segundo, queda) => {
      await fallidaDe(primero);

      await expect(prueba.abrirRun(de(segundo, conOtroNombre)).registrar()).resolves.toMatchObject(CONCEDIDO);

      expect(await prueba.leer('SOL-1')).toMatchObject({ cliente: queda });
    });

    it('is run again by support, whoever sent it, and stays whose it was', async () => {
      await fallidaDe('A');

      await expect((await prueba.ordenarRun('SOL-1')).registrar()).resolves.toMatchObject(CONCEDIDO);

      expect(await prueba.leer('SOL-1')).toMatchObject({ cliente: 'A' });
    });
  });

  it.each(['none', 'refused'] as const)(
    'admits another document where of step 1 sends were: %s',
    async (sends) => {
      await fallidaEnPaso1(sends);

      await expect(prueba.abrirRun(conOtroDocumento).registrar()).resolves.toMatchObject(CONCEDIDO);

      // The lock goes with the document.
      await expect(prueba.abrirRun(entradaDePrueba('SOL-2')).registrar()).resolves.toMatchObject(CONCEDIDO);
      await expect(
        prueba.abrirRun(entradaDePrueba('SOL-3', { documento: '10000009' })).registrar(),
      ).rejects.toMatchObject({ fallo: 'CIUDADANO_EN_PROCESO' });
    },
  );

  it('keeps its document where a send of step 1 is unclear', async () => {
    await fallidaEnPaso1('unclear');

    await expect(prueba.abrirRun(conOtroDocumento).registrar()).rejects.toMatchObject(REUTILIZADO);
    await expect(prueba.abrirRun(conOtroNombre).registrar()).resolves.toMatchObject(CONCEDIDO);
  });

  it('keeps its document where step 1 is done', async () => {
    await fallidaEnPaso2('refused');

    await expect(prueba.abrirRun(conOtroDocumento).registrar()).rejects.toMatchObject(REUTILIZADO);

    expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO' });
  });

  it.each<[string, (solicitud: SolicitudCertificado) => void]>([
    ['numeroTramite', ({ solicitud }) => (solicitud.numeroTramite = 'TRA-2')],
    ['types', ({ configuracionCertificados }) => configuracionCertificados.tipoCertificados.pop()],
    ['validity', ({ configuracionCertificados }) => (configuracionCertificados.vigenciaAnios = 1)],
    ['usage', ({ configuracionCertificados }) => delete configuracionCertificados.usoExtendido],
  ])('is another request with other %s', async (_, cambiar) => {
    await fallidaEnPaso1('none');

    await expect(prueba.abrirRun(corregida(cambiar)).registrar()).rejects.toMatchObject(REUTILIZADO);

    expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', fallo: FALLO_PASO_1 });
  });

  describe('with an uncertain result', () => {
    it('goes on with the same request where the adapter is idempotent, uncertain until it is settled', async () => {
      await fallidaEnPaso2('unclear');
      const nueva = prueba.abrirRun(entradaDePrueba());

      await nueva.registrar();
      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'EN_PROCESO', resultadoIncierto: false });
      await nueva.marcar(2);
      await nueva.aclarar(2);
      await nueva.fallar();

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resultadoIncierto: true });
    });

    it('is settled by the certificates', async () => {
      await fallidaEnPaso2('unclear');
      const nueva = prueba.abrirRun(entradaDePrueba());
      await nueva.registrar();
      await nueva.marcar(2);

      await expect(nueva.concluir()).resolves.toMatchObject({ tipo: 'COMPLETADO' });
    });

    it.each([true, false])('takes no corrections (idempotent adapter: %s)', async (idempotente) => {
      await fallidaEnPaso2('unclear', idempotente);

      await expect(prueba.abrirRun(conOtroNombre, { idempotente }).registrar()).rejects.toMatchObject(
        REUTILIZADO,
      );

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resultadoIncierto: true });
    });

    it('does not run again where the adapter is not idempotent', async () => {
      await fallidaEnPaso2('unclear', false);
      const nueva = prueba.abrirRun(entradaDePrueba(), { idempotente: false });

      await expect(nueva.registrar()).rejects.toMatchObject({ fallo: 'SOLICITUD_NO_REEJECUTABLE' });
      await expect(nueva.marcar(2)).rejects.toMatchObject({ fallo: 'SOLICITUD_NO_REEJECUTABLE' });
      await expect(nueva.fallar()).rejects.toMatchObject({ fallo: 'SOLICITUD_NO_REEJECUTABLE' });

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resultadoIncierto: true });
    });
  });

  describe('while the row still names a run that died', () => {
    it('takes a correction, after closing what the dead run left', async () => {
      await prueba.abrirRun(entradaDePrueba()).registrar();
      const nueva = prueba.abrirRun(conOtroNombre);

      await expect(nueva.registrar()).resolves.toMatchObject(CONCEDIDO);

      expect(await prueba.leer('SOL-1')).toMatchObject({ runId: nueva.runId, estado: 'EN_PROCESO' });
      expect(await prueba.eventos('SOL-1')).toEqual([
        'EMISION_FALLIDA',
        'SOLICITUD_ACEPTADA',
        'SOLICITUD_REABIERTA',
      ]);
    });

    it('takes no correction where the dead run had sent step 2', async () => {
      await prueba.abrirRun(entradaDePrueba()).hastaEnviarPaso2();

      await expect(prueba.abrirRun(conOtroNombre).registrar()).rejects.toMatchObject(REUTILIZADO);
    });

    it('refuses the send of a run whose request was corrected since', async () => {
      const vieja = prueba.abrirRun(entradaDePrueba());
      await vieja.registrar();
      await vieja.fallar(FALLO_PASO_1);
      const nueva = prueba.abrirRun(conOtroNombre);
      await nueva.registrar();
      await nueva.fallar(FALLO_PASO_1);
      const reiniciada = prueba.abrirRun(vieja.entrada);

      await expect(reiniciada.marcar(1)).rejects.toMatchObject({ fallo: 'TURNO_PERDIDO' });
    });
  });

  it('goes on at the send of a run that was reset after it had failed', async () => {
    await fallidaEnPaso2('refused');
    const reiniciada = prueba.abrirRun(entradaDePrueba());

    await reiniciada.marcar(2);

    expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'EN_PROCESO', runId: reiniciada.runId });
    await expect(reiniciada.concluir()).resolves.toMatchObject({ tipo: 'COMPLETADO' });
  });
});
