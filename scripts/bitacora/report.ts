/** What a verification found, as auditors and support read it. */
import type { Hallazgo, InformeDeBitacora, InformeDeEpoca } from '../../shared/bitacora/contrato.ts';

export function reportLines({ epocas, sinLugar, hallazgos, hallados }: InformeDeBitacora): string[] {
  const unlisted = hallados - hallazgos.length;
  return [
    ...(epocas.length === 0 ? ['La bitácora está vacía.'] : epocas.map(epochLine)),
    ...(sinLugar > 0
      ? [`${sinLugar} entradas esperan su lugar en el árbol: un worker se lo da en segundos.`]
      : []),
    ...hallazgos.map(findingLine),
    ...(unlisted > 0 ? [`… y ${unlisted} hallazgos más`] : []),
    hallados === 0 ? 'Bien: nada fue alterado, borrado, movido ni insertado.' : `MAL: ${hallados} hallazgos.`,
  ];
}

function epochLine({ epoca, tamano, abiertaEn, causa, motivo }: InformeDeEpoca): string {
  const opening = causa === 'INICIO' ? '' : `, abierta porque el registro se restauró: ${motivo ?? ''}`;
  return `Época ${epoca}: ${tamano} entradas, desde ${abiertaEn ?? '(sin apertura)'}${opening}`;
}

function findingLine({ epoca, indice, id, falta }: Hallazgo): string {
  const where = [
    epoca === null ? '' : `época ${epoca}`,
    indice === null ? '' : `entrada ${indice}`,
    id === null ? '' : `registroAuditoriaId ${id}`,
  ].filter((part) => part !== '');
  return `  MAL ${where.length > 0 ? `(${where.join(', ')}) ` : ''}${falta}`;
}
