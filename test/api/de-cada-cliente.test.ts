/** A client reads the issuances that it sent, and of others it is not even told that they are there. */
import type { PruebasDeBitacora } from '../../shared/bitacora/pruebas.ts';
import { ApiDePrueba, BASE, detallesDe, type Respuesta } from '../support/api-de-prueba.ts';
import { CLAVES_DE_PRUEBA } from '../support/fake-claves.ts';
import { fila, memoDe, runAbierta, servicioDeEmision, SUYA } from '../support/servicio-de-emision.ts';

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
    'one that siirc sent',
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
    'one from before that was kept',
    null,
    [
      ['siirc', SIIRC, 404],
      ['who may read all', TODAS, 200],
    ],
  ],
])('of %s', (_, cliente, lectores) => {
  const conFila = () =>
    servicioDeEmision({
      registro: { leer: () => Promise.resolve({ ...fila(SUYA, 'COMPLETADO'), cliente }) },
    });
  /** Accepted, and no worker has written its row yet. */
  const sinFila = () => {
    const memo = { ...memoDe(SUYA), ...(cliente !== null && { cliente }) };
    return servicioDeEmision({ motor: { enCurso: () => Promise.resolve(runAbierta({ memo })) } });
  };

  it.each(lectores)('%s is told so much by a GET, with a row and without', async (_quien, quien, codigo) => {
    for (const servicio of [conFila(), sinFila()]) {
      const api = await iniciar({ servicio });
      const respuesta = await pedir(api, '/solicitudes/SOL-1', quien);
      expect(respuesta.codigo).toBe(codigo);
      if (codigo !== 404) continue;
      // Word for word as of a codigo that was never sent.
      const { sobre } = await pedir(
        await iniciar({ servicio: servicioDeEmision({}) }),
        '/solicitudes/SOL-1',
        quien,
      );
      expect([respuesta.sobre.data, respuesta.sobre.error]).toEqual([null, sobre.error]);
    }
  });
});

it('lists and searches are of the client’s own, unless it may read all', async () => {
  const api = await iniciar();
  for (const quien of [SIIRC, OTRO, TODAS]) {
    await pedir(api, '/solicitudes?estado=FALLIDO', quien);
    await pedir(api, '/solicitudes/busqueda', quien, { tipoDocumento: 'DNI', numeroDocumento: '45678912' });
  }

  const clientes = [{ cliente: DE_SIIRC }, { cliente: huella('cliente', 'otro') }, {}];
  const filtros = clientes.map((cliente) => ({ estado: 'FALLIDO', ...cliente }));
  expect(api.soporte.argumentosDe('listar').map(([filtro]) => filtro)).toEqual(filtros);
  expect(api.soporte.argumentosDe('contarFallidas').map(([filtro]) => filtro)).toEqual(filtros);
  expect(api.soporte.argumentosDe('buscarPorCiudadano').map(([, , cliente]) => ({ cliente }))).toEqual(
    clientes,
  );
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

  expect(suya.sobre.data).toMatchObject({ total: 1, solicitudes: [{ codigoSolicitudTramite: 'B' }] });
  expect([ajena.codigo, detallesDe(ajena)]).toEqual([
    404,
    ['reejecucionId: no hay reejecución con ese identificador'],
  ]);
  expect(toda.sobre.data).toMatchObject({ total: 3 });
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

  const codigos = [SIIRC, OTRO, TODAS].map(
    async (quien) => (await pedir(api, `/bitacora/entradas/${ID}`, quien)).codigo,
  );

  expect(await Promise.all(codigos)).toEqual([200, 404, 200]);
});

it('to read all is not to issue, nor to run again', async () => {
  const api = await iniciar();
  expect((await pedir(api, '/obtener-certificado-digital', TODAS, {})).codigo).toBe(403);
  expect((await pedir(api, '/solicitudes/SOL-1/reejecuciones', TODAS, { motivo: 'x' })).codigo).toBe(403);
});
