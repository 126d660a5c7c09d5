/** The outcome of an issuance, as the register records it. One file, since each that asks both databases starts a PostgreSQL. */
import { TIPOS_CERTIFICADO } from '../../../../../shared/emision/solicitud.ts';
import {
  BASES,
  certificadoDePrueba,
  conforme,
  entradaDePrueba,
  FALLO_PASO_1,
  FALLO_PASO_2,
  noConforme,
  RESPUESTA_PASO_2,
  usarRegistro,
} from '../../../../support/registro/registro-de-prueba.ts';

const CANCELADA = { tipo: 'EMISION_CANCELADA', paso: 2 };
const NO_CONFORME = { tipo: 'CERTIFICADO_NO_CONFORME', paso: 2, detalles: ['subjectDN: no coincide'] };

describe.each(BASES)('the outcome on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  const enviada = async (codigo = 'SOL-1', documento = '45678912') => {
    const run = prueba.abrirRun(entradaDePrueba(codigo, { documento }));
    await run.hastaEnviarPaso2();
    return run;
  };
  const elCiudadanoPuede = async () => {
    const otra = prueba.abrirRun(entradaDePrueba('SOL-OTRA'));
    await expect(otra.registrar()).resolves.toMatchObject({ tipo: 'CONCEDIDO' });
  };

  it('releases certificates that conform, in the order of the types, and frees the lock', async () => {
    const run = await enviada();

    const cierre = await run.concluir();

    expect(cierre).toMatchObject({
      tipo: 'COMPLETADO',
      resultado: {
        estado: 'COMPLETADO',
        pasosProceso: {
          paso1GeneracionClaves: { estado: 'COMPLETADO', solicitudPkiId: 'PKI-1', intentos: 1 },
          paso2EmisionCertificado: { estado: 'COMPLETADO', intentos: 1 },
        },
      },
    });
    const certificados = await prueba.registro.leerCertificados('SOL-1');
    expect(cierre).toHaveProperty('resultado.certificados', certificados);
    const entregados = TIPOS_CERTIFICADO.map((tipo) => {
      const { huellaClavePublica, ...entregado } = certificadoDePrueba('SOL-1', tipo);
      expect(huellaClavePublica).toBeDefined();
      return entregado;
    });
    expect(certificados).toEqual(entregados);
    expect(await prueba.leer('SOL-1')).toMatchObject({
      estado: 'COMPLETADO',
      resultadoIncierto: false,
      fechaInicio: new Date(run.entrada.inicio),
    });
    expect(await prueba.eventos('SOL-1')).toEqual([
      'EMISION_COMPLETADA',
      'NUMEROS_GENERADOS',
      'SOLICITUD_ACEPTADA',
    ]);
    await elCiudadanoPuede();
  });

  it('gives the comparison the request, the numbers of step 1 and what step 2 sent', async () => {
    const run = await enviada();
    const vistas: unknown[] = [];

    await run.concluir({
      comparar: (emision, recibidos) => {
        vistas.push({
          solicitud: emision.peticion?.solicitud,
          numeros: emision.pasos[1].numeros_solicitud,
          recibidos,
        });
        return conforme()(emision, recibidos);
      },
    });

    expect(vistas).toEqual([
      {
        solicitud: run.entrada.solicitud,
        numeros: expect.arrayContaining([
          { tipoCertificado: 'CIFRADO', numeroSolicitud: '0000000003' },
        ]) as unknown,
        recibidos: RESPUESTA_PASO_2,
      },
    ]);
  });

  it('is the same where the run, unsure that it was recorded, records it again', async () => {
    const run = await enviada();
    const primera = await run.concluir();

    await expect(run.concluir()).resolves.toEqual(primera);

    expect(await prueba.contar('certificados')).toBe(3);
  });

  it('of a set that does not conform keeps it, releases nothing and frees the lock', async () => {
    const run = await enviada();

    const cierre = await run.concluir({ comparar: noConforme('subjectDN: no coincide') });

    expect(cierre).toMatchObject({ tipo: 'FALLIDO', fallo: NO_CONFORME });
    expect(await prueba.leer('SOL-1')).toMatchObject({
      estado: 'FALLIDO',
      fallo: NO_CONFORME,
      resultadoIncierto: false,
    });
    expect(await prueba.registro.leerCertificados('SOL-1')).toEqual([]);
    expect(await prueba.contar('recibidos')).toBe(1);
    await elCiudadanoPuede();
  });

  it('of a re-run compares the kept set again, without asking the PKI', async () => {
    const primera = await enviada();
    await primera.concluir({ comparar: noConforme('subjectDN: no coincide') });
    const segunda = prueba.abrirRun(primera.entrada);
    const comparados: unknown[] = [];

    await expect(segunda.registrar()).resolves.toMatchObject({ tipo: 'CONCEDIDO', emisionRecibida: true });
    const cierre = await segunda.concluir({
      respuesta: null,
      comparar: (emision, recibidos) => {
        comparados.push(recibidos);
        return conforme()(emision, recibidos);
      },
    });

    expect(comparados).toEqual([RESPUESTA_PASO_2]);
    expect(cierre).toMatchObject({
      tipo: 'COMPLETADO',
      resultado: { pasosProceso: { paso2EmisionCertificado: { intentos: 1 } } },
    });
    expect(await prueba.contar('certificados')).toBe(3);
  });

  it('notes for support what could not be read beside the certificates, in the entry of the release', async () => {
    const avisos = ['CIFRADO: fechaEmision no se puede leer'];
    const run = await enviada();

    await run.concluir({
      comparar: async (emision, recibidos) => {
        const comparacion = await conforme()(emision, recibidos);
        return comparacion.conforme ? { ...comparacion, avisos } : comparacion;
      },
    });

    const entradas = await prueba.db
      .selectFrom('bitacora')
      .select('contenido')
      .where('evento', '=', 'EMISION_COMPLETADA')
      .execute();
    expect(entradas).toMatchObject([{ contenido: { avisos } }]);
  });

  it('of a cancelled run keeps what was received, and a re-run releases it', async () => {
    const run = await enviada();

    const cierre = await run.concluir({ cancelada: true });

    expect(cierre).toMatchObject({ tipo: 'FALLIDO', fallo: CANCELADA });
    expect(await prueba.leer('SOL-1')).toMatchObject({ fallo: CANCELADA, resultadoIncierto: false });
    expect(await prueba.contar('certificados')).toBe(0);
    const segunda = prueba.abrirRun(run.entrada);
    await expect(segunda.registrar()).resolves.toMatchObject({ emisionRecibida: true });
    await expect(segunda.concluir({ respuesta: null })).resolves.toMatchObject({ tipo: 'COMPLETADO' });
  });

  it.each([
    [
      'serial',
      { numeroSerie: certificadoDePrueba('SOL-1', 'FIRMA_DIGITAL').numeroSerie },
      /^numeroSerie: .*repitió/,
    ],
    [
      'public key',
      { huellaClavePublica: certificadoDePrueba('SOL-1', 'AUTENTICACION').huellaClavePublica },
      /^clave pública: .*repitió/,
    ],
  ])('of a set that repeats a released %s is a fault of the certificate', async (_, repetido, falta) => {
    await (await enviada('SOL-1')).concluir();
    const run = await enviada('SOL-2');

    const cierre = await run.concluir({ comparar: conforme(repetido) });

    expect(cierre).toMatchObject({
      tipo: 'FALLIDO',
      fallo: { tipo: 'CERTIFICADO_NO_CONFORME', detalles: [expect.stringMatching(falta)] },
    });
    expect(await prueba.registro.leerCertificados('SOL-2')).toEqual([]);
    expect(await prueba.contar('certificados')).toBe(3);
    expect(await prueba.contar('recibidos')).toBe(2);
    expect(await prueba.eventos('SOL-2')).not.toContain('EMISION_COMPLETADA');
    await elCiudadanoPuede();
  });

  it('of two sets with one serial, recorded at once, releases one set', async () => {
    const runs = [await enviada('SOL-1', '10000001'), await enviada('SOL-2', '10000002')];
    const comparar = conforme({ numeroSerie: '0A' });

    const cierres = await Promise.all(runs.map((run) => run.concluir({ comparar })));

    expect(cierres.map(({ tipo }) => tipo).sort()).toEqual(['COMPLETADO', 'FALLIDO']);
    expect(await prueba.contar('certificados')).toBe(3);
  });

  it('is not recorded where the comparison itself breaks down', async () => {
    const run = await enviada();

    const conclusion = run.concluir({ comparar: () => Promise.reject(new Error('no anchors')) });

    await expect(conclusion).rejects.toThrow('no anchors');
    expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'EN_PROCESO' });
    expect(await prueba.contar('recibidos')).toBe(0);
  });

  it('settles an uncertain issuance where a reset run brings the answer that its predecessor had got', async () => {
    const entrada = entradaDePrueba();
    await prueba.abrirRun(entrada, { idempotente: false }).hastaEnviarPaso2();
    prueba.motor.cerrar('SOL-1');
    await prueba.registro.conciliar('SOL-1');
    const sucesora = prueba.abrirRun(entrada, { idempotente: false });

    await expect(sucesora.concluir()).resolves.toMatchObject({ tipo: 'COMPLETADO' });
  });

  describe('where the row was lost while the run went on', () => {
    const perderLaFila = () =>
      Promise.all([
        prueba.db.deleteFrom('recibidos').execute(),
        prueba.db.deleteFrom('pasos').execute(),
      ]).then(() => prueba.db.deleteFrom('solicitudes').execute());

    it('is rebuilt with its lock by the result of step 1', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.registrar();
      await run.marcar(1);
      await perderLaFila();

      await expect(run.registrarPaso1()).resolves.toMatchObject({ tipo: 'CONCEDIDO' });

      const emision = await prueba.leer('SOL-1');
      expect(emision).toMatchObject({ estado: 'EN_PROCESO', runId: run.runId });
      expect(emision.peticion?.solicitud).toEqual(run.entrada.solicitud);
      expect(emision.aceptadaEn.toISOString()).toBe(run.entrada.aceptadaEn);
      expect(emision.pasos[1].estado).toBe('COMPLETADO');
      await run.marcar(2);
      await expect(run.concluir()).resolves.toMatchObject({ tipo: 'COMPLETADO' });
    });

    it('keeps the certificates of step 2, and a re-run compares them with the numbers of step 1', async () => {
      const run = await enviada();
      await perderLaFila();

      // The numbers of step 1 went with the row: without them nothing can be compared.
      await expect(run.concluir()).resolves.toMatchObject({
        tipo: 'FALLIDO',
        fallo: { tipo: 'EMISION_INTERRUMPIDA', paso: 2 },
      });

      expect(await prueba.leer('SOL-1')).toMatchObject({ resultadoIncierto: false });
      expect(await prueba.contar('certificados')).toBe(0);
      const segunda = prueba.abrirRun(run.entrada);
      await expect(segunda.registrar()).resolves.toMatchObject({ emisionRecibida: true });
      await segunda.marcar(1);
      await expect(segunda.registrarPaso1()).resolves.toMatchObject({ emisionRecibida: true });
      await expect(segunda.concluir({ respuesta: null })).resolves.toMatchObject({ tipo: 'COMPLETADO' });
    });

    it('is uncertain where the kept answer went with it', async () => {
      const primera = await enviada();
      await primera.concluir({ cancelada: true });
      const segunda = prueba.abrirRun(primera.entrada);
      await segunda.registrar();
      await perderLaFila();

      await expect(segunda.concluir({ respuesta: null })).resolves.toMatchObject({
        tipo: 'FALLIDO',
        fallo: { tipo: 'EMISION_INTERRUMPIDA', paso: 2 },
      });

      expect(await prueba.leer('SOL-1')).toMatchObject({ resultadoIncierto: true });
    });

    it('is rebuilt as failed in step 1', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.registrar();
      await run.marcar(1);
      await perderLaFila();

      await run.fallar(FALLO_PASO_1);

      expect(await prueba.leer('SOL-1')).toMatchObject({
        estado: 'FALLIDO',
        fallo: FALLO_PASO_1,
        resultadoIncierto: false,
      });
      await elCiudadanoPuede();
    });

    it('is rebuilt as uncertain in step 2, and keeps the lock', async () => {
      const run = await enviada();
      await perderLaFila();

      await run.fallar();

      const emision = await prueba.leer('SOL-1');
      expect(emision).toMatchObject({ estado: 'FALLIDO', fallo: FALLO_PASO_2, resultadoIncierto: true });
      await expect(prueba.abrirRun(entradaDePrueba('SOL-2')).registrar()).rejects.toMatchObject({
        fallo: 'CIUDADANO_CON_INCIERTA',
      });
    });

    it.each(['CIUDADANO_NO_ENCONTRADO', 'CIUDADANO_NO_CUMPLE_REQUISITOS'] as const)(
      'is rebuilt as failed in step 2 where %s settled it, and its document stays',
      async (tipo) => {
        const run = await enviada();
        await perderLaFila();

        await run.fallar({ tipo, paso: 2, detalles: [] });

        expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resultadoIncierto: false });
        const otroDocumento = prueba.abrirRun(entradaDePrueba('SOL-1', { documento: '10000009' }));
        await expect(otroDocumento.registrar()).rejects.toMatchObject({ fallo: 'CODIGO_REUTILIZADO' });
      },
    );
  });

  it('is none where the run brings nothing that is ours and nothing is kept: the PKI is asked again', async () => {
    const run = await enviada();

    await expect(run.concluir({ respuesta: null })).resolves.toEqual({ tipo: 'SIN_RESPUESTA' });

    expect(await prueba.leer('SOL-1')).toMatchObject({
      estado: 'EN_PROCESO',
      pasos: { 2: { envios_sin_aclarar: [run.marcas[2]] } },
    });
  });

  it('of a set that brings no certificate is uncertain: nothing says that none was issued', async () => {
    const run = await enviada();
    await run.conservar({ paso: 2, respuesta: { certificados: [] } });

    await run.concluir({
      respuesta: { certificados: [] },
      comparar: noConforme('tipoCertificados: faltan'),
    });

    expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resultadoIncierto: true });
    await expect(prueba.abrirRun(entradaDePrueba('SOL-OTRA')).registrar()).rejects.toMatchObject({
      fallo: 'CIUDADANO_CON_INCIERTA',
    });
  });

  it('of an answer of the version before, which does not say whose it is, counts where it conforms', async () => {
    const run = await enviada();

    const dudosa = await run.concluir({ esDeEsteTrabajo: false, comparar: noConforme('subjectDN') });
    expect(dudosa).toEqual({ tipo: 'SIN_RESPUESTA' });
    expect((await prueba.leer('SOL-1')).pasos[2].envios_sin_aclarar).toEqual([run.marcas[2]]);
    expect(await prueba.contar('recibidos')).toBe(0);

    expect(await run.concluir({ esDeEsteTrabajo: false })).toMatchObject({ tipo: 'COMPLETADO' });
  });
});
