/** A person has looked into why a witness contradicted the register, and says so in the log. */
import { orderIn, orderNote, reasonIn } from './order-note.ts';

export async function acknowledgeEpoch(args: string[]): Promise<boolean> {
  const {
    words: [number = '', ...words],
    quien,
  } = orderIn(args);
  if (!/^[1-9]\d{0,8}$/.test(number))
    throw new Error('Diga qué época, por su número: npm run bitacora -- reconocer 2 "…"');
  const motivo = reasonIn(words, `reconocer ${number} "…"`);
  await orderNote({ tipo: 'RECONOCER_EPOCA', epoca: Number(number), motivo, quien });
  console.log(`Época ${number} reconocida por ${quien}: la bitácora lo dice desde ahora.`);
  return true;
}
