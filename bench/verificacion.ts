/**
 * `npm run bench -- [ISSUANCES]`: how long `npm run bitacora -- verificar` takes, on a PostgreSQL of its own that holds so many
 * completed issuances (2,000), each of three entries and three certificates.
 */
import { randomUUID } from 'node:crypto';
import {
  generarClaveDeFirma,
  leerClaveDeFirma,
  leerClavePublica,
} from '../shared/bitacora/punto-de-control/nota.ts';
import { secuenciar } from '../shared/bitacora/secuencia/secuenciador.ts';
import { verificarBitacora } from '../shared/bitacora/verificacion/verificacion.ts';
import { referenciaDe } from '../shared/emision/contrato.ts';
import { abrirRegistro, compararDominios } from '../shared/registro/dominios.ts';
import { createRegistro, nuevaMarca, type Registro } from '../shared/registro/emision/registro.ts';
import { startPostgres } from '../scripts/topology/postgres.ts';
import { createFakeMotor } from '../test/support/registro/fake-motor.ts';
import {
  CLAVES,
  conforme,
  entradaDePrueba,
  RESPUESTA_PASO_1,
  RESPUESTA_PASO_2,
} from '../test/support/registro/registro-de-prueba.ts';
import { GUARDA_CONFIADA } from '../test/support/registro/guarda-confiada.ts';

const A_LA_VEZ = 8;
const MILLON = 1_000_000;

const emisiones = Number(process.argv[2] ?? 2_000);
const postgres = await startPostgres();
const db = await abrirRegistro({ DATABASE_URL: await postgres.createDatabase(), DATA_DIR: '' });
try {
  const motor = createFakeMotor();
  const registro = createRegistro({
    db,
    claves: CLAVES,
    motor,
    guarda: GUARDA_CONFIADA,
    adaptadorIdempotente: true,
  });
  const firmante = leerClaveDeFirma(generarClaveDeFirma('bench.example/bitacora'));
  const verificadores = [leerClavePublica(firmante.clavePublica)];
  let siguiente = 0;
  const emitirVarias = async () => {
    while (siguiente < emisiones) await emitir(registro, motor, siguiente++);
  };
  await Promise.all(Array.from({ length: A_LA_VEZ }, emitirVarias));
  while (await secuenciar({ db, claves: CLAVES, firmante, verificadores }));

  for (const [que, deDominios] of [
    ['the tree', []],
    ['the tree and the register', compararDominios(db, CLAVES)],
  ] as const) {
    const inicio = performance.now();
    const cpu = process.cpuUsage();
    const informe = await verificarBitacora({
      db,
      claves: CLAVES,
      verificadores,
      notasDeTestigos: [],
      deDominios,
    });
    const segundos = (performance.now() - inicio) / 1_000;
    const { user, system } = process.cpuUsage(cpu);
    const entradas = informe.epocas[0]?.tamano ?? 0;
    console.log(
      `${que}: ${entradas} entries in ${segundos.toFixed(1)} s (${((user + system) / MILLON).toFixed(1)} s of this process), ` +
        `${informe.hallados} findings; a million: ${Math.round((segundos / entradas) * MILLON)} s`,
    );
  }
  console.log(`memory: ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`);
} finally {
  await db.destroy();
  await postgres.stop();
}

async function emitir(
  registro: Registro,
  motor: ReturnType<typeof createFakeMotor>,
  n: number,
): Promise<void> {
  const codigo = `SOL-${n}`;
  const entrada = entradaDePrueba(codigo, { documento: String(10_000_000 + n) });
  const runId = randomUUID();
  motor.abrir(codigo, runId);
  await registro.registrarSolicitud(entrada, runId);
  await registro.marcarEnvio(referenciaDe(entrada), runId, 1, nuevaMarca(runId));
  await registro.registrarPaso1(entrada, runId, { respuesta: RESPUESTA_PASO_1, esDeEsteTrabajo: true });
  await registro.marcarEnvio(referenciaDe(entrada), runId, 2, nuevaMarca(runId));
  const traida = { respuesta: RESPUESTA_PASO_2, esDeEsteTrabajo: true };
  await registro.concluir(entrada, runId, traida, false, conforme());
}
