/** `npm run issuer`: the OpenID issuer for development, on its own. */
import { join } from 'node:path';
import { COMUN } from '../../shared/runtime/secciones.ts';
import { ISSUER } from './configuration.ts';
import { leerConfiguracion } from '../../shared/runtime/config.ts';
import { escribirSoloParaEsteUsuario } from '../../shared/runtime/privado.ts';
import { startIssuer } from './issuer.ts';

try {
  escribirSoloParaEsteUsuario();
  const { comun, emisorOidc } = leerConfiguracion({ comun: COMUN, emisorOidc: ISSUER });
  if (comun.NODE_ENV === 'production') {
    throw new Error(
      'The issuer for development has public secrets: it does not run with NODE_ENV=production.',
    );
  }
  const issuer = await startIssuer({
    host: comun.HOST,
    port: emisorOidc.OIDC_PORT,
    issuer: emisorOidc.OIDC_ISSUER,
    audience: emisorOidc.OIDC_AUDIENCE,
    codecUrl: emisorOidc.CODEC_URL,
    keysFolder: join(comun.DATA_DIR, 'emisor'),
  });
  console.log(`OpenID issuer for development: ${issuer.issuer}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void issuer.stop());
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
