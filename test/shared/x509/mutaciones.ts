/** A certificate and its authority, each with one thing of its encoding changed and signed again: who takes it? */
import 'reflect-metadata';
import { KeyObject, sign } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { AuthorityInfoAccessSyntax } from '@peculiar/asn1-x509';
import {
  AuthorityInfoAccessExtension,
  CertificatePolicyExtension,
  CRLDistributionPointsExtension,
  Extension,
} from '@peculiar/x509';
import {
  compararEmision,
  type EmisionPorComparar,
} from '../../../activities/emision/comparacion/comparar-emision.ts';
import { PERFIL_POR_DEFECTO } from '../../../activities/emision/comparacion/perfil-certificado.ts';
import type { SolicitudCertificado } from '../../../shared/emision/solicitud.ts';
import { cargarAnclas } from '../../../shared/x509/ruta/anclas.ts';
import { leerDer } from '../../../shared/x509/codificacion/der.ts';
import {
  crearCaDePrueba,
  planConforme,
  type CaDePrueba,
  type TipoDeClave,
} from '../../support/pki/ca-de-prueba.ts';
import { mutable, type Mutable, type Mutacion } from './mutaciones-der.ts';
import { solicitudDePrueba } from '../../support/emision/solicitud-de-prueba.ts';

export const AHORA = new Date();

const SOLICITUD: SolicitudCertificado = {
  ...solicitudDePrueba(),
  configuracionCertificados: { tipoCertificados: ['FIRMA_DIGITAL'], vigenciaAnios: 1 },
};

export interface Banco {
  raiz: Uint8Array;
  certificado: Mutable;
  autoridad: Mutable;
  /** The certificate so changed, signed again by its authority where `firmada`. */
  certificadoCon(mutacion: Mutacion, firmada: boolean): Cadena;
  /** The authority so changed, signed again by the root. */
  autoridadCon(mutacion: Mutacion): Cadena;
  /** Whether the product releases it; an authority that stops the start releases nothing. */
  seEntrega(cadena: Cadena): boolean;
  cadena: Cadena;
}

export interface Cadena {
  raiz: Uint8Array;
  emisora: Uint8Array;
  der: Uint8Array;
}

export async function montarBanco(tipo: TipoDeClave): Promise<Banco> {
  const ca = await crearCaDePrueba({ tipo });
  const plan = await planConforme(SOLICITUD, 'FIRMA_DIGITAL', '1', new Date(AHORA.getTime() - 60_000), tipo);
  const der = Buffer.from((await ca.emitir({ ...plan, otrasExtensiones: opcionales() })).rawData);
  const raiz = new Uint8Array(ca.raiz.rawData);
  const emisora = new Uint8Array(ca.emisora.rawData);
  const cadena = { raiz, emisora, der };
  const anclasIntactas = anclasDe(cadena);
  const [certificado, autoridad] = [mutable(der), mutable(emisora)];
  return {
    raiz,
    certificado,
    autoridad,
    cadena,
    certificadoCon(mutacion, firmada) {
      const mutado = certificado.con(mutacion);
      return { raiz, emisora, der: firmada ? firmarDeNuevo(mutado, ca.clavesEmisora) : mutado };
    },
    autoridadCon: (mutacion) => ({
      raiz,
      emisora: firmarDeNuevo(autoridad.con(mutacion), ca.clavesRaiz),
      der,
    }),
    seEntrega(cadena) {
      const anclas = cadena.emisora === emisora ? anclasIntactas : anclasDe(cadena);
      return anclas !== null && seEntrega(anclas, cadena);
    },
  };
}

/** Null where they stop the start. */
function anclasDe({ raiz, emisora }: Cadena): EmisionPorComparar['anclas'] | null {
  try {
    return cargarAnclas(pem(raiz) + pem(emisora));
  } catch {
    return null;
  }
}

function seEntrega(anclas: EmisionPorComparar['anclas'], { der }: Cadena): boolean {
  return compararEmision({
    entrada: { solicitud: SOLICITUD, aceptadaEn: AHORA.toISOString() },
    numerosSolicitud: [{ tipoCertificado: 'FIRMA_DIGITAL', numeroSolicitud: '1' }],
    // What the adapter says hides nothing: it cannot be read.
    recibidos: [
      {
        tipoCertificado: 'FIRMA_DIGITAL',
        certificadoId: '1',
        numeroSerie: '',
        fechaEmision: '',
        fechaVencimiento: '',
        estadoCertificado: '',
        certificadoBase64: Buffer.from(der).toString('base64'),
      },
    ],
    perfil: PERFIL_POR_DEFECTO,
    anclas,
    ahora: AHORA,
  }).conforme;
}

/** The extensions of the profile that may be absent. */
function opcionales(): Extension[] {
  const acceso = new AuthorityInfoAccessExtension({
    ocsp: ['http://pki.example.com/ocsp'],
    caIssuers: ['http://pki.example.com/ca.cer'],
  });
  // Read and written, so that it stands in the form that the library gives it.
  const valor = AsnConvert.serialize(AsnConvert.parse(acceso.value, AuthorityInfoAccessSyntax));
  return [
    new CertificatePolicyExtension(['1.3.6.1.4.1.32473.1.1', '0.4.0.2042.1.2']),
    new CRLDistributionPointsExtension(['http://pki.example.com/crl']),
    new Extension('1.3.6.1.5.5.7.1.1', false, valor),
    new Extension(
      '1.3.6.1.5.5.7.1.3',
      false,
      Buffer.from('3017301506082b06010505070b02300906070400 8bec490101'.replace(' ', ''), 'hex'),
    ),
  ];
}

/** Where it has still three parts: the first of them signed, in place of the last. */
function firmarDeNuevo(der: Uint8Array, { privateKey }: CaDePrueba['clavesEmisora']): Uint8Array {
  const { nodo } = leerDer(der);
  const [tbs, algoritmo, firma] = nodo?.hijos ?? [];
  if (!tbs || !algoritmo || !firma) return der;
  const hecha = sign('sha256', tbs.bytes, KeyObject.from(privateKey));
  const cuerpo = Buffer.concat([
    tbs.bytes,
    algoritmo.bytes,
    conCabecera(3, Buffer.concat([Uint8Array.of(0), hecha])),
  ]);
  return conCabecera(0x30, cuerpo);
}

function conCabecera(etiqueta: number, contenido: Uint8Array): Uint8Array {
  const { length } = contenido;
  const largo =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.from([etiqueta, ...largo]), contenido]);
}

function pem(der: Uint8Array): string {
  return `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`;
}
