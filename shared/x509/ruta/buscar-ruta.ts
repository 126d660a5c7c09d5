/** Path building (RFC 4158): from a certificate up to a root, over every authority of its issuer's name. */
import { citar } from '../citar.ts';
import type { CertificadoLeido } from '../leer-certificado.ts';
import { mismoNombre } from '../nombres/nombre-distinguido.ts';
import { faltasDelFinal, loFirmo, validarRuta, type CondicionesDeRuta } from './validar-ruta.ts';

/** The authorities that are trusted: roots by themselves, intermediates where a path leads to a root. */
export interface Autoridades {
  raices: readonly CertificadoLeido[];
  intermedios: readonly CertificadoLeido[];
}

export type Busqueda =
  /** From the root to the certificate. */
  | { valida: true; ruta: CertificadoLeido[] }
  /** `emisor`: the authority that signed the certificate, where one of them did. */
  | { valida: false; emisor: CertificadoLeido | null; faltas: string[] };

/** Cross-certificates multiply paths: past this, a set of authorities is nobody's hierarchy. */
const INTERMEDIOS_MAXIMOS = 10;
const INTENTOS_MAXIMOS = 500;
const FALTAS_MAXIMAS = 10;

/** The first valid path; where there is none, what is wrong with those there are. Never throws. */
export function buscarRuta(
  final: CertificadoLeido,
  { raices, intermedios }: Autoridades,
  condiciones: CondicionesDeRuta,
): Busqueda {
  const faltas = new Set<string>();
  let intentos = 0;

  const subir = (camino: readonly CertificadoLeido[]): CertificadoLeido[] | null => {
    const [desde = final] = camino;
    const candidatos = [...raices, ...intermedios].filter(
      (una) =>
        mismoNombre(una.nombreDelSujeto, desde.nombreDelEmisor) &&
        !camino.some((otra) => esLaMisma(una, otra)),
    );
    if (candidatos.length === 0) {
      faltas.add(`cadena: se esperaba un emisor de las anclas de confianza y llegó ${citar(desde.issuerDN)}`);
      return null;
    }
    for (const emisor of candidatos) {
      if (++intentos > INTENTOS_MAXIMOS || camino.length > INTERMEDIOS_MAXIMOS + 1) {
        faltas.add('cadena: las anclas de confianza forman más caminos de los que se buscan');
        return null;
      }
      const conEmisor = [emisor, ...camino];
      // A path over an authority that did not sign is validated only to name its faults: the signature is always among
      // them.
      if (raices.includes(emisor) || !loFirmo(emisor, desde)) {
        const suyas = validarRuta(conEmisor, condiciones);
        if (suyas.length === 0) return conEmisor;
        for (const falta of suyas) faltas.add(falta);
      } else {
        const ruta = subir(conEmisor);
        if (ruta) return ruta;
      }
    }
    return null;
  };

  const ruta = subir([final]);
  if (ruta) return { valida: true, ruta };
  return {
    valida: false,
    emisor: [...intermedios, ...raices].find((una) => loFirmo(una, final)) ?? null,
    faltas: [...new Set([...faltas, ...faltasDelFinal(final, condiciones)])].slice(0, FALTAS_MAXIMAS),
  };
}

/** Another certificate of the same name and key leads nowhere that this one does not (RFC 4158, 2.4.2). */
function esLaMisma(una: CertificadoLeido, otra: CertificadoLeido): boolean {
  return (
    una.huellaClavePublica === otra.huellaClavePublica &&
    mismoNombre(una.nombreDelSujeto, otra.nombreDelSujeto)
  );
}
