/**
 * A register on a real database (both kinds), with the keys of a test, and a Temporal that the test plays. Long, since a
 * suite of the register needs all of it.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import {
  referenciaDe,
  type Cierre,
  type EntradaDeRun,
  type EntradaEmision,
  type Paso,
  type RespuestaPaso1,
  type RespuestaPaso2,
  type SinRespuesta,
} from '../../../shared/emision/contrato.ts';
import type { ComienzoDeRun } from '../../../shared/motor/emision/motor.ts';
import type { FalloDeEmision } from '../../../shared/emision/fallos.ts';
import type { CertezaDeRechazo } from '../../../shared/registro/emision/turno/marcas.ts';
import { huellasDe } from '../../../shared/emision/misma-solicitud.ts';
import type { OrdenDeReejecucion } from '../../../shared/emision/reejecucion.ts';
import type { SolicitudCertificado } from '../../../shared/emision/solicitud.ts';
import { type BaseDeDatos } from '../../../shared/registro/dominios.ts';
import { abrirRegistro } from '../../../shared/registro/dominios.ts';
import {
  createRegistro,
  nuevaMarca,
  type CertificadoConforme,
  type Comparar,
  type EmisionRegistrada,
  type Envio,
  type IntentoFallido,
  type PermisoDeEnvio,
  type Registro,
  type RespuestaDePaso,
  type TurnoRegistrado,
} from '../../../shared/registro/emision/registro.ts';
import {
  createRegistroDeMantenimiento,
  type RegistroDeMantenimiento,
} from '../../../shared/registro/emision/registro-de-mantenimiento.ts';
import {
  createRegistroDeSoporte,
  type RegistroDeSoporte,
} from '../../../shared/registro/emision/registro-de-soporte.ts';
import { createCifrado, createHuella } from '../../../shared/runtime/claves/cifrado.ts';
import type { Claves } from '../../../shared/runtime/claves/claves.ts';
import { startPostgres } from '../../../scripts/topology/postgres.ts';
import { createFakeMotor, type FakeMotor } from './fake-motor.ts';
import { solicitudDePrueba } from '../emision/solicitud-de-prueba.ts';
import { GUARDA_CONFIADA } from './guarda-confiada.ts';

interface BaseAbierta {
  db: BaseDeDatos;
  cerrar(): Promise<void>;
}

/** The databases that the register's tests run on, each test on both. */
export const BASES = [
  { nombre: 'PGlite', abrir: abrirEnPglite },
  { nombre: 'PostgreSQL', abrir: abrirEnPostgres },
] as const;

const ARRANQUE_MS = 60_000;

export const CLAVES: Claves = {
  cifrado: createCifrado(`prueba:${Buffer.alloc(32, 1).toString('base64')}`),
  huella: createHuella(Buffer.alloc(32, 2).toString('base64')),
};

export interface RegistroDePrueba {
  readonly db: BaseDeDatos;
  readonly registro: Registro;
  readonly soporte: RegistroDeSoporte;
  readonly mantenimiento: RegistroDeMantenimiento;
  /** Where MsAdaptadorPKI does not keep the promises of its keys. */
  readonly soporteSinIdempotencia: RegistroDeSoporte;
  readonly motor: FakeMotor;
  /** A run that Temporal names as open from now on. */
  abrirRun(
    entrada: EntradaEmision,
    opciones?: { runId?: string; idempotente?: boolean; comienzo?: ComienzoDeRun; ahora?: () => number },
  ): RunDePrueba;
  /** The run that support orders of a failed issuance, open. @throws Error where it may not run again */
  ordenarRun(codigo: string, opciones?: OpcionesDeOrden): Promise<RunDePrueba>;
  /** The row as it stands. @throws Error where there is none */
  leer(codigo: string): Promise<EmisionRegistrada>;
  contar(tabla: Tabla): Promise<number>;
  /** The events of a codigo's audit entries, in alphabetical order: two of one millisecond have no other. */
  eventos(codigo: string): Promise<string[]>;
}

interface OpcionesDeOrden {
  nuevaEmision?: boolean;
  reejecucionId?: string | null;
  idempotente?: boolean;
}

