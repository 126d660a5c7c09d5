/** deploy/kubernetes: what each process would find there is what it reads, and nothing in it has more rights than it needs. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { API } from '../../api/configuracion.ts';
import { CODEC } from '../../api/codec/configuracion.ts';
import { CLIENTS } from '../../deploy/temporal/certificates.ts';
import { BITACORA } from '../../shared/bitacora/configuracion.ts';
import { generarClaveDeFirma } from '../../shared/bitacora/punto-de-control/nota.ts';
import { ACEPTACION, ADAPTADOR, EJECUCION } from '../../shared/emision/configuracion.ts';
import { leerConfiguracion } from '../../shared/runtime/config.ts';
import { CLAVES, COMUN, TEMPORAL, TRAZAS } from '../../shared/runtime/secciones.ts';
import { WORKER } from '../../worker/configuracion.ts';
import { variablesDe } from '../support/secciones.ts';

const recurso = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }).optional(),
  data: z.record(z.string(), z.string()).optional(),
  spec: z.unknown().optional(),
});

const contenedor = z.looseObject({
  image: z.string(),
  command: z.array(z.string()),
  env: z.array(
    z.object({
      name: z.string(),
      value: z.string().optional(),
      valueFrom: z
        .object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }).loose() })
        .optional(),
    }),
  ),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
  securityContext: z.unknown(),
});
const despliegue = z.looseObject({
  template: z.looseObject({
    spec: z.looseObject({
      terminationGracePeriodSeconds: z.number(),
      automountServiceAccountToken: z.boolean(),
      securityContext: z.unknown(),
      containers: z.tuple([contenedor]),
      volumes: z.array(
        z.looseObject({
          name: z.string(),
          secret: z.object({ secretName: z.string(), defaultMode: z.number() }).optional(),
        }),
      ),
    }),
  }),
});

const CARPETA = 'deploy/kubernetes';
const ARCHIVOS = globSync(`${CARPETA}/{*,worker/*}.yaml`);
const leerYaml = (archivo: string): unknown => parse(readFileSync(join(CARPETA, archivo), 'utf8'));
const RECURSOS = ARCHIVOS.flatMap((archivo) =>
  parseAllDocuments(readFileSync(archivo, 'utf8')).map((documento) => recurso.parse(documento.toJS())),
);
const de = (kind: string) => RECURSOS.filter((uno) => uno.kind === kind);
const DESPLIEGUES = de('Deployment').map(({ metadata, spec }) => ({
  nombre: metadata?.name ?? '',
  pod: despliegue.parse(spec).template.spec,
}));
const [{ data: CONFIGURACION = {} } = {}] = de('ConfigMap');

const SECRETOS: Record<string, string> = {
  DATABASE_URL: 'postgres://registro:secreto@postgres:5432/registro',
  CLAVES_CIFRADO: `2026-01:${randomBytes(32).toString('base64')}`,
  CLAVE_HUELLA: randomBytes(32).toString('base64'),
  BITACORA_CLAVE_FIRMA: generarClaveDeFirma('registro.example/bitacora'),
  PKI_ADAPTER_TOKEN: 'token',
  CODEC_CLIENT_SECRET: 'secreto',
};

const COMUNES = { comun: COMUN, claves: CLAVES, temporal: TEMPORAL, trazas: TRAZAS };
const LEIDAS = {
  api: { ...COMUNES, api: API, aceptacion: ACEPTACION, adaptador: ADAPTADOR },
  worker: { ...COMUNES, worker: WORKER, adaptador: ADAPTADOR, ejecucion: EJECUCION, bitacora: BITACORA },
  codec: { ...COMUNES, api: API, codec: CODEC },
};

const kustomizacion = z.looseObject({ resources: z.array(z.string()) });

test.each(['.', 'worker'])('kustomization.yaml of %s names every file', (carpeta) => {
  const { resources } = kustomizacion.parse(leerYaml(join(carpeta, 'kustomization.yaml')));
  const nombradas = resources.map((nombre) =>
    nombre.endsWith('.yaml') ? nombre : `${nombre}/kustomization.yaml`,
  );
  const archivos = globSync(`${CARPETA}/${carpeta}/*.yaml`).map((archivo) => basename(archivo));

  expect(nombradas.filter((nombre) => !existsSync(join(CARPETA, carpeta, nombre)))).toEqual([]);
  expect(nombradas).toEqual(
    expect.arrayContaining(archivos.filter((archivo) => archivo !== 'kustomization.yaml')),
  );
});

const { version: VERSION } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const IMAGENES = [{ name: 'ms-coreog-certificados-digitales', newTag: VERSION }];

test('it is the version of package.json', () => {
  expect(leerYaml('kustomization.yaml')).toMatchObject({ images: IMAGENES });
});

test('workers of one version carry it wherever two versions must differ', () => {
  expect(leerYaml('worker-version/kustomization.yaml')).toMatchObject({
    resources: ['../worker'],
    nameSuffix: `-${VERSION.replaceAll('.', '-')}`,
    labels: [{ pairs: { version: VERSION }, includeSelectors: true }],
    images: IMAGENES,
    patches: [
      {
        target: { kind: 'Deployment', name: 'worker' },
        patch: expect.stringContaining(`value: { name: WORKER_VERSION, value: ${VERSION} }`) as unknown,
      },
    ],
  });
  expect(variablesDe([WORKER])).toContain('WORKER_VERSION');
});

describe.each(DESPLIEGUES)('$nombre', ({ nombre, pod }) => {
  const [{ env, command, ports, securityContext, image }] = pod.containers;
  const entorno = {
    ...CONFIGURACION,
    ...Object.fromEntries(
      env.map(({ name, value, valueFrom }) => [name, value ?? SECRETOS[valueFrom?.secretKeyRef.key ?? '']]),
    ),
  };
  const leidas = LEIDAS[nombre as keyof typeof LEIDAS];

  test('finds all that it reads, and reads all that it is given', () => {
    expect(() => leerConfiguracion(leidas, entorno)).not.toThrow();
    const propias = env.map(({ name }) => name);
    const conocidas = variablesDe(Object.values(leidas));
    expect(propias.filter((variable) => !conocidas.has(variable))).toEqual([]);
    expect(Object.values(entorno)).not.toContain(undefined);
  });

  test('runs a program of the image, at the port that it is probed at', () => {
    expect(image).toBe('ms-coreog-certificados-digitales');
    expect(command).toEqual(['node', `servicio/${nombre}.ts`]);
    const escucha = { api: 'PORT', worker: 'WORKER_PORT', codec: 'CODEC_PORT' }[nombre] ?? '';
    expect(ports).toEqual([{ name: 'http', containerPort: Number(entorno[escucha]) }]);
  });

  test('calls Temporal by a certificate of its own', () => {
    const tls = pod.volumes.find(({ name }) => name === 'temporal-tls');
    expect(tls?.secret?.secretName).toBe(`coreog-temporal-tls-${nombre}`);
    expect(CLIENTS).toContain(nombre);
  });

  test('has the rights of nobody', () => {
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });
});

test('a worker that stops has the time of an attempt at the PKI, and more', () => {
  const { pod } = DESPLIEGUES.find(({ nombre }) => nombre === 'worker') ?? {};
  const { ejecucion } = leerConfiguracion({ ejecucion: EJECUCION }, { ...CONFIGURACION, ...SECRETOS });
  const intentoS = ejecucion.PKI_TIMEOUT_MS / 1_000;
  expect(pod?.terminationGracePeriodSeconds).toBeGreaterThan(2 * intentoS);
});

test('what is secret is in no file', () => {
  const texto = ARCHIVOS.map((archivo) => readFileSync(archivo, 'utf8')).join('\n');
  expect(de('Secret')).toEqual([]);
  expect(Object.keys(CONFIGURACION).filter((variable) => Object.hasOwn(SECRETOS, variable))).toEqual([]);
  expect(texto).not.toMatch(/PRIVATE|postgres:\/\//);
});
