/** A ServicioEmision in memory: issues at once, and remembers what it was asked. */
import type { ContextoDePeticion } from '../../../shared/emision/contrato.ts';
import type { OrdenDeReejecucion } from '../../../shared/emision/reejecucion.ts';
import type {
  Desenlace,
  Espera,
  ServicioEmision,
  VistaEmision,
} from '../../../api/emision/servicio-emision.ts';
import type { SolicitudCertificado } from '../../../shared/emision/solicitud.ts';

export class FakeServicioEmision implements ServicioEmision {
  readonly emitidas: { solicitud: SolicitudCertificado; contexto: ContextoDePeticion }[] = [];
  readonly reejecutadas: { codigo: string; orden: OrdenDeReejecucion }[] = [];
  /** How each POST and re-run wanted to be waited for. */
  readonly esperas: Espera[] = [];
  readonly consultadas: string[] = [];
  readonly vistas = new Map<string, VistaEmision>();
  /** What the next POSTs and re-runs end in; by default the issuance succeeds. */
  responder: (vista: VistaEmision, espera: Espera) => Desenlace | Promise<Desenlace> = (vista) => ({
    tipo: 'EMITIDO',
    vista,
  });
  /** What the next GETs do before they look. */
  antesDeConsultar: () => void = () => undefined;

  async emitir(
    solicitud: SolicitudCertificado,
    contexto: ContextoDePeticion,
    espera: Espera,
  ): Promise<Desenlace> {
    this.emitidas.push({ solicitud, contexto });
    this.esperas.push(espera);
    const vista = vistaDe(solicitud, contexto);
    this.vistas.set(vista.codigoSolicitudTramite, vista);
    return this.responder(vista, espera);
  }

  /** Whether a POST has made the codigo known. */
  esRepeticion({ solicitud }: SolicitudCertificado): Promise<boolean> {
    return Promise.resolve(this.vistas.has(solicitud.codigoSolicitudTramite));
  }

  /** Null where no POST has made the codigo known. */
  async reejecutar(codigo: string, orden: OrdenDeReejecucion, espera: Espera): Promise<Desenlace | null> {
    this.reejecutadas.push({ codigo, orden });
    this.esperas.push(espera);
    const vista = this.vistas.get(codigo);
    return vista ? this.responder(vista, espera) : null;
  }

  consultar(codigoSolicitudTramite: string): Promise<VistaEmision | null> {
    this.consultadas.push(codigoSolicitudTramite);
    this.antesDeConsultar();
    return Promise.resolve(this.vistas.get(codigoSolicitudTramite) ?? null);
  }
}

function vistaDe(
  { solicitud, ciudadano, configuracionCertificados }: SolicitudCertificado,
  contexto: ContextoDePeticion,
): VistaEmision {
  const paso = {
    estado: 'COMPLETADO',
    fechaInicio: '2026-11-22T10:00:00Z',
    fechaFin: '2026-11-22T10:00:01Z',
    intentos: 1,
  } as const;
  return {
    transaccionId: 'TX-1',
    codigoSolicitudTramite: solicitud.codigoSolicitudTramite,
    estado: 'COMPLETADO',
    fechaInicio: '2026-11-22T10:00:00Z',
    fechaFin: '2026-11-22T10:00:01Z',
    tiempoProcesamientoMs: 1000,
    pendiente: null,
    titular: { numeroDocumento: solicitud.numeroDocumento, nombreCompleto: ciudadano.nombres },
    certificados: configuracionCertificados.tipoCertificados.map((tipoCertificado, indice) => ({
      tipoCertificado,
      certificadoId: `CERT-${indice}`,
      numeroSerie: `0A${indice}`,
      fechaEmision: '2026-11-22T10:00:00Z',
      fechaVencimiento: '2030-11-21T10:00:00Z',
      vigenciaAnios: configuracionCertificados.vigenciaAnios,
      estadoCertificado: 'ACTIVO',
      algoritmoFirma: 'sha256WithRSAEncryption',
      longitudClave: 2048,
      subjectDN: 'CN=PRUEBA',
      huellaCertificado: 'AB',
      certificadoBase64: 'MIIB',
    })),
    pasosProceso: {
      paso1GeneracionClaves: { ...paso, solicitudPkiId: 'PKI-1' },
      paso2EmisionCertificado: paso,
    },
    auditoria: {
      registroAuditoriaId: '1',
      usuarioEjecutor: contexto.usuarioEjecutor,
      oficinaEjecucion: contexto.oficinaEjecucion,
      ipCliente: contexto.ipCliente,
      correlationId: contexto.correlationId,
    },
    fallo: null,
  };
}

export function enProceso(vista: VistaEmision): VistaEmision {
  return {
    ...vista,
    estado: 'EN_PROCESO',
    fechaFin: null,
    tiempoProcesamientoMs: null,
    certificados: [],
    pasosProceso: {
      paso1GeneracionClaves: {
        estado: 'EN_PROCESO',
        solicitudPkiId: null,
        fechaInicio: vista.fechaInicio,
        fechaFin: null,
        intentos: 1,
      },
      paso2EmisionCertificado: { estado: 'PENDIENTE', fechaInicio: null, fechaFin: null, intentos: 0 },
    },
    auditoria: { ...vista.auditoria, registroAuditoriaId: null },
  };
}

type Fallo = NonNullable<VistaEmision['fallo']>;

export function fallida(
  vista: VistaEmision,
  {
    detalles,
    ...fallo
  }: Omit<Fallo, 'detalles' | 'sinReenvio'> & { detalles: readonly string[]; sinReenvio?: string | null },
): VistaEmision {
  return {
    ...vista,
    estado: 'FALLIDO',
    certificados: [],
    fallo: { sinReenvio: null, ...fallo, detalles: [...detalles] },
  };
}
