/** The PKI is down for a minute: what was accepted waits, and completes by itself when it is back. */
// eslint-disable-next-line no-restricted-imports -- an outage is a time in which nothing answers
import { setTimeout as pause } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { Stack, solicitudNueva, type Respuesta } from '../../support/servidores/stack.ts';

jest.setTimeout(240_000);

const CAIDA_MS = 60_000;
const PETICIONES = 20;
const LATENCIA_MS = 400;

/** When each call of step 1 came, epoch ms: how soon a PKI that is back is called again is what is promised of them. */
const llamadas: number[] = [];
let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start(
    { SIMULADOR_LATENCIA_MS: String(LATENCIA_MS) },
    {
      conducta: ({ paso }) => {
        if (paso === 1) llamadas.push(Date.now());
        return {};
      },
    },
  );
}, 180_000);
afterAll(() => stack.stop());

test('twenty waiting requests outlive a minute’s outage: all end COMPLETADO, each is issued once, none is sent again', async () => {
  const codigos = Array.from({ length: PETICIONES }, (_, i) => `CAIDA-${String(i)}`);
  await stack.matar('simulador');
  const finDeLaCaida = pause(CAIDA_MS, 'FIN' as const);
  const respuestas = await Promise.all(codigos.map((codigo) => stack.emitir(solicitudNueva(codigo))));
  expect(respuestas.map(estado)).toEqual(codigos.map(() => 'EN_PROCESO'));
  expect(new Set(respuestas.map(({ estadoHttp }) => estadoHttp))).toEqual(new Set([503]));

  // Accepted while the circuit is open: held, and told so at once.
  const retenida = await Promise.race([stack.emitir(solicitudNueva('CAIDA-RETENIDA')), finDeLaCaida]);
  if (retenida === 'FIN') throw new Error('it was waited with, though its step is held');
  expect([retenida.estadoHttp, retenida.sobre.error?.tipo]).toEqual([503, 'PKI_NO_DISPONIBLE']);
  expect(estado(retenida)).toBe('EN_PROCESO');
  expect(retenida.cabeceras.get('Location')).toMatch(/\/solicitudes\/CAIDA-RETENIDA$/);
  expect(Number(retenida.cabeceras.get('Retry-After'))).toBeGreaterThan(0);
  expect(retenida.sobre.data?.pasosProceso.paso1GeneracionClaves.intentos).toBe(0);

  await finDeLaCaida;
  await stack.arrancar('simulador');
  for (const codigo of [...codigos, 'CAIDA-RETENIDA']) {
    const { sobre } = await stack.hastaEstado(codigo, 'COMPLETADO', 120_000);
    expect(sobre.data?.certificados).toHaveLength(3);
    expect(await stack.emisiones(codigo)).toMatchObject({ emisiones: 1, certificados: 3 });
  }

  // One probe alone, and what was held comes after it one by one.
  const [primera = 0, segunda = 0] = llamadas;
  expect(segunda - primera).toBeGreaterThanOrEqual(LATENCIA_MS);
  expect((llamadas.at(-1) ?? 0) - segunda).toBeGreaterThan(1_000);
  expect(llamadas).toHaveLength(PETICIONES + 1);
});

function estado({ sobre }: Respuesta): string | undefined {
  return sobre.data?.transaccion.estado;
}
