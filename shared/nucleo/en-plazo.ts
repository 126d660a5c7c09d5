/** Waits for something no longer than it is worth; it goes on by itself. @throws fueraDePlazo */
export async function enPlazo<T>(empezar: () => Promise<T>, ms: number, fueraDePlazo: Error): Promise<T> {
  const fin = Promise.withResolvers<never>();
  const temporizador = setTimeout(() => {
    fin.reject(fueraDePlazo);
  }, ms);
  try {
    return await Promise.race([empezar(), fin.promise]);
  } finally {
    clearTimeout(temporizador);
  }
}
