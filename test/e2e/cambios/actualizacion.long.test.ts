/**
 * A database and a Temporal that the version before filled go on under this one: what is open, what failed, what was
 * answered, a bulk re-run in its middle, and the audit log (docs/operacion.md, «Cambio de versión»).
 */
import { jest } from '@jest/globals';
import pg from 'pg';
import { workflowIdDeReejecucion } from '../../../shared/emision/reejecucion.ts';
import { generarClaveDeFirma } from '../../../shared/bitacora/punto-de-control/nota.ts';
import type { Behaviour } from '../../../simulator/pki/faults/behaviour.ts';
import { Stack, solicitudNueva, type Respuesta } from '../../support/servidores/stack.ts';
import { extraerVersionAnterior, type VersionAnterior } from './version-anterior-entera.ts';

jest.setTimeout(240_000);

const RECHAZO: Behaviour = { refusal: 'CIUDADANO_NO_ENCONTRADO' };
const MASIVA = ['MASIVA-0', 'MASIVA-1', 'MASIVA-2', 'MASIVA-3', 'MASIVA-4', 'MASIVA-5', 'MASIVA-6'];

let anterior: VersionAnterior;
let stack: Stack;
/** What the PKI does to a codigo, by its step; in good health where nothing is said. */
const conducta = new Map<string, Behaviour>();
const alcanzada = (codigo: string, paso: 1 | 2) => `${codigo}/${String(paso)}`;

/** The version before runs as worker and api, this one as worker2 and api2. */
beforeAll(async () => {
  anterior = await extraerVersionAnterior();
  stack = await Stack.start(
    { BITACORA_CLAVE_FIRMA: generarClaveDeFirma('localhost/bitacora') },
    {
      conducta: ({ codigoSolicitudTramite: codigo, paso }) => conducta.get(alcanzada(codigo, paso)) ?? {},
      propios: { worker: { archivo: anterior.worker }, api: { archivo: anterior.api } },
    },
  );
}, 240_000);
afterAll(async () => {
  await stack.stop();
  await anterior.borrar();
});

const estadoDe = ({ sobre }: Respuesta) => sobre.data?.transaccion.estado;
const consultar = (codigo: string) =>
  stack.pedir({ ruta: `solicitudes/${codigo}`, cliente: 'consulta', api: 'api2' });

/** The PKI keeps the step waiting until the answer is called. */
function retener(codigo: string, paso: 1 | 2): () => void {
  const puerta = Promise.withResolvers<undefined>();
  conducta.set(alcanzada(codigo, paso), { before: () => puerta.promise });
  return () => {
    conducta.delete(alcanzada(codigo, paso));
    puerta.resolve(undefined);
  };
}

/** Entries that wait for their place without a seal. */
async function sinSello(): Promise<number> {
  const registro = new pg.Client({ connectionString: stack.databaseUrl });
  await registro.connect();
  const { rows } = await registro.query<{ cuantas: number }>(
    'select count(*)::int as cuantas from bitacora where indice is null and sello is null',
  );
  await registro.end();
  return rows[0]?.cuantas ?? 0;
}

