import { jest } from '@jest/globals';
import { sql } from 'kysely';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { adoptarEntradas } from '../../../shared/bitacora/secuencia/adopcion.ts';
import { createMetricasDeBitacora } from '../../../shared/bitacora/metricas.ts';
import { abrirEpoca, secuenciar, secuenciarLote } from '../../../shared/bitacora/secuencia/secuenciador.ts';
import { startServicioDeBitacora } from '../../../shared/bitacora/servicio-de-bitacora.ts';
import { leerPuntoDeControl } from '../../../shared/bitacora/punto-de-control/punto-de-control.ts';
import { hasta } from '../../support/hasta.ts';
import { BASES } from '../../support/registro/registro-de-prueba.ts';
import { usarBitacora, VERIFICADOR } from '../../support/bitacora/bitacora-de-prueba.ts';

describe.each(BASES)('the sequencer on $nombre', ({ nombre, abrir }) => {
  const prueba = usarBitacora(abrir);
  const lugares = async () =>
    (
      await prueba.db
        .selectFrom('bitacora')
        .select(['id', 'epoca', 'indice', 'evento'])
        .orderBy('epoca')
        .orderBy('indice')
        .execute()
    ).map(({ indice, ...resto }) => ({ ...resto, indice: Number(indice) }));
  const epocas = async () => (await prueba.verificar()).epocas;

  it('opens an empty log, and then gives every entry its place in the order in which it was written', async () => {
    const ids = await prueba.anotar(5);
    await prueba.secuenciarTodo();

    const conLugar = await lugares();
    expect(conLugar.map(({ indice }) => indice)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(conLugar[0]?.evento).toBe('EPOCA_ABIERTA');
    expect(conLugar.slice(1).map(({ id }) => id)).toEqual(ids);
  });

  it('signs each new size, and signs nothing where nothing is new', async () => {
    await prueba.anotar(2);
    await prueba.secuenciarTodo();
    await prueba.anotar(1);
    const punto = await secuenciar(prueba.dependencias);

    expect(VERIFICADOR.verificar(punto?.nota ?? '')).toBe(true);
    expect(leerPuntoDeControl(punto?.nota ?? '')).toMatchObject({
      origen: 'prueba.example/bitacora/1',
      tamano: 4,
    });
    expect(await secuenciar(prueba.dependencias)).toBeNull();
  });

  it('sequences a long log in batches that anybody can verify', async () => {
    await sql`insert into bitacora (id, codigo, generacion, run_id, evento, contenido, registrada_en)
      select gen_random_uuid(), 'SOL-' || i, 1, 'run', 'SOLICITUD_ACEPTADA', '{"a":1}', now() + i * interval '1 ms'
      from generate_series(1, 2500) i`.execute(prueba.db);
    await adoptarEntradas(prueba.dependencias, { causa: 'ORDEN', motivo: 'De la versión anterior.' });
    await prueba.secuenciarTodo();

    expect(await prueba.verificar()).toMatchObject({
      // The opening, what was adopted, and three pages of the entries that say so.
      epocas: [{ tamano: 2504 }],
      sinLugar: 0,
      hallazgos: [],
    });
  });

  it('gives one entry one place, however many processes sequence at once', async () => {
    await prueba.anotar(20);
    await Promise.all(Array.from({ length: 8 }, () => secuenciar(prueba.dependencias)));
    await prueba.secuenciarTodo();

    const indices = (await lugares()).map(({ indice }) => indice);
    expect(indices).toEqual(Array.from({ length: 21 }, (_, i) => i));
    expect((await prueba.verificar()).hallazgos).toEqual([]);
  });

  if (nombre === 'PostgreSQL')
    it('does not make whoever writes an entry wait, nor waits for them', async () => {
      await prueba.anotar(1);
      await prueba.secuenciarTodo();
      await prueba.db.transaction().execute(async (tx) => {
        await sql`select 1 from bitacora_epocas for update`.execute(tx);
        await prueba.anotar(1);
        expect(await secuenciar(prueba.dependencias)).toBeNull();
        expect(await secuenciarLote(prueba.dependencias)).toBe('OCUPADA');
      });
      expect(await secuenciar(prueba.dependencias)).not.toBeNull();
      expect(await secuenciarLote(prueba.dependencias)).toBe('NADA');
    });

  if (nombre === 'PostgreSQL')
    it('is told of somebody who holds the lock for long: in the log, a metric and readiness, until it is free', async () => {
      await prueba.anotar(1);
      await prueba.secuenciarTodo();
      const coleccionDeMetricas = new Registry();
      const lineas: string[] = [];
      const retenida = async () =>
        (await coleccionDeMetricas.getSingleMetric('audit_log_lock_held_seconds')?.get())?.values[0]?.value ??
        0;
      const servicio = startServicioDeBitacora({
        ...prueba.dependencias,
        testigos: [],
        metricas: createMetricasDeBitacora(coleccionDeMetricas),
        logger: pino({ level: 'warn' }, { write: (linea) => void lineas.push(linea) }),
      });
      const reloj = jest.spyOn(Date, 'now');
      try {
        await prueba.db.transaction().execute(async (tx) => {
          await sql`select 1 from bitacora_epocas for update`.execute(tx);
          await hasta('the metric to tell of it', async () => (await retenida()) > 0);
          await expect(servicio.comprobar()).resolves.toBeUndefined();
          const luego = Date.now() + 60_000;
          reloj.mockReturnValue(luego);
          await hasta('the log to tell of it', () => lineas.length > 0);
          await expect(servicio.comprobar()).rejects.toThrow('Alguien retiene el candado');
        });
        await hasta('the metric to tell of its end', async () => (await retenida()) === 0);
        await expect(servicio.comprobar()).resolves.toBeUndefined();
        expect(lineas.join()).toContain('somebody holds the lock of the audit log');
      } finally {
        reloj.mockRestore();
        await servicio.detener();
      }
    });

  it('opens an epoch that says where the last one ended, once', async () => {
    await prueba.anotar(2);
    await prueba.secuenciarTodo();
    const apertura = { causa: 'ORDEN', motivo: 'Se restauró la copia del lunes.' } as const;

    const punto = await abrirEpoca(prueba.dependencias, 1, apertura);

    expect(leerPuntoDeControl(punto?.nota ?? '')).toMatchObject({
      origen: 'prueba.example/bitacora/2',
      tamano: 1,
    });
    expect(await abrirEpoca(prueba.dependencias, 1, apertura)).toBeNull();
    await prueba.anotar(1);
    await prueba.secuenciarTodo();
    expect(await epocas()).toMatchObject([
      { epoca: 1, tamano: 3, causa: 'INICIO' },
      { epoca: 2, tamano: 2, ...apertura },
    ]);
    expect((await prueba.verificar()).hallazgos).toEqual([]);
  });

  it('keeps an entry from being changed or deleted by mistake', async () => {
    const [id = ''] = await prueba.anotar(1);
    await prueba.secuenciarTodo();

    await expect(prueba.db.deleteFrom('bitacora').where('id', '=', id).execute()).rejects.toThrow(
      'only grows',
    );
    await expect(
      prueba.db.updateTable('bitacora').set({ evento: 'OTRO' }).where('id', '=', id).execute(),
    ).rejects.toThrow('does not change');
    await expect(
      prueba.db.updateTable('bitacora').set({ indice: 7 }).where('id', '=', id).execute(),
    ).rejects.toThrow('does not change');
  });

  it('places the entries of a version that knows no seals only once somebody has adopted them', async () => {
    await sql`insert into bitacora (id, codigo, generacion, run_id, evento, contenido, registrada_en)
      values (gen_random_uuid(), 'SOL-VIEJA', 1, 'run', 'EMISION_FALLIDA', '{"tipo":"PKI_ERROR"}', now())`.execute(
      prueba.db,
    );
    await prueba.secuenciarTodo();
    expect(await lugares()).toMatchObject([
      { epoca: 1, indice: 0 },
      { evento: 'EMISION_FALLIDA', epoca: null },
    ]);
    expect((await prueba.verificar()).hallazgos).toMatchObject([{ falta: conteniendo('no lleva el sello') }]);

    expect(await adoptarEntradas(prueba.dependencias, { causa: 'ORDEN', motivo: 'Se actualizó.' })).toBe(1);
    await prueba.secuenciarTodo();

    expect(await lugares()).toMatchObject([
      { indice: 0 },
      { indice: 1, evento: 'EMISION_FALLIDA' },
      { indice: 2, evento: 'ENTRADAS_ADOPTADAS' },
    ]);
    expect((await prueba.verificar()).hallazgos).toEqual([]);
  });
});

function conteniendo(texto: string): unknown {
  return expect.stringContaining(texto);
}
