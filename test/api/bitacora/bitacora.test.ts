/** The audit log as a client reads it, on a real one; its proofs by an implementation that is not ours. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { leerPrueba } from '../../../shared/bitacora/arbol/prueba.ts';
import { createPruebasDeBitacora } from '../../../shared/bitacora/pruebas.ts';
import { leerPuntoDeControl } from '../../../shared/bitacora/punto-de-control/punto-de-control.ts';
import {
  DE_PRUEBAS,
  FIRMANTE,
  usarBitacora,
  VERIFICADOR,
} from '../../support/bitacora/bitacora-de-prueba.ts';
import { ApiDePrueba, detallesDe, type Respuesta } from '../../support/api/api-de-prueba.ts';
import { GO_REFEREE_SETUP_MS, startGoReferee, type GoReferee } from '../../support/referees/go-referee.ts';
import { BASES } from '../../support/registro/registro-de-prueba.ts';

const [PGLITE] = BASES;

describe('the routes of the audit log', () => {
  const prueba = usarBitacora(PGLITE.abrir);
  let api: ApiDePrueba;
  let referee: GoReferee;
  beforeAll(async () => {
    api = await ApiDePrueba.iniciar({ bitacora: createPruebasDeBitacora(prueba.db, DE_PRUEBAS) });
    referee = await startGoReferee();
  }, GO_REFEREE_SETUP_MS);
  afterAll(() => Promise.all([api.detener(), referee.end()]));

  const pedir = (ruta: string) =>
    api.comoSoporte(`/bitacora/${ruta}`, undefined, { permisos: 'certificados:consultar-todas' });
  const datos = ({ estadoHttp, sobre }: Respuesta) => {
    expect(estadoHttp).toBe(200);
    return sobre.data as unknown as Record<string, never> & {
      hoja: string;
      indice: number | null;
      prueba: string;
      nota: string;
      tamano: number;
    };
  };

  it('prove an entry to whoever has the key of the log and nothing else', async () => {
    const [id = ''] = (await prueba.anotar(5)).slice(2);
    await prueba.secuenciarTodo();

    const { hoja, indice, prueba: texto } = datos(await pedir(`entradas/${id}`));

    const { camino, nota } = leerPrueba(texto);
    const { tamano, raiz } = leerPuntoDeControl(nota);
    const { inclusiones, notas } = await referee.juzgar({
      inclusiones: [
        {
          tamano,
          indice: indice ?? -1,
          raiz: raiz.toString('base64'),
          hoja,
          prueba: camino.map((uno) => uno.toString('base64')),
        },
      ],
      notas: [{ nota, clave: FIRMANTE.clavePublica }],
    });
    expect({ inclusiones, notas }).toEqual({ inclusiones: ['VALE'], notas: ['VALE'] });
    const entrada = JSON.parse(Buffer.from(hoja, 'base64').toString()) as Record<string, unknown>;
    expect(entrada).toMatchObject({ id, dominio: 'emision', evento: 'SOLICITUD_ACEPTADA' });
    expect(JSON.stringify(entrada)).not.toContain('mquispe');
  });

  it('prove that the log only grew since a checkpoint that somebody kept', async () => {
    await prueba.anotar(3);
    await prueba.secuenciarTodo();
    const antes = datos(await pedir('punto-de-control'));
    await prueba.anotar(6);
    await prueba.secuenciarTodo();

    const despues = datos(await pedir(`consistencia?epoca=1&desde=${antes.tamano}`));

    const raizDe = (nota: string) => leerPuntoDeControl(nota).raiz.toString('base64');
    const { consistencias } = await referee.juzgar({
      consistencias: [
        {
          desde: antes.tamano,
          hasta: despues.tamano,
          raizDesde: raizDe(antes.nota),
          raizHasta: raizDe(despues.nota),
          prueba: despues.prueba as unknown as string[],
        },
      ],
    });
    expect(consistencias).toEqual(['VALE']);
    expect(VERIFICADOR.verificar(despues.nota)).toBe(true);
  });

  it('say of an entry without a place that its proof comes soon', async () => {
    await prueba.anotar(1);
    await prueba.secuenciarTodo();
    const [id = ''] = await prueba.anotar(1);

    const respuesta = await pedir(`entradas/${id}`);

    expect(datos(respuesta)).toMatchObject({ registroAuditoriaId: id, indice: null, prueba: null });
    expect(respuesta.sobre.message).toContain('todavía no tiene lugar');
  });

  it.each([
    ['without a seal', null],
    ['under a seal of its own', 'x'.repeat(64)],
  ])('show nobody an entry that waits for its place %s: the service did not write it', async (_, sello) => {
    await prueba.anotar(1);
    await prueba.secuenciarTodo();
    const id = randomUUID();
    await sql`insert into bitacora (id, codigo, generacion, run_id, evento, contenido, registrada_en, sello)
      values (${id}, 'SOL-1', 1, 'run', 'EMISION_FALLIDA', '{}', now(), ${sello})`.execute(prueba.db);

    expect((await pedir(`entradas/${id}`)).estadoHttp).toBe(404);
  });

  it.each([
    ['an id that is none', 'entradas/1', 400, 'registroAuditoriaId'],
    ['an unknown id', `entradas/${randomUUID()}`, 404, 'registroAuditoriaId'],
    ['an epoch that never was', 'punto-de-control?epoca=7', 404, 'epoca'],
    ['an epoch that no log has room for', 'consistencia?epoca=616236587675474&desde=1', 400, 'epoca'],
    ['an epoch that is no number', 'punto-de-control?epoca=uno', 400, 'epoca'],
    ['an unknown parameter', 'punto-de-control?tamano=1', 400, 'tamano'],
    ['a size that the log never had', 'consistencia?epoca=1&desde=99', 404, 'desde'],
    ['no size', 'consistencia?epoca=1', 400, 'desde'],
    ['a negative size', 'consistencia?epoca=1&desde=-1', 400, 'desde'],
  ])('refuse %s', async (_, ruta, estadoHttp, campo) => {
    await prueba.anotar(1);
    await prueba.secuenciarTodo();

    const respuesta = await pedir(ruta);

    expect(respuesta.estadoHttp).toBe(estadoHttp);
    expect(detallesDe(respuesta).join()).toContain(`${campo}:`);
    // The title of the failure is of a codigo; here none was asked for.
    const { message, error } = respuesta.sobre;
    expect(error?.titulo).toBe(message);
    if (estadoHttp === 404) expect(message).toBe('La bitácora no tiene lo que se pidió');
  });
});
