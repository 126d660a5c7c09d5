/**
 * The table of who may act. Each row says what must hold (what it does not name may be anything) and what is decided; every
 * combination there is must be of exactly one row.
 */
import type { TipoFallo } from '../../../../../shared/emision/fallos.ts';
import {
  decidirTurno,
  type DecisionDeTurno,
  type FilaDelCodigo,
  type PretendidoPorRun,
} from '../../../../../shared/registro/emision/turno/decision.ts';

const VALORES = {
  fila: ['NO_HAY', 'HAY'],
  generacion: ['ANTERIOR', 'LA_MISMA', 'SIGUIENTE'],
  estado: ['EN_PROCESO', 'COMPLETADO', 'FALLIDO'],
  dueno: ['ES_ELLA', 'DEJO_SU_LUGAR', 'ES_OTRA'],
  estaAlDia: [true, false],
  traeEntrada: [true, false],
  /** From what the row holds: nothing, or in what. */
  cambio: ['NINGUNO', 'CIUDADANO', 'CIUDADANO_Y_DOCUMENTO', 'LO_DEMAS'],
  tienePeticion: [true, false],
  /** Of the row's: nobody is named by it, by the row, or both name one. */
  cliente: ['SIN_NOMBRAR', 'SIN_NOMBRAR_EN_LA_FILA', 'EL_MISMO', 'OTRO'],
  esOrden: [true, false],
  traeRespuesta: [true, false],
  estaSinAclarar: [true, false],
  paso1SinRastro: [true, false],
  resolucion: [null, 'NO_EMITIDO', 'EMITIDO_DESCARTADO'],
  adaptadorIdempotente: [true, false],
} as const;

type Valores = typeof VALORES;
type Dimension = keyof Valores;
type Caso = { [D in Dimension]: Valores[D][number] };
/** Of each dimension, the values that the row is about. */
type Condicion = { [D in Dimension]?: readonly Valores[D][number][] };
type Esperado = Exclude<DecisionDeTurno['tipo'], 'NEGAR'> | Negado;
/** The failure, and what of its reason tells it from every other. */
type Negado = readonly [TipoFallo, RegExp];

const SIN_FILA: Condicion = { fila: ['NO_HAY'] };
const VIVA: Condicion = { fila: ['HAY'], generacion: ['LA_MISMA', 'SIGUIENTE'] };
/** The owner left its place to this run, and the outcome is open or a failure. */
const EN_SU_LUGAR: Condicion = { ...VIVA, dueno: ['DEJO_SU_LUGAR'], estado: ['EN_PROCESO', 'FALLIDO'] };
const NUEVA: Condicion = { ...EN_SU_LUGAR, generacion: ['SIGUIENTE'], traeEntrada: [true] };
const SIGUE: Condicion = { ...EN_SU_LUGAR, generacion: ['LA_MISMA'] };
const LA_MISMA: Condicion = { cambio: ['NINGUNO'] };
const CORREGIDA: Condicion = { cambio: ['CIUDADANO', 'CIUDADANO_Y_DOCUMENTO', 'LO_DEMAS'] };
const FALLIDA_LA_MISMA: Condicion = { ...SIGUE, ...LA_MISMA, estado: ['FALLIDO'] };
const DE_SU_CLIENTE: Condicion = { cliente: ['SIN_NOMBRAR', 'SIN_NOMBRAR_EN_LA_FILA', 'EL_MISMO'] };
/** A request of its own, not support's order, that says something else than the row. */
const CORRIGE: Condicion = {
  ...SIGUE,
  ...CORREGIDA,
  ...DE_SU_CLIENTE,
  traeEntrada: [true],
  esOrden: [false],
};
const CLARA: Condicion = { estaSinAclarar: [false] };
const ADMITIDA: readonly Condicion[] = [
  { ...CORRIGE, ...CLARA, tienePeticion: [true], cambio: ['CIUDADANO'] },
  {
    ...CORRIGE,
    ...CLARA,
    tienePeticion: [true],
    cambio: ['CIUDADANO_Y_DOCUMENTO'],
    paso1SinRastro: [true],
  },
];
/** What goes on with the row's own request may do so: by an input of its client, or without one where the data are there. */
const PUEDE_LA_MISMA: readonly Condicion[] = [
  { ...FALLIDA_LA_MISMA, ...DE_SU_CLIENTE, traeEntrada: [true] },
  { ...FALLIDA_LA_MISMA, traeEntrada: [false], tienePeticion: [true] },
];
const REPETIBLE: readonly Condicion[] = [
  { adaptadorIdempotente: [true] },
  { adaptadorIdempotente: [false], traeRespuesta: [true] },
];
const NO_DESCARTADA: Condicion = { resolucion: [null, 'NO_EMITIDO'] };

