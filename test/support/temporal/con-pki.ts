/** The real PKI activities over a gateway that a test scripts, in a worker whose register is a fake. */
import { Registry } from 'prom-client';
import {
  createActividadesPki,
  type DependenciasDePki,
} from '../../../activities/emision/pki/actividades-pki.ts';
import { createCircuitosPki } from '../../../activities/emision/pki/circuito-pki.ts';
import { createMetricasPki } from '../../../activities/emision/pki/metricas-pki.ts';
import {
  PkiFallo,
  type DatosDePkiFallo,
  type PkiGateway,
} from '../../../activities/emision/pki/pki-gateway.ts';
import { FakeActividades } from '../emision/fake-actividades.ts';
import { createFakeRegistro, PASO_1, PASO_2 } from '../registro/fake-registro.ts';

export const VENTANA_MS = 900_000;

const CERRADO = () => ({ estado: 'CERRADO', restoMs: 0, sonda: null }) as const;

/** Both steps always let through. */
export const SIN_CIRCUITO: DependenciasDePki['circuitos'] = {
  1: { pasar: (trabajo) => trabajo(() => undefined, false), vista: CERRADO },
  2: { pasar: (trabajo) => trabajo(() => undefined, false), vista: CERRADO },
};

/** @param plazos of circuits that rest less than those of the product */
export function circuitosDePrueba(plazos?: {
  abiertoMs: number;
  abiertoMaximoMs: number;
  retornoMs: number;
}) {
  return createCircuitosPki({
    metricas: createMetricasPki(new Registry()),
    log: { info: () => undefined, warn: () => undefined },
    ...(plazos && { plazos }),
  });
}

/**
 * All goes well but for what the test scripts.
 * @param antes awaited before each call of an activity, as a test does that sets the clock
 */
export function conPki(
  pki: Partial<PkiGateway>,
  otras: Partial<Omit<DependenciasDePki, 'pki'>> = {},
  antes: () => Promise<void> = () => Promise.resolve(),
): FakeActividades {
  const actividades = createActividadesPki({
    registro: createFakeRegistro(),
    metricas: createMetricasPki(new Registry()),
    circuitos: circuitosDePrueba(),
    adaptadorIdempotente: true,
    ventanaReintentoMs: VENTANA_MS,
    lasSondasCuentan: false,
    ahoraMs: Date.now,
    ...otras,
    pki: {
      generarNumerosSolicitud: () => Promise.resolve(PASO_1),
      generarCertificadoDigitalDniE: () => Promise.resolve(PASO_2),
      ...pki,
    },
  });
  return new FakeActividades({
    async generarNumerosSolicitud(referencia) {
      await antes();
      return actividades.generarNumerosSolicitud(referencia);
    },
    async generarCertificadoDigitalDniE(referencia) {
      await antes();
      return actividades.generarCertificadoDigitalDniE(referencia);
    },
  });
}

/** By default the service is at fault, and nothing was done. */
export function pkiFallo(tipo: DatosDePkiFallo['tipo'], otros: Partial<DatosDePkiFallo> = {}): PkiFallo {
  return new PkiFallo({
    tipo,
    certeza: 'NADA_HECHO',
    veredicto: 'FALLA',
    detalles: [`detalle de ${tipo}`],
    ...otros,
  });
}
