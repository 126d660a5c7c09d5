/** A re-run that support orders, of one codigo and in bulk. One file, since each that asks both databases starts a PostgreSQL. */
import { randomUUID } from 'node:crypto';
import type { EntradaReejecucion } from '../../../../../shared/emision/reejecucion.ts';
import { descifrarColumna as descifrar } from '../../../../../shared/registro/emision/filas/columnas-cifradas.ts';
import { leerAnotacion } from '../../../../support/registro/anotacion.ts';
import {
  BASES,
  CLAVES,
  entradaDePrueba,
  FALLO_PASO_1,
  noConforme,
  ORDEN,
  usarRegistro,
} from '../../../../support/registro/registro-de-prueba.ts';

const NO_REEJECUTABLE = { tipo: 'IMPEDIDA', fallo: 'SOLICITUD_NO_REEJECUTABLE' };
const LOTE = '0b8e4f6c-2d1a-4c3b-8e5f-6a7b8c9d0e1f';
const SOLICITANTE = {
  solicitadaPor: ORDEN.solicitante.usuarioEjecutor,
  motivo: ORDEN.motivo,
};

describe.each(BASES)('a re-run that support orders on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  const fallida = async (codigo = 'SOL-1') => {
    const run = prueba.abrirRun(entradaDePrueba(codigo));
    await run.hastaEnviarPaso2();
    await run.aclarar(2);
    await run.fallar();
    return run;
  };
  const preparar = ({ nuevaEmision = false, codigo = 'SOL-1', reejecucionId = null as string | null } = {}) =>
    prueba.soporte.prepararReejecucion(codigo, { ...ORDEN, nuevaEmision }, reejecucionId);

  it('is the stored request as it came, in the name of who asks', async () => {
    const { entrada } = await fallida();
    const antes = await prueba.leer('SOL-1');

    const preparada = await preparar({ reejecucionId: LOTE });

    expect(preparada).toEqual({
      tipo: 'LISTA',
      entrada: {
        ...entrada,
        // Of its own run, once that begins.
        inicio: undefined,
        contexto: { ...entrada.contexto, ...ORDEN.solicitante },
        generacion: 1,
        solicitudPkiId: 'PKI-1',
        reejecucion: { reejecucionId: LOTE, ...SOLICITANTE },
      },
    });
    const { solicitud } = (preparada as Extract<typeof preparada, { tipo: 'LISTA' }>).entrada;
    expect(JSON.stringify(solicitud)).toBe(JSON.stringify(entrada.solicitud));
    expect(await prueba.leer('SOL-1')).toEqual(antes);
  });

  it('of a new issuance knows nothing of step 1', async () => {
    await fallida();

    expect(await preparar({ nuevaEmision: true })).toMatchObject({
      tipo: 'LISTA',
      entrada: { generacion: 2, solicitudPkiId: null },
    });
  });

  it('goes on in the last generation', async () => {
    await fallida();
    const nueva = await prueba.ordenarRun('SOL-1', { nuevaEmision: true });
    await nueva.registrar();
    await nueva.fallar(FALLO_PASO_1);

    expect(await preparar()).toMatchObject({ entrada: { generacion: 2, solicitudPkiId: null } });
    expect(await preparar({ nuevaEmision: true })).toMatchObject({ entrada: { generacion: 3 } });
  });

  it('takes over who asks, and leaves what the client’s request said of itself', async () => {
    const { entrada } = await fallida();

    await (await prueba.ordenarRun('SOL-1')).registrar();

    expect(await prueba.leer('SOL-1')).toMatchObject({
      estado: 'EN_PROCESO',
      peticion: { contexto: { ...entrada.contexto, ...ORDEN.solicitante } },
      requestId: entrada.contexto.requestId,
    });
  });

  it('says in the audit log who ordered it, why and within which bulk re-run', async () => {
    const { entrada } = await fallida();
    await (await prueba.ordenarRun('SOL-1', { reejecucionId: LOTE })).registrar();

    const { id, contenido, personal, compromiso, compromisoEsperado } = await leerAnotacion(
      prueba.db,
      'SOLICITUD_REEJECUTADA',
    );

    expect(personal).toEqual(SOLICITANTE);
    expect(compromiso).toBe(compromisoEsperado);
    expect(contenido).toEqual({
      huellaSolicitud: entrada.huellaSolicitud,
      oficina: 'OF-001',
      cliente: null,
      candado: expect.any(String) as unknown,
      correlationId: ORDEN.solicitante.correlationId,
      reejecucionId: LOTE,
    });
    expect(await prueba.leer('SOL-1')).toMatchObject({ registroAuditoriaId: id });
    expect(await prueba.eventos('SOL-1')).not.toContain('SOLICITUD_REABIERTA');
  });

  describe('leaves on the row the bulk re-run whose order it carries out', () => {
    it('until somebody else has the codigo run again', async () => {
      const { entrada } = await fallida();
      expect(await prueba.leer('SOL-1')).toMatchObject({ reejecucionId: null });
      const delLote = await prueba.ordenarRun('SOL-1', { reejecucionId: LOTE });
      await delLote.registrar();
      expect(await prueba.leer('SOL-1')).toMatchObject({ reejecucionId: LOTE });
      await delLote.fallar();
      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', reejecucionId: LOTE });

      await prueba.abrirRun(entrada).registrar();

      expect(await prueba.leer('SOL-1')).toMatchObject({ reejecucionId: null });
    });

    it('also where a reset brings its run straight to the send', async () => {
      await fallida();
      const delLote = await prueba.ordenarRun('SOL-1', { reejecucionId: LOTE });
      await delLote.registrar();
      await delLote.fallar();

      await prueba.abrirRun(delLote.entrada).marcar(2);

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'EN_PROCESO', reejecucionId: LOTE });
    });
  });

  it('compares what is kept again, and asks the PKI nothing', async () => {
    const run = prueba.abrirRun(entradaDePrueba());
    await run.hastaEnviarPaso2();
    await run.concluir({ comparar: noConforme('subjectDN') });

    const nueva = await prueba.ordenarRun('SOL-1');
    await expect(nueva.registrar()).resolves.toMatchObject({ emisionRecibida: true });

    await expect(nueva.concluir({ respuesta: null })).resolves.toMatchObject({ tipo: 'COMPLETADO' });
  });

  it('is refused to its run where the client corrected the request after the order', async () => {
    await fallida();
    const ordenada = await prueba.ordenarRun('SOL-1');
    const correccion = prueba.abrirRun(
      entradaDePrueba('SOL-1', { cambiar: ({ ciudadano }) => (ciudadano.nombres = 'María Helena') }),
    );
    await correccion.registrar();
    await correccion.fallar(FALLO_PASO_1);

    await expect(prueba.abrirRun(ordenada.entrada).registrar()).rejects.toMatchObject({
      fallo: 'SOLICITUD_NO_REEJECUTABLE',
    });

    expect(await prueba.leer('SOL-1')).toMatchObject({ huellaSolicitud: correccion.entrada.huellaSolicitud });
  });

  describe('is refused', () => {
    it('of a codigo that the register does not know', async () => {
      expect(await preparar()).toMatchObject({ tipo: 'IMPEDIDA', fallo: 'SOLICITUD_NO_ENCONTRADA' });
    });

    it('while it runs', async () => {
      await prueba.abrirRun(entradaDePrueba()).registrar();

      expect(await preparar()).toMatchObject({ tipo: 'IMPEDIDA', fallo: 'SOLICITUD_EN_PROCESO' });
    });

    it.each([false, true])('once it is completed (new issuance: %s)', async (nuevaEmision) => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      await run.concluir();

      expect(await preparar({ nuevaEmision })).toMatchObject(NO_REEJECUTABLE);
    });

    it('where it is uncertain and the adapter is not idempotent, which support must resolve', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      await run.fallar();

      expect(await prueba.soporteSinIdempotencia.prepararReejecucion('SOL-1', ORDEN, null)).toEqual({
        ...NO_REEJECUTABLE,
        motivo: expect.stringContaining('soporte debe resolverla') as unknown,
      });
      expect(await preparar()).toMatchObject({ tipo: 'LISTA', entrada: { generacion: 1 } });
    });
  });

  it('is ready where the run died before step 2, after closing what it left', async () => {
    await prueba.abrirRun(entradaDePrueba()).registrar();
    prueba.motor.cerrar('SOL-1');

    expect(await preparar()).toMatchObject({ tipo: 'LISTA' });

    expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO' });
  });

  describe('in bulk', () => {
    const lote = (codigos = ['SOL-3', 'SOL-1', 'SOL-2']): EntradaReejecucion => ({
      reejecucionId: LOTE,
      codigos,
      motivo: ORDEN.motivo,
      solicitante: ORDEN.solicitante,
      solicitadaEn: '2026-11-22T10:00:00.000Z',
    });
    const linea = (codigoSolicitudTramite: string, estado = 'PENDIENTE', fallo: string | null = null) => ({
      codigoSolicitudTramite,
      estado,
      fallo,
    });

    it('shows each codigo in the order in which it was given, and where it stands', async () => {
      await prueba.soporte.registrarReejecucion(lote());
      expect(await prueba.soporte.leerReejecucion(LOTE)).toEqual({
        reejecucionId: LOTE,
        estado: 'EN_PROCESO',
        fechaInicio: '2026-11-22T10:00:00Z',
        fechaFin: null,
        solicitudes: [linea('SOL-3'), linea('SOL-1'), linea('SOL-2')],
      });

      await prueba.soporte.anotarLinea(LOTE, 'SOL-3', { estado: 'EN_PROCESO', fallo: null });
      await prueba.soporte.anotarLinea(LOTE, 'SOL-1', { estado: 'OMITIDO', fallo: 'SOLICITUD_EN_PROCESO' });
      await prueba.soporte.anotarLinea(LOTE, 'SOL-3', { estado: 'FALLIDO', fallo: 'PKI_RECHAZO' });

      expect(await prueba.soporte.leerReejecucion(LOTE)).toMatchObject({
        estado: 'EN_PROCESO',
        solicitudes: [
          linea('SOL-3', 'FALLIDO', 'PKI_RECHAZO'),
          linea('SOL-1', 'OMITIDO', 'SOLICITUD_EN_PROCESO'),
          linea('SOL-2'),
        ],
      });
    });

    it('that is registered again stays as it stands', async () => {
      await prueba.soporte.registrarReejecucion(lote());
      await prueba.soporte.anotarLinea(LOTE, 'SOL-1', { estado: 'COMPLETADO', fallo: null });
      const antes = await prueba.soporte.leerReejecucion(LOTE);

      await prueba.soporte.registrarReejecucion(lote());

      expect(await prueba.soporte.leerReejecucion(LOTE)).toEqual(antes);
    });

    it('has one line for a codigo that is given twice', async () => {
      await prueba.soporte.registrarReejecucion(lote(['SOL-1', 'SOL-2', 'SOL-1']));

      expect(await prueba.soporte.leerReejecucion(LOTE)).toMatchObject({
        solicitudes: [linea('SOL-1'), linea('SOL-2')],
      });
    });

    it('ends once', async () => {
      await prueba.soporte.registrarReejecucion(lote());
      await prueba.soporte.registrarFinDeReejecucion(LOTE);
      const terminadaEn = () =>
        prueba.db.selectFrom('reejecuciones').select('terminada_en').executeTakeFirstOrThrow();
      const primera = await terminadaEn();

      await prueba.soporte.registrarFinDeReejecucion(LOTE);

      expect(await terminadaEn()).toEqual(primera);
      expect(await prueba.soporte.leerReejecucion(LOTE)).toMatchObject({
        estado: 'TERMINADA',
        fechaFin: expect.stringMatching(/Z$/) as unknown,
      });
    });

    it('keeps who ordered it and why, encrypted', async () => {
      await prueba.soporte.registrarReejecucion(lote());

      const { orden } = await prueba.db.selectFrom('reejecuciones').select('orden').executeTakeFirstOrThrow();

      expect(orden && descifrar(CLAVES.cifrado, orden, 'reejecuciones.orden', LOTE)).toEqual({
        motivo: ORDEN.motivo,
        solicitante: ORDEN.solicitante,
      });
    });

    it('of another id leaves this one alone, and an unknown one is none', async () => {
      const otra = randomUUID();
      await prueba.soporte.registrarReejecucion(lote());
      await prueba.soporte.registrarReejecucion({ ...lote(), reejecucionId: otra });
      await prueba.soporte.anotarLinea(otra, 'SOL-1', { estado: 'COMPLETADO', fallo: null });
      await prueba.soporte.registrarFinDeReejecucion(otra);

      expect(await prueba.soporte.leerReejecucion(LOTE)).toMatchObject({
        estado: 'EN_PROCESO',
        solicitudes: [linea('SOL-3'), linea('SOL-1'), linea('SOL-2')],
      });
      expect(await prueba.soporte.leerReejecucion(randomUUID())).toBeNull();
    });
  });
});
