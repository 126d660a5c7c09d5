/** The tables that are no domain's, as Kysely sees them; their migrations make them. */
import type { ColumnType, Generated, Kysely, Transaction } from 'kysely';
import type { EsquemaDeBitacora } from '../../bitacora/esquema.ts';

type MomentoONulo = ColumnType<Date | null, Date | null, Date | null>;

interface TablaClaves {
  variable: 'CLAVES_CIFRADO' | 'CLAVE_HUELLA' | 'BITACORA_CLAVE_FIRMA';
  /** Id in the ring; public key that signs the log; '' for CLAVE_HUELLA. */
  clave: string;
  comprobacion: string;
  en_uso: Generated<boolean>;
  recifrada_en: MomentoONulo;
  registrada_en: Generated<Date>;
}

interface TablaTemporal {
  unica: Generated<boolean>;
  cluster_id: string | null;
  namespace_id: string | null;
  desde: Generated<Date>;
}

/** What every domain's schema has beside its own tables: the register's, and the audit log's. */
export interface EsquemaBase extends EsquemaDeBitacora {
  claves_del_registro: TablaClaves;
  temporal_del_registro: TablaTemporal;
}

export type DbBase = Kysely<EsquemaBase>;
export type TxBase = Transaction<EsquemaBase>;
/** For what only reads, within a transaction or not. */
export type LectorBase = DbBase | TxBase;
