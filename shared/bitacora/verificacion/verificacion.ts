/**
 * Reads the whole log and says which of its records were changed, deleted, moved or inserted. It reads the database and
 * changes nothing; whoever may write the database may change the log, but not the signatures and seals, nor what a witness
 * keeps.
 */
import { setImmediate } from 'node:timers/promises';
import type { Claves } from '../../runtime/claves/claves.ts';
import { esIgual, type Resumen } from '../arbol/arbol.ts';
import {
  leerEpocas,
  leerPuntos,
  leerRaiz,
  leerUltimoPunto,
  type PuntoGuardado,
} from '../arbol/arbol-guardado.ts';
import { COLUMNAS_DE_HOJA, hojaDe, REGISTRADA, type FilaDeHoja } from '../entrada.ts';
import { HALLAZGOS_MAX, type Hallazgo, type InformeDeBitacora, type InformeDeEpoca } from '../contrato.ts';
import type { BaseDeBitacora } from '../esquema.ts';
import { leerNotaFirmada, leerPuntoFirmado } from '../punto-de-control/firmado.ts';
import { createHallazgos, enUnInstante, type Hallar } from './hallazgos.ts';
import { enlaceCon, type PuntoDeControl } from '../punto-de-control/punto-de-control.ts';
import type { Verificador } from '../punto-de-control/nota.ts';
import { estaReconocida } from '../secuencia/reconocimiento-de-epoca.ts';
import { EPOCA_ABIERTA } from '../secuencia/secuenciador.ts';
import { juzgarSello } from '../sello.ts';
import { epocaDe } from '../punto-de-control/testigos.ts';
import { verificarDatos } from './verificacion-de-datos.ts';
import { verificarLoQueSobra, verificarSinLugar } from './verificacion-de-sobras.ts';
import { estanTodas, verificarTramo } from './verificacion-de-tramo.ts';

export interface OpcionesDeVerificacion {
  db: BaseDeBitacora;
  /** For the keys that may have signed the checkpoints. */
  verificadores: readonly Verificador[];
  /** Checkpoints that were kept elsewhere. */
  notasDeTestigos: readonly string[];
  /** Opens the personal data that entries commit to, and reads the seals; null leaves them unread. */
  claves: Claves | null;
  /** What each domain finds where its record and the log disagree. */
  deDominios?: readonly ((avanzar: () => void) => AsyncIterable<Hallazgo>)[];
  /** Called at every stretch of the log: it may take long. */
  avanzar?: () => void;
}

/** Leaves that are held in memory at once. */
const TRAMO_MAXIMO = 1_000;

type Fila = FilaDeHoja & {
  indice: string | number | null;
  sal: Uint8Array | null;
  datos: Uint8Array | null;
  sello: string | null;
};

export async function verificarBitacora(opciones: OpcionesDeVerificacion): Promise<InformeDeBitacora> {
  const { db, verificadores, claves, notasDeTestigos, avanzar = () => undefined } = opciones;
  const { hallar, informe } = createHallazgos();
  // The log grows while it is read. What is there now is verified; of what comes later, only that it is signed.
  const { existentes, fin } = await enUnInstante(db, async (tx) => ({
    existentes: await leerEpocas(tx),
    fin: await leerUltimoPunto(tx),
  }));
  verificarEpocas(existentes, hallar);
  const epocas: InformeDeEpoca[] = [];
  let anterior: PuntoGuardado | null = null;
  for (const { epoca } of existentes) {
    avanzar();
    const hasta = epoca === fin?.epoca ? fin.tamano : Number.MAX_SAFE_INTEGER;
    const verificada = await verificarEpoca(opciones, epoca, hasta, anterior, hallar);
    epocas.push(verificada.informe);
    anterior = verificada.ultimo;
  }
  await verificarLoQueSobra(db, verificadores, epocas, hallar);
  for (const nota of notasDeTestigos) await compararConTestigo(opciones, nota, epocas, hallar);
  for (const comparar of opciones.deDominios ?? [])
    for await (const { falta, ...donde } of comparar(avanzar)) hallar(falta, donde);
  const sinLugar = await verificarSinLugar(db, claves, hallar);
  return { epocas: epocas.slice(-HALLAZGOS_MAX), sinLugar, ...informe() };
}

async function verificarEpoca(
  opciones: OpcionesDeVerificacion,
  epoca: number,
  limite: number,
  anterior: PuntoGuardado | null,
  hallar: Hallar,
): Promise<{ informe: InformeDeEpoca; ultimo: PuntoGuardado | null }> {
  const { db, claves, verificadores } = opciones;
  const informe: InformeDeEpoca = { epoca, tamano: 0, abiertaEn: null, causa: null, motivo: null };
  let ultimo: PuntoGuardado | null = null;
  let borde: readonly Resumen[] | null = [];
  let previo = anterior;
  for await (const punto of leerPuntos(db, epoca, limite)) {
    const firmado = leerFirmado(verificadores, punto, previo, hallar);
    previo = punto;
    const raiz = firmado && firmado.raiz;
    if (raiz === null && !(await estanTodas(db, epoca, informe.tamano, punto.tamano))) continue;
    while (informe.tamano < punto.tamano) {
      opciones.avanzar?.();
      // PGlite answers within the same turn of the event loop: this gives a turn to the other work of the process.
      await setImmediate();
      const desde = informe.tamano;
      const hasta = Math.min(punto.tamano, desde + TRAMO_MAXIMO);
      const filas = await leerEntradas(db, epoca, desde, hasta);
      if (desde === 0) await verificarApertura(opciones, informe, filas, anterior, hallar);
      await verificarDatos(db, claves, epoca, filas, hallar);
      const firmada = hasta === punto.tamano ? raiz : null;
      const tramo = await verificarTramo(db, { epoca, desde, hasta, borde, raiz: firmada, filas }, hallar);
      borde = tramo.borde;
      const sinDecir = filas.filter(({ indice }) => !tramo.alteradas.has(Number(indice)));
      if (claves) verificarSellos(claves, epoca, sinDecir, hallar);
      informe.tamano = hasta;
    }
    ultimo = punto;
  }
  if (ultimo === null) hallar('La época no tiene ningún punto de control.', { epoca });
  return { informe, ultimo };
}

