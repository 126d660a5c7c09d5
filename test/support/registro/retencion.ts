/** Retention as it runs when the time of everything that ended until now is over. */
import {
  retirarOrdenes,
  retirarPagina,
  type PaginaDeRetencion,
} from '../../../shared/registro/emision/retencion/retencion.ts';
import { CLAVES, type RegistroDePrueba } from './registro-de-prueba.ts';

export async function vencer({ db }: RegistroDePrueba): Promise<PaginaDeRetencion> {
  const enBreve = new Date(Date.now() + 60_000);
  await retirarOrdenes(db, CLAVES, enBreve);
  return retirarPagina(db, CLAVES, { completadas: enBreve, fallidas: enBreve }, null, 100);
}
