/** What of a decoded value may be shown to whoever may not see personal data: what is named here, and nothing else. */

/** In the place of what is not shown. Of one length: that of a name tells something of it. */
export const OCULTO = '•••';

export interface Visible {
  /** Names of members whose texts are shown, wherever they stand. A text in a list counts by the name of the list. */
  campos: ReadonlySet<string>;
  /** Texts that are shown wherever they stand: the service's own words. */
  textos: ReadonlySet<string>;
}

/** The same value, with every text hidden that is not visible. Numbers, yes and no are shown: none of ours is of a person. */
export function enmascarar(valor: unknown, visible: Visible, campo = ''): unknown {
  if (typeof valor === 'string')
    return visible.campos.has(campo) || visible.textos.has(valor) || valor === '' ? valor : OCULTO;
  if (Array.isArray(valor)) return valor.map((uno) => enmascarar(uno, visible, campo));
  if (typeof valor !== 'object' || valor === null) return valor;
  return Object.fromEntries(
    Object.entries(valor).map(([nombre, miembro]) => [nombre, enmascarar(miembro, visible, nombre)]),
  );
}
