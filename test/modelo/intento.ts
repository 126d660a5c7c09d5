/** An attempt of a PKI activity (activities/emision/pki): its mark, its call, what it is told, and what may befall it. */
import {
  conFila,
  conIntento,
  conNuevoIntento,
  conRun,
  emisionDe,
  enPunto,
  nombreDe,
  SIN_DICHO,
  type Fila,
  type Hecho,
  type Intento,
  type Mundo,
  type Suceso,
} from './mundo.ts';
import type { CertezaDeRechazo } from '../../shared/registro/emision/turno/marcas.ts';
import type { Reglas } from './reglas.ts';
import { tomarTurno } from './turno.ts';

export function* delIntento(mundo: Mundo, intento: Intento, reglas: Reglas): Generator<Suceso> {
  yield* malesDe(mundo, intento);
  switch (intento.en) {
    case 'MARCAR':
      yield marcar(mundo, intento, reglas);
      return;
    case 'SALIR':
      yield* llamar(mundo, intento, reglas);
      return;
    case 'CON_RESPUESTA':
      yield {
        que: contar(intento, 'trae la respuesta'),
        hecho: { tipo: 'CONSERVAR', quien: nombreDe(intento) },
        mundo: acabar(conservar(mundo, intento, reglas), intento),
      };
  }
}

function contar({ run, paso, numero, estaAbandonado }: Intento, accion: string): string {
  return `${run} (paso ${paso}, intento ${numero}${estaAbandonado ? ', abandonado' : ''}) ${accion}`;
}

/** Its worker dies or stands still, or somebody without a key completes the activity: another attempt is made. */
function* malesDe(mundo: Mundo, intento: Intento): Generator<Suceso> {
  const quien = nombreDe(intento);
  if (intento.estaAbandonado) {
    yield {
      que: contar(intento, 'muere'),
      hecho: { tipo: 'MORIR', quien },
      mundo: conIntento(mundo, intento, null),
    };
    return;
  }
  const { quedan } = mundo;
  if (quedan.abandonos === 0) return;
  const repetido = conNuevoIntento(
    { ...mundo, quedan: { ...quedan, abandonos: quedan.abandonos - 1 } },
    intento,
  );
  yield {
    que: contar(intento, 'queda abandonado y se repite'),
    hecho: { tipo: 'ABANDONAR', quien },
    mundo: conIntento(repetido, intento, { estaAbandonado: true }),
  };
  yield {
    que: contar(intento, 'muere y se repite'),
    hecho: { tipo: 'MORIR', quien },
    mundo: conIntento(repetido, intento, null),
  };
}

function marcar(mundo: Mundo, intento: Intento, reglas: Reglas): Suceso {
  const { codigo, paso, run } = intento;
  const quien = nombreDe(intento);
  const hecho = (hasta: (Hecho & { tipo: 'TRABAJAR' })['hasta']): Hecho => ({
    tipo: 'TRABAJAR',
    quien,
    hasta,
  });
  const actor = { ...intento, runId: run, esOrden: false, traeEntrada: false, traeRespuesta: false };
  const turno = tomarTurno(mundo, actor, reglas);
  switch (turno.tipo) {
    case 'SIGUE':
      return {
        que: contar(intento, turno.hasta),
        hecho: hecho(turno.hasta),
        mundo: conIntento(turno.mundo, intento, turno.trabajo),
      };
    case 'NEGADO':
    case 'CERRADA':
      return {
        que: contar(intento, 'no obtiene el turno'),
        hecho: hecho('FIN'),
        mundo: fracasar(mundo, intento),
      };
    case 'DUENO': {
      const { fila } = turno;
      const orden = fila.intentos[paso] + 1;
      const marca = `${fila.runId}#${intento.numero}`;
      const guardada = (paso === 1 ? fila.paso1Hecho : fila.respuesta !== null) ? 'GUARDADA' : 'NINGUNA';
      const decision = reglas.decidirEnvio(paso, marca, fila.marcas[paso], guardada, mundo.idempotente);
      const suceso = (despues: Mundo): Suceso => ({
        que: contar(intento, decision.tipo),
        hecho: hecho('FIN'),
        mundo: despues,
      });
      switch (decision.tipo) {
        case 'NEGAR':
          return suceso(fracasar(mundo, intento));
        case 'DAR_LA_GUARDADA':
          return suceso(acabar(turno.mundo, { ...intento, trae: fila.respuesta }));
        case 'MARCAR_Y_ENVIAR': {
          const marcada: Fila = {
            ...fila,
            marcas: { ...fila.marcas, [paso]: decision.marcas },
            intentos: { ...fila.intentos, [paso]: orden },
          };
          const enviado = { en: 'SALIR' as const, envio: { marca, orden } };
          return suceso(conIntento(conFila(turno.mundo, codigo, marcada), intento, enviado));
        }
      }
    }
  }
}

