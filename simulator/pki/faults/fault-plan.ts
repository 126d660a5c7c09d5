/**
 * A hostile PKI: a share of each step's calls meets a fault. Which call meets which is drawn from the seed, the codigo,
 * the step and the number of the call, so that a run repeats itself however its calls are ordered in time.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { CERTIFICATE_FAULTS, DELIVERIES, type Behaviour, type BehaviourOf, type Call } from './behaviour.ts';
import {
  GATEWAY_ACTS,
  GATEWAY_MOMENTS,
  type GatewayAct,
  type GatewayFault,
  type GatewayMoment,
} from './gateway.ts';

/** Every fault by its name. A certificate fault strikes step 2 only. */
export const FAULTS = {
  DEMORA: { delayBeforeMs: 1_000 },
  RESPUESTA_TARDIA: { delayAfterMs: 12_000 },
  OCUPADA: { delayAfterMs: 2_000, conflictsWhenBusy: true },
  HTTP_500: { outage: 'ERROR_INTERNO' },
  HTTP_502: { outage: 'AUTORIDAD_NO_RESPONDE' },
  HTTP_503: { outage: 'SERVICIO_NO_DISPONIBLE' },
  HTTP_504: { outage: 'AUTORIDAD_LENTA' },
  HTTP_429: { outage: 'LIMITE_EXCEDIDO' },
  HTTP_400: { outage: 'VALIDACION' },
  HTTP_401: { outage: 'TOKEN_INVALIDO' },
  HTTP_403: { outage: 'SIN_PERMISOS' },
  HTTP_408: { outage: 'TIEMPO_AGOTADO' },
  ...gatewayFaults(),
  ...byName(DELIVERIES, (delivery) => ({ delivery })),
  ...byName(CERTIFICATE_FAULTS, (certificateFault) => ({ certificateFault })),
} as const satisfies Record<string, Behaviour>;
export type FaultName = keyof typeof FAULTS;

const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];

const rates = z
  .partialRecord(z.enum(FAULT_NAMES), z.number().min(0).max(1))
  .default({})
  .refine((shares) => sum(Object.values(shares)) <= 1, 'the shares of a step add up to more than 1');

const faultPlan = z.strictObject({ paso1: rates, paso2: rates });
export type FaultPlan = z.infer<typeof faultPlan>;

/** What passes with time and what loses answers, at rates that no healthy server has. Wrong certificates are asked for by name. */
const TRANSIENT_SHARES: FaultPlan['paso1'] = {
  DEMORA: 0.05,
  OCUPADA: 0.02,
  HTTP_500: 0.04,
  HTTP_502: 0.01,
  HTTP_503: 0.04,
  HTTP_429: 0.03,
  PASARELA_404_ANTES: 0.01,
  PASARELA_404_DESPUES: 0.01,
  PASARELA_502_DESPUES: 0.01,
  PASARELA_503_MIENTRAS: 0.01,
  PASARELA_504_MIENTRAS: 0.01,
  PASARELA_UPSTREAM_DESPUES: 0.01,
  PASARELA_CORTE_MIENTRAS: 0.01,
  PERDIDA: 0.03,
  CORTADA: 0.03,
  TRUNCADA: 0.02,
  BASURA: 0.02,
  OTRO_ESQUEMA: 0.01,
  ENORME: 0.01,
};

const PROFILES = {
  hostil: { paso1: TRANSIENT_SHARES, paso2: TRANSIENT_SHARES },
} as const satisfies Record<string, FaultPlan>;

/**
 * @param text a profile's name, or JSON: {"paso1": {"HTTP_500": 0.1}, "paso2": {"PERDIDA": 0.2}}
 * @throws Error that names what is wrong with it
 */
export function readFaultPlan(text: string): FaultPlan {
  if (Object.hasOwn(PROFILES, text)) return PROFILES[text as keyof typeof PROFILES];
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Error(`"${text}" is neither a profile (${Object.keys(PROFILES).join(', ')}) nor JSON`, {
      cause,
    });
  }
  const plan = faultPlan.safeParse(json);
  if (plan.success) return plan.data;
  throw new Error(plan.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

export function createFaultPlan(plan: FaultPlan, seed: string): BehaviourOf {
  return (call) => {
    let chance = draw(seed, call);
    for (const [name, share = 0] of Object.entries(plan[`paso${call.paso}`]) as [FaultName, number?][]) {
      if (chance < share) return FAULTS[name];
      chance -= share;
    }
    return {};
  };
}

/** In [0, 1). */
function draw(seed: string, { codigoSolicitudTramite, paso, numeroLlamada }: Call): number {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, codigoSolicitudTramite, paso, numeroLlamada]))
    .digest();
  return digest.readUInt32BE() / 2 ** 32;
}

/** PASARELA_404_ANTES, and so on: each act of a gateway at each moment. */
function gatewayFaults() {
  return Object.fromEntries(
    GATEWAY_ACTS.flatMap((act) =>
      GATEWAY_MOMENTS.map((when) => [`PASARELA_${act}_${when}`, { gateway: { act, when } }]),
    ),
  ) as Record<`PASARELA_${GatewayAct}_${GatewayMoment}`, { gateway: GatewayFault }>;
}

function byName<const N extends string, B>(names: readonly N[], behaviour: (name: N) => B): Record<N, B> {
  return Object.fromEntries(names.map((name) => [name, behaviour(name)])) as Record<N, B>;
}

function sum(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((total, value = 0) => total + value, 0);
}
