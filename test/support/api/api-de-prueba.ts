/** The API on a port of its own, over fakes and a real issuer. Every answer is judged by the published document. */
import { randomUUID } from 'node:crypto';
import { request, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createApi, type DependenciasDelApi } from '../../../api/create-api.ts';
import { rutasDeBitacora } from '../../../api/bitacora/rutas.ts';
import { rutasDeEmision, type DependenciasDeRutas } from '../../../api/emision/rutas.ts';
import type { Acceso } from '../../../api/http/peticion/ruta.ts';
import { createVerificadorDeToken, porToken } from '../../../api/http/acceso/token.ts';
import type { PruebasDeBitacora } from '../../../shared/bitacora/pruebas.ts';
import { leerDocumentosAdmitidos } from '../../../shared/emision/reglas-emision.ts';
import { AUDIENCIA, EmisorDePrueba } from './emisor-de-prueba.ts';
import { camposDelTrabajo } from '../../../shared/runtime/trazas/contexto.ts';
import { CLAVES_DE_PRUEBA } from '../emision/claves-de-prueba.ts';
import { FakeServicioEmision } from './fake-servicio-emision.ts';
import { createFakeSoporte, FakeMotorDeReejecuciones } from './fake-soporte.ts';

export const BASE = '/api/v1/coreog/MsCoreogCertificadosDigitales';
export const RUTA_POST = `${BASE}/obtener-certificado-digital`;
const PERMISOS_DE_SOPORTE = 'certificados:consultar-todas certificados:reejecutar';
export const AHORA = new Date('2026-11-22T15:00:00Z');

export interface Sobre {
  success: boolean;
  statusCode: number;
  message: string;
  data: Record<string, Record<string, unknown>> | null;
  metadata: { timestamp: string; correlationId: string; version: string; tiempoRespuesta: string };
  error?: { tipo: string; titulo: string; estado: number; errores: { detalleError: string }[] };
}

export interface Respuesta {
  estadoHttp: number;
  cabeceras: IncomingHttpHeaders;
  texto: string;
  sobre: Sobre;
}

interface Pedido {
  metodo?: string;
  ruta: string;
  cabeceras?: Record<string, string | string[] | undefined>;
  cuerpo?: string | Buffer;
}

interface Documento {
  paths: Record<string, Record<string, { responses: OperacionPublicada['respuestas'] }>>;
  components: { schemas: Record<string, object> };
}

interface OperacionPublicada {
  metodo: string;
  forma: RegExp;
  respuestas: Partial<Record<string, { content: { 'application/json': { schema: { $ref: string } } } }>>;
}

/** What a test changes; unless it says so, nothing is limited. */
type Cambios = Partial<
  Omit<DependenciasDelApi, 'acceso' | 'rutas'> &
    Omit<Acceso, 'identificar'> &
    Omit<DependenciasDeRutas, 'acceso'> & { bitacora: PruebasDeBitacora }
>;

const BITACORA_VACIA: PruebasDeBitacora = {
  leerPunto: () => Promise.resolve(null),
  leerEntrada: () => Promise.resolve(null),
  leerConsistencia: () => Promise.resolve(null),
};

export class ApiDePrueba {
  readonly servicio = new FakeServicioEmision();
  readonly soporte = createFakeSoporte();
  readonly motorDeReejecuciones = new FakeMotorDeReejecuciones();
  /** Lines of the log, parsed. */
  readonly bitacora: Record<string, unknown>[] = [];
  readonly emisor: EmisorDePrueba;
  readonly server: Server;
  #operaciones: OperacionPublicada[] = [];
  #componentes: Record<string, object> = {};
  readonly #ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }));
  readonly #esquemas = new Map<string, ValidateFunction>();

