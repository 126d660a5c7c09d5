/** The database is migrated while the version before goes on writing to it, and both go on after that (ADR 36). */
import { Kysely, PostgresDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import { referenciaDe, type EntradaEmision } from '../../../../shared/emision/contrato.ts';
import { adoptarEntradas } from '../../../../shared/bitacora/secuencia/adopcion.ts';
import { secuenciar } from '../../../../shared/bitacora/secuencia/secuenciador.ts';
import { verificarBitacora } from '../../../../shared/bitacora/verificacion/verificacion.ts';
import { compararConBitacora } from '../../../../shared/registro/emision/auditoria/auditoria.ts';
import { DOMINIOS, type BaseDeDatos } from '../../../../shared/registro/dominios.ts';
import { abrirRegistro } from '../../../../shared/registro/dominios.ts';
import { migracionesDe } from '../../../../shared/registro/base/base-de-datos.ts';
import { createRegistro, nuevaMarca, type Registro } from '../../../../shared/registro/emision/registro.ts';
import { FIRMANTE, VERIFICADOR } from '../../../support/bitacora/bitacora-de-prueba.ts';
import { hasta } from '../../../support/hasta.ts';
import { startPostgres, type LocalPostgres } from '../../../../scripts/topology/postgres.ts';
import { createFakeMotor, type FakeMotor } from '../../../support/registro/fake-motor.ts';
import {
  CLAVES,
  conforme,
  entradaDePrueba,
  RESPUESTA_PASO_1,
  RESPUESTA_PASO_2,
} from '../../../support/registro/registro-de-prueba.ts';
import { emisionDeAntes, ULTIMA_MIGRACION_ANTERIOR, type EmisionDeAntes } from './version-anterior.ts';
import { GUARDA_CONFIADA } from '../../../support/registro/guarda-confiada.ts';

const RUN = 'RUN';

let postgres: LocalPostgres;
let url: string;
/** The version before: two connections of it. */
let antes: pg.Client[];

beforeAll(async () => {
  postgres = await startPostgres();
}, 60_000);
afterAll(() => postgres.stop());

beforeEach(async () => {
  url = await postgres.createDatabase();
  const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }) });
  const { error } = await new Migrator({ db, provider: migracionesDe(DOMINIOS) }).migrateTo(
    ULTIMA_MIGRACION_ANTERIOR,
  );
  await db.destroy();
  expect(error).toBeUndefined();
  antes = [0, 1].map(() => new pg.Client({ connectionString: url }));
  await Promise.all(antes.map((cliente) => cliente.connect()));
});
afterEach(() => Promise.all(antes.map((cliente) => cliente.end())));

let documentos = 50_000_000;
const nueva = (codigo: string) => entradaDePrueba(codigo, { documento: String(documentos++) });

/** In a transaction of its own, as that version does it. */
async function comoAntes(
  entrada: EntradaEmision,
  acto: (emision: EmisionDeAntes) => Promise<void>,
  [cliente] = antes,
): Promise<void> {
  if (!cliente) throw new Error('no connection');
  await cliente.query('begin');
  await acto(emisionDeAntes(cliente, entrada, RUN));
  await cliente.query('commit');
}

async function emitirComoAntes(entrada: EntradaEmision): Promise<void> {
  await comoAntes(entrada, (emision) => emision.registrar());
  await comoAntes(entrada, (emision) => emision.marcar(1));
  await comoAntes(entrada, (emision) => emision.registrarPaso1());
  await comoAntes(entrada, (emision) => emision.marcar(2));
  await comoAntes(entrada, (emision) => emision.concluir());
}

async function conEstaVersion<T>(
  db: Promise<BaseDeDatos>,
  acto: (registro: Registro, motor: FakeMotor) => Promise<T>,
): Promise<T> {
  const abierta = await db;
  const motor = createFakeMotor();
  try {
    return await acto(
      createRegistro({
        db: abierta,
        claves: CLAVES,
        motor,
        guarda: GUARDA_CONFIADA,
        adaptadorIdempotente: true,
      }),
      motor,
    );
  } finally {
    await abierta.destroy();
  }
}

const migrar = () => abrirRegistro({ DATABASE_URL: url, DATA_DIR: '' });

/** Until the migration waits for what the version before has locked. */
async function hastaQueEspere(): Promise<void> {
  const [, observador] = antes;
  await hasta('a lock to be waited for', async () => {
    const esperados = await observador?.query('select from pg_locks where not granted');
    return esperados !== undefined && esperados.rows.length > 0;
  });
}

