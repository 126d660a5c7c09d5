/**
 * Certificate policies over a path (RFC 5280, 6.1, as RFC 9618 corrects it: a graph with one node for each policy at each
 * depth, since the tree may grow exponentially). Of the graph only its deepest level is kept: each policy there with what
 * the next certificate may assert for it, and the policies of the top that it comes from.
 */
import { ANY_POLICY } from '../identificadores.ts';

export interface PoliticasDeCertificado {
  /** certificatePolicies; null without the extension. */
  politicas: string[] | null;
  mapeos: { emisor: string; sujeto: string }[];
  /** policyConstraints. */
  exigeExplicita: number | null;
  inhibeMapeo: number | null;
  /** inhibitAnyPolicy. */
  inhibeCualquiera: number | null;
}

/** Inputs (c), (e), (f) and (g) of RFC 5280, 6.1.1; by default anything goes. */
export interface CondicionesDePolitica {
  /** user-initial-policy-set; null for any policy. */
  aceptadas?: readonly string[] | null;
  exigirExplicita?: boolean;
  inhibirMapeo?: boolean;
  inhibirCualquiera?: boolean;
}

interface EstadoDePoliticas {
  nivel: Map<string, Nodo>;
  exigeExplicita: number;
  mapeo: number;
  cualquiera: number;
}

interface Nodo {
  /** expected_policy_set. */
  esperadas: ReadonlySet<string>;
  /** Valid policies of the ancestors right below anyPolicy: what the authority of the trust anchor calls it. */
  origenes: ReadonlySet<string>;
}

/** A certificate of the path; the last one has no next. */
export interface Eslabon extends PoliticasDeCertificado {
  autoemitido: boolean;
}

/**
 * @param ancla the trust anchor, whose constraints hold from the first certificate on (RFC 5937)
 * @param eslabones from the one that the anchor issued to the last
 * @returns faults, in Spanish; none where the path is valid for some accepted policy, or needs none
 */
export function faltasDePoliticas(
  ancla: PoliticasDeCertificado,
  eslabones: readonly Eslabon[],
  condiciones: CondicionesDePolitica = {},
): string[] {
  const largo = eslabones.length + 1;
  let estado: EstadoDePoliticas = restringir(ancla, {
    nivel: new Map([[ANY_POLICY, nodoDe(ANY_POLICY, [ANY_POLICY])]]),
    exigeExplicita: condiciones.exigirExplicita ? 0 : largo,
    mapeo: condiciones.inhibirMapeo ? 0 : largo,
    cualquiera: condiciones.inhibirCualquiera ? 0 : largo,
  });
  for (const [i, eslabon] of eslabones.entries()) {
    const esUltimo = i === eslabones.length - 1;
    estado.nivel = bajar(estado, eslabon, esUltimo);
    if (estado.exigeExplicita === 0 && estado.nivel.size === 0) return [SIN_POLITICA];
    if (esUltimo) break;
    if (eslabon.mapeos.some(({ emisor, sujeto }) => emisor === ANY_POLICY || sujeto === ANY_POLICY))
      return ['cadena: una autoridad hace corresponder anyPolicy con otra política'];
    mapear(estado, eslabon);
    estado = restringir(eslabon, eslabon.autoemitido ? estado : contar(estado));
  }
  // RFC 5280, 6.1.5 (a) and (b).
  const exigida = estado.exigeExplicita <= 1 || eslabones.at(-1)?.exigeExplicita === 0;
  return exigida && !hayAceptada(estado.nivel, condiciones.aceptadas ?? null) ? [SIN_POLITICA] : [];
}

const SIN_POLITICA = 'cadena: se exige una política de certificación y ninguna vale en toda la cadena';

/** RFC 5280, 6.1.3 (d) and (e). */
function bajar(
  { nivel, cualquiera }: EstadoDePoliticas,
  { politicas, autoemitido }: Eslabon,
  esUltimo: boolean,
): Map<string, Nodo> {
  const siguiente = new Map<string, Nodo>();
  if (politicas === null) return siguiente;
  const comodin = nivel.get(ANY_POLICY);
  for (const politica of politicas) {
    if (politica === ANY_POLICY) continue;
    const padres = [...nivel.values()].filter(({ esperadas }) => esperadas.has(politica));
    if (padres.length > 0) siguiente.set(politica, hijoDe(politica, padres));
    else if (comodin) siguiente.set(politica, nodoDe(politica, [politica]));
  }
  if (politicas.includes(ANY_POLICY) && (cualquiera > 0 || (!esUltimo && autoemitido))) {
    for (const esperada of new Set([...nivel.values()].flatMap(({ esperadas }) => [...esperadas]))) {
      if (siguiente.has(esperada)) continue;
      const padres = [...nivel.values()].filter(({ esperadas }) => esperadas.has(esperada));
      siguiente.set(esperada, hijoDe(esperada, padres));
    }
  }
  return siguiente;
}

function hijoDe(politica: string, padres: readonly Nodo[]): Nodo {
  return nodoDe(
    politica,
    padres.flatMap(({ origenes }) => [...origenes]),
  );
}

function nodoDe(politica: string, origenes: readonly string[]): Nodo {
  return { esperadas: new Set([politica]), origenes: new Set(origenes) };
}

/** RFC 5280, 6.1.4 (b). */
function mapear({ nivel, mapeo }: EstadoDePoliticas, { mapeos }: Eslabon): void {
  for (const emisor of new Set(mapeos.map((uno) => uno.emisor))) {
    if (mapeo === 0) {
      nivel.delete(emisor);
      continue;
    }
    const esperadas = new Set(mapeos.filter((uno) => uno.emisor === emisor).map(({ sujeto }) => sujeto));
    const nodo = nivel.get(emisor);
    if (nodo) nivel.set(emisor, { ...nodo, esperadas });
    else if (nivel.has(ANY_POLICY)) nivel.set(emisor, { esperadas, origenes: new Set([emisor]) });
  }
}

/** RFC 5280, 6.1.4 (h). */
function contar(estado: EstadoDePoliticas): EstadoDePoliticas {
  return {
    ...estado,
    exigeExplicita: Math.max(0, estado.exigeExplicita - 1),
    mapeo: Math.max(0, estado.mapeo - 1),
    cualquiera: Math.max(0, estado.cualquiera - 1),
  };
}

/** RFC 5280, 6.1.4 (i) and (j). */
function restringir(
  { exigeExplicita, inhibeMapeo, inhibeCualquiera }: PoliticasDeCertificado,
  estado: EstadoDePoliticas,
): EstadoDePoliticas {
  return {
    ...estado,
    exigeExplicita: Math.min(estado.exigeExplicita, exigeExplicita ?? Infinity),
    mapeo: Math.min(estado.mapeo, inhibeMapeo ?? Infinity),
    cualquiera: Math.min(estado.cualquiera, inhibeCualquiera ?? Infinity),
  };
}

/** RFC 5280, 6.1.5 (g). */
function hayAceptada(nivel: ReadonlyMap<string, Nodo>, aceptadas: readonly string[] | null): boolean {
  if (aceptadas === null || aceptadas.includes(ANY_POLICY)) return nivel.size > 0;
  if (nivel.has(ANY_POLICY)) return aceptadas.length > 0;
  return [...nivel.values()].some(({ origenes }) => aceptadas.some((una) => origenes.has(una)));
}
