/** GET ~/por-revocar: what was discarded, for the PKI's operators to revoke where it exists. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { fechaIso } from '../../../shared/nucleo/fechas.ts';
import { PAGINA } from '../../../shared/emision/plazos.ts';
import type { PorRevocar, Posicion } from '../../../shared/emision/soporte.ts';
import type { RegistroDeSoporte } from '../../../shared/registro/emision/registro-de-soporte.ts';
import { leerConsulta } from '../../http/peticion/consulta.ts';
import { respuestasDeFallos } from '../../http/documento/operacion-documentada.ts';
import { responder } from '../../http/peticion/peticion.ts';
import type { Ruta } from '../../http/peticion/ruta.ts';
import { EXITOS } from '../../../shared/nucleo/fallos.ts';
import { esquemaSobre, fechaHoraDeRespuesta } from '../../http/peticion/sobre.ts';
import { PREFIJO } from '../../prefijo.ts';
import { ETIQUETA_DE_SOPORTE } from '../documentacion.ts';
import { CORRELACION, respuestaDeExito, FALLOS_COMUNES } from '../../http/documento/respuestas-comunes.ts';
import { escribirCsv } from '../../http/peticion/csv.ts';
import { codigoDeRespuesta } from '../campos.ts';
import { DESCRIPCION_DE_CURSOR, esquemaDeCursor, leerCursor, paginar } from './cursor.ts';
import { EJEMPLO_DE_CURSOR_POR_REVOCAR, EJEMPLO_POR_REVOCAR } from './ejemplos.ts';

type Registro = Pick<RegistroDeSoporte, 'listarPorRevocar'>;

const LISTA = 'por-revocar';
const ENCONTRADOS = 'Lo que debe revocarse si existe';
const CSV = 'text/csv';

const cursor = esquemaDeCursor(LISTA);
const parametros = z.strictObject({ cursor: cursor.exactOptional() });

const esquemaDeLinea = z
  .object({
    codigoSolicitudTramite: codigoDeRespuesta,
    generacion: z.int().meta({ description: 'De cuál de las emisiones que soporte ordenó; 1 la primera' }),
    causa: z
      .enum(['NUEVA_EMISION', 'EMITIDO_DESCARTADO'])
      .meta({ description: 'Lo descartó una nueva emisión, o la resolución de un resultado incierto' }),
    claveIdempotencia: z
      .guid()
      .meta({ description: 'Idempotency-Key con la que se pidió el paso 2 a la PKI' }),
    solicitudPkiId: z
      .string()
      .nullable()
      .meta({ description: 'Con el que la PKI conoce la solicitud; null si no lo respondió' }),
    numerosSerie: z
      .array(z.string())
      .meta({ description: 'De los certificados que la PKI respondió, si lo hizo' }),
    fechaRegistro: fechaHoraDeRespuesta.meta({ description: 'Cuándo entró en la lista' }),
  })
  .meta({ id: 'PorRevocar' });
type Linea = z.infer<typeof esquemaDeLinea>;

const RESPUESTA = {
  nombre: 'RespuestaPorRevocar',
  esquema: esquemaSobre(
    z
      .object({
        porRevocar: z.array(esquemaDeLinea).meta({ description: 'De lo más reciente a lo más antiguo' }),
        siguiente: z
          .string()
          .nullable()
          .meta({ description: 'El cursor de la página que sigue; null si no hay más' }),
      })
      .meta({ id: 'PaginaPorRevocar', description: 'null si la petición falló' }),
  ),
};

function listarPorRevocar(soporte: Registro) {
  return async (req: Request, res: Response): Promise<void> => {
    const { cursor: recibido } = leerConsulta(req, parametros);
    const despuesDe = recibido === undefined ? null : leerCursor(LISTA, recibido);
    res.vary('Accept');
    // Read before the answer begins: that the register does not answer can still be told in the envelope.
    const pagina = await unaPagina(soporte, despuesDe);
    if (req.accepts('application/json', CSV) === CSV) {
      res.status(EXITOS.CONSULTADO).set({
        'Content-Type': `${CSV}; charset=utf-8; header=present`,
        'Content-Disposition': 'attachment; filename="por-revocar.csv"',
        'Cache-Control': 'no-store',
      });
      await pipeline(Readable.from(enCsv(soporte, pagina)), res).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
      });
      return;
    }
    const { lineas, siguiente } = pagina;
    responder(res, EXITOS.CONSULTADO, {
      success: true,
      message: ENCONTRADOS,
      data: { porRevocar: lineas, siguiente },
    });
  };
}

interface Pagina {
  lineas: Linea[];
  siguiente: string | null;
}

async function unaPagina(soporte: Registro, despuesDe: Posicion | null): Promise<Pagina> {
  const halladas = await soporte.listarPorRevocar(despuesDe, PAGINA + 1);
  const { pagina, siguiente } = paginar(LISTA, halladas, posicionDe);
  return { lineas: pagina.map(lineaDe), siguiente };
}

/** A file holds the whole list, however long it is: each page is read once the client has taken the one before. */
async function* enCsv(soporte: Registro, primera: Pagina): AsyncGenerator<string> {
  yield escribirCsv([COLUMNAS]);
  for (let pagina = primera; ;) {
    yield escribirCsv(pagina.lineas.map(filaDe));
    if (pagina.siguiente === null) return;
    pagina = await unaPagina(soporte, leerCursor(LISTA, pagina.siguiente));
  }
}

