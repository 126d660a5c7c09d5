/**
 * The random walk: many requests under load (repeats, rivals for one citizen, documents that fail, a hostile PKI) while
 * parts die, stand still and operators act, all drawn from one seed. Then everything runs, and each codigo is a case.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { SolicitudCertificado } from '../../../shared/emision/solicitud.ts';
import { hasta } from '../../support/hasta.ts';
import { solicitudNueva } from '../../support/servidores/stack.ts';
import { createAzar, type Azar } from '../azar.ts';
import { pedirHastaElFinal } from '../cliente.ts';
import type { Resultado } from '../juicio/informe.ts';
import { juzgar, juzgarSeries, type Falta } from '../juicio/juez.ts';
import { ACTOS, type NombreDeActo } from './operadores.ts';
import { hechosAsentados } from './ronda.ts';
import type { Parte, ParteDetenible, Sistema } from '../sistema.ts';

export interface OpcionesDePaseo {
  semilla: string;
  solicitudes: number;
  muertes: number;
  /** Takes one line of progress at a time. */
  contar: (linea: string) => void;
}

/** Of the sandbox: refusals of each step, the certificate of another citizen, a citizen that is known the second time. */
const DOCUMENTOS_QUE_FALLAN = ['99991404', '99992404', '99991422', '99992422', '99992502', '99991201'];

/** What a walk's system is started with: passing failures end in minutes, and clients do not wait long. */
export const VARIABLES_DE_PASEO = {
  SIMULADOR_FALLAS: 'hostil',
  SIMULADOR_LATENCIA_MS: '300',
  PKI_TIMEOUT_MS: '4000',
  ESPERA_SINCRONA_MS: '10000',
  VENTANA_REINTENTO_MS: '90000',
};

interface Peticion {
  solicitud: SolicitudCertificado;
  requestId: string;
}

export async function pasear(
  sistema: Sistema,
  { semilla, solicitudes, muertes, contar }: OpcionesDePaseo,
): Promise<Resultado[]> {
  const azar = createAzar(semilla);
  const peticiones = sortearPeticiones(azar, solicitudes);
  const porCodigo = new Map(peticiones.map(({ solicitud }) => [codigoDe(solicitud), solicitud]));
  const operadas = new Set<string>();
  const clientes: Promise<unknown>[] = [];
  const enviadas: string[] = [];

  const caos = createCaos(sistema, azar, operadas);
  for (let golpe = 0; golpe < muertes; golpe++) {
    const tanda = peticiones.slice(
      Math.floor((golpe * solicitudes) / muertes),
      Math.floor(((golpe + 1) * solicitudes) / muertes),
    );
    for (const { solicitud, requestId } of tanda) {
      clientes.push(pedirHastaElFinal(sistema, solicitud, { requestId, limiteMs: FINAL_MS }));
      enviadas.push(codigoDe(solicitud));
    }
    await pause(azar.entero(50, 1_200));
    await caos.golpear(enviadas.slice(-EN_CURSO));
    if ((golpe + 1) % 10 === 0) contar(`${golpe + 1} of ${muertes} kills, ${enviadas.length} requests`);
  }
  await caos.levantar();
  await Promise.all(clientes);
  contar('all is started; settling');

  await Promise.all([...porCodigo.values()].map((solicitud) => asentar(sistema, azar, solicitud)));
  return juzgarTodas(sistema, [...porCodigo.values()], operadas);
}

const FINAL_MS = 600_000;
/** The last requests: among them are those that run. */
const EN_CURSO = 12;

function codigoDe({ solicitud }: SolicitudCertificado): string {
  return solicitud.codigoSolicitudTramite;
}

function sortearPeticiones(azar: Azar, cuantas: number): Peticion[] {
  const peticiones: Peticion[] = [];
  for (let i = 0; i < cuantas; i++) {
    const codigo = `W-${String(i)}`;
    const nueva = (documento?: string) => ({
      solicitud: solicitudNueva(codigo, documento),
      requestId: randomUUID(),
    });
    const clase = azar.segunPeso({ NUEVA: 70, REPETIDA: 10, OTRA_PETICION: 5, RIVAL: 7, FALLA: 8 });
    const anterior = peticiones.length > 0 ? azar.de(peticiones.slice(-EN_CURSO)) : null;
    if (anterior === null || clase === 'NUEVA') peticiones.push(nueva());
    else if (clase === 'REPETIDA') peticiones.push(anterior);
    else if (clase === 'OTRA_PETICION') peticiones.push({ ...anterior, requestId: randomUUID() });
    else if (clase === 'RIVAL') peticiones.push(nueva(anterior.solicitud.solicitud.numeroDocumento));
    else peticiones.push(nueva(azar.de(DOCUMENTOS_QUE_FALLAN)));
  }
  return peticiones;
}

