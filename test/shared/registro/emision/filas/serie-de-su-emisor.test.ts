/** Serial numbers are their issuer's: released certificates are unique by both (RFC 5280, 4.1.2.2). */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { cifrarColumna } from '../../../../../shared/registro/emision/filas/columnas-cifradas.ts';
import type { CertificadoConforme } from '../../../../../shared/registro/emision/registro.ts';
import { crearCaDePrueba, describir, type CaDePrueba } from '../../../../support/pki/ca-de-prueba.ts';
import {
  BASES,
  certificadoDePrueba,
  CLAVES,
  conforme,
  entradaDePrueba,
  usarRegistro,
} from '../../../../support/registro/registro-de-prueba.ts';

const NUMERO_SERIE = '0A1B2C';
const REPETIDA = {
  tipo: 'FALLIDO',
  fallo: {
    tipo: 'CERTIFICADO_NO_CONFORME',
    detalles: [expect.stringMatching(/^numeroSerie: .*repitió/) as string],
  },
};

/** Of the authority; for the register a certificate is one, whatever it is for. */
function deEmisor(ca: CaDePrueba, numeroSerie = NUMERO_SERIE): Partial<CertificadoConforme> {
  return { numeroSerie, certificadoBase64: describir('CIFRADO', ca.emisora).certificadoBase64 };
}

describe.each(BASES)('the serial number of a released certificate on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);
  let una: CaDePrueba;
  let laMismaConOtrasLetras: CaDePrueba;
  let otra: CaDePrueba;
  beforeAll(async () => {
    // `emisora` of each bears the name of its root as its issuer.
    [una, laMismaConOtrasLetras, otra] = await Promise.all([
      crearCaDePrueba({ nombreRaiz: 'Autoridad Única' }),
      crearCaDePrueba({ nombreRaiz: ' AUTORIDAD  ÚNICA ' }),
      crearCaDePrueba({ nombreRaiz: 'Autoridad Segunda' }),
    ]);
  });

  const concluir = async (codigo: string, documento: string, cambios: Partial<CertificadoConforme>) => {
    const run = prueba.abrirRun(entradaDePrueba(codigo, { documento }));
    await run.hastaEnviarPaso2();
    return run.concluir({ comparar: conforme(cambios) });
  };
  /** As the version before releases: its statement knows no issuer. */
  const entregarComoAntes = async (codigo: string, ca: CaDePrueba | null) => {
    const { huellaClavePublica, ...certificado } = {
      ...certificadoDePrueba(codigo, 'FIRMA_DIGITAL'),
      ...(ca && deEmisor(ca)),
    };
    const contenido = cifrarColumna(CLAVES.cifrado, certificado, 'certificados.contenido', codigo);
    await sql`insert into certificados (codigo, generacion, tipo, numero_serie, huella_clave_publica, huella_certificado,
      contenido, emitido_en) values (${codigo}, 1, 'FIRMA_DIGITAL', ${NUMERO_SERIE}, ${huellaClavePublica},
      ${randomUUID()}, ${contenido}, now())`.execute(prueba.db);
  };
  const registrar = async (codigo: string, documento: string) => {
    await prueba.abrirRun(entradaDePrueba(codigo, { documento })).registrar();
  };

  it('may be another authority’s too', async () => {
    await concluir('SOL-1', '11111111', deEmisor(una));

    expect(await concluir('SOL-2', '22222222', deEmisor(otra))).toMatchObject({ tipo: 'COMPLETADO' });
  });

  it('is not released twice for one authority, however its name is written', async () => {
    await concluir('SOL-1', '11111111', deEmisor(una));

    expect(await concluir('SOL-2', '22222222', deEmisor(una))).toMatchObject(REPETIDA);
    expect(await concluir('SOL-3', '33333333', deEmisor(laMismaConOtrasLetras))).toMatchObject(REPETIDA);
    expect(await prueba.contar('certificados')).toBe(3);
  });

  it('is one of two at the same moment', async () => {
    const cierres = await Promise.all([
      concluir('SOL-1', '11111111', deEmisor(una)),
      concluir('SOL-2', '22222222', deEmisor(una)),
    ]);

    expect(cierres.map(({ tipo }) => tipo).sort()).toEqual(['COMPLETADO', 'FALLIDO']);
  });

  it('of what the version before released is its issuer’s as well', async () => {
    await registrar('SOL-1', '11111111');
    await entregarComoAntes('SOL-1', una);

    expect(await concluir('SOL-2', '22222222', deEmisor(otra))).toMatchObject({ tipo: 'COMPLETADO' });
    expect(await concluir('SOL-3', '33333333', deEmisor(una))).toMatchObject(REPETIDA);
  });

  it('of a certificate that cannot be read is of every issuer', async () => {
    await registrar('SOL-1', '11111111');
    await entregarComoAntes('SOL-1', null);

    expect(await concluir('SOL-2', '22222222', deEmisor(una))).toMatchObject(REPETIDA);
  });

  it('breaks the version before by the constraint that it knows', async () => {
    await concluir('SOL-1', '11111111', deEmisor(una));
    await registrar('SOL-2', '22222222');

    await expect(entregarComoAntes('SOL-2', otra)).rejects.toMatchObject({ constraint: 'serie_unica' });
  });
});
