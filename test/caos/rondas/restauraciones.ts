/** A store comes back from a copy that is older than the other one; then reconciliation runs once. */
import { faltaDeLaBitacora } from '../juicio/bitacora.ts';
import type { Resultado } from '../juicio/informe.ts';
import { cerrarPuerta, abrirPuerta, type Punto } from '../puntos.ts';
import {
  abrirTodas,
  acusar,
  asentar,
  empezar,
  jugar,
  juzgarCasos,
  todosEnSuPunto,
  type Caso,
} from './ronda.ts';
import type { Sistema } from '../sistema.ts';

const ALMACENES = ['registro', 'temporal'] as const;
type Almacen = (typeof ALMACENES)[number];

/** How far the issuances are when the copy comes back. */
const MOMENTOS = ['al final', 'durante-2'] as const;
type Momento = (typeof MOMENTOS)[number];

/** Where each issuance stands when the copy is taken. */
const EN_LA_COPIA = { ENTRE: 'antes-de-enviar-2', EN_PASO_2: 'durante-2' } as const satisfies Record<
  string,
  Punto
>;

export interface Restauracion {
  nombre: string;
  jugar: (sistema: Sistema, titulo: string) => Promise<Resultado[]>;
}

export const RESTAURACIONES: readonly Restauracion[] = ALMACENES.flatMap((almacen) =>
  MOMENTOS.map((momento) => ({
    nombre: `restore ${almacen} ${momento}`,
    jugar: (sistema: Sistema, titulo: string) => jugarRestauracion(sistema, titulo, almacen, momento),
  })),
);

function jugarRestauracion(
  sistema: Sistema,
  titulo: string,
  almacen: Almacen,
  momento: Momento,
): Promise<Resultado[]> {
  const empezarEn = (serie: string, punto: Punto, cuando: string) =>
    empezar(sistema, `${titulo}, copied`, serie, punto, cuando);
  return jugar(sistema, titulo, async (serie, casos) => {
    const acabada = await empezarEn(serie, 'antes-del-desenlace', 'after the end');
    casos.push(acabada);
    await abrirPuerta(sistema, acabada.codigo, acabada.punto);
    await acabada.final;
    const entre = await empezarEn(serie, EN_LA_COPIA.ENTRE, 'between the steps');
    const enPaso2 = await empezarEn(serie, EN_LA_COPIA.EN_PASO_2, 'during step 2');
    casos.push(entre, enPaso2);
    await todosEnSuPunto(sistema, [entre, enPaso2]);
    await sistema.copiar(almacen, serie);

    // What ran goes on beyond the copy, and another begins.
    const posterior = await empezarEn(serie, 'durante-2', 'before the request');
    casos.push(posterior);
    await cerrarPuerta(sistema, entre.codigo, 'durante-2');
    await abrirPuerta(sistema, entre.codigo, entre.punto);
    const abiertas: Caso[] = [entre, enPaso2, posterior];
    for (const caso of abiertas) caso.punto = 'durante-2';
    await todosEnSuPunto(sistema, abiertas);
    if (momento === 'al final') {
      await abrirTodas(sistema, casos);
      await Promise.all(casos.map(({ final }) => final));
    }

    await sistema.restaurar(almacen, serie);
    await abrirTodas(sistema, casos);
    await conciliar(sistema, acabada);
    await asentar(sistema, { finales: () => finalesTras(momento) }, casos);
    const falta = await faltaDeLaBitacora(sistema);
    if (falta !== null) acusar(acabada, falta);
    return juzgarCasos(sistema, { forzada: true }, casos);
  });
}

/** Of a run that Temporal forgot, or whose sends the register forgot, nobody knows the outcome until it is asked again. */
function finalesTras(momento: Momento): readonly ('COMPLETADO' | 'FALLIDO')[] {
  return momento === 'al final' ? ['COMPLETADO'] : ['COMPLETADO', 'FALLIDO'];
}

async function conciliar(sistema: Sistema, caso: Caso): Promise<void> {
  const { code, output } = await sistema.stack.comando('conciliar.ts');
  if (code !== 0) acusar(caso, `npm run conciliar should end with 0, and ends with ${code}: ${output}`);
}
