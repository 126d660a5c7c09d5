/** `npm run -s token -- siirc|consulta|soporte`: one JWT of the issuer for development on stdout, nothing else. */
import { leerConfiguracion } from '../shared/runtime/config.ts';
import { urlLocal } from '../shared/runtime/url-local.ts';
import { requestDevelopmentToken } from '../simulator/oidc/development-token.ts';

try {
  const { comun, cliente } = leerConfiguracion(['comun', 'cliente']);
  const clientId = process.argv[2] ?? '';
  const token = await requestDevelopmentToken(urlLocal(comun.HOST, cliente.OIDC_PORT), clientId);
  process.stdout.write(`${token}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
