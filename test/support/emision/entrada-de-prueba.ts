/** The input of a run, and steps as the register tells them. */
import type { EntradaEmision } from '../../../shared/emision/contrato.ts';
import type { EstadoPaso, PasoProceso, PasosProceso } from '../../../shared/emision/emision.ts';
import { huellasDe } from '../../../shared/emision/misma-solicitud.ts';
import { CLAVES_DE_PRUEBA } from './claves-de-prueba.ts';
import { envioDePrueba } from '../registro/fake-registro.ts';
import { solicitudDePrueba } from './solicitud-de-prueba.ts';

export function entradaDePrueba(codigo = 'SOL-1', numeroDocumento = '45678912'): EntradaEmision {
  const solicitud = solicitudDePrueba(codigo, numeroDocumento);
  return {
    solicitud,
    contexto: envioDePrueba().contexto,
    ...huellasDe(CLAVES_DE_PRUEBA.huella, solicitud),
    generacion: 1,
    solicitudPkiId: null,
    aceptadaEn: '2026-11-22T10:00:00.000Z',
  };
}

export function pasosCon(paso1: EstadoPaso, paso2: EstadoPaso): PasosProceso {
  const paso = (estado: EstadoPaso): PasoProceso => ({
    estado,
    fechaInicio: estado === 'PENDIENTE' ? null : '2026-11-22T10:00:00Z',
    fechaFin: estado === 'COMPLETADO' || estado === 'FALLIDO' ? '2026-11-22T10:00:01Z' : null,
    intentos: estado === 'PENDIENTE' ? 0 : 1,
  });
  return {
    paso1GeneracionClaves: { ...paso(paso1), solicitudPkiId: paso1 === 'COMPLETADO' ? 'PKI-1' : null },
    paso2EmisionCertificado: paso(paso2),
  };
}
