/**
 * The only reader of process.env. Each process parses its part once, at start; every bad variable is named.
 * docs/configuration.md lists them all.
 */
import { z } from 'zod';

/** What may be shown of a bad value; one that could hold a secret is never. */
const recibido = (input: unknown) => `; received ${JSON.stringify(String(input).slice(0, 40))}`;

/** @param minimo and maximo that it may be itself */
function numero(minimo: number, maximo = Infinity, entero = true) {
  const forma = [
    entero ? 'must be a whole number' : 'must be a number',
    maximo === Infinity ? `of ${minimo} or more` : `from ${minimo} to ${maximo}`,
  ].join(' ');
  const cabe = (texto: string) => {
    const valor = texto.trim() === '' ? NaN : Number(texto);
    return (
      valor >= minimo && valor <= maximo && (entero ? Number.isSafeInteger(valor) : Number.isFinite(valor))
    );
  };
  return z
    .string()
    .refine(cabe, { error: ({ input }) => `${forma}${recibido(input)}` })
    .transform(Number);
}

function unoDe<const V extends readonly string[]>(valores: V) {
  return z.enum(valores, {
    error: ({ input }) => `must be ${valores.join(', ').replace(/, (?!.*, )/, ' or ')}${recibido(input)}`,
  });
}

const FALTA = 'is missing';

const puerto = (porDefecto: number) => numero(0, 65_535).default(porDefecto);
const entero = (porDefecto: number) => numero(1).default(porDefecto);
const milisegundos = entero;
const texto = z.string(FALTA).min(1);
const booleano = unoDe(['true', 'false']).transform((valor) => valor === 'true');
const urlHttp = z
  .url({
    protocol: /^https?$/,
    error: ({ input }) =>
      input === undefined ? FALTA : 'must be an address: http://host:port or https://host',
  })
  .transform((valor) => valor.replace(/\/+$/, ''));

const urlDePostgres = z.string().refine(esUrlDePostgres, {
  error:
    'must be postgres://user:password@host:5432/database; in user and password each of % / ? # @ : and blanks as %25 %2F %3F %23 %40 %3A %20',
});

