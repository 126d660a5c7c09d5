/** Health check of the containers, whose images have no curl: `node deploy/health.ts URL` exits 0 where it answers 2xx. */
const PLAZO_MS = 4000;

const [url = ''] = process.argv.slice(2);
const respuesta = await fetch(url, { signal: AbortSignal.timeout(PLAZO_MS) });
process.exitCode = respuesta.ok ? 0 : 1;
