/**
 * The DBA's table: what one who owns the database may write to it by SQL, and what finds it. docs/audit-log.md shows it.
 * Of each column of the register: an edit that is found, or why none is.
 * Long, since it has a row for each column of the register.
 */

import { claveDeIdempotencia } from '../../../../../shared/registro/emision/filas/claves-de-emision.ts';

/** Who finds it, and what it names. */
interface Edicion {
  tabla: string;
  /** Columns that it writes; none: it deletes or inserts. */
  columnas: string[];
  edicion: string;
  sql: string;
  /** Words of the finding. */
  halla: string;
}

interface SinHallar {
  tabla: string;
  columnas: string[];
  porque: string;
}

/** An issuance with all that hangs on it. */
const borrar = (codigo: string) =>
  [
    ...['certificados', 'recibidos', 'pasos', 'por_revocar', 'solicitudes'].map(
      (tabla) => `delete from ${tabla} where codigo = '${codigo}'`,
    ),
  ].join('; ');

/** The value of another row. */
const deOtra = (tabla: string, columna: string, codigo: string, otro: string) =>
  `update ${tabla} set ${columna} = (select ${columna} from ${tabla} where codigo = '${otro}' limit 1) where codigo = '${codigo}'`;

const intercambiar = (columna: string) =>
  `update certificados a set ${columna} = b.${columna} from certificados b
    where a.codigo = 'SOL-1' and b.codigo = 'SOL-1' and a.tipo in ('CIFRADO', 'FIRMA_DIGITAL')
      and b.tipo in ('CIFRADO', 'FIRMA_DIGITAL') and a.tipo <> b.tipo`;

/** What nobody asked of the PKI, on the to-revoke list under its own key. */
const porRevocar = (codigo: string, generacion: number) =>
  `insert into por_revocar values ('${codigo}', ${generacion}, 'NUEVA_EMISION',
    '${claveDeIdempotencia(codigo, 2, generacion)}', null, '[]', now())`;

/** The constraint of the table stands in the way of none who owns it. */
const SIN_RESTRICCION = 'alter table solicitudes drop constraint if exists peticion_o_extracto';

const fila = (que: string) => `no está como la bitácora anotó: ${que}`;

