/**
 * What a GET says can be done about a failed issuance, and what a POST of the same request then does: they agree, for every way
 * to fail and every decision of support. On a register of its own; Temporal is played.
 */
import { datosDeEmision, errorDeEmision } from '../../../../api/emision/consultar/datos-emision.ts';
import { retirarPagina } from '../../../../shared/registro/emision/retencion/retencion.ts';
import { TurnoNegado } from '../../../../shared/registro/emision/registro.ts';
import type { Decision } from '../../../../shared/emision/soporte.ts';
import { CONTEXTO, servicioDeEmision } from '../../../support/api/servicio-de-emision.ts';
import {
  BASES,
  CLAVES,
  entradaDePrueba,
  FALLO_PASO_1,
  noConforme,
  ORDEN,
  usarRegistro,
  type RunDePrueba,
} from '../../../support/registro/registro-de-prueba.ts';

const prueba = usarRegistro(BASES[0].abrir);
const { solicitud } = entradaDePrueba();

/** Of what is not uncertain support is told that there is nothing to settle: it stays as it was. */
const resolver = (decision: Decision) => () =>
  prueba.soporte.resolver('SOL-1', { ...ORDEN, decision }).catch((error: unknown) => {
    if (!(error instanceof TurnoNegado)) throw error;
  });
const MAÑANA = new Date(Date.now() + 86_400_000);

const FRACASOS: Record<string, (run: RunDePrueba) => Promise<unknown>> = {
  'in step 1, with nothing sent': async (run) => {
    await run.registrar();
    await run.fallar(FALLO_PASO_1);
  },
  'in step 1, unclear': async (run) => {
    await run.registrar();
    await run.marcar(1);
    await run.fallar(FALLO_PASO_1);
  },
  'in step 2, clearly refused': async (run) => {
    await run.hastaEnviarPaso2();
    await run.aclarar(2);
    await run.fallar();
  },
  'in step 2, unclear': async (run) => {
    await run.hastaEnviarPaso2();
    await run.fallar();
  },
  'with certificates that are not what was asked': async (run) => {
    await run.hastaEnviarPaso2();
    await run.concluir({ comparar: noConforme() });
  },
  'cancelled after the PKI had answered': async (run) => {
    await run.hastaEnviarPaso2();
    await run.concluir({ cancelada: true });
  },
};

const DESPUES: Record<string, () => Promise<unknown>> = {
  nothing: () => Promise.resolve(),
  'support says that nothing was issued': resolver('NO_EMITIDO'),
  'support discards what was issued': resolver('EMITIDO_DESCARTADO'),
  'its data are taken away': () =>
    retirarPagina(prueba.db, CLAVES, { completadas: MAÑANA, fallidas: MAÑANA }, null, 100),
};

describe.each([true, false])('where the adapter repeats its answers: %s', (idempotente) => {
  describe.each(Object.entries(FRACASOS))('an issuance that failed %s', (_como, fracasar) => {
    it.each(Object.entries(DESPUES))('and then: %s', async (_que, hacer) => {
      await fracasar(prueba.abrirRun(entradaDePrueba(), { idempotente }));
      prueba.motor.cerrar('SOL-1');
      await hacer();
      let iniciadas = 0;
      const servicio = servicioDeEmision({
        registro: prueba.registro,
        huella: CLAVES.huella,
        adaptadorIdempotente: idempotente,
        motor: { iniciar: () => Promise.resolve(++iniciadas > 0) },
      });

      const vista = await servicio.consultar('SOL-1');
      if (!vista) throw new Error('the issuance is not known');
      const { admiteReenvio, resultadoIncierto } = datosDeEmision(vista).transaccion;
      const dicho = (errorDeEmision(vista)?.errores ?? []).map(({ detalleError }) => detalleError);
      const desenlace = await servicio.emitir(solicitud, CONTEXTO, {
        maximoMs: 0,
        asincrona: true,
        abandono: new AbortController().signal,
      });

      expect(admiteReenvio).toBe(iniciadas === 1);
      expect(resultadoIncierto).toBe((await prueba.leer('SOL-1')).resultadoIncierto);
      if (desenlace.tipo === 'FALLO') expect(dicho).toEqual(expect.arrayContaining(desenlace.detalles));
      else expect(dicho.join(' ')).not.toMatch(/no se ejecuta|no admite repetir/);
    });
  });
});
