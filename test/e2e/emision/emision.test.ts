/** The main job, from HTTP to X.509, on the whole system. */
import { randomUUID, X509Certificate } from 'node:crypto';
import { jest } from '@jest/globals';
import proto from '@temporalio/proto';
import type { SolicitudCertificado } from '../../../shared/emision/solicitud.ts';
import { RESUMEN_PASOS } from '../../../shared/emision/textos-para-operadores.ts';
import {
  lintNaturalPersonCertificate,
  lintPkixCertificate,
  PKILINT_SETUP_MS,
  preparePkilint,
  verifyWithOpenssl,
} from '../../support/referees/referees.ts';
import { Stack, solicitudNueva, type Respuesta } from '../../support/servidores/stack.ts';

const { DescribeWorkflowExecutionResponse: Description } = proto.temporal.api.workflowservice.v1;
const { History } = proto.temporal.api.history.v1;

jest.setTimeout(60_000);

let stack: Stack;

beforeAll(async () => {
  await preparePkilint();
  stack = await Stack.start({ SIMULADOR_TIPO_CLAVE: 'RSA' });
}, 180_000 + PKILINT_SETUP_MS);

afterAll(() => stack.stop());

function certificados({ sobre }: Respuesta) {
  return sobre.data?.certificados ?? [];
}

function series(respuesta: Respuesta): string[] {
  return certificados(respuesta).map(({ numeroSerie }) => numeroSerie);
}

function deOtroCiudadano(solicitud: SolicitudCertificado): SolicitudCertificado {
  return { ...solicitud, ciudadano: { ...solicitud.ciudadano, nombres: 'Otra Persona' } };
}

test('a request issues the three certificates, its repeat answers the same, another citizen conflicts', async () => {
  const solicitud = solicitudNueva('PRINCIPAL');

  const primera = await stack.emitir(solicitud);
  const repetida = await stack.emitir(solicitud);
  const ajena = await stack.emitir(deOtroCiudadano(solicitud));

  expect([primera.estadoHttp, repetida.estadoHttp, ajena.estadoHttp]).toEqual([201, 200, 409]);
  expect(certificados(primera).map(({ tipoCertificado }) => tipoCertificado)).toEqual([
    'FIRMA_DIGITAL',
    'AUTENTICACION',
    'CIFRADO',
  ]);
  expect(series(repetida)).toEqual(series(primera));
  expect(ajena.sobre).toMatchObject({ data: null, error: { tipo: 'CODIGO_REUTILIZADO' } });
  expect(await stack.emisiones('PRINCIPAL')).toMatchObject({ emisiones: 1, certificados: 3 });
});

test('what is issued convinces openssl and pkilint', async () => {
  const emitida = await stack.emitir(solicitudNueva('ARBITROS'));
  const cadena = await stack.cadena();
  const crl = await stack.crl();

  for (const { certificadoBase64 } of certificados(emitida)) {
    const pem = new X509Certificate(Buffer.from(certificadoBase64, 'base64')).toString();
    expect(await verifyWithOpenssl(pem, cadena, crl)).toBe('OK');
    expect(await lintNaturalPersonCertificate(pem)).toEqual([]);
    expect(await lintPkixCertificate(pem)).toEqual([]);
  }
});

test('of fifty requests at once for one codigo one issues, and the others conflict', async () => {
  // The sandbox's slow citizen: on a busy machine the last request must still find the first one running.
  const solicitud = solicitudNueva('CINCUENTA', '99990201');

  const respuestas = await Promise.all(Array.from({ length: 50 }, () => stack.emitir(solicitud)));

  const codigos = respuestas.map(({ estadoHttp }) => estadoHttp).sort();
  expect(codigos).toEqual([201, ...Array<number>(49).fill(409)]);
  const conflictos = respuestas.filter(({ estadoHttp }) => estadoHttp === 409);
  expect(new Set(conflictos.map(({ sobre }) => sobre.error?.tipo))).toEqual(
    new Set(['SOLICITUD_EN_PROCESO']),
  );
  expect(await stack.emisiones('CINCUENTA')).toMatchObject({
    emisiones: 1,
    llamadas: { paso1: 1, paso2: 1 },
  });
});

test('a request with the X-Request-ID of one that runs joins it, and both get the certificates', async () => {
  const solicitud = solicitudNueva('ADJUNTA');
  const requestId = randomUUID();

  const respuestas = await Promise.all([
    stack.emitir(solicitud, requestId),
    stack.emitir(solicitud, requestId),
  ]);

  expect(respuestas.map(({ estadoHttp }) => estadoHttp)).toEqual([201, 201]);
  expect(series(respuestas[0])).toEqual(series(respuestas[1]));
  expect((await stack.emisiones('ADJUNTA')).emisiones).toBe(1);
});

