/** Gathers what register, Temporal and PKI say of a codigo, each asked for itself. */
import { DatabaseSync } from 'node:sqlite';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { workflowId, type MemoEmision } from '../../../shared/emision/contrato.ts';
import type { SolicitudCertificado } from '../../../shared/emision/solicitud.ts';
import { describirWorkflow } from '../../../shared/runtime/temporal/run.ts';
import type { Hechos } from './juez.ts';
import type { Sistema } from '../sistema.ts';

const PLAZO_MS = 10_000;

/** @param forzada as Hechos has it */
export async function reunirHechos(
  sistema: Sistema,
  { solicitud, configuracionCertificados }: SolicitudCertificado,
  forzada: boolean,
): Promise<Hechos> {
  const { codigoSolicitudTramite: codigo } = solicitud;
  return {
    codigo,
    contestadas: sistema.contestadas.get(codigo) ?? [],
    registro: await enElRegistro(sistema, codigo),
    temporal: await enTemporal(sistema, codigo),
    pki: enLaPki(sistema.stack.archivoDelSimulador, codigo),
    tipos: configuracionCertificados.tipoCertificados.length,
    idempotente: sistema.idempotente,
    forzada,
  };
}

async function enElRegistro(sistema: Sistema, codigo: string): Promise<Hechos['registro']> {
  const [fila] = await sistema.consultar(
    `select estado, fallo_tipo, resultado_incierto, generacion,
       (select jsonb_array_length(envios_sin_aclarar) from pasos p
         where p.codigo = s.codigo and p.generacion = s.generacion and paso = 2) as sin_aclarar,
       array(select coalesce(solicitud_pki_id, '') from pasos p
         where p.codigo = s.codigo and paso = 1 order by generacion) as solicitudes_pki,
       array(select numero_serie from certificados c where c.codigo = s.codigo) as series,
       exists (select from recibidos r where r.codigo = s.codigo and r.generacion = s.generacion)
         or exists (select from por_revocar r where r.codigo = s.codigo and r.generacion = s.generacion) as conservada
     from solicitudes s where codigo = $1`,
    [codigo],
  );
  if (!fila) return null;
  return {
    estado: fila.estado as string,
    fallo: fila.fallo_tipo as string | null,
    incierto: fila.resultado_incierto as boolean,
    generacion: fila.generacion as number,
    sinAclarar: fila.sin_aclarar as number,
    solicitudesPki: fila.solicitudes_pki as string[],
    series: fila.series as string[],
    conservada: fila.conservada as boolean,
  };
}

async function enTemporal({ stack }: Sistema, codigo: string): Promise<Hechos['temporal']> {
  const descrita = await describirWorkflow(stack.client, workflowId(codigo), PLAZO_MS);
  if (!descrita) return null;
  const { status, runId } = descrita;
  return {
    estado: status.name,
    generacion: (descrita.memo as unknown as MemoEmision).generacion,
    fallo:
      status.name === 'FAILED'
        ? await falloDe(stack.client.workflow.getHandle(workflowId(codigo), runId))
        : null,
  };
}

async function falloDe(run: { result(): Promise<unknown> }): Promise<string | null> {
  try {
    await run.result();
    return null;
  } catch (error) {
    if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure)
      return error.cause.type ?? null;
    throw error;
  }
}

function enLaPki(archivo: string, codigo: string): Hechos['pki'] {
  const db = new DatabaseSync(archivo, { readOnly: true, timeout: 5_000 });
  try {
    const numeros = db
      .prepare('select count(*) as n from numeros join solicitudes using (solicitud_pki_id) where codigo = ?')
      .get(codigo);
    const filas = db
      .prepare(
        `select emision_id, solicitud_pki_id, tipo, numero_serie from certificados
           join emisiones using (emision_id) join solicitudes using (solicitud_pki_id) where codigo = ?`,
      )
      .all(codigo);
    const emisiones = new Map<unknown, Hechos['pki']['emisiones'][number]>();
    for (const { emision_id, solicitud_pki_id, tipo, numero_serie } of filas) {
      const emision = emisiones.get(emision_id) ?? {
        solicitudPkiId: String(solicitud_pki_id),
        certificados: [],
      };
      emisiones.set(emision_id, emision);
      emision.certificados.push({ tipo: String(tipo), serie: String(numero_serie) });
    }
    // Step 1 names the solicitud in its answer; step 2 repeats the answer of its issuance.
    const claves = db
      .prepare(
        `select
           (select count(*) from respuestas where paso = 1 and respuesta ->> 'solicitudPkiId' in
             (select solicitud_pki_id from solicitudes where codigo = $codigo)) as paso1,
           (select count(*) from respuestas where paso = 2 and respuesta in
             (select respuesta from emisiones join solicitudes using (solicitud_pki_id) where codigo = $codigo)) as paso2`,
      )
      .get({ codigo });
    return {
      numeros: Number(numeros?.['n']),
      emisiones: [...emisiones.values()],
      claves: { paso1: Number(claves?.['paso1']), paso2: Number(claves?.['paso2']) },
    };
  } finally {
    db.close();
  }
}