export const EDICIONES: Edicion[] = [
  {
    tabla: 'solicitudes',
    columnas: ['estado', 'fallo_tipo'],
    edicion: 'a completed issuance becomes a failed one',
    sql: `update solicitudes set estado = 'FALLIDO', fallo_tipo = 'PKI_ERROR' where codigo = 'SOL-1'`,
    halla: 'SOL-1 no está como la bitácora anotó: estado, fallo_tipo',
  },
  {
    tabla: 'solicitudes',
    columnas: ['generacion'],
    edicion: 'the generation is raised',
    sql: `update solicitudes set generacion = 2 where codigo = 'SOL-1'`,
    halla: fila('generacion'),
  },
  {
    tabla: 'solicitudes',
    columnas: ['run_id'],
    edicion: 'another run owns the turn',
    sql: `update solicitudes set run_id = 'otra' where codigo = 'SOL-5'`,
    halla: fila('run_id'),
  },
  {
    tabla: 'solicitudes',
    columnas: ['huella_solicitud'],
    edicion: 'another request passes for this one',
    sql: deOtra('solicitudes', 'huella_solicitud', 'SOL-1', 'SOL-2'),
    halla: fila('huella_solicitud'),
  },
  {
    tabla: 'solicitudes',
    columnas: ['huella_ciudadano'],
    edicion: 'the lock of a citizen is freed: the row is given another hash',
    sql: `update solicitudes set huella_ciudadano = 'nadie' where codigo = 'SOL-5'`,
    halla: fila('huella_ciudadano o request_id'),
  },
  {
    tabla: 'solicitudes',
    columnas: ['request_id'],
    edicion: 'the X-Request-ID of a running request is changed',
    sql: `update solicitudes set request_id = '00000000-0000-4000-8000-000000000000' where codigo = 'SOL-5'`,
    halla: fila('huella_ciudadano o request_id'),
  },
  {
    tabla: 'solicitudes',
    columnas: ['cliente'],
    edicion: 'another client may read it',
    sql: `update solicitudes set cliente = 'de-otro' where codigo = 'SOL-1'`,
    halla: fila('cliente'),
  },
  {
    tabla: 'solicitudes',
    columnas: ['cliente'],
    edicion: 'another client may read what retention has been at',
    sql: `update solicitudes set cliente = 'de-otro' where codigo = 'SOL-0'`,
    halla: fila('cliente'),
  },
  {
    tabla: 'solicitudes',
    columnas: ['resultado_incierto'],
    edicion: 'the lock of an uncertain issuance is freed',
    sql: `update solicitudes set resultado_incierto = false where codigo = 'SOL-3'`,
    halla: fila('resultado_incierto'),
  },
  {
    tabla: 'solicitudes',
    columnas: ['oficina'],
    edicion: 'another office executed it',
    sql: `update solicitudes set oficina = 'OF-999' where codigo = 'SOL-1'`,
    halla: fila('oficina'),
  },
  {
    tabla: 'solicitudes',
    columnas: ['fallo_paso'],
    edicion: 'it failed at another step',
    sql: `update solicitudes set fallo_paso = 1 where codigo = 'SOL-2'`,
    halla: fila('fallo_paso'),
  },
  {
    tabla: 'solicitudes',
    columnas: ['resolucion'],
    edicion: 'support is made to have decided',
    sql: `update solicitudes set resolucion = 'NO_EMITIDO' where codigo = 'SOL-3'`,
    halla: fila('resolucion'),
  },
  {
    tabla: 'solicitudes',
    columnas: ['registro_auditoria_id'],
    edicion: 'the row names an earlier entry of its own',
    sql: `update solicitudes set registro_auditoria_id =
      (select id from bitacora where codigo = 'SOL-1' and evento = 'SOLICITUD_ACEPTADA') where codigo = 'SOL-1'`,
    halla: fila('registro_auditoria_id'),
  },
  {
    tabla: 'solicitudes',
    columnas: ['registro_auditoria_id'],
    edicion: 'the row names the entry of another codigo',
    sql: deOtra('solicitudes', 'registro_auditoria_id', 'SOL-1', 'SOL-2'),
    halla: 'Falta la entrada que nombra la solicitud SOL-1',
  },
  {
    tabla: 'solicitudes',
    columnas: ['cuerpo'],
    edicion: 'the body of another codigo',
    sql: deOtra('solicitudes', 'cuerpo', 'SOL-1', 'SOL-2'),
    halla: 'Los datos cifrados de la solicitud SOL-1 no son los suyos, o no se abren: cuerpo',
  },
  {
    tabla: 'solicitudes',
    columnas: ['contexto'],
    edicion: 'who asked, of another codigo',
    sql: deOtra('solicitudes', 'contexto', 'SOL-1', 'SOL-2'),
    halla: 'o no se abren: contexto',
  },
  {
    tabla: 'solicitudes',
    columnas: ['cuerpo', 'contexto', 'extracto'],
    edicion: 'the request is taken away before its time',
    sql: `update solicitudes set extracto = contexto, contexto = null, cuerpo = null where codigo = 'SOL-1'`,
    halla: fila('cuerpo'),
  },
  {
    tabla: 'solicitudes',
    columnas: ['extracto'],
    edicion: 'whose it was, after its data were taken away, is another’s',
    sql: `update solicitudes set extracto = (select contexto from solicitudes where codigo = 'SOL-1') where codigo = 'SOL-0'`,
    halla: 'o no se abren: extracto',
  },
  {
    tabla: 'solicitudes',
    columnas: ['fallo_detalles'],
    edicion: 'why it failed, of another codigo',
    sql: deOtra('solicitudes', 'fallo_detalles', 'SOL-2', 'SOL-3'),
    halla: 'o no se abren: fallo_detalles',
  },
  {
    tabla: 'solicitudes',
    columnas: ['fallo_detalles'],
    edicion: 'why it failed is taken away before its time',
    sql: `update solicitudes set fallo_detalles = null where codigo = 'SOL-2'`,
    halla: fila('fallo_detalles'),
  },
  {
    tabla: 'solicitudes',
    columnas: ['fallo_detalles'],
    edicion: 'why it failed is why it had failed before',
    sql: `update solicitudes set fallo_detalles = (select fallo_detalles from copia.fallos) where codigo = 'SOL-4'`,
    halla: 'o no se abren: fallo_detalles',
  },
  ...(['cuerpo', 'contexto'] as const).map((columna) => ({
    tabla: 'solicitudes',
    columnas: [columna],
    edicion: {
      cuerpo: 'what was asked for is nulled: it runs no more',
      contexto: 'who asked is nulled: it runs no more',
    }[columna],
    sql: `${SIN_RESTRICCION}; update solicitudes set ${columna} = null where codigo = 'SOL-3'`,
    halla: fila(columna),
  })),
  {
    tabla: 'solicitudes',
    columnas: ['extracto'],
    edicion: 'whose it was, after its data were taken away, is nulled',
    sql: `${SIN_RESTRICCION}; update solicitudes set extracto = null where codigo = 'SOL-0'`,
    halla: fila('extracto'),
  },
  {
    tabla: 'solicitudes',
    columnas: [],
    edicion: 'an issuance is deleted whole',
    sql: borrar('SOL-1'),
    halla: 'Falta la solicitud SOL-1, de la que la bitácora tiene entradas: fue borrada',
  },
  {
    tabla: 'solicitudes',
    columnas: [],
    edicion: 'an issuance is deleted whole, and its entries with it',
    sql: `${borrar('SOL-1')}; delete from bitacora where codigo = 'SOL-1'`,
    halla: 'Falta la entrada: fue borrada',
  },
  {
    tabla: 'solicitudes',
    columnas: [],
    edicion: 'an issuance is invented',
    sql: `insert into solicitudes select 'SOL-X' as codigo, generacion, estado, run_id, huella_solicitud, 'x', 'x',
      resultado_incierto, oficina, cuerpo, contexto, fallo_tipo, fallo_paso, fallo_detalles, registro_auditoria_id,
      aceptada_en, fecha_inicio, fecha_fin from solicitudes where codigo = 'SOL-1'`,
    halla: 'Falta la entrada que nombra la solicitud SOL-X',
  },
  {
    tabla: 'pasos',
    columnas: ['estado'],
    edicion: 'step 1 was never done',
    sql: `update pasos set estado = 'FALLIDO' where codigo = 'SOL-2' and paso = 1`,
    halla: 'Los pasos de la solicitud SOL-2 no son los que la bitácora anotó: estado del paso 1',
  },
  {
    tabla: 'pasos',
    columnas: ['clave_idempotencia'],
    edicion: 'step 2 is sent under another key: the PKI would issue again',
    sql: `update pasos set clave_idempotencia = gen_random_uuid() where codigo = 'SOL-5' and paso = 2`,
    halla: 'clave_idempotencia del paso 2',
  },
  {
    tabla: 'pasos',
    columnas: ['envios_sin_aclarar'],
    edicion: 'nothing was left unclear by an issuance that ended uncertain',
    sql: `update pasos set envios_sin_aclarar = '[]' where codigo = 'SOL-3' and paso = 2`,
    halla: 'envios_sin_aclarar del paso 2',
  },
  {
    tabla: 'pasos',
    columnas: ['solicitud_pki_id'],
    edicion: 'another request at the PKI',
    sql: `update pasos set solicitud_pki_id = 'PKI-9' where codigo = 'SOL-2' and paso = 1`,
    halla: 'solicitud_pki_id de la generación 1',
  },
  {
    tabla: 'pasos',
    columnas: ['numeros_solicitud'],
    edicion: 'other request numbers',
    sql: `update pasos set numeros_solicitud = '[]' where codigo = 'SOL-2' and paso = 1`,
    halla: 'numeros_solicitud de la generación 1',
  },
  {
    tabla: 'pasos',
    columnas: [],
    edicion: 'a step is deleted',
    sql: `delete from pasos where codigo = 'SOL-2' and paso = 2`,
    halla: 'falta el paso 2',
  },
  {
    tabla: 'recibidos',
    columnas: [],
    edicion: 'a set in quarantine is deleted: the PKI would be asked again',
    sql: `delete from recibidos where codigo = 'SOL-2'`,
    halla: 'Falta lo que la PKI respondió en la generación 1 de la solicitud SOL-2',
  },
  {
    tabla: 'recibidos',
    columnas: ['conforme'],
    edicion: 'a set in quarantine conforms',
    sql: `update recibidos set conforme = true, faltas = null where codigo = 'SOL-2'`,
    halla: 'Lo que la PKI respondió en la generación 1 de la solicitud SOL-2 no es lo que se guardó',
  },
  {
    tabla: 'recibidos',
    columnas: ['contenido'],
    edicion: 'what the PKI answered to another codigo',
    sql: deOtra('recibidos', 'contenido', 'SOL-2', 'SOL-1'),
    halla: 'Lo que la PKI respondió en la generación 1 de la solicitud SOL-2 no es lo que se guardó',
  },
  {
    tabla: 'recibidos',
    columnas: ['generacion'],
    edicion: 'what the PKI answered in another generation of the same codigo',
    sql: `update recibidos set generacion = 2 where codigo = 'SOL-4'`,
    halla: 'en la generación 2 de la solicitud SOL-4 no es lo que se guardó',
  },
  {
    tabla: 'recibidos',
    columnas: ['contenido', 'series'],
    edicion: 'what the PKI answered is taken away before its time',
    sql: `update recibidos set contenido = null, faltas = null, series = '[]' where codigo = 'SOL-2'`,
    halla: 'Lo que la PKI respondió en la generación 1 de la solicitud SOL-2 no es lo que se guardó',
  },
  {
    tabla: 'recibidos',
    columnas: ['faltas'],
    edicion: 'why a set does not conform is another’s',
    sql: `update recibidos set faltas = contenido where codigo = 'SOL-2'`,
    halla: 'Lo que la PKI respondió en la generación 1 de la solicitud SOL-2 no es lo que se guardó',
  },
  {
    tabla: 'recibidos',
    columnas: ['faltas'],
    edicion: 'why a set does not conform is nulled',
    sql: `update recibidos set faltas = null where codigo = 'SOL-2'`,
    halla: 'Lo que la PKI respondió en la generación 1 de la solicitud SOL-2 no es lo que se guardó',
  },
  {
    tabla: 'certificados',
    columnas: ['huella_emisor'],
    edicion: 'of no issuer any more: its serial number could come again',
    sql: `update certificados set huella_emisor = null where codigo = 'SOL-1' and tipo = 'CIFRADO'`,
    halla: 'El certificado CIFRADO de la solicitud SOL-1 no es el que la bitácora anotó',
  },
  {
    tabla: 'certificados',
    columnas: [],
    edicion: 'a released certificate is deleted',
    sql: `delete from certificados where codigo = 'SOL-1' and tipo = 'CIFRADO'`,
    halla: 'Falta el certificado CIFRADO de la solicitud SOL-1, que la bitácora anotó como entregado',
  },
  {
    tabla: 'certificados',
    columnas: [],
    edicion: 'all released certificates are deleted',
    sql: `delete from certificados where codigo = 'SOL-1'`,
    halla: 'Falta el certificado FIRMA_DIGITAL de la solicitud SOL-1',
  },
  {
    tabla: 'certificados',
    columnas: [],
    edicion: 'certificates are released that never were',
    sql: `insert into certificados select 'SOL-2', generacion, tipo, 'F' || numero_serie, 'F' || huella_clave_publica,
      huella_certificado, contenido, emitido_en from certificados where codigo = 'SOL-1'`,
    halla: 'El certificado CIFRADO de la solicitud SOL-2 no es el que la bitácora anotó',
  },
  {
    tabla: 'certificados',
    columnas: ['contenido'],
    edicion: 'two certificates of one codigo are exchanged',
    sql: intercambiar('contenido'),
    halla: 'El contenido del certificado CIFRADO de la solicitud SOL-1 es de otro, o no se abre',
  },
  {
    tabla: 'certificados',
    columnas: ['contenido'],
    edicion: 'the certificate of another citizen',
    sql: deOtra('certificados', 'contenido', 'SOL-1', 'SOL-0'),
    halla: 'El contenido del certificado CIFRADO de la solicitud SOL-1 es de otro, o no se abre',
  },
  {
    tabla: 'certificados',
    columnas: ['huella_certificado', 'contenido'],
    edicion: 'two certificates are exchanged, with what is told of them in clear',
    sql: `${intercambiar('contenido')}; ${intercambiar('huella_certificado')}`,
    halla: 'El certificado CIFRADO de la solicitud SOL-1 no es el que la bitácora anotó',
  },
  {
    tabla: 'certificados',
    columnas: ['numero_serie'],
    edicion: 'another serial number: the PKI could repeat it',
    sql: `update certificados set numero_serie = 'AB' where codigo = 'SOL-1' and tipo = 'CIFRADO'`,
    halla: 'El certificado CIFRADO de la solicitud SOL-1 no es el que la bitácora anotó',
  },
  {
    tabla: 'certificados',
    columnas: ['huella_clave_publica'],
    edicion: 'another public key: the PKI could repeat it',
    sql: `update certificados set huella_clave_publica = 'AB' where codigo = 'SOL-1' and tipo = 'CIFRADO'`,
    halla: 'El certificado CIFRADO de la solicitud SOL-1 no es el que la bitácora anotó',
  },
  {
    tabla: 'certificados',
    columnas: ['huella_emisor'],
    edicion: 'another issuer: its serial number could come again',
    sql: `update certificados set huella_emisor = 'AB' where codigo = 'SOL-1' and tipo = 'CIFRADO'`,
    halla: 'El contenido del certificado CIFRADO de la solicitud SOL-1 es de otro, o no se abre',
  },
  {
    tabla: 'certificados',
    columnas: ['generacion'],
    edicion: 'it was released in another generation',
    sql: `update certificados set generacion = 2 where codigo = 'SOL-1' and tipo = 'CIFRADO'`,
    halla: 'El certificado CIFRADO de la solicitud SOL-1 no es el que la bitácora anotó',
  },
  {
    tabla: 'certificados',
    columnas: ['tipo'],
    edicion: 'a certificate of another type',
    sql: `update certificados set tipo = 'OTRO' where codigo = 'SOL-1' and tipo = 'CIFRADO'`,
    halla: 'Falta el certificado CIFRADO de la solicitud SOL-1',
  },
  {
    tabla: 'por_revocar',
    columnas: [],
    edicion: 'a line of the to-revoke list is deleted',
    sql: `delete from por_revocar where codigo = 'SOL-4'`,
    halla: 'Falta en la lista por revocar la generación 1 de la solicitud SOL-4',
  },
  {
    tabla: 'por_revocar',
    columnas: [],
    edicion: 'what was released stands on the to-revoke list',
    sql: `insert into por_revocar select 'SOL-1', 1, causa, clave, solicitud_pki_id, series, registrada_en from por_revocar
      where codigo = 'SOL-4'`,
    halla: 'La línea por revocar de la generación 1 de la solicitud SOL-1 no es la que se anotó',
  },
  {
    tabla: 'por_revocar',
    columnas: [],
    edicion: 'what is under way stands on the to-revoke list, under its own key',
    sql: `${porRevocar('SOL-5', 1)}; update por_revocar set solicitud_pki_id =
      (select solicitud_pki_id from pasos where codigo = 'SOL-5' and paso = 1) where codigo = 'SOL-5'`,
    halla: 'La línea por revocar de la generación 1 de la solicitud SOL-5 no es la que se anotó',
  },
  {
    tabla: 'por_revocar',
    columnas: [],
    edicion: 'a generation that never was stands on the to-revoke list',
    sql: porRevocar('SOL-4', 0),
    halla: 'La línea por revocar de la generación 0 de la solicitud SOL-4 no es la que se anotó',
  },
  {
    tabla: 'por_revocar',
    columnas: [],
    edicion: 'a codigo of nobody stands on the to-revoke list',
    sql: `${porRevocar('SOL-X', 1)}; update por_revocar set series =
      (select jsonb_agg(numero_serie) from certificados where codigo = 'SOL-1') where codigo = 'SOL-X'`,
    halla: 'La bitácora no sabe nada de la solicitud SOL-X, que tiene filas en por_revocar',
  },
  {
    tabla: 'por_revocar',
    columnas: ['series'],
    edicion: 'certificates of another stand on the line of what the PKI never answered',
    sql: `update por_revocar set series = (select jsonb_agg(numero_serie) from certificados where codigo = 'SOL-1')
      where codigo = 'SOL-7'`,
    halla: 'La línea por revocar de la generación 1 de la solicitud SOL-7 no es la que se anotó',
  },
  ...(['pasos', 'recibidos', 'certificados'] as const).map((tabla) => ({
    tabla,
    columnas: [],
    edicion: `a codigo of nobody has rows in ${tabla}`,
    sql: `update ${tabla} set codigo = 'SOL-X' where codigo = 'SOL-1'`,
    halla: `La bitácora no sabe nada de la solicitud SOL-X, que tiene filas en ${tabla}`,
  })),
  {
    tabla: 'reejecuciones_lineas',
    columnas: [],
    edicion: 'a bulk re-run ran a codigo of nobody',
    sql: `update reejecuciones_lineas set codigo = 'SOL-X', estado = 'COMPLETADO'`,
    halla: 'La bitácora no sabe nada de la solicitud SOL-X, que tiene filas en reejecuciones_lineas',
  },
  ...(['causa', 'clave', 'solicitud_pki_id', 'series'] as const).map((columna) => ({
    tabla: 'por_revocar',
    columnas: [columna],
    edicion: {
      causa: 'another reason to revoke',
      clave: 'another key to revoke by',
      solicitud_pki_id: 'another request to revoke',
      series: 'other serial numbers to revoke',
    }[columna],
    sql: `update por_revocar set ${columna} = ${
      {
        causa: `'NUEVA_EMISION'`,
        clave: 'gen_random_uuid()',
        solicitud_pki_id: `'PKI-9'`,
        series: `'["FF"]'`,
      }[columna]
    } where codigo = 'SOL-4'`,
    halla: 'La línea por revocar de la generación 1 de la solicitud SOL-4 no es la que se anotó',
  })),
  {
    tabla: 'reejecuciones',
    columnas: ['orden'],
    edicion: 'somebody else ordered a bulk re-run',
    sql: `update reejecuciones set orden = (select cuerpo from solicitudes where codigo = 'SOL-1')`,
    halla: 'La orden de la reejecución masiva',
  },
  {
    tabla: 'reejecuciones',
    columnas: ['orden'],
    edicion: 'why a bulk re-run was ordered is taken away before its time',
    sql: 'update reejecuciones set orden = null',
    halla: 'La orden de la reejecución masiva',
  },
  {
    tabla: 'reejecuciones',
    columnas: [],
    edicion: 'a bulk re-run is deleted, with its lines',
    sql: 'delete from reejecuciones_lineas; delete from reejecuciones',
    halla: 'Falta la reejecución masiva',
  },
  {
    tabla: 'reejecuciones_lineas',
    columnas: [],
    edicion: 'a bulk re-run is deleted',
    sql: 'delete from reejecuciones_lineas; delete from reejecuciones',
    halla: 'Falta la línea de la solicitud SOL-4 en la reejecución masiva',
  },
  {
    tabla: 'reejecuciones_lineas',
    columnas: ['codigo'],
    edicion: 'a bulk re-run was of another codigo',
    sql: `update reejecuciones_lineas set codigo = 'SOL-X'`,
    halla: 'Falta la línea de la solicitud SOL-4 en la reejecución masiva',
  },
  {
    tabla: 'bitacora',
    columnas: ['evento'],
    edicion: 'an entry that has its place is changed',
    sql: `update bitacora set evento = 'EMISION_FALLIDA' where codigo = 'SOL-1' and evento = 'EMISION_COMPLETADA'`,
    halla: 'La entrada fue alterada después de firmarse',
  },
  {
    tabla: 'bitacora',
    columnas: ['contenido'],
    edicion: 'an entry that waits for its place is changed',
    sql: `update bitacora set contenido = '{"estado":"COMPLETADO"}' where indice is null`,
    halla: 'La entrada fue alterada antes de tener lugar en el árbol: su sello no es el del servicio',
  },
  {
    tabla: 'bitacora',
    columnas: ['registrada_en'],
    edicion: 'an entry that waits for its place is dated otherwise',
    sql: `update bitacora set registrada_en = registrada_en - interval '1 day' where indice is null`,
    halla: 'La entrada fue alterada antes de tener lugar en el árbol: su sello no es el del servicio',
  },
  {
    tabla: 'bitacora',
    columnas: ['sello'],
    edicion: 'an entry that waits for its place is taken for one of the version before',
    sql: `update bitacora set contenido = '{"estado":"FALLIDO"}', sello = null where indice is null`,
    halla: 'La entrada no lleva el sello del servicio y no tiene lugar en el árbol',
  },
  {
    tabla: 'bitacora',
    columnas: ['sello'],
    edicion: 'the seal of an entry that has its place is changed',
    sql: `update bitacora set sello = repeat('0', 64) where codigo = 'SOL-1' and evento = 'EMISION_COMPLETADA'`,
    halla: 'El sello de la entrada no es el suyo',
  },
  {
    tabla: 'bitacora',
    columnas: [],
    edicion: 'an entry is forged, to be given a place',
    sql: `insert into bitacora (id, codigo, generacion, run_id, evento, contenido, registrada_en, dominio)
      values (gen_random_uuid(), 'SOL-1', 1, 'run', 'DATOS_RETIRADOS', '{}', now(), 'emision')`,
    halla: 'La entrada no lleva el sello del servicio y no tiene lugar en el árbol',
  },
  {
    tabla: 'bitacora',
    columnas: ['datos', 'sal'],
    edicion: 'who acted is nulled',
    sql: `update bitacora set datos = null, sal = null where codigo = 'SOL-1'`,
    halla: 'Faltan los datos personales de la entrada, y ninguna otra dice que se retiraron',
  },
  {
    tabla: 'bitacora',
    columnas: ['datos', 'sal'],
    edicion: 'who acted is nulled, and a DATOS_RETIRADOS forged',
    sql: `update bitacora set datos = null, sal = null where codigo = 'SOL-1';
      insert into bitacora (id, codigo, generacion, run_id, evento, contenido, registrada_en, dominio)
        values (gen_random_uuid(), 'SOL-1', 1, 'run', 'DATOS_RETIRADOS', '{"estado":"COMPLETADO"}', now(), 'emision')`,
    halla: 'Faltan los datos personales de la entrada, y ninguna otra dice que se retiraron',
  },
  {
    tabla: 'bitacora',
    columnas: ['datos'],
    edicion: 'somebody else acted',
    sql: `update bitacora set datos = (select datos from bitacora where codigo = 'SOL-2' and datos is not null limit 1)
      where codigo = 'SOL-1' and datos is not null`,
    halla: 'Los datos personales junto a la entrada no son los que se anotaron',
  },
  {
    tabla: 'bitacora',
    columnas: ['epoca', 'indice'],
    edicion: 'an entry loses its place',
    sql: `update bitacora set epoca = null, indice = null where codigo = 'SOL-1' and evento = 'EMISION_COMPLETADA'`,
    halla: 'Falta la entrada: fue borrada',
  },
  ...(['id', 'dominio', 'codigo', 'generacion', 'run_id', 'compromiso'] as const).map((columna) => ({
    tabla: 'bitacora',
    columnas: [columna],
    edicion: `an entry has another ${columna}`,
    sql: `update bitacora set ${columna} = ${columna === 'id' ? 'gen_random_uuid()' : columna === 'generacion' ? '7' : `'x'`}
      where codigo = 'SOL-1' and evento = 'SOLICITUD_ACEPTADA'`,
    halla: 'La entrada fue alterada después de firmarse',
  })),
  {
    tabla: 'bitacora_nodos',
    columnas: ['resumen'],
    edicion: 'the stored tree is changed',
    sql: `update bitacora_nodos set resumen = set_byte(resumen, 0, 255 - get_byte(resumen, 0)) where nivel = 1 and posicion = 0`,
    halla: 'El nodo 1/0 del árbol guardado fue alterado o falta',
  },
  {
    tabla: 'bitacora_nodos',
    columnas: ['epoca', 'nivel', 'posicion'],
    edicion: 'the stored tree has nodes of nobody',
    sql: `insert into bitacora_nodos select epoca, 0, 100000, resumen from bitacora_nodos where nivel = 0 and posicion = 0`,
    halla: 'del árbol guardado no es de ninguna entrada firmada',
  },
  {
    tabla: 'bitacora_puntos',
    columnas: [],
    edicion: 'an older checkpoint is deleted',
    sql: `delete from bitacora_puntos where tamano = (select tamano from bitacora_puntos order by tamano offset 1 limit 1)`,
    halla: 'Falta el punto de control anterior al de',
  },
  {
    tabla: 'bitacora_puntos',
    columnas: ['nota'],
    edicion: 'a checkpoint is changed',
    sql: `update bitacora_puntos set nota = replace(nota, 'prueba', 'otra') where tamano = 1`,
    halla: 'no es el que se firmó',
  },
  {
    tabla: 'bitacora_puntos',
    columnas: ['epoca', 'tamano'],
    edicion: 'a checkpoint is of another size',
    sql: `update bitacora_puntos set tamano = 2 where tamano = 1`,
    halla: 'no es el que se firmó',
  },
  {
    tabla: 'bitacora_epocas',
    columnas: ['epoca'],
    edicion: 'an epoch is invented',
    sql: 'insert into bitacora_epocas values (2)',
    halla: 'La época no tiene ningún punto de control',
  },
  {
    tabla: 'temporal_del_registro',
    columnas: ['namespace_id'],
    edicion: 'the register is to remember the next Temporal that it meets',
    sql: 'update temporal_del_registro set namespace_id = null',
    halla: 'El Temporal que el registro recuerda no es el que la bitácora anotó',
  },
];

