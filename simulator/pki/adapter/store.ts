/**
 * What the simulator must not forget, in one SQLite file: the keys it made, what it issued, its answers by
 * Idempotency-Key and how often it was called. Work and its answer are one transaction, on disk before the answer.
 */
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import type { TipoCertificado } from './adapter-requests.ts';
import type { Paso } from '../faults/behaviour.ts';
import type { KeyType, PersonKeys } from '../authority/key-algorithms.ts';
import { STORE_SCHEMA } from './store-schema.ts';

/** Calls whose body names no codigo count in the totals alone. */
const NO_CODIGO = '';

interface NewSolicitud {
  solicitudPkiId: string;
  codigo: string;
  tipoDocumento: string;
  numeroDocumento: string;
  vigenciaAnios: number;
  claves: (PersonKeys & { tipo: TipoCertificado; keyType: KeyType })[];
}

interface StoredNumero {
  tipoCertificado: TipoCertificado;
  numeroSolicitud: string;
}

export interface StoredSolicitud {
  codigo: string;
  tipoDocumento: string;
  numeroDocumento: string;
  vigenciaAnios: number;
  numeros: (StoredNumero & { keyType: KeyType; publicKey: Uint8Array<ArrayBuffer> })[];
}

interface NewEmision {
  solicitudPkiId: string;
  certificados: { numeroSerie: string; tipo: TipoCertificado }[];
  respuesta: unknown;
}

interface Counts {
  numerosGenerados: number;
  /** Times that step 2 really issued. */
  emisiones: number;
  certificados: number;
  /** Requests received by step, refused ones included. */
  llamadas: { paso1: number; paso2: number };
}

export interface Store {
  /** Counts one call and tells how many of this codigo came to this step. */
  countCall(codigo: string | undefined, paso: Paso): number;
  /** The answer that was recorded under this key. */
  findAnswer(paso: Paso, clave: string): unknown;
  saveAnswer(paso: Paso, clave: string, respuesta: unknown): void;
  /** Records step 1 and, where a key is given, its answer. */
  saveSolicitud(solicitud: NewSolicitud, clave: string | null): Step1Answer;
  findSolicitud(solicitudPkiId: string): StoredSolicitud | null;
  /** The answer of the first issuance of this solicitudPkiId. */
  findEmision(solicitudPkiId: string): unknown;
  /** Records step 2 and, where a key is given, its answer. */
  saveEmision(emision: NewEmision, clave: string | null): void;
  hasIssued: (numeroSerie: string) => boolean;
  /** Serial and key (SubjectPublicKeyInfo, DER) of the latest certificate of another codigo; null before there is one. */
  latestOfAnother(codigo: string): { numeroSerie: string; publicKey: Uint8Array<ArrayBuffer> } | null;
  /** Of one codigo, or of all. */
  counts(codigo?: string): Counts;
  close(): void;
}

interface Step1Answer {
  solicitudPkiId: string;
  numerosSolicitud: StoredNumero[];
}

