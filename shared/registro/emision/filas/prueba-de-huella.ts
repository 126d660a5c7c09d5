/** Keyed hashes of issuances that can be made again from what is stored beside them: they tell whether a key is theirs. */
import { documentoNormalizado, huellasDe } from '../../../emision/misma-solicitud.ts';
import type { SolicitudCertificado } from '../../../emision/solicitud.ts';
import type { Personas } from '../../../emision/titular.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import { descifrarSiSePuede, FILAS_DE_MUESTRA } from '../../base/claves-en-las-tablas.ts';
import { contextoDe } from '../../base/columnas-cifradas.ts';
import type { Lector } from './esquema.ts';

export async function probarHuella(db: Lector, { cifrado, huella }: Claves): Promise<boolean[]> {
  const filas = (columna: 'cuerpo' | 'extracto') =>
    db
      .selectFrom('solicitudes')
      .selectAll()
      .where(columna, 'is not', null)
      .orderBy('aceptada_en', 'desc')
      .limit(FILAS_DE_MUESTRA)
      .execute();
  const deCuerpos = (await filas('cuerpo')).flatMap((fila) => {
    const claro = descifrarSiSePuede(cifrado, fila.cuerpo, contextoDe('solicitudes.cuerpo', fila.codigo));
    if (!claro) return [];
    const solicitud = JSON.parse(claro.toString('utf8')) as SolicitudCertificado;
    const { huellaCiudadano, huellaSolicitud } = huellasDe(huella, solicitud);
    return [fila.huella_ciudadano === huellaCiudadano || fila.huella_solicitud === huellaSolicitud];
  });
  // Retention leaves only the document's number. A DNI's has eight digits; of another kind of that form the proof fails, and
  // one that holds is enough.
  const deExtractos = (await filas('extracto')).flatMap((fila) => {
    const claro = descifrarSiSePuede(cifrado, fila.extracto, contextoDe('solicitudes.extracto', fila.codigo));
    const { titular } = (claro ? JSON.parse(claro.toString('utf8')) : {}) as Partial<Personas>;
    if (!titular || !/^\d{8}$/.test(titular.numeroDocumento)) return [];
    const solicitud = { tipoDocumento: 'DNI', numeroDocumento: titular.numeroDocumento };
    return [fila.huella_ciudadano === huella('ciudadano', documentoNormalizado({ solicitud }))];
  });
  return [...deCuerpos, ...deExtractos];
}
