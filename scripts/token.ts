/**
 * `npm run -s token -- siirc|consulta|soporte [--permisos SCOPES] [--cabecera]`: one JWT of the issuer for development on
 * stdout, nothing else; --permisos narrows what it may do. With --cabecera, the name of a file that holds it as a header, for
 * `curl -H "@FILE"`: every user of a machine sees the command lines of all.
 */
import { COMUN } from '../shared/runtime/secciones.ts';
import { API_CLIENT } from './api-client/configuration.ts';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { leerConfiguracion } from '../shared/runtime/config.ts';
import { urlLocal } from '../shared/runtime/url-local.ts';
import { requestDevelopmentToken } from '../simulator/oidc/development-token.ts';

try {
  const { comun, cliente } = leerConfiguracion({ comun: COMUN, cliente: API_CLIENT });
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { cabecera: { type: 'boolean', default: false }, permisos: { type: 'string' } },
  });
  const clientId = positionals[0] ?? '';
  const issuer = urlLocal(comun.HOST, cliente.OIDC_PORT);
  const token = await requestDevelopmentToken(issuer, clientId, values.permisos);
  process.stdout.write(`${values.cabecera ? headerFile(comun.DATA_DIR, clientId, token) : token}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** One file a client, made anew each time. */
function headerFile(dataDir: string, clientId: string, token: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(resolve(dataDir), `token-${clientId}.cabecera`);
  rmSync(path, { force: true });
  writeFileSync(path, `Authorization: Bearer ${token}\n`, { mode: 0o600, flag: 'wx' });
  return path;
}
