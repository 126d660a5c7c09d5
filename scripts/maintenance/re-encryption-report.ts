/** The report of a re-encryption, as whoever rotates the keys reads it: what was written anew, and which key may go. */
import type { ClaveEnTemporal, InformeDeRecifrado } from '../../shared/mantenimiento/recifrado.ts';

/** @param ring ids of CLAVES_CIFRADO, the first one encrypts */
export function reportLines({ tablas, enTemporal }: InformeDeRecifrado, ring: readonly string[]): string[] {
  const [active = '', ...others] = ring;
  return [
    `Registro, bajo la clave «${active}»:`,
    ...tablas.map(
      ({ tabla, revisadas, recifradas, ilegibles }) =>
        `  ${tabla.padEnd(14)} filas revisadas: ${revisadas}; vueltas a cifrar: ${recifradas}${unreadableIn(ilegibles)}`,
    ),
    '',
    ...(others.length === 0
      ? ['CLAVES_CIFRADO no tiene otra clave.']
      : others.map((key) => verdict(key, unreadableUnder(tablas, key), runsUnder(enTemporal, key)))),
    ...missing(tablas, ring).map(
      (key) =>
        `«${key}»: no está en CLAVES_CIFRADO y el registro tiene ${unreadableUnder(tablas, key)} valores bajo ella. Devuélvala y repita la orden.`,
    ),
    ...(others.length === 0
      ? []
      : [
          '',
          `Quite una clave sólo cuando todos los procesos ya cifren con «${active}»; las copias de seguridad anteriores la siguen necesitando.`,
        ]),
  ];
}

export function hasUnreadable({ tablas }: InformeDeRecifrado): boolean {
  return tablas.some(({ ilegibles }) => Object.keys(ilegibles).length > 0);
}

function verdict(key: string, unreadable: number, runs: readonly ClaveEnTemporal[]): string {
  if (unreadable > 0)
    return `«${key}»: debe quedarse. ${unreadable} valores del registro dicen estar bajo ella y no se abren: están dañados, o la clave es otra.`;
  const open = runs.reduce((sum, { abiertas }) => sum + abiertas, 0);
  const closed = runs.reduce((sum, { cerradas }) => sum + cerradas, 0);
  if (open + closed === 0) return `«${key}»: ya puede quitarse de CLAVES_CIFRADO.`;
  const until = runs
    .map(({ hasta }) => hasta ?? '')
    .sort()
    .at(-1);
  const reasons = [
    ...(open > 0 ? [`${open} ejecuciones abiertas, hasta que cierren y Temporal las olvide`] : []),
    ...(closed > 0 && until ? [`${closed} cerradas, que Temporal olvida el ${until}`] : []),
  ];
  return `«${key}»: debe quedarse. Temporal guarda bajo ella ${reasons.join('; ')}. Después, repita esta orden.`;
}

/** Runs that do not say their key count too, since it may be this one. */
function runsUnder(enTemporal: readonly ClaveEnTemporal[], key: string): ClaveEnTemporal[] {
  return enTemporal.filter(({ clave }) => clave === key || clave === null);
}

function unreadableUnder(tablas: InformeDeRecifrado['tablas'], key: string): number {
  return tablas.reduce((sum, { ilegibles }) => sum + (ilegibles[key] ?? 0), 0);
}

function missing(tablas: InformeDeRecifrado['tablas'], ring: readonly string[]): string[] {
  const named = new Set(tablas.flatMap(({ ilegibles }) => Object.keys(ilegibles)));
  return [...named].filter((key) => key !== '' && !ring.includes(key));
}

function unreadableIn(ilegibles: Record<string, number>): string {
  const parts = Object.entries(ilegibles).map(
    ([key, count]) => `${count} ${key === '' ? 'que no son de este servicio' : `bajo «${key}»`}`,
  );
  return parts.length === 0 ? '' : `; no se abren: ${parts.join(', ')}`;
}
