/** What support's routes stand on, in memory: both remember what they were asked; a test replaces what it is about. */
import type {
  MotorDeReejecuciones,
  RunDeReejecucion,
} from '../../../api/emision/temporal/motor-de-reejecuciones.ts';
import type { EntradaReejecucion } from '../../../shared/emision/reejecucion.ts';
import type { ResumenEmision } from '../../../shared/emision/soporte.ts';
import type { RegistroDeSoporte } from '../../../shared/registro/emision/registro-de-soporte.ts';
import { entradaDePrueba } from '../emision/entrada-de-prueba.ts';

interface Llamada {
  operacion: keyof RegistroDeSoporte;
  argumentos: unknown[];
}

/** A register in which nothing failed and every codigo may run. */
const NADA: RegistroDeSoporte = {
  listar: () => Promise.resolve([]),
  contarFallidas: () => Promise.resolve({ total: 0, inciertas: 0, porFallo: {} }),
  buscarPorCiudadano: () => Promise.resolve([]),
  seguir: () => Promise.resolve({ solicitudes: [], hayMas: false }),
  enviadasPor: () => Promise.resolve(new Set()),
  fallidas: () => Promise.resolve([]),
  resolver: () => Promise.resolve(true),
  listarPorRevocar: () => Promise.resolve([]),
  prepararReejecucion: (codigo) => Promise.resolve({ tipo: 'LISTA', entrada: entradaDePrueba(codigo) }),
  registrarReejecucion: () => Promise.resolve(),
  anotarLinea: () => Promise.resolve(),
  registrarFinDeReejecucion: () => Promise.resolve(),
  leerReejecucion: () => Promise.resolve(null),
};

export interface FakeSoporte {
  readonly registro: RegistroDeSoporte;
  readonly llamadas: Llamada[];
  /** What the next calls answer, where it is not the default. */
  respuestas: Partial<RegistroDeSoporte>;
  argumentosDe: (operacion: keyof RegistroDeSoporte) => unknown[][];
}

export function createFakeSoporte(respuestas: Partial<RegistroDeSoporte> = {}): FakeSoporte {
  const llamadas: Llamada[] = [];
  const anotadas = (Object.keys(NADA) as (keyof RegistroDeSoporte)[]).map((operacion) => [
    operacion,
    (...argumentos: unknown[]) => {
      llamadas.push({ operacion, argumentos });
      const registro = { ...NADA, ...fake.respuestas } as Record<string, (...a: unknown[]) => unknown>;
      return registro[operacion]?.(...argumentos);
    },
  ]) as [string, unknown][];
  const fake: FakeSoporte = {
    registro: Object.fromEntries(anotadas) as unknown as RegistroDeSoporte,
    llamadas,
    respuestas,
    argumentosDe: (operacion) =>
      llamadas.filter((llamada) => llamada.operacion === operacion).map(({ argumentos }) => argumentos),
  };
  return fake;
}

export class FakeMotorDeReejecuciones implements MotorDeReejecuciones {
  readonly iniciadas: EntradaReejecucion[] = [];
  /** What Temporal says of each, by id; a failure to answer is thrown. */
  readonly runs = new Map<string, RunDeReejecucion | Error>();

  iniciar(entrada: EntradaReejecucion): Promise<void> {
    this.iniciadas.push(entrada);
    return Promise.resolve();
  }

  describir(reejecucionId: string): Promise<RunDeReejecucion | null> {
    const run = this.runs.get(reejecucionId) ?? null;
    return run instanceof Error ? Promise.reject(run) : Promise.resolve(run);
  }
}

export function resumenDePrueba(cambios: Partial<ResumenEmision> = {}): ResumenEmision {
  return {
    codigoSolicitudTramite: 'SOL-1',
    transaccionId: 'd2c5c0f0-6f7e-5d7f-9f0a-0f4f3a6a1b22',
    generacion: 1,
    estado: 'FALLIDO',
    aceptadaEn: '2026-11-22T10:00:00.123Z',
    fechaInicio: '2026-11-22T10:00:00Z',
    fechaFin: '2026-11-22T10:15:00Z',
    oficina: 'LIMA-CENTRO',
    fallo: { tipo: 'PKI_NO_DISPONIBLE', paso: 1 },
    resultadoIncierto: false,
    resolucion: null,
    ...cambios,
  };
}
