/** A client reads the issuances that it sent, and of others it is not even told that they are there. */
import type { FalloDeEmision } from '../../../../shared/emision/fallos.ts';
import { ServicioNoDisponible } from '../../../../shared/nucleo/servicio-no-disponible.ts';
import { CertificadosAlterados } from '../../../../shared/registro/emision/registro.ts';
import type { PruebasDeBitacora } from '../../../../shared/bitacora/pruebas.ts';
import { ApiDePrueba, BASE, detallesDe, type Respuesta } from '../../../support/api/api-de-prueba.ts';
import { CLAVES_DE_PRUEBA } from '../../../support/emision/claves-de-prueba.ts';
import {
  fila,
  memoDe,
  runAbierta,
  servicioDeEmision,
  SUYA,
} from '../../../support/api/servicio-de-emision.ts';

const { huella } = CLAVES_DE_PRUEBA;
const DE_SIIRC = huella('cliente', 'siirc');
const ID = '5f0f4a53-54a2-4f6c-8f6e-6d2a64a3a1b7';

const apis: ApiDePrueba[] = [];
afterEach(() => Promise.all(apis.splice(0).map((api) => api.detener())));

async function iniciar(cambios: Parameters<typeof ApiDePrueba.iniciar>[0] = {}): Promise<ApiDePrueba> {
  const api = await ApiDePrueba.iniciar(cambios);
  apis.push(api);
  return api;
}

type Reclamos = Parameters<ApiDePrueba['emisor']['token']>[0];
const SIIRC: Reclamos = { client_id: 'siirc', sub: 'x', scope: 'certificados:consultar' };
const POR_AZP: Reclamos = { client_id: undefined, azp: 'siirc', sub: 'y', scope: 'certificados:consultar' };
const OTRO: Reclamos = { client_id: 'otro', sub: 'siirc', scope: 'certificados:consultar' };
/** Its subject is called as the client is; it is not the client. */
const SIN_CLIENTE: Reclamos = { client_id: undefined, sub: 'siirc', scope: 'certificados:consultar' };
const TODAS: Reclamos = { client_id: 'consulta', scope: 'certificados:consultar-todas' };

async function pedir(api: ApiDePrueba, ruta: string, quien: Reclamos, cuerpo?: unknown): Promise<Respuesta> {
  return api.pedir({
    metodo: cuerpo === undefined ? 'GET' : 'POST',
    ruta: `${BASE}${ruta}`,
    cabeceras: {
      Authorization: `Bearer ${await api.emisor.token(quien)}`,
      'Content-Type': 'application/json',
    },
    ...(cuerpo !== undefined && { cuerpo: JSON.stringify(cuerpo) }),
  });
}

describe.each<[string, string | null, [string, Reclamos, number][]]>([
  [
    'that siirc sent',
    DE_SIIRC,
    [
      ['siirc', SIIRC, 200],
      ['siirc, named by azp', POR_AZP, 200],
      ['another client', OTRO, 404],
      ['a subject of that name', SIN_CLIENTE, 404],
      ['who may read all', TODAS, 200],
    ],
  ],
  [
    'from before its sender was kept',
    null,
    [
      ['siirc', SIIRC, 404],
      ['who may read all', TODAS, 200],
    ],
  ],
])('an issuance %s', (_, cliente, lectores) => {
  const conFila = () =>
    servicioDeEmision({
      registro: { leer: () => Promise.resolve({ ...fila(SUYA, 'COMPLETADO'), cliente }) },
    });
  /** Accepted, and no worker has written its row yet. */
  const sinFila = () => {
    const memo = { ...memoDe(SUYA), ...(cliente !== null && { cliente }) };
    return servicioDeEmision({ motor: { enCurso: () => Promise.resolve(runAbierta({ memo })) } });
  };

  it.each(lectores)(
    'is told, or not, to %s by a GET, with a row and without',
    async (_quien, quien, codigo) => {
      for (const servicio of [conFila(), sinFila()]) {
        const api = await iniciar({ servicio });
        const respuesta = await pedir(api, '/solicitudes/SOL-1', quien);
        expect(respuesta.estadoHttp).toBe(codigo);
        if (codigo !== 404) continue;
        // Word for word as of a codigo that was never sent.
        const { sobre } = await pedir(
          await iniciar({ servicio: servicioDeEmision({}) }),
          '/solicitudes/SOL-1',
          quien,
        );
        expect([respuesta.sobre.data, respuesta.sobre.error]).toEqual([null, sobre.error]);
      }
    },
  );
});

