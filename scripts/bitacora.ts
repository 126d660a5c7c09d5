/** `npm run bitacora -- ORDER`: what auditors and support ask of the audit log; without an order, what there is. */
import { acknowledgeEpoch } from './bitacora/acknowledge-epoch.ts';
import { adoptEntries } from './bitacora/adopt-entries.ts';
import { appendEpoch } from './bitacora/append-epoch.ts';
import { makeKey, printPublicKey } from './bitacora/keys.ts';
import { checkProof } from './bitacora/check-proof.ts';
import { verify } from './bitacora/verify.ts';
import { escribirSoloParaEsteUsuario } from '../shared/runtime/privado.ts';

const ORDERS: Record<string, (args: string[]) => Promise<boolean> | boolean> = {
  verificar: verify,
  comprobar: checkProof,
  'nueva-epoca': appendEpoch,
  reconocer: acknowledgeEpoch,
  adoptar: adoptEntries,
  clave: printPublicKey,
  'nueva-clave': makeKey,
};

const USAGE = `Uso: npm run bitacora -- ORDEN
  verificar [--testigo ARCHIVO]... [--clave CLAVE]...   lee toda la bitácora y dice qué se alteró, borró, movió o insertó
  comprobar ARCHIVO --clave CLAVE                       comprueba la respuesta de …/bitacora/entradas/{registroAuditoriaId}
  nueva-epoca MOTIVO [--quien NOMBRE]                   el registro se restauró de una copia: la bitácora lo dice desde aquí
  reconocer EPOCA MOTIVO [--quien NOMBRE]               se averiguó por qué un testigo contradijo al registro y se abrió esa época
  adoptar MOTIVO [--quien NOMBRE]                       da el sello a las entradas que escribió la versión anterior y esperan sin él
                                                        quien lo ordena, si no se dice, es el usuario del sistema; queda en la bitácora
  clave                                                 imprime la clave pública que verifica los puntos de control
  nueva-clave NOMBRE                                    imprime una clave nueva para BITACORA_CLAVE_FIRMA`;

const [name = '', ...args] = process.argv.slice(2);
escribirSoloParaEsteUsuario();
const order = Object.hasOwn(ORDERS, name) ? ORDERS[name] : undefined;
try {
  if (!order) throw new Error(USAGE);
  if (!(await order(args))) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
