/** The personal data beside the entries: they are those that the leaf commits to, or retention took them away. */
import type { Claves } from '../../runtime/claves/claves.ts';
import {
  COLUMNAS_DE_HOJA,
  compromisoDe,
  contextoDeDatos,
  hojaDe,
  REGISTRADA,
  type FilaDeHoja,
} from '../entrada.ts';
import type { BaseDeBitacora } from '../esquema.ts';
import type { Hallar } from './hallazgos.ts';
import { juzgarSello } from '../sello.ts';

/** The event of an entry that says that the personal data of its codigo were removed: then they are rightly missing. */
const DATOS_RETIRADOS = 'DATOS_RETIRADOS';

type FilaConDatos = FilaDeHoja & {
  indice?: string | number | null;
  sal: Uint8Array | null;
  datos: Uint8Array | null;
};

export async function verificarDatos(
  db: BaseDeBitacora,
  claves: Claves | null,
  epoca: number | null,
  filas: readonly FilaConDatos[],
  hallar: Hallar,
): Promise<void> {
  const sinDatos = filas.filter(({ compromiso, datos }) => compromiso !== null && datos === null);
  const retirados = await codigosRetirados(
    db,
    claves,
    sinDatos.map(({ codigo }) => codigo),
  );
  for (const fila of filas) {
    const indice = (fila.indice ?? null) === null ? null : Number(fila.indice);
    const donde = { epoca, indice, id: fila.id };
    if (fila.compromiso !== null && fila.datos === null) {
      // Data that were written after the removal were not removed by it.
      if (fila.registrada > (retirados.get(duenoDe(fila)) ?? ''))
        hallar('Faltan los datos personales de la entrada, y ninguna otra dice que se retiraron.', donde);
    } else if (!sonLosComprometidos(fila, claves))
      hallar(
        'Los datos personales junto a la entrada no son los que se anotaron, o no se pueden abrir.',
        donde,
      );
  }
}

function sonLosComprometidos({ id, compromiso, sal, datos }: FilaConDatos, claves: Claves | null): boolean {
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

/** Whom an entry is about: the same codigo in another domain is somebody else. */
function duenoDe({ dominio, codigo }: FilaDeHoja): string {
  return JSON.stringify([dominio, codigo]);
}

/** When the personal data of each of these were last removed, by duenoDe(). */
async function codigosRetirados(
  db: BaseDeBitacora,
  claves: Claves | null,
  codigos: string[],
): Promise<Map<string, string>> {
  if (codigos.length === 0) return new Map();
  const filas = await db
    .selectFrom('bitacora')
    .select([...COLUMNAS_DE_HOJA, REGISTRADA, 'indice', 'sello'])
    .where('evento', '=', DATOS_RETIRADOS)
    .where('codigo', 'in', codigos)
    .orderBy('registrada_en')
    .execute();
  return new Map(
    filas.filter((fila) => esDelServicio(claves, fila)).map((fila) => [duenoDe(fila), fila.registrada]),
  );
}

/**
 * Whether an entry may be believed: it has its place, and the tree vouches for it, or its seal is good. Without the keys
 * any seal counts, since it cannot be read: within seconds the tree vouches for the entry.
 */
export function esDelServicio(
  claves: Claves | null,
  fila: FilaDeHoja & { indice: string | number | null; sello: string | null },
): boolean {
  if (fila.indice !== null) return true;
  return claves ? juzgarSello(claves.huella, hojaDe(fila), fila.sello) === 'BUENO' : fila.sello !== null;
}
