/** The issuance's files: trust anchors and certificate profile, read once, each fault named by its variable. */
import { readFileSync } from 'node:fs';
import { leerPerfilCertificado, PERFIL_POR_DEFECTO } from '../shared/emision/perfil-certificado.ts';
import { ConfiguracionInvalida } from '../shared/runtime/config.ts';
import { cargarAnclas, exigirUnaVigente } from '../shared/x509/anclas.ts';
import type { Autoridades } from '../shared/x509/buscar-ruta.ts';
import type { ConfiguracionDeEmision } from './emision.ts';

type Variables = Omit<ConfiguracionDeEmision, 'anclas' | 'perfil'> & {
  PKI_TRUST_ANCHORS: string;
  PERFIL_CERTIFICADOS?: string | undefined;
};

/** @throws ConfiguracionInvalida */
export function leerConfiguracionDeEmision(variables: Variables): ConfiguracionDeEmision {
  const { PKI_TRUST_ANCHORS, PERFIL_CERTIFICADOS } = variables;
  return {
    ...variables,
    anclas: deArchivo('PKI_TRUST_ANCHORS', PKI_TRUST_ANCHORS, leerAnclas),
    perfil: PERFIL_CERTIFICADOS
      ? deArchivo('PERFIL_CERTIFICADOS', PERFIL_CERTIFICADOS, leerPerfilCertificado)
      : PERFIL_POR_DEFECTO,
  };
}

function leerAnclas(pem: string): Autoridades {
  const anclas = cargarAnclas(pem);
  exigirUnaVigente(anclas, new Date());
  return anclas;
}

function deArchivo<T>(variable: string, ruta: string, leer: (texto: string) => T): T {
  try {
    return leer(readFileSync(ruta, 'utf8'));
  } catch (error) {
    throw new ConfiguracionInvalida([`${variable}: ${ruta}: ${(error as Error).message}`]);
  }
}
