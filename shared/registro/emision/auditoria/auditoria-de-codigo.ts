/** Compares the rows of one codigo with what the audit log tells of it, and what is encrypted in them with both. */
import type { Selectable } from 'kysely';
import { PASOS, type ContextoDePeticion, type NumeroSolicitud } from '../../../emision/contrato.ts';
import { huellasDe } from '../../../emision/misma-solicitud.ts';
import type { SolicitudCertificado } from '../../../emision/solicitud.ts';
import { esListaDeTextos } from '../../../nucleo/json.ts';
import type { Claves } from '../../../runtime/claves/claves.ts';
import { candadoDe, huellaDeDetalles } from '../filas/anotaciones.ts';
import { claveDeIdempotencia } from '../filas/claves-de-emision.ts';
import type { ColumnaCifrada } from '../filas/columnas-cifradas.ts';
import { faltasDeLoEmitido, type Falta, type FilasDeCodigo } from './auditoria-de-lo-emitido.ts';
import { sonLosEntregados } from '../filas/certificados-entregados.ts';
import { descifrarColumna } from '../filas/columnas-cifradas.ts';
import { type Extracto } from '../filas/filas.ts';
import { NUMEROS_SOLICITUD, type Historia } from './historia-de-codigo.ts';
import type { TablaSolicitudes } from '../filas/esquema.ts';

/** @param claves null: what is encrypted or keyed stays unread */
export function compararCodigo(historia: Historia, filas: FilasDeCodigo, claves: Claves | null): Falta[] {
  const { codigo } = historia;
  const { solicitud } = filas;
  if (!solicitud)
    return [{ falta: `Falta la solicitud ${codigo}, de la que la bitácora tiene entradas: fue borrada.` }];
  return [
    ...historia.faltas.map((falta) => ({
      falta: `La bitácora de la solicitud ${codigo} no es posible: ${falta}.`,
    })),
    ...faltaDeEntrada(historia, solicitud),
    ...difieren(`La solicitud ${codigo} no está como la bitácora anotó`, [
      ...diferenciasDeFila(historia, solicitud),
      ...(claves ? diferenciasDeCandado(historia, solicitud, claves) : []),
    ]),
    ...(claves
      ? difieren(
          `Los datos cifrados de la solicitud ${codigo} no son los suyos, o no se abren`,
          cifradosAjenos(historia, solicitud, claves),
        )
      : []),
    ...difieren(
      `Los pasos de la solicitud ${codigo} no son los que la bitácora anotó`,
      diferenciasDePasos(historia, filas),
    ),
    ...faltasDeLoEmitido(historia, filas, claves),
    ...[...historia.reejecuciones]
      .filter((id) => !filas.reejecuciones.includes(id))
      .map((id) => ({
        falta: `Falta la línea de la solicitud ${codigo} en la reejecución masiva ${id}, que la bitácora nombra.`,
      })),
  ];
}

function difieren(que: string, columnas: readonly string[]): Falta[] {
  return columnas.length === 0 ? [] : [{ falta: `${que}: ${columnas.join(', ')}.` }];
}

function faltaDeEntrada(
  { codigo, ids }: Historia,
  { registro_auditoria_id: id }: { registro_auditoria_id: string },
) {
  return ids.has(id) ? [] : [{ id, falta: `Falta la entrada que nombra la solicitud ${codigo}.` }];
}

function diferenciasDeFila(historia: Historia, fila: Selectable<TablaSolicitudes>): string[] {
  const { huellaSolicitud, oficina, cliente, fallo } = historia;
  const debidos: Partial<Record<keyof TablaSolicitudes, unknown>> = {
    estado: historia.estado,
    generacion: historia.generacion,
    run_id: historia.runId,
    resultado_incierto: historia.incierto,
    resolucion: historia.resolucion,
    fallo_tipo: fallo && fallo.tipo,
    fallo_paso: fallo && fallo.paso,
    ...(huellaSolicitud !== undefined && { huella_solicitud: huellaSolicitud }),
    ...(oficina !== undefined && { oficina }),
    ...(cliente !== undefined && { cliente }),
    // An entry that is missing is a finding of its own.
    ...(historia.ids.has(fila.registro_auditoria_id) && { registro_auditoria_id: historia.entradaId }),
  };
  // Retention leaves an extract in the place of the request, and nothing of why it failed.
  const { retirada } = historia;
  const presentes: Partial<Record<keyof TablaSolicitudes, boolean>> = {
    cuerpo: !retirada,
    contexto: !retirada,
    extracto: retirada,
    ...(historia.estado === 'FALLIDO' && { fallo_detalles: !retirada }),
  };
  return [
    ...Object.entries(debidos).filter(
      ([columna, debido]) => fila[columna as keyof TablaSolicitudes] !== debido,
    ),
    ...Object.entries(presentes).filter(
      ([columna, debeEstar]) => (fila[columna as keyof TablaSolicitudes] !== null) !== debeEstar,
    ),
  ].map(([columna]) => columna);
}

/** The lock and the X-Request-ID, by what the entry commits to. */
function diferenciasDeCandado(
  { codigo, candado }: Historia,
  { huella_ciudadano, request_id }: Selectable<TablaSolicitudes>,
  claves: Claves,
): string[] {
  const propio = candadoDe(claves, { codigo, huellaCiudadano: huella_ciudadano, requestId: request_id });
  return candado === undefined || candado === propio ? [] : ['huella_ciudadano o request_id'];
}

