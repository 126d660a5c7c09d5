/** The issuance's files: trust anchors and certificate profile, read once, each fault named by its variable. */
import { readFileSync } from 'node:fs';
import {
  leerPerfilCertificado,
  PERFIL_POR_DEFECTO,
  type PerfilCertificado,
} from '../../activities/emision/comparacion/perfil-certificado.ts';
import { ADAPTADOR, ANCLAS, EJECUCION, PERFIL } from '../../shared/emision/configuracion.ts';
import {
  leerConfiguracion,
  leerVariable,
  reunirFaltas,
  type Configuracion,
  type Entorno,
} from '../../shared/runtime/config.ts';
import { cargarAnclas, exigirUnaVigente } from '../../shared/x509/ruta/anclas.ts';
import type { Autoridades } from '../../shared/x509/ruta/buscar-ruta.ts';

export type ConfiguracionDeEmision = Configuracion<{ adaptador: typeof ADAPTADOR }>['adaptador'] &
  Configuracion<{ ejecucion: typeof EJECUCION }>['ejecucion'] & {
    /** Roots and intermediates that an issued certificate must lead to. */
    anclas: Autoridades;
    perfil: PerfilCertificado;
  };

/** @throws ConfiguracionInvalida */
export function leerConfiguracionDeEmision(entorno?: Entorno): ConfiguracionDeEmision {
  const { variables, anclas, perfil } = reunirFaltas({
    variables: () => leerConfiguracion({ adaptador: ADAPTADOR, ejecucion: EJECUCION }, entorno),
    anclas: () => {
      const { PKI_TRUST_ANCHORS } = leerConfiguracion({ anclas: ANCLAS }, entorno).anclas;
      return deArchivo('PKI_TRUST_ANCHORS', PKI_TRUST_ANCHORS, leerAnclas);
    },
    perfil: () => leerPerfil(entorno),
  });
  return { ...variables.adaptador, ...variables.ejecucion, anclas, perfil };
}

/** @throws ConfiguracionInvalida */
function leerPerfil(entorno?: Entorno): PerfilCertificado {
  const { PERFIL_CERTIFICADOS } = leerConfiguracion({ perfil: PERFIL }, entorno).perfil;
  return PERFIL_CERTIFICADOS
    ? deArchivo('PERFIL_CERTIFICADOS', PERFIL_CERTIFICADOS, leerPerfilCertificado)
    : PERFIL_POR_DEFECTO;
}

/**
 * Finds the faults that leerConfiguracionDeEmision would find, where the trust anchors are yet to be written.
 * @throws ConfiguracionInvalida
 */
export function revisarSinAnclas(entorno?: Entorno): void {
  reunirFaltas({
    variables: () => leerConfiguracion({ adaptador: ADAPTADOR, ejecucion: EJECUCION }, entorno),
    perfil: () => leerPerfil(entorno),
  });
}

function leerAnclas(pem: string): Autoridades {
  const anclas = cargarAnclas(pem);
  exigirUnaVigente(anclas, new Date());
  return anclas;
}

function deArchivo<T>(variable: string, ruta: string, leer: (texto: string) => T): T {
  return leerVariable(`${variable}: ${ruta}`, () => leer(readFileSync(ruta, 'utf8')));
}
