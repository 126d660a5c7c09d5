/** Re-encryption: table by table, page by page; a worker that dies leaves the rest to the next one. */
import { Context } from '@temporalio/activity';
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
import { avanceAnterior, latir } from '../ejecuciones/latidos.ts';

export interface DependenciasDeRecifrado {
  registro: RegistroDeClaves;
  /** The first key of this worker. */
  claveActiva: string;
  enTemporal: ClavesEnTemporal;
}

/** Where it is: the heartbeat's details. */
interface AvanceDeTablas {
  hechas: TablaRecifrada[];
  /** The table that comes next, where some page of it is done. */
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
      const contexto = Context.current();
      const previo = avanceAnterior(contexto) as AvanceDeTablas | undefined;
      let { hechas, empezada }: AvanceDeTablas = previo ?? { hechas: [], empezada: null };
      for (const tabla of porHacer(registro.tablas, hechas, empezada?.informe)) {
        let { informe, despuesDe } = empezada ?? { informe: sinRevisar(tabla), despuesDe: null };
        do {
          contexto.cancellationSignal.throwIfAborted();
          const { ultima, ...pagina } = await registro.recifrarPagina(
            tabla,
            despuesDe,
            PAGINA_DE_MANTENIMIENTO,
          );
          informe = sumar(informe, pagina);
          despuesDe = ultima;
          empezada = despuesDe && { informe, despuesDe };
          if (!despuesDe) hechas = [...hechas, informe];
          latir(contexto, { hechas, empezada } satisfies AvanceDeTablas);
        } while (despuesDe);
      }
      await registro.anotarRecifrado();
      return hechas;
    },

    async contarEjecuciones(pedida) {
      exigirClave(pedida);
      const contexto = Context.current();
      const retencionMs = await enTemporal.retencionMs();
      const previo = avanceAnterior(contexto) as AvanceDeEjecuciones | undefined;
      let { pagina, claves } = previo ?? { pagina: null, claves: [] };
      do {
        contexto.cancellationSignal.throwIfAborted();
        const { ejecuciones, siguiente } = await enTemporal.listar(pagina);
        for (const { clave, cierre } of ejecuciones)
          if (clave !== claveActiva) claves = contar(claves, clave, cierre, retencionMs);
        pagina = siguiente;
        latir(contexto, { pagina, claves } satisfies AvanceDeEjecuciones);
      } while (pagina !== null);
      return claves;
    },
  };
}

/** A worker of another version may have begun: by their names, and first the table that it was at. */
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
