/** What a verification found, as auditors and support read it. */
import type { Hallazgo, InformeDeBitacora, InformeDeEpoca } from '../../shared/bitacora/contrato.ts';

export function reportLines({ epocas, sinLugar, hallazgos, hallados }: InformeDeBitacora): string[] {
  const unlisted = hallados - hallazgos.length;
  return [
    ...(epocas.length === 0 ? ['La bitácora está vacía.'] : epocas.map(epochLine)),
    ...(sinLugar > 0
      ? [
          `${counted(sinLugar, 'entrada')} ${sinLugar === 1 ? 'espera' : 'esperan'} su lugar en el árbol: un worker se lo da en segundos.`,
        ]
      : []),
    ...hallazgos.map(findingLine),
    ...(unlisted > 0 ? [`… y ${counted(unlisted, 'hallazgo')} más`] : []),
    ...(hallados === 0
      ? ['Bien: nada fue alterado, borrado, movido ni insertado.']
      : [`MAL: ${counted(hallados, 'hallazgo')}.`, 'Qué hacer: docs/operacion.md, «Bitácora».']),
  ];
}

const OPENED: Partial<Record<string, string>> = {
  CONTRADICCION: 'abierta porque un testigo contradijo al registro',
  ORDEN: 'abierta por orden de una persona',
};

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function epochLine({ epoca, tamano, abiertaEn, causa, motivo }: InformeDeEpoca): string {
  const opening =
    causa === null || causa === 'INICIO' ? '' : `, ${OPENED[causa] ?? 'abierta'}: ${motivo ?? ''}`;
  return `Época ${epoca}: ${counted(tamano, 'entrada')}, desde ${abiertaEn ?? '(sin apertura)'}${opening}`;
}

function findingLine({ epoca, indice, id, falta }: Hallazgo): string {
  const where = [
    epoca === null ? '' : `época ${epoca}`,
    indice === null ? '' : `entrada ${indice}`,
    id === null ? '' : `registroAuditoriaId ${id}`,
  ].filter((part) => part !== '');
  return `  MAL ${where.length > 0 ? `(${where.join(', ')}) ` : ''}${falta}`;
}
