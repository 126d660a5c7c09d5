/** What retention takes away, and what it leaves. One file, since each that asks both databases starts a PostgreSQL. */
import { sql } from 'kysely';
import { anotarEntrada } from '../../../../../shared/bitacora/entrada.ts';
import { verificarBitacora } from '../../../../../shared/bitacora/verificacion/verificacion.ts';
import { personasDe } from '../../../../../shared/emision/titular.ts';
import type { SolicitudCertificado } from '../../../../../shared/emision/solicitud.ts';
import {
  contarSinJuzgar,
  retirarOrdenes,
  retirarPagina,
  type Vencimiento,
} from '../../../../../shared/registro/emision/retencion/retencion.ts';
import { createCifrado } from '../../../../../shared/runtime/claves/cifrado.ts';
import { VERIFICADOR } from '../../../../support/bitacora/bitacora-de-prueba.ts';
import {
  BASES,
  CLAVES,
  entradaDePrueba,
  FALLO_PASO_2,
  noConforme,
  ORDEN,
  usarRegistro,
} from '../../../../support/registro/registro-de-prueba.ts';
import { vencer } from '../../../../support/registro/retencion.ts';
import { envejecerBitacora } from '../../../../support/registro/anotacion.ts';

const ANTES = new Date(0);
const enBreve = () => new Date(Date.now() + 60_000);
const corregir = ({ ciudadano }: SolicitudCertificado) => (ciudadano.distrito = 'Surquillo');

