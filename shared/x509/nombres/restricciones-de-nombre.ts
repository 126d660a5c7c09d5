/** Name constraints of an authority (RFC 5280, 4.2.1.10): which names may stand below it. */
import { ETIQUETA, esDeContexto, esUniversal, leerDer, type NodoDer } from '../codificacion/der.ts';
import { leerNombreGeneral, type FormaDeNombre, type NombreGeneral } from './nombre-general.ts';
import { estaDentro } from './nombre-distinguido.ts';

export interface RestriccionesDeNombre {
  permitidos: NombreGeneral[];
  excluidos: NombreGeneral[];
  /** Whether a base has a distance (minimum, maximum), which RFC 5280 gives no meaning. */
  conDistancias: boolean;
}

/** The forms whose constraints can be judged. */
const JUZGADAS: readonly FormaDeNombre[] = [
  'directoryName',
  'rfc822Name',
  'dNSName',
  'uniformResourceIdentifier',
  'iPAddress',
];

/** @throws Error where the value is malformed */
export function leerRestriccionesDeNombre(valor: ArrayBuffer): RestriccionesDeNombre {
  const { nodo, faltas } = leerDer(new Uint8Array(valor));
  if (!nodo || faltas.length > 0 || !esUniversal(nodo, ETIQUETA.SEQUENCE)) throw new Error('no constraints');
  const [permitidos, excluidos] = [0, 1].map((cual) =>
    nodo.hijos.filter((hijo) => esDeContexto(hijo, cual)).flatMap(({ hijos }) => hijos),
  );
  if (!permitidos || !excluidos || permitidos.length + excluidos.length === 0)
    throw new Error('no subtree among the constraints');
  if (nodo.hijos.some((hijo) => !esDeContexto(hijo, 0) && !esDeContexto(hijo, 1)))
    throw new Error('more than subtrees among the constraints');
  return {
    permitidos: permitidos.map(leerBase),
    excluidos: excluidos.map(leerBase),
    conDistancias: [...permitidos, ...excluidos].some(({ hijos }) => hijos.length > 1),
  };
}

function leerBase({ hijos: [base] }: NodoDer): NombreGeneral {
  if (base === undefined) throw new Error('a subtree without a base');
  const nombre = leerNombreGeneral(base);
  if (nombre.forma === 'iPAddress' && nombre.octetos.length !== 8 && nombre.octetos.length !== 32)
    throw new Error('an address without its mask');
  return nombre;
}

/** Why constraints cannot be judged at all; null where they can. */
export function motivoSinJuicio({
  permitidos,
  excluidos,
  conDistancias,
}: RestriccionesDeNombre): string | null {
  if (conDistancias) return 'restringe nombres por distancia';
  const ajena = [...permitidos, ...excluidos].find(({ forma }) => !JUZGADAS.includes(forma));
  return ajena ? `restringe nombres de la forma ${ajena.forma}` : null;
}

/** Whether a name may stand below: in a permitted subtree, where its form has any, and in no excluded one. */
export function admiteNombre(
  { permitidos, excluidos }: RestriccionesDeNombre,
  nombre: NombreGeneral,
): boolean {
  const deSuForma = permitidos.filter(({ forma }) => forma === nombre.forma);
  return (
    (deSuForma.length === 0 || deSuForma.some((base) => contiene(base, nombre, 'SIEMPRE'))) &&
    !excluidos.some((base) => contiene(base, nombre, 'TAL_VEZ'))
  );
}

/**
 * TAL_VEZ: a name with an asterisk, one that cannot be read, and one that is the base's by RFC 5280, 7.1, alone count as
 * within. So whatever may be excluded is refused, and so is whatever may not be permitted.
 */
type Certeza = 'SIEMPRE' | 'TAL_VEZ';

function contiene(base: NombreGeneral, nombre: NombreGeneral, certeza: Certeza): boolean {
  const enDuda = certeza === 'TAL_VEZ';
  switch (base.forma) {
    case 'directoryName':
      return (
        nombre.forma === base.forma && estaDentro(nombre.nombre, base.nombre, enDuda ? 'amplio' : 'estricto')
      );
    case 'iPAddress':
      return nombre.forma === base.forma && contieneDireccion(base.octetos, nombre.octetos);
    case 'rfc822Name':
      if (nombre.forma !== base.forma) return false;
      return contieneBuzon(base.texto, nombre.texto) ?? enDuda;
    case 'uniformResourceIdentifier': {
      if (nombre.forma !== base.forma) return false;
      const anfitrion = anfitrionDe(nombre.texto);
      return anfitrion === null ? enDuda : contieneAnfitrion(base.texto, anfitrion);
    }
    case 'dNSName':
      if (nombre.forma !== base.forma) return false;
      return (
        contieneDominio(base.texto, nombre.texto) ||
        (enDuda && nombre.texto.startsWith('*.') && contieneDominio(nombre.texto.slice(2), base.texto))
      );
    case 'otherName':
    case 'x400Address':
    case 'ediPartyName':
    case 'registeredID':
      // Never asked: such constraints are refused whole (motivoSinJuicio).
      return enDuda;
  }
}

function contieneDireccion(base: Uint8Array, direccion: Uint8Array): boolean {
  const mitad = base.length / 2;
  return (
    direccion.length === mitad &&
    direccion.every((uno, i) => ((uno ^ (base[i] ?? 0)) & (base[mitad + i] ?? 0)) === 0)
  );
}

/** A mailbox, all of a host, or (".domain") of all hosts below a domain. @returns null where the name is no mailbox */
function contieneBuzon(base: string, nombre: string): boolean | null {
  const arroba = nombre.lastIndexOf('@');
  if (arroba < 1 || arroba === nombre.length - 1) return null;
  const [buzon, anfitrion] = [nombre.slice(0, arroba), nombre.slice(arroba + 1)];
  const arrobaDeBase = base.lastIndexOf('@');
  if (arrobaDeBase < 0) return contieneAnfitrion(base, anfitrion);
  return base.slice(0, arrobaDeBase) === buzon && igual(base.slice(arrobaDeBase + 1), anfitrion);
}

/** One host, or (".domain") all below a domain. */
function contieneAnfitrion(base: string, anfitrion: string): boolean {
  if (!base.startsWith('.')) return igual(base, anfitrion);
  return anfitrion.length > base.length && igual(anfitrion.slice(-base.length), base);
}

/** The domain itself and all below it. */
function contieneDominio(base: string, dominio: string): boolean {
  if (base === '' || igual(base, dominio)) return true;
  return contieneAnfitrion(base.startsWith('.') ? base : `.${base}`, dominio);
}

function igual(uno: string, otro: string): boolean {
  return uno.toLowerCase() === otro.toLowerCase();
}

/** RFC 5280: a URI without a host that is a domain name cannot be judged. @returns null then */
function anfitrionDe(uri: string): string | null {
  const [, anfitrion = ''] = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/?#]*@)?([^:/?#]*)/i.exec(uri) ?? [];
  return anfitrion === '' || anfitrion.startsWith('[') || /^[0-9.]+$/.test(anfitrion) ? null : anfitrion;
}
