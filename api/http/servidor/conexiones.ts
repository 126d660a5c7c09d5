/**
 * Connections that are open at once. One more takes the place of a connection of whoever has more of them. So a client
 * that opens many, and asks nothing or reads nothing, keeps nobody else out, least of all a probe of the service's health
 * (ADR 43).
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
 * @param ocupada whether the connection still has an answer to give
 * @param cortada told of each connection that is closed or not taken for want of room
 */
export function createConexiones<C extends ConexionContada>(
  maximo: number,
  ocupada: (conexion: C) => boolean,
  cortada: () => void,
): Conexiones<C> {
  /** From the least to the most recently used. */
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
   * The connection that gives way to a newcomer. The address with the most connections is looked at first, then every
   * other that has more than the newcomer's, and its own last. Of an address it is the connection that has been idle
   * longest, else the one whose client has read nothing for the longest; one that waits for an issuance keeps its place.
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
