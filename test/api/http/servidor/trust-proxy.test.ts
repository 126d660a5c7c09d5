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
  ['the socket’s where nobody is trusted', undefined, '203.0.113.7', '127.0.0.1'],
  ['the socket’s where no hop is trusted', '0', '203.0.113.7', '127.0.0.1'],
  ['the last one forwarded where one hop is trusted', '1', '198.51.100.1, 203.0.113.7', '203.0.113.7'],
  [
    'the one before the last where two hops are trusted',
    '2',
    '192.0.2.9, 198.51.100.1, 203.0.113.7',
    '198.51.100.1',
  ],
  [
    'the last one forwarded where the proxy is trusted by its address',
    '127.0.0.1',
    '198.51.100.1, 203.0.113.7',
    '203.0.113.7',
  ],
  [
    'the one before the last where proxies are trusted by their networks',
    'loopback, 203.0.113.0/24',
    '198.51.100.1, 203.0.113.7',
    '198.51.100.1',
  ],
  ['the socket’s where another proxy is trusted', '10.0.0.1', '203.0.113.7', '127.0.0.1'],
  ['the one forwarded where that is IPv6', '1', '2001:db8::7', '2001:db8::7'],
  ['the IPv4 address within the IPv6 one forwarded', '1', '::ffff:203.0.113.7', '203.0.113.7'],
  ['the socket’s where what is forwarded is no address', '1', 'unknown', '127.0.0.1'],
  ['the socket’s where nothing is forwarded', '1', '', '127.0.0.1'],
])('the client’s address is %s', async (_caso, trustProxy, reenviadas, esperada) => {
  expect(await ipVista(trustProxy, { 'X-Forwarded-For': reenviadas })).toBe(esperada);
});

it('a header that comes in two lines is read as one', async () => {
  const dosLineas = ['198.51.100.1', '203.0.113.7'];
  expect(await ipVista('1', { 'X-Forwarded-For': dosLineas })).toBe('203.0.113.7');
});

it.each(['true', 'proxy.example.com', '10.0.0.0/99', '-1'])(
  'TRUST_PROXY that is %j stops the start',
  (trustProxy) => {
    const arrancar = () =>
      createApp({
        rutas: [],
        acceso: {
          identificar: () => Promise.reject(new Error()),
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