const TABLA: readonly (readonly [string, Esperado, readonly Condicion[]])[] = [
  [
    'no row, and nothing to make it of',
    ['TURNO_PERDIDO', /no conoce esta solicitud/],
    [{ ...SIN_FILA, traeEntrada: [false] }],
  ],
  [
    'no row: it was never there, or an idempotent adapter repeats what the first generation did',
    'REGISTRAR',
    [
      { ...SIN_FILA, traeEntrada: [true], estaAlDia: [true] },
      {
        ...SIN_FILA,
        traeEntrada: [true],
        estaAlDia: [false],
        adaptadorIdempotente: [true],
        generacion: ['LA_MISMA'],
      },
    ],
  ],
  [
    'no row: it may have been lost',
    'PREGUNTAR_A_TEMPORAL',
    [
      { ...SIN_FILA, traeEntrada: [true], estaAlDia: [false], adaptadorIdempotente: [false] },
      {
        ...SIN_FILA,
        traeEntrada: [true],
        estaAlDia: [false],
        adaptadorIdempotente: [true],
        generacion: ['ANTERIOR', 'SIGUIENTE'],
      },
    ],
  ],
  [
    'a generation that was given up',
    ['TURNO_PERDIDO', /pasó a una nueva emisión/],
    [{ fila: ['HAY'], generacion: ['ANTERIOR'] }],
  ],
  ['a completed issuance', 'ESTA_CERRADA', [{ ...VIVA, estado: ['COMPLETADO'] }]],
  ['its own, under way', 'ES_SUYO', [{ ...VIVA, estado: ['EN_PROCESO'], dueno: ['ES_ELLA'] }]],
  ['its own, failed', 'ESTA_CERRADA', [{ ...VIVA, estado: ['FALLIDO'], dueno: ['ES_ELLA'] }]],
  [
    'another run owns it',
    'PREGUNTAR_A_TEMPORAL',
    [{ ...VIVA, estado: ['EN_PROCESO', 'FALLIDO'], dueno: ['ES_OTRA'] }],
  ],
  [
    'a run without an input, of other work than the row holds',
    ['TURNO_PERDIDO', /fue corregida después de esta ejecución/],
    [
      { ...EN_SU_LUGAR, traeEntrada: [false], generacion: ['SIGUIENTE'] },
      { ...SIGUE, traeEntrada: [false], ...CORREGIDA },
    ],
  ],
  ['the same work under way', 'TRASPASAR', [{ ...SIGUE, ...LA_MISMA, estado: ['EN_PROCESO'] }]],

  [
    'a new issuance that support did not order',
    ['TURNO_PERDIDO', /soporte no ha ordenado/],
    [{ ...NUEVA, esOrden: [false] }],
  ],
  [
    'a new issuance of a request that was corrected since',
    ['SOLICITUD_NO_REEJECUTABLE', /corregida después de esta orden/],
    [{ ...NUEVA, esOrden: [true], ...CORREGIDA }],
  ],
  [
    'a new issuance while the one before is uncertain',
    ['SOLICITUD_NO_REEJECUTABLE', /antes de ordenar una nueva emisión/],
    [{ ...NUEVA, esOrden: [true], ...LA_MISMA, estaSinAclarar: [true] }],
  ],
  ['a new issuance', 'REABRIR', [{ ...NUEVA, esOrden: [true], ...LA_MISMA, ...CLARA }]],

  [
    'the data are gone, and it brings none',
    ['SOLICITUD_NO_REEJECUTABLE', /Los datos de la solicitud se retiraron/],
    [{ ...FALLIDA_LA_MISMA, traeEntrada: [false], tienePeticion: [false] }],
  ],
  [
    'another client sends it',
    ['CODIGO_REUTILIZADO', /envió otro cliente/],
    [
      { ...FALLIDA_LA_MISMA, traeEntrada: [true], cliente: ['OTRO'] },
      { ...SIGUE, ...CORREGIDA, traeEntrada: [true], cliente: ['OTRO'] },
    ],
  ],
  [
    'an order of a request that was corrected since',
    ['SOLICITUD_NO_REEJECUTABLE', /corregida después de esta orden/],
    [{ ...SIGUE, ...CORREGIDA, ...DE_SU_CLIENTE, traeEntrada: [true], esOrden: [true] }],
  ],
  [
    'a correction of what is uncertain',
    ['CODIGO_REUTILIZADO', /incierto: hasta aclararlo/],
    [{ ...CORRIGE, estaSinAclarar: [true] }],
  ],
  [
    'a correction with nothing to compare it with',
    ['CODIGO_REUTILIZADO', /cuyos datos ya se retiraron/],
    [{ ...CORRIGE, ...CLARA, tienePeticion: [false] }],
  ],
  [
    'a correction of more than the citizen and the document',
    ['CODIGO_REUTILIZADO', /datos del ciudadano y su documento/],
    [{ ...CORRIGE, ...CLARA, tienePeticion: [true], cambio: ['LO_DEMAS'], paso1SinRastro: [true] }],
  ],
  [
    'a correction of more than the citizen, once step 1 left a trace',
    ['CODIGO_REUTILIZADO', /corregirse los datos del ciudadano\.$/],
    [
      {
        ...CORRIGE,
        ...CLARA,
        tienePeticion: [true],
        cambio: ['LO_DEMAS', 'CIUDADANO_Y_DOCUMENTO'],
        paso1SinRastro: [false],
      },
    ],
  ],
  [
    'uncertain, and nobody can repeat it',
    ['SOLICITUD_NO_REEJECUTABLE', /no admite repetir la emisión/],
    PUEDE_LA_MISMA.map((una) => ({
      ...una,
      estaSinAclarar: [true],
      adaptadorIdempotente: [false],
      traeRespuesta: [false],
    })),
  ],
  [
    'uncertain, and a repetition or the answer settles it',
    'REABRIR',
    PUEDE_LA_MISMA.flatMap((una) => REPETIBLE.map((otra) => ({ ...una, ...otra, estaSinAclarar: [true] }))),
  ],
  [
    'what support discarded',
    ['SOLICITUD_NO_REEJECUTABLE', /Soporte descartó/],
    [
      ...PUEDE_LA_MISMA.map((una) => ({ ...una, ...CLARA, resolucion: ['EMITIDO_DESCARTADO'] as const })),
      ...ADMITIDA.map((una) => ({ ...una, resolucion: ['EMITIDO_DESCARTADO'] as const })),
    ],
  ],
  [
    'a failed one runs again, as it was or corrected',
    'REABRIR',
    [
      ...PUEDE_LA_MISMA.map((una) => ({ ...una, ...CLARA, ...NO_DESCARTADA })),
      ...ADMITIDA.map((una) => ({ ...una, ...NO_DESCARTADA })),
    ],
  ],
];

