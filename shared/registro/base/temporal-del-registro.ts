/**
 * The Temporal that holds this register's runs. Another one knows none of them: against it every open issuance would look
 * dead. So the register remembers which one it is, and nothing is started or closed on the word of another (ADR 41).
 */
import { sql } from 'kysely';
import { TEMPORAL_RECIENTE_MS } from '../../nucleo/plazos.ts';
import { ParteAjena, ServicioNoDisponible } from '../../nucleo/servicio-no-disponible.ts';
import type { IdentidadDeTemporal } from '../../motor/identidad.ts';
import type { Claves } from '../../runtime/claves/claves.ts';
import { ConfiguracionInvalida } from '../../runtime/config.ts';
import { falloDeParte, significadoDe } from '../../runtime/temporal/estados-grpc.ts';
import { vigilar, type Vigilancia } from '../../runtime/vigilancia.ts';
import type { DominioDelRegistro } from './dominio.ts';
import type { DbBase, LectorBase } from './esquema.ts';
import { anotarMudanza, esOrdenDeRecordar, leerMudanza, leerTemporal } from './mudanza.ts';

export interface GuardaDeTemporal {
  /** Asks now. @throws ConfiguracionInvalida where it is another one, RegistroMudado where the register was moved; else what asking throws */
  comprobar(): Promise<void>;
  /** As comprobar, before something is done. @throws ServicioNoDisponible; the error itself where the same call would fail again */
  exigir(): Promise<void>;
  /** As exigir; an answer of a moment ago counts. */
  exigirReciente(): Promise<void>;
  /**
   * That the register was not moved away from this process's Temporal, nor another one seen in its place: in the transaction
   * that acts on its word, since the run that goes on elsewhere may have the same id; or after something was started there.
   * @throws ServicioNoDisponible
   */
  exigirVigente(tx?: LectorBase): Promise<void>;
}

/** The process stands on a Temporal that the register does not work with any more: it must end. */
class RegistroMudado extends ConfiguracionInvalida {
  constructor() {
    super([SE_MUDO]);
    this.name = 'RegistroMudado';
  }
}

interface DependenciasDeGuarda {
  db: DbBase;
  claves: Claves;
  dominios: readonly DominioDelRegistro[];
  leerIdentidad: () => Promise<IdentidadDeTemporal>;
  /** Whether it knows a run of this workflow id. Asked only where the register remembers no Temporal yet. */
  conoce: (workflowId: string) => Promise<boolean>;
}

/** Of what an error tells that it does not answer, or not as itself. */
const DEL_REGISTRO = 'the Temporal of this register';

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
  /** Another one answered when this process last looked: an empty one, or a copy that its address now leads to. */
  let respondeOtro = false;

  const comprobar = async () => {
    const vista = await leerIdentidad();
    const guardada = await leerTemporal(db);
    if (guardada && seMudo(guardada)) throw new RegistroMudado();
    if (!guardada) await exigirQueConozcaAlguna();
    if (guardada && !guardada.namespaceId && !esOrdenDeRecordar(await leerMudanza(db, claves)))
      throw new ConfiguracionInvalida([NADIE_LO_MANDO]);
    if (!guardada?.namespaceId) await recordar(db, claves, vista, guardada !== null);
    const recordada = await leerTemporal(db);
    const falta = diferencia(recordada ?? vista, vista);
    respondeOtro = falta !== null;
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
      if (significadoDe(cause) !== null) throw falloDeParte(DEL_REGISTRO, cause);
      if (cause instanceof ConfiguracionInvalida) throw new ParteAjena(DEL_REGISTRO, { cause });
      throw new ServicioNoDisponible(DEL_REGISTRO, { cause });
    }
  };
  return {
    comprobar,
    exigir,
    async exigirReciente() {
      if (performance.now() - vistoEnMs >= TEMPORAL_RECIENTE_MS) await exigir();
    },
    async exigirVigente(tx = db) {
      const guardada = await leerTemporal(tx);
      if (!vigenteDesde || respondeOtro) throw new ServicioNoDisponible(DEL_REGISTRO);
      if (!guardada || seMudo(guardada))
        throw new ServicioNoDisponible(DEL_REGISTRO, { cause: new RegistroMudado() });
    },
  };
}

/**
 * Looks from time to time. A move ends the process; while another Temporal answers in the place of its own it acts on nothing,
 * and goes on once its own is back.
 */
export function vigilarTemporal(guarda: GuardaDeTemporal, cadaMs = REVISION_MS): Vigilancia {
  const revisar = async () => {
    await guarda.comprobar().catch((error: unknown) => {
      if (error instanceof RegistroMudado) throw error;
    });
  };
  return vigilar(revisar, cadaMs);
}

/** What asks Temporal for the run of a workflow. */
interface QueDescribe {
  describir(de: string): Promise<{ abierta: boolean } | null>;
}

/** The motor; its word that a run is closed or unknown counts only while it is that of the register's own Temporal. */
export function conTemporalDelRegistro<M extends QueDescribe>(motor: M, guarda: GuardaDeTemporal): M {
  return {
    ...motor,
    async describir(de: string) {
      const run = await motor.describir(de);
      // An empty Temporal may have taken its place a moment ago.
      if (run === null) await guarda.exigir();
      else if (!run.abierta) await guarda.exigirReciente();
      return run;
    },
  };
}

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