/** What finds nothing, and why it may stay so. */
export const SIN_HALLAR: SinHallar[] = [
  {
    tabla: 'solicitudes',
    columnas: ['aceptada_en', 'fecha_inicio', 'fecha_fin'],
    porque: 'they steer the order of lists and the envelope’s dates; when it happened is told by the entries',
  },
  {
    tabla: 'solicitudes',
    columnas: ['reejecucion_id'],
    porque: 'shown to support only; the entry of the re-run names its order',
  },
  {
    tabla: 'pasos',
    columnas: ['intentos', 'fecha_inicio', 'fecha_fin', 'ultimo_fallo', 'proximo_intento'],
    porque: 'shown only; each call is in the log of the PKI and of the worker',
  },
  {
    tabla: 'pasos',
    columnas: ['envios_sin_aclarar'],
    porque:
      'of an issuance that is under way: a mark that is taken away makes its end certain. With an adapter that repeats its answers nothing is issued twice',
  },
  {
    tabla: 'recibidos',
    columnas: ['recibido_en'],
    porque: 'nothing reads it',
  },
  {
    tabla: 'recibidos',
    columnas: ['contenido'],
    porque:
      'where an earlier version wrote it: it does not say of which generation it is. Retention takes it away in its time',
  },
  {
    tabla: 'certificados',
    columnas: ['emitido_en'],
    porque: 'nothing reads it; the certificate itself says it',
  },
  {
    tabla: 'por_revocar',
    columnas: ['registrada_en'],
    porque: 'it steers the order of the list',
  },
  {
    tabla: 'por_revocar',
    columnas: ['causa', 'solicitud_pki_id', 'series'],
    porque:
      'of an issuance that was made again from Temporal’s histories: what these told of the generations before, no entry tells. Its key is held against the codigo all the same: whoever revokes asks the PKI by that',
  },
  {
    tabla: 'reejecuciones',
    columnas: ['creada_en', 'terminada_en'],
    porque: 'shown only; each run that it ordered has its own entries',
  },
  {
    tabla: 'reejecuciones_lineas',
    columnas: ['posicion', 'estado', 'fallo'],
    porque: 'shown only; each run that it ordered has its own entries',
  },
  {
    tabla: 'reejecuciones',
    columnas: ['orden'],
    porque:
      'where an earlier version ordered it: no entry tells of the order, so that it may be nulled. And a bulk re-run that never was may be invented: it is shown, and has run nothing of which no entry tells',
  },
  {
    tabla: 'certificados',
    columnas: ['huella_emisor'],
    porque:
      'nulled where an earlier version released it: that version knew no issuer, and the register fills it in once the serial number comes again',
  },
  {
    tabla: 'solicitudes',
    columnas: ['extracto'],
    porque:
      'where an earlier version retired the request: its extract does not say which certificates were released. A GET of it believes its entry, which verificar finds to be changed',
  },
  {
    tabla: 'solicitudes',
    columnas: ['fallo_detalles'],
    porque:
      'those of an earlier failure of the same codigo, where an earlier version wrote the entry: the words that support reads are then others, and what failed, and where, is told by the entry',
  },
  {
    tabla: 'bitacora',
    columnas: ['sello'],
    porque: 'taken away from an entry that has its place: the tree tells of it',
  },
  {
    tabla: 'claves_del_registro',
    columnas: ['variable', 'clave', 'comprobacion', 'en_uso', 'recifrada_en', 'registrada_en'],
    porque:
      'not found, but compared with the keys themselves by each process that starts, and by this command: another value is refused by the name of its variable; of a row that is gone the whole register is read again',
  },
  {
    tabla: 'temporal_del_registro',
    columnas: ['unica', 'cluster_id', 'desde'],
    porque:
      'another id is refused by each process that starts, by the name of its variable, and found after a move that the log tells of; the rest is shown only',
  },
  {
    tabla: 'bitacora_testigos',
    columnas: ['testigo', 'epoca', 'tamano', 'cofirmas'],
    porque:
      'what this side remembers of a witness: the witness itself answers anew, and its signatures are checked by whoever has its key',
  },
];

