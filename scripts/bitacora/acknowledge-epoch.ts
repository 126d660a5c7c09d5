/** A person has looked into why a witness contradicted the register, and says so in the log. */
import { orderNote, reasonIn } from './order-note.ts';

export async function acknowledgeEpoch([number = '', ...words]: string[]): Promise<boolean> {
  if (!/^[1-9]\d{0,8}$/.test(number))
    throw new Error('Diga qué época, por su número: npm run bitacora -- reconocer 2 "…"');
  const motivo = reasonIn(words, `reconocer ${number} "…"`);
  const noted = await orderNote({ tipo: 'RECONOCER_EPOCA', epoca: Number(number), motivo });
  console.log(
    noted > 0
      ? `Época ${number} reconocida: la bitácora lo dice desde ahora.`
      : `La época ${number} no existe, o ya estaba reconocida: no se anotó nada.`,
  );
  return noted > 0;
}
