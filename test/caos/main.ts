/**
 * `npm run test:chaos`: strikes the whole system at every point of an issuance and tells what was lost, doubled or
 * unexplained. docs/chaos.md. Exit code 0 where nothing was.
 */
import { parseArgs } from 'node:util';
import { casoDeLaBitacora } from './juicio/bitacora.ts';
import { FALLAS_DEL_PRODUCTO, probarFalla } from './fallas-del-producto.ts';
import { fallos, tabla, type Resultado } from './juicio/informe.ts';
import { pasear, VARIABLES_DE_PASEO } from './rondas/paseo.ts';
import { planDeMatriz, RONDAS_CORTAS } from './rondas/plan.ts';
import { Sistema, sumarCuentas, type Cuenta } from './sistema.ts';

const { values } = parseArgs({
  options: {
    semilla: { type: 'string', default: String(Date.now()) },
    solicitudes: { type: 'string' },
    muertes: { type: 'string' },
    caso: { type: 'string', multiple: true, default: [''] },
    falla: { type: 'string', multiple: true, default: [] },
    corta: { type: 'boolean', default: false },
  },
});
const { semilla, caso, corta, falla } = values;
const esPedida = (titulo: string) => caso.some((parte) => titulo.includes(parte));
const solicitudes = Number(values.solicitudes ?? (corta ? 40 : 520));
const muertes = Number(values.muertes ?? (corta ? 5 : 100));

const resultados: Resultado[] = [];
const cuentas: Cuenta[] = [];
const comienzo = Date.now();

// What was started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

if (falla.length > 0) {
  const nombres = falla.includes('todas') ? Object.keys(FALLAS_DEL_PRODUCTO) : falla;
  const sinVer: string[] = [];
  for (const nombre of nombres) if (!(await probarFalla(nombre, contar))) sinVer.push(nombre);
  console.log(`${nombres.length - sinVer.length} of ${nombres.length} faults seen`);
  process.exit(sinVer.length === 0 ? 0 : 1);
}

contar(`seed ${semilla}`);
for (const { nombre, idempotente, rondas } of planDeMatriz()) {
  const elegidas = rondas.filter((ronda) => {
    const titulo = `${nombre}: ${ronda.nombre}`;
    return esPedida(titulo) && (!corta || RONDAS_CORTAS.includes(titulo));
  });
  if (elegidas.length === 0) continue;
  await conSistema({ idempotente }, async (sistema) => {
    for (const ronda of elegidas) anotar(await ronda.jugar(sistema, `${nombre}: ${ronda.nombre}`));
    anotar([await casoDeLaBitacora(sistema, `${nombre}: the audit log`)]);
  });
}
if (esPedida('walk') && solicitudes > 0)
  await conSistema(
    { idempotente: true, variables: VARIABLES_DE_PASEO, dosWorkers: true },
    async (sistema) => {
      anotar(await pasear(sistema, { semilla, solicitudes, muertes, contar }));
      anotar([await casoDeLaBitacora(sistema, 'walk: the audit log')]);
    },
  );

console.log(`\n${tabla(resultados, sumarCuentas(cuentas))}\n`);
const malos = resultados.filter(({ faltas }) => faltas.length > 0);
if (malos.length > 0) console.log(`${fallos(malos).join('\n')}\n`);
contar(`seed ${semilla}; to repeat it: npm run test:chaos -- --semilla ${semilla}`);
console.log(`${resultados.length - malos.length} passed, ${malos.length} failed`);
process.exitCode = malos.length === 0 && resultados.length > 0 ? 0 : 1;

async function conSistema(
  opciones: Parameters<typeof Sistema.iniciar>[0],
  cuerpo: (sistema: Sistema) => Promise<void>,
): Promise<void> {
  const sistema = await Sistema.iniciar(opciones);
  try {
    await cuerpo(sistema);
  } catch (error) {
    const texto = error instanceof Error ? error.message : String(error);
    anotar([
      { caso: 'the system itself', faltas: [{ clase: 'INEXPLICADA', codigo: 'caos', texto }], hechos: [] },
    ]);
  } finally {
    cuentas.push(sistema.cuenta);
    await sistema.cerrar();
  }
}

function anotar(nuevos: Resultado[]): void {
  resultados.push(...nuevos);
  const malos = fallos(nuevos);
  contar(
    `${nuevos[0]?.caso.split(' @ ')[0] ?? ''}: ${nuevos.length} cases${malos.length > 0 ? `\n${malos.join('\n')}` : ''}`,
  );
}

function contar(linea: string): void {
  const segundos = Math.round((Date.now() - comienzo) / 1000);
  console.log(`[${String(segundos).padStart(4)} s] ${linea}`);
}