type Tabla = (typeof TABLAS)[number];
export const TABLAS = [
  'solicitudes',
  'pasos',
  'recibidos',
  'certificados',
  'bitacora',
  'por_revocar',
  'reejecuciones',
  'reejecuciones_lineas',
] as const;

/** A register that every test of the describe block finds empty. */
export function usarRegistro(abrir: () => Promise<BaseAbierta>): RegistroDePrueba {
  let base: BaseAbierta | undefined;
  let motor = createFakeMotor();
  const db = (): BaseDeDatos => {
    if (!base) throw new Error('the database opens before the first test');
    return base.db;
  };
  const registro = (adaptadorIdempotente: boolean, ahora = Date.now) =>
    createRegistro({ db: db(), claves: CLAVES, motor, guarda: GUARDA_CONFIADA, adaptadorIdempotente, ahora });

  const soporte = (adaptadorIdempotente: boolean) =>
    createRegistroDeSoporte({
      db: db(),
      claves: CLAVES,
      motor,
      guarda: GUARDA_CONFIADA,
      adaptadorIdempotente,
    });
  const abrirRun: RegistroDePrueba['abrirRun'] = (
    entrada,
    { runId = randomUUID(), idempotente = true, comienzo, ahora = Date.now } = {},
  ) => {
    motor.abrir(entrada.solicitud.solicitud.codigoSolicitudTramite, runId, comienzo);
    return createRun(registro(idempotente, ahora), entrada, runId);
  };

  beforeAll(async () => {
    base = await abrir();
  }, ARRANQUE_MS);
  beforeEach(async () => {
    motor = createFakeMotor();
    await sql`truncate ${sql.join([...TABLAS, 'circuitos'].map((tabla) => sql.table(tabla)))}`.execute(db());
  });
  afterAll(() => base?.cerrar());

  return {
    get db() {
      return db();
    },
    get registro() {
      return registro(true);
    },
    get soporte() {
      return soporte(true);
    },
    get mantenimiento() {
      return createRegistroDeMantenimiento({
        db: db(),
        claves: CLAVES,
        motor,
        guarda: GUARDA_CONFIADA,
        adaptadorIdempotente: true,
      });
    },
    get soporteSinIdempotencia() {
      return soporte(false);
    },
    get motor() {
      return motor;
    },
    abrirRun,
    async ordenarRun(codigo, { nuevaEmision = false, reejecucionId = null, idempotente = true } = {}) {
      const orden = { ...ORDEN, nuevaEmision };
      const preparada = await soporte(idempotente).prepararReejecucion(codigo, orden, reejecucionId);
      if (preparada.tipo === 'IMPEDIDA') throw new Error(preparada.motivo);
      return abrirRun(preparada.entrada, { idempotente });
    },
    async leer(codigo) {
      const emision = await registro(true).leer(codigo);
      if (!emision) throw new Error(`the register holds no ${codigo}`);
      return emision;
    },
    async contar(tabla) {
      const { cuantas } = await db()
        .selectFrom(tabla)
        .select(({ fn }) => fn.countAll<string | number>().as('cuantas'))
        .executeTakeFirstOrThrow();
      return Number(cuantas);
    },
    async eventos(codigo) {
      const filas = await db().selectFrom('bitacora').select('evento').where('codigo', '=', codigo).execute();
      return filas.map(({ evento }) => evento).sort();
    },
  };
}

