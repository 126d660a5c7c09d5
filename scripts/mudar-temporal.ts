/**
 * `npm run mudar-temporal -- --motivo "…" [--quien NAME]`: the register goes on with another Temporal. It says so in the
 * audit log; reconciliation settles what is open and unknown to the new one.
 */
import { CLAVES, COMUN } from '../shared/runtime/secciones.ts';
import { TARGET, type Target } from './maintenance/configuration.ts';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { IdentidadDeTemporal } from '../shared/motor/identidad.ts';
import { createLectorDeIdentidad } from '../shared/motor/identidad.ts';
import { abrirRegistro } from '../shared/registro/dominios.ts';
import { compararClaves } from '../shared/registro/base/claves-del-registro.ts';
import { leerTemporal, mudarTemporal } from '../shared/registro/base/mudanza.ts';
import type { Cifrado } from '../shared/runtime/claves/cifrado.ts';
import { abrirClaves } from '../shared/runtime/claves/claves.ts';
import { leerConfiguracion } from '../shared/runtime/config.ts';
import { escribirSoloParaEsteUsuario } from '../shared/runtime/privado.ts';
import { conectarCliente, createTemporalClient } from '../shared/runtime/temporal/conexion.ts';
import { addressOf, inWords } from './maintenance/temporal-of-commands.ts';
import { lockDataDir } from './start/data-dir/lock.ts';

escribirSoloParaEsteUsuario();
try {
  const { values } = parseArgs({ options: { motivo: { type: 'string' }, quien: { type: 'string' } } });
  const motivo = values.motivo?.trim() ?? '';
  if (motivo === '')
    throw new Error('Diga el motivo, sin datos personales: npm run mudar-temporal -- --motivo "…"');
  await move({ motivo, quien: values.quien?.trim() || userInfo().username });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function move(order: { motivo: string; quien: string }): Promise<void> {
  const {
    comun,
    claves: origin,
    destino,
  } = leerConfiguracion({
    comun: COMUN,
    claves: CLAVES,
    destino: TARGET,
  });
  // PGlite's folder belongs to one process.
  const unlock = comun.DATABASE_URL ? () => undefined : await lockDataDir(resolve(comun.DATA_DIR));
  try {
    const claves = abrirClaves({ ...comun, ...origin });
    // The Temporal of `npm start` runs only with the service: it is seen at the next start.
    const ahead = comun.DATABASE_URL !== undefined || destino.TEMPORAL_ADDRESS !== undefined;
    const to = ahead ? await identityOf(destino, claves.cifrado) : null;
    const db = await abrirRegistro(comun, (abierta) => compararClaves(abierta, claves));
    try {
      const from = await leerTemporal(db);
      if (to && from && from.namespaceId === to.namespaceId && from.clusterId === to.clusterId) {
        console.log('El registro ya trabaja con ese Temporal: no hay nada que mudar.');
        return;
      }
      const open = await mudarTemporal(db, claves, to, order);
      console.log(
        [
          `Antes: ${wordsOf(from)}.`,
          `Ahora: ${to ? wordsOf(to) : 'el Temporal que vea el próximo arranque'}.`,
          'Queda en la bitácora. Arranque el servicio con ese Temporal y revise lo que quedó en proceso: npm run conciliar',
        ].join('\n'),
      );
      if (open.length > 0)
        throw new Error(
          `Antes de arrancar: siguen abiertas transacciones de antes de la mudanza (procesos de PostgreSQL ${open.join(', ')}). Lo que no sea una copia de seguridad puede escribir todavía: deténgalo, o ciérrelo con pg_terminate_backend.`,
        );
    } finally {
      await db.destroy();
    }
  } finally {
    unlock();
  }
}

async function identityOf(destino: Target, cifrado: Cifrado): Promise<IdentidadDeTemporal> {
  const address = addressOf(destino);
  const direccion = { ...destino, TEMPORAL_ADDRESS: address };
  const connection = conectarCliente(direccion);
  try {
    return await createLectorDeIdentidad(createTemporalClient(connection, direccion, cifrado))();
  } catch (error) {
    throw inWords(error, address);
  } finally {
    await connection.close();
  }
}

function wordsOf(temporal: { clusterId: string | null; namespaceId: string | null } | null): string {
  if (!temporal?.namespaceId) return 'ninguno recordado';
  return `cluster ${temporal.clusterId ?? '(no lo dice)'}, espacio de nombres ${temporal.namespaceId}`;
}
