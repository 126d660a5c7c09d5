/**
 * Walks of the model, carried out against the real register: after each event the database says what the model says.
 * Temporal is played by the model's world, and answers a question when the model says so.
 */
import { referenciaDe, type EntradaDeRun, type RespuestaPaso2 } from '../../shared/emision/contrato.ts';
import type { MotorEmision, RunDescrita } from '../../shared/motor/emision/motor.ts';
import { GUARDA_CONFIADA } from '../support/registro/guarda-confiada.ts';
import {
  createRegistro,
  nuevaMarca,
  impedimentoPara,
  TurnoNegado,
  type Comparar,
  type PermisoDeEnvio,
} from '../../shared/registro/emision/registro.ts';
import { createRegistroDeSoporte } from '../../shared/registro/emision/registro-de-soporte.ts';
import { leerRespuestaGuardada } from '../../shared/registro/emision/filas/respuestas-guardadas.ts';
import {
  CLAVES,
  conforme,
  entradaDePrueba,
  FALLO_PASO_2,
  ORDEN,
  RESPUESTA_PASO_1,
  RESPUESTA_PASO_2,
  type RegistroDePrueba,
} from '../support/registro/registro-de-prueba.ts';
import {
  CODIGOS,
  emisionDe,
  nombreDe,
  type Codigo,
  type Hecho,
  type Intento,
  type Mundo,
  type Run,
  type Suceso,
} from './mundo.ts';

/** A piece of work that is under way on the register. */
interface TrabajoReal {
  fin: Promise<unknown>;
  pausa: Pausa;
}

type Dicho = RunDescrita | null;

export class Repeticion {
  readonly #prueba: RegistroDePrueba;
  readonly #idempotente: boolean;
  #mundo: Mundo;
  /** The last run of each codigo, open or not. */
  readonly #ultimas = new Map<Codigo, string>();
  readonly #entradas = new Map<string, EntradaDeRun>();
  readonly #trabajos = new Map<string, TrabajoReal>();
  /** As the register writes those that the model calls by a shorter name. */
  readonly #marcas = new Map<string, string>();
  readonly #comparados = new Map<Codigo, string | null>();

  constructor(prueba: RegistroDePrueba, inicial: Mundo) {
    this.#prueba = prueba;
    this.#idempotente = inicial.idempotente;
    this.#mundo = inicial;
  }

  /** @throws Error of expect, where the register does otherwise than the model */
  async ocurre({ hecho, mundo }: Suceso): Promise<void> {
    const antes = this.#mundo;
    await this.#hacer(hecho, antes, mundo);
    this.#mundo = mundo;
    await this.#olvidarLosCerrados(antes, mundo);
    // The register goes on at once from the holder of the lock to its own work: the next event shows both.
    if (hecho.tipo !== 'TRABAJAR' || hecho.hasta !== 'TITULAR_CONCILIADO') await this.#comparar(mundo);
  }

