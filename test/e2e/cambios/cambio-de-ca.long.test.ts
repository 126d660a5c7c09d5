/** The PKI changes its authorities: what the old and the new one issued is released while both are configured, and only then. */
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { Stack, solicitudNueva, type Respuesta } from '../../support/servidores/stack.ts';

jest.setTimeout(120_000);

const solicitudes = new Map(
  ['NUEVA-1', 'NUEVA-2', 'NUEVA-3', 'NUEVA-4'].map((codigo) => [codigo, solicitudNueva(codigo)]),
);
const PEDIDA_UNA_VEZ = { emisiones: 1, certificados: 3, llamadas: { paso1: 1, paso2: 1 } };

let stack: Stack;
let carpeta: string;
/** PEM of each hierarchy. Both bear the same names: only their keys differ. */
let antigua: string;
let nueva: string;

beforeAll(async () => {
  carpeta = await mkdtemp(join(tmpdir(), 'anclas-'));
  stack = await Stack.start();
  antigua = await stack.cadena();
  expect(emitidaPor(await stack.emitir(solicitudNueva('ANTES')), antigua)).toBe(true);
  await cambiarDeCa('ca', 'ca-antigua');
  nueva = await stack.cadena();
}, 180_000);
afterAll(async () => {
  await stack.stop();
  await rm(carpeta, { recursive: true });
});

test('of a chain that is not configured nothing is released, and the PKI is asked once for each', async () => {
  for (const [codigo, solicitud] of solicitudes) {
    const respuestas = [
      await stack.emitir(solicitud),
      await stack.emitir(solicitud),
      await stack.reejecutar(codigo),
    ];

    for (const { estadoHttp: http, sobre } of respuestas) {
      expect([http, sobre.error?.tipo]).toEqual([502, 'CERTIFICADO_NO_CONFORME']);
      const errores = sobre.error?.errores.map(({ detalleError }) => detalleError);
      expect(errores).toContainEqual(expect.stringContaining('cadena:'));
      expect(sobre.data?.certificados).toEqual([]);
    }
    expect(await stack.emisiones(codigo)).toMatchObject(PEDIDA_UNA_VEZ);
  }
});

test('once both are configured what was held is released as it was issued, and the PKI is not asked', async () => {
  await confiarEn(antigua + nueva);
  const [primera = '', ...otras] = solicitudes.keys();

  expect(emitidaPor(await stack.emitir(solicitudDe(primera)), nueva)).toBe(true);
  // The rest at once, as support does it.
  const { estadoHttp: http, cabeceras } = await stack.pedir({
    metodo: 'POST',
    ruta: 'reejecuciones',
    cuerpo: { motivo: 'Cambio de CA', filtro: { tipoError: 'CERTIFICADO_NO_CONFORME' } },
    cliente: 'soporte',
  });
  expect([http, cabeceras.has('location')]).toEqual([201, true]);
  for (const codigo of otras) {
    await stack.hastaEstado(codigo, 'COMPLETADO');
    expect(emitidaPor(await stack.emitir(solicitudDe(codigo)), nueva)).toBe(true);
  }

  for (const codigo of solicitudes.keys())
    expect(await stack.emisiones(codigo)).toMatchObject(PEDIDA_UNA_VEZ);
});

test('while both are configured the PKI may issue by either', async () => {
  expect(emitidaPor(await stack.emitir(solicitudNueva('POR-LA-NUEVA')), nueva)).toBe(true);
  await cambiarDeCa('ca', 'ca-nueva', 'ca-antigua');
  expect(emitidaPor(await stack.emitir(solicitudNueva('POR-LA-ANTIGUA')), antigua)).toBe(true);
});

test('once the old one is taken away what it issued is still answered, and it issues nothing more', async () => {
  await confiarEn(nueva);

  const de = solicitudNueva('TARDIA');
  expect((await stack.emitir(de)).sobre.error?.tipo).toBe('CERTIFICADO_NO_CONFORME');
  const { estadoHttp: http, sobre } = await stack.consultar('POR-LA-ANTIGUA');
  expect([http, sobre.data?.certificados.length]).toEqual([200, 3]);
});

/** The hierarchy that the PKI has goes aside; another takes its place, or one is made. */
async function cambiarDeCa(actual: string, aparte: string, siguiente?: string): Promise<void> {
  const enSimulador = (nombre: string) => join(stack.carpeta, 'simulador', nombre);
  await stack.matar('simulador');
  await rename(enSimulador(actual), enSimulador(aparte));
  if (siguiente !== undefined) await rename(enSimulador(siguiente), enSimulador(actual));
  await stack.arrancar('simulador');
}

/** As the runbook has it: the file first, then each worker anew. */
async function confiarEn(pem: string): Promise<void> {
  const archivo = join(carpeta, 'anclas.pem');
  await writeFile(archivo, pem);
  stack.configurar({ PKI_TRUST_ANCHORS: archivo });
  expect(await stack.detener('worker')).toBe(0);
  await stack.arrancar('worker');
}

function solicitudDe(codigo: string) {
  const solicitud = solicitudes.get(codigo);
  if (!solicitud) throw new Error(`no such request: ${codigo}`);
  return solicitud;
}

/** Whether all three certificates were released, and an authority of this chain signed each. */
function emitidaPor({ sobre }: Respuesta, cadena: string): boolean {
  const certificados = sobre.data?.certificados ?? [];
  const [, emisora = ''] = cadena.split(/(?=-----BEGIN)/);
  const { publicKey } = new X509Certificate(emisora);
  return (
    certificados.length === 3 &&
    certificados.every(({ certificadoBase64 }) =>
      new X509Certificate(Buffer.from(certificadoBase64, 'base64')).verify(publicKey),
    )
  );
}
