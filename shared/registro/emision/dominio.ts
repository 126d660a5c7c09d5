/** The issuance's part of the register. */
import { workflowId } from '../../emision/contrato.ts';
import type { DominioDelRegistro } from '../base/dominio.ts';
import { compararConBitacora } from './auditoria/auditoria.ts';
import { DOMINIO_DE_EMISION } from './filas/anotaciones.ts';
import { TABLAS_CIFRADAS } from './filas/columnas-cifradas.ts';
import { inicial } from './migraciones/0001-inicial.ts';
import { soporte } from './migraciones/0002-soporte.ts';
import { retencion } from './migraciones/0004-retencion.ts';
import { serieDeSuEmisor } from './migraciones/0006-serie-de-su-emisor.ts';
import { cliente } from './migraciones/0009-cliente.ts';
import { circuitos } from './migraciones/0011-circuitos.ts';
import { circuitoAPrueba } from './migraciones/0012-circuito-a-prueba.ts';
import { ultimoIntento } from './migraciones/0013-ultimo-intento.ts';
import { correlacion } from './migraciones/0014-correlacion.ts';
import { enviadasPor } from './soporte/listado.ts';
import { probarHuella } from './filas/prueba-de-huella.ts';
import type { Db, Lector } from './filas/esquema.ts';

export const EMISION: DominioDelRegistro = {
  nombre: DOMINIO_DE_EMISION,
  migraciones: {
    '0001-inicial': inicial,
    '0002-soporte': soporte,
    '0004-retencion': retencion,
    // No 0005 was ever released; a name that has run somewhere stays.
    '0006-serie-de-su-emisor': serieDeSuEmisor,
    '0009-cliente': cliente,
    '0011-circuitos': circuitos,
    '0012-circuito-a-prueba': circuitoAPrueba,
    '0013-ultimo-intento': ultimoIntento,
    '0014-correlacion': correlacion,
  },
  tablasCifradas: TABLAS_CIFRADAS,
  probarHuella,

  async leerEjecucionesAbiertas(db: Lector, limite) {
    const abiertas = await db
      .selectFrom('solicitudes')
      .select('codigo')
      .where('estado', '=', 'EN_PROCESO')
      .orderBy('aceptada_en', 'desc')
      .limit(limite)
      .execute();
    return abiertas.map(({ codigo }) => workflowId(codigo));
  },

  compararConBitacora: (db: Db, claves, avanzar) => compararConBitacora(db, claves, avanzar),
  leerEnviadasPor: (db: Db, cliente, codigos) => enviadasPor(db, cliente, codigos),
};
