/** The report of a pass of reconciliation, as support reads it. */
import type { Diferencia, InformeDeConciliacion } from '../../shared/emision/mantenimiento.ts';

export function reportLines(informe: InformeDeConciliacion): string[] {
  const { revisadas, interrumpidas, reconstruidas, inciertas, inciertaMasAntigua } = informe;
  const { sinConciliar, diferencias, sinRazon } = informe;
  return [
    `Solicitudes revisadas:           ${revisadas}`,
    `  cerradas como interrumpidas:   ${interrumpidas}`,
    `  reconstruidas desde Temporal:  ${reconstruidas}`,
    `  sin conciliar:                 ${sinConciliar}`,
    `Resultados inciertos:            ${inciertas}${inciertaMasAntigua ? `, el más antiguo desde ${inciertaMasAntigua}` : ''}`,
    `Candados sin razón:              ${sinRazon.length}`,
    ...section('Sin conciliar', diferencias, sinConciliar - diferencias.length),
    ...section('Candados sin razón', sinRazon, 0),
    ...(inciertas > 0
      ? ['', 'Las inciertas: GET …/solicitudes?incierto=true (docs/operacion.md, «Resultado incierto»).']
      : []),
  ];
}

function section(title: string, diferencias: readonly Diferencia[], more: number): string[] {
  if (diferencias.length === 0) return [];
  return [
    '',
    `${title}:`,
    ...diferencias.map(({ codigoSolicitudTramite, motivo }) => `  ${codigoSolicitudTramite}: ${motivo}`),
    ...(more > 0 ? [`  … y ${more} más`] : []),
  ];
}
