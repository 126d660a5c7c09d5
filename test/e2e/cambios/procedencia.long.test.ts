/**
 * A register that holds issuances meets what is not its own: an empty Temporal, other keys, a clock that is 200 days ahead.
 * Whoever would work with it is refused by name, and nothing is closed, erased or issued; moving is a command.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import pg from 'pg';
import { randomBytes } from 'node:crypto';
import { generarClaveDeFirma } from '../../../shared/bitacora/punto-de-control/nota.ts';
import { startPostgres } from '../../../scripts/topology/postgres.ts';
import { Stack, solicitudNueva, type Nombre } from '../../support/servidores/stack.ts';
import { startTemporalServer, type TemporalServerProcess } from '../../support/temporal/temporal-server.ts';

jest.setTimeout(300_000);

const ABIERTA = 'ABIERTA-1';
const COMPLETA = 'COMPLETA-1';
const DESCONOCIDA = 'DESCONOCIDA-1';

let temporal: TemporalServerProcess;
let vacio: TemporalServerProcess;
let stack: Stack;
let registro: pg.Client;
let limpia: string;
const clave = () => randomBytes(32).toString('base64');

beforeAll(async () => {
  const [suyo, otro, postgres] = await Promise.all([
    startTemporalServer(),
    startTemporalServer(),
    startPostgres(),
  ]);
  [temporal, vacio] = [suyo, otro];
  limpia = await mkdtemp(join(tmpdir(), 'temporal-vacio-'));
  stack = await Stack.start(
    // Its open issuance stays so: the PKI is in an outage for it. No pass but those that are ordered.
    { CONCILIACION_CADA_MS: '3600000', ESPERA_SINCRONA_MS: '3000', VENTANA_REINTENTO_MS: '3600000' },
    {
      servidores: { temporal, postgres },
      conducta: ({ codigoSolicitudTramite: codigo, paso }) =>
        codigo === ABIERTA && paso === 2 ? { outage: 'SERVICIO_NO_DISPONIBLE' } : {},
    },
  );
  registro = new pg.Client({ connectionString: stack.databaseUrl });
  await registro.connect();
  expect((await stack.emitir(solicitudNueva(COMPLETA))).sobre.data?.transaccion.estado).toBe('COMPLETADO');
  expect((await stack.emitir(solicitudNueva(ABIERTA))).sobre.data?.transaccion.estado).toBe('EN_PROCESO');
}, 300_000);
afterAll(async () => {
  await registro.end();
  await stack.stop();
  await vacio.teardown();
  await rm(limpia, { recursive: true, force: true });
});

/** All that retention, reconciliation or another key could change. */
async function enElRegistro(): Promise<unknown> {
  const { rows } = await registro.query(
    `select (select json_agg(s order by codigo) from solicitudes s) as solicitudes,
      (select json_agg(r order by codigo) from recibidos r) as recibidos,
      (select count(*) from bitacora where evento in ('EMISION_FALLIDA', 'DATOS_RETIRADOS')) as anotadas`,
  );
  return rows;
}

async function negado(nombre: Nombre, variables: Record<string, string>): Promise<string> {
  stack.configurar(variables);
  try {
    await stack.arrancar(nombre);
    return 'it started';
  } catch (error) {
    // What it said last: earlier starts stand in the same log.
    return String(error).trim().split('\n').at(-1) ?? '';
  }
}

const detener = async () => {
  for (const nombre of ['worker', 'api'] as const)
    if (stack.enMarcha().includes(nombre)) await stack.matar(nombre);
};