  private constructor(
    emisor: EmisorDePrueba,
    {
      entrarAlServicio = () => () => undefined,
      limitarPeticion = () => Promise.resolve(),
      ...cambios
    }: Cambios,
  ) {
    this.emisor = emisor;
    const acceso = {
      identificar: porToken(createVerificadorDeToken({ emisor: emisor.url, audiencia: AUDIENCIA })),
      entrarAlServicio,
      limitarPeticion,
    };
    const { huella } = CLAVES_DE_PRUEBA;
    const soporte = cambios.soporte ?? this.soporte.registro;
    this.server = createApi({
      rutas: [
        ...rutasDeEmision({
          servicio: this.servicio,
          soporte,
          motorDeReejecuciones: this.motorDeReejecuciones,
          huella,
          acceso,
          reglas: { documentosAdmitidos: leerDocumentosAdmitidos('DNI:[0-9]{8}'), finDelEmisor: null },
          reloj: () => AHORA,
          ...cambios,
        }),
        ...rutasDeBitacora({
          huella,
          enviadasPor: (_dominio, cliente, codigos) => soporte.enviadasPor(cliente, codigos),
          ...BITACORA_VACIA,
          ...cambios.bitacora,
        }),
      ],
      acceso,
      comprobaciones: [],
      coleccionDeMetricas: new Registry(),
      logger: pino(
        { level: 'trace', mixin: camposDelTrabajo },
        { write: (linea) => void this.bitacora.push(JSON.parse(linea) as Record<string, unknown>) },
      ),
      reloj: () => AHORA,
      trustProxy: undefined,
      ...cambios,
    });
  }

  static async iniciar(cambios: Cambios = {}): Promise<ApiDePrueba> {
    const api = new ApiDePrueba(await EmisorDePrueba.iniciar(), cambios);
    await new Promise<void>((listo) => api.server.listen(0, '127.0.0.1', listo));
    const { texto } = await api.pedirTexto({ ruta: '/openapi.json' });
    const { paths, components } = JSON.parse(texto) as Documento;
    api.#componentes = components.schemas;
    api.#operaciones = Object.entries(paths)
      // A path without parameters goes before one that its own could match.
      .sort(([a], [b]) => Number(a.includes('{')) - Number(b.includes('{')))
      .flatMap(([path, metodos]) =>
        Object.entries(metodos).map(([metodo, { responses }]) => ({
          metodo: metodo.toUpperCase(),
          forma: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
          respuestas: responses,
        })),
      );
    return api;
  }

  /** Everything behind the API, as before the first test. */
  olvidar(): void {
    this.soporte.llamadas.length = 0;
    this.soporte.respuestas = {};
    this.motorDeReejecuciones.iniciadas.length = 0;
    this.motorDeReejecuciones.runs.clear();
    this.servicio.emitidas.length = 0;
    this.servicio.reejecutadas.length = 0;
    this.servicio.esperas.length = 0;
    this.servicio.consultadas.length = 0;
    this.servicio.vistas.clear();
    this.servicio.responder = (vista) => ({ tipo: 'EMITIDO', vista });
  }

  async detener(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((cerrado) => this.server.close(cerrado));
    await this.emisor.detener();
  }

  get puerto(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** POSTs `cuerpo` as a well-behaved SIIRC does, but for what `cabeceras` changes; undefined takes one away. */
  async emitir(cuerpo: unknown, cabeceras: Pedido['cabeceras'] = {}): Promise<Respuesta> {
    const bytes = Buffer.isBuffer(cuerpo)
      ? cuerpo
      : Buffer.from(typeof cuerpo === 'string' ? cuerpo : JSON.stringify(cuerpo));
    return this.pedir({
      metodo: 'POST',
      ruta: RUTA_POST,
      cabeceras: { ...(await this.cabeceras()), ...cabeceras },
      cuerpo: bytes,
    });
  }

  async consultar(codigo: string): Promise<Respuesta> {
    return this.consultarPath(encodeURIComponent(codigo));
  }

  async consultarPath(segmento: string): Promise<Respuesta> {
    const authorization = `Bearer ${await this.emisor.token()}`;
    return this.pedir({ ruta: `${BASE}/solicitudes/${segmento}`, cabeceras: { authorization } });
  }

  /** Asks as support does, below BASE; `cuerpo` makes it a POST, and a text goes as it is. */
  async comoSoporte(
    ruta: string,
    cuerpo?: unknown,
    {
      permisos = PERMISOS_DE_SOPORTE,
      cabeceras = {},
    }: { permisos?: string; cabeceras?: Pedido['cabeceras'] } = {},
  ): Promise<Respuesta> {
    const token = await this.emisor.token({ sub: 'ana', client_id: 'soporte', scope: permisos });
    return this.pedir({
      metodo: cuerpo === undefined ? 'GET' : 'POST',
      ruta: `${BASE}${ruta}`,
      cabeceras: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...cabeceras },
      ...(cuerpo !== undefined && { cuerpo: typeof cuerpo === 'string' ? cuerpo : JSON.stringify(cuerpo) }),
    });
  }

