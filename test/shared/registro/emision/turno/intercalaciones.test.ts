/**
 * Random interleavings of runs that follow the workflow, of an operator who terminates and resets them, of a forger who
 * ends their activities instead of the worker, of clients who send again, of support that resolves and orders, and of a
 * PKI that answers, refuses, or does the work and says nothing. Whatever the order, the rules hold.
 * One file, since each that asks both databases starts a PostgreSQL.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import type {
  EntradaEmision,
  RespuestaPaso1,
  RespuestaPaso2,
  SinRespuesta,
} from '../../../../../shared/emision/contrato.ts';
import {
  impedimentoPara,
  TurnoNegado,
  type RespuestaDePaso,
  type TurnoRegistrado,
} from '../../../../../shared/registro/emision/registro.ts';
import {
  BASES,
  conforme,
  entradaDePrueba,
  noConforme,
  ORDEN,
  RESPUESTA_PASO_1,
  RESPUESTA_PASO_2,
  TABLAS,
  usarRegistro,
  type RegistroDePrueba,
  type RunDePrueba,
} from '../../../../support/registro/registro-de-prueba.ts';

const CODIGOS = ['SOL-A', 'SOL-B'] as const;
type Codigo = (typeof CODIGOS)[number];

const ACTOS = [
  'avanzar',
  'avanzar',
  'avanzar',
  'avanzar',
  'aLaVez',
  'enviar',
  'falsificar',
  'contestar',
  'terminar',
  'reiniciar',
  'conciliar',
  'resolver',
  'reejecutar',
  'nuevaEmision',
] as const;
/** What the PKI does with one send: answers; refuses clearly; does the work, or does not, and nobody hears of it. */
const SUERTES = ['responde', 'responde', 'rechaza', 'haceYCalla', 'noLlega'] as const;

const acto = fc.record({
  que: fc.constantFrom(...ACTOS),
  codigo: fc.constantFrom(...CODIGOS),
  cual: fc.nat(9),
  suerte: fc.constantFrom(...SUERTES),
  insiste: fc.boolean(),
  conforma: fc.boolean(),
  /** The register hears of the answer from the activity that received it. */
  seConserva: fc.boolean(),
});
type Acto = typeof acto extends fc.Arbitrary<infer T> ? T : never;

/** Where a run of the workflow stands: what it does next. */
type Punto =
  | { en: 'REGISTRAR' | 'FALLAR' | 'FIN' }
  | { en: 'MARCAR' | 'ENVIAR'; paso: 1 | 2 }
  // Null: Temporal brought nothing that is ours.
  | { en: 'REGISTRAR_PASO_1'; respuesta: RespuestaPaso1 | null }
  | { en: 'CONCLUIR'; respuesta: RespuestaPaso2 | null };

interface Ejecucion {
  codigo: Codigo;
  run: RunDePrueba;
  punto: Punto;
}

/** A call that is under way, though its activity was ended by somebody else. */
type Huerfana = Pick<Ejecucion, 'codigo' | 'run'> & { paso: 1 | 2 };

class Mundo {
  readonly prueba: RegistroDePrueba;
  readonly idempotente: boolean;
  readonly ejecuciones: Ejecucion[] = [];
  readonly abiertas = new Map<Codigo, Ejecucion>();
  readonly huerfanas: Huerfana[] = [];
  /** Times that the PKI did step 2, by codigo and generation. */
  readonly emisiones = new Map<string, number>();
  readonly marcas = new Map<string, number>();
  readonly entregadas = new Map<Codigo, string>();

  constructor(prueba: RegistroDePrueba, idempotente: boolean) {
    this.prueba = prueba;
    this.idempotente = idempotente;
  }
}

describe.each(BASES)('whatever the interleaving, on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  it.each([true, false])(
    'one set is released, nothing issued is lost, one codigo holds the citizen (idempotent adapter: %s)',
    async (idempotente) => {
      await fc.assert(
        fc.asyncProperty(fc.array(acto, { minLength: 10, maxLength: 30 }), async (actos) => {
          await sql`truncate ${sql.join(TABLAS.map((tabla) => sql.table(tabla)))}`.execute(prueba.db);
          for (const codigo of CODIGOS) prueba.motor.olvidar(codigo);
          const mundo = new Mundo(prueba, idempotente);
          for (const cada of actos) {
            await actuar(mundo, cada);
            await comprobarInvariantes(mundo);
          }
        }),
        { numRuns: 10 },
      );
    },
    300_000,
  );
});

