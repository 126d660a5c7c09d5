/** Tables of the simulator's store. `respuestas` repeats answers; the rest is what was truly done and asked. */
export const STORE_SCHEMA = `
  CREATE TABLE IF NOT EXISTS solicitudes (
    solicitud_pki_id TEXT PRIMARY KEY,
    codigo           TEXT NOT NULL,
    tipo_documento   TEXT NOT NULL,
    numero_documento TEXT NOT NULL,
    vigencia_anios   INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS solicitudes_codigo ON solicitudes (codigo);
  CREATE TABLE IF NOT EXISTS numeros (
    numero           INTEGER PRIMARY KEY AUTOINCREMENT,
    solicitud_pki_id TEXT NOT NULL REFERENCES solicitudes,
    tipo             TEXT NOT NULL,
    tipo_clave       TEXT NOT NULL,
    clave_privada    BLOB NOT NULL,
    clave_publica    BLOB NOT NULL,
    UNIQUE (solicitud_pki_id, tipo)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS emisiones (
    emision_id       INTEGER PRIMARY KEY AUTOINCREMENT,
    solicitud_pki_id TEXT NOT NULL REFERENCES solicitudes,
    respuesta        TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS emisiones_solicitud ON emisiones (solicitud_pki_id);
  CREATE TABLE IF NOT EXISTS certificados (
    numero_serie TEXT PRIMARY KEY,
    emision_id   INTEGER NOT NULL REFERENCES emisiones,
    tipo         TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS certificados_emision ON certificados (emision_id);
  CREATE TABLE IF NOT EXISTS respuestas (
    paso      INTEGER NOT NULL,
    clave     TEXT NOT NULL,
    respuesta TEXT NOT NULL,
    PRIMARY KEY (paso, clave)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS llamadas (
    codigo  TEXT NOT NULL,
    paso    INTEGER NOT NULL,
    cuantas INTEGER NOT NULL,
    PRIMARY KEY (codigo, paso)
  ) STRICT;
`;
