/**
 * The Temporal that holds this register's runs. Another one knows none of them: against it every open issuance would look
 * dead. So the register remembers which one it is, and nothing is started or closed on the word of another (ADR 41).
 */
import { sql } from 'kysely';
import { z } from 'zod';
import { anotarEntrada, COLUMNAS_DE_HOJA, REGISTRADA } from '../../bitacora/entrada.ts';
import { esDelServicio } from '../../bitacora/verificacion/verificacion-de-datos.ts';
import type { Hallazgo } from '../../bitacora/contrato.ts';
import { TEMPORAL_RECIENTE_MS } from '../../nucleo/plazos.ts';
import { ServicioNoDisponible, ServicioSaturado } from '../../nucleo/servicio-no-disponible.ts';
import type { IdentidadDeTemporal } from '../../motor/identidad.ts';
import type { Claves } from '../../runtime/claves/claves.ts';
import { ConfiguracionInvalida } from '../../runtime/config.ts';
import { significadoDe } from '../../runtime/temporal/estados-grpc.ts';
import { vigilar, type Vigilancia } from '../../runtime/vigilancia.ts';
import type { DominioDelRegistro } from './dominio.ts';
import type { DbBase, LectorBase, TxBase } from './esquema.ts';

export interface GuardaDeTemporal {
  /** Asks now. @throws ConfiguracionInvalida where it is another one, or the register was moved; else what asking throws */
  comprobar(): Promise<void>;
  /** As comprobar, before something is done. @throws ServicioNoDisponible */
  exigir(): Promise<void>;
  /** As exigir; an answer of a moment ago counts. */
  exigirReciente(): Promise<void>;
  /**
   * In the transaction that acts on the word of this process's Temporal: that the register was not moved away from it. The
   * run that goes on elsewhere may have the same id.
   * @throws ServicioNoDisponible
   */
  exigirVigente(tx: LectorBase): Promise<void>;
}

interface DependenciasDeGuarda {
  db: DbBase;
  claves: Claves;
  dominios: readonly DominioDelRegistro[];
  leerIdentidad: () => Promise<IdentidadDeTemporal>;
  /** Whether it knows a run of this workflow id. Asked only where the register remembers no Temporal yet. */
  conoce: (workflowId: string) => Promise<boolean>;
}

/** How often a process that works looks whether its Temporal is still the register's. */
const REVISION_MS = 10_000;

/** How many workflows of each domain, open by its rows, a Temporal is asked for before it is remembered: it must know one. */
const MUESTRA = 20;

export function createGuardaDeTemporal({
  db,
  claves,
  dominios,
  leerIdentidad,
  conoce,
}: DependenciasDeGuarda): GuardaDeTemporal {
  let vistoEnMs = -Infinity;
  /** Since when the register works with the Temporal that this process found right; a move ends it, one back to it too. */
  let vigenteDesde: Date | null = null;

  const comprobar = async () => {
    const vista = await leerIdentidad();
    const guardada = await leerVigente(db);
    if (guardada && seMudo(guardada)) throw new ConfiguracionInvalida([SE_MUDO]);
    if (!guardada) await exigirQueConozcaAlguna();
    if (guardada && !guardada.namespaceId && !esOrdenDeRecordar(await leerMudanza(db, claves)))
      throw new ConfiguracionInvalida([NADIE_LO_MANDO]);
    if (!guardada?.namespaceId) await recordar(db, claves, vista, guardada !== null);
    const recordada = await leerVigente(db);
    const falta = diferencia(recordada ?? vista, vista);
    if (falta) {
      vistoEnMs = -Infinity;
      throw new ConfiguracionInvalida([falta]);
    }
    vigenteDesde ??= recordada?.desde ?? null;
    vistoEnMs = performance.now();
  };

  const seMudo = ({ desde }: { desde: Date }) =>
    vigenteDesde !== null && desde.getTime() !== vigenteDesde.getTime();

  /** A register of an earlier version must go on with the Temporal that it had, not with an empty one. */
  const exigirQueConozcaAlguna = async () => {
    const abiertas: string[] = [];
    for (const dominio of dominios)
      abiertas.push(...((await dominio.leerEjecucionesAbiertas?.(db, MUESTRA)) ?? []));
    for (const workflowId of abiertas) if (await conoce(workflowId)) return;
    if (abiertas.length > 0)
      throw new ConfiguracionInvalida([
        `TEMPORAL_ADDRESS: this Temporal knows none of what this register holds open. ${MUDARSE}`,
      ]);
  };

  const exigir = async () => {
    try {
      await comprobar();
    } catch (cause) {
      const Fallo = significadoDe(cause) === 'SATURADO' ? ServicioSaturado : ServicioNoDisponible;
      throw new Fallo('the Temporal of this register', { cause });
    }
  };
  return {
    comprobar,
    exigir,
    async exigirReciente() {
      if (performance.now() - vistoEnMs >= TEMPORAL_RECIENTE_MS) await exigir();
    },
    async exigirVigente(tx) {
      const guardada = await leerVigente(tx);
      if (!vigenteDesde || !guardada || seMudo(guardada))
        throw new ServicioNoDisponible('the Temporal of this register', {
          cause: new ConfiguracionInvalida([SE_MUDO]),
        });
    },
  };
}

