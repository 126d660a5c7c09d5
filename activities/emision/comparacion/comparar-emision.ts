/**
 * The comparison before release (docs/certificates.md): what the PKI issued against what was asked, every fault at once.
 * Nothing of a reply is released but what passes here. Pure: the same input gives the same outcome, on any bytes.
 */
import type {
  CertificadoRecibido,
  EntradaEmision,
  NumeroSolicitud,
} from '../../../shared/emision/contrato.ts';
import type { CertificadoEmitido } from '../../../shared/emision/emision.ts';
import type { PerfilCertificado } from './perfil-certificado.ts';
import { TIPOS_CERTIFICADO, type TipoCertificado } from '../../../shared/emision/solicitud.ts';
import { buscarRuta, type Autoridades } from '../../../shared/x509/ruta/buscar-ruta.ts';
import { citar, enumerar, escribirFecha } from '../../../shared/x509/citar.ts';
import { faltasDeCodificacion } from '../../../shared/x509/codificacion/codificacion-estricta.ts';
import {
  leerCertificadoBase64,
  type CertificadoLeido,
  type LecturaDeCertificado,
} from '../../../shared/x509/leer-certificado.ts';
import { compararClave, longitudClave } from './comparar-clave.ts';
import { compararDeclarado, ESTADO_ACTIVO, type Declarado } from './comparar-declarado.ts';
import { compararExtensiones } from './comparar-extensiones.ts';
import { compararSujeto } from './comparar-sujeto.ts';
import { compararVigencia } from './comparar-vigencia.ts';

export interface EmisionPorComparar {
  entrada: Pick<EntradaEmision, 'solicitud' | 'aceptadaEn'>;
  numerosSolicitud: readonly NumeroSolicitud[];
  recibidos: readonly CertificadoRecibido[];
  perfil: PerfilCertificado;
  anclas: Autoridades;
  ahora: Date;
}

/** Fit to be released, where its serial and its key are in no certificate released before. */
interface CertificadoComparado extends CertificadoEmitido {
  /** SHA-256 of the SubjectPublicKeyInfo's DER, upper-case hex. */
  huellaClavePublica: string;
}

/** What quarantine can know of a certificate: null where it could not be read. */
interface CertificadoEnCuarentena {
  /** As the adapter says. */
  tipoCertificado: string;
  certificadoId: string;
  numeroSerieDeclarado: string;
  /** As the certificate says. */
  numeroSerie: string | null;
  subjectDN: string | null;
  huellaCertificado: string | null;
  huellaClavePublica: string | null;
}

export type Comparacion =
  /** `avisos`: what the adapter says of them and cannot be read, for support; without personal data. */
  | { conforme: true; certificados: CertificadoComparado[]; avisos: string[] }
  /** `faltas`, in Spanish, may hold personal data. */
  | { conforme: false; faltas: string[]; leidos: CertificadoEnCuarentena[] };

interface Pareja {
  donde: string;
  recibido: CertificadoRecibido;
  lectura: LecturaDeCertificado;
  declarado: Declarado;
}

/** `certificados` of a conforming set come in the order in which the types were asked. Never throws. */
export function compararEmision(emision: EmisionPorComparar): Comparacion {
  const parejas = emision.recibidos.map((recibido, i) => {
    const lectura = leerCertificadoBase64(recibido.certificadoBase64);
    return {
      donde: `certificados[${i}] ${citar(recibido.tipoCertificado)}`,
      recibido,
      lectura,
      declarado: compararDeclarado(recibido, lectura.legible ? lectura.certificado : null),
    };
  });
  const faltas = [
    ...compararTipos(emision),
    ...compararRepeticiones(parejas),
    ...parejas.flatMap((pareja) => compararUno(pareja, emision).map((falta) => `${pareja.donde}: ${falta}`)),
  ];
  if (faltas.length > 0) return { conforme: false, faltas, leidos: parejas.map(paraCuarentena) };

  const { tipoCertificados, vigenciaAnios } = emision.entrada.solicitud.configuracionCertificados;
  const certificados = parejas.flatMap(({ recibido, lectura }) =>
    lectura.legible ? [paraEntregar(recibido, lectura.certificado, vigenciaAnios)] : [],
  );
  const orden = (uno: CertificadoComparado) =>
    tipoCertificados.findIndex((tipo) => tipo === uno.tipoCertificado);
  return {
    conforme: true,
    certificados: certificados.sort((a, b) => orden(a) - orden(b)),
    avisos: parejas.flatMap(({ recibido: { tipoCertificado }, declarado }) =>
      declarado.ilegibles.map((campo) => `${tipoCertificado}: ${campo} no se puede leer`),
    ),
  };
}

/** Exactly the types that were asked, once each. */
function compararTipos({ entrada, recibidos }: EmisionPorComparar): string[] {
  const pedidos: readonly string[] = entrada.solicitud.configuracionCertificados.tipoCertificados;
  const llegados = recibidos.map(({ tipoCertificado }) => tipoCertificado);
  return [
    ...pedidos.filter((tipo) => !llegados.includes(tipo)).map((tipo) => `certificados: falta el de ${tipo}`),
    ...unaVez(llegados.filter((tipo) => !pedidos.includes(tipo))).map(
      (tipo) => `certificados: llegó uno de ${citar(tipo)} y se pidieron ${enumerar(pedidos)}`,
    ),
    ...repetidos(llegados).map((tipo) => `certificados: llegó más de uno de ${citar(tipo)}`),
  ];
}

