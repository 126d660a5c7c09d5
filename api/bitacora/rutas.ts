/** The routes of the audit log: its entries with their proofs, its checkpoint, and the proof that it only grew. */
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { EntradaProbada, PruebasDeBitacora } from '../../shared/bitacora/pruebas.ts';
import { FALLOS } from '../../shared/bitacora/fallos.ts';
import type { EnviadasPor } from '../../shared/registro/dominios.ts';
import type { Huella } from '../../shared/runtime/claves/cifrado.ts';
import { PREFIJO } from '../prefijo.ts';
import { esUuid } from '../../shared/nucleo/uuid.ts';
import { clienteLegible } from '../http/acceso/clientes.ts';
import { leerConsulta } from '../http/peticion/consulta.ts';
import { exigirSinFaltas, FalloHttp } from '../http/peticion/fallo-http.ts';
import {
  respuestasDeFallos,
  type EsquemaConNombre,
  type Etiqueta,
  type ParametroDocumentado,
  type RespuestaDocumentada,
} from '../http/documento/operacion-documentada.ts';
import { responder } from '../http/peticion/peticion.ts';
import {
  CORRELACION,
  respuestaDeExito,
  FALLOS_COMUNES,
  soloLasPropias,
} from '../http/documento/respuestas-comunes.ts';
import type { Ruta } from '../http/peticion/ruta.ts';
import type { Identidad } from '../http/acceso/token.ts';
import { EXITOS } from '../../shared/nucleo/fallos.ts';
import { EJEMPLO_DE_ENTRADA, EJEMPLO_DE_PUNTO } from './ejemplos.ts';
import {
  datosDeConsistencia,
  datosDeEntrada,
  datosDePunto,
  RESPUESTA_CONSISTENCIA,
  RESPUESTA_ENTRADA,
  RESPUESTA_PUNTO,
} from './esquemas.ts';

const ETIQUETA: Etiqueta = {
  nombre: 'bitacora',
  descripcion: 'La bitácora de auditoría y sus pruebas. De quien audita.',
};

const MENSAJES = {
  entrada: 'La entrada de la bitácora',
  sinLugar: 'La entrada todavía no tiene lugar en el árbol: pida su prueba en unos segundos',
  punto: 'El punto de control más reciente',
  consistencia: 'La bitácora sólo creció',
};

/** As a URL writes them; an epoch is a number of 32 bits in the database. */
const NUMERO = { epoca: /^(0|[1-9]\d{0,8})$/, desde: /^(0|[1-9]\d{0,14})$/ };
const numero = (forma: RegExp) => z.string().regex(forma, 'debe ser un número entero').transform(Number);
const epoca = numero(NUMERO.epoca);
const desde = numero(NUMERO.desde);

function parametroDeConsulta(
  nombre: keyof typeof NUMERO,
  descripcion: string,
  opcional: boolean,
): ParametroDocumentado {
  return {
    nombre,
    en: 'query',
    opcional,
    descripcion,
    esquema: z.string().regex(NUMERO[nombre]),
    ejemplo: '1',
  };
}

function noHay(que: string): FalloHttp {
  return new FalloHttp(FALLOS.SOLICITUD_NO_ENCONTRADA, [que]);
}

function fallosDeBitacora(esquema: EsquemaConNombre): RespuestaDocumentada[] {
  return respuestasDeFallos([...FALLOS_COMUNES, FALLOS.SOLICITUD_NO_ENCONTRADA], esquema);
}

export interface DependenciasDeRutas extends PruebasDeBitacora {
  enviadasPor: EnviadasPor;
  huella: Huella;
}

export function rutasDeBitacora(deps: DependenciasDeRutas): Ruta[] {
  return [rutaDeEntrada(deps), rutaDePunto(deps), rutaDeConsistencia(deps)];
}