async function actuar(mundo: Mundo, hecho: Acto): Promise<void> {
  const { prueba, abiertas } = mundo;
  const vivas = mundo.ejecuciones.filter(({ punto }) => punto.en !== 'FIN');
  const elegida = vivas[hecho.cual % Math.max(1, vivas.length)];
  switch (hecho.que) {
    case 'avanzar':
      if (elegida) await avanzar(mundo, elegida, hecho);
      else await enviar(mundo, hecho.codigo);
      return;
    case 'aLaVez':
      await Promise.all(vivas.map((viva) => avanzar(mundo, viva, hecho)));
      return;
    case 'enviar':
      await enviar(mundo, hecho.codigo);
      return;
    case 'falsificar':
      if (elegida?.punto.en !== 'ENVIAR') return;
      mundo.huerfanas.push({ ...elegida, paso: elegida.punto.paso });
      elegida.punto = trasElPaso(elegida.punto.paso, null);
      return;
    case 'contestar': {
      const huerfana = mundo.huerfanas.shift();
      if (huerfana)
        await trasElEnvio(mundo, huerfana, huerfana.paso, { ...hecho, suerte: 'responde', seConserva: true });
      return;
    }
    case 'terminar':
      abiertas.delete(hecho.codigo);
      prueba.motor.cerrar(hecho.codigo);
      return;
    case 'reiniciar': {
      const suyas = mundo.ejecuciones.filter(({ codigo }) => codigo === hecho.codigo);
      const una = hecho.insiste ? suyas[hecho.cual % Math.max(1, suyas.length)] : suyas.at(-1);
      if (una) abrirEjecucion(mundo, hecho.codigo, una.run, puntoDeReinicio(una.punto));
      return;
    }
    case 'conciliar':
      await prueba.registro.conciliar(hecho.codigo);
      return;
    case 'resolver':
      await resolver(mundo, hecho);
      return;
    case 'reejecutar':
    case 'nuevaEmision':
      await ordenar(mundo, hecho.codigo, hecho.que === 'nuevaEmision');
  }
}

/** Support knows what the PKI did, and that nothing is still on its way there, before it says that nothing was done. */
async function resolver(
  { prueba, emisiones, ejecuciones, huerfanas }: Mundo,
  { codigo, conforma }: Acto,
): Promise<void> {
  const generacion = (await prueba.registro.leer(codigo))?.generacion ?? 1;
  const enviando = ejecuciones.filter(({ punto }) => punto.en === 'ENVIAR' && punto.paso === 2);
  const enCamino = [...enviando, ...huerfanas.filter(({ paso }) => paso === 2)].some(
    ({ run }) =>
      run.entrada.solicitud.solicitud.codigoSolicitudTramite === codigo &&
      run.entrada.generacion === generacion,
  );
  const nadaSeHizo = !enCamino && !emisiones.has(emisionDe(codigo, generacion));
  const decision = nadaSeHizo && conforma ? 'NO_EMITIDO' : 'EMITIDO_DESCARTADO';
  await prueba.soporte.resolver(codigo, { ...ORDEN, decision }).catch((error: unknown) => {
    if (!(error instanceof TurnoNegado)) throw error;
  });
}

async function ordenar(mundo: Mundo, codigo: Codigo, nuevaEmision: boolean): Promise<void> {
  if (mundo.abiertas.has(codigo)) return;
  const soporte = mundo.idempotente ? mundo.prueba.soporte : mundo.prueba.soporteSinIdempotencia;
  const preparada = await soporte.prepararReejecucion(codigo, { ...ORDEN, nuevaEmision }, null);
  if (preparada.tipo === 'LISTA') abrirEjecucion(mundo, codigo, preparada, { en: 'REGISTRAR' });
}

/** A client sends the codigo (again): the rules of the API before it starts a run. */
async function enviar(mundo: Mundo, codigo: Codigo): Promise<void> {
  if (mundo.abiertas.has(codigo)) return;
  const emision = await mundo.prueba.registro.conciliar(codigo);
  if (emision?.estado === 'COMPLETADO') return;
  const entrada = { ...entradaDePrueba(codigo), generacion: emision?.generacion ?? 1 };
  if (emision?.estado === 'FALLIDO' && impedimentoPara(emision, entrada, mundo.idempotente)) return;
  abrirEjecucion(mundo, codigo, { entrada }, { en: 'REGISTRAR' });
}

