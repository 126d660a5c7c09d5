/**
 * The version before migrations 0003 and 0004, as far as the database sees it: the statements of one issuance, as that
 * version sent them (of its reads, those that lock). They stay as they are, whatever the product becomes.
 */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { EntradaEmision } from '../../../../shared/emision/contrato.ts';
import { claveDeIdempotencia } from '../../../../shared/registro/emision/filas/claves-de-emision.ts';
import { cifrarColumna } from '../../../../shared/registro/emision/filas/columnas-cifradas.ts';
import {
  CLAVES,
  certificadoDePrueba,
  RESPUESTA_PASO_1,
  RESPUESTA_PASO_2,
} from '../../../support/registro/registro-de-prueba.ts';

export const ULTIMA_MIGRACION_ANTERIOR = '0002-soporte';

const ANOTAR = `insert into "bitacora" ("id", "codigo", "generacion", "run_id", "evento", "contenido", "sal",
  "compromiso", "datos", "registrada_en") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;
const INSERTAR_SOLICITUD = `insert into "solicitudes" ("codigo", "estado", "resultado_incierto", "generacion", "run_id",
  "huella_solicitud", "huella_ciudadano", "request_id", "oficina", "cuerpo", "contexto", "reejecucion_id", "fallo_tipo",
  "fallo_paso", "fallo_detalles", "registro_auditoria_id", "aceptada_en", "fecha_inicio", "fecha_fin")
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`;
const INSERTAR_PASOS = `insert into "pasos" ("codigo", "generacion", "paso", "clave_idempotencia", "estado",
  "fecha_inicio", "fecha_fin", "envios_sin_aclarar", "solicitud_pki_id", "numeros_solicitud")
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10), ($11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`;
const TOMAR = `select * from "solicitudes" where "codigo" = $1 for update`;
const MARCAR = `update "pasos" set "intentos" = $1, "envios_sin_aclarar" = $2
  where "codigo" = $3 and "generacion" = $4 and "paso" = $5`;
const COMPLETAR_PASO_1 = `update "pasos" set "estado" = $1, "fecha_fin" = $2, "envios_sin_aclarar" = $3,
  "solicitud_pki_id" = $4, "numeros_solicitud" = $5 where "codigo" = $6 and "generacion" = $7 and "paso" = $8`;
const EMPEZAR_PASO_2 = `update "pasos" set "estado" = $1, "fecha_inicio" = $2
  where "codigo" = $3 and "generacion" = $4 and "paso" = $5`;
const GUARDAR_RECIBIDO = `insert into "recibidos" ("codigo", "generacion", "contenido", "conforme", "faltas",
  "recibido_en") values ($1, $2, $3, $4, $5, $6)
  on conflict ("codigo", "generacion") do update set "contenido" = $7`;
const ACLARAR = `update "pasos" set "envios_sin_aclarar" = $1 where "codigo" = $2 and "generacion" = $3 and "paso" = $4`;
const INSERTAR_CERTIFICADO = `insert into "certificados" ("codigo", "generacion", "tipo", "numero_serie",
  "huella_clave_publica", "huella_certificado", "contenido", "emitido_en") values ($1, $2, $3, $4, $5, $6, $7, $8)`;
const JUZGAR = `update "recibidos" set "conforme" = $1, "faltas" = $2 where "codigo" = $3 and "generacion" = $4`;
const COMPLETAR_PASO_2 = `update "pasos" set "estado" = $1, "fecha_fin" = $2
  where "codigo" = $3 and "generacion" = $4 and "paso" = $5`;
const COMPLETAR = `update "solicitudes" set "estado" = $1, "fecha_fin" = $2, "registro_auditoria_id" = $3
  where "codigo" = $4`;

/** Statements of one transaction; the caller begins and ends it. */
export interface EmisionDeAntes {
  registrar(): Promise<void>;
  marcar(paso: 1 | 2): Promise<void>;
  registrarPaso1(): Promise<void>;
  concluir(): Promise<void>;
}

export function emisionDeAntes(base: pg.ClientBase, entrada: EntradaEmision, runId: string): EmisionDeAntes {
  const codigo = entrada.solicitud.solicitud.codigoSolicitudTramite;
  const cifrar = (valor: unknown, columna: Parameters<typeof cifrarColumna>[2]) =>
    cifrarColumna(CLAVES.cifrado, valor, columna, codigo);
  const tomar = () => base.query(TOMAR, [codigo]);
  const anotar = async (evento: string, contenido: object) => {
    const id = randomUUID();
    await base.query(ANOTAR, [
      ...[id, codigo, 1, runId, evento, JSON.stringify(contenido)],
      ...[null, null, null, new Date()],
    ]);
    return id;
  };
  return {
    async registrar() {
      const ahora = new Date();
      await tomar();
      const entradaDeBitacora = await anotar('SOLICITUD_ACEPTADA', {
        huellaSolicitud: entrada.huellaSolicitud,
      });
      await base.query(INSERTAR_SOLICITUD, [
        ...[codigo, 'EN_PROCESO', false, 1, runId, entrada.huellaSolicitud, entrada.huellaCiudadano],
        ...[entrada.contexto.requestId, entrada.contexto.oficinaEjecucion],
        ...[
          cifrar(entrada.solicitud, 'solicitudes.cuerpo'),
          cifrar(entrada.contexto, 'solicitudes.contexto'),
        ],
        ...[null, null, null, null, entradaDeBitacora, entrada.aceptadaEn, ahora, null],
      ]);
      await base.query(INSERTAR_PASOS, [
        ...[codigo, 1, 1, claveDeIdempotencia(codigo, 1, 1), 'EN_PROCESO', ahora, null, '[]', null, null],
        ...[codigo, 1, 2, claveDeIdempotencia(codigo, 2, 1), 'PENDIENTE', null, null, '[]', null, null],
      ]);
    },
    async marcar(paso) {
      await tomar();
      await base.query(MARCAR, [1, JSON.stringify([runId]), codigo, 1, paso]);
    },
    async registrarPaso1() {
      const { solicitudPkiId, numerosSolicitud } = RESPUESTA_PASO_1;
      await tomar();
      await base.query(COMPLETAR_PASO_1, [
        ...['COMPLETADO', new Date(), '[]', solicitudPkiId, JSON.stringify(numerosSolicitud), codigo, 1, 1],
      ]);
      await base.query(EMPEZAR_PASO_2, ['EN_PROCESO', new Date(), codigo, 1, 2]);
      await anotar('NUMEROS_GENERADOS', { solicitudPkiId });
    },
    async concluir() {
      const recibido = cifrar(RESPUESTA_PASO_2, 'recibidos.contenido');
      await tomar();
      await base.query(GUARDAR_RECIBIDO, [codigo, 1, recibido, null, null, new Date(), recibido]);
      await base.query(ACLARAR, ['[]', codigo, 1, 2]);
      const anotados: object[] = [];
      for (const tipo of ['CIFRADO', 'FIRMA_DIGITAL', 'AUTENTICACION']) {
        const { huellaClavePublica, ...certificado } = certificadoDePrueba(codigo, tipo);
        const { tipoCertificado, numeroSerie, huellaCertificado } = certificado;
        anotados.push({ tipoCertificado, numeroSerie, huellaCertificado });
        const contenido = cifrar(certificado, 'certificados.contenido');
        await base.query(INSERTAR_CERTIFICADO, [
          ...[codigo, 1, tipo, certificado.numeroSerie, huellaClavePublica, certificado.huellaCertificado],
          ...[contenido, new Date()],
        ]);
      }
      await base.query(JUZGAR, [true, null, codigo, 1]);
      await base.query(COMPLETAR_PASO_2, ['COMPLETADO', new Date(), codigo, 1, 2]);
      const entradaDeBitacora = await anotar('EMISION_COMPLETADA', { certificados: anotados });
      await base.query(COMPLETAR, ['COMPLETADO', new Date(), entradaDeBitacora, codigo]);
    },
  };
}
