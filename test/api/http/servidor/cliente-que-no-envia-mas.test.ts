/** Clients that say that they will send no more: they are waited with, and told how it ended. */
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { hasta } from '../../../support/hasta.ts';
import { GET, api, conectar, envioRetenido, iniciar, leerCodigos } from './conexiones-de-prueba.ts';

describe('a client that says that it will send no more', () => {
  it.each(['/health/live', '/openapi.json', '/nada'])('gets its answer (%s)', async (path) => {
    await iniciar();
    const socket = await conectar({ allowHalfOpen: true });
    const leidos = leerCodigos(socket);
    socket.end(GET(path) + GET(path));
    const codigos = await leidos;
    expect(codigos).toEqual(path === '/nada' ? [404, 404] : [200, 200]);
  });

  it('is waited with for its issuance, and told how it ended', async () => {
    await iniciar();
    const { bytes, recibida, soltar } = await envioRetenido();
    const socket = await conectar({ allowHalfOpen: true });
    const leidos = leerCodigos(socket);
    let dicho = '';
    socket.on('data', (parte) => (dicho += parte.toString('latin1')));
    socket.end(bytes);
    await recibida;
    await hasta(
      'it to hear a second time that its request is worked on',
      () => dicho.split('102 ').length > 2,
    );
    expect(api.servicio.esperas[0]?.abandono.aborted).toBe(false);
    soltar();
    expect(await leidos).toEqual([201]);
  });

  it('in the middle of a request is told so', async () => {
    await iniciar();
    const socket = await conectar({ allowHalfOpen: true });
    const leidos = leerCodigos(socket);
    socket.end('GET /health/live HT');
    expect(await leidos).toEqual([400]);
  });

  it('is waited with for each of several, one after the other', async () => {
    await iniciar();
    const { bytes, recibida, soltar } = await envioRetenido();
    const socket = await conectar({ allowHalfOpen: true });
    const leidos = leerCodigos(socket);
    socket.end(GET('/nada') + bytes + GET('/health/live'));
    await recibida;
    soltar();
    expect(await leidos).toEqual([404, 201, 200]);
  });

  it.each(['destroy', 'resetAndDestroy'] as const)(
    'and is gone (%s) is waited with no longer',
    async (como) => {
      await iniciar();
      const { bytes, recibida } = await envioRetenido();
      const socket = await conectar();
      socket.write(bytes);
      await recibida;
      const [espera] = api.servicio.esperas;
      if (!espera) throw new Error('unreachable: it was received');
      const abandonada = once(espera.abandono, 'abort');
      socket[como]();
      await abandonada;
      expect(espera.abandono.aborted).toBe(true);
    },
  );

  it('hears now and then that its request is worked on, where its version of HTTP knows such a word', async () => {
    await iniciar();
    const { bytes, recibida, soltar } = await envioRetenido();
    const [moderno, antiguo] = [
      await conectar({ allowHalfOpen: true }),
      await conectar({ allowHalfOpen: true }),
    ];
    const leido = [moderno, antiguo].map((socket) => text(socket));
    moderno.end(bytes);
    antiguo.end(bytes.replace('HTTP/1.1', 'HTTP/1.0'));
    await recibida;
    await once(moderno, 'readable');
    soltar();

    const [delModerno = '', delAntiguo = ''] = await Promise.all(leido);
    expect(delModerno).toMatch(/^(HTTP\/1\.1 102 Processing\r\n\r\n)+HTTP\/1\.1 201 /);
    expect(delAntiguo).toMatch(/^HTTP\/1\.1 201 /);
  });
});
