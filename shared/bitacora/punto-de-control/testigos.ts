/**
 * Witnesses keep what they have seen of the tree where nobody who can write the database can: a checkpoint that they
 * contradict shows that the register was restored from a copy, or changed.
 */
import { access, appendFile, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import got from 'got';
import { esIgual, type Resumen } from '../arbol/arbol.ts';
import { partirNota, type Verificador } from './nota.ts';
import { leerPuntoDeControl, type PuntoDeControl } from './punto-de-control.ts';

/** A checkpoint that is shown to a witness, and what its tree can prove of its past. */
export interface Presentacion {
  nota: string;
  punto: PuntoDeControl;
  /** The largest size of this tree that the witness is known to have seen. */
  visto: number;
  /** Whether it is known to have seen anything of this log, in whichever epoch. */
  haVistoAlgo: boolean;
  raizEn: (tamano: number) => Promise<Resumen>;
  consistenciaDesde: (tamano: number) => Promise<Resumen[]>;
}

/**
 * VISTO: it holds the checkpoint now; `cofirmas`: its signature lines. CONTRADICE: it has seen another tree; `evidencia`:
 * what it showed for that, as it showed it.
 */
type Testimonio =
  { tipo: 'VISTO'; cofirmas: string } | { tipo: 'CONTRADICE'; motivo: string; evidencia: string };

export interface Testigo {
  nombre: string;
  /** @throws where it cannot be reached or does not answer as a witness does */
  presentar(presentacion: Presentacion): Promise<Testimonio>;
}

/** A witness is not where it is said to be. `motivo`: in words that anybody may read. */
export class TestigoMalPuesto extends Error {
  readonly motivo: string;
  constructor(motivo: string, ruta: string) {
    super(`${motivo} (${ruta})`);
    this.name = 'TestigoMalPuesto';
    this.motivo = motivo;
  }
}

const QUE_HACER = '(docs/operacion.md, «Bitácora», «Mover un testigo»)';
const SIN_CARPETA = `La carpeta de BITACORA_TESTIGO_ARCHIVO no existe: la ruta está mal escrita, o falta crearla o montarla ${QUE_HACER}.`;
const SIN_ARCHIVO = `Falta el archivo de BITACORA_TESTIGO_ARCHIVO, que ya había visto entradas: la ruta está mal escrita, o el archivo se movió o se perdió ${QUE_HACER}.`;

/** Beside the witness's file, every checkpoint that contradicted the log: it only grows, and nobody writes over it. */
export function archivoDeContradicciones(ruta: string): string {
  return `${ruta}.contradicciones`;
}

/**
 * A file that holds the newest checkpoint: on another disk than the database, or it would be restored with it. A file
 * that is missing is not made: at a mistyped path it would be a witness that has seen nothing. An empty file is a
 * person's order to begin.
 */
export function createTestigoEnArchivo(ruta: string): Testigo {
  return {
    nombre: 'archivo',
    async presentar({ nota, punto, haVistoAlgo, raizEn }) {
      const guardada = await readFile(ruta, 'utf8').catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      });
      if (guardada === null) await exigirCarpeta(ruta);
      if (guardada === null && haVistoAlgo) throw new TestigoMalPuesto(SIN_ARCHIVO, ruta);
      if (guardada) {
        const visto = leerPuntoDeControl(guardada);
        const contradiccion = await contradiceAlArchivo(visto, punto, raizEn);
        if (contradiccion) {
          await conservar(archivoDeContradicciones(ruta), guardada, nota);
          return { tipo: 'CONTRADICE', motivo: contradiccion, evidencia: guardada };
        }
      }
      await reemplazar(ruta, nota);
      return { tipo: 'VISTO', cofirmas: '' };
    },
  };
}

async function exigirCarpeta(ruta: string): Promise<void> {
  await access(dirname(ruta)).catch(() => {
    throw new TestigoMalPuesto(SIN_CARPETA, ruta);
  });
}

async function contradiceAlArchivo(
  visto: PuntoDeControl,
  { origen, tamano }: PuntoDeControl,
  raizEn: Presentacion['raizEn'],
): Promise<string | null> {
  if (nombreDe(visto.origen) !== nombreDe(origen))
    throw new Error(`the witness keeps another log, ${visto.origen}: give each its own file`);
  if (visto.origen !== origen) {
    // A new epoch follows the last one; an earlier one than the witness has seen is a restored register.
    return epocaDe(visto.origen) > epocaDe(origen)
      ? `El testigo vio ${visto.origen} con ${visto.tamano} entradas; el registro sólo llega a ${origen}.`
      : null;
  }
  if (visto.tamano > tamano)
    return `El testigo vio ${visto.tamano} entradas de ${origen}; el registro tiene ${tamano}.`;
  if (!esIgual(await raizEn(visto.tamano), visto.raiz))
    return `El testigo vio otras ${visto.tamano} primeras entradas de ${origen}.`;
  return null;
}

