/** An uncertain outcome that support resolves. One file, since each that asks both databases starts a PostgreSQL. */
import type { Decision } from '../../../../../shared/emision/soporte.ts';
import { claveDeIdempotencia } from '../../../../../shared/registro/emision/filas/claves-de-emision.ts';
import { impedimentoPara } from '../../../../../shared/registro/emision/registro.ts';
import { leerAnotacion } from '../../../../support/registro/anotacion.ts';
import {
  BASES,
  entradaDePrueba,
  FALLO_PASO_1,
  ORDEN,
  usarRegistro,
} from '../../../../support/registro/registro-de-prueba.ts';

const CONCEDIDO = { tipo: 'CONCEDIDO' };
const NO_REEJECUTABLE = { fallo: 'SOLICITUD_NO_REEJECUTABLE' };
const DECISIONES = ['NO_EMITIDO', 'EMITIDO_DESCARTADO'] as const;

describe.each(BASES)('an uncertain outcome that support resolves on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  const resolver = (decision: Decision, codigo = 'SOL-1') =>
    prueba.soporte.resolver(codigo, { ...ORDEN, decision });
  const incierta = async ({ idempotente = true } = {}) => {
    const run = prueba.abrirRun(entradaDePrueba(), { idempotente });
    await run.hastaEnviarPaso2();
    await run.fallar();
    return run;
  };
  /** Its worker was stopped; an operator terminated the run, and it was closed as uncertain. */
  const dormida = async ({ idempotente = true } = {}) => {
    const run = prueba.abrirRun(entradaDePrueba(), { idempotente });
    await run.hastaEnviarPaso2();
    prueba.motor.cerrar('SOL-1');
    await prueba.registro.conciliar('SOL-1');
    return run;
  };
  const corregida = entradaDePrueba('SOL-1', {
    cambiar: ({ ciudadano }) => (ciudadano.nombres = 'María Helena'),
  });

  describe.each(DECISIONES)('as %s', (decision) => {
    it('is no longer uncertain, still failed, and frees the citizen', async () => {
      const run = await incierta();
      const antes = await prueba.leer('SOL-1');

      await expect(resolver(decision)).resolves.toBe(true);

      const despues = await prueba.leer('SOL-1');
      expect(despues).toEqual({
        ...antes,
        resultadoIncierto: false,
        resolucion: decision,
        pasos: { ...antes.pasos, 2: { ...antes.pasos[2], envios_sin_aclarar: [] } },
      });
      expect(despues.runId).toBe(run.runId);
      await expect(prueba.abrirRun(entradaDePrueba('SOL-2')).registrar()).resolves.toMatchObject(CONCEDIDO);
    });

    it('says who decided what and why, encrypted and committed to', async () => {
      await incierta();
      await resolver(decision);

      const { contenido, personal, compromiso, compromisoEsperado } = await leerAnotacion(
        prueba.db,
        'RESULTADO_RESUELTO',
      );

      expect(personal).toEqual({
        solicitadaPor: ORDEN.solicitante.usuarioEjecutor,
        motivo: ORDEN.motivo,
      });
      expect(compromiso).toBe(compromisoEsperado);
      expect(contenido).toEqual({ decision, correlationId: ORDEN.solicitante.correlationId });
    });

    it('is resolved once, however many decide at once', async () => {
      await incierta();

      const decididas = await Promise.allSettled(Array.from({ length: 5 }, () => resolver(decision)));

      expect(decididas.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(decididas.filter(({ status }) => status === 'rejected')).toEqual(
        Array(4).fill({ status: 'rejected', reason: expect.objectContaining(NO_REEJECUTABLE) as unknown }),
      );
      expect((await prueba.eventos('SOL-1')).filter((uno) => uno === 'RESULTADO_RESUELTO')).toHaveLength(1);
    });

    it('is closed first where its run died and nobody has asked since', async () => {
      await prueba.abrirRun(entradaDePrueba()).hastaEnviarPaso2();
      prueba.motor.cerrar('SOL-1');

      await expect(resolver(decision)).resolves.toBe(true);

      expect(await prueba.leer('SOL-1')).toMatchObject({
        fallo: { tipo: 'EMISION_INTERRUMPIDA' },
        resolucion: decision,
      });
    });

    it('is nothing for a codigo that the register does not know', async () => {
      await expect(resolver(decision, 'SOL-9')).resolves.toBe(false);
    });

    it('stays as it is where a send of before is clearly refused late', async () => {
      const run = await dormida();
      await resolver(decision);
      const antes = await prueba.leer('SOL-1');

      await run.aclarar(2);
      await run.aclarar(2, 'DEFINITIVO');

      expect(await prueba.leer('SOL-1')).toEqual(antes);
      expect(await prueba.eventos('SOL-1')).not.toContain('RESULTADO_ACLARADO');
    });

    it('races a run that starts: whoever comes first, the rules hold', async () => {
      const run = await incierta();
      const nueva = prueba.abrirRun(run.entrada);

      const [turno, resolucion] = await Promise.allSettled([nueva.registrar(), resolver(decision)]);

      const emision = await prueba.leer('SOL-1');
      if (resolucion.status === 'rejected') {
        expect(resolucion.reason).toMatchObject({ fallo: 'SOLICITUD_EN_PROCESO' });
        expect(emision).toMatchObject({ estado: 'EN_PROCESO', resolucion: null });
        expect(emision.pasos[2].envios_sin_aclarar).toEqual([run.marcas[2]]);
      } else if (decision === 'NO_EMITIDO') {
        expect(turno.status).toBe('fulfilled');
        expect(emision.pasos[2].envios_sin_aclarar).toEqual([]);
      } else {
        expect(turno).toMatchObject({ status: 'rejected', reason: NO_REEJECUTABLE });
        expect(emision).toMatchObject({ estado: 'FALLIDO', resolucion: decision });
      }
    });
  });

  describe('is refused', () => {
    it('while the codigo runs', async () => {
      await prueba.abrirRun(entradaDePrueba()).hastaEnviarPaso2();

      await expect(resolver('NO_EMITIDO')).rejects.toMatchObject({ fallo: 'SOLICITUD_EN_PROCESO' });

      expect((await prueba.leer('SOL-1')).pasos[2].envios_sin_aclarar).toHaveLength(1);
    });

    it('while a re-run of it runs', async () => {
      const run = await incierta();
      await prueba.abrirRun(run.entrada).registrar();

      await expect(resolver('EMITIDO_DESCARTADO')).rejects.toMatchObject({ fallo: 'SOLICITUD_EN_PROCESO' });

      expect(await prueba.contar('por_revocar')).toBe(0);
    });

    it('where it is completed', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      await run.concluir();

      await expect(resolver('EMITIDO_DESCARTADO')).rejects.toMatchObject(NO_REEJECUTABLE);

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'COMPLETADO', resolucion: null });
    });

    it('where it failed and nothing is unclear', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.registrar();
      await run.marcar(1);
      await run.fallar(FALLO_PASO_1);

      await expect(resolver('NO_EMITIDO')).rejects.toMatchObject(NO_REEJECUTABLE);

      expect(await prueba.eventos('SOL-1')).toEqual(['EMISION_FALLIDA', 'SOLICITUD_ACEPTADA']);
    });

    it('where the other decision was taken', async () => {
      await incierta();
      await resolver('NO_EMITIDO');

      await expect(resolver('EMITIDO_DESCARTADO')).rejects.toMatchObject(NO_REEJECUTABLE);

      expect(await prueba.leer('SOL-1')).toMatchObject({ resolucion: 'NO_EMITIDO' });
      expect(await prueba.contar('por_revocar')).toBe(0);
    });
  });

  describe('as NO_EMITIDO', () => {
    it.each([true, false])('runs again under the same key (idempotent adapter: %s)', async (idempotente) => {
      await incierta({ idempotente });
      await resolver('NO_EMITIDO');

      const nueva = await prueba.ordenarRun('SOL-1', { idempotente });
      await nueva.registrar();

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'EN_PROCESO', resolucion: null });
      expect(await nueva.marcar(2)).toMatchObject({ clave: claveDeIdempotencia('SOL-1', 2, 1) });
      await expect(nueva.concluir()).resolves.toMatchObject({ tipo: 'COMPLETADO' });
    });

    it('is uncertain again where the next send stays unclear', async () => {
      await incierta();
      await resolver('NO_EMITIDO');
      const nueva = await prueba.ordenarRun('SOL-1');
      await nueva.registrar();
      await nueva.marcar(2);
      await nueva.fallar();

      expect(await prueba.leer('SOL-1')).toMatchObject({ resultadoIncierto: true, resolucion: null });
    });

    it('takes corrections', async () => {
      await incierta();
      await resolver('NO_EMITIDO');

      await expect(prueba.abrirRun(corregida).registrar()).resolves.toMatchObject(CONCEDIDO);
    });

    it('gives way to a new issuance, and what may be there goes on the list', async () => {
      await incierta();
      await resolver('NO_EMITIDO');
      expect(await prueba.contar('por_revocar')).toBe(0);

      await (await prueba.ordenarRun('SOL-1', { nuevaEmision: true })).registrar();

      expect(await prueba.soporte.listarPorRevocar(null, 10)).toMatchObject([{ causa: 'NUEVA_EMISION' }]);
    });
  });

  describe('as EMITIDO_DESCARTADO', () => {
    it('goes on the to-revoke list', async () => {
      await incierta();
      await resolver('EMITIDO_DESCARTADO');

      expect(await prueba.soporte.listarPorRevocar(null, 10)).toMatchObject([
        {
          codigoSolicitudTramite: 'SOL-1',
          generacion: 1,
          causa: 'EMITIDO_DESCARTADO',
          clave: claveDeIdempotencia('SOL-1', 2, 1),
          solicitudPkiId: 'PKI-1',
          numerosSerie: [],
        },
      ]);
    });

    it('is not run again by the client, neither as it was nor corrected', async () => {
      const { entrada } = await incierta();
      await resolver('EMITIDO_DESCARTADO');
      const emision = await prueba.leer('SOL-1');

      expect(impedimentoPara(emision, entrada, true)).toMatchObject(NO_REEJECUTABLE);
      expect(impedimentoPara(emision, corregida, true)).toMatchObject(NO_REEJECUTABLE);
      await expect(prueba.abrirRun(entrada).registrar()).rejects.toMatchObject(NO_REEJECUTABLE);
      await expect(prueba.abrirRun(corregida).registrar()).rejects.toMatchObject(NO_REEJECUTABLE);

      expect(await prueba.leer('SOL-1')).toEqual(emision);
    });

    it('tells another request under its codigo nothing of that', async () => {
      await incierta();
      await resolver('EMITIDO_DESCARTADO');
      const otra = entradaDePrueba('SOL-1', {
        cambiar: ({ solicitud }) => (solicitud.numeroTramite = 'TRA-2'),
      });

      expect(impedimentoPara(await prueba.leer('SOL-1'), otra, true)).toMatchObject({
        fallo: 'CODIGO_REUTILIZADO',
      });
    });

    it('is not sent by a reset run', async () => {
      const { entrada } = await incierta();
      await resolver('EMITIDO_DESCARTADO');
      const reiniciada = prueba.abrirRun(entrada);

      await expect(reiniciada.marcar(2)).rejects.toMatchObject(NO_REEJECUTABLE);

      expect((await prueba.leer('SOL-1')).pasos[2].intentos).toBe(1);
    });

    it('is run again by a new issuance alone, and stands on the list once', async () => {
      await incierta();
      await resolver('EMITIDO_DESCARTADO');
      await expect(prueba.ordenarRun('SOL-1')).rejects.toThrow(/sólo una nueva emisión/);

      const nueva = await prueba.ordenarRun('SOL-1', { nuevaEmision: true });
      await nueva.hastaEnviarPaso2();

      expect(await prueba.leer('SOL-1')).toMatchObject({ generacion: 2, resolucion: null });
      expect(await prueba.soporte.listarPorRevocar(null, 10)).toMatchObject([
        { generacion: 1, causa: 'EMITIDO_DESCARTADO' },
      ]);
      await expect(nueva.concluir()).resolves.toMatchObject({ tipo: 'COMPLETADO' });
    });
  });

  describe('when the run of before wakes up with the certificates', () => {
    it('resolved as NO_EMITIDO, they are kept for the next run, which asks the PKI nothing', async () => {
      const run = await dormida({ idempotente: false });
      await resolver('NO_EMITIDO');

      await expect(run.concluir()).resolves.toMatchObject({ tipo: 'FALLIDO' });

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resolucion: 'NO_EMITIDO' });
      const siguiente = await prueba.ordenarRun('SOL-1', { idempotente: false });
      await expect(siguiente.registrar()).resolves.toMatchObject({ emisionRecibida: true });
      await expect(siguiente.concluir({ respuesta: null })).resolves.toMatchObject({ tipo: 'COMPLETADO' });
    });

    it('resolved as EMITIDO_DESCARTADO, they are named on the list and never released', async () => {
      const run = await dormida();
      await resolver('EMITIDO_DESCARTADO');

      await expect(run.concluir()).resolves.toMatchObject({ tipo: 'FALLIDO' });
      const reiniciada = prueba.abrirRun(run.entrada);
      await expect(reiniciada.concluir()).rejects.toMatchObject(NO_REEJECUTABLE);

      expect(await prueba.soporte.listarPorRevocar(null, 10)).toMatchObject([{ numerosSerie: ['0A'] }]);
      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO' });
      expect(await prueba.contar('certificados')).toBe(0);
      expect((await prueba.eventos('SOL-1')).filter((uno) => uno === 'RESPUESTA_TARDIA')).toHaveLength(1);
    });

    it('resolved as EMITIDO_DESCARTADO, a reset run that brings them is refused, and they are named', async () => {
      const run = await incierta();
      await resolver('EMITIDO_DESCARTADO');

      await expect(prueba.abrirRun(run.entrada).concluir()).rejects.toMatchObject(NO_REEJECUTABLE);

      expect(await prueba.soporte.listarPorRevocar(null, 10)).toMatchObject([{ numerosSerie: ['0A'] }]);
      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', runId: run.runId });
    });

    it('not resolved yet, they settle it', async () => {
      const run = await dormida({ idempotente: false });

      await expect(run.concluir()).resolves.toMatchObject({ tipo: 'FALLIDO' });

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resultadoIncierto: false });
      expect(await prueba.eventos('SOL-1')).toEqual([
        'EMISION_FALLIDA',
        'NUMEROS_GENERADOS',
        'RESPUESTA_TARDIA',
        'RESULTADO_ACLARADO',
        'SOLICITUD_ACEPTADA',
      ]);
      await expect(resolver('NO_EMITIDO')).rejects.toMatchObject(NO_REEJECUTABLE);
    });

    it('do not settle what a later run sent', async () => {
      const run = await dormida({ idempotente: false });
      await resolver('NO_EMITIDO');
      const siguiente = await prueba.ordenarRun('SOL-1', { idempotente: false });
      await siguiente.registrar();
      await siguiente.marcar(2);
      await siguiente.fallar();

      await expect(run.concluir()).rejects.toMatchObject({ fallo: 'TURNO_PERDIDO' });

      expect(await prueba.contar('recibidos')).toBe(1);
      expect(await prueba.leer('SOL-1')).toMatchObject({ resultadoIncierto: true });
    });

    it('are not kept for a request that was corrected since', async () => {
      const run = await dormida();
      await resolver('NO_EMITIDO');
      const correccion = prueba.abrirRun(corregida);
      await correccion.registrar();
      await correccion.fallar();

      await expect(run.concluir()).rejects.toMatchObject({ fallo: 'TURNO_PERDIDO' });

      expect(await prueba.contar('recibidos')).toBe(0);
    });
  });
});