/** @returns null where the checkpoint cannot be believed */
function leerFirmado(
  verificadores: readonly Verificador[],
  punto: PuntoGuardado,
  previo: PuntoGuardado | null,
  hallar: Hallar,
): PuntoDeControl | null {
  const { epoca, tamano } = punto;
  const firmado = leerPuntoFirmado(verificadores, punto);
  if (!firmado)
    hallar(
      `El punto de control de ${tamano} entradas no es el que se firmó: fue alterado, o lo firmó otra clave.`,
      { epoca },
    );
  // A checkpoint that was changed has a finding of its own.
  const esDeFiar = previo === null || leerPuntoFirmado(verificadores, previo) !== null;
  if (firmado?.anterior && esDeFiar && !esIgual(firmado.anterior, enlaceCon(previo && previo.nota)))
    hallar(`Falta el punto de control anterior al de ${tamano} entradas: fue borrado.`, { epoca });
  return firmado;
}

/** Where somebody rebuilt the tree over a change, the seal tells which entry was changed. */
function verificarSellos(claves: Claves, epoca: number, filas: readonly Fila[], hallar: Hallar): void {
  for (const fila of filas)
    if (juzgarSello(claves.huella, hojaDe(fila), fila.sello) === 'FALSO')
      hallar('El sello de la entrada no es el suyo: la entrada, o él, fue alterado.', {
        epoca,
        indice: Number(fila.indice),
        id: fila.id,
      });
}

/** As the service writes it; whoever owns the database may have put anything there. */
type Apertura = Partial<Record<'causa' | 'motivo' | 'anterior', unknown>>;
/** Characters of a reason: a report must fit into a payload. */
const MOTIVO_MAXIMO = 2_000;

/** The first entry of an epoch says where the one before it had ended. */
async function verificarApertura(
  { db, claves }: OpcionesDeVerificacion,
  informe: InformeDeEpoca,
  [primera]: Fila[],
  anterior: PuntoGuardado | null,
  hallar: Hallar,
): Promise<void> {
  const { epoca } = informe;
  if (primera?.evento !== EPOCA_ABIERTA || Number(primera.indice) !== 0) {
    hallar('La época no empieza por la entrada que la abre.', { epoca, indice: 0 });
    return;
  }
  const { causa, motivo, anterior: nota } = (primera.contenido as Apertura | null) ?? {};
  informe.abiertaEn = primera.registrada;
  informe.causa = String(causa);
  informe.motivo = String(motivo).slice(0, MOTIVO_MAXIMO);
  if (nota !== (anterior?.nota ?? null))
    hallar('La época anterior no termina donde terminaba cuando esta se abrió.', { epoca, indice: 0 });
  if (causa === 'CONTRADICCION' && !(await estaReconocida(db, claves, primera.codigo)))
    hallar(
      `La época se abrió porque un testigo contradijo al registro, y nadie lo ha reconocido: averigüe por qué y anótelo con npm run bitacora -- reconocer ${epoca} "MOTIVO".`,
      { epoca },
    );
}

/** Epochs are numbered from 1 on. Whoever owns the database may write any number, so nothing here counts up to one. */
function verificarEpocas(existentes: readonly { epoca: number; tieneFila: boolean }[], hallar: Hallar): void {
  let debida = 1;
  for (const { epoca, tieneFila } of existentes) {
    if (epoca === debida + 1) hallar(`Falta la época ${debida}: fue borrada.`);
    else if (epoca > debida) hallar(`Faltan las épocas ${debida} a ${epoca - 1}: fueron borradas.`);
    if (!tieneFila) hallar('Falta la fila de la época en bitacora_epocas.', { epoca });
    debida = Math.max(1, epoca + 1);
  }
}

async function compararConTestigo(
  { db, verificadores }: OpcionesDeVerificacion,
  nota: string,
  epocas: readonly InformeDeEpoca[],
  hallar: Hallar,
): Promise<void> {
  const visto = leerNotaFirmada(verificadores, nota);
  if (!visto) {
    hallar('Lo que guarda el testigo no es un punto de control firmado por esta bitácora.');
    return;
  }
  const epoca = epocaDe(visto.origen);
  const informe = epocas.find((una) => una.epoca === epoca);
  if (!informe || informe.tamano < visto.tamano) {
    hallar(
      `El testigo vio ${visto.tamano} entradas de esta época; el registro tiene ${informe?.tamano ?? 0}: faltan las últimas.`,
      { epoca },
    );
    return;
  }
  const raiz = await leerRaiz(db, epoca, visto.tamano).catch(() => null);
  if (!raiz || !esIgual(raiz, visto.raiz))
    hallar(`Las primeras ${visto.tamano} entradas no son las que el testigo vio.`, { epoca });
}

function leerEntradas(db: BaseDeBitacora, epoca: number, desde: number, hasta: number): Promise<Fila[]> {
  return db
    .selectFrom('bitacora')
    .select([...COLUMNAS_DE_HOJA, REGISTRADA, 'indice', 'sal', 'datos', 'sello'])
    .where('epoca', '=', epoca)
    .where('indice', '>=', desde)
    .where('indice', '<', hasta)
    .orderBy('indice')
    .execute();
}