function nombreDe(origen: string): string {
  return origen.slice(0, origen.lastIndexOf('/'));
}

/** The number behind the last slash of an origin. */
export function epocaDe(origen: string): number {
  return Number(origen.slice(origen.lastIndexOf('/') + 1));
}

/** Keeps the two checkpoints that cannot both be of one log; once, however often the witness is asked. */
async function conservar(ruta: string, guardada: string, presentada: string): Promise<void> {
  const contradiccion = `El testigo guardaba:\n${guardada}\nEl registro presentó:\n${presentada}\n`;
  const anteriores = await readFile(ruta, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  if (anteriores.includes(contradiccion)) return;
  await appendFile(ruta, `${new Date().toISOString()}\n${contradiccion}\n`, { flush: true });
}

/** Writes the file whole or not at all, and to the disk before it returns. */
async function reemplazar(ruta: string, contenido: string): Promise<void> {
  const nuevo = `${ruta}.nuevo`;
  const archivo = await open(nuevo, 'w');
  try {
    await archivo.writeFile(contenido);
    await archivo.sync();
  } finally {
    await archivo.close();
  }
  await rename(nuevo, ruta);
}

const RESPUESTA_MAXIMA_MS = 5_000;
/** How many characters of a witness's answer are kept. */
const EVIDENCIA_MAXIMA = 2_000;
/** c2sp.org/tlog-witness: a witness that has seen another size answers it. */
const TIPO_DE_TAMANO = 'text/x.tlog.size';

/**
 * A witness of c2sp.org/tlog-witness.
 * @param url its submission prefix
 * @param verificador of its cosignatures; null accepts them unread
 */
export function createTestigoHttp(url: string, verificador: Verificador | null): Testigo {
  const enviar = async (nota: string, anterior: number, prueba: Resumen[]) => {
    const lineas = prueba.map((resumen) => `${resumen.toString('base64')}\n`).join('');
    return got.post(`${url}/add-checkpoint`, {
      body: `old ${anterior}\n${lineas}\n${nota}`,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      timeout: { request: RESPUESTA_MAXIMA_MS },
      retry: { limit: 0 },
      throwHttpErrors: false,
      followRedirect: false,
    });
  };
  return {
    nombre: sinCredenciales(url),
    async presentar({ nota, punto, visto, consistenciaDesde }) {
      let anterior = visto;
      // Where it has seen another size than we remember, it says which: a second try then settles it.
      for (let intento = 0; intento < 2; intento++) {
        const { statusCode, headers, body } = await enviar(nota, anterior, await consistenciaDesde(anterior));
        const contradice = (motivo: string) => ({
          tipo: 'CONTRADICE' as const,
          motivo,
          evidencia: `${statusCode} ${body.slice(0, EVIDENCIA_MAXIMA)}`,
        });
        if (statusCode === 200) return { tipo: 'VISTO', cofirmas: leerCofirmas(nota, body, verificador) };
        if (statusCode === 422)
          return contradice(`El testigo vio otras ${anterior} primeras entradas de ${punto.origen}.`);
        const esDeTamano = headers['content-type']?.startsWith(TIPO_DE_TAMANO) === true;
        const tamano = esDeTamano ? leerTamano(body) : null;
        if (statusCode !== 409 || tamano === null)
          throw new Error(`the witness answered ${statusCode}: ${body.slice(0, 200)}`);
        if (tamano > punto.tamano)
          return contradice(
            `El testigo vio ${tamano} entradas de ${punto.origen}; el registro tiene ${punto.tamano}.`,
          );
        if (tamano === anterior)
          return contradice(`El testigo vio otras ${tamano} entradas de ${punto.origen}.`);
        anterior = tamano;
      }
      throw new Error('the witness changes faster than it can be followed');
    },
  };
}

/** The name of a witness stands in metrics, in logs and in the database: without the credentials of its address. */
function sinCredenciales(url: string): string {
  return url.replace(/^(https?:\/\/)[^/?#]*@/i, '$1');
}

function leerTamano(cuerpo: string): number | null {
  return /^(0|[1-9]\d{0,15})\n$/.test(cuerpo) ? Number(cuerpo) : null;
}

/** @throws Error where no line is a cosignature of the witness */
function leerCofirmas(nota: string, cuerpo: string, verificador: Verificador | null): string {
  const cofirmas = cuerpo.endsWith('\n') ? cuerpo : `${cuerpo}\n`;
  partirNota(nota + cofirmas);
  if (verificador && !verificador.verificar(nota + cofirmas))
    throw new Error('the witness answered without a good signature of its own (BITACORA_TESTIGO_CLAVE)');
  return cofirmas;
}