describe.each(BASES)('retention on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  const completada = async (codigo = 'SOL-1') => {
    const run = prueba.abrirRun(entradaDePrueba(codigo));
    await run.hastaEnviarPaso2();
    await run.concluir();
    prueba.motor.cerrar(codigo);
    return run;
  };
  /** Failed after a clear refusal of step 2. */
  const fallida = async (codigo = 'SOL-1') => {
    const run = prueba.abrirRun(entradaDePrueba(codigo));
    await run.hastaEnviarPaso2();
    await run.aclarar(2);
    await run.fallar();
    prueba.motor.cerrar(codigo);
    return run;
  };
  const enCuarentena = async () => {
    const run = prueba.abrirRun(entradaDePrueba());
    await run.hastaEnviarPaso2();
    await run.concluir({ comparar: noConforme('sujeto: es de otra persona') });
    prueba.motor.cerrar('SOL-1');
    return run;
  };
  const conVencimiento = (vencimiento: Partial<Vencimiento>) =>
    retirarPagina(prueba.db, CLAVES, { completadas: ANTES, fallidas: ANTES, ...vencimiento }, null, 100);

  describe('of a completed issuance', () => {
    it('leaves what the envelope tells, and of the rest nothing', async () => {
      const { entrada } = await completada();
      const antes = await prueba.leer('SOL-1');

      expect(await vencer(prueba)).toEqual({ retiradas: 1, ilegibles: [], ultima: null });

      expect(await prueba.leer('SOL-1')).toEqual({ ...antes, peticion: null, ...personasDe(entrada) });
      expect(await prueba.registro.leerCertificados('SOL-1')).toHaveLength(3);
      const fila = await prueba.db.selectFrom('solicitudes').selectAll().executeTakeFirstOrThrow();
      expect(fila).toMatchObject({ cuerpo: null, contexto: null, fallo_detalles: null });
      const recibidos = await prueba.db.selectFrom('recibidos').selectAll().executeTakeFirstOrThrow();
      expect(recibidos).toMatchObject({ contenido: null, faltas: null, series: ['0A'], conforme: true });
    });

    it('takes the data beside the audit entries, not the entries, and says so in one of its own', async () => {
      await completada();
      const antes = await prueba.db.selectFrom('bitacora').selectAll().orderBy('id').execute();

      await vencer(prueba);

      const despues = await prueba.db.selectFrom('bitacora').selectAll().orderBy('id').execute();
      expect(despues.filter(({ evento }) => evento !== 'DATOS_RETIRADOS')).toEqual(
        antes.map((entrada) => ({ ...entrada, datos: null, sal: null })),
      );
      expect(despues.find(({ evento }) => evento === 'DATOS_RETIRADOS')).toMatchObject({
        codigo: 'SOL-1',
        contenido: { estado: 'COMPLETADO' },
        datos: null,
      });
    });

    it('leaves who acted in another domain under the same codigo, and nobody else may take it away', async () => {
      await prueba.db.transaction().execute((tx) =>
        anotarEntrada(tx, CLAVES, {
          ...{ dominio: 'registro', codigo: 'SOL-1', generacion: null, runId: null },
          ...{ evento: 'TEMPORAL_MUDADO', contenido: {}, personal: { solicitadaPor: 'ana.perez' } },
        }),
      );
      await completada();
      await vencer(prueba);

      const deOtro = () =>
        prueba.db.selectFrom('bitacora').select(['id', 'datos']).where('dominio', '=', 'registro');
      const { id, datos } = await deOtro().executeTakeFirstOrThrow();
      expect(datos).not.toBeNull();
      await sql`alter table bitacora disable trigger user`.execute(prueba.db);
      await prueba.db.updateTable('bitacora').set({ datos: null, sal: null }).where('id', '=', id).execute();
      await sql`alter table bitacora enable trigger user`.execute(prueba.db);
      const { hallazgos } = await verificarBitacora({
        ...{
          db: prueba.db,
          claves: CLAVES,
          verificadores: [VERIFICADOR],
          notasDeTestigos: [],
          deDominios: [],
        },
      });
      expect(hallazgos).toEqual([
        expect.objectContaining({
          id,
          falta: expect.stringContaining('Faltan los datos personales') as string,
        }),
      ]);
    });

    it('answers its repeat with the stored result', async () => {
      const { entrada } = await completada();
      await vencer(prueba);

      await expect(prueba.abrirRun(entrada).registrar()).resolves.toMatchObject({
        tipo: 'YA_COMPLETADA',
        resultado: { certificados: [{}, {}, {}] },
      });
    });

    it('is done once', async () => {
      await completada();
      await vencer(prueba);

      expect(await vencer(prueba)).toMatchObject({ retiradas: 0 });
      expect((await prueba.eventos('SOL-1')).filter((evento) => evento === 'DATOS_RETIRADOS')).toHaveLength(
        1,
      );
    });
  });

  describe('leaves alone', () => {
    it('what is in process', async () => {
      await prueba.abrirRun(entradaDePrueba()).hastaEnviarPaso2();

      expect(await vencer(prueba)).toMatchObject({ retiradas: 0 });

      expect((await prueba.leer('SOL-1')).peticion).not.toBeNull();
    });

    it('what is uncertain, until it is resolved', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      await run.fallar();

      expect(await vencer(prueba)).toMatchObject({ retiradas: 0 });

      await prueba.soporte.resolver('SOL-1', { ...ORDEN, decision: 'NO_EMITIDO' });
      expect(await vencer(prueba)).toMatchObject({ retiradas: 1 });
    });

    it('what failed while it may run again, and what completed in its own time', async () => {
      await completada('SOL-1');
      await fallida('SOL-2');

      expect(await conVencimiento({ completadas: enBreve() })).toMatchObject({ retiradas: 1 });

      expect((await prueba.leer('SOL-1')).peticion).toBeNull();
      expect((await prueba.leer('SOL-2')).peticion).not.toBeNull();
    });

    it('what ended long ago and was resolved a moment ago', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      await run.fallar();
      const haceMucho = new Date('2026-01-01T00:00:00Z');
      await prueba.db.updateTable('solicitudes').set({ fecha_fin: haceMucho }).execute();
      await envejecerBitacora(prueba.db, haceMucho);
      await prueba.soporte.resolver('SOL-1', { ...ORDEN, decision: 'NO_EMITIDO' });

      expect(await conVencimiento({ fallidas: new Date('2026-02-01T00:00:00Z') })).toMatchObject({
        retiradas: 0,
      });
    });

    it('what the PKI answered and nobody has judged, whatever the clock says', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      await run.concluir({ cancelada: true });
      const antes = await prueba.db.selectFrom('recibidos').selectAll().execute();
      expect(antes).toMatchObject([{ conforme: null }]);

      expect(await vencer(prueba)).toMatchObject({ retiradas: 0 });

      expect(await prueba.db.selectFrom('recibidos').selectAll().execute()).toEqual(antes);
      expect((await prueba.leer('SOL-1')).peticion).not.toBeNull();
      expect(await contarSinJuzgar(prueba.db, { completadas: enBreve(), fallidas: enBreve() })).toBe(1);
      // Sent again it is released, and its time begins anew.
      const otra = prueba.abrirRun(run.entrada);
      await otra.registrar();
      await otra.concluir({ respuesta: null });
      expect(await vencer(prueba)).toMatchObject({ retiradas: 1 });
      expect(await contarSinJuzgar(prueba.db, { completadas: enBreve(), fallidas: enBreve() })).toBe(0);
    });

    it('what does not open, and names it', async () => {
      await completada('SOL-1');
      await fallida('SOL-2');
      const otra = createCifrado(`otra:${Buffer.alloc(32, 9).toString('base64')}`);
      await prueba.db
        .updateTable('solicitudes')
        .set({ contexto: otra.cifrar(Buffer.from('{}'), 'solicitudes.contexto:SOL-1') })
        .where('codigo', '=', 'SOL-1')
        .execute();

      expect(await vencer(prueba)).toMatchObject({ retiradas: 1, ilegibles: ['SOL-1'] });

      expect(await prueba.eventos('SOL-1')).not.toContain('DATOS_RETIRADOS');
    });
  });

  it('goes page by page through what has had its time, past what does not open', async () => {
    for (const codigo of ['SOL-1', 'SOL-2', 'SOL-3']) await fallida(codigo);
    const vencimiento = { completadas: ANTES, fallidas: enBreve() };

    const primera = await retirarPagina(prueba.db, CLAVES, vencimiento, null, 2);
    const segunda = await retirarPagina(prueba.db, CLAVES, vencimiento, primera.ultima, 2);

    expect(primera).toMatchObject({ retiradas: 2, ultima: { codigo: 'SOL-2' } });
    expect(segunda).toEqual({ retiradas: 1, ilegibles: [], ultima: null });
  });

  describe('of a failed issuance', () => {
    it('leaves what failed, and says that its details are gone', async () => {
      await fallida();
      await vencer(prueba);

      expect(await prueba.leer('SOL-1')).toMatchObject({
        estado: 'FALLIDO',
        fallo: { tipo: FALLO_PASO_2.tipo, paso: 2, detalles: [expect.stringContaining('se retiraron')] },
      });
    });

    it.each([false, true])('lets support run it no more (nuevaEmision: %s)', async (nuevaEmision) => {
      await fallida();
      await vencer(prueba);

      await expect(
        prueba.soporte.prepararReejecucion('SOL-1', { ...ORDEN, nuevaEmision }, null),
      ).resolves.toEqual({
        tipo: 'IMPEDIDA',
        fallo: 'SOLICITUD_NO_REEJECUTABLE',
        motivo: expect.stringContaining('se retiraron') as unknown,
      });
    });

    it('lets the same request, which brings its body, go on where it stood, and keeps that body', async () => {
      const { entrada } = await fallida();
      await vencer(prueba);
      const run = prueba.abrirRun(entrada);

      await run.registrar();
      const envio = await run.marcar(2);
      await run.concluir();

      expect(envio).toMatchObject({ solicitud: entrada.solicitud, solicitudPkiId: 'PKI-1' });
      expect(await prueba.leer('SOL-1')).toMatchObject({
        estado: 'COMPLETADO',
        peticion: { solicitud: entrada.solicitud },
      });
      expect(await vencer(prueba)).toMatchObject({ retiradas: 1 });
    });

    it('admits no correction: there is nothing to compare it with', async () => {
      await fallida();
      await vencer(prueba);

      await expect(
        prueba.abrirRun(entradaDePrueba('SOL-1', { cambiar: corregir })).registrar(),
      ).rejects.toMatchObject({
        fallo: 'CODIGO_REUTILIZADO',
        message: expect.stringContaining('ya se retiraron') as unknown,
      });

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', peticion: null });
    });

    it('turns a run away that comes back without its input', async () => {
      await fallida();
      await vencer(prueba);

      await expect(prueba.abrirRun(entradaDePrueba()).marcar(2)).rejects.toMatchObject({
        fallo: 'SOLICITUD_NO_REEJECUTABLE',
      });
    });
  });

  describe('of a set in quarantine', () => {
    it('leaves its serial numbers, so that a new issuance lists them', async () => {
      const { entrada } = await enCuarentena();
      await vencer(prueba);
      const run = prueba.abrirRun(entrada);
      await run.registrar();
      await run.fallar();

      const nueva = await prueba.ordenarRun('SOL-1', { nuevaEmision: true });
      await nueva.registrar();

      expect(await prueba.soporte.listarPorRevocar(null, 10)).toMatchObject([
        { codigoSolicitudTramite: 'SOL-1', numerosSerie: ['0A'] },
      ]);
    });

    it('has the next run ask an adapter again that repeats its answer', async () => {
      const { entrada } = await enCuarentena();
      await vencer(prueba);
      const run = prueba.abrirRun(entrada);

      await expect(run.registrar()).resolves.toMatchObject({ emisionRecibida: false });

      await run.marcar(2);
      await expect(run.concluir()).resolves.toMatchObject({ tipo: 'COMPLETADO' });
    });

    it('never has an adapter asked again that does its work anew', async () => {
      const { entrada } = await enCuarentena();
      await vencer(prueba);
      const run = prueba.abrirRun(entrada, { idempotente: false });
      await run.registrar();

      await expect(run.marcar(2)).rejects.toMatchObject({
        fallo: 'SOLICITUD_NO_REEJECUTABLE',
        message: expect.stringContaining('nueva emisión') as unknown,
      });
    });
  });

  it('takes the reason and the name from a bulk re-run whose time is over, and leaves its lines', async () => {
    const lote = { ...ORDEN, codigos: ['SOL-1'], solicitadaEn: '2026-01-10T00:00:00Z' };
    await prueba.soporte.registrarReejecucion({ ...lote, reejecucionId: REEJECUCION });
    await prueba.soporte.registrarReejecucion({
      ...lote,
      reejecucionId: '2d1f0c1e-7d3b-4a51-9f0e-1f7b8a2c3d4e',
      solicitadaEn: new Date().toISOString(),
    });

    expect(await retirarOrdenes(prueba.db, CLAVES, new Date('2026-02-01T00:00:00Z'))).toBe(1);

    const ordenes = await prueba.db
      .selectFrom('reejecuciones')
      .select(['id', 'orden'])
      .orderBy('creada_en')
      .execute();
    expect(ordenes).toEqual([
      { id: REEJECUCION, orden: null },
      { id: expect.any(String) as unknown, orden: expect.anything() as unknown },
    ]);
    expect(await prueba.soporte.leerReejecucion(REEJECUCION)).toMatchObject({ solicitudes: [{}] });
  });

  it('keeps the extract encrypted', async () => {
    await completada();
    await vencer(prueba);

    const { extracto } = await prueba.db
      .selectFrom('solicitudes')
      .select('extracto')
      .executeTakeFirstOrThrow();

    expect(Buffer.from(extracto ?? '45678912').includes('45678912')).toBe(false);
  });
});

const REEJECUCION = '1d1f0c1e-7d3b-4a51-9f0e-1f7b8a2c3d4e';
