/** The released certificates of a codigo. What the database shows is answered only where the audit log tells the same. */
import { z } from 'zod';
import { hojaDe, REGISTRADA } from '../../../bitacora/entrada.ts';
import { juzgarSello } from '../../../bitacora/sello.ts';
import type { Cifrado } from '../../../runtime/claves/cifrado.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import type { CertificadoEmitido } from '../../../emision/emision.ts';
import { TIPOS_CERTIFICADO, type SolicitudCertificado } from '../../../emision/solicitud.ts';
import { huellaDeEmisor } from '../../../x509/huella-de-emisor.ts';
import { descifrarColumna } from './columnas-cifradas.ts';
import { type CertificadoEntregado, type Extracto } from './filas.ts';
import type { Lector } from './esquema.ts';

/** What an audit entry tells of the certificates that were released. */
export const CERTIFICADOS_ANOTADOS = z.array(
  z.object({
    tipoCertificado: z.string(),
    numeroSerie: z.string(),
    huellaCertificado: z.string(),
    /** Entries of earlier versions do not tell it. */
    huellaClavePublica: z.string().exactOptional(),
    /** Entries of earlier versions do not tell it either; null where the issuer cannot be read. */
    huellaEmisor: z.string().nullable().exactOptional(),
  }),
);
export type IdentidadAnotada = z.infer<typeof CERTIFICADOS_ANOTADOS>[number];

/** Somebody wrote to the register: its certificates are not those that were released. The message names the codigo. */
export class CertificadosAlterados extends Error {
  readonly codigo: string;
  constructor(codigo: string, motivo: string, options?: ErrorOptions) {
    super(`the certificates of ${codigo} are not those of the record: ${motivo}`, options);
    this.name = 'CertificadosAlterados';
    this.codigo = codigo;
  }
}

/** Columns of a row of `certificados`. */
export interface FilaDeCertificado {
  generacion: number;
  tipo: string;
  numero_serie: string;
  huella_clave_publica: string;
  huella_certificado: string;
  /** Null, which counts as any issuer, in rows of earlier versions until their serial number comes again. */
  huella_emisor: string | null;
}

export function esElAnotado(fila: FilaDeCertificado, generacion: number, anotado: IdentidadAnotada): boolean {
  return (
    fila.generacion === generacion &&
    fila.tipo === anotado.tipoCertificado &&
    fila.numero_serie === anotado.numeroSerie &&
    fila.huella_certificado === anotado.huellaCertificado &&
    fila.huella_clave_publica === (anotado.huellaClavePublica ?? fila.huella_clave_publica) &&
    fila.huella_emisor === (anotado.huellaEmisor ?? fila.huella_emisor)
  );
}

/**
 * The cipher binds the codigo alone; that type, serial and hash are the row's, and so the generation, is checked here.
 * @throws Error where it does not open, or is another one's
 */
export function abrirCertificado(
  cifrado: Cifrado,
  codigo: string,
  fila: FilaDeCertificado & { contenido: Uint8Array },
): CertificadoEmitido {
  const certificado = descifrarColumna(
    cifrado,
    fila.contenido,
    'certificados.contenido',
    codigo,
  ) as CertificadoEmitido;
  const { tipoCertificado, numeroSerie, huellaCertificado, certificadoBase64 } = certificado;
  if (
    tipoCertificado !== fila.tipo ||
    numeroSerie !== fila.numero_serie ||
    huellaCertificado !== fila.huella_certificado ||
    (fila.huella_emisor !== null && fila.huella_emisor !== huellaDeEmisor(certificadoBase64))
  )
    throw new Error(`what stands as ${fila.tipo} is another certificate`);
  return certificado;
}

/**
 * In the order of TIPOS_CERTIFICADO; none where the issuance is not completed.
 * @throws CertificadosAlterados where they are not those of the entry that the row names
 */
