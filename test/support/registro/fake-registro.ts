/** A Registro that grants every turn and remembers what it was asked; a test replaces what it is about. */
import type { NumeroSolicitud, RespuestaPaso1, RespuestaPaso2 } from '../../../shared/emision/contrato.ts';
import type { Envio, PermisoDeEnvio, Registro } from '../../../shared/registro/emision/registro.ts';
import { solicitudDePrueba } from '../emision/solicitud-de-prueba.ts';

export const NUMEROS: NumeroSolicitud[] = [
  { tipoCertificado: 'FIRMA_DIGITAL', numeroSolicitud: 'N-1' },
  { tipoCertificado: 'AUTENTICACION', numeroSolicitud: 'N-2' },
  { tipoCertificado: 'CIFRADO', numeroSolicitud: 'N-3' },
];

export const PASO_1: RespuestaPaso1 = { solicitudPkiId: 'PKI-1', numerosSolicitud: NUMEROS };

export const PASO_2: RespuestaPaso2 = {
  certificados: NUMEROS.map(({ tipoCertificado }, indice) => ({
    tipoCertificado,
    certificadoId: `CERT-${indice}`,
    numeroSerie: `0A:0${indice}`,
    fechaEmision: '2026-11-22T10:00:00Z',
    fechaVencimiento: '2030-11-21T10:00:00Z',
    estadoCertificado: 'ACTIVO',
    certificadoBase64: 'MIIB',
  })),
};

/** What the register hands out for one send. */
export function envioDePrueba(cambios: Partial<Envio> = {}): Envio {
  return {
    marca: 'run-de-prueba#1',
    clave: '6f9b6d5e-3c1a-5b7a-9d55-2a7c1e0b4f10',
    solicitud: solicitudDePrueba(),
    contexto: {
      usuarioEjecutor: 'siirc',
      oficinaEjecucion: 'LIMA-CENTRO',
      ipCliente: '10.20.30.40',
      dispositivo: 'PC-7',
      canal: 'PRESENCIAL',
      correlationId: '0B8E4F6C-2D1A-4C3B-8E5F-6A7B8C9D0E1F',
      requestId: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
    },
    solicitudPkiId: 'PKI-1',
    numerosSolicitud: NUMEROS,
    ...cambios,
  };
}

/** Leave to send. */
export function envioMarcado(): PermisoDeEnvio {
  return { tipo: 'MARCADO', envio: envioDePrueba() };
}

interface LlamadaAlRegistro {
  operacion: keyof Registro;
  argumentos: unknown[];
}

export interface FakeRegistro extends Registro {
  llamadas: LlamadaAlRegistro[];
}

/** @param orden is told each operation, so that a test can see it among other events */
export function createFakeRegistro(respuestas: Partial<Registro> = {}, orden: string[] = []): FakeRegistro {
  const llamadas: LlamadaAlRegistro[] = [];
  /** Notes the call, then answers as the test says. */
  const anotada = <K extends keyof Registro>(operacion: K, porDefecto?: Registro[K]): Registro[K] => {
    const responder = (respuestas[operacion] ?? porDefecto) as ((...a: unknown[]) => unknown) | undefined;
    return ((...argumentos: unknown[]) => {
      llamadas.push({ operacion, argumentos });
      orden.push(operacion);
      if (!responder) throw new Error(`the test did not say what ${operacion} answers`);
      return responder(...argumentos);
    }) as Registro[K];
  };
  return {
    llamadas,
    leer: anotada('leer'),
    leerCertificados: anotada('leerCertificados'),
    hayOtraPeticionEnProceso: anotada('hayOtraPeticionEnProceso'),
    conciliar: anotada('conciliar'),
    restaurar: anotada('restaurar'),
    registrarSolicitud: anotada('registrarSolicitud'),
    registrarPaso1: anotada('registrarPaso1'),
    anotarIntentoFallido: anotada('anotarIntentoFallido', () => Promise.resolve()),
    marcarEnvio: anotada('marcarEnvio', () => Promise.resolve(envioMarcado())),
    conservarRespuesta: anotada('conservarRespuesta', () => Promise.resolve()),
    aclararEnvio: anotada('aclararEnvio', () => Promise.resolve()),
    concluir: anotada('concluir'),
    fallar: anotada('fallar'),
  };
}
