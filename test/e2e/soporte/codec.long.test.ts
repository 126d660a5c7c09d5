/** `npm run codec` beside the whole system, asked by Temporal's own command line: who is shown what, and what the audit log keeps of it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import pg from 'pg';
import type { DEVELOPMENT_CLIENTS } from '../../../simulator/oidc/clients.ts';
import { requestDevelopmentToken } from '../../../simulator/oidc/development-token.ts';
import { CODEC_OPENAPI } from '../../api/codec/codec.openapi.ts';
import { prepareSchemathesis, runSchemathesis } from '../../api/http/documento/schemathesis.ts';
import { TOOL_SETUP_MS } from '../../support/referees/tools.ts';
import { solicitudDePrueba } from '../../support/emision/solicitud-de-prueba.ts';
import { Stack } from '../../support/servidores/stack.ts';

jest.setTimeout(180_000);

const UI = 'https://temporal.example';
const CODIGO = 'SOL-CODEC';
const SOLICITUD = solicitudDePrueba(CODIGO);
const { nombres, apellidoMaterno } = SOLICITUD.ciudadano;

let stack: Stack;
beforeAll(async () => {
  await prepareSchemathesis();
  stack = await Stack.start({ CODEC_ORIGEN_UI: UI, LIMITE_CLIENTE_POR_MINUTO: '1000000' });
  await stack.arrancar('codec');
  expect((await stack.emitir(SOLICITUD)).estadoHttp).toBe(201);
}, TOOL_SETUP_MS);
afterAll(() => stack.stop());

type Cliente = (typeof DEVELOPMENT_CLIENTS)[number]['id'];
const tokenDe = (cliente: Cliente) => requestDevelopmentToken(stack.url('emisor'), cliente);

/** The history as an operator reads it on the command line. */
async function historiaComo(cliente: Cliente): Promise<string> {
  const args = ['workflow', 'show', '--workflow-id', `emision/${CODIGO}`, '--output', 'json'];
  const codec = ['--codec-endpoint', stack.url('codec'), '--codec-auth', `Bearer ${await tokenDe(cliente)}`];
  const leida = await stack.temporal(...args, ...codec);
  if (leida.code !== 0) throw new Error(leida.output);
  // It prints what it decoded in Base64 again.
  return leida.stdout.replaceAll(/"data": "([^"]*)"/g, (_todo, data: string) =>
    Buffer.from(data, 'base64').toString('utf8'),
  );
}

async function entradas(): Promise<{ codigo: string; contenido: unknown; datos: Buffer | null }[]> {
  const registro = new pg.Client({ connectionString: stack.databaseUrl });
  await registro.connect();
  const { rows } = await registro.query<{ codigo: string; contenido: unknown; datos: Buffer | null }>(
    `select codigo, contenido, datos from bitacora where dominio = 'descifrado' order by registrada_en`,
  );
  await registro.end();
  return rows;
}

test('an operator reads the work and no person; who may see personal data reads all; each look is in the audit log', async () => {
  const deOperador = await historiaComo('operador');
  expect(deOperador).toContain(CODIGO);
  expect(deOperador).toContain('FIRMA_DIGITAL');
  expect(deOperador).toContain('•••');
  expect(deOperador).not.toContain(nombres);

  const deSupervisor = await historiaComo('supervisor');
  expect(deSupervisor).toContain(nombres);
  expect(deSupervisor).toContain(apellidoMaterno);

  const anotadas = await entradas();
  expect(anotadas.map(({ codigo, contenido }) => [codigo, contenido])).toEqual([
    [CODIGO, { conDatosPersonales: false }],
    [CODIGO, { conDatosPersonales: true }],
  ]);
  for (const { datos } of anotadas) expect(datos?.toString('latin1')).not.toContain('operador');
  const verificada = await stack.comando('bitacora.ts', 'verificar');
  expect([verificada.code, verificada.output]).toEqual([0, expect.any(String)]);
});