export async function leerCertificados(
  db: Lector,
  claves: Claves,
  codigo: string,
): Promise<CertificadoEmitido[]> {
  const emision = await db
    .selectFrom('solicitudes')
    .select(['estado', 'registro_auditoria_id', 'cuerpo', 'extracto'])
    .where('codigo', '=', codigo)
    .executeTakeFirst();
  if (emision?.estado !== 'COMPLETADO') return [];
  const { generacion, certificados } = await leerAnotados(db, claves, codigo, emision.registro_auditoria_id);
  const filas = await db.selectFrom('certificados').selectAll().where('codigo', '=', codigo).execute();
  if (filas.length !== certificados.length)
    throw new CertificadosAlterados(codigo, `${certificados.length} were released, ${filas.length} stand`);
  if (!sonLosDebidos(claves.cifrado, codigo, emision, filas))
    throw new CertificadosAlterados(codigo, 'they are not those that were asked for, or that retention left');
  const orden: readonly string[] = TIPOS_CERTIFICADO;
  return filas
    .map((fila) => {
      if (!certificados.some((anotado) => esElAnotado(fila, generacion, anotado)))
        throw new CertificadosAlterados(codigo, `the entry tells of another ${fila.tipo}`);
      try {
        return abrirCertificado(claves.cifrado, codigo, fila);
      } catch (cause) {
        throw new CertificadosAlterados(codigo, `its ${fila.tipo} does not open, or is another`, { cause });
      }
    })
    .sort((a, b) => orden.indexOf(a.tipoCertificado) - orden.indexOf(b.tipoCertificado));
}

/** As long as the request is kept it tells which certificates there must be, afterwards what retention left in its place. */
function sonLosDebidos(
  cifrado: Cifrado,
  codigo: string,
  { cuerpo, extracto }: { cuerpo: Uint8Array | null; extracto: Uint8Array | null },
  filas: readonly FilaDeCertificado[],
): boolean {
  if (cuerpo) return sonLosPedidos(cifrado, codigo, cuerpo, filas);
  if (!extracto) return false;
  const { certificados } = descifrarColumna(cifrado, extracto, 'solicitudes.extracto', codigo) as Extracto;
  return certificados === undefined || sonLosEntregados(certificados, filas.map(entregadoDe));
}

function entregadoDe({ tipo, huella_certificado }: FilaDeCertificado): CertificadoEntregado {
  return { tipo, huellaCertificado: huella_certificado };
}

export function sonLosEntregados(
  unos: readonly CertificadoEntregado[],
  otros: readonly CertificadoEntregado[],
): boolean {
  const clave = (certificados: readonly CertificadoEntregado[]) =>
    JSON.stringify(certificados.map(({ tipo, huellaCertificado }) => [tipo, huellaCertificado]).sort());
  return clave(unos) === clave(otros);
}

function sonLosPedidos(
  cifrado: Cifrado,
  codigo: string,
  cuerpo: Uint8Array,
  filas: readonly FilaDeCertificado[],
): boolean {
  const { configuracionCertificados } = descifrarColumna(
    cifrado,
    cuerpo,
    'solicitudes.cuerpo',
    codigo,
  ) as SolicitudCertificado;
  const pedidos = new Set<string>(configuracionCertificados.tipoCertificados);
  return filas.length === pedidos.size && filas.every(({ tipo }) => pedidos.has(tipo));
}

const CONTENIDO = z.object({ certificados: CERTIFICADOS_ANOTADOS });

/**
 * What was released, by the entry that the row names. An entry of an earlier version has no seal: the tree vouches for
 * it.
 */
async function leerAnotados(
  db: Lector,
  { huella }: Claves,
  codigo: string,
  id: string,
): Promise<{ generacion: number; certificados: IdentidadAnotada[] }> {
  const entrada = await db
    .selectFrom('bitacora')
    .select(['id', 'dominio', 'codigo', 'generacion', 'run_id', 'evento', 'contenido', 'compromiso', 'sello'])
    .select(REGISTRADA)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!entrada || entrada.codigo !== codigo || entrada.generacion === null)
    throw new CertificadosAlterados(codigo, 'the entry that the row names is gone, or of another codigo');
  if (juzgarSello(huella, hojaDe(entrada), entrada.sello) === 'FALSO')
    throw new CertificadosAlterados(codigo, 'the entry that the row names was changed');
  const { data } = CONTENIDO.safeParse(entrada.contenido);
  if (!data || data.certificados.length === 0)
    throw new CertificadosAlterados(codigo, 'the entry that the row names tells of none');
  return { generacion: entrada.generacion, certificados: data.certificados };
}