export function openStore(file: string): Store {
  const db = new DatabaseSync(file, { timeout: 5000 });
  // FULL: what was answered as done survives a power cut too.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
  db.exec(STORE_SCHEMA);
  const sql = {
    countCall: db.prepare(`INSERT INTO llamadas VALUES (?, ?, 1)
      ON CONFLICT DO UPDATE SET cuantas = cuantas + 1 RETURNING cuantas`),
    findAnswer: db.prepare('SELECT respuesta FROM respuestas WHERE paso = ? AND clave = ?'),
    saveAnswer: db.prepare('INSERT INTO respuestas VALUES (?, ?, ?)'),
    saveSolicitud: db.prepare('INSERT INTO solicitudes VALUES (?, ?, ?, ?, ?)'),
    saveNumero: db.prepare(`INSERT INTO numeros
      (solicitud_pki_id, tipo, tipo_clave, clave_privada, clave_publica) VALUES (?, ?, ?, ?, ?)`),
    findSolicitud: db.prepare('SELECT * FROM solicitudes WHERE solicitud_pki_id = ?'),
    findNumeros: db.prepare('SELECT * FROM numeros WHERE solicitud_pki_id = ? ORDER BY numero'),
    findEmision: db.prepare(
      'SELECT respuesta FROM emisiones WHERE solicitud_pki_id = ? ORDER BY emision_id LIMIT 1',
    ),
    saveEmision: db.prepare('INSERT INTO emisiones (solicitud_pki_id, respuesta) VALUES (?, ?)'),
    // A fault may repeat a serial: the first certificate keeps it.
    saveCertificado: db.prepare('INSERT OR IGNORE INTO certificados VALUES (?, ?, ?)'),
    latestOfAnother: db.prepare(`SELECT c.numero_serie, n.clave_publica
      FROM certificados c JOIN emisiones USING (emision_id) JOIN solicitudes s USING (solicitud_pki_id)
      JOIN numeros n ON n.solicitud_pki_id = s.solicitud_pki_id AND n.tipo = c.tipo
      WHERE s.codigo <> ? ORDER BY emision_id DESC LIMIT 1`),
    findCertificado: db.prepare('SELECT 1 FROM certificados WHERE numero_serie = ?'),
    counts: db.prepare(`
      WITH propias AS (SELECT solicitud_pki_id FROM solicitudes WHERE $codigo IS NULL OR codigo = $codigo),
           hechas AS (SELECT emision_id FROM emisiones JOIN propias USING (solicitud_pki_id))
      SELECT (SELECT count(*) FROM numeros JOIN propias USING (solicitud_pki_id)) AS numeros,
             (SELECT count(*) FROM hechas) AS emisiones,
             (SELECT count(*) FROM certificados JOIN hechas USING (emision_id)) AS certificados,
             (SELECT total(cuantas) FROM llamadas
               WHERE paso = 1 AND ($codigo IS NULL OR codigo = $codigo)) AS paso1,
             (SELECT total(cuantas) FROM llamadas
               WHERE paso = 2 AND ($codigo IS NULL OR codigo = $codigo)) AS paso2`),
  };

  function transaction<T>(work: () => T): T {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
  }

  const saveAnswer: Store['saveAnswer'] = (paso, clave, respuesta) => {
    sql.saveAnswer.run(paso, clave, JSON.stringify(respuesta));
  };

  return {
    countCall: (codigo, paso) => Number(sql.countCall.get(codigo ?? NO_CODIGO, paso)?.['cuantas']),
    findAnswer: (paso, clave) => parseAnswer(sql.findAnswer.get(paso, clave)),
    saveAnswer,
    saveSolicitud: (nueva, clave) =>
      transaction(() => {
        const { solicitudPkiId } = nueva;
        sql.saveSolicitud.run(
          solicitudPkiId,
          nueva.codigo,
          nueva.tipoDocumento,
          nueva.numeroDocumento,
          nueva.vigenciaAnios,
        );
        const numerosSolicitud = nueva.claves.map(({ tipo, keyType, privateKey, publicKey }) => {
          const { lastInsertRowid } = sql.saveNumero.run(
            solicitudPkiId,
            tipo,
            keyType,
            privateKey,
            publicKey,
          );
          return { tipoCertificado: tipo, numeroSolicitud: numeroSolicitud(lastInsertRowid) };
        });
        const respuesta = { solicitudPkiId, numerosSolicitud };
        if (clave !== null) saveAnswer(1, clave, respuesta);
        return respuesta;
      }),
    findSolicitud: (solicitudPkiId) => {
      const row = sql.findSolicitud.get(solicitudPkiId) as SolicitudRow | undefined;
      if (row === undefined) return null;
      const numeros = sql.findNumeros.all(solicitudPkiId) as unknown as NumeroRow[];
      return {
        codigo: row.codigo,
        tipoDocumento: row.tipo_documento,
        numeroDocumento: row.numero_documento,
        vigenciaAnios: row.vigencia_anios,
        numeros: numeros.map((numero) => ({
          tipoCertificado: numero.tipo,
          numeroSolicitud: numeroSolicitud(numero.numero),
          keyType: numero.tipo_clave,
          publicKey: numero.clave_publica,
        })),
      };
    },
    findEmision: (solicitudPkiId) => parseAnswer(sql.findEmision.get(solicitudPkiId)),
    saveEmision: (nueva, clave) => {
      transaction(() => {
        const { lastInsertRowid } = sql.saveEmision.run(
          nueva.solicitudPkiId,
          JSON.stringify(nueva.respuesta),
        );
        for (const { numeroSerie, tipo } of nueva.certificados) {
          sql.saveCertificado.run(numeroSerie, lastInsertRowid, tipo);
        }
        if (clave !== null) saveAnswer(2, clave, nueva.respuesta);
      });
    },
    hasIssued: (numeroSerie) => sql.findCertificado.get(numeroSerie) !== undefined,
    latestOfAnother: (codigo) => {
      const row = sql.latestOfAnother.get(codigo) as
        { numero_serie: string; clave_publica: Uint8Array<ArrayBuffer> } | undefined;
      return row === undefined ? null : { numeroSerie: row.numero_serie, publicKey: row.clave_publica };
    },
    counts: (codigo) => {
      const row = sql.counts.get({ codigo: codigo ?? null });
      return {
        numerosGenerados: Number(row?.['numeros']),
        emisiones: Number(row?.['emisiones']),
        certificados: Number(row?.['certificados']),
        llamadas: { paso1: Number(row?.['paso1']), paso2: Number(row?.['paso2']) },
      };
    },
    close: () => {
      db.close();
    },
  };
}

interface SolicitudRow {
  codigo: string;
  tipo_documento: string;
  numero_documento: string;
  vigencia_anios: number;
}

interface NumeroRow {
  numero: number;
  tipo: TipoCertificado;
  tipo_clave: KeyType;
  clave_publica: Uint8Array<ArrayBuffer>;
}

function parseAnswer(row: Record<string, SQLOutputValue> | undefined): unknown {
  return row === undefined ? undefined : JSON.parse(String(row['respuesta']));
}

function numeroSolicitud(numero: number | bigint): string {
  return String(numero).padStart(10, '0');
}