describe('a process is refused, and nothing is changed, with', () => {
  const suyas: Record<string, string> = {};
  let antes: unknown;
  beforeAll(async () => {
    await detener();
    antes = await enElRegistro();
  });
  afterEach(async () => {
    await detener();
    stack.configurar(suyas);
    expect(await enElRegistro()).toEqual(antes);
  });

  const adelantado = `data:text/javascript,${encodeURIComponent(
    'const D=Date;const m=200*864e5;globalThis.Date=class extends D{constructor(...a){a.length?super(...a):super(D.now()+m)}static now(){return D.now()+m}}',
  )}`;

  it.each<[string, Nombre, string, string]>([
    ['another CLAVE_HUELLA', 'worker', 'CLAVE_HUELLA', clave()],
    ['another CLAVE_HUELLA', 'api', 'CLAVE_HUELLA', clave()],
    ['another ring', 'worker', 'CLAVES_CIFRADO', `otra:${clave()}`],
    ['another ring', 'api', 'CLAVES_CIFRADO', `prueba:${clave()}`],
    ['another key of the log', 'worker', 'BITACORA_CLAVE_FIRMA', generarClaveDeFirma('localhost/bitacora')],
    ['no key of the log', 'worker', 'BITACORA_CLAVE_FIRMA', ''],
    ['no ring', 'api', 'CLAVES_CIFRADO', ''],
    ['no CLAVE_HUELLA', 'worker', 'CLAVE_HUELLA', ''],
    ['a namespace that is not there', 'worker', 'TEMPORAL_NAMESPACE', 'otro'],
  ])('%s (%s)', async (_, nombre, variable, valor) => {
    suyas[variable] = stack.variable(variable);

    const dicho = await negado(nombre, { [variable]: valor });

    expect(dicho).toContain(`- ${variable}: `);
    if (valor.length > 20) expect(dicho).not.toContain(valor.slice(-20));
  });

  it.each<Nombre>(['worker', 'api'])('an empty Temporal (%s)', async (nombre) => {
    suyas.TEMPORAL_ADDRESS = stack.variable('TEMPORAL_ADDRESS');

    expect(await negado(nombre, { TEMPORAL_ADDRESS: vacio.address })).toMatch(
      /- TEMPORAL_ADDRESS: .*npm run mudar-temporal/,
    );
  });

  it.each<Nombre>(['worker', 'api'])('a clock that is 200 days ahead (%s)', async (nombre) => {
    suyas.NODE_OPTIONS = '';

    expect(await negado(nombre, { NODE_OPTIONS: `--import=${adelantado}` })).toMatch(
      /the clock of this machine is 17\d{6} s ahead of/,
    );
  });
});

it('what runs goes on with the keys, the Temporal and the clock that are its own', async () => {
  await Promise.all([stack.arrancar('worker'), stack.arrancar('api')]);

  expect((await stack.consultar(COMPLETA)).estadoHttp).toBe(200);
  expect((await stack.consultar(ABIERTA)).sobre.data?.transaccion.estado).toBe('EN_PROCESO');
});

it('an empty Temporal that takes the place of its own closes nothing, starts nothing and is not ready', async () => {
  const antes = await enElRegistro();
  await temporal.shutDown();
  await temporal.saveFiles(join(limpia, 'suyos'));
  await temporal.restoreFiles(await mkdtemp(join(limpia, 'nada-')));
  await temporal.startAgain();

  await stack.hasta('the API to see the other Temporal', async () => {
    const { estadoHttp, sobre } = await stack.consultar(ABIERTA);
    expect(sobre.data?.transaccion.estado ?? 'EN_PROCESO').toBe('EN_PROCESO');
    return estadoHttp === 503;
  });
  expect((await stack.emitir(solicitudNueva(DESCONOCIDA))).estadoHttp).toBe(503);
  expect((await fetch(`${stack.url('api')}/health/ready`)).status).toBe(503);
  expect(await enElRegistro()).toEqual(antes);

  await temporal.shutDown();
  await temporal.restoreFiles(join(limpia, 'suyos'));
  await temporal.startAgain();
  await stack.hasta('its own Temporal', async () => (await stack.consultar(ABIERTA)).estadoHttp === 200);
});

it('moving is a command: the audit log tells of it, and what was open is settled then', async () => {
  await detener();
  stack.configurar({ TEMPORAL_ADDRESS: vacio.address });
  const sinMotivo = await stack.comando('mudar-temporal.ts');
  expect([sinMotivo.code, sinMotivo.output]).toEqual([1, expect.stringContaining('--motivo')]);

  const mudanza = await stack.comando('mudar-temporal.ts', '--motivo', 'Cluster nuevo', '--quien', 'ana');

  expect([mudanza.code, mudanza.stdout]).toEqual([
    0,
    expect.stringMatching(/Antes: cluster .*\nAhora: cluster /),
  ]);
  await Promise.all([stack.arrancar('worker'), stack.arrancar('api')]);
  const { code, stdout } = await stack.comando('conciliar.ts');
  expect([code, stdout]).toEqual([0, expect.stringMatching(/cerradas como interrumpidas: +1\n/)]);
  expect((await stack.consultar(ABIERTA)).sobre.data?.transaccion.estado).toBe('FALLIDO');
  expect((await stack.comando('mudar-temporal.ts', '--motivo', 'otra vez')).stdout).toContain('ya trabaja');
  expect(await stack.comando('bitacora.ts', 'verificar')).toMatchObject({ code: 0 });
});
