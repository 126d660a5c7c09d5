/** How much the codec server opens, and for whom. */
import { Counter, type Registry } from 'prom-client';
import type { DependenciasDeDescifrado } from './descifrado.ts';

export function createContadorDeDescifrados(
  coleccionDeMetricas: Registry,
): DependenciasDeDescifrado['contar'] {
  const abiertas = new Counter({
    name: 'codec_decoded_payloads_total',
    help: 'Payloads opened for somebody, by whether personal data were shown or masked',
    labelNames: ['datos_personales'],
    registers: [coleccionDeMetricas],
  });
  for (const datos_personales of ['true', 'false']) abiertas.inc({ datos_personales }, 0);
  return (cargas, conDatosPersonales) => {
    abiertas.inc({ datos_personales: String(conDatosPersonales) }, cargas);
  };
}
