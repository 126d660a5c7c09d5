/** The register's own tables: which keys and which Temporal are its own. */
import type { DominioDelRegistro } from './dominio.ts';
import { procedencia } from './migraciones/0008-procedencia.ts';
import { compararTemporal } from './mudanza.ts';

export const REGISTRO: DominioDelRegistro = {
  nombre: 'registro',
  migraciones: { '0008-procedencia': procedencia },
  compararConBitacora: compararTemporal,
};
