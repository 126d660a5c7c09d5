/** An audit log on a real database, with entries, a key and a sequencer of its own. */
import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import { anotarEntrada, type Anotacion } from '../../../shared/bitacora/entrada.ts';
import {
  generarClaveDeFirma,
  leerClaveDeFirma,
  leerClavePublica,
} from '../../../shared/bitacora/punto-de-control/nota.ts';
import { secuenciar, type DependenciasDeSecuencia } from '../../../shared/bitacora/secuencia/secuenciador.ts';
import type { InformeDeBitacora } from '../../../shared/bitacora/contrato.ts';
import {
  verificarBitacora,
  type OpcionesDeVerificacion,
} from '../../../shared/bitacora/verificacion/verificacion.ts';
import type { BaseDeDatos } from '../../../shared/registro/dominios.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';
import { CLAVES, type BASES } from '../registro/registro-de-prueba.ts';

export const TABLAS_DE_BITACORA = [
  'bitacora',
  'bitacora_nodos',
  'bitacora_puntos',
  'bitacora_testigos',
  'bitacora_epocas',
] as const;

export const FIRMANTE = leerClaveDeFirma(generarClaveDeFirma('prueba.example/bitacora'));
/** What the proofs need beside the database. */
export const DE_PRUEBAS = { huella: CLAVES.huella, logger: createLogger('prueba', 'silent') };
export const VERIFICADOR = leerClavePublica(FIRMANTE.clavePublica);

export interface BitacoraDePrueba {
  readonly db: BaseDeDatos;
  /** What the sequencer and the service need of it. */
  readonly dependencias: DependenciasDeSecuencia;
  /** Writes entries, one transaction each. @returns their ids */
  anotar(cuantas: number, cambios?: Partial<Anotacion>): Promise<string[]>;
  /** Gives every entry its place. */
  secuenciarTodo(): Promise<void>;
  verificar(opciones?: Partial<OpcionesDeVerificacion>): Promise<InformeDeBitacora>;
  /** As one who owns the database: past the trigger that keeps the product from it. */
  sinGuarda(trabajo: () => Promise<void>): Promise<void>;
}

/** A log that every test of the describe block finds empty. */
export function usarBitacora(abrir: (typeof BASES)[number]['abrir']): BitacoraDePrueba {
  let base: Awaited<ReturnType<typeof abrir>> | undefined;
  const db = () => {
    if (!base) throw new Error('the database opens before the first test');
    return base.db;
  };
  let escritas = 0;
  beforeAll(async () => {
    base = await abrir();
  }, 60_000);
  beforeEach(async () => {
    await sql`truncate ${sql.join(TABLAS_DE_BITACORA.map((tabla) => sql.table(tabla)))}`.execute(db());
  });
  afterAll(() => base?.cerrar());

  const prueba: BitacoraDePrueba = {
    get db() {
      return db();
    },
    get dependencias() {
      return { db: db(), claves: CLAVES, firmante: FIRMANTE, verificadores: [VERIFICADOR] };
    },
    async anotar(cuantas, cambios = {}) {
      const ids = [];
      for (let i = 0; i < cuantas; i++) {
        await otroMilisegundo();
        const codigo = `SOL-${++escritas}`;
        const entrada: Anotacion = {
          dominio: 'emision',
          codigo,
          generacion: 1,
          runId: `run-${codigo}`,
          evento: 'SOLICITUD_ACEPTADA',
          contenido: { oficina: 'LIMA', correlationId: codigo, intento: 3 },
          personal: { usuarioRegistrador: 'mquispe' },
          ...cambios,
        };
        ids.push(
          await db()
            .transaction()
            .execute((tx) => anotarEntrada(tx, CLAVES, entrada)),
        );
      }
      return ids;
    },
    async secuenciarTodo() {
      while ((await secuenciar(prueba.dependencias)) !== null);
    },
    verificar: (opciones) =>
      verificarBitacora({
        db: db(),
        verificadores: [VERIFICADOR],
        notasDeTestigos: [],
        claves: CLAVES,
        ...opciones,
      }),
    async sinGuarda(trabajo) {
      await sql`alter table bitacora disable trigger user`.execute(db());
      try {
        await trabajo();
      } finally {
        await sql`alter table bitacora enable trigger user`.execute(db());
      }
    },
  };
  return prueba;
}

/** The order in which entries were written is known by the millisecond. */
async function otroMilisegundo(): Promise<void> {
  for (const ahora = Date.now(); Date.now() === ahora;) await setImmediate();
}
