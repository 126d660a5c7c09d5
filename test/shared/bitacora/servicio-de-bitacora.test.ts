/** The service that keeps the log while a worker runs: what it says where the log cannot go on. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { sql } from 'kysely';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { ArbolQueCrece, resumenDeHoja } from '../../../shared/bitacora/arbol/arbol.ts';
import {
  asignarLugares,
  guardarNodos,
  leerUltimoPunto,
} from '../../../shared/bitacora/arbol/arbol-guardado.ts';
import { COLUMNAS_DE_HOJA, hojaDe, REGISTRADA } from '../../../shared/bitacora/entrada.ts';
import { SIN_LUGAR_MAXIMO_MS } from '../../../shared/bitacora/secuencia/en-espera.ts';
import { createMetricasDeBitacora } from '../../../shared/bitacora/metricas.ts';
import {
  enlaceCon,
  leerPuntoDeControl,
  textoDePunto,
} from '../../../shared/bitacora/punto-de-control/punto-de-control.ts';
import {
  startServicioDeBitacora,
  type ServicioDeBitacora,
} from '../../../shared/bitacora/servicio-de-bitacora.ts';
import {
  createTestigoEnArchivo,
  createTestigoHttp,
  type Testigo,
} from '../../../shared/bitacora/punto-de-control/testigos.ts';
import { hasta } from '../../support/hasta.ts';
import { BASES } from '../../support/registro/registro-de-prueba.ts';
import { FIRMANTE, usarBitacora } from '../../support/bitacora/bitacora-de-prueba.ts';

const [PGLITE] = BASES;

describe('the service of the audit log', () => {
  const prueba = usarBitacora(PGLITE.abrir);
  let carpeta = '';
  let lineas: { level: number; msg: string; err?: { message: string } }[] = [];
  let coleccionDeMetricas = new Registry();
  let servicio: ServicioDeBitacora | undefined;
  beforeEach(() => {
    carpeta = mkdtempSync(join(tmpdir(), 'servicio-'));
    lineas = [];
    coleccionDeMetricas = new Registry();
  });
  afterEach(async () => {
    await servicio?.detener();
    rmSync(carpeta, { recursive: true });
  });

  const archivo = () => join(carpeta, 'testigo.txt');
  const arrancar = (conTestigo: boolean | Testigo = false) => {
    const enArchivo = conTestigo === true ? [createTestigoEnArchivo(archivo())] : [];
    servicio = startServicioDeBitacora({
      ...prueba.dependencias,
      testigos: typeof conTestigo === 'object' ? [conTestigo] : enArchivo,
      metricas: createMetricasDeBitacora(coleccionDeMetricas),
      logger: pino({ level: 'debug' }, { write: (linea) => void lineas.push(JSON.parse(linea) as never) }),
    });
    return servicio;
  };
  const metrica = async (nombre: string) =>
    (await coleccionDeMetricas.getSingleMetric(nombre)?.get())?.values[0]?.value;
  const todosLosPuntos = () => prueba.db.selectFrom('bitacora_puntos').selectAll().execute();
  const hastaElTamano = (tamano: number) =>
    hasta(
      `a checkpoint of ${tamano} entries`,
      async () => (await leerUltimoPunto(prueba.db))?.tamano === tamano,
    );
  const hastaLaMetrica = (nombre: string, esComoSeEspera: (valor: number) => boolean) =>
    hasta(`${nombre} to be as expected`, async () => {
      const valor = await metrica(nombre);
      return valor !== undefined && esComoSeEspera(valor);
    });

  it('is content with a log that it can sign', async () => {
    await prueba.anotar(2);
    const enMarcha = arrancar();
    await hastaElTamano(3);
    await hastaLaMetrica('audit_log_tree_size', (tamano) => tamano === 3);

    await expect(enMarcha.comprobar()).resolves.toBeUndefined();
    expect(await metrica('audit_log_stopped')).toBe(0);
  });

  it.each([
    ['the stored tree', () => sql`update bitacora_nodos set resumen = sha256(resumen)`],
    ['a node', () => sql`delete from bitacora_nodos where nivel = 2 and posicion = 0`],
    ['the last checkpoint', () => sql`update bitacora_puntos set nota = replace(nota, 'prueba', 'otra')`],
    ['all checkpoints', () => sql`delete from bitacora_puntos`],
  ])(
    'signs nothing, and says so in the log once, in a metric and to readiness, where somebody changed %s',
    async (_, cambio) => {
      await prueba.anotar(3);
      await prueba.secuenciarTodo();
      await cambio().execute(prueba.db);
      await prueba.anotar(1);
      const puntos = await todosLosPuntos();

      const enMarcha = arrancar();
      await hastaLaMetrica('audit_log_stopped', (detenida) => detenida === 1);

      await expect(enMarcha.comprobar()).rejects.toThrow('La bitácora no se firma');
      expect(await metrica('audit_log_pending_entries')).toBe(1);
      expect(lineas.filter(({ level }) => level === 50)).toHaveLength(1);
      expect(await todosLosPuntos()).toEqual(puntos);
      expect((await prueba.verificar()).hallados).toBeGreaterThan(0);
    },
  );

  it('says to readiness that entries wait for too long', async () => {
    await sql`insert into bitacora (id, codigo, evento, contenido, registrada_en)
      values (gen_random_uuid(), 'SOL', 'EVENTO', '{}', now() - interval '1 hour')`.execute(prueba.db);

    const enMarcha = arrancar();
    await hastaLaMetrica('audit_log_oldest_pending_seconds', (segundos) => segundos > 600);

    await expect(enMarcha.comprobar()).rejects.toThrow('más de 10 minutos');
    expect(await metrica('audit_log_unsealed_entries')).toBe(1);
  });

  it('is not deceived by a moment that is none: what can be signed is signed, and its age is told', async () => {
    await sql`insert into bitacora (id, codigo, evento, contenido, registrada_en)
      values (gen_random_uuid(), 'SOL', 'EVENTO', '{}', '-infinity'),
        (gen_random_uuid(), 'SOL', 'EVENTO', '{}', now() - interval '1 hour')`.execute(prueba.db);

    arrancar();
    await hastaLaMetrica('audit_log_oldest_pending_seconds', (segundos) => segundos > 600);

    expect(await metrica('audit_log_pending_entries')).toBe(2);
  });

  const CONTRARIO: Testigo = {
    nombre: 'contrario',
    presentar: () => Promise.resolve({ tipo: 'CONTRADICE', motivo: 'porque sí', evidencia: 'nada' }),
  };
  it.each([
    ['does not answer', () => createTestigoHttp('http://127.0.0.1:1', null)],
    ['contradicts the log again and again', () => CONTRARIO],
  ])('says to readiness and in a metric that a witness %s for more than 10 minutes', async (_, testigo) => {
    await prueba.anotar(1);
    await prueba.secuenciarTodo();
    const enMarcha = arrancar(testigo());
    await hastaLaMetrica('audit_log_witness_unseen_seconds', () => true);
    await expect(enMarcha.comprobar()).resolves.toBeUndefined();

    const luego = Date.now() + SIN_LUGAR_MAXIMO_MS + 1_000;
    const reloj = jest.spyOn(Date, 'now').mockReturnValue(luego);
    const dicho = expect(enMarcha.comprobar()).rejects.toThrow('Un testigo no guarda lo último');
    reloj.mockRestore();

    await dicho;
  });

  it('says at once to readiness, and in the log with its path, that a witness is not where it was', async () => {
    await prueba.anotar(1);
    await prueba.secuenciarTodo();
    await sql`insert into bitacora_testigos values ('archivo', 1, 1, '')`.execute(prueba.db);

    const enMarcha = arrancar(true);
    await hasta('the log to name its path', () =>
      lineas.some(({ err }) => err?.message.includes(archivo()) === true),
    );

    await expect(enMarcha.comprobar()).rejects.toThrow('Falta el archivo de BITACORA_TESTIGO_ARCHIVO');
    await expect(enMarcha.comprobar()).rejects.not.toThrow(carpeta);
    expect(existsSync(archivo())).toBe(false);
  });

  it('shows no findings before a verification in this process', async () => {
    createMetricasDeBitacora(coleccionDeMetricas);

    const texto = await coleccionDeMetricas.metrics();

    expect(texto).not.toMatch(/^audit_log_findings /m);
    expect(texto).not.toMatch(/^audit_log_verified_timestamp_seconds /m);
    expect(texto).toMatch(/^audit_log_stopped 0$/m);
  });

  describe('where the version before signed the last checkpoint', () => {
    /** Two entries without seals in a tree whose checkpoint names none before it, and one that waits. */
    const comoAntes = async () => {
      await sql`insert into bitacora (id, codigo, generacion, run_id, evento, contenido, registrada_en)
        select gen_random_uuid(), 'SOL-' || i, 1, 'run', 'SOLICITUD_ACEPTADA', '{}', now() + i * interval '1 ms'
        from generate_series(1, 3) i`.execute(prueba.db);
      const filas = await prueba.db
        .selectFrom('bitacora')
        .select([...COLUMNAS_DE_HOJA, REGISTRADA])
        .orderBy('registrada_en')
        .limit(2)
        .execute();
      const arbol = new ArbolQueCrece();
      const nodos = filas.flatMap((fila) => arbol.agregar(resumenDeHoja(hojaDe(fila))));
      const origen = 'prueba.example/bitacora/1';
      const nota = FIRMANTE.firmar(textoDePunto({ origen, tamano: 2, raiz: arbol.raiz }));
      await prueba.db.transaction().execute(async (tx) => {
        await tx.insertInto('bitacora_epocas').values({ epoca: 1 }).execute();
        await guardarNodos(tx, 1, nodos);
        const ids = filas.map(({ id }) => id);
        await asignarLugares(tx, 1, 0, ids);
        await tx.insertInto('bitacora_puntos').values({ epoca: 1, tamano: 2, nota }).execute();
      });
      return nota;
    };
    const eventos = async () =>
      (
        await prueba.db
          .selectFrom('bitacora')
          .select('evento')
          .where('indice', 'is not', null)
          .orderBy('indice')
          .execute()
      ).map(({ evento }) => evento);

    it('adopts what it left, once, where a witness keeps that very checkpoint', async () => {
      writeFileSync(archivo(), await comoAntes());

      arrancar(true);
      await hastaElTamano(4);

      expect((await eventos()).slice(2)).toEqual(['SOLICITUD_ACEPTADA', 'ENTRADAS_ADOPTADAS']);
    });

    it('adopts nothing where no witness tells: the database alone could have been put back', async () => {
      await comoAntes();
      await prueba.anotar(1);

      arrancar();
      await hastaElTamano(3);

      expect(await eventos()).not.toContain('ENTRADAS_ADOPTADAS');
      expect(await prueba.verificar()).toMatchObject({ sinLugar: 1, hallados: 2 });
    });

    it('adopts nothing where the witness keeps a checkpoint of this version, which names the one before', async () => {
      const nota = await comoAntes();
      const encadenada = FIRMANTE.firmar(
        textoDePunto({ ...leerPuntoDeControl(nota), anterior: enlaceCon('la de antes') }),
      );
      await prueba.db.updateTable('bitacora_puntos').set({ nota: encadenada }).execute();
      writeFileSync(archivo(), encadenada);
      await prueba.anotar(1);

      arrancar(true);
      await hastaElTamano(3);

      expect(await eventos()).not.toContain('ENTRADAS_ADOPTADAS');
    });

    it('adopts nothing a second time, where the database was put back behind the witness', async () => {
      const nota = await comoAntes();
      writeFileSync(archivo(), nota.replace('\n2\n', '\n3\n'));

      arrancar(true);
      await hastaLaMetrica('audit_log_epoch', (epoca) => epoca === 2);

      expect(await eventos()).not.toContain('ENTRADAS_ADOPTADAS');
    });
  });
});
