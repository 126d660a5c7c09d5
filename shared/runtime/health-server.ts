/** Health and metrics of a process: what its checks say, and a small server for a process that has no other. */
import { exigirDistintos } from '../nucleo/sin-repetir.ts';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Gauge, type Registry } from 'prom-client';
import { enPlazo } from '../nucleo/en-plazo.ts';

/** Resolves where the part works; rejects where it does not. */
export interface Comprobacion {
  nombre: string;
  comprobar: () => Promise<unknown>;
  /** The process serves without this part: what is wrong with it is told, and the process stays ready. */
  soloAvisa?: boolean;
}

/** What is wrong with a part, in words that anybody may read: the answer tells them. */
export class AvisoDeSalud extends Error {
  constructor(motivo: string) {
    super(motivo);
    this.name = 'AvisoDeSalud';
  }
}

export interface EstadoDeSalud {
  estado: 'LISTO' | 'NO_LISTO';
  partes: Record<string, { estado: 'LISTO' | 'NO_LISTO'; tiempoMs: number; motivo?: string }>;
}

/** A part that needs longer to say that it works does not work. */
const PLAZO_COMPROBACION_MS = 2_000;
const ESTADOS_HTTP = { LISTO: 200, NO_LISTO: 503, NO_EXISTE: 404, METODO: 405 } as const;

export function statusDeSalud({ estado }: EstadoDeSalud): number {
  return ESTADOS_HTTP[estado];
}

/**
 * Asks every part at once, each within `plazoMs`. Callers at the same time share one round of questions.
 * What is wrong with a part goes to `avisar`; the answer, which anybody may read, has no words of an error.
 */
export function createMedidorDeSalud(
  comprobaciones: readonly Comprobacion[],
  avisar: (nombre: string, error: unknown) => void,
  plazoMs = PLAZO_COMPROBACION_MS,
): () => Promise<EstadoDeSalud> {
  exigirDistintos(
    'parts of the health',
    comprobaciones.map(({ nombre }) => nombre),
  );
  let enCurso: Promise<EstadoDeSalud> | null = null;
  const medirTodas = async (): Promise<EstadoDeSalud> => {
    const partes = await Promise.all(
      comprobaciones.map(async ({ nombre, comprobar, soloAvisa = false }) => {
        const inicio = performance.now();
        const fueraDePlazo = new Error(`no answer within ${plazoMs} ms`);
        const respuesta = await enPlazo(comprobar, plazoMs, fueraDePlazo).then(
          () => ({ estado: 'LISTO' as const }),
          (error: unknown) => {
            avisar(nombre, error);
            const motivo =
              error instanceof AvisoDeSalud
                ? error.message
                : error === fueraDePlazo
                  ? `No respondió en ${plazoMs} ms.`
                  : 'Falla; el log de este proceso dice por qué.';
            return { estado: 'NO_LISTO' as const, motivo };
          },
        );
        const parte = { ...respuesta, tiempoMs: Math.round(performance.now() - inicio) };
        return { nombre, parte, sirve: soloAvisa || parte.estado === 'LISTO' };
      }),
    );
    return {
      estado: partes.every(({ sirve }) => sirve) ? 'LISTO' : 'NO_LISTO',
      partes: Object.fromEntries(partes.map(({ nombre, parte }) => [nombre, parte])),
    };
  };
  return () =>
    (enCurso ??= medirTodas().finally(() => {
      enCurso = null;
    }));
}

/** How each part is, asked whenever the metrics are read: of those without which the process does not serve. */
export function medirPartes(
  comprobaciones: readonly Comprobacion[],
  medirSalud: () => Promise<EstadoDeSalud>,
  coleccionDeMetricas: Registry,
): void {
  const necesarias = comprobaciones.filter(({ soloAvisa = false }) => !soloAvisa);
  new Gauge({
    name: 'health_part_ready',
    help: 'Parts that this process needs: 1 where it works, 0 where it does not',
    labelNames: ['parte'],
    registers: [coleccionDeMetricas],
    async collect() {
      const { partes } = await medirSalud();
      for (const { nombre: parte } of necesarias)
        this.set({ parte }, partes[parte]?.estado === 'LISTO' ? 1 : 0);
    },
  });
}

interface HealthServerDeps {
  host: string;
  /** 0: the system picks one. */
  port: number;
  comprobaciones: readonly Comprobacion[];
  coleccionDeMetricas: Registry;
  avisar: (nombre: string, error: unknown) => void;
}

/**
 * Serves GET /health/live, /health/ready and /metrics of a process that answers nothing else.
 * @throws the error of listen(), e.g. EADDRINUSE
 */
export async function startHealthServer({
  host,
  port,
  comprobaciones,
  coleccionDeMetricas,
  avisar,
}: HealthServerDeps): Promise<{ url: string; close: () => Promise<void> }> {
  const medirSalud = createMedidorDeSalud(comprobaciones, avisar);
  medirPartes(comprobaciones, medirSalud, coleccionDeMetricas);
  const responder = async (ruta: string): Promise<{ estadoHttp: number; tipo: string; cuerpo: string }> => {
    const json = (estadoHttp: number, valor: unknown) => ({
      estadoHttp,
      tipo: 'application/json; charset=utf-8',
      cuerpo: JSON.stringify(valor),
    });
    switch (ruta) {
      case '/health/live':
        return json(ESTADOS_HTTP.LISTO, { estado: 'VIVO' });
      case '/health/ready': {
        const salud = await medirSalud();
        return json(statusDeSalud(salud), salud);
      }
      case '/metrics':
        return {
          estadoHttp: ESTADOS_HTTP.LISTO,
          tipo: coleccionDeMetricas.contentType,
          cuerpo: await coleccionDeMetricas.metrics(),
        };
      default:
        return json(ESTADOS_HTTP.NO_EXISTE, { error: 'RUTA_NO_ENCONTRADA' });
    }
  };
  const server = createServer((req, res) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      res.writeHead(ESTADOS_HTTP.METODO, { Allow: 'GET, HEAD' }).end();
      return;
    }
    responder((req.url ?? '').replace(/\?.*$/, '')).then(
      ({ estadoHttp, tipo, cuerpo }) => res.writeHead(estadoHttp, { 'Content-Type': tipo }).end(cuerpo),
      (error: unknown) => {
        avisar('health-server', error);
        res.writeHead(ESTADOS_HTTP.NO_LISTO).end();
      },
    );
  });
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once('error', reject).listen(port, host, () => {
    resolve(undefined);
  });
  await promise;
  const direccion = server.address() as AddressInfo;
  return {
    url: `http://${direccion.family === 'IPv6' ? `[${direccion.address}]` : direccion.address}:${direccion.port}`,
    close: () =>
      new Promise((cerrado) => {
        server.close(() => {
          cerrado();
        });
        server.closeAllConnections();
      }),
  };
}
