/**
 * Every code of docs/status-codes.md on the whole system, each by what truly causes it, each in the published envelope. Long
 * by its table: a row for each of them.
 */
import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { FALLOS } from '../../support/api/fallos.ts';
import type { Behaviour, Call } from '../../../simulator/pki/faults/behaviour.ts';
import { BASE, RUTA_POST } from '../../support/api/api-de-prueba.ts';
import { ContratoPublicado } from './contrato-publicado.ts';
import { pedirCrudo } from '../../support/api/peticion-cruda.ts';
import type { SolicitudCertificado } from '../../../shared/emision/solicitud.ts';
import { Stack, solicitudNueva, type Respuesta } from '../../support/servidores/stack.ts';

jest.setTimeout(90_000);

const POR_OFICINA = 4;
const ESPERAS = 6;

/** What the PKI does to a codigo; in good health where nothing is said. */
const conducta = new Map<string, (call: Call) => Behaviour>();
const RUTA_GET = `${BASE}/solicitudes/{codigoSolicitudTramite}`;
const RUTA_REEJECUCION = `${RUTA_GET}/reejecuciones`;

let stack: Stack;
let contrato: ContratoPublicado;

beforeAll(async () => {
  stack = await Stack.start(
    {
      PKI_TIMEOUT_MS: '800',
      ESPERA_SINCRONA_MS: '2500',
      // Passing failures end FALLIDO after their second or third attempt.
      VENTANA_REINTENTO_MS: '5000',
      LIMITE_OFICINA_POR_MINUTO: String(POR_OFICINA),
      ESPERAS_SIMULTANEAS_MAX: String(ESPERAS),
    },
    { conducta: (call) => conducta.get(call.codigoSolicitudTramite)?.(call) ?? {} },
  );
  contrato = await ContratoPublicado.leer(stack.url('api'));
}, 180_000);
afterAll(() => stack.stop());

/** Each case has an office of its own, so that none meets the limit of another. */
let oficina = 0;
function emitir(
  solicitud: SolicitudCertificado | string,
  {
    documento,
    requestId,
    cabeceras,
    cliente,
  }: {
    documento?: string;
    requestId?: string;
    cabeceras?: Record<string, string>;
    cliente?: 'siirc' | 'consulta' | null;
  } = {},
) {
  const cuerpo = typeof solicitud === 'string' ? solicitudNueva(solicitud, documento) : solicitud;
  return stack.emitir(cuerpo, requestId, {
    ...(cliente !== undefined && { cliente }),
    cabeceras: { 'X-Office-Code': `OFICINA-${String(++oficina)}`, ...cabeceras },
  });
}

const enPaso = (paso: 1 | 2, comportamiento: Behaviour) => (call: Call) =>
  call.paso === paso ? comportamiento : {};

/** The answer that `cuerpo` gets while an issuance is in step 2: the PKI holds it there. */
async function mientrasEmite(
  codigo: string,
  cuerpo: (requestId: string) => Promise<Respuesta>,
  documento?: string,
) {
  const puerta = Promise.withResolvers<undefined>();
  conducta.set(codigo, enPaso(2, { before: () => puerta.promise }));
  const requestId = randomUUID();
  const primera = emitir(codigo, { requestId, ...(documento !== undefined && { documento }) });
  try {
    await stack.hastaLlamada(codigo, 'paso2');
    return await cuerpo(requestId);
  } finally {
    puerta.resolve(undefined);
    await primera;
  }
}

/** A wait that the first attempt does not outlast, and that ends before the window does. */
const TRAS_EL_PRIMER_INTENTO = { Prefer: 'wait=2' };

interface Caso {
  tipo: keyof typeof FALLOS | null;
  estadoHttp: number;
  titulo: string;
  metodo?: 'GET' | 'POST';
  path?: string;
  /** Of data.transaccion.estado; null where no transaction may be told. */
  estado: 'EN_PROCESO' | 'COMPLETADO' | 'FALLIDO' | null;
  cabeceras?: string[];
  provocar: () => Promise<Respuesta>;
}