test('what the version before left goes on under this one: issued once, answered as before, and in the log', async () => {
  // What is at rest.
  const completada = solicitudNueva('COMPLETADA');
  const rechazada = solicitudNueva('RECHAZADA');
  const noConforme = solicitudNueva('NO-CONFORME');
  conducta.set(alcanzada('RECHAZADA', 1), RECHAZO);
  conducta.set(alcanzada('NO-CONFORME', 2), { certificateFault: 'OTRO_CIUDADANO' });
  const antes = await stack.emitir(completada);
  expect(antes.estadoHttp).toBe(201);
  expect((await stack.emitir(rechazada)).estadoHttp).toBe(404);
  expect((await stack.emitir(noConforme)).estadoHttp).toBe(502);
  // What is open: in each step, and in the middle of a bulk re-run.
  for (const codigo of MASIVA) conducta.set(alcanzada(codigo, 1), RECHAZO);
  await Promise.all(MASIVA.map((codigo) => stack.emitir(solicitudNueva(codigo))));
  const sueltas = [
    retener('EN-PASO-1', 1),
    retener('EN-PASO-2', 2),
    ...MASIVA.map((codigo) => retener(codigo, 1)),
  ];
  const enCurso = [solicitudNueva('EN-PASO-1'), solicitudNueva('EN-PASO-2')];
  for (const solicitud of enCurso)
    expect(
      (await stack.emitir(solicitud, undefined, { cabeceras: { Prefer: 'respond-async' } })).estadoHttp,
    ).toBe(202);
  await stack.hastaLlamada('EN-PASO-1', 'paso1');
  await stack.hastaLlamada('EN-PASO-2', 'paso2');
  const orden = await stack.pedir({
    metodo: 'POST',
    ruta: 'reejecuciones',
    cuerpo: { codigos: MASIVA, motivo: 'La PKI ya conoce a los ciudadanos' },
    cliente: 'soporte',
  });
  expect(orden.estadoHttp).toBe(201);
  await stack.hastaLlamada(MASIVA[0] ?? '', 'paso1', 2);

  // The upgrade, as docs/operacion.md has it.
  await stack.detener('api');
  await stack.matar('worker');
  for (const soltar of sueltas) soltar();
  conducta.clear();
  await stack.arrancar('worker2');
  await stack.arrancar('api2');

  // What was open ends.
  const reejecucionId = (orden.cabeceras.get('location') ?? '').split('/').at(-1) ?? '';
  await stack.client.workflow.getHandle(workflowIdDeReejecucion(reejecucionId)).result();
  for (const codigo of ['EN-PASO-1', 'EN-PASO-2', ...MASIVA]) {
    await stack.hasta(
      `${codigo} to complete`,
      async () => estadoDe(await consultar(codigo)) === 'COMPLETADO',
      120_000,
    );
    expect([codigo, await stack.emisiones(codigo)]).toEqual([
      codigo,
      expect.objectContaining({ emisiones: 1, certificados: 3 }),
    ]);
  }

  // What was at rest is answered as before, and can be gone on with.
  const repetida = await stack.emitir(completada, undefined, { api: 'api2' });
  expect([repetida.estadoHttp, repetida.sobre.data?.certificados]).toEqual([
    200,
    antes.sobre.data?.certificados,
  ]);
  expect(estadoDe(await consultar('NO-CONFORME'))).toBe('FALLIDO');
  const reejecutada = await stack.pedir({
    metodo: 'POST',
    ruta: 'solicitudes/RECHAZADA/reejecuciones',
    cuerpo: { motivo: 'La PKI ya lo conoce' },
    cliente: 'soporte',
    api: 'api2',
  });
  expect([reejecutada.estadoHttp, estadoDe(reejecutada)]).toEqual([201, 'COMPLETADO']);
  expect(await stack.emisiones('RECHAZADA')).toMatchObject({ emisiones: 1, certificados: 3 });
  // Who sent it is not known of what the version before accepted: only who reads all reads it.
  expect((await stack.pedir({ ruta: 'solicitudes/NO-CONFORME', api: 'api2' })).estadoHttp).toBe(404);

  // The register and Temporal agree, and the log holds once what waited without a seal is adopted.
  const conciliada = await stack.comando('conciliar.ts');
  expect(conciliada.output).toMatch(/sin conciliar: +0\n/);
  const sinAdoptar = await stack.comando('bitacora.ts', 'verificar');
  // Those that the version before had not given their place when it was stopped: some, or by chance none.
  expect(sinAdoptar.output.includes('nadie la ha adoptado')).toBe((await sinSello()) > 0);
  expect(sinAdoptar.output).not.toMatch(/MAL \(.*\) (?!La entrada no lleva el sello)/);
  const adoptadas = await stack.comando('bitacora.ts', 'adoptar', 'actualización');
  expect(adoptadas.code).toBe(0);
  await stack.hasta('every entry to have its place', async () => {
    const { code, output } = await stack.comando('bitacora.ts', 'verificar');
    return code === 0 && !output.includes('esperan');
  });
});
