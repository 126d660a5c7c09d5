/** A witness of c2sp.org/tlog-witness, as strict as its specification, that keeps what it saw in memory. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { esConsistente, esIgual, RAIZ_VACIA } from '../../../shared/bitacora/arbol/arbol.ts';
import type { Verificador } from '../../../shared/bitacora/punto-de-control/nota.ts';
import {
  leerPuntoDeControl,
  type PuntoDeControl,
} from '../../../shared/bitacora/punto-de-control/punto-de-control.ts';

export interface TestigoDePrueba {
  url: string;
  clavePublica: string;
  /** What it has seen, by origin. */
  vistos: Map<string, PuntoDeControl>;
  /** Status codes that it answered. */
  respuestas: number[];
  close(): Promise<void>;
}

const NOMBRE = 'testigo.example/t1';
const COFIRMA = Buffer.of(4);

export async function startTestigoDePrueba(verificador: Verificador): Promise<TestigoDePrueba> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const publica = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const id = createHash('sha256')
    .update(`${NOMBRE}\n`)
    .update(COFIRMA)
    .update(publica)
    .digest()
    .subarray(0, 4);
  const cofirmar = (texto: string): string => {
    const cuando = Buffer.alloc(8);
    cuando.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000)));
    const mensaje = `cosignature/v1\ntime ${cuando.readBigUInt64BE()}\n${texto}`;
    const firma = Buffer.concat([id, cuando, sign(null, Buffer.from(mensaje), privateKey)]);
    return `— ${NOMBRE} ${firma.toString('base64')}\n`;
  };

  const vistos = new Map<string, PuntoDeControl>();
  const atender = (cuerpo: string): { estadoHttp: number; tamano?: number; texto?: string } => {
    const corte = cuerpo.indexOf('\n\n');
    const [primera = '', ...lineas] = cuerpo.slice(0, corte).split('\n');
    const nota = cuerpo.slice(corte + 2);
    const punto = leerPuntoDeControl(nota);
    if (!verificador.verificar(nota)) return { estadoHttp: 403 };
    const anterior = Number(/^old (\d+)$/.exec(primera)?.[1] ?? Number.NaN);
    if (!(anterior <= punto.tamano)) return { estadoHttp: 400 };
    const visto = vistos.get(punto.origen) ?? { ...punto, tamano: 0, raiz: RAIZ_VACIA };
    if (anterior !== visto.tamano) return { estadoHttp: 409, tamano: visto.tamano };
    if (anterior === punto.tamano && !esIgual(visto.raiz, punto.raiz))
      return { estadoHttp: 409, tamano: visto.tamano };
    const prueba = lineas.map((linea) => Buffer.from(linea, 'base64'));
    if (!esConsistente(visto, punto, prueba)) return { estadoHttp: 422 };
    vistos.set(punto.origen, punto);
    return { estadoHttp: 200, texto: cofirmar(nota.slice(0, nota.indexOf('\n\n') + 1)) };
  };

  const respuestas: number[] = [];
  const server = createServer((req, res) => {
    void text(req).then((cuerpo) => {
      const esSuya = req.method === 'POST' && req.url === '/add-checkpoint';
      const { estadoHttp, tamano, texto = '' } = esSuya ? atender(cuerpo) : { estadoHttp: 404 };
      respuestas.push(estadoHttp);
      if (tamano === undefined) res.writeHead(estadoHttp).end(texto);
      else res.writeHead(estadoHttp, { 'Content-Type': 'text/x.tlog.size' }).end(`${tamano}\n`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clavePublica: `${NOMBRE}+${id.toString('hex')}+${Buffer.concat([COFIRMA, publica]).toString('base64')}`,
    vistos,
    respuestas,
    async close() {
      const cerrado = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await cerrado;
    },
  };
}
