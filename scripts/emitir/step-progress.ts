/** Tells of a step only what has changed since it was last seen. */
import type { StepsSeen } from '../api-client/api-client.ts';

const TITULOS = {
  paso1GeneracionClaves: 'Paso 1, generar identificadores PKI',
  paso2EmisionCertificado: 'Paso 2, emitir los certificados',
} as const;

const ORDEN = ['paso1GeneracionClaves', 'paso2EmisionCertificado'] as const;

/** Answers the lines to show for each view of the steps, in their order. */
export function createStepProgress(): (pasos: StepsSeen) => string[] {
  const vistos = new Map<string, string>();
  return (pasos) =>
    ORDEN.flatMap((nombre) => {
      const paso = pasos[nombre];
      if (paso.estado === 'PENDIENTE') return [];
      const linea = `${TITULOS[nombre]}: ${paso.estado}, ${contar(paso.intentos)}${tiempo(paso)}`;
      if (vistos.get(nombre) === linea) return [];
      vistos.set(nombre, linea);
      return [linea];
    });
}

function contar(intentos: number): string {
  return intentos === 1 ? '1 intento' : `${intentos} intentos`;
}

function tiempo({ fechaInicio, fechaFin }: StepsSeen['paso1GeneracionClaves']): string {
  if (fechaInicio === null) return '';
  if (fechaFin === null) return `, desde ${fechaInicio}`;
  const segundos = (Date.parse(fechaFin) - Date.parse(fechaInicio)) / 1000;
  return `, de ${fechaInicio} a ${fechaFin} (${segundos} s)`;
}