function abrirEjecucion(
  mundo: Mundo,
  codigo: Codigo,
  { entrada }: { entrada: EntradaEmision },
  punto: Punto,
): void {
  const run = mundo.prueba.abrirRun(entrada, { runId: randomUUID(), idempotente: mundo.idempotente });
  const ejecucion = { codigo, run, punto };
  mundo.ejecuciones.push(ejecucion);
  mundo.abiertas.set(codigo, ejecucion);
}

/** A reset takes up the last task: an activity that was under way is scheduled anew, an outcome recorded again. */
function puntoDeReinicio(punto: Punto): Punto {
  if (punto.en === 'ENVIAR') return { en: 'MARCAR', paso: punto.paso };
  return punto.en === 'FIN' ? { en: 'REGISTRAR' } : punto;
}

async function avanzar(mundo: Mundo, ejecucion: Ejecucion, hecho: Acto): Promise<void> {
  const { punto } = ejecucion;
  try {
    ejecucion.punto = await siguiente(mundo, ejecucion, hecho);
  } catch (error) {
    if (!(error instanceof TurnoNegado)) throw error;
    // As the workflow does: a run that was turned away before its first turn, or at its end, has nothing to record.
    ejecucion.punto = { en: punto.en === 'REGISTRAR' || punto.en === 'FALLAR' ? 'FIN' : 'FALLAR' };
  }
  if (ejecucion.punto.en !== 'FIN' || mundo.abiertas.get(ejecucion.codigo) !== ejecucion) return;
  mundo.abiertas.delete(ejecucion.codigo);
  mundo.prueba.motor.cerrar(ejecucion.codigo);
}

async function siguiente(mundo: Mundo, ejecucion: Ejecucion, hecho: Acto): Promise<Punto> {
  const { codigo, run, punto } = ejecucion;
  switch (punto.en) {
    case 'REGISTRAR':
      return trasElTurno(await run.registrar());
    case 'MARCAR': {
      const permiso = await run.pedirPermiso(punto.paso);
      if (permiso.tipo === 'RESPONDIDO') return trasElPaso(punto.paso, permiso.respuesta);
      sumar(mundo.marcas, `${emisionDe(codigo, run.entrada.generacion)} ${punto.paso}`);
      return { en: 'ENVIAR', paso: punto.paso };
    }
    case 'ENVIAR':
      return trasElEnvio(mundo, ejecucion, punto.paso, hecho);
    case 'REGISTRAR_PASO_1':
      return trasElTurno(await run.registrarPaso1(punto.respuesta));
    case 'CONCLUIR': {
      const comparar = hecho.conforma ? conforme() : noConforme('subjectDN');
      const { tipo } = await run.concluir({ respuesta: punto.respuesta, comparar });
      return tipo === 'SIN_RESPUESTA' ? { en: 'MARCAR', paso: 2 } : { en: 'FIN' };
    }
    case 'FALLAR':
      await run.fallar();
      return { en: 'FIN' };
    case 'FIN':
      return punto;
  }
}

function trasElPaso(paso: 1 | 2, respuesta: RespuestaPaso1 | RespuestaPaso2 | null): Punto {
  return paso === 1
    ? { en: 'REGISTRAR_PASO_1', respuesta: respuesta as RespuestaPaso1 | null }
    : { en: 'CONCLUIR', respuesta: respuesta as RespuestaPaso2 | null };
}

function trasElTurno(turno: TurnoRegistrado | SinRespuesta): Punto {
  if (turno.tipo === 'SIN_RESPUESTA') return { en: 'MARCAR', paso: 1 };
  if (turno.tipo === 'YA_COMPLETADA') return { en: 'FIN' };
  if (turno.emision.pasos[1].estado !== 'COMPLETADO') return { en: 'MARCAR', paso: 1 };
  return turno.emisionRecibida ? { en: 'CONCLUIR', respuesta: null } : { en: 'MARCAR', paso: 2 };
}

