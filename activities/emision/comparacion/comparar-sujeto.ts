/**
 * The subject against the request, attribute by attribute. What came is not quoted: it may be another citizen's, and
 * these faults reach the client that asked. The certificate itself is kept in quarantine.
 */
import type { Atributo, CampoDePlantilla, PerfilCertificado } from './perfil-certificado.ts';
import type { SolicitudCertificado, TipoCertificado } from '../../../shared/emision/solicitud.ts';
import { citar } from '../../../shared/x509/citar.ts';
import { nombreDeAtributo } from '../../../shared/x509/identificadores.ts';
import type { NombreDistinguido } from '../../../shared/x509/nombres/nombre-distinguido.ts';
import { plegar } from '../../../shared/x509/nombres/texto-comparable.ts';

export interface SujetoEsperado {
  solicitud: SolicitudCertificado;
  tipo: TipoCertificado;
  /** null where step 1 gave none for this type. */
  numeroSolicitud: string | null;
}

type Campos = Record<CampoDePlantilla, string>;

export function compararSujeto(
  sujeto: NombreDistinguido,
  { solicitud, tipo, numeroSolicitud }: SujetoEsperado,
  perfil: PerfilCertificado,
): string[] {
  if (numeroSolicitud === null) {
    return [`sujeto: el paso 1 no dio numeroSolicitud para ${tipo}, no hay con qué compararlo`];
  }
  const campos = camposDe(solicitud, numeroSolicitud, perfil.tipos[tipo].sufijo);
  const esperados = new Map<string, (valor: string) => string[]>();
  for (const [atributo, plantilla] of Object.entries(perfil.sujeto) as [Atributo, string][]) {
    esperados.set(atributo, (valor) => compararValor(atributo, valor, rellenar(plantilla, campos)));
  }
  esperados.set('CN', (valor) => compararNombreComun(valor, campos, perfil.nombreComun));

  const faltas = sujeto.filter((relativo) => relativo.length !== 1).map(() => VARIOS_VALORES);
  const presentes = sujeto
    .flat()
    .map(({ oid, tipo: tipoDeTexto, valor }) => ({ atributo: nombreDeAtributo(oid), tipoDeTexto, valor }));
  for (const [atributo, comparar] of esperados) {
    const suyos = presentes.filter((uno) => uno.atributo === atributo);
    if (suyos.length === 0) faltas.push(`sujeto: falta ${atributo}`);
    if (suyos.length > 1) faltas.push(`sujeto: ${atributo} está ${suyos.length} veces`);
    for (const { valor, tipoDeTexto } of suyos) {
      faltas.push(...(valor === null ? [`sujeto: ${atributo} no es un texto`] : comparar(valor)));
      faltas.push(...compararTipoDeTexto(atributo, tipoDeTexto));
    }
  }
  for (const { atributo } of presentes) {
    if (!esperados.has(atributo)) faltas.push(`sujeto: sobra ${atributo}`);
  }
  const orden = [...esperados.keys()];
  const llegado = presentes.map(({ atributo }) => atributo);
  if (llegado.length === orden.length && orden.every((atributo) => llegado.includes(atributo)))
    if (orden.some((atributo, i) => llegado[i] !== atributo))
      faltas.push(`sujeto: se esperaba el orden ${orden.join(', ')} y llegó ${llegado.join(', ')}`);
  return faltas;
}

/** RFC 5280, appendix A: these are printable by their definition; any other is UTF-8 or printable (4.1.2.6). */
const SOLO_IMPRIMIBLES: readonly string[] = ['C', 'serialNumber'];

function compararTipoDeTexto(atributo: string, tipo: string | null): string[] {
  const admitidos = SOLO_IMPRIMIBLES.includes(atributo)
    ? ['printableString']
    : ['utf8String', 'printableString'];
  return tipo === null || admitidos.includes(tipo)
    ? []
    : [`sujeto: se esperaba ${atributo} en ${admitidos.join(' o ')} y llegó en ${tipo}`];
}

const VARIOS_VALORES = 'sujeto: se esperaba un atributo en cada nombre relativo y llegó otro número de ellos';

function camposDe(
  { solicitud, ciudadano }: SolicitudCertificado,
  numeroSolicitud: string,
  sufijo: string,
): Campos {
  const { departamento, provincia, distrito, nombres, apellidoPaterno, apellidoMaterno } = ciudadano;
  return {
    departamento,
    provincia,
    distrito,
    nombres,
    apellidos: apellidoMaterno === undefined ? apellidoPaterno : `${apellidoPaterno} ${apellidoMaterno}`,
    numeroDocumento: solicitud.numeroDocumento,
    numeroSolicitud,
    sufijo,
  };
}

function rellenar(plantilla: string, campos: Campos): string {
  return plantilla.replace(/\{([^}]*)\}/g, (_, campo: string) => campos[campo as CampoDePlantilla]);
}

function compararValor(atributo: Atributo, valor: string, esperado: string): string[] {
  // Two fields meet at the slash of L, each with its blanks.
  const [uno, otro] = [valor, esperado].map((texto) => igualar(texto).replace(/ ?\/ ?/g, '/'));
  return uno === otro ? [] : [`sujeto: se esperaba ${atributo}=${citar(esperado)} y llegó otro`];
}

/**
 * The CN by its beginning. A PKI may cut the names to keep the whole within the limit, in the middle of a word or
 * before it, and may count an accented letter as one or as two. It must show what fits by the strictest of these.
 */
function compararNombreComun(
  valor: string,
  campos: Campos,
  perfil: PerfilCertificado['nombreComun'],
): string[] {
  const completo = rellenar(perfil.nombre, campos);
  const final = rellenar(perfil.final, campos);
  const sitio = Math.max(0, perfil.longitudMaxima - Array.from(final).length - 1);

  const llegado = descomponer(valor);
  const cola = ` ${descomponer(final)}`;
  const mostrado = llegado.endsWith(cola) ? llegado.slice(0, -cola.length) : null;
  const minimo = descomponer(cortar(completo.normalize('NFD'), sitio));
  const faltas =
    mostrado !== null && descomponer(completo).startsWith(mostrado) && mostrado.startsWith(minimo)
      ? []
      : [`sujeto: se esperaba CN=${citar(`${cortar(completo, sitio)} ${final}`)} y llegó otro`];
  const longitud = Array.from(valor).length;
  if (longitud > perfil.longitudMaxima) {
    faltas.push(
      `sujeto: se esperaba un CN de ${perfil.longitudMaxima} letras como máximo y tiene ${longitud}`,
    );
  }
  return faltas;
}

/** As much of the text as fits, whole words only where it must be cut and has more than one. */
function cortar(texto: string, sitio: number): string {
  const letras = Array.from(texto.trim());
  if (letras.length <= sitio) return letras.join('');
  const corte = letras.slice(0, sitio).join('');
  const blanco = corte.search(/\s\S*$/);
  return blanco > 0 ? corte.slice(0, blanco) : corte;
}

/** NFC, case folding, collapsed blanks. */
function igualar(texto: string): string {
  return Array.from(texto.normalize('NFC'), plegar).join('').normalize('NFC').replace(/\s+/g, ' ').trim();
}

/** So that a cut between a letter and its accent is still a beginning. */
function descomponer(texto: string): string {
  return igualar(texto).normalize('NFD');
}
