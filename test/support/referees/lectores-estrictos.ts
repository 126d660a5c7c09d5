/** Strict readers of certificates that are none of ours: OpenSSL (by its command and by Node) and Go. Each answers "VALE" or why not. */
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { buildGoReferee } from './go-referee.ts';
import { runProgram } from '../procesos/run-program.ts';

export interface LectorEstricto {
  juzgar(der: Uint8Array, cadena: { raiz: Uint8Array; emisora: Uint8Array }): Promise<string>;
  end(): Promise<void>;
}

export function lectorDeNode(): LectorEstricto {
  return {
    juzgar(der, { emisora }) {
      try {
        const [certificado, emisor] = [new X509Certificate(der), new X509Certificate(emisora)];
        if (!certificado.checkIssued(emisor)) return Promise.resolve('no es su emisor');
        return Promise.resolve(certificado.verify(emisor.publicKey) ? 'VALE' : 'la firma no es la suya');
      } catch (error) {
        return Promise.resolve(String(error));
      }
    },
    end: () => Promise.resolve(),
  };
}

/** `openssl verify -x509_strict`. */
export async function lectorDeOpenssl(ahora: Date): Promise<LectorEstricto> {
  const carpeta = await mkdtemp(path.join(tmpdir(), 'lector-'));
  const pem = (der: Uint8Array) =>
    `-----BEGIN CERTIFICATE-----\n${Buffer.from(der)
      .toString('base64')
      .replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  return {
    async juzgar(der, { raiz, emisora }) {
      await writeFile(path.join(carpeta, 'raiz.pem'), pem(raiz));
      await writeFile(path.join(carpeta, 'emisora.pem'), pem(emisora));
      await writeFile(path.join(carpeta, 'cert.pem'), pem(der));
      const momento = ['-attime', String(Math.floor(ahora.getTime() / 1000))];
      const anclas = ['-CAfile', 'raiz.pem', '-untrusted', 'emisora.pem'];
      const args = ['verify', '-x509_strict', ...momento, ...anclas, 'cert.pem'];
      const { code, output } = await runProgram('openssl', args, carpeta);
      return code === 0 ? 'VALE' : output;
    },
    end: () => rm(carpeta, { recursive: true, force: true }),
  };
}

/** Go's crypto/x509: test/referees/x509. */
export async function lectorDeGo(): Promise<LectorEstricto> {
  const { program, end } = await buildGoReferee('x509');
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lineas = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async juzgar(der, { emisora }) {
      child.stdin.write(`${[der, emisora].map((uno) => Buffer.from(uno).toString('base64')).join(' ')}\n`);
      const { value } = (await lineas.next()) as { value?: string };
      return value ?? 'Go has ended';
    },
    async end() {
      child.stdin.end();
      await end();
    },
  };
}
