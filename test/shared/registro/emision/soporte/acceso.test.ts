import { TurnoNegado } from '../../../../../shared/registro/emision/registro.ts';
import { BASES, entradaDePrueba, usarRegistro } from '../../../../support/registro/registro-de-prueba.ts';

describe.each(BASES)('acceptance of a request on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  it('takes the row, the lock and the first turn in one transaction', async () => {
    const run = prueba.abrirRun(entradaDePrueba());

    const turno = await run.registrar();

    expect(turno).toMatchObject({ tipo: 'CONCEDIDO', emisionRecibida: false });
    const emision = await prueba.leer('SOL-1');
    expect(emision).toMatchObject({ estado: 'EN_PROCESO', runId: run.runId, generacion: 1, fallo: null });
    const { solicitud, contexto } = run.entrada;
    expect(emision.peticion).toEqual({ solicitud, contexto });
    expect(emision.pasos[1]).toMatchObject({ estado: 'EN_PROCESO', intentos: 0 });
    expect(emision.pasos[2]).toMatchObject({ estado: 'PENDIENTE', intentos: 0, fecha_inicio: null });
    expect(await prueba.eventos('SOL-1')).toEqual(['SOLICITUD_ACEPTADA']);
  });

  it('answers the same turn to the same run, asked again', async () => {
    const run = prueba.abrirRun(entradaDePrueba());
    await run.registrar();

    await expect(run.registrar()).resolves.toMatchObject({ tipo: 'CONCEDIDO' });

    expect(await prueba.eventos('SOL-1')).toEqual(['SOLICITUD_ACEPTADA']);
  });

  it.each([
    ['the same document', { numeroDocumento: 'AB123456' }],
    ['lower case and blanks around it', { tipoDocumento: 'dni', numeroDocumento: ' ab123456 ' }],
    ['full-width letters and digits', { numeroDocumento: 'ＡＢ１２３４５６' }],
  ])('turns away another codigo of the citizen, known by %s', async (_, documento) => {
    await prueba.abrirRun(entradaDePrueba('SOL-1', { documento: 'AB123456' })).registrar();
    const otra = prueba.abrirRun(
      entradaDePrueba('SOL-2', { cambiar: ({ solicitud }) => Object.assign(solicitud, documento) }),
    );

    await expect(otra.registrar()).rejects.toMatchObject({ fallo: 'CIUDADANO_EN_PROCESO' });

    expect(await prueba.registro.leer('SOL-2')).toBeNull();
    expect(await prueba.eventos('SOL-2')).toEqual([]);
    expect(await prueba.contar('pasos')).toBe(2);
  });

  it('lets another citizen in, and the same one after the outcome', async () => {
    const primera = prueba.abrirRun(entradaDePrueba('SOL-1'));
    await primera.registrar();
    await prueba.abrirRun(entradaDePrueba('SOL-2', { documento: '10000002' })).registrar();
    await primera.fallar({ tipo: 'CIUDADANO_NO_ENCONTRADO', paso: 1, detalles: [] });

    await expect(prueba.abrirRun(entradaDePrueba('SOL-3')).registrar()).resolves.toMatchObject({
      tipo: 'CONCEDIDO',
    });
  });

  it.each(['closed', 'unknown to Temporal'])(
    'takes the lock from a holder that is %s and had not sent step 2',
    async (como) => {
      const muerta = prueba.abrirRun(entradaDePrueba('SOL-1'));
      await muerta.registrar();
      await muerta.marcar(1);
      await muerta.registrarPaso1();
      if (como === 'closed') prueba.motor.cerrar('SOL-1');
      else prueba.motor.olvidar('SOL-1');

      await prueba.abrirRun(entradaDePrueba('SOL-2')).registrar();

      expect(await prueba.leer('SOL-1')).toMatchObject({
        estado: 'FALLIDO',
        resultadoIncierto: false,
        fallo: { tipo: 'EMISION_INTERRUMPIDA', paso: 2 },
      });
      expect(await prueba.leer('SOL-2')).toMatchObject({ estado: 'EN_PROCESO' });
      expect(await prueba.eventos('SOL-1')).toEqual([
        'EMISION_FALLIDA',
        'NUMEROS_GENERADOS',
        'SOLICITUD_ACEPTADA',
      ]);
    },
  );

  it('leaves the lock with a dead holder whose step 2 was sent: its result is uncertain', async () => {
    await prueba.abrirRun(entradaDePrueba('SOL-1')).hastaEnviarPaso2();
    prueba.motor.cerrar('SOL-1');

    await expect(prueba.abrirRun(entradaDePrueba('SOL-2')).registrar()).rejects.toMatchObject({
      fallo: 'CIUDADANO_CON_INCIERTA',
    });

    expect(await prueba.leer('SOL-1')).toMatchObject({
      estado: 'FALLIDO',
      resultadoIncierto: true,
      fallo: { tipo: 'EMISION_INTERRUMPIDA', paso: 2 },
    });
    expect(await prueba.registro.leer('SOL-2')).toBeNull();
  });

  it('leaves the lock with a holder that is open', async () => {
    await prueba.abrirRun(entradaDePrueba('SOL-1')).registrar();

    await expect(prueba.abrirRun(entradaDePrueba('SOL-2')).registrar()).rejects.toBeInstanceOf(TurnoNegado);

    expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'EN_PROCESO' });
  });

  describe('the X-Request-ID of a running request', () => {
    const requestId = '5d1f0c1e-7d3b-4a51-9f0e-1f7b8a2c3d4e';
    const conPeticion = (codigo: string, documento: string) =>
      prueba.abrirRun(entradaDePrueba(codigo, { documento, requestId }));

    it('names no other codigo', async () => {
      await conPeticion('SOL-1', '10000001').registrar();

      await expect(conPeticion('SOL-2', '10000002').registrar()).rejects.toMatchObject({
        fallo: 'PETICION_REUTILIZADA',
      });

      expect(await prueba.registro.leer('SOL-2')).toBeNull();
      expect(await prueba.registro.hayOtraPeticionEnProceso(requestId, 'SOL-2')).toBe(true);
      expect(await prueba.registro.hayOtraPeticionEnProceso(requestId, 'SOL-1')).toBe(false);
    });

    it('is free once that request has failed, even with an uncertain result', async () => {
      const primera = conPeticion('SOL-1', '10000001');
      await primera.hastaEnviarPaso2();
      await primera.fallar();

      expect(await prueba.registro.hayOtraPeticionEnProceso(requestId, 'SOL-2')).toBe(false);
      await expect(conPeticion('SOL-2', '10000002').registrar()).resolves.toMatchObject({
        tipo: 'CONCEDIDO',
      });
    });

    it('is free once its run is dead, whatever another codigo did under it before', async () => {
      const incierta = conPeticion('SOL-1', '10000001');
      await incierta.hastaEnviarPaso2();
      await incierta.fallar();
      await conPeticion('SOL-2', '10000002').registrar();
      prueba.motor.cerrar('SOL-2');

      await expect(conPeticion('SOL-3', '10000003').registrar()).resolves.toMatchObject({
        tipo: 'CONCEDIDO',
      });
    });

    it('is not reported as running where its run is dead', async () => {
      await conPeticion('SOL-1', '10000001').registrar();
      prueba.motor.cerrar('SOL-1');

      expect(await prueba.registro.hayOtraPeticionEnProceso(requestId, 'SOL-2')).toBe(false);
    });
  });

  describe('many at once', () => {
    const contestar = (llegadas: Promise<unknown>[]) =>
      Promise.all(llegadas.map((llegada) => llegada.catch((error: unknown) => error)));
    const CUANTAS = 30;

    it('of one citizen: one gets in, the others write nothing', async () => {
      const runs = Array.from({ length: CUANTAS }, (_, i) => prueba.abrirRun(entradaDePrueba(`SOL-${i}`)));

      const respuestas = await contestar(runs.map((run) => run.registrar()));

      const negadas = respuestas.filter((respuesta) => respuesta instanceof TurnoNegado);
      expect(negadas.map(({ fallo }) => fallo)).toEqual(
        Array<string>(CUANTAS - 1).fill('CIUDADANO_EN_PROCESO'),
      );
      expect(await prueba.contar('solicitudes')).toBe(1);
      expect(await prueba.contar('bitacora')).toBe(1);
    });

    it('of one codigo: the run that Temporal names gets in, the others are turned away', async () => {
      const entrada = entradaDePrueba();
      const runs = Array.from({ length: CUANTAS }, () => prueba.abrirRun(entrada));

      const respuestas = await contestar(runs.map((run) => run.registrar()));

      const ultima = runs.at(-1);
      expect(respuestas.at(-1)).toMatchObject({ tipo: 'CONCEDIDO' });
      expect(await prueba.leer('SOL-1')).toMatchObject({ runId: ultima?.runId, estado: 'EN_PROCESO' });
      const negadas = respuestas.filter((respuesta) => respuesta instanceof TurnoNegado);
      // The first row may come from any of them, before Temporal is asked; the named run takes its place.
      expect(negadas.length).toBeGreaterThanOrEqual(CUANTAS - 2);
      expect(await prueba.contar('solicitudes')).toBe(1);
    });

    it('of one citizen, reopened while others arrive: one gets in', async () => {
      const fallidas = ['SOL-A', 'SOL-B', 'SOL-C'].map((codigo) => entradaDePrueba(codigo));
      for (const entrada of fallidas) {
        const run = prueba.abrirRun(entrada);
        await run.registrar();
        await run.fallar({ tipo: 'PKI_RECHAZO', paso: 1, detalles: [] });
      }
      const nuevas = Array.from({ length: 10 }, (_, i) => entradaDePrueba(`SOL-${i}`));
      const runs = [...fallidas, ...nuevas].map((entrada) => prueba.abrirRun(entrada));

      const respuestas = await contestar(runs.map((run) => run.registrar()));

      const concedidas = respuestas.filter((respuesta) => !(respuesta instanceof Error));
      expect(concedidas).toHaveLength(1);
      const negadas = respuestas.filter((respuesta) => respuesta instanceof TurnoNegado);
      expect(negadas).toHaveLength(runs.length - 1);
    });
  });
});
