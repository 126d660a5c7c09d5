import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const abiertos: Server[] = [];
afterEach(async () => {
  for (const server of abiertos.splice(0)) {
    server.close();
    await once(server, 'close');
  }
});

async function responderCon(status: number): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end());
  abiertos.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/health/ready`;
}

/** As the container runs it. */
function codigoDeSalida(url: string): Promise<number> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['deploy/health.ts', url], (error) => {
      resolve(error === null ? 0 : Number(error.code));
    });
  });
}

it.each([
  [200, 0],
  [503, 1],
  [404, 1],
])('the health check of a server that answers %i exits %i', async (status, codigo) => {
  expect(await codigoDeSalida(await responderCon(status))).toBe(codigo);
});

it('the health check of a port where nobody listens fails', async () => {
  const url = await responderCon(200);
  const [server] = abiertos.splice(0);
  server?.close();

  expect(await codigoDeSalida(url)).toBe(1);
});
