/** RSASSA-PSS as every reader takes it: of its many parameters one choice for each hash. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { X509Certificate } from 'node:crypto';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import { leerAlgoritmoDeFirma } from '../../../shared/x509/algoritmo-de-firma.ts';
import { HASHES_SEGUROS } from '../../../shared/x509/identificadores.ts';
import { leerCertificado, type CertificadoLeido } from '../../../shared/x509/leer-certificado.ts';
import { validarRuta } from '../../../shared/x509/ruta/validar-ruta.ts';
import { GO_REFEREE_SETUP_MS } from '../../support/referees/go-referee.ts';
import { lectorDeGo, type LectorEstricto } from '../../support/referees/lectores-estrictos.ts';
import { runProgram } from '../../support/procesos/run-program.ts';

describe('a signature that openssl made', () => {
  let carpeta: string;
  let go: LectorEstricto;
  beforeAll(async () => {
    carpeta = await mkdtemp(path.join(tmpdir(), 'pss-'));
    go = await lectorDeGo();
    await openssl('req', '-x509', ...clave('ca'), '-subj', '/CN=CA', '-days', '2', '-out', 'ca.pem');
  }, GO_REFEREE_SETUP_MS);
  afterAll(async () => {
    await go.end();
    await rm(carpeta, { recursive: true, force: true });
  });

  const clave = (nombre: string) => ['-newkey', 'rsa:2048', '-nodes', '-keyout', `${nombre}.key`];

  async function openssl(...args: string[]): Promise<void> {
    const { code, output } = await runProgram('openssl', args, carpeta);
    if (code !== 0) throw new Error(output);
  }

  async function leer(archivo: string): Promise<CertificadoLeido> {
    const lectura = leerCertificado(new X509Certificate(await readFile(path.join(carpeta, archivo))).raw);
    if (!lectura.legible) throw new Error(lectura.falta);
    return lectura.certificado;
  }

  it.each([
    ['sha256', 32, 'sha256', true],
    ['sha384', 48, 'sha384', true],
    ['sha512', 64, 'sha512', true],
    ['sha256', 20, 'sha256', false],
    ['sha256', 0, 'sha256', false],
    ['sha512', 32, 'sha512', false],
    ['sha256', 32, 'sha1', false],
    ['sha256', 32, 'sha512', false],
    ['sha256', 20, 'sha1', false],
  ])(
    'with %s, %i octets of salt and MGF1 with %s counts, or not (%s), as with the referee',
    async (hash, sal, deMgf1, vale) => {
      const opciones = ['rsa_padding_mode:pss', `rsa_pss_saltlen:${sal}`, `rsa_mgf1_md:${deMgf1}`];
      await openssl(
        ...['req', '-x509', ...clave('hoja'), '-subj', '/CN=HOJA', '-days', '1', '-out', 'hoja.pem'],
        ...['-CA', 'ca.pem', '-CAkey', 'ca.key', `-${hash}`],
        ...opciones.flatMap((una) => ['-sigopt', una]),
      );
      const [ca, hoja] = await Promise.all([leer('ca.pem'), leer('hoja.pem')]);

      const faltas = validarRuta([ca, hoja], { momento: new Date(), hashesDeFirma: HASHES_SEGUROS });
      const deGo = await go.juzgar(hoja.der, { raiz: ca.der, emisora: ca.der });

      expect(faltas).toEqual(vale ? [] : [expect.stringContaining('«RSASSA-PSS de parámetros que no todos')]);
      expect(deGo === 'VALE').toBe(vale);
    },
  );
});

describe('the parameters of RSASSA-PSS', () => {
  const SHA_256 = '0609608648016503040201';
  const MGF1 = '06092a864886f70d010108';
  const tlv = (etiqueta: string, ...partes: string[]) => {
    const dentro = partes.join('');
    return etiqueta + (dentro.length / 2).toString(16).padStart(2, '0') + dentro;
  };
  const hash = (parametros = '') => tlv('a0', tlv('30', SHA_256, parametros));
  const mgf1 = (parametros = '') => tlv('a1', tlv('30', MGF1, tlv('30', SHA_256, parametros)));
  const SAL = 'a203020120';

  it.each<[string, string | null, string | null]>([
    ['hashes with NULL', tlv('30', hash('0500'), mgf1('0500'), SAL), 'SHA-256'],
    ['hashes without', tlv('30', hash(), mgf1(), SAL), 'SHA-256'],
    ['one of each', tlv('30', hash(), mgf1('0500'), SAL), 'SHA-256'],
    ['all by default', '3000', 'SHA-1'],
    ['none', null, null],
    ['a hash with other parameters', tlv('30', hash('3000'), mgf1('0500'), SAL), null],
    ['a trailer that is spelled out', tlv('30', hash('0500'), mgf1('0500'), SAL, 'a303020101'), null],
    ['another trailer', tlv('30', hash('0500'), mgf1('0500'), SAL, 'a303020102'), null],
    ['a salt with an octet too many', tlv('30', hash('0500'), mgf1('0500'), 'a20402020020'), null],
    ['another order', tlv('30', mgf1('0500'), hash('0500'), SAL), null],
    ['a part twice', tlv('30', hash('0500'), mgf1('0500'), SAL, SAL), null],
    ['octets after them', `${tlv('30', hash('0500'), mgf1('0500'), SAL)}0500`, null],
    ['something else', '0500', null],
    ['no DER at all', '30ff', null],
  ])('%s', (_, hexadecimal, esperado) => {
    const algoritmo = new AlgorithmIdentifier({ algorithm: '1.2.840.113549.1.1.10' });
    if (hexadecimal !== null) algoritmo.parameters = new Uint8Array(Buffer.from(hexadecimal, 'hex')).buffer;

    expect(leerAlgoritmoDeFirma(algoritmo).hash).toBe(esperado);
  });
});