/** What a run of the workflow asks of the register, in its own name. */
export interface RunDePrueba {
  runId: string;
  /** Of the last send of each step. */
  marcas: Readonly<Record<Paso, string | null>>;
  entrada: EntradaDeRun;
  registrar(): Promise<TurnoRegistrado>;
  registrarPaso1(
    respuesta?: RespuestaPaso1 | null,
    esDeEsteTrabajo?: boolean,
  ): Promise<TurnoRegistrado | SinRespuesta>;
  /** Leave to send. @throws Error where the step has its answer */
  marcar(paso: Paso): Promise<Envio>;
  pedirPermiso(paso: Paso): Promise<PermisoDeEnvio>;
  anotarFallo(paso: Paso, intento: IntentoFallido): Promise<void>;
  /** As the activity does that received it. */
  conservar(respuesta: RespuestaDePaso): Promise<void>;
  /** A clear refusal or non-delivery; `DEFINITIVO`: 404 or 422. @param marca of the send that was refused; by default the last one */
  aclarar(paso: Paso, certeza?: CertezaDeRechazo, marca?: string | null): Promise<void>;
  concluir(opciones?: {
    respuesta?: RespuestaPaso2 | null;
    /** False: an answer of a version that did not say whose it is. */
    esDeEsteTrabajo?: boolean;
    cancelada?: boolean;
    comparar?: Comparar;
  }): Promise<Cierre | SinRespuesta>;
  fallar(fallo?: FalloDeEmision): Promise<Cierre>;
  /** From the first registration to step 2 sent, its answer open. */
  hastaEnviarPaso2(): Promise<void>;
}

export function createRun(registro: Registro, pedida: EntradaEmision, runId: string): RunDePrueba {
  const entrada = { inicio: new Date().toISOString(), ...pedida };
  const referencia = referenciaDe(entrada);
  const marcas: Record<Paso, string | null> = { 1: null, 2: null };
  const run: RunDePrueba = {
    runId,
    marcas,
    entrada,
    registrar: () => registro.registrarSolicitud(entrada, runId),
    registrarPaso1: (respuesta = RESPUESTA_PASO_1, esDeEsteTrabajo = true) =>
      registro.registrarPaso1(entrada, runId, respuesta && { respuesta, esDeEsteTrabajo }),
    pedirPermiso: (paso) => registro.marcarEnvio(referencia, runId, paso, nuevaMarca(runId)),
    async marcar(paso) {
      const permiso = await run.pedirPermiso(paso);
      if (permiso.tipo === 'RESPONDIDO') throw new Error('the step has its answer: there is nothing to send');
      marcas[paso] = permiso.envio.marca;
      return permiso.envio;
    },
    anotarFallo: (paso, intento) => registro.anotarIntentoFallido(referencia, runId, paso, intento),
    conservar: (respuesta) => registro.conservarRespuesta(referencia, runId, respuesta),
    aclarar: (paso, certeza = 'NADA_HECHO', marca = marcas[paso]) =>
      registro.aclararEnvio(referencia, { runId, marca }, paso, certeza),
    concluir: ({
      respuesta = RESPUESTA_PASO_2,
      esDeEsteTrabajo = true,
      cancelada = false,
      comparar = conforme(),
    } = {}) =>
      registro.concluir(entrada, runId, respuesta && { respuesta, esDeEsteTrabajo }, cancelada, comparar),
    fallar: (fallo = FALLO_PASO_2) => registro.fallar(entrada, runId, fallo),
    async hastaEnviarPaso2() {
      await run.registrar();
      await run.marcar(1);
      await run.registrarPaso1();
      await run.marcar(2);
    },
  };
  return run;
}

/** What support asks for, and who: words that name a citizen and a person. */
export const ORDEN: OrdenDeReejecucion = {
  motivo: 'La señora Quispe Ñahui volvió a la oficina',
  nuevaEmision: false,
  solicitante: {
    usuarioEjecutor: 'soporte.ana.perez',
    ipCliente: '10.99.88.77',
    correlationId: '7d9f1c52-3a0e-4a51-8b7e-0c7c5b1f2d3a',
  },
};

export const FALLO_PASO_1: FalloDeEmision = {
  tipo: 'PKI_NO_DISPONIBLE',
  paso: 1,
  detalles: ['MsAdaptadorPKI respondió 503.'],
};
export const FALLO_PASO_2: FalloDeEmision = {
  tipo: 'TIEMPO_PKI_AGOTADO',
  paso: 2,
  detalles: ['MsAdaptadorPKI no respondió dentro del plazo.'],
};

