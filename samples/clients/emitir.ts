/**
 * Un cliente como el de SIIRC: envía una solicitud y la sigue hasta su fin, pase lo que pase por el camino. Lo que decide cada
 * desenlace: docs/status-codes.md. Sus tipos son los del documento de la API:
 *
 *   (Node 22.18 o más nuevo, que lee TypeScript)
 *   npm init -y && npm pkg set type=module && npm install openapi-fetch@0.17.0
 *   npx openapi-typescript@7.13.0 http://127.0.0.1:8080/openapi.json -o api.ts
 *   API=http://127.0.0.1:8080 TOKEN=… node emitir.ts solicitud.json
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import createClient from 'openapi-fetch';
import type { components, paths } from './api.ts';

type Sobre = components['schemas']['RespuestaEmision'];
type Solicitud = components['schemas']['SolicitudCertificado'];

const BASE = '/api/v1/coreog/MsCoreogCertificadosDigitales';
const SIN_RESPUESTA_ESPERA_S = 5;
/** Después, otro proceso sigue con un GET: la emisión no depende de que este cliente espere. */
const PACIENCIA_MS = 10 * 60_000;

/** Lo que no se envió mal, sino en mal momento. */
const EN_OTRO_MOMENTO: readonly string[] = [
  'LIMITE_EXCEDIDO',
  'SERVICIO_NO_DISPONIBLE',
  'CIUDADANO_EN_PROCESO',
] satisfies components['schemas']['TipoError'][];

const { API: baseUrl = 'http://127.0.0.1:8080', TOKEN = '', RESPUESTA_MAXIMA_S = '40' } = process.env;
/** Más que la espera de un POST (25 s). */
const RESPUESTA_MAXIMA_MS = Number(RESPUESTA_MAXIMA_S) * 1_000;
const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${TOKEN}` } });

interface Respuesta {
  sobre: Sobre | undefined;
  esperaS: number | null;
}

function leer({ data, error, response }: { data?: Sobre; error?: Sobre; response: Response }): Respuesta {
  const espera = response.headers.get('Retry-After');
  return { sobre: data ?? error, esperaS: espera === null ? null : Number(espera) };
}

async function emitir(solicitud: Solicitud): Promise<Sobre> {
  const limite = Date.now() + PACIENCIA_MS;
  const { codigoSolicitudTramite } = solicitud.solicitud;
  // De la petición, no del envío: al repetirla son los mismos, y nunca se emite dos veces.
  const header = {
    'X-Correlation-ID': randomUUID(),
    'X-Request-ID': randomUUID(),
    'X-Office-Code': 'LIMA-CENTRO',
    'X-Device-ID': 'KIOSCO-07',
    'X-Channel': 'VENTANILLA',
  };
  const enviar = async () =>
    leer(
      await api.POST(`${BASE}/obtener-certificado-digital`, {
        params: { header },
        body: solicitud,
        signal: AbortSignal.timeout(RESPUESTA_MAXIMA_MS),
      }),
    );
  const consultar = async () =>
    leer(
      await api.GET(`${BASE}/solicitudes/{codigoSolicitudTramite}`, {
        params: { path: { codigoSolicitudTramite } },
        signal: AbortSignal.timeout(RESPUESTA_MAXIMA_MS),
      }),
    );

  let preguntar = enviar;
  for (;;) {
    // Sin respuesta no se sabe si llegó.
    const { sobre, esperaS } = await preguntar().catch((): Respuesta => ({
      sobre: undefined,
      esperaS: null,
    }));
    const estado = sobre?.data?.transaccion.estado;
    if (sobre && (estado === 'COMPLETADO' || estado === 'FALLIDO')) return sobre;
    if (estado === 'EN_PROCESO' || sobre === undefined) preguntar = consultar;
    // No llegó, o no llegó a empezar: se envía como era.
    else if (sobre?.error?.tipo === 'SOLICITUD_NO_ENCONTRADA') preguntar = enviar;
    else if (!(EN_OTRO_MOMENTO.includes(sobre.error?.tipo ?? '') && esperaS !== null)) return sobre;
    if (Date.now() > limite) throw new Error(`${codigoSolicitudTramite}: sigue sin terminar`);
    const pausaS = esperaS ?? SIN_RESPUESTA_ESPERA_S;
    console.error(`${sobre?.error?.tipo ?? estado ?? 'Sin respuesta'}: de nuevo en ${pausaS} s`);
    await new Promise((resolve) => setTimeout(resolve, pausaS * 1_000));
  }
}

const solicitud = JSON.parse(readFileSync(process.argv[2] ?? 'solicitud.json', 'utf8')) as Solicitud;
const { data, error } = await emitir(solicitud);
if (data?.transaccion.estado === 'COMPLETADO') {
  for (const { tipoCertificado, numeroSerie } of data.certificados) console.log(tipoCertificado, numeroSerie);
} else {
  const { tipo = '', errores = [] } = error ?? {};
  console.error(tipo, errores.map(({ detalleError }) => detalleError).join(' '));
  if (data?.transaccion.resultadoIncierto) console.error('No se sabe si la PKI emitió: avise a soporte.');
  else if (tipo === 'CERTIFICADO_NO_CONFORME')
    console.error('Avise a soporte. Resuelta la causa, envíe de nuevo.');
  else if (data?.transaccion.admiteReenvio)
    console.error('Resuelta la causa, envíe de nuevo con el mismo código.');
  process.exitCode = 1;
}
