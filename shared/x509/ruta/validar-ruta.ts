/**
 * Path validation (RFC 5280, 6.1) from a trust anchor to a certificate, every fault at once. Not among its faults:
 * revocation (6.3), and how the certificates are encoded (codificacion-estricta.ts).
 */
import { citar, enumerar, escribirFecha } from '../citar.ts';
import { EXTENSIONES, nombreDeExtension, nombreDeUso, USOS_EXTENDIDOS } from '../identificadores.ts';
import { nombresDe, type CertificadoLeido } from '../leer-certificado.ts';
import { mismoNombre } from '../nombres/nombre-distinguido.ts';
import { faltasDePoliticas, type CondicionesDePolitica } from './politicas.ts';
import { admiteNombre, motivoSinJuicio } from '../nombres/restricciones-de-nombre.ts';

export interface CondicionesDeRuta {
  /** When it must be valid. */
  momento: Date;
  /** Hashes that signatures may stand on, except the trust anchor's own. */
  hashesDeFirma: readonly string[];
  /** Object identifiers of the usages for which it is to be trusted: no authority may be confined to others. */
  usosExtendidos?: readonly string[];
  politicas?: CondicionesDePolitica;
}

/** Whether the issuer's key made the signature. Never throws. */
export function loFirmo(emisor: CertificadoLeido, emitido: CertificadoLeido): boolean {
  try {
    return emitido.x509.verify(emisor.clavePublica);
  } catch {
    // OpenSSL throws where key and algorithm don't fit: no signature of this key either.
    return false;
  }
}

/** @param ruta from the trust anchor to the certificate; the anchor's own signature proves nothing and is not judged */
export function validarRuta(ruta: readonly CertificadoLeido[], condiciones: CondicionesDeRuta): string[] {
  const [ancla, ...emitidos] = ruta;
  const final = emitidos.at(-1);
  if (ancla === undefined || final === undefined) return ['cadena: no hay cadena que validar'];
  const autoridades = ruta.slice(0, -1);
  return [
    ...autoridades.flatMap((una) => faltasDeAutoridad(una, condiciones)),
    ...faltasDelFinal(final, condiciones),
    ...emitidos.flatMap((uno, i) => faltasDeEmision(ruta[i] ?? ancla, uno)),
    ...emitidos
      .slice(0, -1)
      .flatMap((una) =>
        faltasDeFirma(`cadena: el emisor ${citar(una.subjectDN)} lleva una firma`, una, condiciones),
      ),
    ...autoridades.flatMap((una, i) => faltasDeLongitud(una, ruta.slice(i + 1, -1))),
    ...autoridades.flatMap((una, i) => faltasDeNombres(una, ruta.slice(i + 1))),
    ...faltasDePoliticas(
      ancla.politicas,
      emitidos.map((uno) => ({ ...uno.politicas, autoemitido: esAutoemitido(uno) })),
      condiciones.politicas,
    ),
  ];
}

/** What the certificate at the end of a path shows by itself. */
export function faltasDelFinal(certificado: CertificadoLeido, condiciones: CondicionesDeRuta): string[] {
  return [
    ...faltasPropias('el certificado', certificado, condiciones),
    ...faltasDeFirma('algoritmo de firma: el certificado lleva una', certificado, condiciones),
  ];
}

export function esAutoemitido({ nombreDelSujeto, nombreDelEmisor }: CertificadoLeido): boolean {
  return mismoNombre(nombreDelSujeto, nombreDelEmisor);
}

/** The extensions that a path's validation processes; any other that is critical is refused (RFC 5280, 4.2). */
const PROCESADAS: readonly string[] = [
  EXTENSIONES.basicConstraints,
  EXTENSIONES.keyUsage,
  EXTENSIONES.extendedKeyUsage,
  EXTENSIONES.subjectAltName,
  EXTENSIONES.nameConstraints,
  EXTENSIONES.certificatePolicies,
  EXTENSIONES.policyMappings,
  EXTENSIONES.policyConstraints,
  EXTENSIONES.inhibitAnyPolicy,
];

export function faltasDeExtensionesCriticas({ extensiones }: CertificadoLeido): string[] {
  return extensiones
    .filter(({ oid, critica }) => critica && !PROCESADAS.includes(oid))
    .map(({ oid }) => `lleva la extensión crítica ${nombreDeExtension(oid)}, que aquí no se procesa`);
}

function faltasPropias(
  quien: string,
  certificado: CertificadoLeido,
  { momento }: CondicionesDeRuta,
): string[] {
  const { desde, hasta, ilegibles } = certificado;
  return [
    ...ilegibles.map((falta) => `cadena: de ${quien}, ${falta}`),
    ...faltasDeExtensionesCriticas(certificado).map((falta) => `cadena: ${quien} ${falta}`),
    ...(momento >= desde && momento <= hasta
      ? []
      : [
          `cadena: ${quien} vale del ${escribirFecha(desde)} al ${escribirFecha(hasta)}, no el ${escribirFecha(momento)}`,
        ]),
  ];
}