/** The input of a run for a request; `cambiar` alters the request first. */
export function entradaDePrueba(
  codigo = 'SOL-1',
  {
    documento = '45678912',
    requestId = randomUUID(),
    cambiar = () => undefined,
  }: { documento?: string; requestId?: string; cambiar?: (solicitud: SolicitudCertificado) => void } = {},
): EntradaDeRun {
  const solicitud = solicitudDePrueba(codigo, documento);
  cambiar(solicitud);
  return {
    solicitud,
    contexto: {
      usuarioEjecutor: 'siirc',
      oficinaEjecucion: 'OF-001',
      ipCliente: '10.20.30.40',
      dispositivo: 'DISPOSITIVO-7',
      canal: 'VENTANILLA-3',
      correlationId: randomUUID(),
      requestId,
    },
    ...huellasDe(CLAVES.huella, solicitud),
    generacion: 1,
    solicitudPkiId: null,
    aceptadaEn: new Date().toISOString(),
    inicio: new Date().toISOString(),
  };
}

export const RESPUESTA_PASO_1: RespuestaPaso1 = {
  solicitudPkiId: 'PKI-1',
  numerosSolicitud: [
    { tipoCertificado: 'FIRMA_DIGITAL', numeroSolicitud: '0000000001' },
    { tipoCertificado: 'AUTENTICACION', numeroSolicitud: '0000000002' },
    { tipoCertificado: 'CIFRADO', numeroSolicitud: '0000000003' },
  ],
};

export const RESPUESTA_PASO_2: RespuestaPaso2 = {
  certificados: [
    {
      tipoCertificado: 'FIRMA_DIGITAL',
      certificadoId: 'CERT-1',
      numeroSerie: '0a',
      fechaEmision: '2026-11-22T10:00:00Z',
      fechaVencimiento: '2030-11-21T10:00:00Z',
      estadoCertificado: 'ACTIVO',
      certificadoBase64: 'MIIB',
    },
  ],
};

/** The judgement that the set conforms: by default, certificates that only their own codigo has. */
export function conforme(cambios: Partial<CertificadoConforme> = {}): Comparar {
  return ({ codigo }) =>
    Promise.resolve({
      conforme: true,
      certificados: (['CIFRADO', 'FIRMA_DIGITAL', 'AUTENTICACION'] as const).map((tipo) => ({
        ...certificadoDePrueba(codigo, tipo),
        ...(tipo === 'CIFRADO' && cambios),
      })),
    });
}

export function noConforme(...faltas: string[]): Comparar {
  return () => Promise.resolve({ conforme: false, faltas });
}

export function certificadoDePrueba(codigo: string, tipoCertificado: string): CertificadoConforme {
  const huella = (de: string) =>
    createHash('sha256').update(`${de} ${tipoCertificado} ${codigo}`).digest('hex').toUpperCase();
  return {
    tipoCertificado,
    certificadoId: huella('id').slice(0, 12),
    numeroSerie: huella('serie').slice(0, 32),
    fechaEmision: '2026-11-22T10:00:00Z',
    fechaVencimiento: '2030-11-21T10:00:00Z',
    vigenciaAnios: 4,
    estadoCertificado: 'ACTIVO',
    algoritmoFirma: 'ecdsa-with-SHA256',
    longitudClave: 256,
    subjectDN: `CN=O'HIGGINS-QUISPE ÑAHUI MARÍA ELENA 45678912`,
    huellaCertificado: huella('certificado'),
    certificadoBase64: 'MIIB',
    huellaClavePublica: huella('clave'),
  };
}

async function abrirEnPglite(): Promise<BaseAbierta> {
  const carpeta = mkdtempSync(join(tmpdir(), 'registro-'));
  const db = await abrirRegistro({ DATA_DIR: carpeta });
  return {
    db,
    async cerrar() {
      await db.destroy();
      rmSync(carpeta, { recursive: true, force: true });
    },
  };
}

async function abrirEnPostgres(): Promise<BaseAbierta> {
  const postgres = await startPostgres();
  const db = await abrirRegistro({ DATABASE_URL: await postgres.createDatabase(), DATA_DIR: '' });
  return {
    db,
    async cerrar() {
      await db.destroy();
      await postgres.stop();
    },
  };
}
