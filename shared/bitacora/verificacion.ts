/**
 * Reads the whole log and says which of its records were changed, deleted, moved or inserted. It reads the database and
 * changes nothing; whoever may write the database may change the log, but not the signatures, nor what a witness keeps.
 */
import { setImmediate } from 'node:timers/promises';
import type { Claves } from '../runtime/claves.ts';
import { ArbolQueCrece, esIgual, nodosDe, resumenDeHoja, type Resumen } from './arbol.ts';
import { leerNodos, leerNodosCompletados, leerRaiz, leerUltimoPunto, type Punto } from './arbol-guardado.ts';
import {
  COLUMNAS_DE_HOJA,
  compromisoDe,
  contextoDeDatos,
  hojaDe,
  REGISTRADA,
  type FilaDeHoja,
} from './entrada.ts';
import { HALLAZGOS_MAX, type Hallazgo, type InformeDeBitacora, type InformeDeEpoca } from './contrato.ts';
import type { BaseDeBitacora } from './esquema.ts';
import { leerPunto, origenDe, type PuntoDeControl } from './punto-de-control.ts';
import type { Verificador } from './nota.ts';
import { EPOCA_ABIERTA } from './secuenciador.ts';
import { epocaDe } from './testigos.ts';
import { juzgarTramo, type Alteracion } from './tramo.ts';

export interface OpcionesDeVerificacion {
  db: BaseDeBitacora;
  /** Of the keys that may have signed the checkpoints. */
  verificadores: readonly Verificador[];
  /** Checkpoints that were kept elsewhere. */
  notasDeTestigos: readonly string[];
  /** Opens the personal data that entries commit to; null leaves them unread. */
  claves: Claves | null;
  /** What each domain finds where its record and the log disagree. */
  deDominios?: readonly (() => Promise<Hallazgo[]>)[];
  /** Called at every stretch of the log: it may take long. */
  avanzar?: () => void;
}

/** Of an entry that tells that personal data of its codigo were removed: they are missing rightly. */
const DATOS_RETIRADOS = 'DATOS_RETIRADOS';

/** Leaves that are held in memory at once. */
const TRAMO_MAXIMO = 1_000;

type Hallar = (falta: string, donde?: Partial<Hallazgo>) => void;
type Fila = FilaDeHoja & {
  indice: string | number | null;
  sal: Uint8Array | null;
  datos: Uint8Array | null;
};

export async function verificarBitacora(opciones: OpcionesDeVerificacion): Promise<InformeDeBitacora> {
  const { db, notasDeTestigos } = opciones;
  const hallazgos: Hallazgo[] = [];
  let hallados = 0;
  const hallar: Hallar = (falta, donde) => {
    hallados += 1;
    if (hallados <= HALLAZGOS_MAX) hallazgos.push({ epoca: null, indice: null, id: null, ...donde, falta });
  };
  // It grows while it is read: what is there now is verified, and of what comes later only that it is signed.
  const existentes = await db.selectFrom('bitacora_epocas').select('epoca').execute();
  const fin = await leerUltimoPunto(db);
  const epocas: InformeDeEpoca[] = [];
  let anterior: Punto | null = null;
  for (let epoca = 1; epoca <= (fin?.epoca ?? 0); epoca++) {
    const hasta = epoca === fin?.epoca ? fin.tamano : Number.MAX_SAFE_INTEGER;
    const { informe, ultimo } = await verificarEpoca(opciones, epoca, hasta, anterior, hallar);
    epocas.push(informe);
    anterior = ultimo;
  }
  verificarEpocas(
    existentes.map(({ epoca }) => epoca),
    epocas,
    hallar,
  );
  await verificarLoQueSobra(opciones, epocas, hallar);
  for (const nota of notasDeTestigos) await compararConTestigo(opciones, nota, epocas, hallar);
  for (const comparar of opciones.deDominios ?? [])
    for (const { falta, ...donde } of await comparar()) hallar(falta, donde);
  const sinLugar = await verificarSinLugar(opciones, hallar);
  return { epocas, sinLugar, hallazgos, hallados };
}