/** Every way in which a codigo may be known that is another client's. */
const AJENAS: [string, Parameters<typeof servicioDeEmision>[0]][] = (() => {
  const FALLO = { tipo: 'PKI_ERROR', paso: 1, detalles: ['x'] } satisfies FalloDeEmision;
  const deSiirc = (...que: Parameters<typeof fila> extends [unknown, ...infer R] ? R : never) => ({
    leer: () => Promise.resolve({ ...fila(SUYA, ...que), cliente: DE_SIIRC }),
  });
  const memo = { ...memoDe(SUYA), cliente: DE_SIIRC };
  const run = (cambios = {}) => ({ enCurso: () => Promise.resolve(runAbierta({ memo, ...cambios })) });
  const alterados = () => Promise.reject(new CertificadosAlterados('SOL-1', 'x'));
  return [
    ['COMPLETADO', { registro: deSiirc('COMPLETADO') }],
    [
      'COMPLETADO, of altered certificates',
      { registro: { ...deSiirc('COMPLETADO'), leerCertificados: alterados } },
    ],
    ['FALLIDO', { registro: deSiirc('FALLIDO', FALLO) }],
    ['FALLIDO, and runs again', { registro: deSiirc('FALLIDO', FALLO), motor: run() }],
    ['EN_PROCESO', { registro: deSiirc('EN_PROCESO'), motor: run({ runId: 'run-anterior' }) }],
    [
      'EN_PROCESO, of a run that died',
      {
        registro: { ...deSiirc('EN_PROCESO'), conciliar: deSiirc('FALLIDO', FALLO).leer },
        motor: run({ abierta: false }),
      },
    ],
    ['accepted, without a row', { motor: run() }],
    [
      'known to Temporal alone',
      { registro: { restaurar: deSiirc('COMPLETADO').leer }, motor: run({ abierta: false }) },
    ],
    [
      'from before its sender was kept',
      { registro: { leer: () => Promise.resolve(fila(SUYA, 'COMPLETADO')) } },
    ],
    ['begun by nobody of ours', { motor: run({ memo: undefined }) }],
  ];
})();

describe.each([
  ['answers', false],
  ['is down', true],
])('while Temporal %s', (_, estaCaido) => {
  /** What a GET of another client is answered, and what was asked for it, in order. */
  async function lectura({ registro = {}, motor = {} }: Parameters<typeof servicioDeEmision>[0]) {
    const pedidas: string[] = [];
    const contadas = <P extends object>(parte: string, puerto: P): P =>
      Object.fromEntries(
        Object.entries(puerto).map(([nombre, funcion]) => [
          nombre,
          (...parametros: unknown[]) => {
            pedidas.push(`${parte}.${nombre}`);
            if (estaCaido && parte === 'motor') return Promise.reject(new ServicioNoDisponible('Temporal'));
            return (funcion as (...p: unknown[]) => unknown)(...parametros);
          },
        ]),
      ) as P;
    const nada = () => Promise.resolve(null);
    const servicio = servicioDeEmision({
      registro: contadas('registro', {
        leer: nada,
        conciliar: nada,
        restaurar: nada,
        leerCertificados: () => Promise.resolve([]),
        ...registro,
      }),
      motor: contadas('motor', { enCurso: nada, detalle: nada, ...motor }),
    });
    const { estadoHttp, sobre } = await pedir(await iniciar({ servicio }), '/solicitudes/SOL-1', OTRO);
    const { success, message, data, error } = sobre;
    return { estadoHttp, success, message, data, error, pedidas };
  }

  it.each(AJENAS)(
    'an issuance of another client (%s) is told as one that never was',
    async (_caso, puertos) => {
      const jamas = await lectura({});
      expect(jamas.estadoHttp).toBe(estaCaido ? 503 : 404);
      expect(await lectura(puertos)).toEqual(jamas);
    },
  );
});

