/** Texts that Temporal refuses beyond a number of bytes. */

/** The beginning of the text, at most so many bytes of UTF-8 and never half a character. */
export function recortar(texto: string, bytesMax: number): string {
  let recortado = '';
  let bytes = 0;
  for (const letra of texto) {
    bytes += bytesDe(letra);
    if (bytes > bytesMax) break;
    recortado += letra;
  }
  return recortado;
}

/** In UTF-8, counted here: a workflow has no Buffer. */
function bytesDe(letra: string): number {
  const punto = letra.codePointAt(0) ?? 0;
  if (punto < 0x80) return 1;
  if (punto < 0x800) return 2;
  return punto < 0x10000 ? 3 : 4;
}
