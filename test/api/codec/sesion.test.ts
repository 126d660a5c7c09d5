/** Whom a cookie of the codec server makes of its bearer, and where. */
import type { Request } from 'express';
import { createSesiones, porTokenOSesion, type Sesiones } from '../../../api/codec/sesion.ts';
import type { Identidad } from '../../../api/http/acceso/token.ts';
import { CLAVES_DE_PRUEBA } from '../../support/emision/claves-de-prueba.ts';

const UI = 'http://127.0.0.1:8233';
const ANA: Identidad = { sujeto: 'ana', cliente: 'codec', permisos: new Set(['certificados:descifrar']) };
/** Of no client: each person has a limit of their own. */
const EN_SESION: Identidad = { ...ANA, cliente: null };
const HORA_MS = 3_600_000;

let ahoraMs: number;
let sesiones: Sesiones;
beforeEach(() => {
  ahoraMs = Date.parse('2026-11-28T09:00:00Z');
  sesiones = createSesiones(CLAVES_DE_PRUEBA.cifrado, 'http://127.0.0.1:8092', () => ahoraMs);
});

type Puesta = [nombre: string, valor: string, opciones: Record<string, unknown>];

/** What is set by `hacer`. */
function puestas(hacer: (res: never) => void): Puesta[] {
  const todas: Puesta[] = [];
  const res = {
    cookie: (...puesta: Puesta) => todas.push(puesta),
    clearCookie: () => undefined,
  };
  hacer(res as never);
  return todas;
}

function cookieDeAna(venceEnMs = ahoraMs + HORA_MS): string {
  const [[nombre, valor] = ['', '']] = puestas((res) => {
    sesiones.abrir(res, ANA, venceEnMs);
  });
  return `${nombre}=${valor}`;
}

function peticion(headers: Record<string, string>): Request {
  return { headers } as unknown as Request;
}

it('a session is who signed in, in a cookie that no script and no other site’s form carries', () => {
  const [puesta] = puestas((res) => {
    sesiones.abrir(res, ANA, ahoraMs + HORA_MS);
  });

  expect(puesta?.[2]).toMatchObject({ httpOnly: true, sameSite: 'lax', path: '/', maxAge: HORA_MS });
  expect(puesta?.[1]).not.toContain('ana');
  expect(sesiones.leer(peticion({ cookie: `otra=1; ${cookieDeAna()}` }))).toEqual(EN_SESION);
});

it('over https the cookie is of this host alone and goes over nothing else', () => {
  const deHttps = createSesiones(CLAVES_DE_PRUEBA.cifrado, 'https://codec.example', () => ahoraMs);
  const [puesta] = puestas((res) => {
    deHttps.abrir(res, ANA, ahoraMs + HORA_MS);
  });

  expect(puesta?.[0]).toMatch(/^__Host-/);
  expect(puesta?.[2]).toMatchObject({ secure: true, path: '/' });
});

it.each([
  ['the token’s end', 60_000, 59_999, 60_000],
  ['an hour, where the token lives longer', 10 * HORA_MS, HORA_MS - 1, HORA_MS],
])('a session lasts until %s', (_cuando, tokenMs, antesMs, despuesMs) => {
  const cookie = cookieDeAna(ahoraMs + tokenMs);
  const inicioMs = ahoraMs;
  ahoraMs = inicioMs + antesMs;
  expect(sesiones.leer(peticion({ cookie }))).not.toBeNull();
  ahoraMs = inicioMs + despuesMs;
  expect(sesiones.leer(peticion({ cookie }))).toBeNull();
});

it.each<[string, () => Record<string, string>]>([
  ['nothing', () => ({})],
  ['no cookie of ours', () => ({ cookie: 'a=b' })],
  ['one that is cut', () => ({ cookie: cookieDeAna().slice(0, -4) })],
  ['one that was changed', () => ({ cookie: cookieDeAna().replace(/.{4}$/, 'AAAA') })],
  [
    'one in clear',
    () => ({ cookie: `codec-sesion=${Buffer.from('{"sujeto":"ana"}').toString('base64url')}` }),
  ],
  [
    'the cookie of a sign-in',
    () => {
      const [[, valor] = ['', '']] = puestas((res) => {
        sesiones.guardarEntrada(res, { estado: 'e', verificador: 'v' });
      });
      return { cookie: `codec-sesion=${valor}` };
    },
  ],
])('%s is no session', (_que, headers) => {
  expect(sesiones.leer(peticion(headers()))).toBeNull();
});

describe('who calls', () => {
  const porToken = () => Promise.resolve({ ...ANA, sujeto: 'por-token' });
  const identificar = (headers: Record<string, string>, origen: string | undefined = UI) =>
    porTokenOSesion(porToken, sesiones, origen)(peticion(headers));

  it('is the session’s, on a page of the UI', async () => {
    await expect(identificar({ cookie: cookieDeAna(), origin: UI })).resolves.toEqual(EN_SESION);
  });

  it('is the token’s where there is one', async () => {
    const headers = { cookie: cookieDeAna(), origin: UI, authorization: 'Bearer x' };
    await expect(identificar(headers)).resolves.toMatchObject({ sujeto: 'por-token' });
  });

  it.each([
    ['a page of another site', { origin: 'https://otra.example' }, UI],
    ['a page, where no UI is configured', { origin: UI }, undefined],
  ])('is nobody on %s, whatever the browser sends along', async (_donde, headers, origen) => {
    await expect(
      porTokenOSesion(porToken, sesiones, origen)(peticion({ cookie: cookieDeAna(), ...headers })),
    ).rejects.toMatchObject({ fallo: { tipo: 'TOKEN_INVALIDO' } });
  });

  it('is nobody on a page of the UI whose session is over', async () => {
    const cookie = cookieDeAna();
    ahoraMs += HORA_MS;
    await expect(identificar({ cookie, origin: UI })).rejects.toMatchObject({
      fallo: { tipo: 'TOKEN_INVALIDO' },
    });
  });

  it('is asked for a token where no page calls: a cookie alone is none', async () => {
    await expect(identificar({ cookie: cookieDeAna() })).resolves.toMatchObject({ sujeto: 'por-token' });
  });
});