/** What only a witness shows: whoever cuts the log has the service itself sign what is left. */
interface ConTestigo {
  edicion: string;
  sql: string;
  halla: string;
}

const borrarCon = (codigo: string) => `${borrar(codigo)}; delete from bitacora where codigo = '${codigo}'`;

/** From the checkpoint before the first entry of the codigo on, whatever was signed is forgotten. */
const cortarAntesDe = (codigo: string) =>
  `create temp table corte on commit drop as select max(tamano) as tamano from bitacora_puntos
    where tamano <= (select min(indice) from bitacora where codigo = '${codigo}');
   delete from bitacora_puntos where tamano > (select tamano from corte);
   delete from bitacora_nodos where (posicion + 1) * (1::bigint << nivel) > (select tamano from corte)`;
const SIN_LUGAR = `update bitacora set epoca = null, indice = null where indice >= (select tamano from corte)`;

export const CON_TESTIGO: ConTestigo[] = [
  {
    edicion: 'the newest entries are cut off, with their rows and checkpoints',
    sql: `${cortarAntesDe('SOL-5')}; ${borrarCon('SOL-5')}`,
    halla: 'faltan las últimas',
  },
  {
    edicion:
      'an issuance is taken out of the middle: its rows and entries, and all checkpoints and nodes from there on. The sequencer signs the rest again',
    sql: `${cortarAntesDe('SOL-1')}; ${SIN_LUGAR}; ${borrarCon('SOL-1')}`,
    halla: 'faltan las últimas',
  },
  {
    edicion: 'the same, with as many entries of nobody as there were: the size says nothing',
    sql: `${cortarAntesDe('SOL-1')}; ${SIN_LUGAR}; ${borrarCon('SOL-1')}`,
    halla: 'no son las que el testigo vio',
  },
  {
    edicion: 'all checkpoints, nodes and epochs are deleted: the log begins anew, without one issuance',
    sql: `delete from bitacora_puntos; delete from bitacora_nodos; delete from bitacora_epocas;
      delete from bitacora where dominio = 'bitacora'; update bitacora set epoca = null, indice = null;
      ${borrarCon('SOL-1')}`,
    halla: 'faltan las últimas',
  },
];
