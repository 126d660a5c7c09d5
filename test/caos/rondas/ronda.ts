/**
 * A round: one issuance held at each of some points, all at once; one act strikes them all; then every gate opens, all is
 * started, and each issuance is a case of its own, judged when it has settled.
 */
import type { SolicitudCertificado } from '../../../shared/emision/solicitud.ts';
import { hasta } from '../../support/hasta.ts';
import { solicitudNueva } from '../../support/servidores/stack.ts';
import { pedirHastaElFinal, type Esperado } from '../cliente.ts';
import type { Resultado } from '../juicio/informe.ts';
import { juzgar, juzgarSeries, type Falta, type Hechos } from '../juicio/juez.ts';
import {
  abrirPuerta,
  cerrarPuerta,
  estaEnSuPunto,
  haAcabado,
  retieneAlApi,
  tieneCandado,
  type Punto,
} from '../puntos.ts';
import type { Sistema } from '../sistema.ts';
import { reunirHechos } from '../juicio/testigo.ts';

/** One issuance of a round. */
export interface Caso {
  nombre: string;
  punto: Punto;
  codigo: string;
  solicitud: SolicitudCertificado;
  /** What its client is told in the end. */
  final: Promise<Esperado>;
  /** Another codigo of its citizen, sent while it was held. */
  rival: SolicitudCertificado | null;
  /** Found while the round went on. */
  faltas: Falta[];
}

export interface Ronda {
  nombre: string;
  puntos: readonly Punto[];
  /** While each is held, another codigo of its citizen is sent, and must be refused. */
  conRivales?: boolean;
  /** Strikes all cases at their points, and leaves all parts running; it may open gates itself. */
  acto: (sistema: Sistema, casos: Caso[]) => Promise<void>;
  /** How a case may end before anybody helps. */
  finales: (punto: Punto) => readonly Esperado['final'][];
  /** An operator closes runs by force in it, or a store is restored. */
  forzada?: boolean;
}

const LLEGADA_MS = 90_000;
const MAS_ALLA_MS = 60_000;
let series = 0;

export async function jugarRonda(sistema: Sistema, ronda: Ronda): Promise<Resultado[]> {
  return jugar(sistema, ronda.nombre, async (serie, casos) => {
    // What holds the API comes last; the answer of a start before the request of another.
    const enOrden = ronda.puntos.toSorted(
      (a, b) => Number(retieneAlApi(a)) - Number(retieneAlApi(b)) || b.localeCompare(a),
    );
    for (const punto of enOrden.filter((punto) => !retieneAlApi(punto)))
      casos.push(await empezar(sistema, ronda.nombre, serie, punto));
    await todosEnSuPunto(sistema, casos);
    if (ronda.conRivales) await enviarRivales(sistema, casos);
    for (const punto of enOrden.filter(retieneAlApi)) {
      casos.push(await empezar(sistema, ronda.nombre, serie, punto));
      await todosEnSuPunto(sistema, casos);
    }
    await llevarMasAlla(sistema, casos);
    await ronda.acto(sistema, casos);
    await abrirTodas(sistema, casos);
    await asentar(sistema, ronda, casos);
    return juzgarCasos(sistema, ronda, casos);
  });
}

/** A round that cannot be played to its end is a case that failed; the next one finds all awake and open. */
export async function jugar(
  sistema: Sistema,
  nombre: string,
  cuerpo: (serie: string, casos: Caso[]) => Promise<Resultado[]>,
): Promise<Resultado[]> {
  const serie = `C${++series}`;
  const casos: Caso[] = [];
  try {
    return await cuerpo(serie, casos);
  } catch (error) {
    sistema.despertarATodos();
    await abrirTodas(sistema, casos);
    const texto = error instanceof Error ? error.message : String(error);
    return [{ caso: nombre, faltas: [{ clase: 'INEXPLICADA', codigo: serie, texto }], hechos: [] }];
  }
}

/** @param donde how the case is called; by its point where that says it */
export async function empezar(
  sistema: Sistema,
  nombre: string,
  serie: string,
  punto: Punto,
  donde: string = punto,
): Promise<Caso> {
  const codigo = `${serie}-${donde.replaceAll(' ', '-')}`;
  const solicitud = solicitudNueva(codigo);
  await cerrarPuerta(sistema, codigo, punto);
  const final = pedirHastaElFinal(sistema, solicitud);
  return { nombre: `${nombre} @ ${donde}`, punto, codigo, solicitud, final, rival: null, faltas: [] };
}

async function enviarRivales(sistema: Sistema, casos: Caso[]): Promise<void> {
  await Promise.all(
    casos
      .filter(({ punto }) => tieneCandado(punto))
      .map(async (caso) => {
        const rival = solicitudNueva(`${caso.codigo}-R`, caso.solicitud.solicitud.numeroDocumento);
        const respuesta = await sistema.enviar(rival);
        const tipo = respuesta?.sobre.error?.tipo;
        if (tipo !== 'CIUDADANO_EN_PROCESO')
          acusar(
            caso,
            `another codigo of its citizen should get CIUDADANO_EN_PROCESO, and gets ${String(respuesta?.estadoHttp)} ${String(tipo)}`,
          );
        caso.rival = rival;
      }),
  );
}

