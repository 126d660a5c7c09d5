/** The gateway as the worker makes it, before a server that the test plays. */
import type { RequestListener } from 'node:http';
import {
  createHttpPkiGateway,
  type OpcionesDePki,
} from '../../../../activities/emision/pki/http-pki-gateway.ts';
import { PkiFallo } from '../../../../activities/emision/pki/pki-gateway.ts';
import { cleanUp } from '../../../support/pki/running-simulator.ts';
import { FakeAdaptadorPki } from '../../../support/pki/fake-adaptador-pki.ts';
import { envioDePrueba } from '../../../support/registro/fake-registro.ts';

export const PASOS = {
  1: 'generarNumerosSolicitud',
  2: 'generarCertificadoDigitalDniE',
} as const;

export const porCerrar: (() => unknown)[] = [];
afterEach(async () => {
  for (const cerrar of porCerrar.splice(0)) await cerrar();
  await cleanUp();
});

export async function adaptador(responder: RequestListener): Promise<FakeAdaptadorPki> {
  const servidor = await FakeAdaptadorPki.iniciar(responder);
  porCerrar.push(() => servidor.detener());
  return servidor;
}

export function gateway(url: string, opciones: Partial<OpcionesDePki> = {}) {
  return createHttpPkiGateway({
    url,
    token: undefined,
    timeoutMs: 10_000,
    idempotente: true,
    alResponderOtro: () => undefined,
    ...opciones,
  });
}

/** The failure of one call to an adapter that answers so. */
export async function falloAnte(
  responder: RequestListener,
  paso: keyof typeof PASOS = 2,
  opciones: Partial<OpcionesDePki> = {},
): Promise<PkiFallo> {
  const { url } = await adaptador(responder);
  return falloDe(gateway(url, opciones)[PASOS[paso]](envioDePrueba()));
}

export async function falloDe(llamada: Promise<unknown>): Promise<PkiFallo> {
  const error: unknown = await llamada.then(
    () => 'an answer',
    (motivo: unknown) => motivo,
  );
  if (error instanceof PkiFallo) return error;
  throw new Error('the call did not end in a PkiFallo', { cause: error });
}
