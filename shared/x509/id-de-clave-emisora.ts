/** authorityKeyIdentifier (RFC 5280, 4.2.1.1): by which key of its issuer a certificate says that it was signed. */
import { ETIQUETA, esDeContexto, esUniversal, leerDer } from './codificacion/der.ts';
import type { NombreComparable } from './nombres/nombre-distinguido.ts';
import { leerNombreGeneral } from './nombres/nombre-general.ts';

export interface IdDeClaveEmisora {
  /** Upper-case hex. */
  clave: string | null;
  /** Name and serial of the issuer's own certificate, where it tells them. */
  certificado: { emisor: NombreComparable; serie: bigint } | null;
}

/** @throws Error where the value is malformed */
export function leerIdDeClaveEmisora(valor: ArrayBuffer): IdDeClaveEmisora {
  const { nodo, faltas } = leerDer(new Uint8Array(valor));
  if (!nodo || faltas.length > 0 || !esUniversal(nodo, ETIQUETA.SEQUENCE)) throw new Error('no identifier');
  const [clave, emisor, serie] = [0, 1, 2].map((cual) => nodo.hijos.find((hijo) => esDeContexto(hijo, cual)));
  if ((emisor === undefined) !== (serie === undefined)) throw new Error('an issuer without its serial');
  const nombre = emisor?.hijos.map(leerNombreGeneral).find((uno) => uno.forma === 'directoryName');
  return {
    clave: clave ? Buffer.from(clave.contenido).toString('hex').toUpperCase() : null,
    certificado:
      nombre && serie
        ? {
            emisor: nombre.nombre,
            serie: BigInt.asIntN(
              serie.contenido.length * 8,
              BigInt(`0x${Buffer.from(serie.contenido).toString('hex') || '0'}`),
            ),
          }
        : null,
  };
}