function createCaos(sistema: Sistema, azar: Azar, operadas: Set<string>) {
  const levantar = async () => {
    // What needs a store does not start without it.
    const esAlmacen = (parte: Parte) => Number(parte === 'postgres' || parte === 'temporal');
    const enOrden = caidas.splice(0).sort((a, b) => esAlmacen(b) - esAlmacen(a));
    for (const parte of enOrden) await sistema.arrancar(parte);
  };
  const caidas: Parte[] = [];
  const matar = async (parte: Parte) => {
    if (caidas.includes(parte)) return;
    caidas.push(parte);
    await sistema.matar(parte);
  };
  const detener = async (parte: ParteDetenible) => {
    if (caidas.includes(parte)) return;
    sistema.detener(parte);
    // Often past the worker's beat and the PKI's timeout.
    await pause(azar.entero(1_000, 9_000));
    sistema.despertar(parte);
  };
  const operar = async (codigos: readonly string[]) => {
    const codigo = azar.de(codigos);
    const acto = azar.de(ACTOS_DE_PASEO);
    operadas.add(codigo);
    try {
      const seguir = await sistema.stack.client.withDeadline(Date.now() + ACTO_MS, () =>
        ACTOS[acto](sistema, codigo),
      );
      sistema.cuenta.actos += 1;
      await pause(azar.entero(0, 800));
      await seguir?.();
    } catch {
      // Closed already, not so far yet, or Temporal is down: an operator is told so.
    }
  };
  return {
    levantar,
    /** One kill, now and then of a part more, or while something stands still; and what operators do. */
    async golpear(codigos: readonly string[]): Promise<void> {
      for (let actos = azar.entero(0, 2); actos > 0; actos--) await operar(codigos);
      await matar(azar.segunPeso(PESOS_DE_MUERTE));
      if (azar.fraccion() < 0.1) await matar(azar.segunPeso(PESOS_DE_MUERTE));
      await pause(azar.entero(50, 1_000));
      if (azar.fraccion() < 0.15) await detener(azar.segunPeso(PESOS_DE_PARADA));
      await levantar();
    },
  };
}

const ACTO_MS = 3_000;

/** A run whose whole workflow is paused while a task of it waits for a worker cannot go on: docs/chaos.md, Found. */
const ACTOS_DE_PASEO = (Object.keys(ACTOS) as NombreDeActo[]).filter(
  (acto) => acto !== 'pause of the workflow',
);
const PESOS_DE_MUERTE = {
  worker: 28,
  worker2: 18,
  api: 14,
  temporal: 14,
  simulador: 13,
  postgres: 13,
} as const;
const PESOS_DE_PARADA = { worker: 40, worker2: 20, api: 15, simulador: 15, temporal: 10 } as const;

/** What failed is sent again by its client, run again by support, or left as it is. */
async function asentar(sistema: Sistema, azar: Azar, solicitud: SolicitudCertificado): Promise<void> {
  const codigo = codigoDe(solicitud);
  const suerte = azar.fraccion();
  const consulta = await sistema.preguntar(codigo);
  if (consulta?.sobre.data?.transaccion.estado === 'FALLIDO') {
    if (suerte < 0.4) await pedirHastaElFinal(sistema, solicitud);
    else if (suerte < 0.7) {
      const cuerpo = { motivo: 'La causa ya no existe' };
      const ruta = `solicitudes/${codigo}/reejecuciones`;
      await sistema.pedir(codigo, { metodo: 'POST', ruta, cuerpo, cliente: 'soporte' });
    }
  }
  await hasta(
    `${codigo} to end`,
    async () => {
      const respuesta = await sistema.preguntar(codigo);
      return respuesta !== null && respuesta.sobre.data?.transaccion.estado !== 'EN_PROCESO';
    },
    150_000,
  )
    // The judge says it with what each store holds.
    .catch(() => undefined);
}

async function juzgarTodas(
  sistema: Sistema,
  solicitudes: SolicitudCertificado[],
  operadas: Set<string>,
): Promise<Resultado[]> {
  const resultados: Resultado[] = [];
  for (const solicitud of solicitudes) {
    const hechos = await hechosAsentados(sistema, solicitud, operadas.has(codigoDe(solicitud)));
    resultados.push({ caso: `walk: ${hechos.codigo}`, faltas: juzgar(hechos), hechos: [hechos] });
  }
  const deTodas: Falta[] = [
    ...juzgarSeries(resultados.flatMap(({ hechos }) => hechos)),
    ...sistema.choques.splice(0).map((texto): Falta => ({ clase: 'DOBLADA', codigo: texto, texto })),
  ];
  if (deTodas.length > 0) resultados.push({ caso: 'walk: as a whole', faltas: deTodas, hechos: [] });
  return resultados;
}
