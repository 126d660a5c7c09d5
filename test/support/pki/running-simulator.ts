/** A simulator on a free port, and a caller of its two endpoints. Each has its own folder unless one is given. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../../simulator/pki/simulator.ts';

export const BASE = '/api/v1/adaptador/MsAdaptadorPKI';
export const TIPOS = ['FIRMA_DIGITAL', 'AUTENTICACION', 'CIFRADO'] as const;

export interface Answer<Data> {
  status: number;
  headers: Headers;
  body: {
    success: boolean;
    statusCode: number;
    message: string;
    data: Data;
    metadata: Record<string, unknown>;
    error?: { tipo: string; titulo: string; estado: number; errores: { detalleError: string }[] };
  };
}

export interface Numeros {
  solicitudPkiId: string;
  numerosSolicitud: { tipoCertificado: string; numeroSolicitud: string }[];
}

export interface Certificado {
  tipoCertificado: string;
  certificadoId: string;
  numeroSerie: string;
  fechaEmision: string;
  fechaVencimiento: string;
  estadoCertificado: string;
  certificadoBase64: string;
}

export interface RunningSimulator extends Simulator {
  url: string;
  dataDir: string;
}

const folders: string[] = [];
const running: Simulator[] = [];

export async function newDataDir(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'simulador-'));
  folders.push(folder);
  return folder;
}

/** EC keys and no latency unless the test is about them. */
export async function startSimulator(options: Partial<SimulatorOptions> = {}): Promise<RunningSimulator> {
  const dataDir = options.dataDir ?? (await newDataDir());
  const simulator = await createSimulator({
    latencyMs: 0,
    keyType: 'EC',
    publicBaseUrl: 'http://pki.example.com',
    ...options,
    dataDir,
  });
  running.push(simulator);
  simulator.server.listen(0, '127.0.0.1');
  await once(simulator.server, 'listening');
  const { port } = simulator.server.address() as AddressInfo;
  return { ...simulator, dataDir, url: `http://127.0.0.1:${port}` };
}

export async function stopSimulator(simulator: RunningSimulator): Promise<void> {
  running.splice(
    running.findIndex(({ server }) => server === simulator.server),
    1,
  );
  await simulator.close();
}

/** For afterEach: closes every simulator that the test started and removes its folders. */
export async function cleanUp(): Promise<void> {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()));
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
}

export interface Case {
  codigo?: string;
  numeroDocumento?: string;
  tipoDocumento?: string;
  tipoCertificados?: readonly string[];
  vigenciaAnios?: number;
  ciudadano?: Record<string, unknown>;
}

export function bodyOfStep1(given: Case = {}) {
  return { solicitud: solicitudOf(given), ...configuracionOf(given) };
}

export function bodyOfStep2(given: Case, numeros: Numeros) {
  return {
    ...numeros,
    solicitud: solicitudOf(given),
    ciudadano: {
      nombres: 'María Elena',
      apellidoPaterno: 'Quispe',
      apellidoMaterno: 'Ñahui',
      fechaNacimiento: '1990-05-17',
      sexo: 'F',
      correoElectronico: 'maria.quispe@example.com',
      departamento: 'Lima',
      provincia: 'Lima',
      distrito: 'Miraflores',
      ...given.ciudadano,
    },
    configuracionCertificados: configuracionOf(given),
  };
}

export async function step1(url: string, given: Case = {}, key?: string): Promise<Answer<Numeros>> {
  return post(`${url}${BASE}/generarNumerosSolicitud2`, bodyOfStep1(given), key);
}

export async function step2(
  url: string,
  given: Case,
  numeros: Numeros,
  key?: string,
): Promise<Answer<{ certificados: Certificado[] }>> {
  return post(`${url}${BASE}/generarCertificadoDigitalDniE`, bodyOfStep2(given, numeros), key);
}

/** Both steps, without keys. */
export async function issue(url: string, given: Case = {}): Promise<Certificado[]> {
  const numeros = await step1(url, given);
  return (await step2(url, given, numeros.body.data)).body.data.certificados;
}

/** @param body sent as it is where it is text */
export async function post<Data>(url: string, body: unknown, key?: string): Promise<Answer<Data>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(key !== undefined && { 'Idempotency-Key': key }) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const { status, headers } = response;
  return { status, headers, body: (await response.json()) as Answer<Data>['body'] };
}

export async function emisionesOf(url: string, codigo?: string): Promise<Record<string, unknown>> {
  const suffix = codigo === undefined ? '' : `/${encodeURIComponent(codigo)}`;
  const response = await fetch(`${url}/simulador/emisiones${suffix}`);
  return (await response.json()) as Record<string, unknown>;
}

export async function download(url: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

export function pemOf({ certificadoBase64 }: Certificado): string {
  const lines = certificadoBase64.match(/.{1,64}/g)?.join('\n') ?? '';
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** The only type asked for. */
export async function issueOne(url: string, tipo: string, given: Case = {}): Promise<string> {
  const [certificado] = await issue(url, { ...given, tipoCertificados: [tipo] });
  if (certificado === undefined) throw new Error('nothing was issued');
  return pemOf(certificado);
}

/** The PEMs of a chain file, root first. */
export function partsOf(chainPem: string): { rootPem: string; issuingPem: string } {
  const [rootPem, issuingPem, ...others] = chainPem.split(/(?=-----BEGIN)/);
  if (rootPem === undefined || issuingPem === undefined || others.length > 0) {
    throw new Error('a chain holds a root and an issuing authority');
  }
  return { rootPem, issuingPem };
}

export function seriesOf(certificados: Certificado[]): string[] {
  return certificados.map(({ numeroSerie }) => numeroSerie).sort();
}

function solicitudOf({ codigo = 'SOL-1', numeroDocumento = '45678912', tipoDocumento = 'DNI' }: Case) {
  return { numeroDocumento, tipoDocumento, codigoSolicitudTramite: codigo, numeroTramite: 'TRA-1' };
}

function configuracionOf({ tipoCertificados = TIPOS, vigenciaAnios = 4 }: Case) {
  return { tipoCertificados, vigenciaAnios };
}