  async terminar(): Promise<void> {
    for (const quien of [...this.#trabajos.keys()]) await this.#matar(quien);
  }

  async #hacer(hecho: Hecho, antes: Mundo, mundo: Mundo): Promise<void> {
    switch (hecho.tipo) {
      case 'ENVIAR': {
        const { codigo } = hecho;
        const emision = await this.#registro().conciliar(codigoReal(codigo));
        const entrada = {
          ...entradaDePrueba(codigoReal(codigo)),
          generacion: mundo.abiertas[codigo]?.generacion ?? 1,
        };
        expect(emision && impedimentoPara(emision, entrada, this.#idempotente)).toBeNull();
        this.#abrir(mundo, codigo, entrada);
        return;
      }
      case 'CONCILIAR':
        await this.#registro().conciliar(codigoReal(hecho.codigo));
        return;
      case 'TERMINAR':
        return;
      case 'REINICIAR': {
        const entrada = this.#entradas.get(emisionDe(hecho.codigo, hecho.generacion));
        if (!entrada) throw new Error('a run of that generation was opened before');
        this.#abrir(mundo, hecho.codigo, entrada);
        return;
      }
      case 'ORDENAR_NUEVA': {
        const orden = { ...ORDEN, nuevaEmision: true };
        const preparada = await this.#soporte().prepararReejecucion(codigoReal(hecho.codigo), orden, null);
        if (preparada.tipo === 'IMPEDIDA') throw new Error(preparada.motivo);
        this.#abrir(mundo, hecho.codigo, { ...preparada.entrada, inicio: new Date().toISOString() });
        return;
      }
      case 'RESOLVER':
        await this.#soporte().resolver(codigoReal(hecho.codigo), { ...ORDEN, decision: hecho.decision });
        return;
      case 'TRABAJAR':
        await this.#trabajar(hecho, antes, mundo);
        return;
      case 'LLAMAR': {
        if (hecho.sabe === 'DESCONOCIDO') return;
        const { intento, enviado } = this.#enviadoPor(hecho.quien, antes);
        const referencia = referenciaDe(this.#entradaDe(intento));
        await this.#registro().aclararEnvio(referencia, enviado, intento.paso, hecho.sabe);
        return;
      }
      case 'CONSERVAR': {
        const { intento } = this.#enviadoPor(hecho.quien, antes);
        const { run, codigo, generacion, paso, trae } = intento;
        const respuesta =
          paso === 1
            ? {
                paso,
                respuesta: { ...RESPUESTA_PASO_1, solicitudPkiId: `PKI-${emisionDe(codigo, generacion)}` },
              }
            : { paso, respuesta: conjuntoReal(trae ?? '') };
        await this.#registro().conservarRespuesta(referenciaDe(this.#entradaDe(intento)), run, respuesta);
        return;
      }
      case 'MORIR':
        await this.#matar(hecho.quien);
        return;
      case 'ABANDONAR':
        return;
    }
  }

  #abrir(mundo: Mundo, codigo: Codigo, entrada: EntradaDeRun): void {
    const run = mundo.abiertas[codigo];
    if (!run) throw new Error('the model opened no run');
    this.#ultimas.set(codigo, run.id);
    this.#entradas.set(emisionDe(codigo, run.generacion), entrada);
    this.#entradas.set(run.id, entrada);
  }

  async #trabajar(hecho: Hecho & { tipo: 'TRABAJAR' }, antes: Mundo, mundo: Mundo): Promise<void> {
    const { quien, hasta } = hecho;
    const actor = actorDe(antes, quien);
    const trabajo = this.#trabajos.get(quien) ?? this.#empezar(actor);
    this.#trabajos.set(quien, trabajo);
    const { pausa } = trabajo;
    if (hasta === 'RESPUESTA') {
      pausa.oir(describir(this.#mundo, this.#ultimas, actor.codigo));
      return;
    }
    // A question that Temporal answers with another run ends it.
    if (hasta === 'FIN' && actor.pregunta) pausa.oir(describir(this.#mundo, this.#ultimas, actor.codigo));
    pausa.seguir();
    const llego = await Promise.race([
      trabajo.fin.then(
        () => 'FIN',
        () => 'FIN',
      ),
      pausa.pregunta(),
    ]);
    if (hasta === 'TITULAR_CONCILIADO') return;
    expect(llego).toBe(hasta);
    if (hasta === 'PREGUNTA') return;
    this.#trabajos.delete(quien);
    const resultado = await trabajo.fin.catch((error: unknown) => {
      if (error instanceof TurnoNegado) return null;
      throw error;
    });
    if (!('numero' in actor)) return;
    const permiso = resultado as PermisoDeEnvio | null;
    const real = permiso?.tipo === 'MARCADO' ? permiso.envio.marca : null;
    const delModelo = mundo.intentos.find(({ numero }) => numero === actor.numero)?.envio?.marca ?? null;
    expect(real !== null).toBe(delModelo !== null);
    if (real !== null && delModelo !== null) this.#marcas.set(delModelo, real);
  }

  #empezar(actor: Run | Intento): TrabajoReal {
    const pausa = new Pausa();
    const registro = this.#registro({
      codigo: codigoReal(actor.codigo),
      preguntar: () => pausa.preguntar(),
    });
    const entrada = this.#entradaDe(actor);
    const hacer = (): Promise<unknown> => {
      if ('numero' in actor)
        return registro.marcarEnvio(referenciaDe(entrada), actor.run, actor.paso, nuevaMarca(actor.run));
      if (actor.punto === 'FALLAR') return registro.fallar(entrada, actor.id, FALLO_PASO_2);
      if (actor.punto === 'REGISTRAR') return registro.registrarSolicitud(entrada, actor.id);
      const traida =
        actor.trae === null ? null : { respuesta: conjuntoReal(actor.trae), esDeEsteTrabajo: true };
      return registro.concluir(entrada, actor.id, traida, false, this.#comparador(actor.codigo));
    };
    const fin = hacer();
    // Whoever dies is not waited for.
    fin.catch(() => undefined);
    return { fin, pausa };
  }

  #comparador(codigo: Codigo): Comparar {
    return (emision, recibidos) => {
      this.#comparados.set(codigo, nombreDelConjunto(recibidos));
      return conforme()(emision, recibidos);
    };
  }

  async #matar(quien: string): Promise<void> {
    const trabajo = this.#trabajos.get(quien);
    this.#trabajos.delete(quien);
    trabajo?.pausa.morir();
    await trabajo?.fin.catch(() => undefined);
  }

  /** A run that is closed does no more, whatever it was about. */
  async #olvidarLosCerrados(antes: Mundo, mundo: Mundo): Promise<void> {
    for (const codigo of CODIGOS) {
      const run = antes.abiertas[codigo];
      if (run && mundo.abiertas[codigo]?.id !== run.id) await this.#matar(run.id);
    }
  }

  #enviadoPor(quien: string, mundo: Mundo) {
    const intento = actorDe(mundo, quien) as Intento;
    return {
      intento,
      enviado: { runId: intento.run, marca: this.#marcas.get(intento.envio?.marca ?? '') ?? null },
    };
  }

  #entradaDe(actor: Run | Intento): EntradaDeRun {
    const entrada = this.#entradas.get('numero' in actor ? actor.run : actor.id);
    if (!entrada) throw new Error('every run was opened with an input');
    return entrada;
  }