/** Within the set; against what was released before, the register's unique indexes decide. */
function compararRepeticiones(parejas: readonly Pareja[]): string[] {
  const leidos = parejas.flatMap(({ lectura }) => (lectura.legible ? [lectura.certificado] : []));
  return [
    ...repetidos(leidos.map(serieDeSuEmisor)).map(
      () => 'certificados: el número de serie de un emisor está en más de uno',
    ),
    ...repetidos(leidos.map((uno) => uno.huellaClavePublica)).map(
      (huella) => `certificados: la clave pública de huella ${citar(huella)} está en más de uno`,
    ),
    ...repetidos(parejas.map(({ recibido }) => recibido.certificadoId).filter((id) => id.trim() !== '')).map(
      (id) => `certificados: el certificadoId ${citar(id)} está en más de uno`,
    ),
  ];
}

function compararUno({ recibido, lectura, declarado }: Pareja, emision: EmisionPorComparar): string[] {
  if (!lectura.legible) return [...declarado.faltas, lectura.falta];

  const { certificado } = lectura;
  const { entrada, perfil, anclas, ahora } = emision;
  const cadena = buscarRuta(certificado, anclas, {
    // Whether it may begin in the next minutes is for compararVigencia to judge; its path is judged as of that beginning.
    momento: certificado.desde > ahora ? certificado.desde : ahora,
    hashesDeFirma: perfil.hashesDeFirma,
    usosExtendidos: certificado.usosExtendidos ?? [],
  });
  const tipo = TIPOS_CERTIFICADO.find((conocido) => conocido === recibido.tipoCertificado);
  return [
    ...declarado.faltas,
    ...lectura.discrepancias,
    ...faltasDeCodificacion(certificado.der),
    ...compararClave(certificado, perfil),
    ...compararConLasAutoridades(certificado, anclas),
    ...(tipo === undefined ? [] : compararConSuTipo(tipo, certificado, emision)),
    ...compararVigencia(
      certificado,
      {
        vigenciaAnios: entrada.solicitud.configuracionCertificados.vigenciaAnios,
        aceptadaEn: new Date(entrada.aceptadaEn),
        ahora,
        emisor: cadena.valida ? (cadena.ruta.at(-2) ?? null) : cadena.emisor,
      },
      perfil,
    ),
    ...(cadena.valida ? [] : cadena.faltas),
  ];
}

/** A person that holds the key of an authority could issue certificates. */
function compararConLasAutoridades(
  { huellaClavePublica }: CertificadoLeido,
  { raices, intermedios }: Autoridades,
): string[] {
  const suya = [...raices, ...intermedios].find((una) => una.huellaClavePublica === huellaClavePublica);
  return suya ? [`clave: es la de la autoridad ${citar(suya.subjectDN)}`] : [];
}

function compararConSuTipo(
  tipo: TipoCertificado,
  certificado: CertificadoLeido,
  { entrada, numerosSolicitud, perfil }: EmisionPorComparar,
): string[] {
  const numeroSolicitud =
    numerosSolicitud.find(({ tipoCertificado }) => tipoCertificado === tipo)?.numeroSolicitud ?? null;
  return [
    ...compararSujeto(certificado.sujeto, { solicitud: entrada.solicitud, tipo, numeroSolicitud }, perfil),
    ...compararExtensiones(certificado, tipo, perfil),
  ];
}

function paraEntregar(
  { tipoCertificado, certificadoId }: CertificadoRecibido,
  certificado: CertificadoLeido,
  vigenciaAnios: number,
): CertificadoComparado {
  return {
    tipoCertificado,
    certificadoId,
    numeroSerie: certificado.numeroSerie,
    fechaEmision: escribirFecha(certificado.desde),
    fechaVencimiento: escribirFecha(certificado.hasta),
    vigenciaAnios,
    estadoCertificado: ESTADO_ACTIVO,
    algoritmoFirma: certificado.algoritmoFirma.nombre,
    longitudClave: longitudClave(certificado),
    subjectDN: certificado.subjectDN,
    huellaCertificado: certificado.huellaCertificado,
    certificadoBase64: certificado.der.toString('base64'),
    huellaClavePublica: certificado.huellaClavePublica,
  };
}

function paraCuarentena({ recibido, lectura }: Pareja): CertificadoEnCuarentena {
  const certificado = lectura.legible ? lectura.certificado : null;
  return {
    tipoCertificado: recibido.tipoCertificado,
    certificadoId: recibido.certificadoId,
    numeroSerieDeclarado: recibido.numeroSerie,
    numeroSerie: certificado?.numeroSerie ?? null,
    subjectDN: certificado?.subjectDN ?? null,
    huellaCertificado: certificado?.huellaCertificado ?? null,
    huellaClavePublica: certificado?.huellaClavePublica ?? null,
  };
}

/** A serial number is unique within its issuer (RFC 5280, 4.1.2.2), known by any name that a reader may take for the same. */
function serieDeSuEmisor({ nombreDelEmisor, numeroSerie }: CertificadoLeido): string {
  return JSON.stringify([nombreDelEmisor.amplio, numeroSerie]);
}

function unaVez(valores: readonly string[]): string[] {
  return [...new Set(valores)];
}

function repetidos(valores: readonly string[]): string[] {
  return unaVez(valores.filter((valor, i) => valores.indexOf(valor) !== i));
}