const CASOS: Caso[] = [
  {
    estadoHttp: 201,
    tipo: null,
    titulo: 'issued now',
    estado: 'COMPLETADO',
    cabeceras: ['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
    provocar: () => emitir('C-201'),
  },
  {
    estadoHttp: 200,
    tipo: null,
    titulo: 'issued before',
    estado: 'COMPLETADO',
    provocar: async () => {
      const solicitud = solicitudNueva('C-200');
      await emitir(solicitud);
      return emitir(solicitud);
    },
  },
  {
    estadoHttp: 202,
    tipo: null,
    titulo: 'accepted, by Prefer: respond-async',
    estado: 'EN_PROCESO',
    cabeceras: ['Location', 'Retry-After', 'Preference-Applied'],
    provocar: () => emitir('C-202', { cabeceras: { Prefer: 'respond-async' } }),
  },
  {
    estadoHttp: 400,
    tipo: 'VALIDACION',
    titulo: 'a body at fault',
    estado: null,
    provocar: () => stack.emitir({} as never),
  },
  {
    estadoHttp: 400,
    tipo: 'VALIDACION',
    titulo: 'a body that is no JSON',
    estado: null,
    provocar: () => stack.emitir('{' as never),
  },
  {
    estadoHttp: 400,
    tipo: 'VALIDACION',
    titulo: 'a wrong Content-Type',
    estado: null,
    provocar: () => emitir('C-400', { cabeceras: { 'Content-Type': 'text/plain' } }),
  },
  {
    estadoHttp: 401,
    tipo: 'TOKEN_INVALIDO',
    titulo: 'no token',
    estado: null,
    cabeceras: ['WWW-Authenticate'],
    provocar: () => emitir('C-401', { cliente: null }),
  },
  {
    estadoHttp: 403,
    tipo: 'SIN_PERMISOS',
    titulo: 'a token without the scope',
    estado: null,
    cabeceras: ['WWW-Authenticate'],
    provocar: () => emitir('C-403', { cliente: 'consulta' }),
  },
  {
    estadoHttp: 404,
    tipo: 'CIUDADANO_NO_ENCONTRADO',
    titulo: 'a citizen that the PKI does not know',
    estado: 'FALLIDO',
    provocar: () => {
      conducta.set('C-404', enPaso(1, { refusal: 'CIUDADANO_NO_ENCONTRADO' }));
      return emitir('C-404');
    },
  },
  {
    estadoHttp: 404,
    tipo: 'SOLICITUD_NO_ENCONTRADA',
    titulo: 'a codigo that nobody sent',
    metodo: 'GET',
    path: RUTA_GET,
    estado: null,
    provocar: () => stack.consultar('NADIE-LO-ENVIO'),
  },
  {
    estadoHttp: 409,
    tipo: 'SOLICITUD_EN_PROCESO',
    titulo: 'the same request under another X-Request-ID',
    estado: 'EN_PROCESO',
    cabeceras: ['Location', 'Retry-After'],
    provocar: () => {
      const documento = '51000001';
      return mientrasEmite('C-409-SEP', () => emitir('C-409-SEP', { documento }), documento);
    },
  },
  {
    estadoHttp: 409,
    tipo: 'CIUDADANO_EN_PROCESO',
    titulo: 'another codigo of the citizen runs',
    estado: null,
    provocar: () => {
      const documento = '51000002';
      return mientrasEmite('C-409-CEP', () => emitir('C-409-CEP-2', { documento }), documento);
    },
  },
  {
    estadoHttp: 409,
    tipo: 'CODIGO_REUTILIZADO',
    titulo: 'the codigo of another request',
    estado: null,
    provocar: async () => {
      await emitir('C-409-CR');
      return emitir('C-409-CR');
    },
  },
  {
    estadoHttp: 409,
    tipo: 'PETICION_REUTILIZADA',
    titulo: 'the X-Request-ID of another request that runs',
    estado: null,
    provocar: () => mientrasEmite('C-409-PR', (requestId) => emitir('C-409-PR-2', { requestId })),
  },
  {
    estadoHttp: 409,
    tipo: 'SOLICITUD_NO_REEJECUTABLE',
    titulo: 'a re-run of what has not failed',
    path: RUTA_REEJECUCION,
    estado: 'COMPLETADO',
    provocar: async () => {
      await emitir('C-409-SNR');
      return stack.reejecutar('C-409-SNR');
    },
  },
  {
    estadoHttp: 422,
    tipo: 'CIUDADANO_NO_CUMPLE_REQUISITOS',
    titulo: 'a citizen under age, by the rule that it names',
    estado: null,
    provocar: async () => {
      const solicitud = solicitudNueva('C-422');
      const menor = {
        ...solicitud.ciudadano,
        fechaNacimiento: `${String(new Date().getFullYear() - 10)}-01-01`,
      };
      const respuesta = await emitir({ ...solicitud, ciudadano: menor });
      expect(respuesta.sobre.error?.errores[0]?.detalleError).toMatch(
        /^ciudadano\.fechaNacimiento: .*MAYORIA_DE_EDAD/,
      );
      return respuesta;
    },
  },
  {
    estadoHttp: 422,
    tipo: 'CIUDADANO_NO_CUMPLE_REQUISITOS',
    titulo: "the PKI's refusal",
    estado: 'FALLIDO',
    provocar: () => {
      conducta.set('C-422-PKI', enPaso(2, { refusal: 'CIUDADANO_NO_CUMPLE_REQUISITOS' }));
      return emitir('C-422-PKI');
    },
  },
  {
    estadoHttp: 429,
    tipo: 'LIMITE_EXCEDIDO',
    titulo: 'more than an office may send in a minute',
    estado: null,
    cabeceras: ['Retry-After', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
    provocar: async () => {
      let ultima = await emitir('C-429', { cabeceras: { 'X-Office-Code': 'APRESURADA' } });
      for (let vez = 0; vez < POR_OFICINA; vez++)
        ultima = await emitir(`C-429-${String(vez)}`, { cabeceras: { 'X-Office-Code': 'APRESURADA' } });
      return ultima;
    },
  },
  {
    estadoHttp: 500,
    tipo: 'EMISION_CANCELADA',
    titulo: 'an operator cancelled it',
    estado: 'FALLIDO',
    provocar: async () => {
      conducta.set('C-500', enPaso(1, { outage: 'SERVICIO_NO_DISPONIBLE' }));
      const respuesta = emitir('C-500');
      await stack.hastaLlamada('C-500', 'paso1');
      await stack.workflow('C-500').cancel();
      return respuesta;
    },
  },
  {
    estadoHttp: 502,
    tipo: 'PKI_ERROR',
    titulo: 'the adapter answers 500',
    estado: 'EN_PROCESO',
    cabeceras: ['Location', 'Retry-After'],
    provocar: () => {
      conducta.set('C-502', enPaso(1, { outage: 'ERROR_INTERNO' }));
      return emitir('C-502', { cabeceras: TRAS_EL_PRIMER_INTENTO });
    },
  },
  {
    estadoHttp: 502,
    tipo: 'PKI_RESPUESTA_INVALIDA',
    titulo: 'the adapter answers what is no JSON',
    estado: 'EN_PROCESO',
    cabeceras: ['Location', 'Retry-After'],
    provocar: () => {
      conducta.set('C-502-R', enPaso(1, { answer: { status: 200, body: '<html>' } }));
      return emitir('C-502-R', { cabeceras: TRAS_EL_PRIMER_INTENTO });
    },
  },
  {
    estadoHttp: 502,
    tipo: 'CERTIFICADO_NO_CONFORME',
    titulo: "another citizen's certificates",
    estado: 'FALLIDO',
    provocar: () => {
      conducta.set('C-502-CNC', enPaso(2, { certificateFault: 'OTRO_CIUDADANO' }));
      return emitir('C-502-CNC');
    },
  },
  {
    estadoHttp: 503,
    tipo: 'PKI_NO_DISPONIBLE',
    titulo: 'the adapter answers 503',
    estado: 'EN_PROCESO',
    cabeceras: ['Location', 'Retry-After'],
    provocar: () => {
      conducta.set('C-503', enPaso(1, { outage: 'SERVICIO_NO_DISPONIBLE' }));
      return emitir('C-503', { cabeceras: TRAS_EL_PRIMER_INTENTO });
    },
  },
  {
    estadoHttp: 503,
    tipo: 'PKI_NO_DISPONIBLE',
    titulo: 'past the window the failure is final',
    estado: 'FALLIDO',
    provocar: async () => {
      conducta.set('C-503-F', enPaso(1, { outage: 'SERVICIO_NO_DISPONIBLE' }));
      const solicitud = solicitudNueva('C-503-F');
      const requestId = randomUUID();
      let respuesta = await emitir(solicitud, { requestId });
      while (respuesta.sobre.data?.transaccion.estado === 'EN_PROCESO')
        respuesta = await emitir(solicitud, { requestId });
      return respuesta;
    },
  },
  {
    estadoHttp: 503,
    tipo: 'SERVICIO_NO_DISPONIBLE',
    titulo: 'more requests wait than the API holds',
    estado: null,
    cabeceras: ['Retry-After'],
    provocar: async () => {
      const puerta = Promise.withResolvers<undefined>();
      const enEspera = Array.from({ length: ESPERAS }, (_, i) => {
        conducta.set(`C-503-S-${String(i)}`, enPaso(1, { before: () => puerta.promise }));
        return emitir(`C-503-S-${String(i)}`);
      });
      await Promise.all(enEspera.map((_, i) => stack.hastaLlamada(`C-503-S-${String(i)}`, 'paso1')));
      const respuesta = await emitir('C-503-DE-MAS');
      puerta.resolve(undefined);
      await Promise.all(enEspera);
      expect((await stack.consultar('C-503-DE-MAS')).estadoHttp).toBe(404);
      return respuesta;
    },
  },
  {
    estadoHttp: 504,
    tipo: 'TIEMPO_PKI_AGOTADO',
    titulo: 'the PKI does not answer in time',
    estado: 'EN_PROCESO',
    cabeceras: ['Location', 'Retry-After'],
    provocar: () => {
      conducta.set('C-504', enPaso(1, { delayBeforeMs: 1500 }));
      return emitir('C-504', { cabeceras: { Prefer: 'wait=1' } });
    },
  },
];

describe('an answer comes in the published envelope', () => {
  // A success resets the count of consecutive failures: no case opens the circuit for the next. Nor does what a case left
  // behind, whose calls are the probes of a circuit that it opened.
  beforeEach(async () => {
    conducta.clear();
    await stack.hasta(
      'the PKI to be in good health',
      async () => (await emitir(`SANA-${String(oficina)}`)).estadoHttp === 201,
      60_000,
    );
  });

  test.each(CASOS)(
    'with $estadoHttp $tipo: $titulo',
    async ({ estadoHttp, tipo, estado, cabeceras = [], ...caso }) => {
      const { metodo = 'POST', path = RUTA_POST, provocar } = caso;

      const respuesta = await provocar();

      const { sobre } = respuesta;
      expect([respuesta.estadoHttp, sobre.error?.tipo ?? null]).toEqual([
        estadoHttp,
        tipo && FALLOS[tipo].tipo,
      ]);
      expect(
        contrato.faltas(metodo, path, { estadoHttp, cabeceras: respuesta.cabeceras, cuerpo: sobre }),
      ).toEqual([]);
      expect(sobre).toMatchObject({ statusCode: estadoHttp, success: estadoHttp < 400 });
      expect(sobre.error?.estado ?? null).toBe(tipo && estadoHttp);
      expect(sobre.data?.transaccion.estado ?? null).toBe(estado);
      expect(sobre.metadata.correlationId).toBe(respuesta.cabeceras.get('X-Correlation-ID'));
      expect(cabeceras.filter((nombre) => !respuesta.cabeceras.has(nombre))).toEqual([]);
    },
  );
});

describe('what no route answers comes in the envelope too, with', () => {
  test('404 RUTA_NO_ENCONTRADA', async () => {
    const { estadoHttp, sobre } = await stack.pedir({ ruta: 'no-existe' });
    expect([estadoHttp, sobre.error?.tipo]).toEqual([404, 'RUTA_NO_ENCONTRADA']);
    expect(contrato.faltasDelSobre(sobre)).toEqual([]);
  });

  test('405 METODO_NO_PERMITIDO, with Allow', async () => {
    const { estadoHttp, sobre, cabeceras } = await stack.pedir({ metodo: 'PUT', ruta: RUTA_POST });
    expect([estadoHttp, sobre.error?.tipo, cabeceras.get('Allow')]).toEqual([
      405,
      'METODO_NO_PERMITIDO',
      'POST, OPTIONS',
    ]);
    expect(contrato.faltasDelSobre(sobre)).toEqual([]);
  });

  test.each([
    ['400 for what is no HTTP', 'GARBAGE\r\n\r\n', 400, 'VALIDACION'],
    ['431 for headers without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'VALIDACION'],
    ['408 for headers that never end', 'GET / HTTP/1.1\r\nHost: x\r\n', 408, 'TIEMPO_AGOTADO'],
  ])('%s', async (_titulo, bytes, estadoHttp, tipo) => {
    const respuesta = await pedirCrudo(stack.url('api'), bytes);
    expect(respuesta).toMatchObject({
      estadoHttp,
      cuerpo: { statusCode: estadoHttp, error: { tipo, estado: estadoHttp } },
    });
    expect(contrato.faltasDelSobre(respuesta.cuerpo)).toEqual([]);
  });
});
