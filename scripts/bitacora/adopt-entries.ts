/** A person vouches for what waits without a seal: entries that the version before wrote. */
import { orderIn, orderNote, reasonIn } from './order-note.ts';

export async function adoptEntries(args: string[]): Promise<boolean> {
  const { words, quien } = orderIn(args);
  const motivo = reasonIn(words, 'adoptar "…"');
  const adopted = await orderNote({ tipo: 'ADOPTAR_ENTRADAS', motivo, quien });
  console.log(
    adopted === 0
      ? 'Ninguna entrada esperaba sin sello.'
      : `${adopted} ${adopted === 1 ? 'entrada adoptada' : 'entradas adoptadas'} por ${quien}: la bitácora las nombra, una a una, en ENTRADAS_ADOPTADAS.`,
  );
  return true;
}