test('a transaction that the migration meets ends as it began, and so does the migration', async () => {
  const encontrada = nueva('SOL-ENCONTRADA');
  await comoAntes(encontrada, (emision) => emision.registrar());
  await comoAntes(encontrada, (emision) => emision.marcar(1));
  let migrada: Promise<BaseDeDatos> | undefined;

  await comoAntes(encontrada, async (emision) => {
    await emision.marcar(1);
    migrada = migrar();
    await hastaQueEspere();
    // It locks more than it did when the migration came: were all migrations one transaction, each would wait for the other.
    await emision.registrarPaso1();
  });

  if (!migrada) throw new Error('unreachable: it was begun');
  const leida = await conEstaVersion(migrada, (registro) => registro.leer('SOL-ENCONTRADA'));
  expect(leida?.pasos[1]).toMatchObject({ estado: 'COMPLETADO', solicitud_pki_id: 'PKI-1' });
});

test('what comes while the migration waits is kept waiting, not refused', async () => {
  const larga = nueva('SOL-LARGA');
  const llega = nueva('SOL-LLEGA');
  await comoAntes(larga, (emision) => emision.registrar());
  let migrada: Promise<BaseDeDatos> | undefined;
  let llegada: Promise<void> | undefined;

  await comoAntes(larga, async (emision) => {
    await emision.marcar(1);
    migrada = migrar();
    await hastaQueEspere();
    llegada = comoAntes(llega, (otra) => otra.registrar(), antes.slice(1));
  });
  await llegada;

  if (!migrada) throw new Error('unreachable: it was begun');
  const leida = await conEstaVersion(migrada, (registro) => registro.leer('SOL-LLEGA'));
  expect(leida).toMatchObject({ estado: 'EN_PROCESO', runId: RUN });
});

test('after it, each version reads and goes on with what the other wrote', async () => {
  const anterior = nueva('SOL-ANTERIOR');
  const deAntes = nueva('SOL-DE-ANTES');
  const deAhora = nueva('SOL-DE-AHORA');
  await emitirComoAntes(anterior);
  await comoAntes(deAntes, (emision) => emision.registrar());

  await conEstaVersion(migrar(), async (registro, motor) => {
    for (const { solicitud } of [deAntes, deAhora])
      motor.abrir(solicitud.solicitud.codigoSolicitudTramite, RUN);
    await registro.marcarEnvio(referenciaDe(deAntes), RUN, 1, nuevaMarca(RUN));
    await registro.registrarPaso1(deAntes, RUN, { respuesta: RESPUESTA_PASO_1, esDeEsteTrabajo: true });
    await registro.marcarEnvio(referenciaDe(deAntes), RUN, 2, nuevaMarca(RUN));
    const traida = { respuesta: RESPUESTA_PASO_2, esDeEsteTrabajo: true };
    await registro.concluir(deAntes, RUN, traida, false, conforme());

    await registro.registrarSolicitud(deAhora, RUN);
    await comoAntes(deAhora, (emision) => emision.marcar(1));
    await comoAntes(deAhora, (emision) => emision.registrarPaso1());
    await comoAntes(deAhora, (emision) => emision.marcar(2));
    await comoAntes(deAhora, (emision) => emision.concluir());
    await emitirComoAntes(nueva('SOL-POSTERIOR'));

    for (const codigo of ['SOL-ANTERIOR', 'SOL-DE-ANTES', 'SOL-DE-AHORA', 'SOL-POSTERIOR']) {
      expect(await registro.leer(codigo)).toMatchObject({ estado: 'COMPLETADO' });
      expect(await registro.leerCertificados(codigo)).toHaveLength(3);
    }
  });
});

test('what the version before writes beside this one waits without a seal until a person adopts it, and then all is well', async () => {
  const db = await migrar();
  const dependencias = { db, claves: CLAVES, firmante: FIRMANTE, verificadores: [VERIFICADOR] };
  const verificar = () =>
    verificarBitacora({
      ...dependencias,
      notasDeTestigos: [],
      deDominios: [(avanzar) => compararConBitacora(db, CLAVES, avanzar)],
    });
  try {
    await emitirComoAntes(nueva('SOL-DE-ANTES'));
    while (await secuenciar(dependencias));
    const { sinLugar, hallazgos } = await verificar();
    expect(sinLugar).toBe(3);
    expect(new Set(hallazgos.map(({ falta }) => falta))).toEqual(
      new Set([expect.stringContaining('la escribió la versión anterior y nadie la ha adoptado')]),
    );

    await adoptarEntradas(dependencias, { causa: 'ORDEN', motivo: 'Se actualizó sin detener el servicio.' });
    while (await secuenciar(dependencias));

    expect(await verificar()).toMatchObject({ sinLugar: 0, hallazgos: [] });
  } finally {
    await db.destroy();
  }
});

test('a version starts again on the database that a later one has migrated', async () => {
  await (await migrar()).destroy();
  await antes[0]?.query(`insert into kysely_migration values ('9999-de-una-version-posterior', now()::text)`);

  const leida = await conEstaVersion(migrar(), (registro) => registro.leer('SOL-DE-NADIE'));

  expect(leida).toBeNull();
});
