/** The table that a run of chaos prints. */
import type { Clase, Falta, Hechos } from './juez.ts';
import type { Cuenta } from '../sistema.ts';

export interface Resultado {
  caso: string;
  faltas: Falta[];
  hechos: Hechos[];
}

export function tabla(resultados: Resultado[], cuenta: Cuenta): string {
  const hechos = resultados.flatMap((resultado) => resultado.hechos);
  const faltas = resultados.flatMap((resultado) => resultado.faltas);
  const de = (clase: Clase) =>
    new Set(faltas.filter((falta) => falta.clase === clase).map(({ codigo }) => codigo)).size;
  const columnas = {
    cases: resultados.length,
    kills: cuenta.muertes,
    stops: cuenta.paradas,
    "operators' acts": cuenta.actos,
    restores: cuenta.restauraciones,
    requests: cuenta.solicitudes,
    certificates: hechos.reduce(
      (n, { pki }) => n + pki.emisiones.flatMap(({ certificados }) => certificados).length,
      0,
    ),
    lost: de('PERDIDA'),
    doubled: de('DOBLADA'),
    unexplained: de('INEXPLICADA'),
  };
  const nombres = Object.keys(columnas);
  const valores = Object.values(columnas).map((valor, i) => String(valor).padStart(nombres[i]?.length ?? 0));
  return `| ${nombres.join(' | ')} |\n| ${nombres.map((n) => `${'-'.repeat(n.length - 1)}:`).join(' | ')} |\n| ${valores.join(' | ')} |`;
}

/** What was expected and seen in each case that failed. */
export function fallos(resultados: Resultado[]): string[] {
  return resultados
    .filter(({ faltas }) => faltas.length > 0)
    .flatMap(({ caso, faltas }) => [
      `FAILED  ${caso}`,
      ...faltas.map(({ clase, codigo, texto }) => `          ${clase} ${codigo}: ${texto}`),
    ]);
}
