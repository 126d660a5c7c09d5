import { createGuardaDeParte } from '../../../../api/http/carga/parte-caida.ts';
import { ServicioNoDisponible } from '../../../../shared/nucleo/servicio-no-disponible.ts';

const SIN_RESPUESTA = new Error('no connection');

/** A part that does what the test says, and how often it was asked. */
function parteDePrueba() {
  const parte = { preguntas: 0, caidas: 0, ahoraMs: 0 };
  const pedir = createGuardaDeParte({
    parte: 'the part',
    noResponde: (error) => error === SIN_RESPUESTA,
    alCaer: () => (parte.caidas += 1),
    ahoraMs: () => parte.ahoraMs,
  });
  const preguntar = (resultado: () => Promise<unknown>) =>
    pedir(() => {
      parte.preguntas += 1;
      return resultado();
    }).then(
      () => 'OK',
      (error: unknown) => (error instanceof ServicioNoDisponible ? 'RECHAZADA' : 'FALLO'),
    );
  return {
    parte,
    preguntar,
    avanzar: (ms: number) => {
      parte.ahoraMs += ms;
    },
    /** It fails as often as makes it count as down. */
    caer: async () => {
      for (let i = 0; i < 3; i++) expect(await preguntar(calla)).toBe('FALLO');
    },
  };
}

const responde = () => Promise.resolve('hola');
const calla = () => Promise.reject(SIN_RESPUESTA);
/** What it says no to, or what another part that it needs does not answer. */
const falla = () => Promise.reject(new ServicioNoDisponible('another part'));

it('a part is asked by every request while it answers, and after one or two failures', async () => {
  const { parte, preguntar } = parteDePrueba();
  for (const resultado of [calla, calla, responde, calla, calla, falla, calla, calla, responde])
    await preguntar(resultado);
  expect(parte).toMatchObject({ preguntas: 9, caidas: 0 });
});

it('a part is left alone after three failures in a row, which is told once; requests are refused', async () => {
  const { parte, preguntar, caer } = parteDePrueba();
  await caer();
  for (let i = 0; i < 5; i++) expect(await preguntar(responde)).toBe('RECHAZADA');
  expect(parte).toMatchObject({ preguntas: 3, caidas: 1 });
});

it('a part that is down is asked by one request a second, and is left alone again where that fails', async () => {
  const { parte, preguntar, avanzar, caer } = parteDePrueba();
  await caer();
  avanzar(1_000);
  expect(await preguntar(calla)).toBe('FALLO');
  expect(await preguntar(responde)).toBe('RECHAZADA');
  expect(parte).toMatchObject({ preguntas: 4, caidas: 1 });
});

it('a part that answers the one is asked by those who came meanwhile, and by all', async () => {
  const { parte, preguntar, avanzar, caer } = parteDePrueba();
  await caer();
  avanzar(1_000);
  const sonda = Promise.withResolvers<unknown>();
  const varias = [() => sonda.promise, responde, responde].map((resultado) => preguntar(resultado));
  expect(parte.preguntas).toBe(4);
  sonda.resolve('hola');
  expect(await Promise.all(varias)).toEqual(['OK', 'OK', 'OK']);
  expect(await preguntar(responde)).toBe('OK');
});

it('a part that is silent to the one is not waited for, and is found to be back once it answers', async () => {
  const { parte, preguntar, avanzar, caer } = parteDePrueba();
  await caer();
  avanzar(1_000);
  const lenta = Promise.withResolvers<unknown>();
  const varias = [() => lenta.promise, responde].map((resultado) => preguntar(resultado));
  expect(await Promise.all(varias)).toEqual(['RECHAZADA', 'RECHAZADA']);
  expect(parte.preguntas).toBe(4);
  lenta.resolve('hola');
  await lenta.promise;
  expect(await preguntar(responde)).toBe('OK');
});
