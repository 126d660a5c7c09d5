/** The API with the limits that a test gives it. */
import { pino } from 'pino';
import {
  createLimitadorDePeticiones,
  type LimitarPeticion,
} from '../../../../api/http/carga/limites-de-peticiones.ts';
import { ApiDePrueba, BASE } from '../../../support/api/api-de-prueba.ts';
import { CLAVES_DE_PRUEBA } from '../../../support/emision/claves-de-prueba.ts';

export type Opciones = Parameters<typeof createLimitadorDePeticiones>[0];

export function limitador(
  porMinuto: Partial<Opciones['porMinuto']>,
  cambios: Partial<Opciones> = {},
): LimitarPeticion {
  return createLimitadorDePeticiones({
    porMinuto: { cliente: 1_000, oficina: 1_000, ...porMinuto },
    almacen: null,
    huella: CLAVES_DE_PRUEBA.huella,
    medirExceso: () => undefined,
    logger: pino({ level: 'silent' }),
    ...cambios,
  });
}

const apis: ApiDePrueba[] = [];
export async function iniciar(limitarPeticion: LimitarPeticion, cambios = {}): Promise<ApiDePrueba> {
  const api = await ApiDePrueba.iniciar({ limitarPeticion, ...cambios });
  apis.push(api);
  return api;
}
afterEach(async () => {
  await Promise.all(apis.splice(0).map((api) => api.detener()));
});

export const consultarComo = async (api: ApiDePrueba, reclamos: Record<string, unknown>) =>
  api.pedir({
    ruta: `${BASE}/solicitudes/X`,
    cabeceras: { authorization: `Bearer ${await api.emisor.token(reclamos)}` },
  });