function faltasDeAutoridad(autoridad: CertificadoLeido, condiciones: CondicionesDeRuta): string[] {
  const nombre = `el emisor ${citar(autoridad.subjectDN)}`;
  const { version, basicConstraints, usosDeClave, usosExtendidos, restriccionesDeNombre } = autoridad;
  const sinJuicio = restriccionesDeNombre && motivoSinJuicio(restriccionesDeNombre);
  const vedados = (condiciones.usosExtendidos ?? []).filter(
    (uso) =>
      usosExtendidos &&
      ![uso, USOS_EXTENDIDOS.anyExtendedKeyUsage].some((uno) => usosExtendidos.includes(uno)),
  );
  return [
    ...faltasPropias(nombre, autoridad, condiciones),
    // An extension in a certificate of an older version binds nobody.
    ...(version === 3 ? [] : [`cadena: ${nombre} es de la versión ${version}, no de la 3`]),
    ...(basicConstraints?.esCa === true ? [] : [`cadena: ${nombre} no es una CA`]),
    ...(usosDeClave?.includes('keyCertSign') === false
      ? [`cadena: la clave de ${nombre} no sirve para firmar certificados`]
      : []),
    ...(sinJuicio ? [`cadena: ${nombre} ${sinJuicio}, y eso aquí no se puede juzgar`] : []),
    ...(vedados.length === 0
      ? []
      : [`cadena: ${nombre} no puede emitir para el uso extendido ${enumerar(vedados.map(nombreDeUso))}`]),
  ];
}

/** RFC 5280, 6.1.3 (a): signature and names; and that the identifiers of keys agree (4.2.1.1). */
function faltasDeEmision(emisor: CertificadoLeido, emitido: CertificadoLeido): string[] {
  const nombre = citar(emisor.subjectDN);
  const faltas: string[] = [];
  if (!mismoNombre(emitido.nombreDelEmisor, emisor.nombreDelSujeto))
    faltas.push(
      `cadena: se esperaba el emisor ${nombre} y el certificado nombra a ${citar(emitido.issuerDN)}`,
    );
  if (!loFirmo(emisor, emitido)) faltas.push(`cadena: la firma no es la del emisor ${nombre}`);
  if (!concuerda(emisor, emitido))
    faltas.push(`cadena: el authorityKeyIdentifier no es la clave del emisor ${nombre}`);
  return faltas;
}

function concuerda(emisor: CertificadoLeido, { idClaveEmisor }: CertificadoLeido): boolean {
  if (idClaveEmisor === null) return true;
  const { clave, certificado } = idClaveEmisor;
  return (
    (clave === null || emisor.idClave === null || clave === emisor.idClave) &&
    (certificado === null ||
      (certificado.serie === emisor.serie && mismoNombre(certificado.emisor, emisor.nombreDelEmisor)))
  );
}

function faltasDeFirma(
  comienzo: string,
  { algoritmoFirma: { nombre, hash } }: CertificadoLeido,
  { hashesDeFirma }: CondicionesDeRuta,
): string[] {
  if (hash !== null && hashesDeFirma.includes(hash)) return [];
  return [
    `${comienzo} con ${citar(nombre)}${hash ? ` (${hash})` : ''}, y se esperaba ${enumerar(hashesDeFirma)}`,
  ];
}

/** RFC 5280, 4.2.1.9: pathLenConstraint counts the authorities below, except self-issued ones. */
function faltasDeLongitud(
  { basicConstraints, subjectDN }: CertificadoLeido,
  debajo: readonly CertificadoLeido[],
): string[] {
  const maximo = basicConstraints?.longitudMaximaRuta ?? null;
  const intermedios = debajo.filter((una) => !esAutoemitido(una)).length;
  return maximo === null || intermedios <= maximo
    ? []
    : [
        `cadena: el emisor ${citar(subjectDN)} admite ${maximo} intermedios debajo de él y hay ${intermedios}`,
      ];
}

/** RFC 5280, 6.1.3 (b) and (c): for all names below it, except those of self-issued authorities. */
function faltasDeNombres(
  { restriccionesDeNombre, subjectDN }: CertificadoLeido,
  debajo: readonly CertificadoLeido[],
): string[] {
  if (!restriccionesDeNombre) return [];
  return debajo
    .filter((uno, i) => i === debajo.length - 1 || !esAutoemitido(uno))
    .flatMap((uno) =>
      nombresDe(uno)
        .filter((nombre) => !admiteNombre(restriccionesDeNombre, nombre))
        .map(
          ({ forma }) =>
            `cadena: el emisor ${citar(subjectDN)} no admite debajo de él un nombre (${forma}) de ${citar(uno.subjectDN)}`,
        ),
    );
}
