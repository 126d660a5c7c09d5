/** The ways in which proxies write an address, and what they name. */
import { isIP } from 'node:net';
import fc from 'fast-check';
import { direccionEn } from '../../../../api/http/servidor/direccion.ts';
import { ApiDePrueba } from '../../../support/api/api-de-prueba.ts';
import { conMiembro, solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

const NOMBRADAS: [string, string][] = [
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7:4711', '203.0.113.7'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['[2001:db8::7]:4711', '2001:db8::7'],
  ['2001:db8::7', '2001:db8::7'],
  ['2001:DB8:0:0:0:0:0:7', '2001:db8::7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::FFFF:203.0.113.7', '203.0.113.7'],
  ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
  ['::ffff:cb00:7107', '203.0.113.7'],
  ['[::ffff:203.0.113.7]:4711', '203.0.113.7'],
  ['fe80::1%eth0', 'fe80::1'],
  ['[fe80::1%25eth0]:80', 'fe80::1'],
];
const NINGUNA = [
  '',
  'unknown',
  '_oculto',
  '203.0.113',
  '203.0.113.256',
  '203.0.113.7:',
  '203.0.113.7:puerto',
  '203.0.113.7:4711:1',
  '[203.0.113.7]',
  '[2001:db8::7',
  '2001:db8::7]',
  '[]',
  '[unknown]:80',
  '::ffff:203.0.113.700',
  '%eth0',
  '1',
  '0x7f.1',
];

it.each(NOMBRADAS)('%s names %s', (escrita, nombrada) => {
  expect(direccionEn(escrita)).toBe(nombrada);
});

it.each(NINGUNA)('%j names none', (escrita) => {
  expect(direccionEn(escrita)).toBeNull();
});

it('what is named is an address that names itself, however it was written', () => {
  const escrita = fc.oneof(
    fc.string(),
    fc.ipV4(),
    fc.ipV6(),
    fc.tuple(fc.ipV4(), fc.nat(70_000)).map(([ip, puerto]) => `${ip}:${puerto}`),
    fc.tuple(fc.ipV6(), fc.nat(70_000)).map(([ip, puerto]) => `[${ip}]:${puerto}`),
    fc.ipV4().map((ip) => `::ffff:${ip}`),
  );
  fc.assert(
    fc.property(escrita, (salto) => {
      const nombrada = direccionEn(salto);
      if (nombrada === null) return;
      expect(isIP(nombrada)).toBeGreaterThan(0);
      expect(direccionEn(nombrada)).toBe(nombrada);
    }),
  );
});

describe('a request that proxies forwarded', () => {
  const SIN_IP = conMiembro(solicitudDePrueba(), 'metadatos.ipOrigen', undefined);
  let api: ApiDePrueba;
  const conProxies = async (trustProxy: string) => {
    api = await ApiDePrueba.iniciar({ trustProxy });
  };
  const vista = async (cabeceras: Record<string, string>) => {
    await api.emitir(SIN_IP, cabeceras);
    return api.servicio.emitidas.at(-1)?.contexto.ipCliente;
  };
  afterEach(() => api.detener());

  it('comes from the address that the last hop names, however it writes it', async () => {
    await conProxies('1');
    for (const [escrita, nombrada] of NOMBRADAS)
      expect(await vista({ 'X-Forwarded-For': `198.51.100.1, ${escrita}` })).toBe(nombrada);
    for (const escrita of NINGUNA.filter((una) => una !== ''))
      expect(await vista({ 'X-Forwarded-For': `198.51.100.1, ${escrita}` })).toBe('127.0.0.1');
  });

  it.each([
    ['a hop with a port', '203.0.113.9, 10.0.0.1:80', '203.0.113.9'],
    ['IPv4 within IPv6', '203.0.113.9, ::ffff:10.0.0.1', '203.0.113.9'],
    ['brackets', '203.0.113.9:1, [fd00::1]:80', '203.0.113.9'],
    ['a hop that is not trusted', '203.0.113.9, 192.0.2.1:80', '192.0.2.1'],
    ['blanks and empty places', ' , 203.0.113.9 ,, 10.0.0.1:80 , ', '203.0.113.9'],
    ['a hop that names no address', '203.0.113.9, unknown, 10.0.0.1', '127.0.0.1'],
  ])('is judged by trusted hops as they are named: %s', async (_caso, reenviadas, esperada) => {
    await conProxies('loopback, 10.0.0.0/8, fd00::/8');
    expect(await vista({ 'X-Forwarded-For': reenviadas })).toBe(esperada);
  });

  it('is not read from Forwarded', async () => {
    await conProxies('1');
    expect(await vista({ Forwarded: 'for=203.0.113.7' })).toBe('127.0.0.1');
  });
});
