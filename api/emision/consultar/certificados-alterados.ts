/** The alert for certificates in the register that are not those of the record: counted and told, and answered to nobody. */
import { Counter, type Registry } from 'prom-client';
import { CertificadosAlterados, type Registro } from '../../../shared/registro/emision/registro.ts';
import type { Logger } from '../../../shared/runtime/logger.ts';

type LeerCertificados = Registro['leerCertificados'];

export function conAlertaDeAlterados(
  leerCertificados: LeerCertificados,
  { coleccionDeMetricas, logger }: { coleccionDeMetricas: Registry; logger: Logger },
): LeerCertificados {
  const alterados = new Counter({
    name: 'register_altered_certificates_total',
    help: 'Readings of certificates that are not those of the record: somebody wrote to the database',
    registers: [coleccionDeMetricas],
  });
  return async (codigo) => {
    try {
      return await leerCertificados(codigo);
    } catch (error) {
      if (error instanceof CertificadosAlterados) {
        alterados.inc();
        logger.error({ codigo, err: error }, 'the certificates of an issuance are not those of the record');
      }
      throw error;
    }
  };
}
