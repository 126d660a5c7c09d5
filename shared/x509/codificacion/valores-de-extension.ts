/**
 * What is wrong with the value of an extension although it is DER and of its shape: an empty list where RFC 5280 wants at
 * least one element (appendix A: SIZE (1..MAX)), a text, number or identifier of no octets, bits that say nothing.
 */
import { ETIQUETA, esDeContexto, esUniversal, textoDeOid, type NodoDer } from './der.ts';
import { EXTENSIONES } from '../identificadores.ts';

/** The extensions whose parts are known (RFC 5280, 4.2; RFC 3739, 3.2): of any other nobody can say what may be empty. */
const CONOCIDAS: readonly string[] = [
  ...Object.values(EXTENSIONES),
  '2.5.29.9', // subjectDirectoryAttributes
  '2.5.29.16', // privateKeyUsagePeriod
  '2.5.29.18', // issuerAltName
  '2.5.29.46', // freshestCRL
  '1.3.6.1.5.5.7.1.11', // subjectInfoAccess
];

/** The statements whose value is a SemanticsInformation (RFC 3739, 3.2.6.1). */
const QC_PKIX = /^1\.3\.6\.1\.5\.5\.7\.11\.[12]$/;

/** @returns faults, in Spanish */
export function faltasDeValor(oid: string, valor: NodoDer): string[] {
  return [
    ...(CONOCIDAS.includes(oid) && tieneVacios(valor, (nodo, nivel) => puedeIrVacio(oid, nodo, nivel))
      ? ['lleva algo vacío']
      : []),
    ...faltasPropias(oid, valor),
  ];
}

/** Whether a name has an empty relative name, or an empty value. */
export function tieneNombresVacios(nombre: NodoDer): boolean {
  return tieneVacios(nombre, (_, nivel) => nivel === 0);
}

function tieneVacios(
  nodo: NodoDer,
  puedeIrVacio: (nodo: NodoDer, nivel: number) => boolean,
  nivel = 0,
): boolean {
  if (nodo.contenido.length === 0) return !esUniversal(nodo, ETIQUETA.NULL) && !puedeIrVacio(nodo, nivel);
  return nodo.hijos.some((hijo) => tieneVacios(hijo, puedeIrVacio, nivel + 1));
}

function puedeIrVacio(oid: string, nodo: NodoDer, nivel: number): boolean {
  switch (oid) {
    case EXTENSIONES.basicConstraints:
    case EXTENSIONES.authorityKeyIdentifier:
      return nivel === 0;
    case EXTENSIONES.nameConstraints:
      // A base that every name is within: an empty text, or an empty name.
      return nivel === 3 || (nivel === 4 && esUniversal(nodo, ETIQUETA.SEQUENCE));
    default:
      return false;
  }
}

function faltasPropias(oid: string, valor: NodoDer): string[] {
  switch (oid) {
    case EXTENSIONES.keyUsage:
      return usaSuUltimoBit(valor) ? [] : ['termina en bits que no dicen nada'];
    case EXTENSIONES.basicConstraints: {
      const [primero] = valor.hijos;
      return primero && !esUniversal(primero, ETIQUETA.BOOLEAN) ? ['limita la ruta sin ser de una CA'] : [];
    }
    case EXTENSIONES.cRLDistributionPoints:
      return faltasDePuntos(valor);
    case EXTENSIONES.qcStatements:
      return valor.hijos.length > 0 && valor.hijos.every(esDeclaracion)
        ? []
        : ['no es una lista de declaraciones'];
    default:
      return [];
  }
}

/** RFC 5280, 4.2.1.13: a point says where (0) or whose (2), and for which reasons (1) if not for all. */
function faltasDePuntos({ hijos: puntos }: NodoDer): string[] {
  const dicen = puntos.every(({ hijos }) =>
    hijos.some((uno) => esDeContexto(uno, 0) || esDeContexto(uno, 2)),
  );
  const motivos = puntos.flatMap(({ hijos }) => hijos.filter((uno) => esDeContexto(uno, 1)));
  return [
    ...(dicen && puntos.length > 0 ? [] : ['un punto no dice dónde ni de quién']),
    ...(motivos.every(usaSuUltimoBit) ? [] : ['los motivos de un punto terminan en bits que no dicen nada']),
  ];
}

function esDeclaracion({ hijos: [id, dato] }: NodoDer): boolean {
  const oid = id ? textoDeOid(id) : '';
  return oid !== '' && (!dato || !QC_PKIX.test(oid) || esUniversal(dato, ETIQUETA.SEQUENCE));
}

/** X.690, 11.2.2: a list of named bits ends with one that is set. */
function usaSuUltimoBit({ contenido: [sinUsar = 0, ...octetos] }: NodoDer): boolean {
  const ultimo = octetos.at(-1);
  return ultimo !== undefined && ((ultimo >> sinUsar) & 1) === 1;
}
