/** The issuance's files: trust anchors and certificate profile, read once, each fault named by its variable. */
import { readFileSync } from 'node:fs';
import {
  leerPerfilCertificado,
  PERFIL_POR_DEFECTO,
  type PerfilCertificado,
} from '../shared/emision/perfil-certificado.ts';
import { leerConfiguracion, leerDe, reunirFaltas, type Entorno } from '../shared/runtime/config.ts';
import { cargarAnclas, exigirUnaVigente } from '../shared/x509/anclas.ts';
import type { Autoridades } from '../shared/x509/buscar-ruta.ts';
import type { ConfiguracionDeEmision } from './emision.ts';

/** @throws ConfiguracionInvalida */
export function leerConfiguracionDeEmision(entorno?: Entorno): ConfiguracionDeEmision {
  const { variables, anclas, perfil } = reunirFaltas({
    variables: () => leerConfiguracion(['motor', 'worker'], entorno),
    anclas: () => {
      const { PKI_TRUST_ANCHORS } = leerConfiguracion(['anclas'], entorno).anclas;
      return deArchivo('PKI_TRUST_ANCHORS', PKI_TRUST_ANCHORS, leerAnclas);
    },
    perfil: () => leerPerfil(entorno),
  });
  return { ...variables.motor, ...variables.worker, anclas, perfil };
}

/** @throws ConfiguracionInvalida */
export function leerPerfil(entorno?: Entorno): PerfilCertificado {
  const { PERFIL_CERTIFICADOS } = leerConfiguracion(['perfil'], entorno).perfil;
  return PERFIL_CERTIFICADOS
    ? deArchivo('PERFIL_CERTIFICADOS', PERFIL_CERTIFICADOS, leerPerfilCertificado)
    : PERFIL_POR_DEFECTO;
}

function leerAnclas(pem: string): Autoridades {
  const anclas = cargarAnclas(pem);
  exigirUnaVigente(anclas, new Date());
  return anclas;
}

function deArchivo<T>(variable: string, ruta: string, leer: (texto: string) => T): T {
  return leerDe(`${variable}: ${ruta}`, () => leer(readFileSync(ruta, 'utf8')));
}
