/** A run's own pieces of work on the register (activities/emision/registro), one transaction or question at a time. */
import { conservar } from './intento.ts';
import { conFila, conRun, enPunto, sinRun, type Fila, type Mundo, type Run, type Suceso } from './mundo.ts';
import type { Reglas } from './reglas.ts';
import { tomarTurno } from './turno.ts';

export function* deLaRun(mundo: Mundo, run: Run, reglas: Reglas): Generator<Suceso> {
  if (run.punto === 'PASO_1' || run.punto === 'PASO_2') return;
  const { id, codigo, punto } = run;
  const suceso = (accion: string, hasta: Hasta, despues: Mundo): Suceso => ({
    que: `${id} (${punto}) ${accion}`,
    hecho: { tipo: 'TRABAJAR', quien: id, hasta },
    mundo: despues,
  });
  const traeRespuesta = punto === 'CONCLUIR' && run.trae !== null;
  const turno = tomarTurno(mundo, { ...run, runId: id, traeEntrada: true, traeRespuesta }, reglas);
  switch (turno.tipo) {
    case 'SIGUE':
      yield suceso(turno.hasta, turno.hasta, conRun(turno.mundo, codigo, turno.trabajo));
      return;
    case 'NEGADO':
      yield suceso('no obtiene el turno', 'FIN', trasLaNegativa(mundo, run, reglas));
      return;
    case 'CERRADA':
      yield suceso('la halla cerrada', 'FIN', sinRun(mundo, codigo));
      return;
    case 'DUENO':
      yield suceso('hace lo suyo', 'FIN', trabajar(turno.mundo, run, turno.fila));
  }
}

type Hasta = (Suceso['hecho'] & { tipo: 'TRABAJAR' })['hasta'];

/** Before its first turn, or at its end, it has nothing to record. What it brings is kept all the same. */
function trasLaNegativa(mundo: Mundo, run: Run, reglas: Reglas): Mundo {
  if (run.punto !== 'CONCLUIR') return sinRun(mundo, run.codigo);
  const brindada = { codigo: run.codigo, generacion: run.generacion, paso: 2 as const, run: run.id };
  const guardado = run.trae === null ? mundo : conservar(mundo, { ...brindada, trae: run.trae }, reglas);
  return enPunto(guardado, run.codigo, 'FALLAR');
}

/** As the row's owner, in the transaction that took the turn. */
function trabajar(mundo: Mundo, { punto, codigo, trae }: Run, fila: Fila): Mundo {
  switch (punto) {
    case 'REGISTRAR':
      if (fila.respuesta !== null) return enPunto(mundo, codigo, 'CONCLUIR');
      return enPunto(mundo, codigo, fila.paso1Hecho ? 'PASO_2' : 'PASO_1');
    case 'CONCLUIR': {
      const conjunto = fila.respuesta ?? trae;
      if (conjunto === null) return enPunto(mundo, codigo, 'PASO_2');
      const completada: Fila = {
        ...fila,
        estado: 'COMPLETADO',
        respuesta: conjunto,
        marcas: { 1: [], 2: [] },
      };
      const entregados = { ...mundo.entregados, [codigo]: conjunto };
      return sinRun({ ...conFila(mundo, codigo, completada), entregados }, codigo);
    }
    case 'FALLAR':
      return sinRun(conFila(mundo, codigo, { ...fila, estado: 'FALLIDO' }), codigo);
    case 'PASO_1':
    case 'PASO_2':
      return mundo;
  }
}
