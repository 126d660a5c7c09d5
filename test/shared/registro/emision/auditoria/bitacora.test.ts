import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { EVENTOS } from '../../../../../shared/emision/soporte.ts';
import { candadoDe } from '../../../../../shared/registro/emision/filas/anotaciones.ts';
import { leerAnotacion } from '../../../../support/registro/anotacion.ts';
import { historiaDe } from '../../../../support/registro/historia-de-prueba.ts';
import { vencer } from '../../../../support/registro/retencion.ts';
import {
  BASES,
  certificadoDePrueba,
  CLAVES,
  conforme,
  entradaDePrueba,
  FALLO_PASO_1,
  noConforme,
  ORDEN,
  TABLAS,
  usarRegistro,
} from '../../../../support/registro/registro-de-prueba.ts';

const OTRO_DOCUMENTO = '10000004';

describe.each(BASES)('what the register keeps on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);

  /** Every event once, and every column filled: completed, quarantined, uncertain, cleared, corrected. */
  const llenar = async () => {
    const completada = prueba.abrirRun(entradaDePrueba('SOL-1'));
    await completada.hastaEnviarPaso2();
    await completada.concluir();
    const noConformada = prueba.abrirRun(entradaDePrueba('SOL-2'));
    await noConformada.hastaEnviarPaso2();
    await noConformada.concluir({ comparar: noConforme(...nombresDelCiudadano()) });
    const incierta = prueba.abrirRun(entradaDePrueba('SOL-3'));
    await incierta.hastaEnviarPaso2();
    await incierta.fallar({ tipo: 'TIEMPO_PKI_AGOTADO', paso: 2, detalles: nombresDelCiudadano() });
    await incierta.aclarar(2, 'DEFINITIVO');
    const corregida = prueba.abrirRun(
      entradaDePrueba('SOL-3', { cambiar: ({ ciudadano }) => (ciudadano.distrito = 'Surquillo') }),
    );
    await corregida.registrar();
    await prueba.abrirRun(corregida.entrada).registrar();
    await deSoporte();
    const perdida = prueba.abrirRun(entradaDePrueba('SOL-5', { documento: '10000005' }));
    const fallo = { tipo: 'PKI_ERROR' as const, paso: 1 as const, detalles: nombresDelCiudadano() };
    prueba.motor.cerrar('SOL-5', historiaDe(perdida, { fin: { tipo: 'FALLIDO', fallo, registrado: null } }));
    await prueba.registro.restaurar('SOL-5');
  };
  /** What support decides and orders: resolved, given up, run again, late answered, in bulk. */
  const deSoporte = async () => {
    const resuelta = prueba.abrirRun(entradaDePrueba('SOL-4', { documento: OTRO_DOCUMENTO }));
    await resuelta.hastaEnviarPaso2();
    await resuelta.fallar();
    await prueba.soporte.resolver('SOL-4', { ...ORDEN, decision: 'EMITIDO_DESCARTADO' });
    const nueva = await prueba.ordenarRun('SOL-4', { nuevaEmision: true });
    await nueva.registrar();
    await nueva.fallar(FALLO_PASO_1);
    await expect(prueba.abrirRun(resuelta.entrada).concluir()).rejects.toThrow();
    const reejecucionId = randomUUID();
    await prueba.soporte.registrarReejecucion({
      ...ORDEN,
      reejecucionId,
      codigos: ['SOL-4'],
      solicitadaEn: new Date().toISOString(),
    });
    await prueba.soporte.anotarLinea(reejecucionId, 'SOL-4', { estado: 'OMITIDO', fallo: 'PKI_RECHAZO' });
    await prueba.soporte.registrarFinDeReejecucion(reejecucionId);
    await (await prueba.ordenarRun('SOL-4', { reejecucionId })).registrar();
  };
  const nombresDelCiudadano = () => {
    const { solicitud, ciudadano } = entradaDePrueba().solicitud;
    return [solicitud.numeroDocumento, ...Object.values(ciudadano)].filter(({ length }) => length > 1);
  };
  const volcar = async () => {
    const filas = await Promise.all(
      TABLAS.map((tabla) =>
        sql<{ fila: string }>`select to_jsonb(fila)::text as fila from ${sql.table(tabla)} fila`.execute(
          prueba.db,
        ),
      ),
    );
    return filas.flatMap(({ rows }) => rows.map(({ fila }) => fila));
  };
  /** In clear, in hex (a bytea column that was not encrypted) or in Base64. */
  const loCuentan = (volcado: string[], texto: string) => {
    const hex = Buffer.from(texto).toString('hex');
    const base64 = Buffer.from(texto).toString('base64').replace(/=+$/, '').slice(0, -1);
    const formas = [texto, JSON.stringify(texto).slice(1, -1), hex, base64];
    return volcado.some((fila) => formas.some((forma) => fila.toLowerCase().includes(forma.toLowerCase())));
  };

  it('covers every event of the audit log in this test', async () => {
    await llenar();
    await vencer(prueba);

    const eventos = await Promise.all(
      ['SOL-1', 'SOL-2', 'SOL-3', 'SOL-4', 'SOL-5'].map((codigo) => prueba.eventos(codigo)),
    );

    expect(new Set(eventos.flat())).toEqual(new Set(EVENTOS));
  });

  it('tells nothing of the citizen or of who asked in any column of any table', async () => {
    await llenar();
    const { contexto, solicitud } = entradaDePrueba();

    const volcado = await volcar();

    const personales = [
      ...nombresDelCiudadano(),
      'Surquillo',
      solicitud.metadatos.usuarioRegistrador,
      contexto.usuarioEjecutor,
      contexto.dispositivo,
      contexto.canal,
      contexto.ipCliente,
      OTRO_DOCUMENTO,
      ORDEN.motivo,
      ORDEN.solicitante.usuarioEjecutor,
      ORDEN.solicitante.ipCliente,
    ];
    expect(personales.filter((texto) => loCuentan(volcado, texto))).toEqual([]);
    expect(volcado).toHaveLength(
      (await Promise.all(TABLAS.map((tabla) => prueba.contar(tabla)))).reduce((a, b) => a + b),
    );
  });

  it.each([
    ['in a text column', (clave: string) => ({ oficina: clave })],
    ['in clear in an encrypted column', (clave: string) => ({ contexto: Buffer.from(`{"de":"${clave}"}`) })],
  ])('would be found out by that search where it stood %s', async (_, plantar) => {
    await prueba.abrirRun(entradaDePrueba('SOL-1')).registrar();
    const [documento = ''] = nombresDelCiudadano();
    expect(loCuentan(await volcar(), documento)).toBe(false);

    await prueba.db.updateTable('solicitudes').set(plantar(documento)).execute();

    expect(loCuentan(await volcar(), documento)).toBe(true);
  });

  it('opens only under the codigo and the column that it was written for', async () => {
    await prueba.abrirRun(entradaDePrueba('SOL-1', { documento: '10000001' })).registrar();
    await prueba.abrirRun(entradaDePrueba('SOL-2', { documento: '10000002' })).registrar();
    const { cuerpo } = await prueba.db
      .selectFrom('solicitudes')
      .select('cuerpo')
      .where('codigo', '=', 'SOL-1')
      .executeTakeFirstOrThrow();

    await prueba.db.updateTable('solicitudes').set({ cuerpo }).where('codigo', '=', 'SOL-2').execute();
    await prueba.db
      .updateTable('solicitudes')
      .set({ contexto: cuerpo })
      .where('codigo', '=', 'SOL-1')
      .execute();

    await expect(prueba.registro.leer('SOL-2')).rejects.toThrow();
    await expect(prueba.registro.leer('SOL-1')).rejects.toThrow();
  });

  describe('an audit entry', () => {
    it('commits to who asked, kept encrypted beside it', async () => {
      const { entrada } = prueba.abrirRun(entradaDePrueba());
      await prueba.registro.registrarSolicitud(entrada, 'R1');

      const { id, contenido, personal, compromiso, compromisoEsperado, ...resto } = await leerAnotacion(
        prueba.db,
        'SOLICITUD_ACEPTADA',
      );

      expect(personal).toEqual({
        usuarioRegistrador: entrada.solicitud.metadatos.usuarioRegistrador,
        dispositivo: entrada.contexto.dispositivo,
        canal: entrada.contexto.canal,
      });
      expect(compromiso).toBe(compromisoEsperado);
      expect(contenido).toEqual({
        huellaSolicitud: entrada.huellaSolicitud,
        oficina: 'OF-001',
        cliente: null,
        candado: candadoDe(CLAVES, {
          codigo: 'SOL-1',
          huellaCiudadano: entrada.huellaCiudadano,
          requestId: entrada.contexto.requestId,
        }),
        correlationId: entrada.contexto.correlationId,
      });
      expect(resto).toMatchObject({ codigo: 'SOL-1', generacion: 1, run_id: 'R1' });
      expect(await prueba.leer('SOL-1')).toMatchObject({ registroAuditoriaId: id });
    });

    it('has another commitment for the same person each time', async () => {
      await prueba.abrirRun(entradaDePrueba('SOL-1', { documento: '10000001' })).registrar();
      await prueba.abrirRun(entradaDePrueba('SOL-2', { documento: '10000002' })).registrar();

      const filas = await prueba.db.selectFrom('bitacora').select('compromiso').execute();

      expect(new Set(filas.map(({ compromiso }) => compromiso)).size).toBe(2);
    });

    it('names the certificates that were released, and is the one that the row points to', async () => {
      const run = prueba.abrirRun(entradaDePrueba());
      await run.hastaEnviarPaso2();
      await run.concluir();

      const { contenido, id } = await prueba.db
        .selectFrom('bitacora')
        .select(['id', 'contenido'])
        .where('evento', '=', 'EMISION_COMPLETADA')
        .executeTakeFirstOrThrow();

      const certificados = await prueba.registro.leerCertificados('SOL-1');
      expect(contenido.certificados).toHaveLength(3);
      expect(contenido.certificados).toEqual(
        expect.arrayContaining(
          certificados.map(({ tipoCertificado, numeroSerie, huellaCertificado }) => ({
            tipoCertificado,
            numeroSerie,
            huellaCertificado,
            huellaClavePublica: certificadoDePrueba('SOL-1', tipoCertificado).huellaClavePublica,
            huellaEmisor: null,
          })),
        ),
      );
      expect(await prueba.leer('SOL-1')).toMatchObject({ registroAuditoriaId: id });
    });

    it('is written with what it records, or not at all', async () => {
      await prueba.abrirRun(entradaDePrueba('SOL-1')).registrar();
      await expect(prueba.abrirRun(entradaDePrueba('SOL-2')).registrar()).rejects.toThrow();
      const completada = prueba.abrirRun(entradaDePrueba('SOL-3', { documento: '10000003' }));
      await completada.hastaEnviarPaso2();
      await sql`alter table solicitudes add constraint prueba check (estado = 'EN_PROCESO')`.execute(
        prueba.db,
      );
      try {
        await expect(completada.concluir({ comparar: conforme() })).rejects.toThrow(/prueba/);
        await expect(completada.fallar(FALLO_PASO_1)).rejects.toThrow(/prueba/);
      } finally {
        await sql`alter table solicitudes drop constraint prueba`.execute(prueba.db);
      }

      expect(await prueba.eventos('SOL-2')).toEqual([]);
      expect(await prueba.eventos('SOL-3')).toEqual(['NUMEROS_GENERADOS', 'SOLICITUD_ACEPTADA']);
      expect(await prueba.contar('certificados')).toBe(0);
      expect(await prueba.contar('recibidos')).toBe(0);
    });
  });
});