function posicionDe({ registradaEn, codigoSolicitudTramite }: PorRevocar): Posicion {
  return { aceptadaEn: new Date(registradaEn), codigo: codigoSolicitudTramite };
}

function lineaDe({ clave, registradaEn, ...resto }: PorRevocar): Linea {
  return { ...resto, claveIdempotencia: clave, fechaRegistro: fechaIso(new Date(registradaEn)) };
}

const COLUMNAS = Object.keys(esquemaDeLinea.shape) as (keyof Linea)[];

function filaDe(linea: Linea) {
  return COLUMNAS.map((columna) => {
    const valor = linea[columna];
    return Array.isArray(valor) ? valor.join(' ') : valor;
  });
}

export function rutaDeListarPorRevocar(soporte: Registro): Ruta {
  const ejemplo = lineaDe(EJEMPLO_POR_REVOCAR);
  return {
    metodo: 'GET',
    path: `${PREFIJO}/por-revocar`,
    permiso: 'certificados:reejecutar',
    atender: listarPorRevocar(soporte),
    documento: {
      operationId: 'listarPorRevocar',
      resumen: 'Lista lo que se descartó y debe revocarse si existe',
      descripcion:
        `De lo más reciente a lo más antiguo, ${PAGINA} por página. Con \`Accept: text/csv\`, la lista entera en un archivo: un ` +
        'apóstrofo precede a lo que una hoja de cálculo tomaría por una fórmula.',
      etiqueta: ETIQUETA_DE_SOPORTE,
      parametros: [
        {
          nombre: 'cursor',
          en: 'query',
          opcional: true,
          descripcion: DESCRIPCION_DE_CURSOR,
          esquema: cursor,
          ejemplo: EJEMPLO_DE_CURSOR_POR_REVOCAR,
        },
        CORRELACION,
      ],
      respuestas: [
        {
          ...respuestaDeExito(EXITOS.CONSULTADO, 'Una página de la lista; como CSV, toda', RESPUESTA, {
            pagina: { message: ENCONTRADOS, data: { porRevocar: [ejemplo], siguiente: null } },
          }),
          csv: escribirCsv([COLUMNAS, filaDe(ejemplo)]),
        },
        ...respuestasDeFallos(FALLOS_COMUNES, RESPUESTA),
      ],
    },
  };
}
