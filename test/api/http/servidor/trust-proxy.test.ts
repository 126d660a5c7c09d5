/** Whose address counts as the client's: TRUST_PROXY. The tests' own connection comes from 127.0.0.1. */
import { pino } from 'pino';
import { createApp } from '../../../../api/http/servidor/app.ts';
import { ConfiguracionInvalida } from '../../../../shared/runtime/config.ts';
import { ApiDePrueba } from '../../../support/api/api-de-prueba.ts';
import { conMiembro, solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

const SIN_IP = conMiembro(solicitudDePrueba(), 'metadatos.ipOrigen', undefined);

async function ipVista(
  trustProxy: string | undefined,
  cabeceras: Record<string, string | string[]>,
): Promise<string | undefined> {
  const api = await ApiDePrueba.iniciar({ trustProxy });
  try {
    await api.emitir(SIN_IP, cabeceras);
    return api.servicio.emitidas[0]?.contexto.ipCliente;
  } finally {
    await api.detener();
  }
}

it.each([
  ['nobody is trusted', undefined, '203.0.113.7', '127.0.0.1'],
  ['no hop is trusted', '0', '203.0.113.7', '127.0.0.1'],
  ['one hop: the last address', '1', '198.51.100.1, 203.0.113.7', '203.0.113.7'],
  ['two hops: the one before it', '2', '192.0.2.9, 198.51.100.1, 203.0.113.7', '198.51.100.1'],
  ['the proxy by its address', '127.0.0.1', '198.51.100.1, 203.0.113.7', '203.0.113.7'],
  ['proxies by their networks', 'loopback, 203.0.113.0/24', '198.51.100.1, 203.0.113.7', '198.51.100.1'],
  ['a proxy that is another', '10.0.0.1', '203.0.113.7', '127.0.0.1'],
  ['IPv6', '1', '2001:db8::7', '2001:db8::7'],
  ['IPv4 in IPv6', '1', '::ffff:203.0.113.7', '203.0.113.7'],
  ['what is no address', '1', 'unknown', '127.0.0.1'],
  ['nothing forwarded', '1', '', '127.0.0.1'],
])('%s', async (_caso, trustProxy, reenviadas, esperada) => {
  expect(await ipVista(trustProxy, { 'X-Forwarded-For': reenviadas })).toBe(esperada);
});

it('reads a header that comes in two lines as one', async () => {
  const dosLineas = ['198.51.100.1', '203.0.113.7'];
  expect(await ipVista('1', { 'X-Forwarded-For': dosLineas })).toBe('203.0.113.7');
});

it.each(['true', 'proxy.example.com', '10.0.0.0/99', '-1'])(
  'stops the start where it is %j',
  (trustProxy) => {
    const arrancar = () =>
      createApp({
        rutas: [],
        acceso: {
          verificarToken: () => Promise.reject(new Error()),
          entrarAlServicio: () => () => undefined,
          limitarPeticion: () => Promise.resolve(),
        },
        medirPeticion: () => undefined,
        logger: pino({ level: 'silent' }),
        reloj: () => new Date(),
        trustProxy,
      });
    expect(arrancar).toThrow(ConfiguracionInvalida);
    expect(arrancar).toThrow(/TRUST_PROXY: ./);
  },
);
