/** The report of a pass of reconciliation, as support reads it. */
import type { Detencion, Diferencia, InformeDeConciliacion } from '../../shared/emision/mantenimiento.ts';

export function reportLines(informe: InformeDeConciliacion): string[] {
  const { revisadas, interrumpidas, reconstruidas, inciertas, inciertaMasAntigua } = informe;
  const { sinConciliar, diferencias, sinRazon, detenida } = informe;
  return [
    ...(detenida ? stopped(detenida) : []),
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

function stopped({ porCambiar, enProceso, admitidas }: Detencion): string[] {
  return [
    `DETENIDA: habría que cerrar o reconstruir ${porCambiar} solicitudes, con ${enProceso} en proceso; sin orden suya son como mucho ${admitidas}.`,
    'Compruebe que Temporal y el registro son los de siempre. Si ha restaurado uno o se ha mudado, y es lo que espera: npm run conciliar -- --forzar',
    '',
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
