/** The story of a request: what the audit log and the logs say of each issuance that it led to, in order. */
import { codigoDe } from '../../shared/emision/contrato.ts';
import type { Evento } from '../../shared/emision/soporte.ts';
import { textoLegible } from '../../shared/nucleo/texto.ts';
import type { LogLine } from './log-lines.ts';
import type { Answer, Followed } from './register.ts';

interface Entry {
  /** ISO 8601 UTC. */
  when: string;
  who: string;
  what: string;
}

const EVENTS: Partial<Record<string, string>> = {
  SOLICITUD_ACEPTADA: 'se aceptó la solicitud',
  SOLICITUD_REABIERTA: 'se envió de nuevo y sigue donde quedó',
  SOLICITUD_REEJECUTADA: 'soporte la ejecutó de nuevo',
  NUEVA_EMISION: 'soporte ordenó una nueva emisión',
  TURNO_TRASPASADO: 'la tomó otra ejecución',
  NUMEROS_GENERADOS: 'la PKI generó números y claves (paso 1)',
  EMISION_COMPLETADA: 'se emitieron los certificados',
  EMISION_FALLIDA: 'falló',
  RESULTADO_ACLARADO: 'se aclaró lo que era incierto',
  RESULTADO_RESUELTO: 'soporte resolvió lo que era incierto',
  RESPUESTA_TARDIA: 'la PKI respondió tarde',
  DATOS_RETIRADOS: 'se retiraron los datos personales',
  EMISION_RECONSTRUIDA: 'se reconstruyó de lo que guardaba Temporal',
} satisfies Record<Evento, string>;

/** The activities of the two steps. */
const CALLS: ReadonlySet<string> = new Set(['generarNumerosSolicitud', 'generarCertificadoDigitalDniE']);

const CIRCUIT: Partial<Record<string, string>> = {
  ABIERTO: 'abierto, no se le envía nada',
  A_PRUEBA: 'a prueba, de a una llamada',
  CERRADO: 'cerrado, se le envía todo',
};

const LONGEST_WORDS = 500;

/** A terminal does what it is written: of others' words none begins a line of its own, and none is a command. */
export function legible(words: string): string {
  return textoLegible(words, LONGEST_WORDS);
}

/**
 * @param answer of the register; null where it could not be asked
 * @param lines of all logs; those of other work are left out
 * @returns null where nothing is known of it
 */
export function storyOf(
  correlationId: string,
  answer: Answer | null,
  lines: readonly LogLine[],
): string[] | null {
  const followed = answer?.followed ?? [];
  const codigos = new Set(followed.map(({ solicitud }) => solicitud.codigoSolicitudTramite));
  const isOfRequest = (line: LogLine) => line.correlationId?.toLowerCase() === correlationId.toLowerCase();
  const ofCodigo = (codigo: string) => lines.filter((line) => codigoOf(line) === codigo);
  // The register may not be there, or may not have heard of it: the lines themselves name the codigo.
  const named = lines.filter(isOfRequest).flatMap((line) => codigoOf(line) ?? []);
  const onlyLogged = [...new Set(named)].filter((codigo) => !codigos.has(codigo));
  const others = lines.filter((line) => isOfRequest(line) && codigoOf(line) === null);

  const parts = [
    ...followed.map((one) => [
      titleOf(one),
      ...inOrder([...factsOf(one), ...ofCodigo(one.solicitud.codigoSolicitudTramite).map(entryOf)]),
    ]),
    ...onlyLogged.map((codigo) => [
      `${legible(codigo)}: ${answer?.isWhole ? 'el registro no dice nada de ella por esta correlación' : 'sólo por los logs; la API no la mostró (no respondió, son más de las que muestra, o el token no las lee todas)'}`,
      ...inOrder(ofCodigo(codigo).map(entryOf)),
    ]),
    ...(others.length > 0 ? [['Sin código', ...inOrder(others.map(entryOf))]] : []),
  ];
  if (parts.length === 0) return null;
  return parts.flatMap((part, i) => (i === 0 ? part : ['', ...part]));
}