/** As PostgreSQL's driver reads it, which also takes a socket: its folder as `?host=`, `socket:` or a path. */
function esUrlDePostgres(valor: string): boolean {
  if (/^(socket:|\/)/.test(valor)) return true;
  return (
    /^postgres(ql)?:\/\//.test(valor) &&
    URL.canParse(valor.replace(/^(\w+:\/\/)([^/?#]*@)?(?=[/?]|$)/, '$1$2localhost'))
  );
}

const comun = {
  NODE_ENV: unoDe(['production', 'development', 'test']).default('development'),
  HOST: texto.default('127.0.0.1'),
  DATA_DIR: texto.default('./.data'),
  LOG_LEVEL: unoDe(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** PostgreSQL of the register. Where it is given, others share the data: no key is made at start. */
  DATABASE_URL: urlDePostgres.optional(),
};

/** What tells whether a secret that is missing may be made, and where. Its form is told by `comun`, which all read too. */
const lugar = {
  NODE_ENV: texto.default('development'),
  DATA_DIR: comun.DATA_DIR,
  DATABASE_URL: texto.optional(),
};

/** Keys that protect what is at rest. Base64, 32 bytes each. */
const claves = {
  /** "id:base64,id:base64": the first encrypts, all decrypt (rotation). */
  CLAVES_CIFRADO: texto.optional(),
  /** HMAC key of citizens' documents and requests; not part of the ring: changing it would lose every lock. */
  CLAVE_HUELLA: texto.optional(),
};

const motor = {
  TEMPORAL_ADDRESS: texto.optional(),
  TEMPORAL_NAMESPACE: texto.default('default'),
  /** Whether the adapter keeps the promises of docs/adapter.md. No default in production. */
  PKI_ADAPTER_IDEMPOTENTE: booleano.optional(),
};

const api = {
  PORT: puerto(8080),
  OIDC_ISSUER: urlHttp,
  OIDC_AUDIENCE: texto.default('MsCoreogCertificadosDigitales'),
  ESPERA_SINCRONA_MS: milisegundos(25_000),
  /** Requests a minute of one client (token) and of one office (X-Office-Code), over all replicas of one PostgreSQL. */
  LIMITE_CLIENTE_POR_MINUTO: entero(600),
  LIMITE_OFICINA_POR_MINUTO: entero(300),
  /** Connections that are open at once, a process; one more takes the place of an idle one. */
  CONEXIONES_MAX: entero(1000),
  /** Requests that are worked on at once, a process, without those that wait; beyond them the API sheds load. */
  PETICIONES_SIMULTANEAS_MAX: entero(100),
  /** Requests that wait for an issuance at once, a process; beyond them the API sheds load. */
  ESPERAS_SIMULTANEAS_MAX: entero(200),
  /** Issuances under way at once, in the whole system; beyond them the API accepts none. */
  EMISIONES_ABIERTAS_MAX: entero(2000),
  /** Given, a request whose certificates would outlive every issuing authority of this file is refused (docs/rules.md). */
  PKI_TRUST_ANCHORS: texto.optional(),
  /** Express's "trust proxy": a number of hops, or addresses. */
  TRUST_PROXY: texto.optional(),
  /** Document kinds accepted and their form: "KIND:regexp,KIND:regexp". */
  DOCUMENTOS_ADMITIDOS: texto.default('DNI:[0-9]{8}'),
};

const worker = {
  /** Health and metrics of a worker that runs alone. */
  WORKER_PORT: puerto(8081),
  /** Of a worker that runs alone: Temporal then keeps each issuance on the version that it began on (ADR 35). */
  WORKER_VERSION: z
    .string()
    .regex(/^[\w.+-]{1,64}$/, 'must be 1 to 64 letters, digits or . _ + -')
    .optional(),
  PKI_ADAPTER_URL: urlHttp,
  PKI_ADAPTER_TOKEN: texto.optional(),
  PKI_TRUST_ANCHORS: texto,
  PKI_TIMEOUT_MS: milisegundos(10_000),
  VENTANA_REINTENTO_MS: milisegundos(900_000),
  /** Days after the end of an issuance: then its request goes, and only what the record needs stays. 0: never. */
  RETENCION_DIAS: numero(0, Infinity, false).default(90),
  /** Days in which a failed issuance may run again; where longer than RETENCION_DIAS, its request stays so long. */
  VENTANA_REEJECUCION_DIAS: numero(0, Infinity, false).default(180),
  /** JSON file that replaces the certificate profile of docs/certificates.md. */
  PERFIL_CERTIFICADOS: texto.optional(),
  /** How often the register is compared with Temporal. Temporal's Schedules count whole seconds. */
  CONCILIACION_CADA_MS: numero(1000).default(300_000),
};

/** The audit log. Its key signs checkpoints and nothing else. */
const bitacora = {
  /** "PRIVATE+KEY+name+hash+key": made by `npm run bitacora -- nueva-clave NAME`. */
  BITACORA_CLAVE_FIRMA: texto.optional(),
  /** Public keys with which earlier checkpoints were signed, by commas. */
  BITACORA_CLAVES_ANTERIORES: texto.optional(),
  /** File that holds the newest checkpoint, on another disk than the database. */
  BITACORA_TESTIGO_ARCHIVO: texto.optional(),
  /** Submission prefix of a witness of c2sp.org/tlog-witness, and the public key of its signatures. */
  BITACORA_TESTIGO_URL: urlHttp.optional(),
  BITACORA_TESTIGO_CLAVE: texto.optional(),
};

const simulador = {
  SIMULADOR_PORT: puerto(8090),
  /** Latency of each of the two endpoints. */
  SIMULADOR_LATENCIA_MS: numero(0).default(50),
  SIMULADOR_TIPO_CLAVE: unoDe(['RSA', 'EC']).default('RSA'),
  /** False: an adapter that does its work again at every call. */
  SIMULADOR_IDEMPOTENTE: booleano.default(true),
  /** Waits of the sandbox's slow and late documents: below and beyond PKI_TIMEOUT_MS. */
  SIMULADOR_LENTO_MS: milisegundos(3000),
  SIMULADOR_TARDIO_MS: milisegundos(12_000),
  /** A profile of faults ("hostil") or a plan in JSON (docs/sandbox.md), and the seed that repeats it. */
  SIMULADOR_FALLAS: texto.optional(),
  SIMULADOR_SEMILLA: texto.default('1'),
  /** Base of the public names inside certificates: never an address. */
  SIMULADOR_BASE_PUBLICA: urlHttp.default('http://pki.example.com'),
};

const emisorOidc = {
  OIDC_PORT: puerto(8091),
  /** The issuer's own name, where clients reach it by another address than HOST and OIDC_PORT. */
  OIDC_ISSUER: urlHttp.optional(),
  OIDC_AUDIENCE: texto.default('MsCoreogCertificadosDigitales'),
};

const inicio = {
  PORT: puerto(8080),
  TEMPORAL_PORT: puerto(7233),
  TEMPORAL_UI_PORT: puerto(8233),
  SIMULADOR_PORT: puerto(8090),
  OIDC_PORT: puerto(8091),
  CODEC_PORT: puerto(8092),
  TEMPORAL_CLI_PATH: texto.optional(),
  PKI_ADAPTER_URL: urlHttp.optional(),
  PKI_TRUST_ANCHORS: texto.optional(),
  OIDC_ISSUER: urlHttp.optional(),
};

/** Which Temporal a command gives its order to: by default that of `npm start`. */
const destino = {
  TEMPORAL_ADDRESS: texto.optional(),
  TEMPORAL_NAMESPACE: texto.default('default'),
  TEMPORAL_PORT: puerto(7233),
};

/** Who calls the API from the command line: `npm run emitir`. */
const cliente = {
  PORT: puerto(8080),
  OIDC_PORT: puerto(8091),
  PKI_TRUST_ANCHORS: texto.optional(),
  /** Token of another issuer than the one for development. */
  EMITIR_TOKEN: texto.optional(),
};

const SECCIONES = {
  comun: z.object(comun),
  claves: z.object({ ...lugar, ...claves }),
  motor: z
    .object({ ...motor, NODE_ENV: comun.NODE_ENV })
    .refine(
      ({ NODE_ENV, PKI_ADAPTER_IDEMPOTENTE }) =>
        NODE_ENV !== 'production' || PKI_ADAPTER_IDEMPOTENTE !== undefined,
      {
        path: ['PKI_ADAPTER_IDEMPOTENTE'],
        message:
          'must be true or false in production: whether the adapter repeats the answer of a key (docs/configuration.md)',
      },
    )
    .transform((leida) => ({ ...leida, PKI_ADAPTER_IDEMPOTENTE: leida.PKI_ADAPTER_IDEMPOTENTE ?? true })),
  api: z.object(api),
  worker: z.object(worker),
  bitacora: z.object({ ...lugar, ...bitacora }),
  /** Parts of the others whose values are read further, each by itself. */
  anclas: z.object({ PKI_TRUST_ANCHORS: worker.PKI_TRUST_ANCHORS }),
  perfil: z.object({ PERFIL_CERTIFICADOS: worker.PERFIL_CERTIFICADOS }),
  reglas: z.object({
    DOCUMENTOS_ADMITIDOS: api.DOCUMENTOS_ADMITIDOS,
    PKI_TRUST_ANCHORS: api.PKI_TRUST_ANCHORS,
    TRUST_PROXY: api.TRUST_PROXY,
  }),
  /** Whoever needs the register and nothing else. */
  base: z.object({ DATABASE_URL: comun.DATABASE_URL }),
  /** Whoever needs its folder and nothing else. */
  carpeta: z.object({ DATA_DIR: comun.DATA_DIR }),
  simulador: z.object(simulador),
  emisorOidc: z.object(emisorOidc),
  inicio: z.object(inicio),
  destino: z.object(destino),
  cliente: z.object(cliente),
};

type Secciones = typeof SECCIONES;
export type Configuracion<S extends keyof Secciones> = { [K in S]: z.infer<Secciones[K]> };

export type Entorno = Record<string, string | undefined>;

/** What a process says in words, without a stack, where it ends before it began to work. */
export class NoPuedeArrancar extends Error {}

/** One error that names every variable at fault, with what is expected of it. */
export class ConfiguracionInvalida extends NoPuedeArrancar {
  readonly faltas: readonly string[];

  constructor(faltas: readonly string[], opciones?: ErrorOptions) {
    super(`Configuration is not valid:\n${faltas.map((falta) => `  - ${falta}`).join('\n')}`, opciones);
    this.name = 'ConfiguracionInvalida';
    this.faltas = faltas;
  }
}

type Leidas<L> = { [K in keyof L]: L[K] extends () => infer R ? R : never };

/**
 * Reads them all: what is wrong with one does not wait for the start after the one that mended another.
 * @throws ConfiguracionInvalida with the faults of all; what is none of configuration goes through
 */
export function reunirFaltas<L extends Record<string, () => unknown>>(lecturas: L): Leidas<L> {
  const faltas: string[] = [];
  const leidas = Object.entries(lecturas).map(([nombre, leer]) => {
    try {
      return [nombre, leer()];
    } catch (error) {
      if (!(error instanceof ConfiguracionInvalida)) throw error;
      faltas.push(...error.faltas);
      return [nombre, undefined];
    }
  });
  if (faltas.length > 0) throw new ConfiguracionInvalida([...new Set(faltas)]);
  return Object.fromEntries(leidas) as Leidas<L>;
}

/** What a reader says of a variable, with its name. @throws ConfiguracionInvalida */
export function leerDe<T>(variable: string, leer: () => T): T {
  try {
    return leer();
  } catch (cause) {
    throw new ConfiguracionInvalida([`${variable}: ${(cause as Error).message}`], { cause });
  }
}

/**
 * Reads the named sections from the environment. An empty variable counts as absent.
 * @throws ConfiguracionInvalida with one line per variable at fault
 */
export function leerConfiguracion<S extends keyof Secciones>(
  secciones: readonly S[],
  entorno: Entorno = process.env,
): Configuracion<S> {
  const presentes = Object.fromEntries(Object.entries(entorno).filter(([, valor]) => valor !== ''));
  const faltas: string[] = [];
  const leidas: Partial<Record<keyof Secciones, unknown>> = {};
  for (const seccion of secciones) {
    const leida = SECCIONES[seccion].safeParse(presentes);
    if (leida.success) leidas[seccion] = leida.data;
    else faltas.push(...leida.error.issues.map((falta) => `${falta.path.join('.')}: ${falta.message}`));
  }
  if (faltas.length > 0) throw new ConfiguracionInvalida([...new Set(faltas)]);
  return leidas as Configuracion<S>;
}

/**
 * A process that runs alone shares its register with others: PGlite's folder belongs to one process.
 * @throws ConfiguracionInvalida
 */
export function exigirBaseCompartida(entorno?: Entorno): void {
  if (leerConfiguracion(['base'], entorno).base.DATABASE_URL) return;
  throw new ConfiguracionInvalida([
    'DATABASE_URL: is missing. The API and the worker, run alone, share a PostgreSQL: postgres://user:password@host:5432/database',
  ]);
}

/** What any program needs of its surroundings: its tools, its folders, its language. Nothing secret. */
const DE_TODO_PROGRAMA = /^(PATH|HOME|USER|LOGNAME|SHELL|TERM|TMPDIR|LANG|LANGUAGE|LC_\w+|TZ)$/;

/** What a program needs that goes out to the network: proxies, which may hold a password, and authorities. */
export const PARA_SALIR_A_LA_RED =
  /^(SSL_CERT_(FILE|DIR)|(no|no_grpc|http|https|grpc|all)_proxy|NODE_USE_ENV_PROXY|NODE_USE_SYSTEM_CA|NODE_EXTRA_CA_CERTS)$/i;

/** Names of the variables of each section. */
const VARIABLES = {
  ...{ comun, claves, motor, api, worker, bitacora, simulador, emisorOidc },
} satisfies Record<string, Record<string, unknown>>;

export interface NecesidadesDeUnHijo {
  /** Sections that it reads. */
  secciones?: readonly (keyof typeof VARIABLES)[];
  /** Variables that are not the configuration's: those of a library or a tool. */
  otras?: readonly RegExp[];
  cambios?: Record<string, string | undefined>;
}

/** Environment of a child process: what it needs, by name, and nothing else that lies in ours. */
export function entornoPara({
  secciones = [],
  otras = [],
  cambios = {},
}: NecesidadesDeUnHijo): NodeJS.ProcessEnv {
  const suyas = new Set(secciones.flatMap((seccion) => Object.keys(VARIABLES[seccion])));
  const dadas = Object.entries(process.env).filter(
    ([nombre]) =>
      suyas.has(nombre) || DE_TODO_PROGRAMA.test(nombre) || otras.some((forma) => forma.test(nombre)),
  );
  return { ...Object.fromEntries(dadas), ...cambios };
}