  #registro(propio?: { codigo: string; preguntar: () => Promise<Dicho> }) {
    return createRegistro(this.#dependencias(propio));
  }

  #soporte() {
    return createRegistroDeSoporte(this.#dependencias());
  }

  #dependencias(propio?: { codigo: string; preguntar: () => Promise<Dicho> }) {
    const motor: MotorEmision = {
      describir: (codigo) =>
        codigo === propio?.codigo
          ? propio.preguntar()
          : Promise.resolve(describir(this.#mundo, this.#ultimas, codigoDelModelo(codigo))),
      cerradas: () => Promise.resolve({ runIds: [], siguiente: null }),
      leerHistoria: () => Promise.resolve(null),
    };
    return {
      db: this.#prueba.db,
      claves: CLAVES,
      motor,
      guarda: GUARDA_CONFIADA,
      adaptadorIdempotente: this.#idempotente,
    };
  }

  async #comparar(mundo: Mundo): Promise<void> {
    for (const codigo of CODIGOS)
      expect(await this.#filaReal(codigo)).toEqual(this.#filaDelModelo(mundo, codigo));
    const filas = await this.#prueba.db.selectFrom('por_revocar').select(['codigo', 'generacion']).execute();
    const porRevocar = filas.map(({ codigo, generacion }) => emisionDe(codigoDelModelo(codigo), generacion));
    expect(porRevocar.sort()).toEqual([...mundo.porRevocar].sort());
  }

  async #filaReal(codigo: Codigo) {
    const emision = await this.#registro().leer(codigoReal(codigo));
    if (!emision) return null;
    const { generacion, estado, runId, pasos, resolucion, resultadoIncierto } = emision;
    const recibidos = await this.#prueba.db
      .transaction()
      .execute((tx) => leerRespuestaGuardada(tx, CLAVES, emision));
    const entregado = (await this.#registro().leerCertificados(codigoReal(codigo))).length > 0;
    return {
      ...{ generacion, estado, runId, resolucion, resultadoIncierto },
      marcas: { 1: pasos[1].envios_sin_aclarar, 2: pasos[2].envios_sin_aclarar },
      intentos: { 1: pasos[1].intentos, 2: pasos[2].intentos },
      paso1Hecho: pasos[1].estado === 'COMPLETADO',
      respuesta: resolucion === 'EMITIDO_DESCARTADO' ? null : nombreDelConjunto(recibidos?.respuesta ?? null),
      entregado: entregado ? this.#comparados.get(codigo) : null,
    };
  }

  /** What the database is to say. What a discarded generation was answered, the to-revoke list tells. */
  #filaDelModelo({ filas, entregados }: Mundo, codigo: Codigo) {
    const fila = filas[codigo];
    if (!fila) return null;
    const deVeras = (marca: string) => this.#marcas.get(marca) ?? marca;
    return {
      ...fila,
      marcas: { 1: fila.marcas[1].map(deVeras), 2: fila.marcas[2].map(deVeras) },
      resultadoIncierto: fila.estado === 'FALLIDO' && fila.marcas[2].length > 0,
      respuesta: fila.resolucion === 'EMITIDO_DESCARTADO' ? null : fila.respuesta,
      entregado: entregados[codigo],
    };
  }
}

