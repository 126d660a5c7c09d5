/** Waits for something no longer than it is worth; it goes on by itself. @throws impaciencia */
export async function conPaciencia<T>(empezar: () => Promise<T>, ms: number, impaciencia: Error): Promise<T> {
  const fin = Promise.withResolvers<never>();
  const temporizador = setTimeout(() => {
    fin.reject(impaciencia);
  }, ms);
  try {
    return await Promise.race([empezar(), fin.promise]);
  } finally {
    clearTimeout(temporizador);
  }
}
