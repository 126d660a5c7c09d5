/**
 * A register and the Temporals that it may meet; what each answers, the test says. One file, since each that asks both
 * databases starts a PostgreSQL.
 */
import { codigoDe } from '../../../../shared/emision/contrato.ts';
import { DOMINIOS } from '../../../../shared/registro/dominios.ts';
import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { sql } from 'kysely';
import { conTemporalConocido } from '../../../../api/emision/temporal/temporal-conocido.ts';
import type { MotorDeReejecuciones } from '../../../../api/emision/temporal/motor-de-reejecuciones.ts';
import type { MotorTemporal } from '../../../../api/emision/temporal/motor-temporal.ts';
import type { IdentidadDeTemporal } from '../../../../shared/motor/identidad.ts';
import { TEMPORAL_RECIENTE_MS } from '../../../../shared/nucleo/plazos.ts';
import { ServicioNoDisponible, ServicioSaturado } from '../../../../shared/nucleo/servicio-no-disponible.ts';
import { createConciliaciones } from '../../../../shared/registro/emision/conciliacion/conciliacion.ts';
import {
  conTemporalDelRegistro,
  createGuardaDeTemporal,
  vigilarTemporal,
  type GuardaDeTemporal,
} from '../../../../shared/registro/base/temporal-del-registro.ts';
import { compararTemporal, leerTemporal, mudarTemporal } from '../../../../shared/registro/base/mudanza.ts';
import { ConfiguracionInvalida } from '../../../../shared/runtime/config.ts';
import { createRegistro } from '../../../../shared/registro/emision/registro.ts';
import { createRegistroDeSoporte } from '../../../../shared/registro/emision/registro-de-soporte.ts';
import { hasta } from '../../../support/hasta.ts';
import { createFakeMotor } from '../../../support/registro/fake-motor.ts';
import {
  BASES,
  CLAVES,
  createRun,
  entradaDePrueba,
  ORDEN as ORDEN_DE_SOPORTE,
  RESPUESTA_PASO_1,
  usarRegistro,
  type RunDePrueba,
} from '../../../support/registro/registro-de-prueba.ts';

const SUYO: IdentidadDeTemporal = { clusterId: 'cluster-1', namespaceId: 'espacio-1' };
const VACIO: IdentidadDeTemporal = { clusterId: 'cluster-2', namespaceId: 'espacio-2' };
const [PGLITE] = BASES;

