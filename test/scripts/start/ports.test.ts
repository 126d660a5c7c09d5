import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { PortsNotFree, pickFreePort, requireFreePorts } from '../../../scripts/start/ports.ts';

const HOST = '127.0.0.1';

async function takenPort() {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, release: () => server.close() };
}

test('a start names every taken port with its use and the variable that changes it', async () => {
  const [api, ui] = [await takenPort(), await takenPort()];

  const check = requireFreePorts(HOST, [
    { variable: 'PORT', port: api.port, use: 'API' },
    { variable: 'TEMPORAL_UI_PORT', port: ui.port, use: "Temporal's UI" },
  ]);

  await expect(check).rejects.toThrow(PortsNotFree);
  await expect(check).rejects.toThrow(new RegExp(`port ${api.port} \\(API\\) is taken.*: set PORT`));
  await expect(check).rejects.toThrow(new RegExp(`port ${ui.port} .*: set TEMPORAL_UI_PORT`));
  [api, ui].forEach(({ release }) => release());
});

test('two variables of one port are told apart', async () => {
  const port = await pickFreePort(HOST);

  const check = requireFreePorts(HOST, [
    { variable: 'PORT', port, use: 'API' },
    { variable: 'OIDC_PORT', port, use: 'issuer' },
  ]);

  await expect(check).rejects.toThrow(`OIDC_PORT and PORT are both ${port}`);
});

test('a HOST of another machine is named', async () => {
  const check = requireFreePorts('192.0.2.1', [{ variable: 'PORT', port: 18_080, use: 'API' }]);

  await expect(check).rejects.toThrow('HOST 192.0.2.1 is not an address of this machine');
});

test('free ports pass and stay free', async () => {
  const port = await pickFreePort(HOST);

  await requireFreePorts(HOST, [{ variable: 'PORT', port, use: 'API' }]);

  await expect(requireFreePorts(HOST, [{ variable: 'PORT', port, use: 'API' }])).resolves.toBeUndefined();
});