async function trasElEnvio(
  mundo: Mundo,
  { codigo, run }: Pick<Ejecucion, 'codigo' | 'run'>,
  paso: 1 | 2,
  { suerte, insiste, seConserva }: Acto,
): Promise<Punto> {
  const hizo = suerte === 'responde' || suerte === 'haceYCalla';
  const emision = emisionDe(codigo, run.entrada.generacion);
  if (hizo && paso === 2 && !(mundo.idempotente && mundo.emisiones.has(emision)))
    sumar(mundo.emisiones, emision);
  if (suerte === 'responde') {
    const respuesta = paso === 1 ? RESPUESTA_PASO_1 : RESPUESTA_PASO_2;
    if (seConserva) await run.conservar({ paso, respuesta } as RespuestaDePaso);
    return trasElPaso(paso, respuesta);
  }
  if (suerte === 'rechaza') await run.aclarar(paso);
  return insiste ? { en: 'MARCAR', paso } : { en: 'FALLAR' };
}

async function comprobarInvariantes(mundo: Mundo): Promise<void> {
  const { prueba, emisiones, marcas, entregadas, idempotente } = mundo;
  const filas = await Promise.all(CODIGOS.map((codigo) => prueba.registro.leer(codigo)));
  const retienen = filas.filter((fila) => fila?.estado === 'EN_PROCESO' || fila?.resultadoIncierto);
  expect(retienen.length).toBeLessThanOrEqual(1);

  for (const codigo of CODIGOS) {
    const fila = filas.find((una) => una?.codigo === codigo);
    const entregada = JSON.stringify(await prueba.registro.leerCertificados(codigo));
    const emitidas = [...emisiones].filter(([emision]) => emision.startsWith(`${codigo} `));
    if (!idempotente) for (const [, veces] of emitidas) expect(veces).toBe(1);
    if (!fila) {
      expect(emitidas).toEqual([]);
      continue;
    }
    const [recibidos, porRevocar] = await Promise.all([
      generacionesEn(prueba, 'recibidos', codigo),
      generacionesEn(prueba, 'por_revocar', codigo),
    ]);
    // Nothing issued is lost: it is released, on its way, kept for the next run, known to be uncertain, or to be revoked.
    for (let generacion = 1; generacion <= fila.generacion; generacion++) {
      if (!emisiones.has(emisionDe(codigo, generacion)) || porRevocar.includes(generacion)) continue;
      expect(generacion).toBe(fila.generacion);
      if (fila.estado === 'FALLIDO')
        expect([fila.resultadoIncierto, recibidos.includes(generacion)]).not.toEqual([false, false]);
    }
    // What is given up is over: only a newer generation goes on, and what the PKI answered to it is not released.
    const ultima = Math.max(0, ...porRevocar);
    expect(ultima).toBeLessThanOrEqual(fila.generacion);
    if (ultima === fila.generacion)
      expect(fila).toMatchObject({ estado: 'FALLIDO', resolucion: 'EMITIDO_DESCARTADO' });
    // What was released stays as it was.
    if (entregadas.has(codigo)) expect(entregada).toBe(entregadas.get(codigo));
    if (fila.estado === 'COMPLETADO') entregadas.set(codigo, entregada);
    else expect(entregada).toBe('[]');

    const { 1: paso1, 2: paso2 } = fila.pasos;
    expect(estadosAdmitidos[fila.estado]).toContain(`${paso1.estado} ${paso2.estado}`);
    expect(fila.fechaFin === null).toBe(fila.estado === 'EN_PROCESO');
    for (const paso of [paso1, paso2]) {
      expect(paso.intentos).toBe(marcas.get(`${emisionDe(codigo, fila.generacion)} ${paso.paso}`) ?? 0);
      expect(paso.envios_sin_aclarar.length).toBeLessThanOrEqual(paso.intentos);
    }
  }
}

const estadosAdmitidos = {
  EN_PROCESO: ['EN_PROCESO PENDIENTE', 'COMPLETADO EN_PROCESO'],
  COMPLETADO: ['COMPLETADO COMPLETADO'],
  FALLIDO: ['FALLIDO PENDIENTE', 'COMPLETADO FALLIDO'],
};

function emisionDe(codigo: Codigo, generacion: number): string {
  return `${codigo} ${generacion}`;
}

async function generacionesEn(
  { db }: RegistroDePrueba,
  tabla: 'recibidos' | 'por_revocar',
  codigo: Codigo,
): Promise<number[]> {
  const filas = await db.selectFrom(tabla).select('generacion').where('codigo', '=', codigo).execute();
  return filas.map(({ generacion }) => generacion);
}

function sumar<C>(cuenta: Map<C, number>, clave: C): void {
  cuenta.set(clave, (cuenta.get(clave) ?? 0) + 1);
}
