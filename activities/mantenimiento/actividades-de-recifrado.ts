/** Re-encryption: table by table, page by page; a worker that dies leaves the rest to the next one. */
import { ApplicationFailure } from '@temporalio/common';
import type {
  ActividadesDeRecifrado,
  ClaveEnTemporal,
  TablaRecifrada,
} from '../../shared/mantenimiento/recifrado.ts';
import type { ClavesEnTemporal } from '../../shared/motor/claves-en-temporal.ts';
import { PAGINA_DE_MANTENIMIENTO } from '../../shared/nucleo/plazos.ts';
import type { PosicionEnTabla } from '../../shared/registro/base/recifrado.ts';
import type { RegistroDeClaves } from '../../shared/registro/base/registro-de-claves.ts';
import { recorrer } from '../ejecuciones/recorrido.ts';

export interface DependenciasDeRecifrado {
  registro: RegistroDeClaves;
  /** The first key of this worker. */
  claveActiva: string;
  enTemporal: ClavesEnTemporal;
}

/** Where it is: the heartbeat's details. */
interface AvanceDeTablas {
  hechas: TablaRecifrada[];
  /** The table that is at work, where some page of it is done. */
  empezada: { informe: TablaRecifrada; despuesDe: PosicionEnTabla } | null;
}

interface AvanceDeEjecuciones {
  pagina: string | null;
  claves: ClaveEnTemporal[];
}

export function createActividadesDeRecifrado({
  registro,
  claveActiva,
  enTemporal,
}: DependenciasDeRecifrado): ActividadesDeRecifrado {
  const exigirClave = (pedida: string) => {
    if (pedida === claveActiva) return;
    throw ApplicationFailure.nonRetryable(
      `La orden es cifrar con «${pedida}», y un worker cifra con «${claveActiva}»: ponga la misma primera clave de CLAVES_CIFRADO en todos los procesos, reinícielos y repita la orden.`,
      'CLAVES_DISTINTAS',
    );
  };
  return {
    async recifrarTablas(pedida) {
      exigirClave(pedida);
      const inicio: AvanceDeTablas = { hechas: [], empezada: null };
      const { hechas } = await recorrer(inicio, async (avance) => {
        const { hechas, empezada } = avance;
        const [tabla, ...otras] = porHacer(registro.tablas, hechas, empezada?.informe);
        if (tabla === undefined) return { avance, hayMas: false };
        const { ultima, ...pagina } = await registro.recifrarPagina(
          tabla,
          empezada?.despuesDe ?? null,
          PAGINA_DE_MANTENIMIENTO,
        );
        const informe = sumar(empezada?.informe ?? sinRevisar(tabla), pagina);
        return ultima
          ? { avance: { hechas, empezada: { informe, despuesDe: ultima } }, hayMas: true }
          : { avance: { hechas: [...hechas, informe], empezada: null }, hayMas: otras.length > 0 };
      });
      await registro.anotarRecifrado();
      return hechas;
    },

    async contarEjecuciones(pedida) {
      exigirClave(pedida);
      const retencionMs = await enTemporal.retencionMs();
      const inicio: AvanceDeEjecuciones = { pagina: null, claves: [] };
      const { claves } = await recorrer(inicio, async ({ pagina, claves }) => {
        const { ejecuciones, siguiente } = await enTemporal.listar(pagina);
        const deOtras = ejecuciones.filter(({ clave }) => clave !== claveActiva);
        return {
          avance: {
            pagina: siguiente,
            claves: deOtras.reduce(
              (cuenta, { clave, cierre }) => contar(cuenta, clave, cierre, retencionMs),
              claves,
            ),
          },
          hayMas: siguiente !== null,
        };
      });
      return claves;
    },
  };
}

/** The tables that are left, by name, since a worker of another version may have begun; first the one that was at work. */
function porHacer(
  tablas: readonly string[],
  hechas: readonly TablaRecifrada[],
  empezada: TablaRecifrada | undefined,
): string[] {
  const pendientes = tablas.filter((tabla) => !hechas.some((hecha) => hecha.tabla === tabla));
  return empezada ? [empezada.tabla, ...pendientes.filter((tabla) => tabla !== empezada.tabla)] : pendientes;
}

function sinRevisar(tabla: string): TablaRecifrada {
  return { tabla, revisadas: 0, recifradas: 0, ilegibles: {} };
}

function sumar(a: TablaRecifrada, b: Omit<TablaRecifrada, 'tabla'>): TablaRecifrada {
  const ilegibles = { ...a.ilegibles };
  for (const [clave, cuantos] of Object.entries(b.ilegibles))
    ilegibles[clave] = (ilegibles[clave] ?? 0) + cuantos;
  return {
    tabla: a.tabla,
    revisadas: a.revisadas + b.revisadas,
    recifradas: a.recifradas + b.recifradas,
    ilegibles,
  };
}

function contar(
  claves: ClaveEnTemporal[],
  clave: string | null,
  cierre: Date | null,
  retencionMs: number,
): ClaveEnTemporal[] {
  const previa = claves.find((una) => una.clave === clave) ?? {
    clave,
    abiertas: 0,
    cerradas: 0,
    hasta: null,
  };
  const olvido = cierre && new Date(cierre.getTime() + retencionMs).toISOString();
  const nueva: ClaveEnTemporal = {
    clave,
    abiertas: previa.abiertas + (cierre ? 0 : 1),
    cerradas: previa.cerradas + (cierre ? 1 : 0),
    hasta: olvido && olvido > (previa.hasta ?? '') ? olvido : previa.hasta,
  };
  return [...claves.filter((una) => una.clave !== clave), nueva];
}
