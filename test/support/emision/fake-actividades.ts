/** The issuance's activities for a worker under test: all goes well but for what a test replaces; calls are kept. */
import type { ActividadesDeRegistro, ActividadesPki, Turno } from '../../../shared/emision/contrato.ts';
import type { PasosProceso, ResultadoEmision } from '../../../shared/emision/emision.ts';
import { PASO_1, PASO_2 } from '../registro/fake-registro.ts';

export type Actividades = ActividadesDeRegistro & ActividadesPki;
export type Comportamiento = { [K in keyof Actividades]?: (...a: Parameters<Actividades[K]>) => unknown };

const PLAZOS = { intentoMs: 10_000 };

const HECHO = {
  estado: 'COMPLETADO',
  fechaInicio: '2026-11-22T10:00:00Z',
  fechaFin: '2026-11-22T10:00:01Z',
} as const;
const EMPEZADO = { estado: 'EN_PROCESO', fechaInicio: '2026-11-22T10:00:00Z', fechaFin: null } as const;
const PENDIENTE = { estado: 'PENDIENTE', fechaInicio: null, fechaFin: null } as const;

/** How the steps stand when step 1, step 2 or neither is next. */
export const PASOS = {
  enPaso1: {
    paso1GeneracionClaves: { ...EMPEZADO, intentos: 0, solicitudPkiId: null },
    paso2EmisionCertificado: { ...PENDIENTE, intentos: 0 },
  },
  enPaso2: {
    paso1GeneracionClaves: { ...HECHO, intentos: 1, solicitudPkiId: 'PKI-1' },
    paso2EmisionCertificado: { ...EMPEZADO, intentos: 0 },
  },
  hechos: {
    paso1GeneracionClaves: { ...HECHO, intentos: 1, solicitudPkiId: 'PKI-1' },
    paso2EmisionCertificado: { ...HECHO, intentos: 1 },
  },
} satisfies Record<string, PasosProceso>;

export const RESULTADO: ResultadoEmision = {
  estado: 'COMPLETADO',
  fechaInicio: '2026-11-22T10:00:00Z',
  fechaFin: '2026-11-22T10:00:02Z',
  pasosProceso: PASOS.hechos,
  certificados: [],
};

export function concedido(
  pasosProceso: PasosProceso,
  cambios: Partial<Extract<Turno, { tipo: 'CONCEDIDO' }>> = {},
): Turno {
  return {
    tipo: 'CONCEDIDO',
    plazos: PLAZOS,
    fechaInicio: '2026-11-22T10:00:00Z',
    pasosProceso,
    emisionRecibida: false,
    ...cambios,
  };
}

const TODO_VA_BIEN: Actividades = {
  registrarSolicitud: () => Promise.resolve(concedido(PASOS.enPaso1)),
  generarNumerosSolicitud: () => Promise.resolve(PASO_1),
  registrarNumerosSolicitud: () => Promise.resolve(concedido(PASOS.enPaso2)),
  generarCertificadoDigitalDniE: () => Promise.resolve(PASO_2),
  compararYRegistrarEmision: () => Promise.resolve({ tipo: 'COMPLETADO', resultado: RESULTADO }),
  registrarFallo: (_entrada, fallo) =>
    Promise.resolve({ tipo: 'FALLIDO', fallo, pasosProceso: PASOS.enPaso1, resultadoIncierto: false }),
};

export const ACTIVIDADES = Object.keys(TODO_VA_BIEN) as (keyof Actividades)[];

export class FakeActividades {
  readonly llamadas: { actividad: keyof Actividades; argumentos: unknown[] }[] = [];
  readonly #comportamiento: Actividades;

  constructor(comportamiento: Comportamiento = {}) {
    this.#comportamiento = { ...TODO_VA_BIEN, ...(comportamiento as Partial<Actividades>) };
  }

  /** For a worker. */
  todas(): Record<string, (...argumentos: unknown[]) => unknown> {
    return Object.fromEntries(
      ACTIVIDADES.map((actividad) => [
        actividad,
        (...argumentos: unknown[]) => this.responder(actividad, argumentos),
      ]),
    );
  }

  responder(actividad: keyof Actividades, argumentos: unknown[]): unknown {
    this.llamadas.push({ actividad, argumentos });
    return (this.#comportamiento[actividad] as (...a: unknown[]) => unknown)(...argumentos);
  }

  /** Names, in the order of the calls. */
  get orden(): string[] {
    return this.llamadas.map(({ actividad }) => actividad);
  }

  argumentosDe(actividad: keyof Actividades): unknown[][] {
    return this.llamadas.filter((llamada) => llamada.actividad === actividad).map((l) => l.argumentos);
  }
}
