/** The codigo that a request is about, for its log lines and its span. */
import { trabajoEnCurso } from '../../shared/runtime/trazas/contexto.ts';

/** A POST's once its request is valid, a path's once the register knows it: clients have sent a citizen's document there. */
export function anotarCodigo(codigo: string): void {
  trabajoEnCurso().codigoSolicitudTramite = codigo;
}
