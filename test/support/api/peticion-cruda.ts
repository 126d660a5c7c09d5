/** Bytes on a socket: what no HTTP client would send. */
import { connect } from 'node:net';

export interface RespuestaCruda {
  estadoHttp: number;
  cabeceras: Headers;
  cuerpo: unknown;
}

/** Sends the text and reads until the server closes the connection. */
export async function pedirCrudo(url: string, texto: string): Promise<RespuestaCruda> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(texto);
  const partes: Buffer[] = [];
  for await (const parte of socket as AsyncIterable<Buffer>) partes.push(parte);
  const [cabeza = '', cuerpo = ''] = Buffer.concat(partes)
    .toString('utf8')
    .split(/\r\n\r\n([^]*)/);
  const [estado = '', ...lineas] = cabeza.split('\r\n');
  return {
    estadoHttp: Number(estado.split(' ')[1]),
    cabeceras: new Headers(lineas.map((linea) => linea.split(/: (.*)/).slice(0, 2) as [string, string])),
    cuerpo: JSON.parse(cuerpo),
  };
}