/** Columns whose value does not open, or is not what the columns in clear say. */
function cifradosAjenos(
  { fallo, certificados }: Historia,
  fila: Selectable<TablaSolicitudes>,
  { cifrado, huella }: Claves,
): string[] {
  const { codigo } = fila;
  const entregados = certificados.map(({ tipoCertificado: tipo, huellaCertificado }) => ({
    tipo,
    huellaCertificado,
  }));
  const comprobaciones: {
    columna: ColumnaCifrada;
    valor: Uint8Array | null;
    esSuyo: (claro: unknown) => boolean;
  }[] = [
    {
      columna: 'solicitudes.cuerpo',
      valor: fila.cuerpo,
      esSuyo: (claro) => {
        const suyas = huellasDe(huella, claro as SolicitudCertificado);
        return (
          suyas.huellaSolicitud === fila.huella_solicitud && suyas.huellaCiudadano === fila.huella_ciudadano
        );
      },
    },
    {
      columna: 'solicitudes.contexto',
      valor: fila.contexto,
      esSuyo: (claro) => {
        const { requestId, oficinaEjecucion, cliente } = claro as ContextoDePeticion;
        // An earlier version wrote no client, in the one or the other: then only clients that may read all read it.
        const esSuCliente = !fila.cliente || !cliente || cliente === fila.cliente;
        return requestId === fila.request_id && oficinaEjecucion === fila.oficina && esSuCliente;
      },
    },
    {
      columna: 'solicitudes.extracto',
      valor: fila.extracto,
      esSuyo: (claro) => {
        const { certificados } = claro as Extracto;
        // That of an earlier retention of the same codigo opens too: the certificates tell it apart.
        return certificados === undefined || sonLosEntregados(certificados, entregados);
      },
    },
    {
      columna: 'solicitudes.fallo_detalles',
      valor: fila.fallo_detalles,
      // Those of an earlier run of the same codigo open too: their hash tells them apart.
      esSuyo: (claro) =>
        fallo?.detalles === undefined ||
        fallo.detalles === huellaDeDetalles({ huella }, codigo, claro as string[]),
    },
  ];
  return comprobaciones
    .filter(
      ({ columna, valor, esSuyo }) =>
        valor !== null && !seCumple(() => esSuyo(descifrarColumna(cifrado, valor, columna, codigo))),
    )
    .map(({ columna }) => columna.slice(columna.indexOf('.') + 1));
}

/** Whether a condition holds; of a value that does not open, none does. */
function seCumple(condicion: () => boolean): boolean {
  try {
    return condicion();
  } catch {
    return false;
  }
}

function diferenciasDePasos(historia: Historia, { pasos, solicitud }: FilasDeCodigo): string[] {
  const { codigo, generacion, numeros, estado, reconstruida } = historia;
  const diferencias = pasos.flatMap(
    ({ paso, clave_idempotencia, envios_sin_aclarar, numeros_solicitud, ...fila }) => [
      ...(clave_idempotencia === claveDeIdempotencia(codigo, paso, fila.generacion)
        ? []
        : [`clave_idempotencia del paso ${paso}`]),
      ...(esListaDeTextos(envios_sin_aclarar) ? [] : [`envios_sin_aclarar del paso ${paso}`]),
      ...(numeros_solicitud === null || leerNumeros(numeros_solicitud)
        ? []
        : [`numeros_solicitud de la generación ${fila.generacion}`]),
    ],
  );
  for (const paso of PASOS) {
    const fila = pasos.find((una) => una.generacion === generacion && una.paso === paso);
    if (!fila) {
      diferencias.push(`falta el paso ${paso}`);
      continue;
    }
    const estaHecho = fila.estado === 'COMPLETADO';
    const debeEstarlo = estado === 'COMPLETADO' || (paso === 1 && numeros.has(generacion));
    // A step 1 that was reconstructed from Temporal has no entry of its own.
    if (estaHecho !== debeEstarlo && !(reconstruida && paso === 1))
      diferencias.push(`estado del paso ${paso}`);
    if (
      paso === 2 &&
      solicitud?.estado === 'FALLIDO' &&
      esListaDeTextos(fila.envios_sin_aclarar) &&
      fila.envios_sin_aclarar.length > 0 !== historia.incierto
    )
      diferencias.push('envios_sin_aclarar del paso 2');
  }
  for (const [dada, { solicitudPkiId, numerosSolicitud }] of numeros) {
    const fila = pasos.find((una) => una.generacion === dada && una.paso === 1);
    if (fila?.solicitud_pki_id !== solicitudPkiId)
      diferencias.push(`solicitud_pki_id de la generación ${dada}`);
    const guardados = leerNumeros(fila?.numeros_solicitud ?? []);
    if (numerosSolicitud && guardados && !sonLosMismosNumeros(guardados, numerosSolicitud))
      diferencias.push(`numeros_solicitud de la generación ${dada}`);
  }
  return diferencias;
}

/** @returns null where they are none */
function leerNumeros(valor: unknown): NumeroSolicitud[] | null {
  return NUMEROS_SOLICITUD.safeParse(valor).data ?? null;
}

function sonLosMismosNumeros(unos: readonly NumeroSolicitud[], otros: readonly NumeroSolicitud[]): boolean {
  const clave = (numeros: typeof unos) =>
    JSON.stringify(numeros.map(({ tipoCertificado, numeroSolicitud }) => [tipoCertificado, numeroSolicitud]));
  return clave(unos) === clave(otros);
}
