/**
 * Temporal as the API uses it. Nothing is started on a Temporal that is not this register's; what was started as the register
 * moved away counts as not started, since nobody would find it; and beside another one the API is not ready.
 */
import { esCaida } from '../../../shared/nucleo/servicio-no-disponible.ts';
import {
  conTemporalDelRegistro,
  type GuardaDeTemporal,
} from '../../../shared/registro/base/temporal-del-registro.ts';
import { significadoDe } from '../../../shared/runtime/temporal/estados-grpc.ts';
import { createGuardaDeParte } from '../../http/carga/parte-caida.ts';
import type { MotorTemporal } from './motor-temporal.ts';
import type { MotorDeReejecuciones } from './motor-de-reejecuciones.ts';

export function conTemporalConocido(
  motor: MotorTemporal,
  motorDeReejecuciones: MotorDeReejecuciones,
  guarda: GuardaDeTemporal,
): { motor: MotorTemporal; motorDeReejecuciones: MotorDeReejecuciones } {
  // Starts alone are checked through it.
  const pedir = createGuardaDeParte({ parte: 'Temporal', noResponde: esCaida });
  const exigir = () => pedir(() => guarda.exigirReciente());
  return {
    motor: {
      ...conTemporalDelRegistro(motor, guarda),
      async iniciar(entrada, esPrimera) {
        await exigir();
        const empezo = await motor.iniciar(entrada, esPrimera);
        await guarda.exigirVigente();
        return empezo;
      },
      async comprobar() {
        await motor.comprobar();
        await guarda.comprobar().catch((error: unknown) => {
          // It answers: to call this API not ready would shed all of its load. Before each start it is compared anyway.
          if (significadoDe(error) !== 'SATURADO') throw error;
        });
      },
    },
    motorDeReejecuciones: {
      ...motorDeReejecuciones,
      async iniciar(entrada) {
        await exigir();
        await motorDeReejecuciones.iniciar(entrada);
        await guarda.exigirVigente();
      },
    },
  };
}
