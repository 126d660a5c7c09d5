/** What the gateway makes of a connection that fails, of silence, and of a server that it does not trust. */
import 'reflect-metadata';
import { spawn } from 'node:child_process';
import { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { X509CertificateGenerator } from '@peculiar/x509';
import { crearClaves } from '../../../support/pki/ca-de-prueba.ts';
import { FakeAdaptadorPki, responde } from '../../../support/pki/fake-adaptador-pki.ts';
import { envioDePrueba, PASO_2 } from '../../../support/registro/fake-registro.ts';
import { adaptador, falloAnte, falloDe, gateway, porCerrar } from './gateway-de-prueba.ts';

describe('a connection that fails', () => {
  it.each<[string, RequestListener]>([
    [
      'before the headers',
      (peticion) => {
        peticion.socket.destroy();
      },
    ],
    [
      'in the middle of a body of known length',
      (_peticion, respuesta) => {
        respuesta.writeHead(200, { 'content-length': '1000' });
        respuesta.write('{"data":', () => respuesta.destroy());
      },
    ],
    [
      'in the middle of a body in chunks',
      (_peticion, respuesta) => {
        respuesta.writeHead(200);
        respuesta.write('{"data":', () => respuesta.destroy());
      },
    ],
    [
      'with what is not HTTP',
      (peticion) => {
        peticion.socket.end('SSH-2.0-OpenSSH\r\n\r\n');
      },
    ],
  ])('%s leaves it unclear what was done', async (_caso, responder) => {
    expect(await falloAnte(responder)).toMatchObject({
      tipo: 'PKI_SIN_CONEXION',
      certeza: 'DESCONOCIDO',
      veredicto: 'FALLA',
    });
  });

  it('because nobody listens has done nothing', async () => {
    const servidor = await FakeAdaptadorPki.iniciar(responde(200, PASO_2));
    const { url } = servidor;
    await servidor.detener();

    const fallo = await falloDe(gateway(url).generarCertificadoDigitalDniE(envioDePrueba()));

    expect(fallo).toMatchObject({ tipo: 'PKI_SIN_CONEXION', certeza: 'NADA_HECHO', veredicto: 'FALLA' });
    expect(fallo.detalles).toEqual(['No se completó la conexión con MsAdaptadorPKI (ECONNREFUSED).']);
  });

  it('because the name is unknown has done nothing', async () => {
    const fallo = await falloDe(
      gateway('http://adaptador.invalid').generarCertificadoDigitalDniE(envioDePrueba()),
    );

    expect(fallo).toMatchObject({ tipo: 'PKI_SIN_CONEXION', certeza: 'NADA_HECHO', veredicto: 'FALLA' });
  });

  it('because a kept connection was closed meanwhile is unclear: the request may have arrived', async () => {
    let llamadas = 0;
    const { url } = await adaptador((peticion, respuesta) => {
      if (++llamadas === 1) responde(200, PASO_2)(peticion, respuesta);
      else peticion.socket.destroy();
    });
    const pki = gateway(url);
    await pki.generarCertificadoDigitalDniE(envioDePrueba());

    const fallo = await falloDe(pki.generarCertificadoDigitalDniE(envioDePrueba()));

    expect(fallo).toMatchObject({ tipo: 'PKI_SIN_CONEXION', certeza: 'DESCONOCIDO', veredicto: 'FALLA' });
  });
});

describe('an answer that does not come in time', () => {
  /** Longer than a connection to this machine takes, however busy that is. */
  const breve = { timeoutMs: 1_500 };

  it.each<[string, RequestListener]>([
    ['its headers', () => undefined],
    [
      'the end of its body',
      (_peticion, respuesta) => {
        respuesta.writeHead(200);
        respuesta.write('{"data":');
      },
    ],
  ])('for lack of %s is told so, unclear', async (_caso, responder) => {
    expect(await falloAnte(responder, 2, breve)).toMatchObject({
      tipo: 'TIEMPO_PKI_AGOTADO',
      certeza: 'DESCONOCIDO',
      veredicto: 'FALLA',
    });
  });

  it('has its connection given up', async () => {
    const servidor = await adaptador(() => undefined);

    await falloDe(gateway(servidor.url, breve).generarCertificadoDigitalDniE(envioDePrueba()));

    const [conexion] = servidor.conexiones as [Socket];
    if (!conexion.destroyed) await once(conexion, 'close');
    expect(conexion.destroyed).toBe(true);
  });

  it('because no connection ever stood has done nothing', async () => {
    const puerto = await puertoQueNoAcepta();

    const fallo = await falloDe(
      gateway(`http://127.0.0.1:${puerto}`, breve).generarCertificadoDigitalDniE(envioDePrueba()),
    );

    expect(fallo).toMatchObject({ tipo: 'TIEMPO_PKI_AGOTADO', certeza: 'NADA_HECHO', veredicto: 'FALLA' });
  });
});

it('the gateway sends nothing to a server whose certificate it does not trust', async () => {
  const claves = await crearClaves('EC');
  const certificado = await X509CertificateGenerator.createSelfSigned({ name: 'CN=127.0.0.1', keys: claves });
  let peticiones = 0;
  const servidor = createHttpsServer(
    {
      key: KeyObject.from(claves.privateKey).export({ type: 'pkcs8', format: 'pem' }),
      cert: certificado.toString('pem'),
    },
    () => {
      peticiones += 1;
    },
  ).listen(0, '127.0.0.1');
  await once(servidor, 'listening');
  porCerrar.push(() => servidor.close());
  const { port } = servidor.address() as AddressInfo;

  const fallo = await falloDe(
    gateway(`https://127.0.0.1:${port}`).generarCertificadoDigitalDniE(envioDePrueba()),
  );

  expect(fallo).toMatchObject({ tipo: 'PKI_SIN_CONEXION', certeza: 'NADA_HECHO', veredicto: 'FALLA' });
  expect(peticiones).toBe(0);
});

/** A port whose queue of new connections is full: it answers no greeting, as a firewall that drops packets. */
async function puertoQueNoAcepta(): Promise<number> {
  const programa = `
    const servidor = require('node:net').createServer().listen(0, '127.0.0.1', 1, () => {
      require('node:fs').writeSync(1, String(servidor.address().port));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const proceso = spawn(process.execPath, ['-e', programa], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [salida] = (await once(proceso.stdout, 'data')) as [Buffer];
  const puerto = Number(salida.toString());
  // A queue of one holds two; whoever comes after them gets no answer.
  const ocupantes = [1, 2].map(() => connect(puerto, '127.0.0.1'));
  porCerrar.push(() => {
    for (const ocupante of ocupantes) ocupante.destroy();
    proceso.kill('SIGKILL');
  });
  await Promise.all(ocupantes.map((ocupante) => once(ocupante, 'connect')));
  return puerto;
}