function decodificar(cuerpo: string, cabeceras: Record<string, string>): Promise<Response> {
  return fetch(`${stack.url('codec')}/decode`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...cabeceras },
    body: cuerpo,
  });
}

test.each([
  ['of the UI', UI, UI],
  ['of another site', 'https://otra.example', null],
  ['of no site', 'null', null],
])('a page %s is told by the preflight whether it may call', async (_de, origen, permitido) => {
  const respuesta = await fetch(`${stack.url('codec')}/decode`, {
    method: 'OPTIONS',
    headers: { Origin: origen, 'Access-Control-Request-Method': 'POST' },
  });

  expect(respuesta.headers.get('access-control-allow-origin')).toBe(permitido);
  expect(respuesta.headers.get('access-control-allow-credentials')).toBe(permitido && 'true');
  expect(respuesta.headers.get('vary')).toContain('Origin');
});

test.each([
  ['without a token', null, 401],
  ['with a token that may only read by the API', 'soporte', 403],
] as const)('%s nothing is opened', async (_como, cliente, estadoHttp) => {
  const cabeceras = cliente === null ? {} : { Authorization: `Bearer ${await tokenDe(cliente)}` };
  const antes = (await entradas()).length;

  const respuesta = await decodificar('{"payloads": []}', cabeceras);

  expect(respuesta.status).toBe(estadoHttp);
  expect((await entradas()).length).toBe(antes);
});

test.each([
  ['no payloads', '{}', 'payloads'],
  ['something that is no Base64', '{"payloads": [{"metadata": {"encoding": "%"}, "data": ""}]}', 'encoding'],
  ['no JSON', '{', 'JSON'],
])('%s is refused with what is wrong', async (_que, cuerpo, dice) => {
  const respuesta = await decodificar(cuerpo, { Authorization: `Bearer ${await tokenDe('operador')}` });

  expect(respuesta.status).toBe(400);
  expect(JSON.stringify(await respuesta.json())).toContain(dice);
});

test('no request, good or bad, is answered with what nobody expects', async () => {
  const document = join(stack.carpeta, 'codec.openapi.json');
  await writeFile(document, JSON.stringify(CODEC_OPENAPI));

  const { exitCode, faults, output, probes } = await runSchemathesis(
    document,
    { TOKEN_OPERADOR: await tokenDe('operador') },
    ['--url', stack.url('codec')],
    join(import.meta.dirname, '../../api/codec/schemathesis.toml'),
  );

  expect(exitCode === 0 ? 'no fault' : output).toBe('no fault');
  expect(faults).toEqual([]);
  const statuses = new Set(
    probes.filter(({ operation }) => operation === 'POST /decode').map(({ status }) => status),
  );
  expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401]));
});

test('with the register down nothing is opened', async () => {
  // One that nobody looked at within the last minute.
  await stack.emitir(solicitudDePrueba('SOL-CODEC-2', '45678913'));
  const historia = await stack.workflow('SOL-CODEC-2').fetchHistory();
  const entrada = historia.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  const cuerpo = JSON.stringify({
    payloads: [
      {
        metadata: Object.fromEntries(
          Object.entries(entrada?.metadata ?? {}).map(([nombre, valor]) => [
            nombre,
            Buffer.from(valor).toString('base64'),
          ]),
        ),
        data: Buffer.from(entrada?.data ?? []).toString('base64'),
      },
    ],
  });
  const registro = new pg.Client({ connectionString: stack.databaseUrl });
  await registro.connect();
  await registro.query('alter table bitacora rename to bitacora_ausente');
  const respuesta = await decodificar(cuerpo, { Authorization: `Bearer ${await tokenDe('supervisor')}` });
  await registro.query('alter table bitacora_ausente rename to bitacora');
  await registro.end();

  expect(respuesta.status).toBeGreaterThanOrEqual(500);
  expect(await respuesta.text()).not.toContain(nombres);
});
