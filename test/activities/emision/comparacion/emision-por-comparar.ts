/** What the orchestrator would compare, had the PKI issued by a plan that the test changes, and the faults that are found. */
import { cargarAnclas } from '../../../../shared/x509/ruta/anclas.ts';
import {
  compararEmision,
  type Comparacion,
  type EmisionPorComparar,
} from '../../../../activities/emision/comparacion/comparar-emision.ts';
import { PERFIL_POR_DEFECTO } from '../../../../activities/emision/comparacion/perfil-certificado.ts';
import {
  TIPOS_CERTIFICADO,
  type SolicitudCertificado,
  type TipoCertificado,
} from '../../../../shared/emision/solicitud.ts';
import {
  crearCaDePrueba,
  describir,
  planConforme,
  type CaDePrueba,
  type PlanDeCertificado,
  type Relativo,
  type TipoDeClave,
} from '../../../support/pki/ca-de-prueba.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

export const AHORA = new Date('2026-11-22T10:00:00Z');
export const DESDE = new Date('2026-11-22T09:59:00Z');
export const SEGUNDO = 1000;
export const DIA = 86_400 * SEGUNDO;
export const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0';
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
export const EMAIL_PROTECTION = '1.3.6.1.5.5.7.3.4';

export const SOLICITUD: SolicitudCertificado = {
  ...solicitudDePrueba(),
  ciudadano: {
    nombres: 'MARÍA JOSÉ',
    apellidoPaterno: 'NÚÑEZ',
    apellidoMaterno: "D'ANGELO-QUISPE",
    fechaNacimiento: '1990-05-17',
    sexo: 'F',
    departamento: 'LIMA',
    provincia: 'CAÑETE',
    distrito: 'SAN VICENTE DE CAÑETE',
  },
};

export type Cambio = (plan: PlanDeCertificado, tipo: TipoCertificado) => Partial<PlanDeCertificado>;

export const ca = await crearCaDePrueba();

export function solicitudCon(
  ciudadano: Partial<SolicitudCertificado['ciudadano']>,
  tipos: TipoCertificado[] = [...TIPOS_CERTIFICADO],
): SolicitudCertificado {
  return {
    ...SOLICITUD,
    ciudadano: { ...SOLICITUD.ciudadano, ...ciudadano },
    configuracionCertificados: { ...SOLICITUD.configuracionCertificados, tipoCertificados: tipos },
  };
}

export const SOLO_FIRMA = solicitudCon({}, ['FIRMA_DIGITAL']);

interface Escenario {
  solicitud?: SolicitudCertificado;
  cambio?: Cambio;
  caEmisora?: CaDePrueba;
  anclasPem?: string;
  tipoDeClave?: TipoDeClave;
  desde?: Date;
}

/** What the orchestrator would compare, had the PKI issued by the plan as changed. */
export async function emision(escenario: Escenario = {}): Promise<EmisionPorComparar> {
  const { solicitud = SOLICITUD, caEmisora = ca, cambio = () => ({}), tipoDeClave = 'EC' } = escenario;
  const tipos = solicitud.configuracionCertificados.tipoCertificados;
  const numeroSolicitud = (tipo: string) => `2026-${tipo}`;
  const recibidos = await Promise.all(
    tipos.map(async (tipo) => {
      const desde = escenario.desde ?? DESDE;
      const plan = await planConforme(solicitud, tipo, numeroSolicitud(tipo), desde, tipoDeClave);
      return describir(tipo, await caEmisora.emitir({ ...plan, ...cambio(plan, tipo) }));
    }),
  );
  return {
    entrada: { solicitud, aceptadaEn: AHORA.toISOString() },
    numerosSolicitud: TIPOS_CERTIFICADO.map((tipo) => ({
      tipoCertificado: tipo,
      numeroSolicitud: numeroSolicitud(tipo),
    })),
    recibidos,
    perfil: PERFIL_POR_DEFECTO,
    anclas: cargarAnclas(escenario.anclasPem ?? caEmisora.anclasPem),
    ahora: AHORA,
  };
}

export function faltasDe(comparacion: Comparacion): string[] {
  return comparacion.conforme ? [] : comparacion.faltas;
}

/** Faults of a set of one FIRMA_DIGITAL that is issued with this change and nothing else. */
export async function faltasCon(cambio: Cambio, escenario: Escenario = {}): Promise<string[]> {
  return faltasDe(compararEmision(await emision({ solicitud: SOLO_FIRMA, cambio, ...escenario })));
}

export function cambiarAtributo(indice: number, relativo: Relativo | null): Cambio {
  return ({ sujeto }) => ({
    sujeto: sujeto.flatMap((actual, i) => (i !== indice ? [actual] : relativo ? [relativo] : [])),
  });
}

/** serialNumber as X.520 has it. */
export function imprimible(valor: string): Relativo {
  return { '2.5.4.5': [{ printableString: valor }] };
}
