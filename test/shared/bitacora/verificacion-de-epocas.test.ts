/** What a verification takes from witnesses, other keys and people: epochs, and who acknowledged them. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { sql } from 'kysely';
import { Registry } from 'prom-client';
import { createActividadesDeBitacora } from '../../../activities/bitacora/actividades-de-bitacora.ts';
import { adoptarEntradas } from '../../../shared/bitacora/secuencia/adopcion.ts';
import { generarClaveDeFirma, leerClaveDeFirma } from '../../../shared/bitacora/punto-de-control/nota.ts';
import { createMetricasDeBitacora } from '../../../shared/bitacora/metricas.ts';
import { reconocerEpoca } from '../../../shared/bitacora/secuencia/reconocimiento-de-epoca.ts';
import { abrirEpoca } from '../../../shared/bitacora/secuencia/secuenciador.ts';
import { createCifrado } from '../../../shared/runtime/claves/cifrado.ts';
import { BASES, CLAVES } from '../../support/registro/registro-de-prueba.ts';
import { usarBitacora, VERIFICADOR } from '../../support/bitacora/bitacora-de-prueba.ts';

const ENTRADAS = 9;

describe.each(BASES)('verifying the audit log on $nombre', ({ abrir }) => {
  const prueba = usarBitacora(abrir);
  let ids: string[] = [];
  /** Ten leaves under three checkpoints: 1, 6 and 10. */
  beforeEach(async () => {
    ids = await prueba.anotar(5);
    await prueba.secuenciarTodo();
    ids.push(...(await prueba.anotar(ENTRADAS - 5)));
    await prueba.secuenciarTodo();
  });
  const hallazgos = async (opciones = {}) => (await prueba.verificar(opciones)).hallazgos;
  const idEn = (indice: number) => ids[indice - 1] ?? '';

  it('needs a witness to see that the newest entries are gone with their checkpoint, and has one', async () => {
    const { nota } = await prueba.db
      .selectFrom('bitacora_puntos')
      .select('nota')
      .where('tamano', '=', 10)
      .executeTakeFirstOrThrow();
    await prueba.sinGuarda(async () => {
      await sql`delete from bitacora where indice >= 6`.execute(prueba.db);
      await sql`delete from bitacora_puntos where tamano = 10`.execute(prueba.db);
      await sql`delete from bitacora_nodos where (posicion + 1) * (1 << nivel) > 6`.execute(prueba.db);
    });

    expect(await hallazgos()).toEqual([]);
    expect(await hallazgos({ notasDeTestigos: [nota] })).toEqual([
      { epoca: 1, indice: null, id: null, falta: conteniendo('faltan las últimas') },
    ]);
  });

  it('is not deceived by a witness note of another log', async () => {
    const otra = leerClaveDeFirma(generarClaveDeFirma('prueba.example/bitacora'));
    const nota = otra.firmar('prueba.example/bitacora/1\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n');

    expect(await hallazgos({ notasDeTestigos: [nota] })).toMatchObject([
      { falta: conteniendo('no es un punto de control') },
    ]);
  });

  it('believes no checkpoint of another key', async () => {
    const otra = leerClaveDeFirma(generarClaveDeFirma('prueba.example/bitacora'));
    const { nota } = await prueba.db
      .selectFrom('bitacora_puntos')
      .select('nota')
      .where('tamano', '=', 10)
      .executeTakeFirstOrThrow();
    const [texto = ''] = nota.split('\n\n');
    await prueba.db
      .updateTable('bitacora_puntos')
      .set({ nota: otra.firmar(`${texto}\n`) })
      .where('tamano', '=', 10)
      .execute();

    expect(await hallazgos()).toMatchObject([{ falta: conteniendo('otra clave') }]);
  });

  it('sees personal data that are gone, unless an entry says that they were removed', async () => {
    await prueba.db
      .updateTable('bitacora')
      .set({ datos: null, sal: null })
      .where('id', 'in', [idEn(2), idEn(3)])
      .execute();
    const { codigo } = await prueba.db
      .selectFrom('bitacora')
      .select('codigo')
      .where('id', '=', idEn(3))
      .executeTakeFirstOrThrow();
    await prueba.anotar(1, { codigo, evento: 'DATOS_RETIRADOS', personal: undefined });
    const [posterior = ''] = await prueba.anotar(1, { codigo });
    await prueba.secuenciarTodo();
    await prueba.db
      .updateTable('bitacora')
      .set({ datos: null, sal: null })
      .where('id', '=', posterior)
      .execute();

    const falta = conteniendo('ninguna otra dice');
    expect(await hallazgos()).toMatchObject([
      { id: idEn(2), falta },
      { id: posterior, falta },
    ]);
  });

  it('verifies under the public key alone, and then leaves personal data unread', async () => {
    const otras = { ...CLAVES, cifrado: createCifrado(`otra:${Buffer.alloc(32, 7).toString('base64')}`) };

    expect(await hallazgos({ claves: null })).toEqual([]);
    expect((await hallazgos({ claves: otras })).length).toBe(ENTRADAS);
  });

  it('says that the register was restored, and why it is known', async () => {
    const motivo = 'El testigo vio 12 entradas de prueba.example/bitacora/1; el registro tiene 10.';
    await abrirEpoca(prueba.dependencias, 1, { causa: 'CONTRADICCION', motivo });

    expect(await prueba.verificar({ verificadores: [VERIFICADOR] })).toMatchObject({
      epocas: [
        { epoca: 1, tamano: 10 },
        { epoca: 2, tamano: 1, causa: 'CONTRADICCION', motivo },
      ],
      hallazgos: [{ epoca: 2, falta: conteniendo('nadie lo ha reconocido') }],
    });
  });

  it('has an epoch that a contradiction opened as a finding until somebody acknowledges it in the log', async () => {
    await abrirEpoca(prueba.dependencias, 1, { causa: 'CONTRADICCION', motivo: 'El testigo vio otras.' });
    expect(await hallazgos()).toMatchObject([{ epoca: 2, falta: conteniendo('reconocer 2') }]);

    await reconocer(2);

    expect(await hallazgos()).toEqual([]);
    await prueba.secuenciarTodo();
    expect(await hallazgos()).toEqual([]);
  });
  const reconocer = (epoca: number) =>
    reconocerEpoca(prueba.dependencias, epoca, { motivo: 'La copia del lunes.', quien: 'ana.perez' });

  it('keeps who acknowledged, adopted or opened beside the entry, committed to and encrypted', async () => {
    await abrirEpoca(prueba.dependencias, 1, { causa: 'ORDEN', motivo: 'La copia.' }, 'ana.perez');
    await abrirEpoca(prueba.dependencias, 2, { causa: 'CONTRADICCION', motivo: 'El testigo vio otras.' });
    await reconocer(3);
    await sql`insert into bitacora (id, codigo, generacion, run_id, evento, contenido, registrada_en)
      values (gen_random_uuid(), 'SOL-VIEJA', 1, 'run', 'EVENTO', '{}', now())`.execute(prueba.db);
    await adoptarEntradas(prueba.dependencias, { causa: 'ORDEN', motivo: 'Se actualizó.' }, 'ana.perez');

    const filas = await prueba.db
      .selectFrom('bitacora')
      .select(['id', 'evento', 'datos'])
      .where('dominio', '=', 'bitacora')
      .where('datos', 'is not', null)
      .execute();

    expect(filas.map(({ evento }) => evento).sort()).toEqual([
      'ENTRADAS_ADOPTADAS',
      'EPOCA_ABIERTA',
      'EPOCA_RECONOCIDA',
    ]);
    for (const { id, datos } of filas)
      expect(
        JSON.parse(CLAVES.cifrado.descifrar(datos as Uint8Array, `bitacora.datos:${id}`).toString()),
      ).toEqual({ solicitadaPor: 'ana.perez' });
    expect(await hallazgos()).toEqual([]);
  });

  it('has findings and their moment reach the metrics', async () => {
    const coleccionDeMetricas = new Registry();
    const actividades = createActividadesDeBitacora({
      ...prueba.dependencias,
      archivoDeTestigo: null,
      metricas: createMetricasDeBitacora(coleccionDeMetricas),
      deDominios: [],
    });

    await new MockActivityEnvironment().run(() => actividades.verificar([]));

    const metricas = await coleccionDeMetricas.metrics();
    expect(metricas).toMatch(/^audit_log_findings 0$/m);
    expect(metricas).toMatch(/^audit_log_verified_timestamp_seconds \d+/m);
  });

  it.each([
    [1, 'no la abrió la contradicción de un testigo, sino el primer arranque'],
    [2, 'sino la orden de una persona'],
    [3, 'ya estaba reconocida'],
    [4, 'no existe'],
  ])(
    'refuses with words that epoch %i be acknowledged: it %s, and notes nothing',
    async (epoca, palabras) => {
      await abrirEpoca(prueba.dependencias, 1, { causa: 'ORDEN', motivo: 'La copia.' });
      await abrirEpoca(prueba.dependencias, 2, { causa: 'CONTRADICCION', motivo: 'El testigo vio otras.' });
      await reconocer(3);

      await expect(reconocer(epoca)).rejects.toThrow(palabras);

      const { sinLugar } = await prueba.verificar();
      expect(sinLugar).toBe(1);
    },
  );

  it('is not deceived by an acknowledgement that the service did not write', async () => {
    await abrirEpoca(prueba.dependencias, 1, { causa: 'CONTRADICCION', motivo: 'El testigo vio otras.' });
    await sql`insert into bitacora (id, dominio, codigo, evento, contenido, registrada_en)
      values (gen_random_uuid(), 'bitacora', 'prueba.example/bitacora/2', 'EPOCA_RECONOCIDA', '{}', now())`.execute(
      prueba.db,
    );

    expect(await hallazgos()).toMatchObject([
      { epoca: 2, falta: conteniendo('reconocer 2') },
      { falta: conteniendo('no lleva el sello') },
    ]);
  });
});

function conteniendo(texto: string): unknown {
  return expect.stringContaining(texto);
}
