/**
 * Every state that the model can come to within bounds is visited, and the guarantee holds in each. And the model is no
 * blinder than a reviewer: each fault that is put into a decision on purpose is found.
 */
import { decidirTurno } from '../../shared/registro/emision/turno/decision.ts';
import { decidirEnvio, marcasTrasRechazo } from '../../shared/registro/emision/turno/marcas.ts';
import { explorar, type Limites } from './explorar.ts';
import { REGLAS, type Reglas } from './reglas.ts';

/** modelo.long.test.ts goes farther. */
const LIMITES: Limites[] = [
  { quedan: { runs: 2, abandonos: 1, actos: 1, fallas: 1 }, estadosMax: 500_000 },
  { quedan: { runs: 3, abandonos: 0, actos: 1, fallas: 1 }, estadosMax: 500_000 },
];
const ADAPTADORES = [
  { idempotente: true, adaptador: 'an adapter that repeats its answers' },
  { idempotente: false, adaptador: 'one that does not' },
];

describe.each(ADAPTADORES)('with $adaptador', ({ idempotente }) => {
  it.each(LIMITES)('the guarantee holds in every state within %j', (limites) => {
    const { estaCompleta, falta, estados } = explorar(idempotente, limites);

    expect(falta).toBeNull();
    expect(estaCompleta).toBe(true);
    expect(estados).toBeGreaterThan(30_000);
  });
});

/** What each fault needs to show itself: by default little. */
interface Falla {
  falla: string;
  idempotente: boolean;
  reglas: Partial<Reglas>;
  quedan?: Limites['quedan'];
  seVe: RegExp;
}
const FALLAS: Falla[] = [
  {
    falla: 'a run takes the turn without asking Temporal which one is open',
    idempotente: false,
    reglas: {
      decidirTurno: (fila, pretendido, dicho, esIdempotente) =>
        decidirTurno(fila, pretendido, { ...dicho, reemplazable: fila?.runId ?? null }, esIdempotente),
    },
    seVe: /^turn/,
  },
  {
    falla: 'a send leaves without its mark',
    idempotente: true,
    reglas: {
      decidirEnvio: (paso, marca, marcas, ...resto) => {
        const decision = decidirEnvio(paso, marca, marcas, ...resto);
        return decision.tipo === 'MARCAR_Y_ENVIAR' ? { ...decision, marcas } : decision;
      },
    },
    seVe: /^lost/,
  },
  {
    falla: 'step 2 is sent again to an adapter that does not repeat its answers',
    idempotente: false,
    reglas: {
      decidirEnvio: (paso, marca, marcas, respuesta) => decidirEnvio(paso, marca, marcas, respuesta, true),
    },
    seVe: /^doubled/,
  },
  {
    falla: 'a refusal settles what was sent after it',
    idempotente: true,
    reglas: {
      marcasTrasRechazo: (marcas, marca, certeza) =>
        certeza === 'DEFINITIVO' ? [] : marcasTrasRechazo(marcas, marca, certeza),
    },
    seVe: /^(lost|lock)/,
  },
  {
    falla: 'a send that did not leave settles those that did',
    idempotente: true,
    reglas: { marcasTrasRechazo: () => [] },
    seVe: /^(lost|lock)/,
  },
  {
    falla: 'an issuance of unknown outcome frees the citizen',
    idempotente: true,
    reglas: { esIncierta: () => false },
    seVe: /^lock/,
  },
  {
    falla: 'what support discarded runs again under its old generation',
    idempotente: true,
    reglas: {
      decidirTurno: (fila, ...resto) => decidirTurno(fila && { ...fila, resolucion: null }, ...resto),
      impedimentoParaEjecutarDeNuevo: (fila, ...resto) =>
        REGLAS.impedimentoParaEjecutarDeNuevo({ ...fila, resolucion: null }, ...resto),
    },
    quedan: { runs: 2, abandonos: 0, actos: 2, fallas: 0 },
    seVe: /^released/,
  },
  {
    falla: 'a run of a generation that was given up goes on',
    idempotente: true,
    reglas: {
      decidirTurno: (fila, pretendido, ...resto) =>
        decidirTurno(fila && { ...fila, generacion: pretendido.generacion }, pretendido, ...resto),
    },
    quedan: { runs: 3, abandonos: 0, actos: 2, fallas: 1 },
    seVe: /^released/,
  },
];

const POCO = { runs: 2, abandonos: 1, actos: 1, fallas: 1 };

it.each(FALLAS)(
  'it does not where $falla, and the shortest way there is told',
  ({ idempotente, reglas, quedan = POCO, seVe }) => {
    const { falta, profundidad } = explorar(
      idempotente,
      { quedan, estadosMax: 500_000 },
      { ...REGLAS, ...reglas },
    );

    expect(falta?.faltas.join('\n')).toMatch(seVe);
    expect(falta?.camino.length).toBe(profundidad);
  },
);
