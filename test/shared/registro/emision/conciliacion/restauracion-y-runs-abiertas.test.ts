/**
 * Restores (docs/rules.md) that meet a run that is open, new issuances, or a Temporal that is the older one. One file, since
 * each that asks both databases starts a PostgreSQL.
 */
import { sql } from 'kysely';
import { claveDeIdempotencia } from '../../../../../shared/registro/emision/filas/claves-de-emision.ts';
import type { HistoriaDeRun } from '../../../../../shared/motor/emision/motor.ts';
import {
  historiaDe,
  NADA_HECHO,
  pasosProceso,
  respondido,
  SIN_RESPUESTA,
} from '../../../../support/registro/historia-de-prueba.ts';
import {
  BASES,
  entradaDePrueba,
  FALLO_PASO_1,
  FALLO_PASO_2,
  ORDEN,
  RESPUESTA_PASO_1,
  RESPUESTA_PASO_2,
  TABLAS,
  usarRegistro,
  type RunDePrueba,
} from '../../../../support/registro/registro-de-prueba.ts';

const CONCEDIDO = { tipo: 'CONCEDIDO' };
const EN_PASO_2 = { paso1: respondido(RESPUESTA_PASO_1), paso2: SIN_RESPUESTA };

describe.each(BASES)('a restore, on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  const perderRegistro = async () => {
    await sql`truncate ${sql.join(TABLAS.map((tabla) => sql.table(tabla)))}`.execute(prueba.db);
  };
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
  const deGeneracion = (generacion: number) => ({
    ...entradaDePrueba(),
    generacion,
    reejecucion: { reejecucionId: null, motivo: ORDEN.motivo, solicitadaPor: 'soporte' },
  });

  const restaurar = (codigo = 'SOL-1') => prueba.registro.restaurar(codigo);
  const conciliarUna = (codigo = 'SOL-1') => prueba.mantenimiento.conciliarUna(codigo);

  describe('while a run is open', () => {
    it('that a reset or a re-run began, what the closed one sent is not sent again to an adapter that would repeat it', async () => {
      cerrada(EN_PASO_2);
      const nueva = prueba.abrirRun(entradaDePrueba(), { idempotente: false });

      await expect(nueva.registrar()).rejects.toMatchObject({ fallo: 'SOLICITUD_NO_REEJECUTABLE' });

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resultadoIncierto: true });
    });

    it('it takes the row that is the closed one’s, as it was before its sends', async () => {
      const anterior = prueba.abrirRun(entradaDePrueba());
      await anterior.registrar();
      cerrada(EN_PASO_2, anterior.entrada, anterior);
      const nueva = prueba.abrirRun(entradaDePrueba(), { idempotente: false });

      await expect(nueva.registrar()).rejects.toMatchObject({ fallo: 'SOLICITUD_NO_REEJECUTABLE' });
    });

    it('nothing of it is closed, and it goes on with what the closed one answered', async () => {
      cerrada({ paso1: respondido(RESPUESTA_PASO_1), paso2: respondido(RESPUESTA_PASO_2) });
      const nueva = prueba.abrirRun(entradaDePrueba(), { idempotente: false });

      await expect(nueva.registrar()).resolves.toMatchObject({ tipo: 'CONCEDIDO', emisionRecibida: true });
      await expect(nueva.concluir({ respuesta: null })).resolves.toMatchObject({ tipo: 'COMPLETADO' });
    });

    it('its row, lost at any point, is made again by its next turn', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.registrar();
      await run.marcar(1);
      await perderRegistro();

      await expect(run.registrarPaso1()).resolves.toMatchObject(CONCEDIDO);
      await run.marcar(2);
      await perderRegistro();

      await run.fallar();
      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resultadoIncierto: true });
    });

    it('it goes on, also where it is of a bulk re-run whose order the register lost', async () => {
      const anterior = prueba.abrirRun(entradaDePrueba());
      await anterior.registrar();
      await anterior.fallar(FALLO_PASO_1);
      const deSoporte = await prueba.ordenarRun('SOL-1', {
        reejecucionId: '0b8e4f6c-2d1a-4c3b-8e5f-6a7b8c9d0e1f',
      });
      await deSoporte.registrar();
      await perderRegistro();
      prueba.motor.cerrar(
        'SOL-1',
        historiaDe(anterior, {
          paso1: NADA_HECHO,
          fin: { tipo: 'FALLIDO', fallo: FALLO_PASO_1, registrado: null },
        }),
      );
      prueba.motor.abrir('SOL-1', deSoporte.runId);

      await deSoporte.registrar();

      expect(await prueba.leer('SOL-1')).toMatchObject({
        estado: 'EN_PROCESO',
        reejecucionId: '0b8e4f6c-2d1a-4c3b-8e5f-6a7b8c9d0e1f',
      });
    });
  });

  describe('and an adapter that does not repeat its answers: a first run', () => {
    const ahora = () => Date.parse('2026-11-22T10:00:00Z');
    const haceMs = (ms: number) => new Date(ahora() - ms);
    /** Accepted and started so long ago, as Temporal tells it. */
    const primera = ({
      aceptadaHaceMs = 0,
      iniciadaHaceMs = aceptadaHaceMs,
      esDeUnInicio = true,
      estaEnSuPrimeraTarea = true,
    }: {
      aceptadaHaceMs?: number;
      iniciadaHaceMs?: number;
      esDeUnInicio?: boolean;
      estaEnSuPrimeraTarea?: boolean;
    } = {}) => ({
      entrada: {
        ...entradaDePrueba(),
        aceptadaEn: haceMs(aceptadaHaceMs).toISOString(),
        esPrimera: true as const,
      },
      opciones: {
        idempotente: false,
        ahora,
        comienzo: { en: haceMs(iniciadaHaceMs), esDeUnInicio, estaEnSuPrimeraTarea },
      },
    });
    const NO_OTRA_VEZ = { fallo: 'SOLICITUD_NO_REEJECUTABLE' };

    it('that Temporal took for the first is registered without a list', async () => {
      const { entrada, opciones } = primera();
      const run = prueba.abrirRun(entrada, opciones);

      await expect(run.registrar()).resolves.toMatchObject(CONCEDIDO);

      expect(prueba.motor.listados).toEqual([]);
    });

    it('that waited minutes for its worker is, too', async () => {
      const { entrada, opciones } = primera({ aceptadaHaceMs: 400_000 });

      await prueba.abrirRun(entrada, opciones).registrar();

      expect(prueba.motor.listados).toEqual([]);
    });

    it.each<[string, ReturnType<typeof primera>]>([
      ['of a reset, or delayed', primera({ esDeUnInicio: false })],
      ['that was held since its start', primera({ estaEnSuPrimeraTarea: false })],
      ['that began long after its acceptance', primera({ aceptadaHaceMs: 100_000, iniciadaHaceMs: 60_000 })],
      ['that no worker took for long', primera({ aceptadaHaceMs: 700_000 })],
    ])('%s may be another: what the closed one sent is not sent again', async (_, { entrada, opciones }) => {
      cerrada(EN_PASO_2, entrada);
      const otra = prueba.abrirRun(entrada, opciones);

      await expect(otra.registrar()).rejects.toMatchObject(NO_OTRA_VEZ);

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resultadoIncierto: true });
    });

    it.each<[string, Partial<RunDePrueba['entrada']>]>([
      ['is of another generation', { generacion: 2 }],
      ['is an order of support', { reejecucion: deGeneracion(1).reejecucion }],
    ])('whose input %s is asked about', async (_, cambios) => {
      const { entrada, opciones } = primera();

      await prueba.abrirRun({ ...entrada, ...cambios }, opciones).registrar();

      expect(prueba.motor.listados).toEqual(['SOL-1']);
    });

    it('whose input does not say so is asked about', async () => {
      const { entrada, opciones } = primera();
      const { esPrimera, ...sinDecirlo } = entrada;
      expect(esPrimera).toBe(true);

      await prueba.abrirRun(sinDecirlo, opciones).registrar();

      expect(prueba.motor.listados).toEqual(['SOL-1']);
    });

    it('whose row was lost after it had written it is asked about', async () => {
      const { entrada, opciones } = primera();
      const run = prueba.abrirRun(entrada, opciones);
      await run.registrar();
      await run.marcar(1);
      await perderRegistro();

      await expect(run.registrarPaso1()).resolves.toMatchObject(CONCEDIDO);

      expect(prueba.motor.listados).toEqual(['SOL-1']);
    });

    it('that was ended and started again with the same sealed input, over a restored register, sends nothing again', async () => {
      const { entrada, opciones } = primera({ aceptadaHaceMs: 120_000 });
      const suya = prueba.abrirRun(entrada, opciones);
      await suya.hastaEnviarPaso2();
      expect(prueba.motor.listados).toEqual([]);
      prueba.motor.cerrar('SOL-1', historiaDe(suya, EN_PASO_2));
      await perderRegistro();
      const comienzo = { ...opciones.comienzo, en: haceMs(80_000) };
      const copiada = prueba.abrirRun(entrada, { ...opciones, comienzo });

      await expect(copiada.registrar()).rejects.toMatchObject(NO_OTRA_VEZ);
      await expect(copiada.marcar(2)).rejects.toMatchObject(NO_OTRA_VEZ);
      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', resultadoIncierto: true });
    });

    it('that was ended and started again at once finds the row, whatever its input says', async () => {
      const { entrada, opciones } = primera();
      const suya = prueba.abrirRun(entrada, opciones);
      await suya.hastaEnviarPaso2();
      prueba.motor.cerrar('SOL-1', historiaDe(suya, EN_PASO_2));
      const copiada = prueba.abrirRun(entrada, opciones);

      await expect(copiada.registrar()).resolves.toMatchObject(CONCEDIDO);

      await expect(copiada.marcar(2)).rejects.toMatchObject({ fallo: 'RESULTADO_INCIERTO' });
      expect(prueba.motor.listados).toEqual(['SOL-1']);
    });

    it('that meets the row of another, while Temporal is asked, is not the first', async () => {
      const { entrada, opciones } = primera();
      const otra = prueba.abrirRun(entradaDePrueba());
      const suya = prueba.abrirRun(entrada, opciones);
      prueba.motor.alDescribir(async () => {
        await otra.registrar();
      });

      await expect(suya.registrar()).resolves.toMatchObject(CONCEDIDO);

      expect(prueba.motor.listados).toEqual(['SOL-1']);
      expect(await prueba.leer('SOL-1')).toMatchObject({ runId: suya.runId });
    });
  });

  describe('of a register from before new issuances', () => {
    const porRevocar = async () =>
      (await prueba.soporte.listarPorRevocar(null, 10))
        .map(({ generacion, clave, solicitudPkiId, numerosSerie }) => ({
          generacion,
          clave,
          solicitudPkiId,
          numerosSerie,
        }))
        .sort((a, b) => a.generacion - b.generacion);
    const linea = (
      generacion: number,
      solicitudPkiId: string | null = null,
      numerosSerie: string[] = [],
    ) => ({
      generacion,
      clave: claveDeIdempotencia('SOL-1', 2, generacion),
      solicitudPkiId,
      numerosSerie,
    });
    const fallida = async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.registrar();
      await run.fallar(FALLO_PASO_1);
      return run;
    };

    it('goes on in the last generation; what each one before may have left is to be revoked', async () => {
      await fallida();
      cerrada({ paso1: respondido(RESPUESTA_PASO_1), paso2: respondido(RESPUESTA_PASO_2) }, deGeneracion(2));
      cerrada(
        {
          ...EN_PASO_2,
          fin: {
            tipo: 'FALLIDO',
            fallo: FALLO_PASO_2,
            registrado: { pasosProceso: pasosProceso(1, 'FALLIDO'), resultadoIncierto: false },
          },
        },
        deGeneracion(3),
      );

      await restaurar();

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'FALLIDO', generacion: 3 });
      expect(await porRevocar()).toEqual([linea(1), linea(2, 'PKI-1', ['0A'])]);
      const siguiente = await prueba.ordenarRun('SOL-1', { nuevaEmision: true });
      await expect(siguiente.registrar()).resolves.toMatchObject(CONCEDIDO);
      expect(await prueba.leer('SOL-1')).toMatchObject({ generacion: 4 });
    });

    it('a run that is open goes on in its own, where Temporal has forgotten those between', async () => {
      await fallida();
      const run = prueba.abrirRun(deGeneracion(3));

      await expect(run.registrar()).resolves.toMatchObject(CONCEDIDO);

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'EN_PROCESO', generacion: 3 });
      expect(await porRevocar()).toEqual([linea(1), linea(2)]);
    });

    it('a run that is open goes on in its own, where the row is gone', async () => {
      const run = prueba.abrirRun(deGeneracion(3));

      await expect(run.registrar()).resolves.toMatchObject(CONCEDIDO);

      expect(await porRevocar()).toEqual([linea(1), linea(2)]);
    });

    it('what the row’s generation sent since is to be revoked, though the row does not know of it', async () => {
      const anterior = prueba.abrirRun(entradaDePrueba());
      await anterior.registrar();
      cerrada(
        {
          ...EN_PASO_2,
          fin: {
            tipo: 'FALLIDO',
            fallo: FALLO_PASO_2,
            registrado: { pasosProceso: pasosProceso(1, 'FALLIDO'), resultadoIncierto: false },
          },
        },
        anterior.entrada,
        anterior,
      );
      const run = prueba.abrirRun(deGeneracion(2));

      await expect(run.registrar()).resolves.toMatchObject(CONCEDIDO);

      expect(await porRevocar()).toEqual([linea(1, 'PKI-1')]);
    });
  });

  describe('of a Temporal that is older than the register', () => {
    it('a run that is open again, of a completed issuance, is given its certificates', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      await run.concluir();

      await expect(run.marcar(1)).rejects.toMatchObject({ fallo: 'TURNO_PERDIDO' });
      await expect(run.registrarPaso1()).resolves.toMatchObject({ tipo: 'YA_COMPLETADA' });
      await expect(run.fallar(FALLO_PASO_1)).resolves.toMatchObject({ tipo: 'COMPLETADO' });
    });

    it('a run that is open again, of a failed issuance, ends as it had ended', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      await run.fallar();

      await expect(run.marcar(2)).rejects.toMatchObject({ fallo: 'TURNO_PERDIDO' });
      await expect(run.fallar(FALLO_PASO_1)).resolves.toMatchObject({ tipo: 'FALLIDO', fallo: FALLO_PASO_2 });
    });

    it('an issuance that is running by the register, and forgotten by Temporal, is closed by its row', async () => {
      await prueba.abrirRun(entradaDePrueba()).hastaEnviarPaso2();
      prueba.motor.olvidar('SOL-1');

      expect(await conciliarUna()).toMatchObject({
        accion: 'INTERRUMPIDA',
        emision: { estado: 'FALLIDO', resultadoIncierto: true },
      });
    });

    it('what an earlier run had come to does not undo what the register recorded since', async () => {
      const primera = prueba.abrirRun(entradaDePrueba());
      await primera.registrar();
      await primera.fallar(FALLO_PASO_1);
      const segunda = prueba.abrirRun(entradaDePrueba());
      await segunda.registrar();
      const antes = await prueba.leer('SOL-1');
      prueba.motor.abrir('SOL-1', primera.runId);
      cerrada(
        { paso1: SIN_RESPUESTA, fin: { tipo: 'FALLIDO', fallo: FALLO_PASO_1, registrado: null } },
        primera.entrada,
        primera,
      );

      expect(await conciliarUna()).toMatchObject({ accion: 'INTERRUMPIDA' });

      expect(await prueba.leer('SOL-1')).toMatchObject({
        runId: antes.runId,
        fallo: { tipo: 'EMISION_INTERRUMPIDA' },
      });
    });
  });

  it('a history that cannot be read leaves all as it is', async () => {
    await prueba.abrirRun(entradaDePrueba()).registrar();
    const antes = await prueba.leer('SOL-1');
    prueba.motor.cerrar('SOL-1', historiaDe({ runId: antes.runId, entrada: entradaDePrueba() }));
    prueba.motor.cifrarHistorias();

    expect(await conciliarUna()).toEqual({
      emision: antes,
      accion: 'NINGUNA',
      pendiente: expect.stringContaining('CLAVES_CIFRADO') as unknown,
    });
  });
});