test('a citizen has one issuance at a time, over different codigos', async () => {
  const documento = '41414141';
  const primera = stack.emitir(solicitudNueva('CIUDADANO-1', documento));
  await stack.hastaLlamada('CIUDADANO-1', 'paso1');

  const segunda = await stack.emitir(solicitudNueva('CIUDADANO-2', documento));

  expect(segunda).toMatchObject({
    estadoHttp: 409,
    sobre: { data: null, error: { tipo: 'CIUDADANO_EN_PROCESO' } },
  });
  expect((await stack.consultar('CIUDADANO-2')).estadoHttp).toBe(404);
  expect((await primera).estadoHttp).toBe(201);
  expect((await stack.emitir(solicitudNueva('CIUDADANO-2', documento))).estadoHttp).toBe(201);
});

test.each(['a/b', '../x', 'con espacio', '100%', '%2e%2e', '🪪', "'; drop table solicitudes--", '?a=b#c'])(
  'the codigo %p issues, and its GET finds it',
  async (codigo) => {
    expect((await stack.emitir(solicitudNueva(codigo))).estadoHttp).toBe(201);

    expect(await stack.consultar(codigo)).toMatchObject({
      estadoHttp: 200,
      sobre: { data: { transaccion: { codigoSolicitudTramite: codigo, estado: 'COMPLETADO' } } },
    });
  },
);

test('a failure that is corrected runs again under its codigo, and step 1 is not done again', async () => {
  const codigo = 'CORREGIDA';
  const rechazada = await stack.emitir(solicitudNueva(codigo, '99992404'));
  expect([rechazada.estadoHttp, rechazada.sobre.error?.tipo]).toEqual([404, 'CIUDADANO_NO_ENCONTRADO']);

  const corregida = deOtroCiudadano(solicitudNueva(codigo, '99992404'));
  expect((await stack.emitir(corregida)).estadoHttp).toBe(404);
  const conOtroDocumento = await stack.emitir(solicitudNueva(codigo, '42424242'));

  expect(conOtroDocumento.sobre.error?.tipo).toBe('CODIGO_REUTILIZADO');
  expect((await stack.emisiones(codigo)).llamadas).toEqual({ paso1: 1, paso2: 2 });
});

test('a certificate that is not what was asked is never released', async () => {
  const codigo = 'NO-CONFORME';
  const solicitud = solicitudNueva(codigo, '99992502');

  const respuesta = await stack.emitir(solicitud);
  const repetida = await stack.emitir(solicitud);

  for (const { estadoHttp: http, sobre } of [respuesta, repetida]) {
    expect([http, sobre.error?.tipo]).toEqual([502, 'CERTIFICADO_NO_CONFORME']);
    expect(sobre.data?.certificados).toEqual([]);
    // Nor does the answer name the citizen whose certificate came instead.
    expect(JSON.stringify(sobre)).not.toMatch(/Equivocada|PNOPE-00000001/);
  }
  // The quarantined set was compared again: the PKI was asked once.
  expect((await stack.emisiones(codigo)).llamadas.paso2).toBe(1);
});

test('bad input starts no workflow and asks nothing of the PKI', async () => {
  const mala = { ...solicitudNueva('MALA'), metadatos: {} } as unknown as SolicitudCertificado;

  expect((await stack.emitir(mala)).estadoHttp).toBe(400);

  expect((await stack.consultar('MALA')).estadoHttp).toBe(404);
  expect((await stack.emisiones('MALA')).llamadas).toEqual({ paso1: 0, paso2: 0 });
  await expect(stack.workflow('MALA').describe()).rejects.toThrow(/not found/i);
});

test('Temporal and the logs hold no personal data in clear', async () => {
  const codigo = 'RESERVADA';
  const { solicitud, ciudadano } = solicitudNueva(codigo);
  const secretos = [
    ciudadano.nombres,
    ciudadano.apellidoPaterno,
    ciudadano.correoElectronico ?? '',
    solicitud.numeroDocumento,
  ];
  await stack.emitir({ ...solicitudNueva(codigo), solicitud });
  const historia = enBytes(History.encode(await stack.workflow(codigo).fetchHistory()));
  const descripcion = enBytes(Description.encode((await stack.workflow(codigo).describe()).raw));
  const logs = [await stack.log('api'), await stack.log('worker')];

  const dichos = secretos.filter((secreto) =>
    [historia, descripcion, ...logs].some((texto) => texto.includes(secreto)),
  );
  expect(dichos).toEqual([]);
  // The search can find: what operators may read is seen by it.
  expect(historia).toContain(RESUMEN_PASOS[2]);
  expect(descripcion).toContain('▸ LIMA-CENTRO · PRESENCIAL · ');
  expect(logs[0]).toContain('/obtener-certificado-digital');
});

/** A message as it is stored and sent, read as text: what stands in it in clear is found. */
function enBytes(mensaje: { finish(): Uint8Array }): string {
  return Buffer.from(mensaje.finish()).toString('utf8');
}