/** All at once: a held write that waited too long is cut, and made again. */
export async function todosEnSuPunto(sistema: Sistema, casos: Caso[]): Promise<void> {
  let faltan: string[] = [];
  await hasta(
    'all to be at their points',
    async () => {
      const estan = await Promise.all(
        casos.map(({ codigo, punto }) => estaEnSuPunto(sistema, codigo, punto)),
      );
      faltan = casos.filter((_, i) => !estan[i]).map(({ codigo }) => codigo);
      return faltan.length === 0;
    },
    LLEGADA_MS,
  ).catch((error: unknown) => {
    throw new Error(`${faltan.join()} did not come to their points`, { cause: error });
  });
}

/** The points beyond the outcome: it is committed while Temporal, or the API, stands still. */
async function llevarMasAlla(sistema: Sistema, casos: Caso[]): Promise<void> {
  const alFinal = casos.find(({ punto }) => punto === 'antes-de-responder');
  if (alFinal) {
    sistema.stack.senal('api', 'SIGSTOP');
    await abrirPuerta(sistema, alFinal.codigo, alFinal.punto);
    await hasta(
      `${alFinal.codigo} to be closed`,
      async () => {
        const { status } = await sistema.stack.workflow(alFinal.codigo).describe();
        return status.name === 'COMPLETED';
      },
      MAS_ALLA_MS,
    );
  }
  const trasElDesenlace = casos.find(({ punto }) => punto === 'tras-el-desenlace');
  if (trasElDesenlace) {
    sistema.temporal.signal('SIGSTOP');
    await abrirPuerta(sistema, trasElDesenlace.codigo, trasElDesenlace.punto);
    await hasta(
      `${trasElDesenlace.codigo} to be recorded`,
      async () => {
        const [fila] = await sistema.consultar('select estado from solicitudes where codigo = $1', [
          trasElDesenlace.codigo,
        ]);
        return fila?.estado === 'COMPLETADO';
      },
      MAS_ALLA_MS,
    );
  }
}

/** Whoever was stopped on the way goes on; where the act killed it, there is nobody to wake. */
export function despertarATodos(sistema: Sistema, casos: Caso[]): void {
  if (casos.some(({ punto }) => punto === 'tras-el-desenlace')) sistema.temporal.signal('SIGCONT');
  if (casos.some(({ punto }) => punto === 'antes-de-responder')) sistema.stack.senal('api', 'SIGCONT');
}

export async function abrirTodas(sistema: Sistema, casos: Caso[]): Promise<void> {
  for (const { codigo, punto } of casos) await abrirPuerta(sistema, codigo, punto);
}

/** Each client has its answer; what failed and may run again does. */
export async function asentar(
  sistema: Sistema,
  { finales }: Pick<Ronda, 'finales'>,
  casos: Caso[],
): Promise<void> {
  await Promise.all(
    casos.map(async (caso) => {
      const { final, tipo } = await caso.final;
      const esperados = finales(caso.punto);
      if (!esperados.includes(final))
        acusar(
          caso,
          `its client should end with ${esperados.join(' or ')}, and ends with ${final} (${String(tipo)})`,
        );
      if (final !== 'COMPLETADO') await repetir(sistema, caso);
    }),
  );
  // The clients are the last to ask: the same answer, under another X-Request-ID.
  await Promise.all(casos.map(({ solicitud }) => sistema.enviar(solicitud)));
}

/** SIIRC sends a failed one again; an uncertain one of an adapter that does not repeat its answers waits for support. */
async function repetir(sistema: Sistema, caso: Caso): Promise<void> {
  const repetida = await pedirHastaElFinal(sistema, caso.solicitud);
  if (repetida.final === 'COMPLETADO') return;
  if (!sistema.idempotente && repetida.tipo === 'SOLICITUD_NO_REEJECUTABLE') return;
  acusar(caso, `sent again, it should be COMPLETADO, and is ${repetida.final} (${String(repetida.tipo)})`);
}

export function acusar(caso: Caso, texto: string): void {
  caso.faltas.push({ clase: 'INEXPLICADA', codigo: caso.codigo, texto });
}

export async function juzgarCasos(
  sistema: Sistema,
  { forzada = false }: Pick<Ronda, 'forzada'>,
  casos: Caso[],
): Promise<Resultado[]> {
  const resultados: Resultado[] = [];
  for (const caso of casos) {
    const hechos = [await hechosAsentados(sistema, caso.solicitud, forzada || haAcabado(caso.punto))];
    if (caso.rival) hechos.push(await hechosAsentados(sistema, caso.rival, forzada));
    resultados.push({ caso: caso.nombre, faltas: [...caso.faltas, ...hechos.flatMap(juzgar)], hechos });
  }
  const repetidas = juzgarSeries(resultados.flatMap(({ hechos }) => hechos));
  if (repetidas.length > 0) resultados[0]?.faltas.push(...repetidas);
  for (const texto of sistema.choques.splice(0))
    resultados[0]?.faltas.push({ clase: 'DOBLADA', codigo: texto, texto });
  return resultados;
}

const CIERRE_MS = 20_000;

/** Its client may know the outcome a moment before the run is closed. */
export async function hechosAsentados(
  sistema: Sistema,
  solicitud: SolicitudCertificado,
  forzada: boolean,
): Promise<Hechos> {
  const cerrada = async () => {
    const hechos = await reunirHechos(sistema, solicitud, forzada);
    return hechos.temporal?.estado !== 'RUNNING' && hechos;
  };
  // The judge says it of one that is still open.
  return hasta('its run to be closed', cerrada, CIERRE_MS).catch(() =>
    reunirHechos(sistema, solicitud, forzada),
  );
}
