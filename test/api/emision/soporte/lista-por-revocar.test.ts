/** The list of what the PKI is to be asked to revoke, as JSON and as CSV. */
import { PAGINA } from '../../../../shared/emision/plazos.ts';
import type { PorRevocar } from '../../../../shared/emision/soporte.ts';
import { ApiDePrueba, BASE, detallesDe } from '../../../support/api/api-de-prueba.ts';
import { datosDe } from './lista-respondida.ts';

let api: ApiDePrueba;
beforeAll(async () => {
  api = await ApiDePrueba.iniciar();
});
beforeEach(() => {
  api.olvidar();
});
afterAll(() => api.detener());

describe('the to-revoke list', () => {
  const DESCARTADA: PorRevocar = {
    codigoSolicitudTramite: 'SOL-1',
    generacion: 1,
    causa: 'NUEVA_EMISION',
    clave: '6f9b6d5e-3c1a-5b7a-9d55-2a7c1e0b4f10',
    solicitudPkiId: 'PKI-1',
    numerosSerie: ['0A', '0B'],
    registradaEn: '2026-11-22T10:00:00.987Z',
  };
  const comoCsv = { cabeceras: { Accept: 'text/csv' } };

  function conDescartadas(todas: PorRevocar[]): void {
    api.soporte.respuestas.listarPorRevocar = (despuesDe, limite) => {
      const inicio = todas.findIndex(
        ({ registradaEn, codigoSolicitudTramite }) =>
          registradaEn === despuesDe?.aceptadaEn.toISOString() && codigoSolicitudTramite === despuesDe.codigo,
      );
      return Promise.resolve(todas.slice(inicio + 1, inicio + 1 + limite));
    };
  }

  const muchas = Array.from({ length: PAGINA + 2 }, (_, i) => ({
    ...DESCARTADA,
    codigoSolicitudTramite: `SOL-${i}`,
  }));

  it('tells what the PKI is to be asked about', async () => {
    conDescartadas([DESCARTADA]);
    expect(datosDe(await api.comoSoporte('/por-revocar'))).toEqual({
      porRevocar: [
        {
          codigoSolicitudTramite: 'SOL-1',
          generacion: 1,
          causa: 'NUEVA_EMISION',
          claveIdempotencia: '6f9b6d5e-3c1a-5b7a-9d55-2a7c1e0b4f10',
          solicitudPkiId: 'PKI-1',
          numerosSerie: ['0A', '0B'],
          fechaRegistro: '2026-11-22T10:00:00Z',
        },
      ],
      siguiente: null,
    });
  });

  it('goes on page by page', async () => {
    conDescartadas(muchas);
    const primera = datosDe(await api.comoSoporte('/por-revocar'));
    const segunda = datosDe(await api.comoSoporte(`/por-revocar?cursor=${primera.siguiente ?? ''}`));
    expect([primera.porRevocar.length, segunda.porRevocar.length, segunda.siguiente]).toEqual([
      PAGINA,
      2,
      null,
    ]);
  });

  it('as CSV is the whole list in one file', async () => {
    conDescartadas(muchas);
    const token = await api.emisor.token({ scope: 'certificados:reejecutar' });

    const { estadoHttp, cabeceras, texto } = await api.pedirTexto({
      ruta: `${BASE}/por-revocar`,
      cabeceras: { Authorization: `Bearer ${token}`, ...comoCsv.cabeceras },
    });

    expect(estadoHttp).toBe(200);
    expect(cabeceras).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="por-revocar.csv"',
      'cache-control': 'no-store',
    });
    const filas = texto.split('\r\n');
    expect(filas[0]).toBe(
      '"codigoSolicitudTramite","generacion","causa","claveIdempotencia","solicitudPkiId","numerosSerie","fechaRegistro"',
    );
    expect(filas[1]).toBe(
      '"SOL-0","1","NUEVA_EMISION","6f9b6d5e-3c1a-5b7a-9d55-2a7c1e0b4f10","PKI-1","0A 0B","2026-11-22T10:00:00Z"',
    );
    expect(filas).toHaveLength(1 + muchas.length + 1);
  });

  it.each([
    ['=cmd|calc', `"'=cmd|calc"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    [' =1', `"' =1"`],
    ['＝1', `"'＝1"`],
    ['a"b,c', '"a""b,c"'],
    ['SOL-1', '"SOL-1"'],
  ])('as CSV holds the codigo %p as a text that no spreadsheet runs', async (codigo, celda) => {
    conDescartadas([{ ...DESCARTADA, codigoSolicitudTramite: codigo, solicitudPkiId: null }]);
    const token = await api.emisor.token({ scope: 'certificados:reejecutar' });
    const { texto } = await api.pedirTexto({
      ruta: `${BASE}/por-revocar`,
      cabeceras: { Authorization: `Bearer ${token}`, ...comoCsv.cabeceras },
    });
    expect(texto.split('\r\n')[1]?.slice(0, celda.length + 1)).toBe(`${celda},`);
  });

  it('is JSON for who takes either, or neither', async () => {
    for (const Accept of ['*/*', 'application/json, text/csv;q=0.5', 'image/png'])
      expect((await api.comoSoporte('/por-revocar', undefined, { cabeceras: { Accept } })).estadoHttp).toBe(
        200,
      );
  });

  it('tells a fault in the envelope to who wants CSV', async () => {
    const respuesta = await api.comoSoporte('/por-revocar?cursor=x&otro=1', undefined, comoCsv);
    expect(respuesta.estadoHttp).toBe(400);
    expect(detallesDe(respuesta)).toEqual([
      'otro: no es un parámetro conocido',
      'cursor: no es el cursor de una página de esta lista',
    ]);
  });

  it('needs the scope that acts', async () => {
    const respuesta = await api.comoSoporte('/por-revocar', undefined, {
      permisos: 'certificados:consultar',
    });
    expect(respuesta.cabeceras['www-authenticate']).toContain('scope="certificados:reejecutar"');
  });
});
