/** What Temporal's SDK and its core measure, in the collection of the process: taken from the core's buffer, by Prometheus' names. */
import { MetricsBuffer, type BufferedMetricUpdate } from '@temporalio/worker';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** The core drops what does not fit: several seconds of what a worker measures under load. */
const BUFFER_MAX = 100_000;
const VACIAR_CADA_MS = 1_000;

/** Seconds: from a call to Temporal to a run that waits for the PKI. */
const TRAMOS_S = [0.005, 0.025, 0.1, 0.5, 1, 5, 30, 300, 3600];

/** What series are told apart by; the core's other attributes are one value a process, and dropped. */
const ETIQUETAS = [
  'activity_type',
  'error_type',
  'failure_reason',
  'operation',
  'poller_type',
  'status_code',
  'task_queue',
  'worker_type',
  'workflow_type',
] as const;

/** Beyond these a label's values are one: whoever reaches Temporal may name types of work as he likes. */
const VALORES_MAX = 100;
const OTRO = 'otro';

type Etiqueta = (typeof ETIQUETAS)[number];
type Etiquetas = Partial<Record<Etiqueta, string>>;
type Medida = BufferedMetricUpdate['metric'];
type Anotar = (etiquetas: Etiquetas, valor: number) => void;

/** The core's buffer, of which the runtime is made, and whose content goes into the collection until it is stopped. */
export function startMetricasDelSdk(coleccionDeMetricas: Registry): {
  buffer: MetricsBuffer;
  detener(): void;
} {
  const buffer = new MetricsBuffer({ maxBufferSize: BUFFER_MAX, useSecondsForDurations: true });
  const anotar = createAnotador(coleccionDeMetricas);
  const temporizador = setInterval(() => {
    for (const actualizacion of buffer.retrieveUpdates()) anotar(actualizacion);
  }, VACIAR_CADA_MS).unref();
  return {
    buffer,
    detener: () => {
      clearInterval(temporizador);
    },
  };
}

export function createAnotador(coleccionDeMetricas: Registry): (actualizacion: BufferedMetricUpdate) => void {
  const porNombre = new Map<string, Anotar>();
  /** The core repeats its objects: what was found for one is not looked for again. */
  const deMedida = new WeakMap<Medida, Anotar>();
  const deAtributos = new WeakMap<object, Etiquetas>();

  const valores = new Map<Etiqueta, Set<string>>(ETIQUETAS.map((una) => [una, new Set()]));
  const acotado = (etiqueta: Etiqueta, valor: string): string => {
    const vistos = valores.get(etiqueta);
    if (vistos?.has(valor)) return valor;
    if (!vistos || vistos.size >= VALORES_MAX) return OTRO;
    vistos.add(valor);
    return valor;
  };
  const anotarDe = (medida: Medida): Anotar => {
    const nombre = nombreDe(medida);
    const anotar = porNombre.get(nombre) ?? createMetrica(nombre, medida, coleccionDeMetricas);
    porNombre.set(nombre, anotar);
    deMedida.set(medida, anotar);
    return anotar;
  };
  const etiquetasDe = (atributos: BufferedMetricUpdate['attributes']): Etiquetas => {
    const etiquetas = Object.fromEntries(
      ETIQUETAS.flatMap((una) =>
        atributos[una] === undefined ? [] : [[una, acotado(una, String(atributos[una]))]],
      ),
    );
    deAtributos.set(atributos, etiquetas);
    return etiquetas;
  };
  return ({ metric, attributes, value }) => {
    const anotar = deMedida.get(metric) ?? anotarDe(metric);
    anotar(deAtributos.get(attributes) ?? etiquetasDe(attributes), value);
  };
}

/** With the unit, and `_total` of what is counted, as Prometheus has it. */
function nombreDe({ name, kind }: Medida): string {
  if (kind === 'counter') return name.endsWith('_total') ? name : `${name}_total`;
  return kind === 'histogram' ? `${name}_seconds` : name;
}

function createMetrica(name: string, { kind, description }: Medida, registro: Registry): Anotar {
  const opciones = {
    name,
    help: description ?? 'Measured by Temporal’s SDK',
    labelNames: ETIQUETAS,
    registers: [registro],
  };
  switch (kind) {
    case 'counter': {
      const contador = new Counter(opciones);
      return (etiquetas, valor) => {
        contador.inc(etiquetas, valor);
      };
    }
    case 'histogram': {
      const tramos = new Histogram({ ...opciones, buckets: TRAMOS_S });
      return (etiquetas, valor) => {
        tramos.observe(etiquetas, valor);
      };
    }
    case 'up-down-counter': {
      const suma = new Gauge(opciones);
      return (etiquetas, valor) => {
        suma.inc(etiquetas, valor);
      };
    }
    case 'gauge': {
      const valor = new Gauge(opciones);
      return (etiquetas, actual) => {
        valor.set(etiquetas, actual);
      };
    }
  }
}
