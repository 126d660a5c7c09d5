/** The rows of an issuance, read and decrypted. */
import type { Selectable } from 'kysely';
import type { Cifrado } from '../../../runtime/claves/cifrado.ts';
import type { EntradaEmision, NumeroSolicitud, Paso } from '../../../emision/contrato.ts';
import type { EstadoEmision, PasoProceso, PasosProceso } from '../../../emision/emision.ts';
import type { FalloDeEmision } from '../../../emision/fallos.ts';
import { fechaIso } from '../../../nucleo/fechas.ts';
import type { Decision } from '../../../emision/soporte.ts';
import { personasDe, type Personas } from '../../../emision/titular.ts';
import { descifrarColumna } from './columnas-cifradas.ts';
import type { Lector, TablaPasos, TablaSolicitudes } from './esquema.ts';

/** Both steps of one generation. */
export type Pasos = Record<Paso, Selectable<TablaPasos>>;

/** A request as it came, byte for byte what goes to the PKI. */
export type PeticionGuardada = Pick<EntradaEmision, 'solicitud' | 'contexto'>;

/** One codigo as the register holds it, decrypted. */
export interface EmisionRegistrada extends Personas {
  codigo: string;
  generacion: number;
  estado: EstadoEmision;
  runId: string;
  huellaSolicitud: string;
  huellaCiudadano: string;
  requestId: string;
  /** Keyed hash of the client that sent the request; null where it was accepted before that was kept. */
  cliente: string | null;
  resultadoIncierto: boolean;
  /** Null once retention took it away; titular and auditoria stay. */
  peticion: PeticionGuardada | null;
  fallo: FalloDeEmision | null;
  registroAuditoriaId: string;
  aceptadaEn: Date;
  fechaInicio: Date;
  fechaFin: Date | null;
  /** What support decided of its uncertain outcome; null again once a later run goes on. */
  resolucion: Decision | null;
  /** The bulk re-run whose order the last run carries out. */
  reejecucionId: string | null;
  pasos: Pasos;
}

/** @param bloquear holds the row until the transaction ends */
export async function leerEmision(
  db: Lector,
  cifrado: Cifrado,
  codigo: string,
  bloquear = false,
): Promise<EmisionRegistrada | null> {
  let consulta = db.selectFrom('solicitudes').selectAll().where('codigo', '=', codigo);
  if (bloquear) consulta = consulta.forUpdate();
  const fila = await consulta.executeTakeFirst();
  if (!fila) return null;
  return emisionDe(fila, await leerPasos(db, codigo, fila.generacion), cifrado);
}

/** Reads again what this process has just written or seen. @throws Error where it is gone */
export async function releerEmision(
  db: Lector,
  cifrado: Cifrado,
  codigo: string,
): Promise<EmisionRegistrada> {
  const emision = await leerEmision(db, cifrado, codigo);
  if (!emision) throw new Error('the row that was just written is gone');
  return emision;
}

async function leerPasos(db: Lector, codigo: string, generacion: number): Promise<Pasos> {
  const filas = await db
    .selectFrom('pasos')
    .selectAll()
    .where('codigo', '=', codigo)
    .where('generacion', '=', generacion)
    .execute();
  const paso = (numero: Paso) => {
    const fila = filas.find((candidata) => candidata.paso === numero);
    if (!fila) throw new Error(`the register holds no step ${numero} of generation ${generacion}`);
    return fila;
  };
  return { 1: paso(1), 2: paso(2) };
}

function emisionDe(fila: Selectable<TablaSolicitudes>, pasos: Pasos, cifrado: Cifrado): EmisionRegistrada {
  const { codigo } = fila;
  const peticion = peticionDe(fila, cifrado);
  return {
    codigo,
    generacion: fila.generacion,
    estado: fila.estado,
    runId: fila.run_id,
    huellaSolicitud: fila.huella_solicitud,
    huellaCiudadano: fila.huella_ciudadano,
    requestId: fila.request_id,
    cliente: fila.cliente,
    resultadoIncierto: fila.resultado_incierto,
    peticion,
    ...(peticion ? personasDe(peticion) : extractoDe(fila, cifrado)),
    fallo: fila.fallo_tipo && {
      tipo: fila.fallo_tipo,
      paso: fila.fallo_paso,
      detalles: fila.fallo_detalles
        ? (descifrarColumna(cifrado, fila.fallo_detalles, 'solicitudes.fallo_detalles', codigo) as string[])
        : ['Los detalles se retiraron al vencer su plazo de conservación.'],
    },
    registroAuditoriaId: fila.registro_auditoria_id,
    aceptadaEn: fila.aceptada_en,
    fechaInicio: fila.fecha_inicio,
    fechaFin: fila.fecha_fin,
    resolucion: fila.resolucion,
    reejecucionId: fila.reejecucion_id,
    pasos,
  };
}

function peticionDe(
  { codigo, cuerpo, contexto }: Selectable<TablaSolicitudes>,
  cifrado: Cifrado,
): PeticionGuardada | null {
  if (!cuerpo || !contexto) return null;
  return {
    solicitud: descifrarColumna(
      cifrado,
      cuerpo,
      'solicitudes.cuerpo',
      codigo,
    ) as PeticionGuardada['solicitud'],
    contexto: descifrarColumna(
      cifrado,
      contexto,
      'solicitudes.contexto',
      codigo,
    ) as PeticionGuardada['contexto'],
  };
}

export interface CertificadoEntregado {
  tipo: string;
  huellaCertificado: string;
}

/** What retention leaves of a request. An earlier version did not write which certificates were released. */
export interface Extracto extends Personas {
  certificados?: CertificadoEntregado[];
}

function extractoDe({ codigo, extracto }: Selectable<TablaSolicitudes>, cifrado: Cifrado): Personas {
  if (!extracto) throw new Error('the register holds neither the request nor its extract');
  const { titular, auditoria } = descifrarColumna(
    cifrado,
    extracto,
    'solicitudes.extracto',
    codigo,
  ) as Extracto;
  return { titular, auditoria };
}

export function pasosProcesoDe(pasos: Pasos): PasosProceso {
  return {
    paso1GeneracionClaves: { ...pasoDe(pasos[1]), solicitudPkiId: pasos[1].solicitud_pki_id },
    paso2EmisionCertificado: pasoDe(pasos[2]),
  };
}

export function numerosDe(pasos: Pasos): NumeroSolicitud[] {
  return pasos[1].numeros_solicitud ?? [];
}

/** Some attempt of step 2 was sent and nobody knows what became of it. */
export function estaSinAclarar({ pasos }: EmisionRegistrada): boolean {
  return pasos[2].envios_sin_aclarar.length > 0;
}

function pasoDe(fila: Selectable<TablaPasos>): PasoProceso {
  return {
    estado: fila.estado,
    fechaInicio: fila.fecha_inicio && fechaIso(fila.fecha_inicio),
    fechaFin: fila.fecha_fin && fechaIso(fila.fecha_fin),
    intentos: fila.intentos,
  };
}
