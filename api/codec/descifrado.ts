/** Opens payloads that Temporal keeps sealed, for a person: as much as their token allows, and with an entry in the audit log first. */
import type { LectorDeCodigo } from '../../shared/nucleo/ejecuciones/lector-de-codigo.ts';
import { defaultPayloadConverter, type Payload, type PayloadCodec } from '@temporalio/common';
import { createHash } from 'node:crypto';
import { esCargaRechazada } from '../../shared/nucleo/ejecuciones/carga-rechazada.ts';
import type { Descifrado } from '../../shared/bitacora/descifrados.ts';
import { Ilegible } from '../../shared/runtime/claves/cifrado.ts';
import { lugarEnClaro } from '../../shared/runtime/temporal/codec.ts';
import { enmascarar, OCULTO, type Visible } from './mascara.ts';

export interface Lector {
  quien: Descifrado['quien'];
  conDatosPersonales: boolean;
}

export interface DependenciasDeDescifrado {
  codec: PayloadCodec;
  visible: Visible;
  /** The codigo that a workflow id names; null where it is no issuance's. */
  codigoDe: LectorDeCodigo;
  /** @throws where it was not written: then nothing is shown */
  anotar: (descifrados: readonly Descifrado[]) => Promise<void>;
  /** Payloads that were opened, and shown in whole or masked. */
  contar: (cargas: number, conDatosPersonales: boolean) => void;
  ahoraMs: () => number;
}

/**
 * A page of Temporal's UI asks once for each payload that it shows: who saw what is one entry a minute, with the same person,
 * work and extent.
 */
const MISMA_MIRADA_MS = 60_000;
/** More people at once than ever look; beyond it, each look has an entry of its own. */
const MIRADAS_MAX = 10_000;

/** What was sealed by a version that bound nothing to a place: it is known by its content, or by itself. */
function sinLugar(sellada: Payload, abierta: Payload): string {
  const [, codigo] =
    /"codigoSolicitudTramite":"((?:[^"\\]|\\.)+)"/.exec(Buffer.from(abierta.data ?? []).toString()) ?? [];
  if (codigo !== undefined) return JSON.parse(`"${codigo}"`) as string;
  return `carga/${createHash('sha256')
    .update(sellada.data ?? '')
    .digest('hex')
    .slice(0, 16)}`;
}

function esRechazada(abierta: Payload): boolean {
  if (Buffer.from(abierta.metadata?.['encoding'] ?? []).toString() !== 'json/plain') return false;
  return esCargaRechazada(defaultPayloadConverter.fromPayload(abierta));
}

export function createDescifrado(deps: DependenciasDeDescifrado) {
  const { codec, visible, codigoDe, anotar, contar, ahoraMs } = deps;
  const miradas = new Map<string, number>();

  /** @returns those that this person's last minute does not have */
  function nuevas(codigos: Iterable<string>, { quien, conDatosPersonales }: Lector): [string, string][] {
    const ahora = ahoraMs();
    for (const [mirada, desdeMs] of miradas) if (ahora - desdeMs >= MISMA_MIRADA_MS) miradas.delete(mirada);
    return [...new Set(codigos)]
      .map((codigo): [string, string] => [
        codigo,
        JSON.stringify([codigo, conDatosPersonales, quien.usuarioEjecutor, quien.ipCliente]),
      ])
      .filter(([, mirada]) => !miradas.has(mirada));
  }

  return async function descifrar(cargas: readonly Payload[], lector: Lector): Promise<Payload[]> {
    // Opened here alone: nothing of it leaves before the log has heard. What does not open is nobody's, whatever it says of itself.
    const abiertas = await Promise.all(cargas.map(abrir));
    const codigos = cargas.flatMap((carga, i) => {
      const abierta = abiertas[i];
      const lugar = lugarEnClaro(carga);
      if (!abierta || abierta === carga || lugar === null || esRechazada(abierta)) return [];
      return codigoDe(lugar.workflowId) ?? (lugar.workflowId || sinLugar(carga, abierta));
    });
    const porAnotar = nuevas(codigos, lector);
    if (porAnotar.length > 0) {
      await anotar(porAnotar.map(([codigo]) => ({ codigo, ...lector })));
      for (const [, mirada] of porAnotar) if (miradas.size < MIRADAS_MAX) miradas.set(mirada, ahoraMs());
    }
    contar(codigos.length, lector.conDatosPersonales);
    if (lector.conDatosPersonales) return abiertas;
    // What came in clear was written for operators, or is none of ours and says only that.
    return abiertas.map((abierta, i) => {
      const carga = cargas[i];
      const estabaSellada = carga && lugarEnClaro(carga) !== null;
      return estabaSellada && abierta !== carga ? conMascara(abierta) : abierta;
    });
  };

  /** The same payload where the key that sealed it is not here: it may come back. */
  async function abrir(carga: Payload): Promise<Payload> {
    try {
      const [abierta] = await codec.decode([carga]);
      return abierta ?? carga;
    } catch (error) {
      if (error instanceof Ilegible) return carga;
      throw error;
    }
  }

  function conMascara(carga: Payload): Payload {
    const codificacion = Buffer.from(carga.metadata?.['encoding'] ?? []).toString();
    if (codificacion === 'binary/null') return carga;
    // Ours are all JSON.
    if (codificacion !== 'json/plain') return defaultPayloadConverter.toPayload(OCULTO);
    return defaultPayloadConverter.toPayload(enmascarar(defaultPayloadConverter.fromPayload(carga), visible));
  }
}