/** The call leaves: what the PKI does, and what of that is heard. */
function* llamar(mundo: Mundo, intento: Intento, reglas: Reglas): Generator<Suceso> {
  const { codigo, generacion, paso } = intento;
  const suceso = (
    que: string,
    sabe: (Hecho & { tipo: 'LLAMAR' })['sabe'],
    despues: Mundo,
    fallas: number,
  ): Suceso => ({
    que: contar(intento, que),
    hecho: { tipo: 'LLAMAR', quien: nombreDe(intento), sabe },
    mundo: { ...despues, quedan: { ...despues.quedan, fallas: despues.quedan.fallas - fallas } },
  });
  const emision = emisionDe(codigo, generacion);
  const llave = `${emision}/${paso}`;
  const orden = intento.envio?.orden ?? 0;
  const ultimoRechazado = mundo.rechazados[llave] ?? 0;
  const rechazada = () => {
    const rechazados = { ...mundo.rechazados, [llave]: Math.max(orden, ultimoRechazado) };
    return fracasar(aclarar({ ...mundo, rechazados }, intento, 'DEFINITIVO', reglas), intento);
  };
  if (orden < ultimoRechazado) {
    yield suceso('la PKI la rechaza', 'DEFINITIVO', rechazada(), 0);
    return;
  }
  const suyos = mundo.emitidos[emision] ?? [];
  const conjunto = mundo.idempotente && suyos[0] !== undefined ? suyos[0] : `${emision}#${suyos.length + 1}`;
  const hecha: Mundo =
    paso === 1 || suyos.includes(conjunto)
      ? mundo
      : { ...mundo, emitidos: { ...mundo.emitidos, [emision]: [...suyos, conjunto] } };
  const conRespuesta = { en: 'CON_RESPUESTA' as const, trae: paso === 2 ? conjunto : null };
  yield suceso('la PKI responde', 'DESCONOCIDO', conIntento(hecha, intento, conRespuesta), 0);
  if (mundo.quedan.fallas === 0) return;
  // A deadline, a connection that broke, a gateway's page: after the work, or instead of it.
  yield suceso('la PKI hace el trabajo y no se oye', 'DESCONOCIDO', fracasar(hecha, intento), 1);
  yield suceso('nada llega a la PKI y no se sabe', 'DESCONOCIDO', fracasar(mundo, intento), 1);
  const noSalio = fracasar(aclarar(mundo, intento, 'NADA_HECHO', reglas), intento);
  yield suceso('no sale, y se sabe', 'NADA_HECHO', noSalio, 1);
  if (suyos.length === 0) yield suceso('la PKI la rechaza', 'DEFINITIVO', rechazada(), 1);
}

type Respondido = Pick<Intento, 'codigo' | 'generacion' | 'paso' | 'run' | 'trae'>;

/** The register keeps what the PKI answered, whatever became of its run (conclusion/respuesta-conservada.ts). */
export function conservar(mundo: Mundo, respondido: Respondido, reglas: Reglas): Mundo {
  const { codigo, generacion, paso, run, trae } = respondido;
  const fila = mundo.filas[codigo];
  if (fila?.generacion !== generacion || fila.estado === 'COMPLETADO') return mundo;
  if (paso === 1)
    return fila.estado === 'EN_PROCESO' && !fila.paso1Hecho
      ? conFila(mundo, codigo, { ...fila, paso1Hecho: true, marcas: { ...fila.marcas, 1: [] } })
      : mundo;
  if (fila.resolucion === 'EMITIDO_DESCARTADO') return mundo;
  if (fila.respuesta !== null && fila.respuesta !== trae) return mundo;
  const marcas = reglas.marcasTrasRespuesta(fila.marcas[2], run, mundo.idempotente);
  return conFila(mundo, codigo, { ...fila, respuesta: trae, marcas: { ...fila.marcas, 2: marcas } });
}

function aclarar(
  mundo: Mundo,
  { codigo, generacion, paso, envio }: Intento,
  certeza: CertezaDeRechazo,
  reglas: Reglas,
): Mundo {
  const fila = mundo.filas[codigo];
  if (fila?.generacion !== generacion) return mundo;
  const marcas = reglas.marcasTrasRechazo(fila.marcas[paso], envio?.marca ?? null, certeza);
  return conFila(mundo, codigo, { ...fila, marcas: { ...fila.marcas, [paso]: marcas } });
}

/** The activity is over: its run goes on, where it is still the open one and waits for this attempt. */
function acabar(mundo: Mundo, intento: Intento): Mundo {
  const { codigo, paso, trae } = intento;
  const sinEl = conIntento(mundo, intento, null);
  if (!leEspera(mundo, intento)) return sinEl;
  if (paso === 2) return conRun(sinEl, codigo, { punto: 'CONCLUIR', trae, pregunta: null, dicho: SIN_DICHO });
  return enPunto(sinEl, codigo, mundo.filas[codigo]?.paso1Hecho ? 'PASO_2' : 'FALLAR');
}

/** It failed for good: what Temporal tries again is a new attempt, as of one that died. */
function fracasar(mundo: Mundo, intento: Intento): Mundo {
  const sinEl = conIntento(mundo, intento, null);
  return leEspera(mundo, intento) ? enPunto(sinEl, intento.codigo, 'FALLAR') : sinEl;
}

function leEspera(mundo: Mundo, { estaAbandonado, run, codigo }: Intento): boolean {
  return !estaAbandonado && mundo.abiertas[codigo]?.id === run;
}