export function nothingKnown(correlationId: string, answer: Answer | null): string {
  return `Nada consta de ${correlationId} en ${answer ? 'el registro ni en ' : ''}los logs leídos. Una petición rechazada sólo está en el log de la API.`;
}

/** Whether it can be part of any story. */
export function isOfSomeWork(line: LogLine): boolean {
  return line.correlationId !== undefined || codigoOf(line) !== null;
}

function codigoOf({ codigoSolicitudTramite, workflowId = '' }: LogLine): string | null {
  return codigoSolicitudTramite ?? codigoDe(workflowId);
}

function titleOf({ solicitud, pendiente }: Followed): string {
  const { codigoSolicitudTramite, estado, oficina, tipoError, titulo, resultadoIncierto } = solicitud;
  const why = tipoError === null ? '' : `: ${tipoError}, «${titulo ?? ''}»`;
  return legible(
    `${codigoSolicitudTramite} (${oficina}) ${estado}${why}${resultadoIncierto ? ', resultado incierto' : ''}${waitOf(pendiente)}`,
  );
}

function waitOf(pendiente: Followed['pendiente']): string {
  if (!pendiente) return '';
  const { paso, ultimoFallo, proximoIntento, retenida } = pendiente;
  return [
    `: espera el paso ${paso}`,
    ...(ultimoFallo ? [`su último intento falló por ${ultimoFallo.tipo}`] : []),
    ...(retenida ? ['la PKI falla repetidamente'] : []),
    ...(proximoIntento === null ? [] : [`el próximo es hacia ${proximoIntento}`]),
  ].join(', ');
}

function factsOf({ hechos }: Followed): Entry[] {
  return hechos.map(({ momento, evento, tipoError, titulo, correlationId }) => ({
    when: momento,
    who: 'bitácora',
    what: [
      EVENTS[evento] ?? evento,
      ...(tipoError === null ? [] : [`${tipoError}, «${titulo ?? ''}»`]),
      ...(correlationId === null ? [] : [`por la petición ${correlationId}`]),
    ].join(' · '),
  }));
}

function entryOf(line: LogLine): Entry {
  return { when: line.time, who: line.name, what: wordsOf(line) };
}

/** Of a line by its words; one that is not known here is told as it is written. Empty for what another line tells better. */
function wordsOf(line: LogLine): string {
  const said = (name: string) => {
    const value = line[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  switch (line.msg) {
    case 'request':
      return `${said('method')} ${said('route')} → ${said('status')} en ${said('ms')} ms, de ${said('cliente')} · correlación ${line.correlationId ?? ''}`;
    case 'the PKI was called':
      return `paso ${said('paso')}, intento ${line.attempt ?? 1}: ${said('resultado')} en ${said('ms')} ms`;
    // Each attempt at the PKI has its own line, above.
    case 'Activity failed':
      return CALLS.has(said('activityType'))
        ? ''
        : `${said('activityType')}, intento ${line.attempt ?? 1}: falló, ${line.err?.message ?? ''}`;
    case 'the circuit of a PKI endpoint changed':
      return `el circuito del paso ${said('paso')} de la PKI: ${CIRCUIT[said('estado')] ?? said('estado')}`;
    case 'the issuance ended':
      return `terminó: ${said('estado')}${said('tipo') === 'NINGUNO' ? '' : ` (${said('tipo')})`} a los ${said('ms')} ms`;
    default:
      return [line.msg, line.err?.message].filter(Boolean).join(': ');
  }
}

function inOrder(entries: readonly Entry[]): string[] {
  return entries
    .filter(({ what }) => what !== '')
    .sort((a, b) => Date.parse(a.when) - Date.parse(b.when))
    .map(
      ({ when, who, what }) => `  ${legible(when).padEnd(24)}  ${legible(who).padEnd(9)}  ${legible(what)}`,
    );
}
