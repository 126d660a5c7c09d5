/** Temporal's UI in a real browser, as the place where operators work: what they find, why one waits, and what each role reads. */
import { mkdir } from 'node:fs/promises';
import { jest } from '@jest/globals';
import pg from 'pg';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { pickFreePort } from '../../../scripts/start/ports.ts';
import { hasta } from '../../support/hasta.ts';
import { abrirNavegador } from '../../support/procesos/navegador.ts';
import { solicitudDePrueba } from '../../support/emision/solicitud-de-prueba.ts';
import { startPostgres } from '../../../scripts/topology/postgres.ts';
import { Stack } from '../../support/servidores/stack.ts';
import { temporalServer } from '../../support/temporal/temporal-server.ts';

jest.setTimeout(120_000);

/** The pictures of docs/operacion.md, made anew: `CAPTURAS=docs/img npm run test:long -- test/e2e/soporte/temporal-en`. */
const { CAPTURAS } = process.env;

const EMITIDA = 'SOL-2026-000001';
const RECHAZADA = 'SOL-2026-000002';
const EN_ESPERA = 'SOL-2026-000003';
const SOLICITUD = solicitudDePrueba(EMITIDA);

let stack: Stack;
let navegador: Browser;
let ui: string;
beforeAll(async () => {
  const uiPort = await pickFreePort('127.0.0.1');
  ui = `http://127.0.0.1:${uiPort}`;
  stack = await Stack.start(
    { CODEC_ORIGEN_UI: ui },
    {
      servidores: { postgres: await startPostgres(), temporal: await temporalServer(undefined, uiPort) },
      conducta: ({ codigoSolicitudTramite: codigo }) => {
        if (codigo === RECHAZADA) return { refusal: 'CIUDADANO_NO_ENCONTRADO' };
        return codigo === EN_ESPERA ? { outage: 'SERVICIO_NO_DISPONIBLE' } : {};
      },
    },
  );
  await stack.arrancar('codec');
  await stack.emitir(SOLICITUD);
  await stack.emitir(solicitudDePrueba(RECHAZADA, '45678913'));
  await stack.emitir(solicitudDePrueba(EN_ESPERA, '45678914'), undefined, {
    cabeceras: { Prefer: 'respond-async' },
  });
  navegador = await abrirNavegador();
}, 180_000);
afterAll(async () => {
  await navegador.close();
  await stack.stop();
});

/** Signs in at the codec server, and tells the UI to ask it with this session. */
async function entrar(quien: 'Operador' | 'Supervisor'): Promise<{ contexto: BrowserContext; pagina: Page }> {
  const contexto = await navegador.newContext({ viewport: { width: 1400, height: 900 } });
  const pagina = await contexto.newPage();
  await pagina.goto(stack.url('codec'));
  await pagina.getByText('Entrar').click();
  await pagina.getByText(quien).click();
  await pagina.getByText(`Entró como ${quien.toLowerCase()}`).waitFor();
  await pagina.goto(`${ui}/namespaces/default/workflows`);
  await pagina
    .getByTestId('data-encoder-status')
    .or(pagina.locator('[data-testid^=data-encoder-status]'))
    .first()
    .click();
  await pagina.getByText('Use my browser setting').first().click();
  await pagina.locator('dialog[open]').getByRole('textbox').first().fill(stack.url('codec'));
  await pagina.getByText('Include cross-origin credentials').first().click();
  await pagina.locator('dialog[open]').getByRole('button', { name: 'Apply' }).click();
  return { contexto, pagina };
}

/** Of the page and of the frames in which the UI shows Markdown; one that it takes away meanwhile has none. */
async function textosDe(pagina: Page): Promise<string> {
  const textos = await Promise.all(
    pagina.frames().map((marco) =>
      marco
        .locator('body')
        .innerText()
        .catch(() => ''),
    ),
  );
  return textos.join('\n');
}

const direccionDe = (codigo: string) =>
  `${ui}/namespaces/default/workflows/${encodeURIComponent(`emision/${codigo}`)}`;

async function capturar(pagina: Page, nombre: string): Promise<void> {
  if (CAPTURAS === undefined) return;
  await mkdir(CAPTURAS, { recursive: true });
  await pagina.screenshot({ path: `${CAPTURAS}/${nombre}.png` });
}

