/** GET /openapi.json and the page that shows it: swagger-ui served from here, nothing from anywhere else. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createOpenApi } from './openapi.ts';
import type { Ruta, RutaAbierta } from './ruta.ts';

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
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/inicio.js"></script>
</body>
</html>
`;

const INICIO = `SwaggerUIBundle({ url: 'openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });
`;

const ARCHIVOS = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

export function rutasDeDocumentacion(documentadas: readonly Ruta[]): Ruta[] {
  const documento = createOpenApi(documentadas);
  const abierta = (path: string, atender: RutaAbierta['atender']): Ruta => ({
    metodo: 'GET',
    path,
    permiso: null,
    atender,
  });
  return [
    abierta('/openapi.json', (_req, res) => {
      res.json(documento);
    }),
    abierta('/docs', (_req, res) => {
      res.set('Content-Security-Policy', POLITICA).type('html').send(PAGINA);
    }),
    abierta('/docs/inicio.js', (_req, res) => {
      res.type('js').send(INICIO);
    }),
    ...ARCHIVOS.map((archivo) =>
      abierta(`/docs/${archivo}`, (_req, res) => {
        res.sendFile(join(SWAGGER_UI, archivo), { maxAge: '1h' });
      }),
    ),
  ];
}