async function verificarEpoca(
  opciones: OpcionesDeVerificacion,
  epoca: number,
  limite: number,
  anterior: Punto | null,
  hallar: Hallar,
): Promise<{ informe: InformeDeEpoca; ultimo: Punto | null }> {
  const { db } = opciones;
  const informe: InformeDeEpoca = { epoca, tamano: 0, abiertaEn: null, causa: null, motivo: null };
  let ultimo: Punto | null = null;
  let borde: readonly Resumen[] | null = [];
  for await (const punto of leerPuntos(db, epoca, limite)) {
    const raiz = leerFirmado(opciones, punto, hallar);
    // The size of one that is not to be believed may be anything: it counts where there is such a leaf.
    if (raiz === null && !(await hayHoja(db, epoca, punto.tamano - 1))) continue;
    while (informe.tamano < punto.tamano) {
      opciones.avanzar?.();
      // PGlite answers within the same turn of the event loop: whoever else is at work there gets one too.
      await setImmediate();
      const desde = informe.tamano;
      const hasta = Math.min(punto.tamano, desde + TRAMO_MAXIMO);
      const filas = await leerEntradas(db, epoca, desde, hasta);
      if (desde === 0) verificarApertura(informe, filas, anterior, hallar);
      await verificarDatos(opciones, epoca, filas, hallar);
      const firmada = hasta === punto.tamano ? raiz : null;
      borde = await verificarTramo(db, { epoca, desde, hasta, borde, raiz: firmada, filas }, hallar);
      informe.tamano = hasta;
    }
    ultimo = punto;
  }
  if (ultimo === null) hallar('La época no tiene ningún punto de control: faltan.', { epoca });
  return { informe, ultimo };
}

/** @returns the signed root; null where the checkpoint cannot be believed */
function leerFirmado(
  { verificadores }: OpcionesDeVerificacion,
  punto: Punto,
  hallar: Hallar,
): Resumen | null {
  const raiz = raizFirmada(verificadores, punto);
  if (!raiz)
    hallar(
      `El punto de control de ${punto.tamano} entradas no es el que se firmó: fue alterado, o lo firmó otra clave.`,
      { epoca: punto.epoca },
    );
  return raiz;
}

function raizFirmada(
  verificadores: readonly Verificador[],
  { epoca, tamano, nota }: { epoca: number; tamano: number | string; nota: string },
): Resumen | null {
  const punto = leerNota(verificadores, nota);
  const esDeAqui = verificadores.some(({ nombre }) => punto?.origen === origenDe(nombre, epoca));
  return punto && esDeAqui && punto.tamano === Number(tamano) ? punto.raiz : null;
}

/** @returns null where it is no checkpoint, or none of these keys signed it */
function leerNota(verificadores: readonly Verificador[], nota: string): PuntoDeControl | null {
  try {
    return verificadores.some((verificador) => verificador.verificar(nota)) ? leerPunto(nota) : null;
  } catch {
    return null;
  }
}

const FALTAS: Record<Alteracion, string> = {
  ALTERADA: 'La entrada fue alterada después de firmarse.',
  BORRADA: 'Falta la entrada: fue borrada.',
  INSERTADA: 'La entrada no es de este lugar: fue insertada.',
  MOVIDA: 'La entrada es de otro lugar: fue movida.',
};

interface TramoLeido {
  epoca: number;
  desde: number;
  hasta: number;
  borde: readonly Resumen[] | null;
  raiz: Resumen | null;
  filas: Fila[];
}

/** @returns the right edge of the tree with it; null where it is lost */
async function verificarTramo(
  db: BaseDeBitacora,
  { epoca, desde, hasta, borde, raiz, filas }: TramoLeido,
  hallar: Hallar,
): Promise<readonly Resumen[] | null> {
  const porLugar = new Map(filas.map((fila) => [Number(fila.indice), fila]));
  const guardados = await leerNodosCompletados(db, epoca, desde, hasta);
  const lugares = Array.from({ length: hasta - desde }, (_, i) => desde + i);
  const juicio = juzgarTramo({
    desde,
    borde,
    deEntradas: lugares.map((lugar) => {
      const fila = porLugar.get(lugar);
      return fila ? resumenDeHoja(hojaDe(fila)) : null;
    }),
    guardadas: lugares.map((lugar) => guardados.get(`0/${lugar}`) ?? null),
    raiz,
  });
  for (const [indice, alteracion] of juicio.alteradas)
    hallar(FALTAS[alteracion], { epoca, indice, id: porLugar.get(indice)?.id ?? null });
  if (juicio.arbol) {
    for (const { nivel, posicion, resumen } of juicio.nodos) {
      const guardado = guardados.get(`${nivel}/${posicion}`);
      if (!guardado || !esIgual(guardado, resumen))
        hallar(
          `El nodo ${nivel}/${posicion} del árbol guardado fue alterado o falta; las entradas están bien.`,
          {
            epoca,
          },
        );
    }
    return juicio.arbol.borde;
  }
  if (raiz && borde && juicio.alteradas.size === 0)
    hallar(`Las entradas ${desde} a ${hasta - 1} no son las que se firmaron.`, { epoca });
  // The stored edge serves to go on behind the damage, where it is the one that was signed.
  return leerBordeFirmado(db, epoca, hasta, raiz);
}

async function hayHoja(db: BaseDeBitacora, epoca: number, posicion: number): Promise<boolean> {
  const hoja = db
    .selectFrom('bitacora_nodos')
    .select('posicion')
    .where('epoca', '=', epoca)
    .where('nivel', '=', 0)
    .where('posicion', '=', posicion);
  return (await hoja.executeTakeFirst()) !== undefined;
}

