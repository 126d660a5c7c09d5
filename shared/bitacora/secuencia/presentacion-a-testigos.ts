/**
 * Shows the newest checkpoint to a witness. Where the witness contradicts it, the register was restored: a new epoch
 * begins.
 */
import { pruebaDeConsistencia } from '../arbol/arbol.ts';
import { leerRaiz, leerResumenes, leerUltimoPunto, type PuntoGuardado } from '../arbol/arbol-guardado.ts';
import type { BaseDeBitacora } from '../esquema.ts';
import { exigirPuntoFirmado } from '../punto-de-control/firmado.ts';
import type { PuntoDeControl } from '../punto-de-control/punto-de-control.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { MetricasDeBitacora } from '../metricas.ts';
import { abrirEpoca, type DependenciasDeSecuencia } from './secuenciador.ts';
import type { Presentacion, Testigo } from '../punto-de-control/testigos.ts';

/** A witness that goes on contradicting the epochs that its own contradictions opened is at fault itself. */
const ENTRE_CONTRADICCIONES_MS = 600_000;

export interface DependenciasDePresentacion extends DependenciasDeSecuencia {
  metricas: MetricasDeBitacora;
  logger: Logger;
}

/** @returns whether the witness holds the newest checkpoint now */
export type PresentarPunto = () => Promise<boolean>;

export function createPresentador(
  dependencias: DependenciasDePresentacion,
  testigo: Testigo,
): PresentarPunto {
  const { db, metricas, logger, verificadores } = dependencias;
  let mostrada: string | undefined;
  return async () => {
    const punto = await leerUltimoPunto(db);
    if (!punto || punto.nota === mostrada) return true;
    // A witness keeps what it is shown in the place of what it had: only what was signed is shown.
    const firmado = exigirPuntoFirmado(verificadores, punto);
    const testimonio = await testigo.presentar(await presentacionDe(db, punto, firmado, testigo.nombre));
    if (testimonio.tipo === 'VISTO') {
      await anotarVisto(db, testigo.nombre, punto, testimonio.cofirmas);
      metricas.visto.set({ testigo: testigo.nombre }, punto.tamano);
      mostrada = punto.nota;
      return true;
    }
    // Another worker may have shown it a newer one than the one read above: then nothing is contradicted.
    const ahora = await leerUltimoPunto(db);
    if (ahora?.epoca !== punto.epoca || ahora.tamano !== punto.tamano) return false;
    const { motivo, evidencia } = testimonio;
    metricas.contradicciones.inc({ testigo: testigo.nombre });
    logger.error(
      { testigo: testigo.nombre, motivo, evidencia },
      'a witness contradicts the audit log: was it restored?',
    );
    if (!(await seAbrioHacePoco(db, punto.epoca)))
      await abrirEpoca(dependencias, punto.epoca, { causa: 'CONTRADICCION', motivo, evidencia });
    return false;
  };
}

async function presentacionDe(
  db: BaseDeBitacora,
  { epoca, tamano, nota }: PuntoGuardado,
  punto: PuntoDeControl,
  testigo: string,
): Promise<Presentacion> {
  const recuerdos = await db
    .selectFrom('bitacora_testigos')
    .select(['epoca', 'tamano'])
    .where('testigo', '=', testigo)
    .execute();
  const visto = Number(recuerdos.find((uno) => uno.epoca === epoca)?.tamano ?? 0);
  return {
    nota,
    punto,
    // What is remembered here may have been written by anybody: the witness itself says what it has seen.
    visto: Math.min(Math.max(visto, 0), tamano),
    haVistoAlgo: recuerdos.length > 0,
    raizEn: (anterior) => leerRaiz(db, epoca, anterior),
    consistenciaDesde: (anterior) => leerResumenes(db, epoca, pruebaDeConsistencia(anterior, tamano)),
  };
}

async function anotarVisto(
  db: BaseDeBitacora,
  testigo: string,
  { epoca, tamano }: PuntoGuardado,
  cofirmas: string,
): Promise<void> {
  await db
    .insertInto('bitacora_testigos')
    .values({ testigo, epoca, tamano, cofirmas })
    .onConflict((conflicto) =>
      conflicto
        .columns(['testigo', 'epoca'])
        .doUpdateSet({ tamano, cofirmas })
        // Another worker may have shown it a newer one, which stays; a size larger than the tree's is not true.
        .where((eb) =>
          eb.or([
            eb('bitacora_testigos.tamano', '<=', tamano),
            eb(
              'bitacora_testigos.tamano',
              '>',
              eb
                .selectFrom('bitacora_puntos')
                .select(({ fn }) => fn.max('bitacora_puntos.tamano').as('mayor'))
                .where('bitacora_puntos.epoca', '=', epoca),
            ),
          ]),
        ),
    )
    .execute();
}

/** Whether the epoch began a moment ago. The first one follows no contradiction. */
async function seAbrioHacePoco(db: BaseDeBitacora, epoca: number): Promise<boolean> {
  if (epoca === 1) return false;
  const apertura = await db
    .selectFrom('bitacora')
    .select('registrada_en')
    .where('epoca', '=', epoca)
    .where('indice', '=', 0)
    .executeTakeFirstOrThrow();
  return Date.now() - apertura.registrada_en.getTime() < ENTRE_CONTRADICCIONES_MS;
}