  async cabeceras(): Promise<Record<string, string>> {
    return {
      Authorization: `Bearer ${await this.emisor.token()}`,
      'Content-Type': 'application/json',
      'X-Correlation-ID': randomUUID(),
      'X-Request-ID': randomUUID(),
      'X-Office-Code': 'LIMA-CENTRO',
      'X-Device-ID': 'KIOSCO-07',
      'X-Channel': 'SIIRC',
    };
  }

  /** Sends a request whose answer must be the envelope. */
  async pedir(pedido: Pedido): Promise<Respuesta> {
    const respuesta = await this.pedirTexto(pedido);
    return { ...respuesta, sobre: this.juzgar(respuesta, pedido) };
  }

  /** The envelope of an answer, where it is as published and agrees with the answer that carries it. */
  juzgar({ estadoHttp, cabeceras, texto }: Omit<Respuesta, 'sobre'>, pedido?: Pedido): Sobre {
    const sobre = JSON.parse(texto) as Sobre;
    const esquema = this.#esquemaDe(estadoHttp, pedido);
    if (!esquema(sobre))
      throw new Error(`not the published envelope: ${JSON.stringify(esquema.errors)}\n${texto}`);
    expect(sobre.statusCode).toBe(estadoHttp);
    expect(sobre.success).toBe(estadoHttp < 400);
    expect(sobre.error === undefined).toBe(estadoHttp < 400 && sobre.data?.transaccion?.estado !== 'FALLIDO');
    expect(sobre.metadata).toMatchObject({ version: '1.0.0', correlationId: cabeceras['x-correlation-id'] });
    expect(cabeceras['x-powered-by']).toBeUndefined();
    expect(texto).not.toMatch(/node_modules|\.ts:|at .*\(/);
    return sobre;
  }

  /** As published for the operation; what no path publishes comes in the issuance's envelope. */
  #esquemaDe(estadoHttp: number, { metodo = 'GET', ruta = '' }: Partial<Pedido> = {}): ValidateFunction {
    const [path = ''] = ruta.split('?');
    const operacion = this.#operaciones.find((una) => una.metodo === metodo && una.forma.test(path));
    const publicada = operacion?.respuestas[String(estadoHttp)]?.content['application/json'].schema.$ref;
    if (operacion && publicada === undefined) throw new Error(`${metodo} ${path} publishes no ${estadoHttp}`);
    const nombre = publicada?.split('/').at(-1) ?? 'RespuestaEmision';
    const esquema =
      this.#esquemas.get(nombre) ??
      this.#ajv.compile({ ...this.#componentes[nombre], components: { schemas: this.#componentes } });
    this.#esquemas.set(nombre, esquema);
    return esquema;
  }

  pedirTexto({ metodo = 'GET', ruta, cabeceras = {}, cuerpo }: Pedido): Promise<Omit<Respuesta, 'sobre'>> {
    const headers = Object.fromEntries(Object.entries(cabeceras).filter(([, valor]) => valor !== undefined));
    return new Promise((resolve, reject) => {
      request(
        {
          host: '127.0.0.1',
          port: this.puerto,
          method: metodo,
          path: ruta,
          headers: headers as Record<string, string>,
        },
        (res) => {
          const partes: Buffer[] = [];
          res.on('data', (parte: Buffer) => partes.push(parte)).on('error', reject);
          res.on('end', () => {
            resolve({
              estadoHttp: res.statusCode ?? 0,
              cabeceras: res.headers,
              texto: Buffer.concat(partes).toString(),
            });
          });
        },
      )
        .on('error', reject)
        .end(cuerpo);
    });
  }
}

/** What the error says, one line each. */
export function detallesDe({ sobre }: Respuesta): string[] {
  return sobre.error?.errores.map(({ detalleError }) => detalleError) ?? [];
}