it('lists and searches are of the client’s own, unless it may read all', async () => {
  const api = await iniciar();
  const documento = { tipoDocumento: 'DNI', numeroDocumento: '45678912' };
  const alcances = [];
  for (const quien of [SIIRC, OTRO, TODAS])
    for (const respuesta of [
      await pedir(api, '/solicitudes?estado=FALLIDO', quien),
      await pedir(api, '/solicitudes/busqueda', quien, documento),
      await pedir(api, `/seguimiento/${ID}`, quien),
    ])
      alcances.push((respuesta.sobre.data as { alcance?: unknown } | null)?.alcance);

  // Nothing found is told apart from nothing that may be read.
  expect(alcances).toEqual([...Array<string>(6).fill('propias'), ...Array<string>(3).fill('todas')]);
  const clientes = [{ cliente: DE_SIIRC }, { cliente: huella('cliente', 'otro') }, {}];
  const filtros = clientes.map((cliente) => ({ estado: 'FALLIDO', ...cliente }));
  expect(api.soporte.argumentosDe('listar').map(([filtro]) => filtro)).toEqual(filtros);
  expect(api.soporte.argumentosDe('contarFallidas').map(([filtro]) => filtro)).toEqual(filtros);
  for (const operacion of ['buscarPorCiudadano', 'seguir'] as const)
    expect(api.soporte.argumentosDe(operacion).map(([, , cliente]) => ({ cliente }))).toEqual(clientes);
});

it('of a bulk re-run a client is told its own lines, and where none is, nothing', async () => {
  const api = await iniciar();
  api.soporte.respuestas = {
    leerReejecucion: () =>
      Promise.resolve({
        reejecucionId: ID,
        estado: 'TERMINADA',
        fechaInicio: '2026-11-22T10:00:00Z',
        fechaFin: '2026-11-22T10:00:00Z',
        solicitudes: ['A', 'B', 'C'].map((codigo) => ({
          codigoSolicitudTramite: codigo,
          estado: 'COMPLETADO',
          fallo: null,
        })),
      }),
    enviadasPor: (cliente) => Promise.resolve(new Set(cliente === DE_SIIRC ? ['B'] : [])),
  };

  const [suya, ajena, toda] = [
    await pedir(api, `/reejecuciones/${ID}`, SIIRC),
    await pedir(api, `/reejecuciones/${ID}`, OTRO),
    await pedir(api, `/reejecuciones/${ID}`, TODAS),
  ];

  expect(suya.sobre.data).toMatchObject({
    alcance: 'propias',
    total: 1,
    solicitudes: [{ codigoSolicitudTramite: 'B' }],
  });
  expect([ajena.estadoHttp, ajena.sobre.error?.titulo, detallesDe(ajena)]).toEqual([
    404,
    'No hay reejecución con ese identificador',
    ['reejecucionId: no hay reejecución con ese identificador'],
  ]);
  expect(toda.sobre.data).toMatchObject({ alcance: 'todas', total: 3 });
});

it('of the audit log a client is told the entries about what it sent', async () => {
  const bitacora: PruebasDeBitacora = {
    leerPunto: () => Promise.resolve(null),
    leerEntrada: (id) => Promise.resolve({ id, hoja: Buffer.from('{"codigo":"SOL-1"}'), lugar: null }),
    leerConsistencia: () => Promise.resolve(null),
  };
  const api = await iniciar({ bitacora });
  api.soporte.respuestas.enviadasPor = (cliente, codigos) =>
    Promise.resolve(new Set(cliente === DE_SIIRC ? codigos : []));

  const estados = [SIIRC, OTRO, TODAS].map(
    async (quien) => (await pedir(api, `/bitacora/entradas/${ID}`, quien)).estadoHttp,
  );

  expect(await Promise.all(estados)).toEqual([200, 404, 200]);
});

it('to read all is not to issue, nor to run again', async () => {
  const api = await iniciar();
  expect((await pedir(api, '/obtener-certificado-digital', TODAS, {})).estadoHttp).toBe(403);
  expect((await pedir(api, '/solicitudes/SOL-1/reejecuciones', TODAS, { motivo: 'x' })).estadoHttp).toBe(403);
});