function describir(mundo: Mundo, ultimas: ReadonlyMap<Codigo, string>, codigo: Codigo): Dicho {
  const runId = ultimas.get(codigo);
  return runId === undefined ? null : { runId, abierta: mundo.abiertas[codigo]?.id === runId };
}

function actorDe({ abiertas, intentos }: Mundo, quien: string): Run | Intento {
  const actor =
    Object.values(abiertas).find((run) => run?.id === quien) ??
    intentos.find((uno) => nombreDe(uno) === quien);
  if (!actor) throw new Error(`the model knows no ${quien}`);
  return actor;
}

/** Where a piece of work waits for what Temporal says. */
class Pausa {
  #preguntas = 0;
  #hayPregunta = Promise.withResolvers<'PREGUNTA'>();
  #respuesta = Promise.withResolvers<Dicho>();
  #oido: Dicho = null;
  #seOyo = false;

  /** What the register calls. It asks twice in its first round, of which the second question is not the model's. */
  preguntar(): Promise<Dicho> {
    this.#preguntas += 1;
    if (this.#preguntas === 2) return Promise.resolve(this.#oido);
    this.#hayPregunta.resolve('PREGUNTA');
    return this.#respuesta.promise;
  }

  pregunta(): Promise<'PREGUNTA'> {
    return this.#hayPregunta.promise;
  }

  /** Temporal says it; it arrives when the work goes on. */
  oir(dicho: Dicho): void {
    this.#oido = dicho;
    this.#seOyo = true;
  }

  seguir(): void {
    if (!this.#seOyo) return;
    this.#seOyo = false;
    this.#hayPregunta = Promise.withResolvers();
    const respuesta = this.#respuesta;
    this.#respuesta = Promise.withResolvers();
    respuesta.resolve(this.#oido);
  }

  morir(): void {
    this.#respuesta.promise.catch(() => undefined);
    this.#respuesta.reject(new Error('its process is gone'));
  }
}

const codigoReal = (codigo: Codigo): string => `SOL-${codigo}`;
const codigoDelModelo = (codigo: string): Codigo => (codigo === 'SOL-A' ? 'A' : 'B');

/** The set that the model calls by this name. */
function conjuntoReal(nombre: string): RespuestaPaso2 {
  const numeroSerie = Buffer.from(nombre).toString('hex');
  return {
    certificados: RESPUESTA_PASO_2.certificados.map((uno) => ({
      ...uno,
      numeroSerie,
      certificadoId: nombre,
    })),
  };
}

function nombreDelConjunto(respuesta: RespuestaPaso2 | null): string | null {
  return respuesta?.certificados[0]?.certificadoId ?? null;
}
