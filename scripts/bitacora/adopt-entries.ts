/** A person vouches for what waits without a seal: entries that the version before wrote. */
import { orderNote, reasonIn } from './order-note.ts';

export async function adoptEntries(words: string[]): Promise<boolean> {
  const motivo = reasonIn(words, 'adoptar "…"');
  const adopted = await orderNote({ tipo: 'ADOPTAR_ENTRADAS', motivo });
  console.log(
    adopted === 0
      ? 'Ninguna entrada esperaba sin sello.'
      : `${adopted} entradas adoptadas: la bitácora las nombra, una a una, en ENTRADAS_ADOPTADAS.`,
  );
  return true;
}