const DIMENSIONES = Object.keys(VALORES) as Dimension[];

function* todosLosCasos(): Generator<Caso> {
  const cuantos = DIMENSIONES.reduce((producto, dimension) => producto * VALORES[dimension].length, 1);
  for (let numero = 0; numero < cuantos; numero++) {
    let resto = numero;
    const caso: Partial<Record<Dimension, unknown>> = {};
    for (const dimension of DIMENSIONES) {
      const valores = VALORES[dimension];
      caso[dimension] = valores[resto % valores.length];
      resto = Math.floor(resto / valores.length);
    }
    yield caso as Caso;
  }
}

function cumple(caso: Caso, condicion: Condicion): boolean {
  for (const dimension in condicion) {
    const valores: readonly unknown[] = condicion[dimension as Dimension] ?? [];
    if (!valores.includes(caso[dimension as Dimension])) return false;
  }
  return true;
}

const PROPIA = 'run-propia';
const DE = { NO_HAY: 1, ANTERIOR: 1, LA_MISMA: 2, SIGUIENTE: 3 };
const CLIENTE = {
  SIN_NOMBRAR: null,
  SIN_NOMBRAR_EN_LA_FILA: 'cliente',
  EL_MISMO: 'cliente',
  OTRO: 'otro',
};
const DUENO = { ES_ELLA: PROPIA, DEJO_SU_LUGAR: 'run-anterior', ES_OTRA: 'run-ajena' };

