/** `npm run emitir -- samples/solicitud.json [--salida DIR] [--codigo CODIGO]`: issues, and leaves the files. */
import { COMUN } from '../shared/runtime/secciones.ts';
import { API_CLIENT } from './api-client/configuration.ts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { leerConfiguracion } from '../shared/runtime/config.ts';
import { escribirSoloParaEsteUsuario } from '../shared/runtime/privado.ts';
import { urlLocal } from '../shared/runtime/url-local.ts';
import { requestDevelopmentToken } from '../simulator/oidc/development-token.ts';
import { createApiClient } from './api-client/api-client.ts';
import { folderNameOf, writeCertificates, writeChain } from './emitir/certificate-files.ts';
import { issue } from './emitir/issue.ts';
import { shellWord } from './shell-word.ts';

const USO = 'Uso: npm run emitir -- samples/solicitud.json [--salida DIR] [--codigo CODIGO]';

/** All that is read of the request here; whether it is valid is for the API to say. */
const conCodigo = z.looseObject({ solicitud: z.looseObject({ codigoSolicitudTramite: z.string() }) });

async function main(): Promise<void> {
  escribirSoloParaEsteUsuario();
  const { archivo, salida, codigo: codigoDado } = leerArgumentos();
  const solicitud = await leerSolicitud(archivo, codigoDado);
  const codigo = solicitud.solicitud.codigoSolicitudTramite;
  const { comun, cliente } = leerConfiguracion({ comun: COMUN, cliente: API_CLIENT });
  const token =
    cliente.EMITIR_TOKEN ?? (await requestDevelopmentToken(urlLocal(comun.HOST, cliente.OIDC_PORT), 'siirc'));

  const inicio = Date.now();
  const mostrar = (linea: string) => {
    console.log(`${((Date.now() - inicio) / 1000).toFixed(1).padStart(6)} s  ${linea}`);
  };
  const api = createApiClient(cliente.API_URL ?? urlLocal(comun.HOST, cliente.PORT), token);
  mostrar(`Solicitud ${codigo} enviada (X-Correlation-ID: ${api.correlationId})`);
  const certificados = await issue(api, codigo, solicitud, mostrar);
  mostrar('COMPLETADO');

  const carpeta = salida ?? join('salida', folderNameOf(codigo));
  const archivos = await writeCertificates(carpeta, certificados);
  certificados.forEach(({ numeroSerie, fechaVencimiento }, indice) => {
    console.log(`  ${archivos[indice] ?? ''}  serie ${numeroSerie}, vence ${fechaVencimiento}`);
  });
  const anclas = cliente.PKI_TRUST_ANCHORS ?? join(comun.DATA_DIR, 'simulador', 'ca', 'cadena.pem');
  const cadena = await writeChain(carpeta, anclas);
  if (cadena === null) console.log(`  Sin cadena: no se lee ${anclas}; indíquela con PKI_TRUST_ANCHORS.`);
  else
    console.log(
      `\nPara verificarlos:\n  openssl verify -x509_strict -CAfile ${[cadena, ...archivos].map(shellWord).join(' ')}`,
    );
}

function leerArgumentos() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { salida: { type: 'string' }, codigo: { type: 'string' } },
    });
    const [archivo, ...sobrantes] = positionals;
    if (archivo !== undefined && sobrantes.length === 0) return { archivo, ...values };
  } catch (cause) {
    throw new Error(USO, { cause });
  }
  throw new Error(USO);
}

async function leerSolicitud(archivo: string, codigo: string | undefined) {
  const texto = await readFile(archivo, 'utf8').catch((cause: unknown) => {
    throw new Error(`No se puede leer ${archivo}`, { cause });
  });
  const leida = conCodigo.safeParse(parseJson(texto, archivo));
  if (!leida.success) throw new Error(`${archivo}: falta solicitud.codigoSolicitudTramite`);
  if (codigo !== undefined) leida.data.solicitud.codigoSolicitudTramite = codigo;
  return leida.data;
}

function parseJson(texto: string, archivo: string): unknown {
  try {
    return JSON.parse(texto);
  } catch (cause) {
    throw new Error(`${archivo} no es JSON`, { cause });
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
