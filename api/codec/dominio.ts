/** The codec server's one domain: it opens what any other keeps in Temporal. */
import { anotarDescifrados } from '../../shared/bitacora/descifrados.ts';
import { createPayloadCodec } from '../../shared/runtime/temporal/codec.ts';
import type { DominioPreparado, EnTemporal } from '../dominio.ts';
import { createDescifrado } from './descifrado.ts';
import { rutasDelCodec } from './rutas.ts';

/** @param deDominios what each domain says of what it keeps in Temporal */
export function prepararCodec(deDominios: readonly EnTemporal[]): DominioPreparado {
  return {
    crear: ({ db, claves }) => ({
      rutas: rutasDelCodec(
        createDescifrado({
          codec: createPayloadCodec(claves.cifrado),
          visible: {
            campos: new Set(deDominios.flatMap(({ camposVisibles }) => camposVisibles)),
            textos: new Set(deDominios.flatMap(({ textosVisibles }) => textosVisibles)),
          },
          codigoDe: (workflowId) =>
            deDominios.map(({ codigoDe }) => codigoDe(workflowId)).find((codigo) => codigo !== null) ?? null,
          anotar: (descifrados) => anotarDescifrados(db, claves, descifrados),
          ahoraMs: () => performance.now(),
        }),
      ),
    }),
  };
}
