/** Waits for something no longer than it is worth; it goes on by itself. */
export async function conPaciencia<T>(promesa: Promise<T>, ms: number, impaciencia: Error): Promise<T> {
  const fin = Promise.withResolvers<never>();
  const temporizador = setTimeout(() => {
    fin.reject(impaciencia);
  }, ms);
  try {
    return await Promise.race([promesa, fin.promise]);
  } finally {
    clearTimeout(temporizador);
  }
}
