/** The emission service over a register and a Temporal of which each test says what they answer. */
// eslint-disable-next-line no-restricted-imports -- a wait that ends at a limit, as Temporal's does
import { setTimeout as pausa } from 'node:timers/promises';
import { Registry } from 'prom-client';
import {
  createEmisionService,
  type DependenciasDeEmision,
} from '../../../api/emision/emitir/emision-service.ts';
import {
  createEmisionesAbiertas,
  type EmisionesAbiertas,
} from '../../../api/emision/emitir/emisiones-abiertas.ts';
import { createEsperasSimultaneas } from '../../../api/emision/emitir/esperas-simultaneas.ts';
import type { MotorTemporal, RunEnCurso } from '../../../api/emision/temporal/motor-temporal.ts';
import { createMetricasDeCarga } from '../../../api/http/servidor/metricas.ts';
import type {
  ContextoDePeticion,
  EntradaEmision,
  MemoEmision,
  Paso,
} from '../../../shared/emision/contrato.ts';
import type { FalloDeEmision } from '../../../shared/emision/fallos.ts';
import type { Espera, ServicioEmision } from '../../../api/emision/servicio-emision.ts';
import type { SolicitudCertificado } from '../../../shared/emision/solicitud.ts';
import { personasDe, titularDe } from '../../../shared/emision/titular.ts';
import type { EmisionRegistrada } from '../../../shared/registro/emision/registro.ts';
import { solicitudDePrueba } from '../emision/solicitud-de-prueba.ts';

export const SUYA = solicitudDePrueba('SOL-1', '45678912');
/** Of another citizen under the same codigo. */
export const AJENA = solicitudDePrueba('SOL-1', '49999999');

export const CONTEXTO: ContextoDePeticion = {
  usuarioEjecutor: 'siirc',
  oficinaEjecucion: 'LIMA',
  ipCliente: '10.0.0.1',
  dispositivo: 'PC',
  canal: 'WEB',
  correlationId: 'e07d864b-a7dc-4e3f-8999-684adcac615e',
  requestId: '83a542a7-ae13-4425-9e31-70f0991b10a2',
};

/** Waits as long as the service lets it. */
export function espera(cambios: Partial<Espera> = {}): Espera {
  return { maximoMs: null, asincrona: false, abandono: new AbortController().signal, ...cambios };
}

export function fila(
  solicitud: SolicitudCertificado,
  estado: EmisionRegistrada['estado'],
  fallo: FalloDeEmision | null = null,
): EmisionRegistrada {
  const paso = {
    codigo: 'SOL-1',
    generacion: 1,
    clave_idempotencia: 'c',
    estado: 'EN_PROCESO' as const,
    fecha_inicio: null,
    fecha_fin: null,
    intentos: 1,
    envios_sin_aclarar: [],
    solicitud_pki_id: null,
    numeros_solicitud: null,
    ultimo_fallo: null,
    proximo_intento: null,
  };
  return {
    codigo: 'SOL-1',
    generacion: 1,
    estado,
    runId: 'run-anterior',
    huellaSolicitud: huellaDe(solicitud),
    huellaCiudadano: 'c',
    requestId: CONTEXTO.requestId,
    cliente: null,
    resultadoIncierto: false,
    peticion: { solicitud, contexto: CONTEXTO },
    ...personasDe({ solicitud, contexto: CONTEXTO }),
    fallo,
    registroAuditoriaId: 'a',
    aceptadaEn: new Date(0),
    fechaInicio: new Date(0),
    fechaFin: estado === 'EN_PROCESO' ? null : new Date(1),
    resolucion: null,
    reejecucionId: null,
    pasos: { 1: { ...paso, paso: 1 }, 2: { ...paso, paso: 2 } },
  };
}

export function memoDe(solicitud: SolicitudCertificado, generacion = 1): MemoEmision {
  return {
    requestId: CONTEXTO.requestId,
    huellaSolicitud: huellaDe(solicitud),
    generacion,
    solicitudPkiId: null,
    titular: titularDe(solicitud),
    auditoria: CONTEXTO,
  };
}

/** An open run that the register does not hold. */
export function runAbierta(cambios: Partial<RunEnCurso> = {}): RunEnCurso {
  return {
    runId: 'run-nueva',
    abierta: true,
    inicio: new Date(0),
    memo: memoDe(SUYA),
    ultimoFallo: null,
    ...cambios,
  };
}

function huellaDe({ solicitud }: SolicitudCertificado): string {
  return `solicitud:${solicitud.numeroDocumento}`;
}

