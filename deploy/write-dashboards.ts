/** Writes the dashboards for Grafana (deploy/monitoring/tableros.ts). */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTablero, TABLEROS } from './monitoring/tableros.ts';

for (const tablero of TABLEROS)
  writeFileSync(
    join(import.meta.dirname, 'monitoring/tableros', `${tablero.uid}.json`),
    `${JSON.stringify(createTablero(tablero), null, 2)}\n`,
  );
