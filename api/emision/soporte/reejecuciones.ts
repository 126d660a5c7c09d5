/** A bulk re-run, from its order to its progress: what it would run, its start, and how far it is (docs/adr/0024). */
import { FALLOS_HTTP } from '../../../shared/nucleo/fallos.ts';
import { randomUUID } from 'node:crypto';
import { fechaIso } from '../../../shared/nucleo/fechas.ts';
import type { TipoFallo } from '../../../shared/emision/fallos.ts';
import { REEJECUCIONES_A_LA_VEZ, REEJECUCIONES_MAX } from '../../../shared/emision/plazos.ts';
import { ServicioNoDisponible } from '../../../shared/nucleo/servicio-no-disponible.ts';
import type { OrdenDeReejecucion } from '../../../shared/emision/reejecucion.ts';
import type { AvanceDeReejecucion, FiltroDeSolicitudes } from '../../../shared/emision/soporte.ts';
import type { RegistroDeSoporte } from '../../../shared/registro/emision/registro-de-soporte.ts';
import { FalloHttp } from '../../http/peticion/fallo-http.ts';
import type { MotorDeReejecuciones } from '../temporal/motor-de-reejecuciones.ts';

type Solicitante = OrdenDeReejecucion['solicitante'];

/** What would become of a codigo; `impedimento` is null where it would run. */
export interface Prevision {
  codigo: string;
  impedimento: { fallo: TipoFallo; motivo: string } | null;
}

export interface Reejecuciones {
  /** @throws FalloHttp VALIDACION where more match than one bulk re-run takes */
  codigosDe(filtro: FiltroDeSolicitudes): Promise<string[]>;
  /** Starts nothing. */
  prever(codigos: string[], motivo: string, solicitante: Solicitante): Promise<Prevision[]>;
  iniciar(codigos: string[], motivo: string, solicitante: Solicitante): Promise<AvanceDeReejecucion>;
  /** Null where there is none of this id. */
  consultar(reejecucionId: string): Promise<AvanceDeReejecucion | null>;
}

interface Deps {
  soporte: RegistroDeSoporte;
  motor: MotorDeReejecuciones;
  reloj: () => Date;
}

export function createReejecuciones({ soporte, motor, reloj }: Deps): Reejecuciones {
  return {
    async codigosDe(filtro) {
      const codigos = await soporte.fallidas(filtro, REEJECUCIONES_MAX + 1);
      if (codigos.length <= REEJECUCIONES_MAX) return codigos;
      const { total } = await soporte.contarFallidas(filtro);
      throw new FalloHttp(FALLOS_HTTP.VALIDACION, [
        `filtro: lo cumplen ${total} solicitudes y una reejecución admite ${REEJECUCIONES_MAX}; acótelo, por ejemplo con desde y hasta`,
      ]);
    },

    async prever(codigos, motivo, solicitante) {
      const orden = { motivo, nuevaEmision: false, solicitante };
      const previstas: Prevision[] = [];
      for (let i = 0; i < codigos.length; i += REEJECUCIONES_A_LA_VEZ)
        previstas.push(
          ...(await Promise.all(
            codigos.slice(i, i + REEJECUCIONES_A_LA_VEZ).map(async (codigo) => {
              const preparada = await soporte.prepararReejecucion(codigo, orden, null);
              return { codigo, impedimento: preparada.tipo === 'IMPEDIDA' ? preparada : null };
            }),
          )),
        );
      return previstas;
    },

    async iniciar(codigos, motivo, solicitante) {
      const reejecucionId = randomUUID();
      const ahora = reloj();
      await motor.iniciar({ reejecucionId, codigos, motivo, solicitante, solicitadaEn: ahora.toISOString() });
      return sinEmpezar(reejecucionId, codigos, ahora);
    },

    async consultar(reejecucionId) {
      const registrada = await soporte.leerReejecucion(reejecucionId);
      if (registrada?.estado === 'TERMINADA') return registrada;
      const run = await motor.describir(reejecucionId).catch((error: unknown) => {
        // The register still tells how far it is where Temporal does not answer.
        if (registrada && error instanceof ServicioNoDisponible) return undefined;
        throw error;
      });
      if (run === undefined) return registrada;
      if (run?.abierta) return registrada ?? sinEmpezar(reejecucionId, run.codigos, run.inicio);
      // Its run may have recorded the end since the first look; else an operator ended it.
      const ahora = await soporte.leerReejecucion(reejecucionId);
      const ultima = ahora ?? (run && sinEmpezar(reejecucionId, run.codigos, run.inicio));
      if (ultima?.estado !== 'EN_PROCESO') return ultima;
      return { ...ultima, estado: 'TERMINADA', fechaFin: run?.fin ? fechaIso(run.fin) : null };
    },
  };
}

/** Ordered, and no worker has taken it yet. */
function sinEmpezar(reejecucionId: string, codigos: string[], inicio: Date): AvanceDeReejecucion {
  return {
    reejecucionId,
    estado: 'EN_PROCESO',
    fechaInicio: fechaIso(inicio),
    fechaFin: null,
    solicitudes: codigos.map((codigo) => ({
      codigoSolicitudTramite: codigo,
      estado: 'PENDIENTE',
      fallo: null,
    })),
  };
}
