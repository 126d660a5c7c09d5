/** Judges an answer by the OpenAPI document that the same server publishes. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Documento {
  paths: Record<string, Record<string, { responses: Record<string, RespuestaPublicada> }>>;
}
interface RespuestaPublicada {
  headers: Record<string, { required?: boolean }>;
  content: Record<string, { schema: { $ref: string } }>;
}

export interface Juzgada {
  estadoHttp: number;
  cabeceras: Headers;
  cuerpo: unknown;
}

export class ContratoPublicado {
  readonly #documento: Documento;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });

  private constructor(documento: Documento) {
    this.#documento = documento;
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(documento, 'openapi');
  }

  static async leer(url: string): Promise<ContratoPublicado> {
    return new ContratoPublicado((await (await fetch(`${url}/openapi.json`)).json()) as Documento);
  }

  /**
   * What the answer breaks of the document; empty where nothing.
   * @param path as the document writes it
   */
  faltas(metodo: string, path: string, { estadoHttp, cabeceras, cuerpo }: Juzgada): string[] {
    const publicada = this.#documento.paths[path]?.[metodo.toLowerCase()]?.responses[estadoHttp];
    if (!publicada) return [`${metodo} ${path} publishes no ${estadoHttp}`];
    const sinCabecera = Object.entries(publicada.headers)
      .filter(([nombre, { required }]) => required === true && !cabeceras.has(nombre))
      .map(([nombre]) => `${nombre} is missing`);
    const validar = this.#esquema(publicada);
    validar(cuerpo);
    return [...sinCabecera, ...(validar.errors ?? []).map((e) => `${e.instancePath} ${e.message ?? ''}`)];
  }

  /** The same for what no path publishes: the envelope of an issuance holds for it. */
  faltasDelSobre(cuerpo: unknown): string[] {
    const validar = this.#ajv.compile({ $ref: 'openapi#/components/schemas/RespuestaEmision' });
    validar(cuerpo);
    return (validar.errors ?? []).map((e) => `${e.instancePath} ${e.message ?? ''}`);
  }

  #esquema({ content }: RespuestaPublicada): ValidateFunction {
    const { $ref } = content['application/json']?.schema ?? {};
    if ($ref === undefined) throw new Error('an answer is published without its schema');
    return this.#ajv.compile({ $ref: `openapi${$ref}` });
  }
}
