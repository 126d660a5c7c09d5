/** The audit log's part of the register: its tables, and the personal data that stand encrypted beside its entries. */
import { compromisoDe, contextoDeDatos } from '../../bitacora/entrada.ts';
import { descifrarSiSePuede, FILAS_DE_MUESTRA } from '../base/claves-en-las-tablas.ts';
import type { DominioDelRegistro } from '../base/dominio.ts';
import { arbolDeBitacora } from './migraciones/0003-bitacora.ts';
import { sellos } from './migraciones/0007-sellos.ts';

export const BITACORA: DominioDelRegistro = {
  nombre: 'bitacora',
  migraciones: { '0003-bitacora': arbolDeBitacora, '0007-sellos': sellos },
  tablasCifradas: { bitacora: { clave: ['id'], id: 'id', columnas: ['datos'] } },
  bytesSinCifrar: ['bitacora.sal', 'bitacora_nodos.resumen'],

  async probarHuella(db, { cifrado, huella }) {
    const filas = await db
      .selectFrom('bitacora')
      .select(['id', 'sal', 'datos', 'compromiso'])
      .where('datos', 'is not', null)
      .limit(FILAS_DE_MUESTRA)
      .execute();
    return filas.flatMap(({ id, sal, datos, compromiso }) => {
      const claro = descifrarSiSePuede(cifrado, datos, contextoDeDatos(id));
      return claro && sal ? [compromisoDe(huella, sal, claro.toString('utf8')) === compromiso] : [];
    });
  },
};
