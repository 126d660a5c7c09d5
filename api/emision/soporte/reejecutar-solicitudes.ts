/** POST ~/reejecuciones: runs many failed issuances again, or tells which it would run. */
import type { Request, Response } from 'express';
import { z } from 'zod';
import { REEJECUCIONES_MAX } from '../../../shared/emision/plazos.ts';
import { codigoSolicitudTramite } from '../../../shared/emision/solicitud.ts';
import { leerCuerpo } from '../../http/peticion/cuerpo.ts';
import { respuestasDeFallos } from '../../http/documento/operacion-documentada.ts';
import { responder } from '../../http/peticion/peticion.ts';
import type { Ruta } from '../../http/peticion/ruta.ts';
import { EXITOS } from '../../../shared/nucleo/fallos.ts';
import { esquemaSobre } from '../../http/peticion/sobre.ts';
import { alcance } from '../../http/acceso/clientes.ts';
import type { Identidad } from '../../http/acceso/token.ts';
import { PREFIJO } from '../../prefijo.ts';
import { ETIQUETA_DE_SOPORTE } from '../documentacion.ts';
import { pathDeReejecucion } from '../enlaces.ts';
import { CORRELACION, respuestaDeExito, FALLOS_COMUNES } from '../../http/documento/respuestas-comunes.ts';
import { codigoDeRespuesta } from '../campos.ts';
import { datosDeAvance, RESPUESTA_DE_AVANCE } from './avance.ts';
import { EJEMPLO_DE_AVANCE } from './ejemplos.ts';
import { filtroDe, filtroDeFallidas } from './filtro.ts';
import { motivo, solicitanteDe } from './orden.ts';
import type { Prevision, Reejecuciones } from './reejecuciones.ts';
import { camposDeFallo, falloEnLinea } from './resumen.ts';

/** The longest valid body, every character escaped, is under 200 kB. */
const CUERPO_MAX_BYTES = 256 * 1024;

const INICIADA = 'Reejecución iniciada';
const PREVISTA = 'Simulación: no se inició nada';
const NINGUNA = 'Ninguna solicitud FALLIDO cumple el filtro: no se inició nada';

/** A fault of the whole list is told beside those of single codigos. */
const deLaLista = { when: ({ value }: { value: unknown }) => Array.isArray(value) };

const codigos = z
  .array(codigoSolicitudTramite)
  .refine(({ length }) => length > 0, { error: 'no puede estar vacía', ...deLaLista })
  .refine(({ length }) => length <= REEJECUCIONES_MAX, {
    error: ({ input }) =>
      `trae ${(input as unknown[]).length} códigos y una reejecución admite ${REEJECUCIONES_MAX}; repártalos en varias`,
    ...deLaLista,
  })
  .refine((lista) => new Set(lista).size === lista.length, {
    error: 'no puede repetir códigos',
    ...deLaLista,
  })
  .meta({
    description: 'De las solicitudes que se ejecutan de nuevo',
    minItems: 1,
    maxItems: REEJECUCIONES_MAX,
    uniqueItems: true,
  });

const comunes = {
  motivo,
  simular: z.boolean().exactOptional().meta({ description: 'true dice qué se ejecutaría y no inicia nada' }),
};

const filtro = filtroDeFallidas.meta({
  id: 'FiltroDeFallidas',
  description: 'Entre las FALLIDO; vacío, todas. Hasta el máximo de una reejecución',
});

/** What is read: every fault at once, also where an order brings both kinds of pick. */
const esquema = z
  .strictObject({ codigos: codigos.exactOptional(), filtro: filtro.exactOptional(), ...comunes })
  .refine(({ codigos, filtro }) => (codigos === undefined) !== (filtro === undefined), {
    error: 'debe traer codigos o filtro, y sólo uno de los dos',
    when: ({ value }) => typeof value === 'object' && value !== null,
  });

/** The same as clients are told of it: one of two shapes. */
const esquemaPublicado = z.union([
  z.strictObject({ codigos, ...comunes }).meta({ id: 'ReejecucionPorCodigos' }),
  z.strictObject({ filtro, ...comunes }).meta({ id: 'ReejecucionPorFiltro' }),
]);

const esquemaDePrevision = z
  .object({
    alcance,
    total: z.int().meta({ description: 'Líneas de `solicitudes`' }),
    ejecutables: z.int().meta({ description: 'Cuántas se ejecutarían' }),
    omitidas: z.int().meta({ description: 'Cuántas no' }),
    solicitudes: z
      .array(
        z
          .object({
            codigoSolicitudTramite: codigoDeRespuesta,
            ejecutable: z.boolean().meta({ description: 'Si se ejecutaría' }),
            ...camposDeFallo,
            detalle: z.string().nullable().meta({ description: 'Por qué se omitiría, y qué hacer' }),
          })
          .meta({ id: 'LineaDePrevision' }),
      )
      .meta({ description: 'Qué pasaría con cada una' }),
  })
  .meta({ id: 'Prevision', description: 'null si la petición falló' });

