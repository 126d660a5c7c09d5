/** A door of mutual TLS before a Temporal that has none: what its own server does with `requireClientAuth`. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import { certificateFiles } from '../../../deploy/temporal/certificates.ts';

export interface PuertaTls {
  puerto: number;
  cerrar(): void;
}

/** @param carpeta what deploy/temporal/certificates.ts made */
export async function abrirPuertaTls(carpeta: string, temporal: string): Promise<PuertaTls> {
  const { ca, certificate, key } = certificateFiles(carpeta, 'servidor');
  const { hostname, port } = new URL(`tcp://${temporal}`);
  const server = createServer(
    {
      ca: readFileSync(ca),
      cert: readFileSync(certificate),
      key: readFileSync(key),
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: ['h2'],
    },
    (cliente) => {
      const servidor = connect(Number(port), hostname);
      cliente.pipe(servidor).pipe(cliente);
      for (const lado of [cliente, servidor])
        lado.on('error', () => {
          cliente.destroy();
          servidor.destroy();
        });
    },
  );
  const abiertas = new Set<Socket>();
  server.on('connection', (conexion: Socket) => {
    abiertas.add(conexion);
    conexion.once('close', () => abiertas.delete(conexion));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    puerto: (server.address() as AddressInfo).port,
    cerrar() {
      server.close();
      for (const conexion of abiertas) conexion.destroy();
    },
  };
}
