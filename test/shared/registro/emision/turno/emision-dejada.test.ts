/** What a new issuance gives up: it is to be revoked, and its run changes nothing any more. */
import { claveDeIdempotencia } from '../../../../../shared/registro/emision/filas/claves-de-emision.ts';
import { crearCaDePrueba, describir } from '../../../../support/pki/ca-de-prueba.ts';
import {
  BASES,
  entradaDePrueba,
  FALLO_PASO_1,
  noConforme,
  RESPUESTA_PASO_2,
  usarRegistro,
} from '../../../../support/registro/registro-de-prueba.ts';

const PERDIDO = { fallo: 'TURNO_PERDIDO' };

const NUEVA = { nuevaEmision: true };

describe.each(BASES)('a new issuance on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  const enCuarentena = async () => {
    const run = prueba.abrirRun(entradaDePrueba());
    await run.hastaEnviarPaso2();
    await run.concluir({ comparar: noConforme('subjectDN') });
    return run;
  };

  describe('puts on the to-revoke list', () => {
    it('key, solicitudPkiId and serials of what it gives up', async () => {
      await enCuarentena();
      await (await prueba.ordenarRun('SOL-1', NUEVA)).registrar();

      expect(await prueba.soporte.listarPorRevocar(null, 10)).toEqual([
        {
          codigoSolicitudTramite: 'SOL-1',
          generacion: 1,
          causa: 'NUEVA_EMISION',
          clave: claveDeIdempotencia('SOL-1', 2, 1),
          solicitudPkiId: 'PKI-1',
          numerosSerie: ['0A'],
          registradaEn: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown,
        },
      ]);
    });

    it('the serial that the certificate bears, not the one that the adapter says', async () => {
      const { raiz } = await crearCaDePrueba();
      const certificado = { ...describir('FIRMA_DIGITAL', raiz), numeroSerie: '01' };
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      await run.concluir({ respuesta: { certificados: [certificado] }, comparar: noConforme('numeroSerie') });

      await (await prueba.ordenarRun('SOL-1', NUEVA)).registrar();

      const [linea] = await prueba.soporte.listarPorRevocar(null, 10);
      expect(linea?.numerosSerie).toEqual([raiz.serialNumber.toUpperCase()]);
    });

    it('what step 1 left, where step 2 was never sent', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.registrar();
      await run.marcar(1);
      await run.registrarPaso1();
      await run.fallar();

      await (await prueba.ordenarRun('SOL-1', NUEVA)).registrar();

      expect(await prueba.soporte.listarPorRevocar(null, 10)).toMatchObject([
        { generacion: 1, solicitudPkiId: 'PKI-1', numerosSerie: [] },
      ]);
    });

    it('what step 1 may have left, where its answer never came', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.registrar();
      await run.marcar(1);
      await run.fallar(FALLO_PASO_1);

      await (await prueba.ordenarRun('SOL-1', NUEVA)).registrar();

      expect(await prueba.soporte.listarPorRevocar(null, 10)).toMatchObject([{ solicitudPkiId: null }]);
    });

    it('nothing where the PKI was never asked', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.registrar();
      await run.fallar(FALLO_PASO_1);

      await (await prueba.ordenarRun('SOL-1', NUEVA)).registrar();

      expect(await prueba.leer('SOL-1')).toMatchObject({ generacion: 2 });
      expect(await prueba.contar('por_revocar')).toBe(0);
    });

    it('each generation that is given up, once', async () => {
      await enCuarentena();
      const segunda = await prueba.ordenarRun('SOL-1', NUEVA);
      await segunda.hastaEnviarPaso2();
      await segunda.concluir({ comparar: noConforme('subjectDN') });

      await (await prueba.ordenarRun('SOL-1', NUEVA)).registrar();

      expect(await prueba.leer('SOL-1')).toMatchObject({ generacion: 3 });
      const lineas = await prueba.soporte.listarPorRevocar(null, 10);
      expect(lineas.map(({ generacion }) => generacion).sort()).toEqual([1, 2]);
    });

    it('nothing where it does not get the lock', async () => {
      await enCuarentena();
      await prueba.abrirRun(entradaDePrueba('SOL-2')).registrar();

      const nueva = await prueba.ordenarRun('SOL-1', NUEVA);
      await expect(nueva.registrar()).rejects.toMatchObject({ fallo: 'CIUDADANO_EN_PROCESO' });

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', generacion: 1 });
      expect(await prueba.contar('por_revocar')).toBe(0);
      expect(await prueba.eventos('SOL-1')).not.toContain('NUEVA_EMISION');
    });
  });

  describe('against a reset run of the generation that it gave up', () => {
    it.each(['EN_PROCESO', 'FALLIDO', 'COMPLETADO'] as const)(
      'refuses it everywhere while %s',
      async (estado) => {
        const vieja = await enCuarentena();
        const nueva = await prueba.ordenarRun('SOL-1', NUEVA);
        await nueva.hastaEnviarPaso2();
        if (estado === 'FALLIDO') await nueva.fallar();
        if (estado === 'COMPLETADO') await nueva.concluir();
        const antes = await prueba.leer('SOL-1');

        const reiniciada = prueba.abrirRun(vieja.entrada);
        await expect(reiniciada.registrar()).rejects.toMatchObject(PERDIDO);
        await expect(reiniciada.marcar(1)).rejects.toMatchObject(PERDIDO);
        await expect(reiniciada.marcar(2)).rejects.toMatchObject(PERDIDO);
        await expect(reiniciada.registrarPaso1()).rejects.toMatchObject(PERDIDO);
        await expect(reiniciada.concluir()).rejects.toMatchObject(PERDIDO);
        await expect(reiniciada.fallar()).rejects.toMatchObject(PERDIDO);
        await reiniciada.aclarar(2, 'DEFINITIVO');

        expect(antes.estado).toBe(estado);
        expect(await prueba.leer('SOL-1')).toEqual(antes);
      },
    );

    it('refuses also the run that began the generation before', async () => {
      const vieja = await enCuarentena();
      await (await prueba.ordenarRun('SOL-1', NUEVA)).registrar();

      await expect(vieja.registrar()).rejects.toMatchObject(PERDIDO);
      await expect(vieja.marcar(2)).rejects.toMatchObject(PERDIDO);
    });

    it('keeps what the PKI answered it late, and names its serials on the list', async () => {
      const vieja = prueba.abrirRun(entradaDePrueba());
      await vieja.hastaEnviarPaso2();
      await vieja.aclarar(2);
      await vieja.fallar();
      const nueva = await prueba.ordenarRun('SOL-1', NUEVA);
      await nueva.registrar();
      expect(await prueba.soporte.listarPorRevocar(null, 10)).toMatchObject([{ numerosSerie: [] }]);

      await expect(
        prueba.abrirRun(vieja.entrada).concluir({ respuesta: RESPUESTA_PASO_2 }),
      ).rejects.toMatchObject(PERDIDO);

      expect(await prueba.soporte.listarPorRevocar(null, 10)).toMatchObject([
        { generacion: 1, numerosSerie: ['0A'] },
      ]);
      expect(await prueba.eventos('SOL-1')).toContain('RESPUESTA_TARDIA');
      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'EN_PROCESO', runId: nueva.runId });
      expect(await prueba.contar('certificados')).toBe(0);
      prueba.motor.abrir('SOL-1', nueva.runId);
      await expect(nueva.registrar()).resolves.toMatchObject({ emisionRecibida: false });
    });
  });
});