interface Puertos {
  registro: Partial<DependenciasDeEmision['registro']>;
  soporte: Partial<DependenciasDeEmision['soporte']>;
  motor: Partial<MotorTemporal>;
  esperaSincronaMs: number;
  esperasMax: number;
  abiertas: EmisionesAbiertas;
  metricas: Registry;
  parada: AbortSignal;
  /** Steps that no worker asks the PKI for. */
  enDescanso: () => readonly Paso[];
  huella: DependenciasDeEmision['huella'];
  adaptadorIdempotente: boolean;
}

/** How long the steps rest that a test has rest. */
export const DESCANSO_S = 20;

/** Each test says what differs from a codigo that nobody knows and a Temporal that starts it. */
export function servicioDeEmision({
  registro = {},
  soporte = {},
  motor = {},
  esperaSincronaMs = 1_000,
  esperasMax = 100,
  abiertas,
  metricas = new Registry(),
  parada = new AbortController().signal,
  enDescanso = () => [],
  huella = (dominio, forma) => `${dominio}:${/"numeroDocumento":"(\d+)"/.exec(forma)?.[1] ?? ''}`,
  adaptadorIdempotente = true,
}: Partial<Puertos>): ServicioEmision {
  const carga = createMetricasDeCarga(metricas);
  return createEmisionService({
    registro: {
      leer: () => Promise.resolve(null),
      leerCertificados: () => Promise.resolve([]),
      conciliar: () => Promise.resolve(null),
      restaurar: () => Promise.resolve(null),
      hayOtraPeticionEnProceso: () => Promise.resolve(false),
      ...registro,
    },
    soporte: {
      prepararReejecucion: () =>
        Promise.resolve({ tipo: 'IMPEDIDA', fallo: 'SOLICITUD_NO_ENCONTRADA', motivo: 'no existe' }),
      ...soporte,
    },
    motor: {
      iniciar: () => Promise.resolve(true),
      enCurso: () => Promise.resolve(null),
      detalle: () => Promise.resolve(null),
      esperar: () => Promise.resolve({ tipo: 'CERRADA', fallo: null }),
      describir: () => Promise.resolve(null),
      cerradas: () => Promise.resolve({ runIds: [], siguiente: null }),
      leerHistoria: () => Promise.resolve(null),
      contarAbiertas: () => Promise.resolve(0),
      comprobar: () => Promise.resolve(),
      ...motor,
    },
    huella,
    adaptadorIdempotente,
    esperaSincronaMs,
    esperas: createEsperasSimultaneas(esperasMax, carga),
    abiertas:
      abiertas ??
      createEmisionesAbiertas({
        maximo: 1_000,
        maximoDeUnCliente: 1_000,
        contarEnElRegistro: () => Promise.resolve({ porCliente: new Map(), duenos: new Map() }),
        contarEnTemporal: () => Promise.resolve(0),
        metricas: carga,
      }),
    circuitos: () =>
      Promise.resolve({
        descansoMs: (paso) => (enDescanso().includes(paso) ? DESCANSO_S * 1_000 : 0),
        esLaSonda: () => false,
      }),
    parada,
  });
}

/** The answers of successive calls; the last one stays. */
export function sucesivas<T>(...valores: T[]): () => Promise<T> {
  return () => Promise.resolve(valores.length > 1 ? (valores.shift() as T) : (valores[0] as T));
}

/** A Temporal whose runs last until a test ends them; it counts what is asked of it. */
export class MotorQueTarda {
  readonly iniciadas: EntradaEmision[] = [];
  /** Long polls that are open now. */
  pendientes = 0;
  /** How often describe() was asked for. */
  miradas = 0;
  #cerrar: () => void = () => undefined;
  readonly #cierre = new Promise<void>((cerrar) => {
    this.#cerrar = cerrar;
  });
  /** What describe() answers. */
  run: () => RunEnCurso | null = () => runAbierta();

  readonly motor: Pick<MotorTemporal, 'iniciar' | 'enCurso' | 'esperar'> = {
    iniciar: (entrada) => {
      this.iniciadas.push(entrada);
      return Promise.resolve(true);
    },
    enCurso: () => {
      this.miradas++;
      return Promise.resolve(this.run());
    },
    esperar: async (_codigo, limite, corte) => {
      if (corte.aborted) return { tipo: 'PLAZO' };
      this.pendientes++;
      const fin = new AbortController();
      const signal = AbortSignal.any([corte, fin.signal]);
      const plazo = pausa(Math.max(0, limite - Date.now()), undefined, { signal }).catch(() => undefined);
      const cerrada = await Promise.race([this.#cierre.then(() => true), plazo]);
      fin.abort();
      this.pendientes--;
      return cerrada ? { tipo: 'CERRADA', fallo: null } : { tipo: 'PLAZO' };
    },
  };

  /** All runs end. */
  cerrar(): void {
    this.run = () => null;
    this.#cerrar();
  }
}