function decidir(caso: Caso): DecisionDeTurno {
  const generacionDeLaFila = caso.fila === 'HAY' ? DE.LA_MISMA : 0;
  const { estado, tienePeticion, estaSinAclarar, paso1SinRastro, resolucion } = caso;
  const fila: FilaDelCodigo | null =
    caso.fila === 'NO_HAY'
      ? null
      : {
          ...{ estado, tienePeticion, estaSinAclarar, paso1SinRastro, resolucion },
          generacion: generacionDeLaFila,
          runId: DUENO[caso.dueno],
          huellaSolicitud: 'huella',
          cliente: caso.cliente === 'SIN_NOMBRAR_EN_LA_FILA' ? null : 'cliente',
        };
  const { traeEntrada, esOrden, traeRespuesta, cambio } = caso;
  const deLaPrimera = { ANTERIOR: 0, LA_MISMA: 1, SIGUIENTE: 2 };
  const pretendido: PretendidoPorRun = {
    ...{ traeEntrada, esOrden, traeRespuesta },
    runId: PROPIA,
    generacion: fila ? DE[caso.generacion] : deLaPrimera[caso.generacion],
    huellaSolicitud: cambio === 'NINGUNO' ? 'huella' : 'otra-huella',
    cambio: tienePeticion && traeEntrada ? cambio : null,
    cliente: traeEntrada ? CLIENTE[caso.cliente] : null,
  };
  return decidirTurno(
    fila,
    pretendido,
    { reemplazable: DUENO.DEJO_SU_LUGAR, estaAlDia: caso.estaAlDia },
    caso.adaptadorIdempotente,
  );
}

function esLoEsperado(decision: DecisionDeTurno, esperado: Esperado | undefined, { estado }: Caso): boolean {
  if (decision.tipo === 'NEGAR') {
    if (esperado === undefined || typeof esperado === 'string') return false;
    const [fallo, motivo] = esperado;
    return fallo === decision.fallo && motivo.test(decision.motivo);
  }
  // What the owner left open fails first.
  const interrumpeComoDebe =
    decision.tipo !== 'REABRIR' || decision.interrumpeAntes === (estado === 'EN_PROCESO');
  return esperado === decision.tipo && interrumpeComoDebe;
}

it('the turn is decided, in every combination, as exactly one row of the table says', () => {
  const faltas: string[] = [];
  const sinCaso = new Set(TABLA.flatMap(([, , condiciones]) => condiciones));
  for (const caso of todosLosCasos()) {
    const filas = TABLA.filter(([, , condiciones]) => {
      const suya = condiciones.find((una) => cumple(caso, una));
      if (suya) sinCaso.delete(suya);
      return suya !== undefined;
    });
    const [[, esperado] = []] = filas;
    const decision = decidir(caso);
    if (filas.length !== 1 || !esLoEsperado(decision, esperado, caso))
      faltas.push(
        `${JSON.stringify(caso)}: ${JSON.stringify(decision)}; rows: ${filas.map(([que]) => que).join(' | ')}`,
      );
    if (faltas.length > 5) break;
  }
  expect(faltas).toEqual([]);
  expect([...sinCaso]).toEqual([]);
}, 60_000);
