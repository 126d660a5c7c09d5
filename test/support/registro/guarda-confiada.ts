/** What takes any Temporal for the register's own. */
import type { GuardaDeTemporal } from '../../../shared/registro/base/temporal-del-registro.ts';

const confiar = () => Promise.resolve();

export const GUARDA_CONFIADA: GuardaDeTemporal = {
  comprobar: confiar,
  exigir: confiar,
  exigirReciente: confiar,
  exigirVigente: confiar,
};
