/** The routes of support, one file each. */
import type { ServicioEmision } from '../servicio-emision.ts';
import type { RegistroDeSoporte } from '../../../shared/registro/emision/registro-de-soporte.ts';
import type { Huella } from '../../../shared/runtime/claves/cifrado.ts';
import type { Ruta } from '../../http/peticion/ruta.ts';
import { rutaDeBuscarSolicitudes } from './buscar-solicitudes.ts';
import { rutaDeConsultarReejecucion } from './consultar-reejecucion.ts';
import { rutaDeListarPorRevocar } from './listar-por-revocar.ts';
import { rutaDeListarSolicitudes } from './listar-solicitudes.ts';
import type { MotorDeReejecuciones } from '../temporal/motor-de-reejecuciones.ts';
import { createReejecuciones } from './reejecuciones.ts';
import { rutaDeReejecutarSolicitud } from './reejecutar-solicitud.ts';
import { rutaDeReejecutarSolicitudes } from './reejecutar-solicitudes.ts';
import { rutaDeSeguirCorrelacion } from './seguir-correlacion.ts';
import { rutaDeResolverSolicitud } from './resolver-solicitud.ts';

export interface DependenciasDeSoporte {
  servicio: ServicioEmision;
  soporte: RegistroDeSoporte;
  motorDeReejecuciones: MotorDeReejecuciones;
  huella: Huella;
  reloj: () => Date;
}

export function rutasDeSoporte(deps: DependenciasDeSoporte): Ruta[] {
  const { servicio, soporte, motorDeReejecuciones: motor, reloj } = deps;
  const reejecuciones = createReejecuciones({ soporte, motor, reloj });
  return [
    rutaDeListarSolicitudes(deps),
    rutaDeBuscarSolicitudes(deps),
    rutaDeSeguirCorrelacion(deps),
    rutaDeReejecutarSolicitud(servicio),
    rutaDeResolverSolicitud(deps),
    rutaDeReejecutarSolicitudes(reejecuciones),
    rutaDeConsultarReejecucion({ reejecuciones, ...deps }),
    rutaDeListarPorRevocar(soporte),
  ];
}
