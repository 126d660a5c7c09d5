/** Compares what the PKI issued for a codigo (released, received, to be revoked) with what the audit log tells of it. */
import type { Selectable } from 'kysely';
import { esListaDeTextos } from '../../../nucleo/json.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import { abrirCertificado, esElAnotado } from '../filas/certificados-entregados.ts';
import { claveDeIdempotencia } from '../filas/claves-de-emision.ts';
import { descifrarColumna } from '../filas/columnas-cifradas.ts';
import type { Historia } from './historia-de-codigo.ts';
import { descifrarRespuesta, seriesDeRespuesta } from '../filas/respuestas-guardadas.ts';
import type { EsquemaDeEmision, TablaSolicitudes } from '../filas/esquema.ts';

/** All rows of one codigo. */
export interface FilasDeCodigo {
  solicitud: Selectable<TablaSolicitudes> | null;
  pasos: Selectable<EsquemaDeEmision['pasos']>[];
  certificados: Selectable<EsquemaDeEmision['certificados']>[];
  recibidos: Selectable<EsquemaDeEmision['recibidos']>[];
  porRevocar: Selectable<EsquemaDeEmision['por_revocar']>[];
  /** Bulk re-runs that hold a line of it. */
  reejecuciones: string[];
}

/** A fault, in words; `id` of the entry that it is about. */
export interface Falta {
  falta: string;
  id?: string;
}

export function faltasDeLoEmitido(historia: Historia, filas: FilasDeCodigo, claves: Claves | null): Falta[] {
  return [
    ...faltasDeCertificados(historia, filas, claves),
    ...faltasDeRespuestas(historia, filas, claves),
    ...faltasPorRevocar(historia, filas, claves),
  ];
}

function noFalla(accion: () => unknown): boolean {
  try {
    accion();
    return true;
  } catch {
    return false;
  }
}

function faltasDeCertificados(
  { codigo, generacion, certificados }: Historia,
  filas: FilasDeCodigo,
  claves: Claves | null,
): Falta[] {
  const sinAnotar = filas.certificados.filter(
    (fila) => !certificados.some((anotado) => esElAnotado(fila, generacion, anotado)),
  );
  const sinFila = certificados.filter(
    (anotado) => !filas.certificados.some((fila) => esElAnotado(fila, generacion, anotado)),
  );
  const ajenos = claves
    ? filas.certificados.filter((fila) => !noFalla(() => abrirCertificado(claves.cifrado, codigo, fila)))
    : [];
  return [
    ...sinAnotar.map(({ tipo }) => ({
      falta: `El certificado ${tipo} de la solicitud ${codigo} no es el que la bitácora anotó.`,
    })),
    ...sinFila.map(({ tipoCertificado }) => ({
      falta: `Falta el certificado ${tipoCertificado} de la solicitud ${codigo}, que la bitácora anotó como entregado.`,
    })),
    ...ajenos.map(({ tipo }) => ({
      falta: `El contenido del certificado ${tipo} de la solicitud ${codigo} es de otro, o no se abre.`,
    })),
  ];
}

function faltasDeRespuestas(
  { codigo, respuestas, algunaVezRetirada }: Historia,
  filas: FilasDeCodigo,
  claves: Claves | null,
): Falta[] {
  const faltan = [...respuestas.keys()].filter(
    (generacion) => !filas.recibidos.some((fila) => fila.generacion === generacion),
  );
  const distintos = filas.recibidos.filter((fila) => {
    const juicio = respuestas.get(fila.generacion) ?? null;
    if (juicio !== null && fila.conforme !== juicio) return true;
    const { conforme, contenido, faltas, series } = fila;
    if (series !== null && !esListaDeTextos(series)) return true;
    if (contenido === null) return !algunaVezRetirada || series === null;
    // An answer that came again after retention may not be judged yet.
    if (conforme === false && faltas === null && !algunaVezRetirada) return true;
    return (
      claves !== null &&
      !noFalla(() => {
        abrirTodo(claves, fila, contenido, faltas);
      })
    );
  });
  return [
    ...faltan.map((generacion) => ({
      falta: `Falta lo que la PKI respondió en la generación ${generacion} de la solicitud ${codigo}.`,
    })),
    ...distintos.map(({ generacion }) => ({
      falta: `Lo que la PKI respondió en la generación ${generacion} de la solicitud ${codigo} no es lo que se guardó.`,
    })),
  ];
}

function abrirTodo(
  { cifrado }: Claves,
  fila: { codigo: string; generacion: number },
  contenido: Uint8Array,
  faltas: Uint8Array | null,
): void {
  descifrarRespuesta(cifrado, fila, contenido);
  if (faltas) descifrarColumna(cifrado, faltas, 'recibidos.faltas', fila.codigo);
}

function faltasPorRevocar(historia: Historia, filas: FilasDeCodigo, claves: Claves | null): Falta[] {
  const { codigo, generacion: vigente, descartadas, numeros, reconstruida } = historia;
  // No entry tells why the generations were given up that were reconstructed from Temporal's histories.
  const causas = (generacion: number) => descartadas.get(generacion) ?? 'NUEVA_EMISION';
  const faltan = [...descartadas.keys()].filter(
    (generacion) => !filas.porRevocar.some((fila) => fila.generacion === generacion),
  );
  const distintas = filas.porRevocar.filter((fila) => {
    const { generacion, solicitud_pki_id: solicitudPkiId } = fila;
    if (!esListaDeTextos(fila.series)) return true;
    if (generacion < 1 || (generacion >= vigente && !descartadas.has(generacion))) return true;
    if (fila.clave !== claveDeIdempotencia(codigo, 2, generacion)) return true;
    if (reconstruida) return false;
    if (fila.causa !== causas(generacion)) return true;
    if (solicitudPkiId !== (numeros.get(generacion)?.solicitudPkiId ?? null)) return true;
    const recibido = filas.recibidos.find((una) => una.generacion === generacion);
    // Where the PKI never answered, nobody knows a serial number.
    const series = recibido ? seriesDeFila(recibido, claves) : [];
    return series !== undefined && JSON.stringify(series) !== JSON.stringify(fila.series);
  });
  return [
    ...faltan.map((generacion) => ({
      falta: `Falta en la lista por revocar la generación ${generacion} de la solicitud ${codigo}.`,
    })),
    ...distintas.map(({ generacion }) => ({
      falta: `La línea por revocar de la generación ${generacion} de la solicitud ${codigo} no es la que se anotó.`,
    })),
  ];
}

/** @returns undefined where they cannot be told */
function seriesDeFila(
  { codigo, generacion, contenido, series }: Selectable<EsquemaDeEmision['recibidos']>,
  claves: Claves | null,
): string[] | undefined {
  if (contenido === null) return series ?? undefined;
  if (claves === null) return undefined;
  try {
    return seriesDeRespuesta(descifrarRespuesta(claves.cifrado, { codigo, generacion }, contenido));
  } catch {
    return undefined;
  }
}
