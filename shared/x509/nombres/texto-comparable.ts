/**
 * Text as names are compared: by RFC 5280, 7.1, which asks for the string preparation of RFC 4518 and LDAP's caseIgnoreMatch;
 * and by OpenSSL, which knows the case and blanks of ASCII alone.
 */

/** RFC 4518, 2.2: what is mapped to nothing. */
const NADA =
  /[\u{AD}\u{1806}\u{34F}\u{180B}-\u{180E}\u{FE00}-\u{FE0F}\u{FFFC}\u{200B}\u{0}-\u{8}\u{E}-\u{1F}\u{7F}-\u{84}\u{86}-\u{9F}\u{6DD}\u{70F}\u{200C}-\u{200F}\u{202A}-\u{202E}\u{2060}-\u{2063}\u{206A}-\u{206F}\u{FEFF}\u{FFF9}-\u{FFFB}\u{1D173}-\u{1D17A}\u{E0001}\u{E0020}-\u{E007F}]/gu;
const BLANCO = /[\t\n\v\f\r\u{85}\p{Z}]+/gu;
/** RFC 4518, 2.4: unassigned, private, half of a pair, the replacement character. */
const PROHIBIDO = /[\p{Cn}\p{Co}\p{Cs}\u{FFFD}]/u;

/** @returns null where the preparation forbids the text: then only its octets can be compared */
export function textoComparable(texto: string): string | null {
  const sinNada = texto.replace(NADA, '').replace(BLANCO, ' ');
  const plegado = Array.from(sinNada.normalize('NFKC'), plegarComoRfc).join('').normalize('NFKC');
  return PROHIBIDO.test(plegado) ? null : plegado.replace(/ +/g, ' ').trim();
}

/** The dotless letter is no other case of i (RFC 3454, B.2). */
function plegarComoRfc(letra: string): string {
  return letra === 'ı' ? letra : plegar(letra);
}

/**
 * Case folding of one letter, whose neighbours (a final sigma's) say nothing then. Through upper case, since ß and ſ have
 * no other single form; lower case first, since the capital ẞ has none.
 */
export function plegar(letra: string): string {
  return letra.toLowerCase().toUpperCase().toLowerCase();
}

/** As X509_NAME_cmp compares, whatever the type of a text. */
export function textoCanonico(texto: string): string {
  return texto
    .replace(/[\t-\r ]+/g, ' ')
    .replace(/^ | $/g, '')
    .replace(/[A-Z]+/g, (letras) => letras.toLowerCase());
}