/** Looks from time to time: a Temporal that does not answer gives no tasks either. */
export function vigilarTemporal(guarda: GuardaDeTemporal, cadaMs = REVISION_MS): Vigilancia {
  return vigilar(() => guarda.comprobar(), cadaMs);
}

/** What asks Temporal for the run of a workflow. */
interface QueDescribe {
  describir(de: string): Promise<{ abierta: boolean } | null>;
}

/** What a motor is to the register: its word, and whether it is still the word of the register's own Temporal. */
export type DelRegistro<M> = M & Pick<GuardaDeTemporal, 'exigirVigente'>;

/** The motor; its word that a run is closed or unknown counts only while it is that of the register's own Temporal. */
export function conTemporalDelRegistro<M extends QueDescribe>(
  motor: M,
  guarda: GuardaDeTemporal,
): DelRegistro<M> {
  return {
    ...motor,
    exigirVigente: (tx) => guarda.exigirVigente(tx),
    async describir(de: string) {
      const run = await motor.describir(de);
      // An empty Temporal may have taken its place a moment ago.
      if (run === null) await guarda.exigir();
      else if (!run.abierta) await guarda.exigirReciente();
      return run;
    },
  };
}

/** Null where none was seen yet; its namespaceId is null where the next one is to be remembered. */
export async function leerTemporal(
  db: LectorBase,
): Promise<{ clusterId: string | null; namespaceId: string | null } | null> {
  const vigente = await leerVigente(db);
  return vigente && { clusterId: vigente.clusterId, namespaceId: vigente.namespaceId };
}

async function leerVigente(
  db: LectorBase,
): Promise<{ clusterId: string | null; namespaceId: string | null; desde: Date } | null> {
  const fila = await db.selectFrom('temporal_del_registro').selectAll().executeTakeFirst();
  return fila ? { clusterId: fila.cluster_id, namespaceId: fila.namespace_id, desde: fila.desde } : null;
}

const DOMINIO_DE_LA_ENTRADA = 'registro';
const CODIGO_DE_LA_ENTRADA = 'temporal';

export interface Mudanza {
  quien: string;
  /** Without personal data of citizens. */
  motivo: string;
}

/**
 * An operator moves the register to another Temporal. Reconciliation settles what is open here and unknown there.
 * @param hacia null: whichever is seen next
 */
export async function mudarTemporal(
  db: DbBase,
  claves: Claves,
  hacia: IdentidadDeTemporal | null,
  { quien, motivo }: Mudanza,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const desde = await leerTemporal(tx);
    const columnas = { cluster_id: hacia?.clusterId ?? null, namespace_id: hacia?.namespaceId ?? null };
    await tx
      .insertInto('temporal_del_registro')
      .values(columnas)
      .onConflict((conflicto) => conflicto.column('unica').doUpdateSet({ ...columnas, desde: sql`now()` }))
      .execute();
    await anotarMudanza(tx, claves, { desde, hacia }, { solicitadaPor: quien, motivo });
  });
}

/** The last move that the audit log tells of; null where it tells of none. */
async function leerMudanza(db: LectorBase, claves: Claves | null): Promise<{ hacia: unknown } | null> {
  const entradas = await db
    .selectFrom('bitacora')
    .select([...COLUMNAS_DE_HOJA, REGISTRADA, 'indice', 'sello'])
    .where('dominio', '=', DOMINIO_DE_LA_ENTRADA)
    .where('codigo', '=', CODIGO_DE_LA_ENTRADA)
    .where('evento', '=', 'TEMPORAL_MUDADO')
    .orderBy('registrada_en')
    .execute();
  const ultima = entradas.findLast((entrada) => esDelServicio(claves, entrada));
  return ultima ? { hacia: (ultima.contenido as { hacia?: unknown } | null)?.hacia } : null;
}