async function looks(): Promise<string[]> {
  const registro = new pg.Client({ connectionString: stack.databaseUrl });
  await registro.connect();
  const { rows } = await registro.query<{ codigo: string; contenido: { conDatosPersonales: boolean } }>(
    `select codigo, contenido from bitacora where dominio = 'descifrado'`,
  );
  await registro.end();
  return rows.map(({ codigo, contenido }) => `${codigo} ${String(contenido.conDatosPersonales)}`);
}

test('an operator finds by office and failure what waits, reads first why, and sees the work but no person', async () => {
  const { contexto, pagina } = await entrar('Operador');

  const consulta = "Oficina = 'LIMA-CENTRO' AND TipoError = 'PKI_NO_DISPONIBLE'";
  const hallada = pagina.getByRole('link', { name: `emision/${EN_ESPERA}` });
  await stack.hasta('the list to show what waits', async () => {
    await pagina.goto(`${ui}/namespaces/default/workflows?query=${encodeURIComponent(consulta)}`);
    return hallada.waitFor({ timeout: 3_000 }).then(
      () => true,
      () => false,
    );
  });
  expect(await pagina.getByRole('link', { name: /^emision\// }).count()).toBe(1);
  await capturar(pagina, 'temporal-filtro');

  await hallada.click();
  await pagina.getByText('User Metadata').click();
  const textos = await hasta('the details to say why it waits', async () => {
    const leidos = await textosDe(pagina);
    return /El intento \d+ del paso 1 falló/.test(leidos) && leidos;
  });
  expect(textos).toContain('▸ LIMA-CENTRO · PRESENCIAL');
  await capturar(pagina, 'temporal-por-que-espera');

  await pagina.goto(direccionDe(RECHAZADA));
  await pagina.getByText('La PKI no conoce al ciudadano').first().waitFor();
  const leido = await pagina.locator('body').innerText();
  expect(leido).toContain('•••');
  expect(leido).toContain(RECHAZADA);
  expect(leido).not.toContain(SOLICITUD.ciudadano.nombres);
  await capturar(pagina, 'temporal-operador');
  await contexto.close();
  expect(await looks()).toContain(`${RECHAZADA} false`);
});

test('whoever may see personal data reads them, and each look is in the audit log', async () => {
  const { contexto, pagina } = await entrar('Supervisor');

  await pagina.goto(direccionDe(EMITIDA));
  await pagina.getByText(SOLICITUD.ciudadano.nombres).first().waitFor();
  await capturar(pagina, 'temporal-supervisor');
  await contexto.close();

  expect(await looks()).toContain(`${EMITIDA} true`);
});

test('who has not signed in reads ciphertext, and the page says where to sign in', async () => {
  const contexto = await navegador.newContext();
  const pagina = await contexto.newPage();
  await pagina.goto(stack.url('codec'));
  expect(await pagina.locator('body').innerText()).toContain('entre con su cuenta');

  await pagina.goto(direccionDe(EMITIDA));
  await pagina.getByText('Timeline').first().waitFor();
  expect(await pagina.locator('body').innerText()).not.toContain(SOLICITUD.ciudadano.nombres);
  await contexto.close();
});

test('a sign-in that was begun elsewhere, or is over, is told in words', async () => {
  const contexto = await navegador.newContext();
  const pagina = await contexto.newPage();
  await pagina.goto(`${stack.url('codec')}/volver?code=x&state=y`);
  expect(await pagina.locator('body').innerText()).toContain('empiece de nuevo');

  await pagina.goto(`${stack.url('codec')}/entrar`);
  await pagina.goto(`${stack.url('codec')}/volver?code=x&state=y`);
  expect(await pagina.locator('body').innerText()).toContain('no confirmó la entrada');
  await contexto.close();
});

test('signing out ends the session', async () => {
  const { contexto, pagina } = await entrar('Operador');
  await pagina.goto(stack.url('codec'));
  await pagina.getByRole('button', { name: 'Salir' }).click();
  await pagina.getByText('entre con su cuenta').waitFor();
  // The issuer's are of the same host.
  const cookies = (await contexto.cookies()).map(({ name }) => name);
  expect(cookies.filter((nombre) => nombre.startsWith('codec-'))).toEqual([]);
  await contexto.close();
});
