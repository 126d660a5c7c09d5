import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leerFinDelEmisor } from '../../../../api/emision/emitir/vigencia-del-emisor.ts';
import { cleanUp, startSimulator } from '../../../support/pki/running-simulator.ts';
import { ApiDePrueba, detallesDe } from '../../../support/api/api-de-prueba.ts';
import { crearCaDePrueba } from '../../../support/pki/ca-de-prueba.ts';
import { conMiembro, solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

const ANIO_MS = 365 * 24 * 3_600_000;
const RAIZ_HASTA = new Date('2040-01-01T00:00:00Z');
const EMISORA_HASTA = new Date('2030-06-01T00:00:00Z');

let carpeta: string;
beforeAll(async () => {
  carpeta = await mkdtemp(join(tmpdir(), 'anclas-'));
});
afterEach(cleanUp);
afterAll(() => rm(carpeta, { recursive: true }));

async function finDe(pem: string): Promise<Date | null> {
  const archivo = join(carpeta, 'anclas.pem');
  await writeFile(archivo, pem);
  return leerFinDelEmisor(archivo);
}

it('the issuer’s end is that of the intermediate, whatever its root says and wherever it stands', async () => {
  const { raiz, emisora } = await crearCaDePrueba({ hasta: RAIZ_HASTA, emisora: { hasta: EMISORA_HASTA } });
  expect(await finDe(`${raiz.toString('pem')}\n${emisora.toString('pem')}`)).toEqual(EMISORA_HASTA);
  expect(await finDe(`# texto\n${emisora.toString('pem')}\n\n${raiz.toString('pem')}\n`)).toEqual(
    EMISORA_HASTA,
  );
});

it('the issuer’s end is the latest of several, since the PKI may issue by any of them', async () => {
  const [una, otra] = await Promise.all([
    crearCaDePrueba({ hasta: RAIZ_HASTA, emisora: { hasta: EMISORA_HASTA } }),
    crearCaDePrueba({ hasta: RAIZ_HASTA, emisora: { hasta: new Date('2029-01-01T00:00:00Z') } }),
  ]);
  expect(await finDe(una.anclasPem + otra.anclasPem)).toEqual(EMISORA_HASTA);
});

it('the issuer’s end is that of the root where it issues by itself', async () => {
  const { raiz } = await crearCaDePrueba({ hasta: RAIZ_HASTA });
  expect(await finDe(raiz.toString('pem'))).toEqual(RAIZ_HASTA);
});

it('the issuer’s end is not known without a file', () => {
  expect(leerFinDelEmisor(undefined)).toBeNull();
});

it.each([
  ['that is not there', null],
  ['that is empty', ''],
  ['that holds no certificate', 'hola'],
  ['that holds a broken one', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
])('a file %s stops the start, by the name of its variable', async (_caso, contenido) => {
  const archivo = join(carpeta, contenido === null ? 'no-existe.pem' : 'mala.pem');
  if (contenido !== null) await writeFile(archivo, contenido);
  expect(() => leerFinDelEmisor(archivo)).toThrow(/PKI_TRUST_ANCHORS: .+\.pem: ./);
});

it("the simulator's authority outlives certificates of 4 years, by years to come", async () => {
  const { chainPem } = await startSimulator();
  const fin = await finDe(chainPem);
  expect(fin?.getTime()).toBeGreaterThan(Date.now() + (4 + 10) * ANIO_MS);
});

it('a request that would outlive the issuer is refused by 422, unless it was accepted before', async () => {
  const { anclasPem } = await crearCaDePrueba({ hasta: RAIZ_HASTA, emisora: { hasta: EMISORA_HASTA } });
  const reglas = { documentosAdmitidos: new Map([['DNI', /^\d{8}$/]]), finDelEmisor: await finDe(anclasPem) };
  const api = await ApiDePrueba.iniciar({ reglas });
  try {
    const respuesta = await api.emitir(solicitudDePrueba());
    expect([respuesta.estadoHttp, respuesta.sobre.error?.tipo]).toEqual([
      422,
      'CIUDADANO_NO_CUMPLE_REQUISITOS',
    ]);
    expect(detallesDe(respuesta)).toEqual([
      expect.stringMatching(/^configuracionCertificados\.vigenciaAnios: .+ \(regla VIGENCIA_DEL_EMISOR\)$/),
    ]);
    expect(api.servicio.emitidas).toEqual([]);
    const masCorta = conMiembro(solicitudDePrueba(), 'configuracionCertificados.vigenciaAnios', 3);
    expect((await api.emitir(masCorta)).estadoHttp).toBe(201);
    // Its codigo is known now: a repeat of what was accepted is answered, whatever the rules have become.
    expect((await api.emitir(solicitudDePrueba())).estadoHttp).toBe(201);
  } finally {
    await api.detener();
  }
});