async function leerBordeFirmado(
  db: BaseDeBitacora,
  epoca: number,
  tamano: number,
  raiz: Resumen | null,
): Promise<readonly Resumen[] | null> {
  if (!raiz) return null;
  const nodos = nodosDe({ desde: 0, hasta: tamano });
  const borde = await leerNodos(db, epoca, nodos)
    .then((leer) => nodos.map(leer))
    .catch(() => null);
  return borde && esIgual(new ArbolQueCrece(tamano, borde).raiz, raiz) ? borde : null;
}

/** The first entry of an epoch says where the one before it had ended. */
function verificarApertura(
  informe: InformeDeEpoca,
  [primera]: Fila[],
  anterior: Punto | null,
  hallar: Hallar,
): void {
  const { epoca } = informe;
  if (primera?.evento !== EPOCA_ABIERTA || Number(primera.indice) !== 0) {
    hallar('La época no empieza por la entrada que la abre.', { epoca, indice: 0 });
    return;
  }
  const { causa, motivo, anterior: nota } = primera.contenido;
  informe.abiertaEn = primera.registrada;
  informe.causa = String(causa);
  informe.motivo = String(motivo);
  if (nota !== (anterior?.nota ?? null))
    hallar('La época anterior no termina donde terminaba cuando esta se abrió.', { epoca, indice: 0 });
}

async function verificarDatos(
  { db, claves }: OpcionesDeVerificacion,
  epoca: number | null,
  filas: readonly Fila[],
  hallar: Hallar,
): Promise<void> {
  const sinDatos = filas.filter(({ compromiso, datos }) => compromiso !== null && datos === null);
  const retirados = await codigosRetirados(
    db,
    sinDatos.map(({ codigo }) => codigo),
  );
  for (const fila of filas) {
    const donde = { epoca, indice: fila.indice === null ? null : Number(fila.indice), id: fila.id };
    if (fila.compromiso !== null && fila.datos === null) {
      // Of what was written after the data of its codigo were removed, none were.
      if (fila.registrada > (retirados.get(fila.codigo) ?? ''))
        hallar('Faltan los datos personales de la entrada, y ninguna otra dice que se retiraron.', donde);
    } else if (!sonLosComprometidos(fila, claves))
      hallar(
        'Los datos personales junto a la entrada no son los que se anotaron, o no se pueden abrir.',
        donde,
      );
  }
}

function sonLosComprometidos({ id, compromiso, sal, datos }: Fila, claves: Claves | null): boolean {
  if (compromiso === null) return sal === null && datos === null;
  if (sal === null || datos === null) return false;
  if (claves === null) return true;
  try {
    const claro = claves.cifrado.descifrar(datos, contextoDeDatos(id)).toString('utf8');
    return compromisoDe(claves.huella, sal, claro) === compromiso;
  } catch {
    return false;
  }
}

/** When the personal data of each of these were last removed. */
async function codigosRetirados(db: BaseDeBitacora, codigos: string[]): Promise<Map<string, string>> {
  if (codigos.length === 0) return new Map();
  const filas = await db
    .selectFrom('bitacora')
    .select(['codigo', REGISTRADA])
    .where('evento', '=', DATOS_RETIRADOS)
    .where('codigo', 'in', codigos)
    .orderBy('registrada_en')
    .execute();
  return new Map(filas.map(({ codigo, registrada }) => [codigo, registrada]));
}

function verificarEpocas(
  existentes: readonly number[],
  epocas: readonly InformeDeEpoca[],
  hallar: Hallar,
): void {
  const conPuntos = epocas.map(({ epoca }) => epoca);
  for (const epoca of existentes.filter((una) => !conPuntos.includes(una)))
    hallar('La época no tiene ningún punto de control.', { epoca });
  for (const epoca of conPuntos.filter((una) => !existentes.includes(una)))
    hallar('Falta la fila de la época en bitacora_epocas.', { epoca });
}

/** Records that no signature speaks of. */
async function verificarLoQueSobra(
  opciones: OpcionesDeVerificacion,
  epocas: readonly InformeDeEpoca[],
  hallar: Hallar,
): Promise<void> {
  const { db } = opciones;
  const nodos = (
    await Promise.all(epocas.map(({ epoca, tamano }) => leerNodosDeMas(db, epoca, tamano)))
  ).flat();
  const entradas = await leerEntradasDeMas(db, epocas);
  // Read after them: what the sequencer has placed meanwhile, it has signed meanwhile.
  const firmado = new Map<number | null, number>();
  for (const epoca of new Set([...nodos, ...entradas].map((una) => una.epoca)))
    firmado.set(epoca, epoca === null ? 0 : await tamanoFirmado(opciones, epoca));
  for (const { epoca, nivel, posicion } of nodos)
    if (posicion < 0 || (posicion + 1) * 2 ** nivel > (firmado.get(epoca) ?? 0))
      hallar(`El nodo ${nivel}/${posicion} del árbol guardado no es de ninguna entrada firmada.`, { epoca });
  for (const { id, epoca, indice } of entradas)
    if (indice === null || indice < 0 || indice >= (firmado.get(epoca) ?? 0))
      hallar('La entrada está en un lugar que nadie firmó: fue insertada.', { id, epoca, indice });
}

