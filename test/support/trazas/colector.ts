/** A collector of OTLP for tests: what it was sent, read by OpenTelemetry's own Python messages, which are none of the exporter's. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runProgram } from '../procesos/run-program.ts';
import { preparePythonTool } from '../referees/tools.ts';

const REQUIREMENTS = ['opentelemetry-proto==1.45.2', 'protobuf==7.36.2'];

const READER = `
import json, sys
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

def value(v):
    return getattr(v, v.WhichOneof('value'))

for name in sys.argv[1:]:
    request = ExportTraceServiceRequest()
    request.ParseFromString(open(name, 'rb').read())
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                print(json.dumps({
                    'traceId': span.trace_id.hex(), 'spanId': span.span_id.hex(), 'parentSpanId': span.parent_span_id.hex(),
                    'nombre': span.name, 'estado': span.status.code, 'mensaje': span.status.message, 'sucesos': len(span.events),
                    'inicioNs': span.start_time_unix_nano, 'finNs': span.end_time_unix_nano,
                    'atributos': {a.key: value(a.value) for a in span.attributes},
                }))
`;

export interface TramoRecibido {
  traceId: string;
  spanId: string;
  /** '' where it has none. */
  parentSpanId: string;
  nombre: string;
  /** 2: an error. */
  estado: number;
  mensaje: string;
  sucesos: number;
  inicioNs: number;
  finNs: number;
  atributos: Record<string, unknown>;
}

export function prepararColector(): Promise<string> {
  return preparePythonTool('opentelemetry-proto', REQUIREMENTS);
}

export class Colector {
  readonly url: string;
  /** All that was sent, as it came. */
  readonly envios: Buffer[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (req, res) => {
      const partes: Buffer[] = [];
      req.on('data', (parte: Buffer) => partes.push(parte));
      req.on('end', () => {
        if (req.url === '/v1/traces') this.envios.push(Buffer.concat(partes));
        res.setHeader('Content-Type', 'application/x-protobuf');
        res.end();
      });
    });
  }

  static async iniciar(): Promise<Colector> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Colector(server);
  }

  async tramos(): Promise<TramoRecibido[]> {
    const programas = await prepararColector();
    const carpeta = await mkdtemp(path.join(tmpdir(), 'otlp-'));
    try {
      const archivos = await Promise.all(
        this.envios.map(async (envio, i) => {
          const archivo = path.join(carpeta, `${i}.bin`);
          await writeFile(archivo, envio);
          return archivo;
        }),
      );
      const { code, stdout, output } = await runProgram(
        path.join(programas, 'python'),
        ['-c', READER, ...archivos],
        carpeta,
      );
      if (code !== 0) throw new Error(output);
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((linea) => JSON.parse(linea) as TramoRecibido);
    } finally {
      await rm(carpeta, { recursive: true });
    }
  }

  async detener(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
