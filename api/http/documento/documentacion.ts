/** GET /openapi.json and the page that shows it: swagger-ui served from here, nothing from anywhere else. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { esUuid } from '../../../shared/nucleo/uuid.ts';
import { createOpenApi } from './openapi.ts';
import { respuestaFija } from '../servidor/respuesta-fija.ts';
import type { Ruta, RutaAbierta } from '../peticion/ruta.ts';

const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** Only what stands here runs or loads in the page. swagger-ui draws its icons as data: images and sets inline styles. */
const POLITICA = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Addresses are relative, so that the page also works behind a gateway's prefix. */
const PAGINA = `<!doctype html>
<html lang="es">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>MsCoreogCertificadosDigitales</title>
<link rel="icon" type="image/png" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
<style>.swagger-ui .info .title { overflow-wrap: anywhere } .swagger-ui .opblock-body { overflow-x: auto }</style>
</head>
<body>
<div class="swagger-ui"><section class="wrapper block markdown">
<h2>Para probar una llamada</h2>
<ol>
<li>Obtenga un token. En desarrollo: <code>npm run -s token -- siirc</code>, o <code>soporte</code> para las operaciones de soporte.</li>
<li>Péguelo en <strong>Authorize</strong>, sin «Bearer».</li>
<li>Abra una operación y pulse <strong>Execute</strong>: los campos obligatorios ya traen un ejemplo. Los identificadores X-Request-ID y
X-Correlation-ID del ejemplo se cambian por unos nuevos en cada envío; para repetir una petición, escriba los suyos.</li>
</ol>
</section></div>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/inicio.js"></script>
</body>
</html>
`;

/** Outside https and localhost a browser makes no UUID: there the example is sent as it is. */
function inicio(uuidsDeEjemplo: readonly string[]): string {
  return `const uuidsDeEjemplo = ${JSON.stringify(uuidsDeEjemplo)};
const oscuro = matchMedia('(prefers-color-scheme: dark)');
// swagger-ui's own dark colours, which its switch turns on by this class.
const vestir = () => document.documentElement.classList.toggle('dark-mode', oscuro.matches);
oscuro.addEventListener('change', vestir);
vestir();
SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  requestInterceptor(peticion) {
    for (const [nombre, valor] of Object.entries(peticion.headers))
      if (uuidsDeEjemplo.includes(valor) && crypto.randomUUID) peticion.headers[nombre] = crypto.randomUUID();
    return peticion;
  },
  // The page fills a field with its example: what need not be sent stays empty.
  responseInterceptor(respuesta) {
    if (respuesta.url.endsWith('/openapi.json'))
      respuesta.text = JSON.stringify(JSON.parse(respuesta.text), (_nombre, valor) =>
        valor?.in && !valor.required ? { ...valor, example: undefined } : valor);
    return respuesta;
  },
});
`;
}

/** Examples of the headers that name one request: sent again, they would mean the same one. */
function uuidsDeEjemplo(documentadas: readonly Ruta[]): string[] {
  const parametros = documentadas.flatMap(({ documento }) => documento?.parametros ?? []);
  const identificadores = parametros.filter(({ en, ejemplo }) => en === 'header' && esUuid(ejemplo));
  return [...new Set(identificadores.map(({ ejemplo }) => ejemplo))];
}

const UNA_HORA = 'public, max-age=3600';

const JAVASCRIPT = 'text/javascript; charset=utf-8';

const ARCHIVOS = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': JAVASCRIPT,
  'favicon-32x32.png': 'image/png',
};

export function rutasDeDocumentacion(documentadas: readonly Ruta[]): Ruta[] {
  const abierta = (path: string, atender: RutaAbierta['atender']): Ruta => ({
    metodo: 'GET',
    path,
    permiso: null,
    atender,
  });
  return [
    abierta(
      '/openapi.json',
      respuestaFija({
        tipo: 'application/json; charset=utf-8',
        contenido: JSON.stringify(createOpenApi(documentadas)),
      }),
    ),
    abierta(
      '/docs',
      respuestaFija({
        tipo: 'text/html; charset=utf-8',
        contenido: PAGINA,
        cabeceras: { 'Content-Security-Policy': POLITICA },
      }),
    ),
    abierta(
      '/docs/inicio.js',
      respuestaFija({ tipo: JAVASCRIPT, contenido: inicio(uuidsDeEjemplo(documentadas)) }),
    ),
    ...Object.entries(ARCHIVOS).map(([archivo, tipo]) =>
      abierta(
        `/docs/${archivo}`,
        respuestaFija({
          tipo,
          contenido: readFileSync(join(SWAGGER_UI, archivo)),
          cabeceras: { 'Cache-Control': UNA_HORA },
        }),
      ),
    ),
  ];
}
