/**
 * The sandbox: documents (DNI) that always meet the same outcome, so that whoever integrates SIIRC can try every
 * code with curl. docs/sandbox.md shows this table and a test keeps both equal. Any other well-formed document
 * is a citizen. The number reads 9999, the step that it strikes (0: both) and the code that the API ends with.
 */
import type { Behaviour, BehaviourOf, Call } from './behaviour.ts';

export interface SandboxTimes {
  /** Wait of a slow step: below the orchestrator's PKI_TIMEOUT_MS. */
  slowMs: number;
  /** Wait of an answer that comes too late: beyond PKI_TIMEOUT_MS. */
  lateMs: number;
}

export interface SandboxDocument {
  numeroDocumento: string;
  /** What MsAdaptadorPKI does. */
  adapter: string;
  /** What the API answers with its default times. */
  api: string;
  behaviour: (call: Call, times: SandboxTimes) => Behaviour;
}

const CALLS_DOWN = 2;
/** With PKI_TIMEOUT_MS of 10 s, three late calls outlast the 25 s that the API waits. */
const CALLS_LATE = 3;

export const SANDBOX: readonly SandboxDocument[] = [
  {
    numeroDocumento: '99991404',
    adapter: 'step 1 answers 404: unknown citizen',
    api: '404 CIUDADANO_NO_ENCONTRADO',
    behaviour: inStep(1, { refusal: 'CIUDADANO_NO_ENCONTRADO' }),
  },
  {
    numeroDocumento: '99992404',
    adapter: 'step 2 answers 404: unknown citizen',
    api: '404 CIUDADANO_NO_ENCONTRADO',
    behaviour: inStep(2, { refusal: 'CIUDADANO_NO_ENCONTRADO' }),
  },
  {
    numeroDocumento: '99991201',
    adapter: 'step 1 answers 404 to its first call, then knows the citizen',
    api: '404 CIUDADANO_NO_ENCONTRADO, then 201 when it is run again',
    behaviour: ({ paso, numeroLlamada }) =>
      paso === 1 && numeroLlamada === 1 ? { refusal: 'CIUDADANO_NO_ENCONTRADO' } : {},
  },
  {
    numeroDocumento: '99991422',
    adapter: 'step 1 answers 422: the citizen does not meet the requirements',
    api: '422 CIUDADANO_NO_CUMPLE_REQUISITOS',
    behaviour: inStep(1, { refusal: 'CIUDADANO_NO_CUMPLE_REQUISITOS' }),
  },
  {
    numeroDocumento: '99992422',
    adapter: 'step 2 answers 422: the citizen does not meet the requirements',
    api: '422 CIUDADANO_NO_CUMPLE_REQUISITOS',
    behaviour: inStep(2, { refusal: 'CIUDADANO_NO_CUMPLE_REQUISITOS' }),
  },
  {
    numeroDocumento: '99990201',
    adapter: 'each step takes 3 s',
    api: '201 after some 6 s',
    behaviour: (_call, { slowMs }) => ({ delayBeforeMs: slowMs }),
  },
  {
    numeroDocumento: '99990503',
    adapter: 'the first two calls of each step answer 503, then it recovers',
    api: '201 after the retries',
    behaviour: ({ numeroLlamada }) =>
      numeroLlamada <= CALLS_DOWN ? { outage: 'SERVICIO_NO_DISPONIBLE' } : {},
  },
  {
    numeroDocumento: '99991503',
    adapter: 'step 1 always answers 503',
    api: '503 PKI_NO_DISPONIBLE while EN_PROCESO, then FALLIDO',
    behaviour: inStep(1, { outage: 'SERVICIO_NO_DISPONIBLE' }),
  },
  {
    numeroDocumento: '99992503',
    adapter: 'step 2 always answers 503',
    api: '503 PKI_NO_DISPONIBLE while EN_PROCESO, then FALLIDO',
    behaviour: inStep(2, { outage: 'SERVICIO_NO_DISPONIBLE' }),
  },
  {
    numeroDocumento: '99991500',
    adapter: 'step 1 always answers 500',
    api: '502 ADAPTADOR_NO_DISPONIBLE while EN_PROCESO, then FALLIDO',
    behaviour: inStep(1, { outage: 'ERROR_INTERNO' }),
  },
  {
    numeroDocumento: '99992500',
    adapter: 'step 2 always answers 500, having issued nothing',
    api: '502 ADAPTADOR_NO_DISPONIBLE while EN_PROCESO, then FALLIDO and uncertain',
    behaviour: inStep(2, { outage: 'ERROR_INTERNO' }),
  },
  {
    numeroDocumento: '99991504',
    adapter: 'step 1 does its work, but answers its first three calls after 12 s',
    api: '504 TIEMPO_PKI_AGOTADO while EN_PROCESO, then COMPLETADO',
    behaviour: ({ paso, numeroLlamada }, { lateMs }) =>
      paso === 1 && numeroLlamada <= CALLS_LATE ? { delayAfterMs: lateMs } : {},
  },
  {
    numeroDocumento: '99992504',
    adapter: 'step 2 does its work, but always answers after 12 s',
    api: '504 TIEMPO_PKI_AGOTADO while EN_PROCESO, then FALLIDO and uncertain',
    behaviour: (call, { lateMs }) => inStep(2, { delayAfterMs: lateMs })(call),
  },
  {
    numeroDocumento: '99992502',
    adapter: 'step 2 issues the certificates of another citizen',
    api: '502 CERTIFICADO_NO_CONFORME',
    behaviour: inStep(2, { certificateFault: 'OTRO_CIUDADANO' }),
  },
];

/** @param others what the calls of all other documents meet; nothing where absent */
export function createSandbox(times: SandboxTimes, others: BehaviourOf = () => ({})): BehaviourOf {
  const documents = new Map(SANDBOX.map((document) => [document.numeroDocumento, document]));
  return (call) => {
    const document = call.tipoDocumento === 'DNI' ? documents.get(call.numeroDocumento) : undefined;
    return document ? document.behaviour(call, times) : others(call);
  };
}

function inStep(paso: Call['paso'], behaviour: Behaviour): (call: Call) => Behaviour {
  return (call) => (call.paso === paso ? behaviour : {});
}
