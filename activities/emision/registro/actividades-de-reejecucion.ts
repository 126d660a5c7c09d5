/** The bulk re-run's reads and writes of the register, as local activities. */
import { conGeneracionDe } from '../../../shared/emision/memo.ts';
import type { MotorEmision } from '../../../shared/motor/emision/motor.ts';
import type { ActividadesDeReejecucion } from '../../../shared/emision/reejecucion.ts';
import type { TipoFallo } from '../../../shared/emision/fallos.ts';
import type { EmisionRegistrada, Registro } from '../../../shared/registro/emision/registro.ts';
import type { RegistroDeSoporte } from '../../../shared/registro/emision/registro-de-soporte.ts';

export interface DependenciasDeReejecucion {
  registro: Pick<Registro, 'leer' | 'conciliar'>;
  motor: Pick<MotorEmision, 'describir'>;
  soporte: Pick<
    RegistroDeSoporte,
    'registrarReejecucion' | 'prepararReejecucion' | 'anotarLinea' | 'registrarFinDeReejecucion'
  >;
}

type Linea = Parameters<RegistroDeSoporte['anotarLinea']>[2];

export function createActividadesDeReejecucion({
  registro,
  motor,
  soporte,
}: DependenciasDeReejecucion): ActividadesDeReejecucion {
  const anotarResultado = async (reejecucionId: string, codigo: string, rechazo: TipoFallo | null) => {
    await soporte.anotarLinea(reejecucionId, codigo, lineaDe(await registro.conciliar(codigo), rechazo));
  };
  return {
    registrarReejecucion: (entrada) => soporte.registrarReejecucion(entrada),

    async prepararReejecucion({ reejecucionId, motivo, solicitante }, codigo) {
      // An operator reset the bulk re-run: what ran under this order does not run under it again.
      if ((await registro.leer(codigo))?.reejecucionId === reejecucionId) {
        await anotarResultado(reejecucionId, codigo, null);
        return { tipo: 'OMITIDA' };
      }
      const orden = { motivo, nuevaEmision: false, solicitante };
      const preparada = await soporte.prepararReejecucion(codigo, orden, reejecucionId);
      if (preparada.tipo === 'IMPEDIDA') {
        await soporte.anotarLinea(reejecucionId, codigo, { estado: 'OMITIDO', fallo: preparada.fallo });
        return { tipo: 'OMITIDA' };
      }
      await soporte.anotarLinea(reejecucionId, codigo, { estado: 'EN_PROCESO', fallo: null });
      const ultimo = await motor.describir(codigo);
      return { tipo: 'LISTA', entrada: conGeneracionDe(ultimo?.memo, preparada.entrada) };
    },

    registrarResultadoDeReejecucion: anotarResultado,
    registrarFinDeReejecucion: (reejecucionId) => soporte.registrarFinDeReejecucion(reejecucionId),
  };
}

function lineaDe(emision: EmisionRegistrada | null, rechazo: TipoFallo | null): Linea {
  if (emision?.estado === 'COMPLETADO') return { estado: 'COMPLETADO', fallo: null };
  if (rechazo) return { estado: 'OMITIDO', fallo: rechazo };
  if (!emision) return { estado: 'OMITIDO', fallo: 'SOLICITUD_NO_ENCONTRADA' };
  if (!emision.fallo) return { estado: 'OMITIDO', fallo: 'SOLICITUD_EN_PROCESO' };
  return { estado: 'FALLIDO', fallo: emision.fallo.tipo };
}