function rutaDeEntrada({ enviadasPor, huella, ...bitacora }: DependenciasDeRutas): Ruta {
  /** An entry is about a codigo: it may be read by who may read that. */
  const esLegible = async ({ hoja }: EntradaProbada, quien: Identidad): Promise<boolean> => {
    const cliente = clienteLegible(huella, quien, 'certificados:consultar');
    if (cliente === undefined) return true;
    const { dominio, codigo } = JSON.parse(hoja.toString()) as { dominio: string; codigo: string };
    return (await enviadasPor(dominio, cliente, [codigo])).has(codigo);
  };

  return {
    metodo: 'GET',
    path: `${PREFIJO}/bitacora/entradas/{registroAuditoriaId}`,
    permiso: 'certificados:consultar',
    async atender(req: Request, res: Response, quien: Identidad) {
      const id = String(req.params.registroAuditoriaId).toLowerCase();
      exigirSinFaltas(esUuid(id) ? [] : ['registroAuditoriaId: debe ser un UUID']);
      const entrada = await bitacora.leerEntrada(id);
      if (!entrada || !(await esLegible(entrada, quien)))
        throw noHay('registroAuditoriaId: la bitácora no tiene esa entrada');
      const message = entrada.lugar ? MENSAJES.entrada : MENSAJES.sinLugar;
      responder(res, EXITOS.CONSULTADO, { success: true, message, data: datosDeEntrada(entrada) });
    },
    documento: {
      operationId: 'consultarEntradaDeBitacora',
      resumen: 'Devuelve una entrada de la bitácora y su prueba',
      descripcion:
        'La hoja no tiene datos personales: de quien pidió la emisión sólo guarda un resumen con clave. ' +
        '`npm run bitacora -- comprobar` y cualquier programa que lea c2sp.org/tlog-proof comprueban la prueba. ' +
        soloLasPropias('certificados:consultar'),
      etiqueta: ETIQUETA,
      parametros: [
        {
          nombre: 'registroAuditoriaId',
          en: 'path',
          descripcion: 'El de `data.auditoria` de la solicitud',
          esquema: z.guid(),
          ejemplo: EJEMPLO_DE_ENTRADA.id,
        },
        CORRELACION,
      ],
      respuestas: [
        respuestaDeExito(EXITOS.CONSULTADO, 'La entrada existe', RESPUESTA_ENTRADA, {
          probada: { message: MENSAJES.entrada, data: datosDeEntrada(EJEMPLO_DE_ENTRADA) },
          sinLugar: {
            message: MENSAJES.sinLugar,
            data: datosDeEntrada({ ...EJEMPLO_DE_ENTRADA, lugar: null }),
          },
        }),
        ...fallosDeBitacora(RESPUESTA_ENTRADA),
      ],
    },
  };
}

function rutaDePunto(bitacora: PruebasDeBitacora): Ruta {
  const parametros = z.strictObject({ epoca: epoca.exactOptional() });
  return {
    metodo: 'GET',
    path: `${PREFIJO}/bitacora/punto-de-control`,
    permiso: 'certificados:consultar',
    async atender(req: Request, res: Response) {
      const { epoca } = leerConsulta(req, parametros);
      const punto = await bitacora.leerPunto(epoca);
      if (!punto) throw noHay('epoca: la bitácora no tiene ningún punto de control de esa época');
      responder(res, EXITOS.CONSULTADO, {
        success: true,
        message: MENSAJES.punto,
        data: datosDePunto(punto),
      });
    },
    documento: {
      operationId: 'consultarPuntoDeControl',
      resumen: 'Devuelve el punto de control firmado más reciente',
      descripcion: 'Quien lo guarda puede exigir después que la bitácora haya sólo crecido desde él.',
      etiqueta: ETIQUETA,
      parametros: [parametroDeConsulta('epoca', 'La más reciente, si falta', true), CORRELACION],
      respuestas: [
        respuestaDeExito(EXITOS.CONSULTADO, 'El punto de control', RESPUESTA_PUNTO, {
          punto: { message: MENSAJES.punto, data: datosDePunto(EJEMPLO_DE_PUNTO) },
        }),
        ...fallosDeBitacora(RESPUESTA_PUNTO),
      ],
    },
  };
}

function rutaDeConsistencia(bitacora: PruebasDeBitacora): Ruta {
  const parametros = z.strictObject({ epoca, desde });
  return {
    metodo: 'GET',
    path: `${PREFIJO}/bitacora/consistencia`,
    permiso: 'certificados:consultar',
    async atender(req: Request, res: Response) {
      const { epoca, desde } = leerConsulta(req, parametros);
      const hallada = await bitacora.leerConsistencia(epoca, desde);
      if (!hallada) throw noHay('desde: la época no existe o nunca tuvo tantas entradas');
      const data = datosDeConsistencia(desde, hallada.prueba, hallada.punto);
      responder(res, EXITOS.CONSULTADO, { success: true, message: MENSAJES.consistencia, data });
    },
    documento: {
      operationId: 'consultarConsistencia',
      resumen: 'Prueba que la bitácora sólo creció desde un tamaño anterior',
      descripcion: 'Hasta el punto de control más reciente de la época (RFC 6962, 2.1.2).',
      etiqueta: ETIQUETA,
      parametros: [
        parametroDeConsulta('epoca', 'La del punto de control guardado', false),
        parametroDeConsulta('desde', 'El tamaño del punto de control guardado', false),
        CORRELACION,
      ],
      respuestas: [
        respuestaDeExito(EXITOS.CONSULTADO, 'La prueba', RESPUESTA_CONSISTENCIA, {
          prueba: {
            message: MENSAJES.consistencia,
            data: datosDeConsistencia(1, EJEMPLO_DE_ENTRADA.lugar?.camino ?? [], EJEMPLO_DE_PUNTO),
          },
        }),
        ...fallosDeBitacora(RESPUESTA_CONSISTENCIA),
      ],
    },
  };
}