function esOrdenDeRecordar(mudanza: { hacia: unknown } | null): boolean {
  return mudanza !== null && mudanza.hacia === null;
}

/** Finds where the register remembers another Temporal than the one that it was moved to by the audit log. */
export async function* compararTemporal(db: DbBase, claves: Claves | null): AsyncGenerator<Hallazgo> {
  const { guardada, mudanza } = await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => ({ guardada: await leerTemporal(tx), mudanza: await leerMudanza(tx, claves) }));
  if (!guardada || esOrdenDeRecordar(mudanza)) return;
  const anotada = MUDADO_A.safeParse(mudanza?.hacia).data;
  const esElAnotado = anotada
    ? guardada.namespaceId === anotada.namespaceId && guardada.clusterId === anotada.clusterId
    : guardada.namespaceId !== null;
  if (!esElAnotado)
    yield {
      epoca: null,
      indice: null,
      id: null,
      falta: 'El Temporal que el registro recuerda no es el que la bitácora anotó: nadie mandó mudarlo.',
    };
}

const MUDADO_A = z.object({ clusterId: z.string().nullable(), namespaceId: z.string() });

/** Where two processes see two different ones, that of the first is remembered. */
async function recordar(
  db: DbBase,
  claves: Claves,
  vista: IdentidadDeTemporal,
  seMando: boolean,
): Promise<void> {
  const columnas = { cluster_id: vista.clusterId, namespace_id: vista.namespaceId };
  await db.transaction().execute(async (tx) => {
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('temporal_del_registro')
      .values(columnas)
      .onConflict((conflicto) =>
        conflicto
          .column('unica')
          .doUpdateSet({ ...columnas, desde: sql`now()` })
          .where('temporal_del_registro.namespace_id', 'is', null),
      )
      .executeTakeFirst();
    // The order is carried out: from now on it lets nobody have another one remembered.
    if (seMando && numInsertedOrUpdatedRows === 1n)
      await anotarMudanza(tx, claves, { desde: null, hacia: vista });
  });
}

function anotarMudanza(
  tx: TxBase,
  claves: Claves,
  contenido: { desde: unknown; hacia: IdentidadDeTemporal | null },
  personal?: { solicitadaPor: string; motivo: string },
): Promise<string> {
  return anotarEntrada(tx, claves, {
    dominio: DOMINIO_DE_LA_ENTRADA,
    codigo: CODIGO_DE_LA_ENTRADA,
    generacion: null,
    runId: null,
    evento: 'TEMPORAL_MUDADO',
    contenido,
    personal,
  });
}

const MUDARSE =
  'Give the one that it had; where it is to move to another, run: npm run mudar-temporal -- --motivo "…" (docs/operacion.md, «Mudarse a otro Temporal»)';

const SE_MUDO =
  'TEMPORAL_ADDRESS: the register was moved to another Temporal (npm run mudar-temporal) while this process ran. Start it again, with the Temporal that the register works with';

const NADIE_LO_MANDO =
  'TEMPORAL_NAMESPACE: the register remembers no Temporal, and its audit log tells of nobody who had it forget: somebody wrote to temporal_del_registro. Look into it (docs/operacion.md, «Bitácora»), then run: npm run mudar-temporal -- --motivo "…"';

function diferencia(
  guardada: { clusterId: string | null; namespaceId: string | null },
  vista: IdentidadDeTemporal,
): string | null {
  if (guardada.clusterId && vista.clusterId && guardada.clusterId !== vista.clusterId)
    return `TEMPORAL_ADDRESS: this Temporal is another one (cluster ${vista.clusterId}) than the register works with (${guardada.clusterId}). ${MUDARSE}`;
  if (guardada.namespaceId !== vista.namespaceId)
    return `TEMPORAL_NAMESPACE: this namespace is another one (id ${vista.namespaceId}) than the register works with (${guardada.namespaceId ?? 'none'}). ${MUDARSE}`;
  return null;
}
