/** What clients, operators and support do; a forger who ends runs, or starts what he has copied, does no more than they. */
import {
  conFila,
  conNuevaRun,
  emisionDe,
  filaDelCodigo,
  sinRun,
  type Codigo,
  type Mundo,
  type Suceso,
} from './mundo.ts';
import type { Reglas } from './reglas.ts';

/** A request for the citizen's certificates, always the same one. */
export function pretendido(generacion: number, esOrden: boolean) {
  return {
    ...{ generacion, esOrden },
    huellaSolicitud: 'huella',
    traeEntrada: true,
    cambio: 'NINGUNO' as const,
    cliente: null,
  };
}

/** A client sends the codigo, or sends it again: what the API asks before it starts a run. */
export function* deClientes(mundo: Mundo, codigo: Codigo, reglas: Reglas): Generator<Suceso> {
  const fila = mundo.filas[codigo];
  if (mundo.abiertas[codigo] || mundo.quedan.runs === 0) return;
  // The API reconciles before it starts anything.
  if (fila && fila.estado !== 'FALLIDO') return;
  const generacion = fila?.generacion ?? 1;
  const otraVez = pretendido(generacion, false);
  if (fila && reglas.impedimentoParaEjecutarDeNuevo(filaDelCodigo(fila), otraVez, mundo.idempotente)) return;
  yield {
    que: `envían ${codigo}`,
    hecho: { tipo: 'ENVIAR', codigo },
    mundo: conNuevaRun(mundo, codigo, generacion, false),
  };
}

/** Somebody asks how the codigo stands: an issuance in process without an open run is closed as failed. */
export function* deConciliacion(mundo: Mundo, codigo: Codigo): Generator<Suceso> {
  const fila = mundo.filas[codigo];
  if (fila?.estado === 'EN_PROCESO' && !mundo.abiertas[codigo])
    yield {
      que: `concilian ${codigo}`,
      hecho: { tipo: 'CONCILIAR', codigo },
      mundo: conFila(mundo, codigo, { ...fila, estado: 'FALLIDO' }),
    };
}

export function* deOperadores(mundo: Mundo, codigo: Codigo, reglas: Reglas): Generator<Suceso> {
  const { quedan } = mundo;
  if (quedan.actos === 0) return;
  const despues = { ...mundo, quedan: { ...quedan, actos: quedan.actos - 1 } };
  if (mundo.abiertas[codigo])
    yield {
      que: `terminan la ejecución de ${codigo}`,
      hecho: { tipo: 'TERMINAR', codigo },
      mundo: sinRun(despues, codigo),
    };
  else yield* deSoporte(mundo, despues, codigo, reglas);
  if (quedan.runs === 0) return;
  // A reset of any run of it, open or closed, ends the open one and begins anew with that one's input.
  for (const generacion of [1, 2])
    if (generacion <= ultimaGeneracion(mundo, codigo))
      yield {
        que: `reinician una ejecución de ${codigo}, de la generación ${generacion}`,
        hecho: { tipo: 'REINICIAR', codigo, generacion },
        mundo: conNuevaRun(sinRun(despues, codigo), codigo, generacion, generacion > 1),
      };
}

/** Of the runs that there were. */
function ultimaGeneracion({ abiertas, filas }: Mundo, codigo: Codigo): number {
  return Math.max(abiertas[codigo]?.generacion ?? 0, filas[codigo]?.generacion ?? 0);
}

function* deSoporte(mundo: Mundo, despues: Mundo, codigo: Codigo, reglas: Reglas): Generator<Suceso> {
  const fila = mundo.filas[codigo];
  if (fila?.estado !== 'FALLIDO') return;
  const emision = emisionDe(codigo, fila.generacion);
  if (fila.marcas[2].length > 0) {
    const aclarada = { ...fila, marcas: { ...fila.marcas, 2: [] } };
    // Support says so only where the PKI told it: nothing was issued, and nothing is on its way any more.
    const puedeLlegar = mundo.intentos.some((uno) => uno.codigo === codigo && uno.paso === 2);
    if ((mundo.emitidos[emision] ?? []).length === 0 && !puedeLlegar)
      yield {
        que: `resuelven ${codigo}: NO_EMITIDO`,
        hecho: { tipo: 'RESOLVER', codigo, decision: 'NO_EMITIDO' },
        mundo: conFila(despues, codigo, { ...aclarada, resolucion: 'NO_EMITIDO' }),
      };
    yield {
      que: `resuelven ${codigo}: EMITIDO_DESCARTADO`,
      hecho: { tipo: 'RESOLVER', codigo, decision: 'EMITIDO_DESCARTADO' },
      mundo: {
        ...conFila(despues, codigo, { ...aclarada, resolucion: 'EMITIDO_DESCARTADO' }),
        porRevocar: [...despues.porRevocar, emision],
      },
    };
  }
  const nueva = pretendido(fila.generacion + 1, true);
  // Two generations show what any number would.
  if (
    mundo.quedan.runs > 0 &&
    fila.generacion === 1 &&
    !reglas.impedimentoParaEjecutarDeNuevo(filaDelCodigo(fila), nueva, mundo.idempotente)
  )
    yield {
      que: `ordenan una nueva emisión de ${codigo}`,
      hecho: { tipo: 'ORDENAR_NUEVA', codigo },
      mundo: conNuevaRun(despues, codigo, nueva.generacion, true),
    };
}