/** Size of the newest checkpoint of an epoch that can be believed. */
async function tamanoFirmado({ db, verificadores }: OpcionesDeVerificacion, epoca: number): Promise<number> {
  const puntos = await db
    .selectFrom('bitacora_puntos')
    .selectAll()
    .where('epoca', '=', epoca)
    .orderBy('tamano', 'desc')
    .limit(PUNTOS_POR_PAGINA)
    .execute();
  const creible = puntos.find((punto) => raizFirmada(verificadores, punto) !== null);
  return Number(creible?.tamano ?? 0);
}

async function leerNodosDeMas(db: BaseDeBitacora, epoca: number, tamano: number) {
  const niveles = Array.from({ length: 53 }, (_, nivel) => nivel);
  const filas = await db
    .selectFrom('bitacora_nodos')
    .select(['epoca', 'nivel', 'posicion'])
    .where('epoca', '=', epoca)
    .where((eb) =>
      eb.or([
        eb('nivel', 'not in', niveles),
        ...niveles.map((nivel) =>
          eb.and([
            eb('nivel', '=', nivel),
            eb.or([eb('posicion', '<', 0), eb('posicion', '>=', Math.floor(tamano / 2 ** nivel))]),
          ]),
        ),
      ]),
    )
    .execute();
  return filas.map((fila) => ({ ...fila, posicion: Number(fila.posicion) }));
}

async function leerEntradasDeMas(db: BaseDeBitacora, epocas: readonly InformeDeEpoca[]) {
  const filas = await db
    .selectFrom('bitacora')
    .select(['id', 'epoca', 'indice'])
    .where((eb) =>
      eb.and([
        eb.or([eb('epoca', 'is not', null), eb('indice', 'is not', null)]),
        ...epocas.map(({ epoca, tamano }) =>
          eb.not(
            eb.and([
              eb(eb.fn.coalesce('epoca', eb.val(0)), '=', epoca),
              eb(eb.fn.coalesce('indice', eb.val(-1)), '>=', 0),
              eb(eb.fn.coalesce('indice', eb.val(-1)), '<', tamano),
            ]),
          ),
        ),
      ]),
    )
    .execute();
  return filas.map((fila) => ({ ...fila, indice: fila.indice === null ? null : Number(fila.indice) }));
}

async function verificarSinLugar(opciones: OpcionesDeVerificacion, hallar: Hallar): Promise<number> {
  const filas = await seleccionDeFilas(opciones.db).where('indice', 'is', null).execute();
  await verificarDatos(opciones, null, filas, hallar);
  return filas.length;
}

async function compararConTestigo(
  { db, verificadores }: OpcionesDeVerificacion,
  nota: string,
  epocas: readonly InformeDeEpoca[],
  hallar: Hallar,
): Promise<void> {
  const visto = leerNota(verificadores, nota);
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

/** Checkpoints of a log are many: page by page. */
const PUNTOS_POR_PAGINA = 1_000;

async function* leerPuntos(db: BaseDeBitacora, epoca: number, hasta: number): AsyncGenerator<Punto> {
  for (let desde = 0; ;) {
    const pagina = await db
      .selectFrom('bitacora_puntos')
      .selectAll()
      .where('epoca', '=', epoca)
      .where('tamano', '>', desde)
      .where('tamano', '<=', hasta)
      .orderBy('tamano')
      .limit(PUNTOS_POR_PAGINA)
      .execute();
    for (const fila of pagina) {
      desde = Number(fila.tamano);
      yield { ...fila, tamano: desde };
    }
    if (pagina.length < PUNTOS_POR_PAGINA) return;
  }
}

function leerEntradas(db: BaseDeBitacora, epoca: number, desde: number, hasta: number): Promise<Fila[]> {
  return seleccionDeFilas(db)
    .where('epoca', '=', epoca)
    .where('indice', '>=', desde)
    .where('indice', '<', hasta)
    .orderBy('indice')
    .execute();
}

function seleccionDeFilas(db: BaseDeBitacora) {
  return db.selectFrom('bitacora').select([...COLUMNAS_DE_HOJA, REGISTRADA, 'indice', 'sal', 'datos']);
}
