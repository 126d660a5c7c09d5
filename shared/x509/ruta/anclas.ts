/**
 * Reads the trusted authorities from one PEM text and refuses one that cannot be judged: what it issues would be refused
 * by some strict reader, or could not be told right from wrong. That is better known at the start than at an issuance.
 */
import { buscarRuta, type Autoridades } from './buscar-ruta.ts';
import { citar, escribirFecha } from '../citar.ts';
import { motivoInsegura } from '../clave-segura.ts';
import { faltasDeCodificacion } from '../codificacion/codificacion-estricta.ts';
import { EXTENSIONES, HASHES_SEGUROS } from '../identificadores.ts';
import { leerCertificado, type CertificadoLeido } from '../leer-certificado.ts';
import { motivoSinJuicio } from '../nombres/restricciones-de-nombre.ts';
import { esAutoemitido, faltasDeExtensionesCriticas, loFirmo } from './validar-ruta.ts';

const BLOQUE_PEM = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/y;
const COMIENZO_PEM = /-----BEGIN [A-Z0-9 ]*CERTIFICATE-----/g;

/**
 * Roots (self-signed) and intermediates, in any order; what begins no certificate is skipped.
 * @throws Error that names each authority at fault. Whether they are in force is another question: exigirUnaVigente
 */
export function cargarAnclas(pem: string): Autoridades {
  const certificados = [...pem.matchAll(COMIENZO_PEM)].map(({ index }, i) => {
    BLOQUE_PEM.lastIndex = index;
    const base64 = BLOQUE_PEM.exec(pem)?.[1];
    // The operator vouches for these: an attribute that the two parsers name differently is no fault of theirs.
    const lectura = base64 === undefined ? null : leerCertificado(Buffer.from(base64, 'base64'));
    if (!lectura?.legible)
      throw new Error(`Trust anchors: block ${i + 1} is not a readable X.509 certificate in PEM`);
    return lectura.certificado;
  });
  const raices = certificados.filter((uno) => esAutoemitido(uno) && loFirmo(uno, uno));
  if (raices.length === 0) throw new Error('Trust anchors: no self-signed root certificate among them');
  const autoridades = { raices, intermedios: certificados.filter((uno) => !raices.includes(uno)) };
  const faltas = certificados.flatMap((una) =>
    faltasDeAncla(una, raices.includes(una)).map((falta) => `${citar(una.subjectDN)} ${falta}`),
  );
  if (faltas.length > 0) throw new Error(`Trust anchors, which cannot be judged: ${faltas.join('; ')}`);
  return autoridades;
}

/** What the strictest of readers (`openssl verify -x509_strict`, Go) refuse in an authority, and what cannot be judged here. */
function faltasDeAncla(autoridad: CertificadoLeido, esRaiz: boolean): string[] {
  const { basicConstraints, usosDeClave, idClave, idClaveEmisor, restriccionesDeNombre } = autoridad;
  const esCritica = (oid: string) => autoridad.extensiones.some((una) => una.oid === oid && una.critica);
  const sinJuicio = restriccionesDeNombre && motivoSinJuicio(restriccionesDeNombre);
  const insegura = motivoInsegura(autoridad.clavePublica);
  const { nombre, hash } = autoridad.algoritmoFirma;
  const condiciones: [falta: string, hay: boolean][] = [
    [`es de la versión ${autoridad.version}, no de la 3`, autoridad.version !== 3],
    ['no tiene nombre', autoridad.sujeto.length === 0],
    ['tiene un número de serie negativo', autoridad.serie < 0n],
    ['no es una CA (basicConstraints)', basicConstraints?.esCa !== true],
    ['basicConstraints no es crítica', !esCritica(EXTENSIONES.basicConstraints)],
    ['su clave no sirve para firmar certificados (keyUsage)', usosDeClave?.includes('keyCertSign') !== true],
    ['no lleva subjectKeyIdentifier', idClave === null],
    ['no lleva authorityKeyIdentifier', !esRaiz && !idClaveEmisor?.clave],
    [
      'los identificadores de clave son críticos',
      esCritica(EXTENSIONES.subjectKeyIdentifier) || esCritica(EXTENSIONES.authorityKeyIdentifier),
    ],
    [sinJuicio ?? '', sinJuicio !== null],
    [insegura ?? '', insegura !== null],
    [`lleva una firma con ${citar(nombre)}`, !esRaiz && !HASHES_SEGUROS.some((uno) => uno === hash)],
  ];
  return [
    ...[...autoridad.ilegibles, ...faltasDeCodificacion(autoridad.der)].map((falta) => `(${falta})`),
    ...faltasDeExtensionesCriticas(autoridad),
    ...condiciones.filter(([, hay]) => hay).map(([falta]) => falta),
  ];
}

/**
 * An authority that has ended stays in the file for a while beside its successor; without one, nothing can be released.
 * @throws Error that says of each authority why it can issue nothing now, where none can
 */
export function exigirUnaVigente(autoridades: Autoridades, ahora: Date): void {
  const { raices, intermedios } = autoridades;
  // The intermediates issue to people; where there are none, the roots do.
  const emisoras = intermedios.length > 0 ? intermedios : raices;
  const condiciones = { momento: ahora, hashesDeFirma: HASHES_SEGUROS };
  const impedimentos = emisoras.map((una) => {
    if (raices.includes(una)) return faltasDeFecha(una, ahora);
    const busqueda = buscarRuta(una, autoridades, condiciones);
    return busqueda.valida ? [] : busqueda.faltas;
  });
  if (impedimentos.some((suyos) => suyos.length === 0)) return;
  const porque = emisoras.map((una, i) => `${citar(una.subjectDN)}: ${(impedimentos[i] ?? []).join(', ')}`);
  throw new Error(`Trust anchors: none of them can issue today: ${porque.join('; ')}`);
}

function faltasDeFecha({ desde, hasta }: CertificadoLeido, ahora: Date): string[] {
  if (ahora >= desde && ahora <= hasta) return [];
  return [`vale del ${escribirFecha(desde)} al ${escribirFecha(hasta)}, no el ${escribirFecha(ahora)}`];
}
