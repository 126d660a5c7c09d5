/** Rate, errors and duration of each endpoint. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { NombreDeLimite } from '../carga/limites-de-peticiones.ts';
import { RUTA_DESCONOCIDA } from '../peticion/peticion.ts';
import { metodosHttpDe } from '../peticion/metodos.ts';

interface PeticionMedida {
  route: string;
  method: string;
  status: string;
}

export type MedirPeticion = (peticion: PeticionMedida, duracionMs: number) => void;

/** From an answer out of the register to ESPERA_SINCRONA_MS (25 s) and a little more. */
const TRAMOS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 30];

/**
 * Series are those of the route table, and one for all that it does not have: no path and no method of somebody who has no
 * token makes one.
 */
export function createMedidorDePeticiones(
  coleccionDeMetricas: Registry,
  rutas: readonly { metodo: string; path: string }[],
): MedirPeticion {
  const conocidas = new Set(
    rutas.flatMap(({ metodo, path }) => metodosHttpDe(metodo).map((method) => `${method} ${path}`)),
  );
  const total = new Counter({
    name: 'http_requests_total',
    help: 'HTTP requests answered, by route, method and status',
    labelNames: ['route', 'method', 'status'] as const,
    registers: [coleccionDeMetricas],
  });
  const duracion = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer',
    labelNames: ['route', 'method'] as const,
    buckets: TRAMOS_S,
    registers: [coleccionDeMetricas],
  });
  return ({ route, method, status }, duracionMs) => {
    const serie = conocidas.has(`${method} ${route}`)
      ? { route, method }
      : { route: RUTA_DESCONOCIDA, method: RUTA_DESCONOCIDA };
    total.inc({ ...serie, status });
    duracion.observe(serie, duracionMs / 1000);
  };
}

/** What the API sheds load by. */
export interface MetricasDeCarga {
  enEspera: (peticiones: number) => void;
  /** @returns counts a refusal by the bound of this name; all that have one name count together */
  tope: (nombre: string) => () => void;
}

export function createMetricasDeCarga(coleccionDeMetricas: Registry): MetricasDeCarga {
  const enEspera = new Gauge({
    name: 'http_waiting_requests',
    help: 'HTTP requests that wait for work that goes on elsewhere',
    registers: [coleccionDeMetricas],
  });
  const rechazadas = new Counter({
    name: 'http_shed_requests_total',
    help: 'HTTP requests not accepted or not waited for, and connections closed, by the bound that was reached',
    labelNames: ['tope'] as const,
    registers: [coleccionDeMetricas],
  });
  return {
    enEspera: (peticiones) => {
      enEspera.set(peticiones);
    },
    tope(nombre) {
      // A series that begins with its first refusal hides that refusal from rate().
      rechazadas.inc({ tope: nombre }, 0);
      return () => {
        rechazadas.inc({ tope: nombre });
      };
    },
  };
}

export function createMedidorDeExcesos(coleccionDeMetricas: Registry): (limite: NombreDeLimite) => void {
  const excesos = new Counter({
    name: 'http_rate_limited_total',
    help: 'HTTP requests refused for being too many in a minute, by limit',
    labelNames: ['limite'] as const,
    registers: [coleccionDeMetricas],
  });
  return (limite) => {
    excesos.inc({ limite });
  };
}