describe('the Temporal of a register', () => {
  const prueba = usarRegistro(PGLITE.abrir);
  beforeEach(async () => {
    await sql`truncate temporal_del_registro, bitacora`.execute(prueba.db);
  });

  /** A process that reaches this Temporal, which may be exchanged for another while it runs. */
  const proceso = (temporal: IdentidadDeTemporal, motor = prueba.motor) => {
    const alcanzado = { identidad: temporal, preguntas: 0 };
    const guarda = createGuardaDeTemporal({
      db: prueba.db,
      claves: CLAVES,
      leerIdentidad: () => {
        alcanzado.preguntas++;
        return Promise.resolve(alcanzado.identidad);
      },
      dominios: DOMINIOS,
      conoce: async (id) => (await motor.describir(codigoDe(id) ?? '')) !== null,
    });
    return { alcanzado, guarda };
  };
  const comprobar = (temporal: IdentidadDeTemporal) => proceso(temporal).guarda.comprobar();

  it('is the first that it meets, and stays so', async () => {
    await comprobar(SUYO);
    await comprobar(SUYO);

    expect(await leerTemporal(prueba.db)).toMatchObject(SUYO);
  });

  it.each<[string, IdentidadDeTemporal, string]>([
    ['another cluster', VACIO, 'TEMPORAL_ADDRESS'],
    ['a cluster that holds a copy of the namespace', { ...SUYO, clusterId: 'otro' }, 'TEMPORAL_ADDRESS'],
    ['another namespace of it', { ...SUYO, namespaceId: 'otro' }, 'TEMPORAL_NAMESPACE'],
    [
      'one that does not tell its cluster, by the namespace',
      { ...VACIO, clusterId: null },
      'TEMPORAL_NAMESPACE',
    ],
  ])('is not %s, and the refusal names the variable and the way on', async (_, otro, variable) => {
    await comprobar(SUYO);

    const negada = comprobar(otro);

    await expect(negada).rejects.toBeInstanceOf(ConfiguracionInvalida);
    await expect(negada).rejects.toThrow(new RegExp(` - ${variable}: .*npm run mudar-temporal`));
    expect(await leerTemporal(prueba.db)).toMatchObject(SUYO);
  });

  it('is known by its namespace alone where it does not tell its cluster any more', async () => {
    await comprobar(SUYO);

    await expect(comprobar({ ...SUYO, clusterId: null })).resolves.toBeUndefined();
  });

  it('is one of two that two processes meet at the same moment', async () => {
    const dichas = await Promise.allSettled([comprobar(SUYO), comprobar(VACIO)]);

    expect(dichas.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  describe('where the version before remembered none', () => {
    it('is the one that knows an issuance that is open', async () => {
      await prueba.abrirRun(entradaDePrueba()).registrar();

      await comprobar(SUYO);

      expect(await leerTemporal(prueba.db)).toMatchObject(SUYO);
    });

    it('is none that knows not one of those that are open', async () => {
      await prueba.abrirRun(entradaDePrueba()).registrar();
      const { guarda } = proceso(VACIO, createFakeMotor());

      await expect(guarda.comprobar()).rejects.toThrow(/TEMPORAL_ADDRESS: .*knows none/);

      expect(await leerTemporal(prueba.db)).toBeNull();
    });
  });

  describe('that an empty one takes the place of while a process runs', () => {
    const enMarcha = async () => {
      await prueba.abrirRun(entradaDePrueba()).hastaEnviarPaso2();
      const { alcanzado, guarda } = proceso(SUYO);
      await guarda.comprobar();
      const conciliaciones = createConciliaciones({
        ...{ db: prueba.db, claves: CLAVES, guarda },
        motor: conTemporalDelRegistro(prueba.motor, guarda),
      });
      prueba.motor.olvidar('SOL-1');
      return { alcanzado, guarda, conciliaciones };
    };

    it('closes nothing: neither for who asks, nor in a pass', async () => {
      const { alcanzado, conciliaciones } = await enMarcha();
      alcanzado.identidad = VACIO;

      for (const conciliar of [
        conciliaciones.conciliar,
        conciliaciones.conciliarUna,
        conciliaciones.restaurar,
      ])
        await expect(conciliar('SOL-1')).rejects.toBeInstanceOf(ServicioNoDisponible);

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'EN_PROCESO' });
    });

    it('is told from the register’s own, which forgot the run: that is settled by the rules', async () => {
      const { conciliaciones } = await enMarcha();

      expect(await conciliaciones.conciliar('SOL-1')).toMatchObject({
        estado: 'FALLIDO',
        resultadoIncierto: true,
      });
    });

    it('ends no process that looks: it gets nothing on its word, and goes on once its own is back', async () => {
      const { alcanzado, guarda } = await enMarcha();
      const vigilancia = vigilarTemporal(guarda, 1);
      let acabo = false;
      vigilancia.fin.catch(() => (acabo = true));
      const esVigente = () =>
        guarda.exigirVigente().then(
          () => true,
          () => false,
        );

      alcanzado.identidad = VACIO;
      await hasta('the process to see another one', async () => !(await esVigente()));
      alcanzado.identidad = SUYO;
      await hasta('its own', esVigente);

      vigilancia.detener();
      expect(acabo).toBe(false);
    });

    it('starts nothing, is not ready, and is asked once a moment, not for each start', async () => {
      const { alcanzado, guarda } = await enMarcha();
      const iniciadas: string[] = [];
      const api = conTemporalConocido(
        {
          ...prueba.motor,
          iniciar: () => Promise.resolve(iniciadas.push('emision') > 0),
          comprobar: () => Promise.resolve(),
        } as unknown as MotorTemporal,
        {
          iniciar: () => Promise.resolve(void iniciadas.push('masiva')),
          describir: () => Promise.resolve(null),
        },
        guarda,
      );
      const preguntas = alcanzado.preguntas;
      await Promise.all(Array.from({ length: 20 }, () => api.motor.iniciar({} as never, true)));
      expect([iniciadas.length, alcanzado.preguntas - preguntas]).toEqual([20, 0]);

      alcanzado.identidad = VACIO;
      await expect(api.motor.comprobar()).rejects.toBeInstanceOf(ConfiguracionInvalida);
      await expect(api.motor.iniciar({} as never, true)).rejects.toBeInstanceOf(ServicioNoDisponible);
      await expect(api.motorDeReejecuciones.iniciar({} as never)).rejects.toBeInstanceOf(
        ServicioNoDisponible,
      );
      expect(iniciadas).toHaveLength(20);
    });
  });

  it('that sheds load when it is asked who it is lets nothing start, is not down for that, and is ready', async () => {
    const saturado = Object.assign(new Error('shed'), { code: 8, details: 'shed', metadata: {} });
    const guarda = createGuardaDeTemporal({
      db: prueba.db,
      claves: CLAVES,
      leerIdentidad: () => Promise.reject(saturado),
      dominios: DOMINIOS,
      conoce: () => Promise.resolve(true),
    });
    const { motor } = conTemporalConocido(
      { ...prueba.motor, comprobar: () => Promise.resolve() } as unknown as MotorTemporal,
      {} as MotorDeReejecuciones,
      guarda,
    );

    for (let i = 0; i < 5; i++) {
      const fallo: unknown = await motor.iniciar({} as never, true).catch((error: unknown) => error);
      expect(fallo).toBeInstanceOf(ServicioSaturado);
      expect(fallo).toMatchObject({ cause: saturado });
    }
    await expect(motor.comprobar()).resolves.toBeUndefined();
  });

  it('that refuses who asks is not down for that: its own error is told, and counts as no outage', async () => {
    const negado = Object.assign(new Error('Request unauthorized.'), {
      ...{ code: 7, details: 'Request unauthorized.', metadata: {} },
    });
    const guarda = createGuardaDeTemporal({
      db: prueba.db,
      claves: CLAVES,
      leerIdentidad: () => Promise.reject(negado),
      dominios: DOMINIOS,
      conoce: () => Promise.resolve(true),
    });
    const { motor } = conTemporalConocido(
      prueba.motor as unknown as MotorTemporal,
      {} as MotorDeReejecuciones,
      guarda,
    );

    for (let i = 0; i < 5; i++) await expect(motor.iniciar({} as never, true)).rejects.toBe(negado);
  });

  describe('that it is moved away from while a process runs', () => {
    const COPIA: IdentidadDeTemporal = { ...SUYO, clusterId: 'cluster-2' };
    const mudarA = (temporal: IdentidadDeTemporal | null) =>
      mudarTemporal(prueba.db, CLAVES, temporal, { quien: 'ana.perez', motivo: 'Cambio de centro' });
    /** The run in the cluster of this process: its id is the same in a copy of the namespace. */
    const runEn = (guarda: GuardaDeTemporal, runId: string, motor = prueba.motor) =>
      createRun(
        createRegistro({
          ...{ db: prueba.db, claves: CLAVES, guarda, adaptadorIdempotente: true },
          motor: conTemporalDelRegistro(motor, guarda),
        }),
        entradaDePrueba(),
        runId,
      );
    const enDosCentros = async () => {
      prueba.motor.abrir('SOL-1', 'run-1');
      const aqui = proceso(SUYO).guarda;
      await aqui.comprobar();
      const run = runEn(aqui, 'run-1');
      await run.registrar();
      await run.marcar(1);
      return { aqui, run };
    };

    const ACTOS: readonly [string, (run: RunDePrueba) => Promise<unknown>][] = [
      ['its turn', (run) => run.registrar()],
      ['a send of step 1', (run) => run.marcar(1)],
      ['what step 1 brought', (run) => run.registrarPaso1()],
      ['a send of step 2', (run) => run.marcar(2)],
      ['its certificates', (run) => run.concluir()],
      ['its failure', (run) => run.fallar()],
    ];

    it.each(ACTOS)('gets nothing for a run that goes on elsewhere under the same id: %s', async (_, acto) => {
      const { run } = await enDosCentros();
      await mudarA(COPIA);
      const antes = await prueba.leer('SOL-1');

      await expect(acto(run)).rejects.toBeInstanceOf(ServicioNoDisponible);

      expect(await prueba.leer('SOL-1')).toEqual(antes);
    });

    it('lets the run go on in the other one', async () => {
      await enDosCentros();
      await mudarA(COPIA);
      const alla = proceso(COPIA).guarda;
      await alla.comprobar();
      const run = runEn(alla, 'run-1');

      await run.registrarPaso1();
      await run.marcar(2);

      expect(await run.concluir()).toMatchObject({ tipo: 'COMPLETADO' });
    });

    it('is heard of what the PKI answered to it, which settles its send', async () => {
      const { run } = await enDosCentros();
      await mudarA(COPIA);

      await run.conservar({ paso: 1, respuesta: RESPUESTA_PASO_1 });

      expect((await prueba.leer('SOL-1')).pasos[1]).toMatchObject({
        solicitud_pki_id: RESPUESTA_PASO_1.solicitudPkiId,
        envios_sin_aclarar: [],
      });
    });

    it('closes nothing, however recently it was found right', async () => {
      const { aqui } = await enDosCentros();
      const { conciliar } = createConciliaciones({
        ...{ db: prueba.db, claves: CLAVES, guarda: aqui },
        motor: conTemporalDelRegistro(prueba.motor, aqui),
      });
      prueba.motor.cerrar('SOL-1');
      await mudarA(COPIA);

      await expect(conciliar('SOL-1')).rejects.toBeInstanceOf(ServicioNoDisponible);

      expect(await prueba.leer('SOL-1')).toMatchObject({ estado: 'EN_PROCESO' });
    });

    it.each<[string, () => Promise<unknown>]>([
      ['to another', () => mudarA(COPIA)],
      ['to another, and back', () => mudarA(COPIA).then(() => mudarA(SUYO))],
      ['to the next one that is seen', () => mudarA(null)],
    ])('ends the process, and is not taken again by it: %s', async (_, mudar) => {
      const { aqui, run } = await enDosCentros();
      await mudar();
      const antes = await leerTemporal(prueba.db);
      const vigilancia = vigilarTemporal(aqui, 1);

      await expect(
        vigilancia.fin.finally(() => {
          vigilancia.detener();
        }),
      ).rejects.toThrow(/ - TEMPORAL_ADDRESS: the register was moved .*Start it again/);

      await expect(run.marcar(1)).rejects.toBeInstanceOf(ServicioNoDisponible);
      expect(await leerTemporal(prueba.db)).toEqual(antes);
    });

    it('answers that nothing was started, though it was found right a moment ago', async () => {
      const { aqui } = await enDosCentros();
      const empezar = () => Promise.resolve(true);
      const { motor, motorDeReejecuciones } = conTemporalConocido(
        { ...prueba.motor, iniciar: empezar } as unknown as MotorTemporal,
        { iniciar: empezar } as unknown as MotorDeReejecuciones,
        aqui,
      );
      await motor.iniciar({} as never, true);
      await mudarA(COPIA);

      await expect(motor.iniciar({} as never, true)).rejects.toBeInstanceOf(ServicioNoDisponible);
      await expect(motorDeReejecuciones.iniciar({} as never)).rejects.toBeInstanceOf(ServicioNoDisponible);
    });

    it('writes nothing of a bulk re-run that goes on elsewhere', async () => {
      const { aqui } = await enDosCentros();
      const soporte = createRegistroDeSoporte({
        ...{ db: prueba.db, claves: CLAVES, motor: prueba.motor, guarda: aqui, adaptadorIdempotente: true },
      });
      const { solicitante, motivo } = ORDEN_DE_SOPORTE;
      const orden = (reejecucionId: string) =>
        soporte.registrarReejecucion({
          ...{ reejecucionId, codigos: ['SOL-1'], motivo, solicitante },
          solicitadaEn: new Date().toISOString(),
        });
      const [antes, despues] = [randomUUID(), randomUUID()];
      await orden(antes);
      await mudarA(COPIA);

      for (const acto of [
        () => orden(despues),
        () => soporte.anotarLinea(antes, 'SOL-1', { estado: 'OMITIDO', fallo: 'TURNO_PERDIDO' }),
        () => soporte.registrarFinDeReejecucion(antes),
      ])
        await expect(acto()).rejects.toBeInstanceOf(ServicioNoDisponible);

      expect(await soporte.leerReejecucion(despues)).toBeNull();
      expect(await soporte.leerReejecucion(antes)).toMatchObject({
        estado: 'EN_PROCESO',
        solicitudes: [{ estado: 'PENDIENTE' }],
      });
    });

    it('acts for nobody before it was found right', async () => {
      prueba.motor.abrir('SOL-1', 'run-1');

      await expect(runEn(proceso(SUYO).guarda, 'run-1').registrar()).rejects.toBeInstanceOf(
        ServicioNoDisponible,
      );
    });
  });

  describe('that an operator moves it to', () => {
    const ORDEN = { quien: 'ana.perez', motivo: 'El cluster anterior se retira' };

    it('is the one that it works with from then on, and the audit log says who moved it and why', async () => {
      await comprobar(SUYO);

      await mudarTemporal(prueba.db, CLAVES, VACIO, ORDEN);

      await comprobar(VACIO);
      await expect(comprobar(SUYO)).rejects.toThrow('TEMPORAL_ADDRESS');
      const { datos, ...anotacion } = await prueba.db
        .selectFrom('bitacora')
        .selectAll()
        .where('evento', '=', 'TEMPORAL_MUDADO')
        .executeTakeFirstOrThrow();
      expect(anotacion).toMatchObject({
        dominio: 'registro',
        evento: 'TEMPORAL_MUDADO',
        contenido: { desde: SUYO, hacia: VACIO },
      });
      const personal = CLAVES.cifrado.descifrar(datos as Uint8Array, `bitacora.datos:${anotacion.id}`);
      expect(JSON.parse(personal.toString())).toEqual({ solicitadaPor: ORDEN.quien, motivo: ORDEN.motivo });
    });

    it('may be the next one that is seen, though it knows nothing of what is open', async () => {
      await prueba.abrirRun(entradaDePrueba()).registrar();
      await comprobar(SUYO);

      await mudarTemporal(prueba.db, CLAVES, null, ORDEN);
      await proceso(VACIO, createFakeMotor()).guarda.comprobar();

      expect(await leerTemporal(prueba.db)).toMatchObject(VACIO);
      expect(await halladas()).toEqual([]);
    });

    const halladas = async () => {
      const faltas: string[] = [];
      for await (const { falta } of compararTemporal(prueba.db, CLAVES)) faltas.push(falta);
      return faltas;
    };
    const olvidar = () => sql`update temporal_del_registro set namespace_id = null`.execute(prueba.db);
    const mudar = (hacia: IdentidadDeTemporal | null) => mudarTemporal(prueba.db, CLAVES, hacia, ORDEN);

    it.each<[string, () => Promise<unknown>]>([
      ['none was ever ordered', () => comprobar(SUYO)],
      ['the last order named one', () => comprobar(SUYO).then(() => mudar(VACIO))],
      [
        'the last order was carried out',
        () =>
          comprobar(SUYO)
            .then(() => mudar(null))
            .then(() => comprobar(SUYO)),
      ],
      [
        'nobody but the database tells of an order',
        () =>
          comprobar(SUYO).then(() =>
            sql`insert into bitacora (id, dominio, codigo, evento, contenido, registrada_en, sello)
              values (gen_random_uuid(), 'registro', 'temporal', 'TEMPORAL_MUDADO', '{"hacia":null}', now(), 'x')`.execute(
              prueba.db,
            ),
          ),
      ],
    ])('is not the next one only because the database forgot it: %s', async (_, antes) => {
      await antes();
      expect(await halladas()).toEqual([]);
      await olvidar();

      await expect(comprobar(VACIO)).rejects.toThrow(/TEMPORAL_NAMESPACE: .*temporal_del_registro/);

      expect(await leerTemporal(prueba.db)).toMatchObject({ namespaceId: null });
      expect(await halladas()).toEqual([expect.stringContaining('nadie mandó mudarlo')]);
    });

    it('is found by the verification where the database names another than the log', async () => {
      await comprobar(SUYO);
      await mudar(VACIO);

      await sql`update temporal_del_registro set namespace_id = 'otro'`.execute(prueba.db);

      expect(await halladas()).toEqual([expect.stringContaining('no es el que la bitácora anotó')]);
    });
  });

  it('is asked whether it is still the same one before a run counts as closed', async () => {
    await prueba.abrirRun(entradaDePrueba()).registrar();
    const { alcanzado, guarda } = proceso(SUYO);
    prueba.motor.cerrar('SOL-1');
    alcanzado.identidad = SUYO;
    await guarda.comprobar();
    // eslint-disable-next-line no-restricted-syntax -- the clock is put forward from where it is
    jest.spyOn(performance, 'now').mockReturnValue(performance.now() + TEMPORAL_RECIENTE_MS);
    alcanzado.identidad = VACIO;

    const describir = conTemporalDelRegistro(prueba.motor, guarda).describir('SOL-1');

    await expect(describir.finally(() => jest.restoreAllMocks())).rejects.toBeInstanceOf(
      ServicioNoDisponible,
    );
  });
});

describe('a move on PostgreSQL', () => {
  const prueba = usarRegistro(BASES[1].abrir);
  const mudar = (esperaMs?: number) =>
    mudarTemporal(prueba.db, CLAVES, VACIO, { quien: 'ana.perez', motivo: 'Cambio de centro' }, esperaMs);

  it('ends when what began before has ended: until then that may write on the word of the Temporal that was left', async () => {
    const orden: string[] = [];
    const mirada = Promise.withResolvers<undefined>();
    const fin = Promise.withResolvers<undefined>();
    const deAntes = prueba.db.transaction().execute(async (tx) => {
      await leerTemporal(tx);
      mirada.resolve(undefined);
      await fin.promise;
      orden.push('lo de antes');
    });
    await mirada.promise;

    const mudanza = mudar().then((abiertas) => {
      orden.push('la mudanza');
      return abiertas;
    });
    await hasta(
      'the move to be written',
      async () => (await leerTemporal(prueba.db))?.clusterId === 'cluster-2',
    );
    fin.resolve(undefined);

    expect(await mudanza).toEqual([]);
    await deAntes;
    expect(orden).toEqual(['lo de antes', 'la mudanza']);
  });

  it('names what stays open, and does not wait for it for ever', async () => {
    const mirada = Promise.withResolvers<number>();
    const fin = Promise.withResolvers<undefined>();
    const deAntes = prueba.db.transaction().execute(async (tx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
      mirada.resolve(rows[0]?.pid ?? 0);
      await fin.promise;
    });
    const pid = await mirada.promise;

    expect(await mudar(1)).toEqual([pid]);
    fin.resolve(undefined);
    await deAntes;
  });
});
