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
import { pathDeReejecucion } from '../enlaces.ts';
import { CORRELACION, respuestaDeExito, FALLOS_COMUNES } from '../../http/documento/respuestas-comunes.ts';
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
  .meta({ minItems: 1, maxItems: REEJECUCIONES_MAX, uniqueItems: true });

const esquema = z
  .strictObject({
    codigos: codigos.exactOptional(),
    filtro: filtroDeFallidas
      .exactOptional()
      .meta({ description: 'Entre las FALLIDO; vacío, todas. Hasta el máximo de una reejecución' }),
    motivo,
    simular: z
      .boolean()
      .exactOptional()
      .meta({ description: 'true dice qué se ejecutaría y no inicia nada' }),
  })
  .refine(({ codigos, filtro }) => (codigos === undefined) !== (filtro === undefined), {
    error: 'debe traer codigos o filtro, y sólo uno de los dos',
    when: ({ value }) => typeof value === 'object' && value !== null,
  })
  .meta({ oneOf: [{ required: ['codigos'] }, { required: ['filtro'] }] });

const esquemaDePrevision = z.object({
  alcance,
  total: z.int(),
  ejecutables: z.int(),
  omitidas: z.int(),
  solicitudes: z.array(
    z.object({
      codigoSolicitudTramite: z.string(),
      ejecutable: z.boolean(),
      ...camposDeFallo,
      detalle: z.string().nullable().meta({ description: 'Por qué se omitiría, y qué hacer' }),
    }),
  ),
});

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
      etiqueta: 'Soporte',
      parametros: [CORRELACION],
      cuerpo: {
        nombre: 'OrdenDeReejecucionMasiva',
        esquema,
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
