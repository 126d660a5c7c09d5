/**
 * Connections that are open at once. One more takes the place of one of whoever has more of them, so that who opens many
 * keeps nobody else out, a probe of the service's health least of all, whether it asks nothing or reads nothing (ADR 43).
 */

/** What is asked of a connection here. */
export interface ConexionContada {
  readonly remoteAddress: string | undefined;
  /** Since when its client has read nothing of what waits for it (performance.now()); null where nothing waits. */
  readonly sinLeerDesdeMs: number | null;
  once(evento: 'close', oyente: () => void): unknown;
  /** Ends it; what its client has not read is dropped. */
  cortar(): void;
}

export interface Conexiones<C extends ConexionContada> {
  /** @returns whether there is room; the connection then counts until it closes */
  abrir(conexion: C): boolean;
  /** It was used just now. */
  usada(conexion: C): void;
}

/**
 * @param ocupada whether an answer of it is not out yet
 * @param cortada told of each connection that is closed or not taken for want of room
 */
export function createConexiones<C extends ConexionContada>(
  maximo: number,
  ocupada: (conexion: C) => boolean,
  cortada: () => void,
): Conexiones<C> {
  /** From the one that was used least recently to the last. */
  const abiertas = new Set<C>();

  return {
    abrir(conexion) {
      if (abiertas.size >= maximo) {
        cortada();
        const cedida = laQueCedeA(conexion.remoteAddress);
        if (!cedida) return false;
        abiertas.delete(cedida);
        cedida.cortar();
      }
      abiertas.add(conexion);
      conexion.once('close', () => abiertas.delete(conexion));
      return true;
    },

    usada(conexion) {
      if (abiertas.delete(conexion)) abiertas.add(conexion);
    },
  };

  /**
   * Of the addresses that have more than the newcomer's, from the one that has most, and of its own last: the one that has
   * been idle longest, else the one whose client reads nothing for the longest. Whoever waits for an issuance keeps its place.
   */
  function laQueCedeA(direccion: string | undefined): C | undefined {
    const porDireccion = Map.groupBy(abiertas, ({ remoteAddress }) => remoteAddress);
    const propias = porDireccion.get(direccion) ?? [];
    const conMas = [...porDireccion.values()].filter(({ length }) => length > propias.length);
    return [...conMas.sort((a, b) => b.length - a.length), propias]
      .map((deUna) => deUna.find((una) => !ocupada(una)) ?? laQueNoLee(deUna))
      .find((una) => una !== undefined);
  }
}

function laQueNoLee<C extends ConexionContada>(conexiones: C[]): C | undefined {
  let cede: C | undefined;
  for (const una of conexiones)
    if (una.sinLeerDesdeMs !== null && una.sinLeerDesdeMs < (cede?.sinLeerDesdeMs ?? Infinity)) cede = una;
  return cede;
}
