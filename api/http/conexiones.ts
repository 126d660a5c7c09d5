/**
 * Connections that are open at once. One more takes the place of one that has nothing under way, so that whoever opens
 * many and asks nothing keeps nobody out, a probe of the service's health least of all (ADR 43).
 */
import type { Conexion } from './conexion.ts';

export interface Conexiones {
  /** @returns whether there is room; the connection then counts until it closes */
  abrir(conexion: Conexion): boolean;
  /** It was used just now. */
  usada(conexion: Conexion): void;
}

/**
 * @param ocupada whether an answer of it is not out yet
 * @param cortada told of each connection that is closed or not taken for want of room
 */
export function createConexiones(
  maximo: number,
  ocupada: (conexion: Conexion) => boolean,
  cortada: () => void,
): Conexiones {
  /** From the one that was used least recently to the last. */
  const abiertas = new Set<Conexion>();

  return {
    abrir(conexion) {
      if (abiertas.size >= maximo) {
        cortada();
        const cedida = laQueCede();
        if (!cedida) return false;
        abiertas.delete(cedida);
        cedida.destroy();
      }
      abiertas.add(conexion);
      conexion.once('close', () => abiertas.delete(conexion));
      return true;
    },

    usada(conexion) {
      if (abiertas.delete(conexion)) abiertas.add(conexion);
    },
  };

  /** Of the address that has most of them, the one that has been idle longest. */
  function laQueCede(): Conexion | null {
    const porDireccion = Map.groupBy(abiertas, ({ remoteAddress }) => remoteAddress);
    let cede: Conexion | null = null;
    let suyas = 0;
    for (const delMismo of porDireccion.values()) {
      const ociosa = delMismo.length > suyas ? delMismo.find((una) => !ocupada(una)) : undefined;
      if (ociosa) [cede, suyas] = [ociosa, delMismo.length];
    }
    return cede;
  }
}