const RESPUESTA_DE_PREVISION = {
  nombre: 'RespuestaPrevision',
  esquema: esquemaSobre(esquemaDePrevision),
};

function reejecutarSolicitudes(reejecuciones: Reejecuciones) {
  return async (req: Request, res: Response, quien: Identidad): Promise<void> => {
    const orden = await leerCuerpo(req, esquema, [], CUERPO_MAX_BYTES);
    const solicitante = solicitanteDe(res, quien);
    const codigos = orden.codigos ?? (await reejecuciones.codigosDe(filtroDe(orden.filtro ?? {})));
    if (orden.simular === true || codigos.length === 0) {
      const previstas = await reejecuciones.prever(codigos, orden.motivo, solicitante);
      responder(res, EXITOS.CONSULTADO, {
        success: true,
        message: codigos.length === 0 ? NINGUNA : PREVISTA,
        data: datosDePrevision(previstas),
      });
      return;
    }
    const avance = await reejecuciones.iniciar(codigos, orden.motivo, solicitante);
    responder(
      res,
      EXITOS.INICIADO,
      { success: true, message: INICIADA, data: datosDeAvance(avance) },
      { Location: pathDeReejecucion(avance.reejecucionId) },
    );
  };
}

function datosDePrevision(previstas: Prevision[]): z.infer<typeof esquemaDePrevision> {
  const omitidas = previstas.filter(({ impedimento }) => impedimento !== null).length;
  return {
    // Support runs an issuance again whichever client sent it.
    alcance: 'todas',
    total: previstas.length,
    ejecutables: previstas.length - omitidas,
    omitidas,
    solicitudes: previstas.map(({ codigo, impedimento }) => ({
      codigoSolicitudTramite: codigo,
      ejecutable: impedimento === null,
      ...falloEnLinea(impedimento?.fallo ?? null),
      detalle: impedimento?.motivo ?? null,
    })),
  };
}

const EJEMPLO_DE_PREVISION: Prevision[] = [
  { codigo: 'SOL-2026-000100', impedimento: null },
  {
    codigo: 'SOL-2026-000002',
    impedimento: { fallo: 'SOLICITUD_EN_PROCESO', motivo: 'La solicitud está en proceso' },
  },
];

export function rutaDeReejecutarSolicitudes(reejecuciones: Reejecuciones): Ruta {
  return {
    metodo: 'POST',
    path: `${PREFIJO}/reejecuciones`,
    permiso: 'certificados:reejecutar',
    atender: reejecutarSolicitudes(reejecuciones),
    documento: {
      operationId: 'reejecutarSolicitudes',
      resumen: 'Ejecuta de nuevo muchas solicitudes FALLIDO',
      descripcion:
        `Por lista o por filtro, hasta ${REEJECUCIONES_MAX}. Sigue aunque se caiga el servicio; \`Location\` dice dónde ver su ` +
        'avance. No admite nuevaEmision: esa se ordena una por una.',
      etiqueta: ETIQUETA_DE_SOPORTE,
      parametros: [CORRELACION],
      cuerpo: {
        nombre: 'OrdenDeReejecucionMasiva',
        esquema: esquemaPublicado,
        ejemplo: {
          filtro: { tipoError: 'PKI_NO_DISPONIBLE', desde: '2026-11-22T00:00:00Z' },
          motivo: 'La PKI ya responde',
          simular: true,
        },
      },
      respuestas: [
        respuestaDeExito(
          EXITOS.CONSULTADO,
          'Con `simular`, o si ninguna cumple el filtro: no se inició nada',
          RESPUESTA_DE_PREVISION,
          {
            simulacion: { message: PREVISTA, data: datosDePrevision(EJEMPLO_DE_PREVISION) },
            ninguna: { message: NINGUNA, data: datosDePrevision([]) },
          },
        ),
        respuestaDeExito(
          EXITOS.INICIADO,
          'Iniciada',
          RESPUESTA_DE_AVANCE,
          { iniciada: { message: INICIADA, data: datosDeAvance(EJEMPLO_DE_AVANCE) } },
          ['Location'],
        ),
        ...respuestasDeFallos(FALLOS_COMUNES, RESPUESTA_DE_AVANCE),
      ],
    },
  };
}
