import fc from 'fast-check';
import { cambioEntre, documentoNormalizado, formaCanonica } from '../../../shared/emision/misma-solicitud.ts';
import type { SolicitudCertificado } from '../../../shared/emision/solicitud.ts';
import { conMiembro, solicitudDePrueba } from '../../support/emision/solicitud-de-prueba.ts';

const BASE = solicitudDePrueba();
const con = (ruta: string, valor: unknown) => conMiembro(BASE, ruta, valor) as SolicitudCertificado;
const conDocumento = (tipoDocumento: string, numeroDocumento: string): SolicitudCertificado => ({
  ...BASE,
  solicitud: { ...BASE.solicitud, tipoDocumento, numeroDocumento },
});

/** The same members in another order, at every depth. */
const barajado = (valor: unknown): fc.Arbitrary<unknown> => {
  if (typeof valor !== 'object' || valor === null || Array.isArray(valor)) return fc.constant(valor);
  const miembros = Object.entries(valor);
  return fc
    .tuple(
      fc.shuffledSubarray(miembros, { minLength: miembros.length, maxLength: miembros.length }),
      fc.tuple(...miembros.map(([nombre, miembro]) => barajado(miembro).map((otro) => [nombre, otro]))),
    )
    .map(([orden, barajados]) => {
      const porNombre = Object.fromEntries(barajados) as Record<string, unknown>;
      return Object.fromEntries(orden.map(([nombre]) => [nombre, porNombre[nombre]]));
    });
};

const QUE_CUENTAN = [
  ['solicitud.numeroDocumento', '45678913'],
  ['solicitud.tipoDocumento', 'CE'],
  ['solicitud.codigoSolicitudTramite', 'SOL-2'],
  ['solicitud.numeroTramite', 'TRA-2'],
  ['ciudadano.nombres', 'María'],
  ['ciudadano.apellidoPaterno', "O'HIGGINS-QUISPE"],
  ['ciudadano.apellidoMaterno', undefined],
  ['ciudadano.fechaNacimiento', '1990-05-18'],
  ['ciudadano.sexo', 'M'],
  ['ciudadano.correoElectronico', undefined],
  ['ciudadano.departamento', 'Ica'],
  ['ciudadano.provincia', 'Ica'],
  ['ciudadano.distrito', 'Ica'],
  ['configuracionCertificados.tipoCertificados', ['FIRMA_DIGITAL']],
  ['configuracionCertificados.vigenciaAnios', 1],
  ['configuracionCertificados.usoExtendido', undefined],
  ['configuracionCertificados.usoExtendido', true],
  ['configuracionCertificados.nivelSeguridad', 'BAJO'],
] as const;

const DEL_CIUDADANO = QUE_CUENTAN.filter(([ruta]) => ruta.startsWith('ciudadano.'));
const DEL_DOCUMENTO = QUE_CUENTAN.filter(([ruta]) => ruta.endsWith('Documento'));
const FIJAS = QUE_CUENTAN.filter((uno) => !DEL_CIUDADANO.includes(uno) && !DEL_DOCUMENTO.includes(uno));

describe('the same request', () => {
  it('is told whatever the order of its members and of its types', () => {
    const tipos = fc.shuffledSubarray([...BASE.configuracionCertificados.tipoCertificados], { minLength: 3 });
    fc.assert(
      fc.property(barajado(BASE), tipos, (otra, tipoCertificados) => {
        const solicitud = conMiembro(otra, 'configuracionCertificados.tipoCertificados', tipoCertificados);
        expect(formaCanonica(solicitud as SolicitudCertificado)).toBe(formaCanonica(BASE));
      }),
    );
  });

  it('is told whatever its metadatos', () => {
    const metadatos = { ...BASE.metadatos, oficinaOrigen: 'OTRA', usuarioRegistrador: 'otro' };

    expect(formaCanonica({ ...BASE, metadatos })).toBe(formaCanonica(BASE));
  });

  it.each(QUE_CUENTAN)('is another with another %s (%p)', (ruta, valor) => {
    expect(formaCanonica(con(ruta, valor))).not.toBe(formaCanonica(BASE));
  });

  it('leaves the request as it was, in its own order of types', () => {
    const solicitud = solicitudDePrueba();

    formaCanonica(solicitud);

    expect(JSON.stringify(solicitud)).toBe(JSON.stringify(BASE));
  });
});

describe('the document that holds the lock', () => {
  it.each([
    ['case', 'dni', 'ab123456'],
    ['blanks around it', ' DNI', ' AB123456 '],
    ['full-width forms', 'ＤＮＩ', 'ＡＢ１２３４５６'],
  ])('is the same whatever its %s', (_, tipo, numero) => {
    expect(documentoNormalizado(conDocumento(tipo, numero))).toBe(
      documentoNormalizado(conDocumento('DNI', 'AB123456')),
    );
  });

  it('is one of its kind: neither kind nor number runs into the other', () => {
    expect(documentoNormalizado(conDocumento('CE', '45678912'))).not.toBe(
      documentoNormalizado(conDocumento('DNI', '45678912')),
    );
    expect(documentoNormalizado(conDocumento('AB:', '12345678'))).not.toBe(
      documentoNormalizado(conDocumento('AB', ':12345678')),
    );
  });
});

describe('what differs between two requests', () => {
  it.each(DEL_CIUDADANO)('is of the citizen: %s (%p)', (ruta, valor) => {
    expect(cambioEntre(BASE, con(ruta, valor))).toBe('CIUDADANO');
  });

  it.each(DEL_DOCUMENTO)('is also the document: %s (%p)', (ruta, valor) => {
    const nueva = con(ruta, valor);
    const conNombre = { ...nueva, ciudadano: { ...nueva.ciudadano, nombres: 'María' } };

    expect(cambioEntre(BASE, nueva)).toBe('CIUDADANO_Y_DOCUMENTO');
    expect(cambioEntre(BASE, conNombre)).toBe('CIUDADANO_Y_DOCUMENTO');
  });

  it.each(FIJAS)('is more than its person: %s (%p)', (ruta, valor) => {
    const nueva = con(ruta, valor);
    const conNombre = { ...nueva, ciudadano: { ...nueva.ciudadano, nombres: 'María' } };

    expect(cambioEntre(BASE, nueva)).toBe('LO_DEMAS');
    expect(cambioEntre(BASE, conNombre)).toBe('LO_DEMAS');
  });

  it('is nothing where only the order of the types is another, or its metadatos', () => {
    const tipos = [...BASE.configuracionCertificados.tipoCertificados].reverse();
    const otra = con('configuracionCertificados.tipoCertificados', tipos);

    expect(cambioEntre(BASE, { ...otra, metadatos: { ...BASE.metadatos, oficinaOrigen: 'OTRA' } })).toBe(
      'NINGUNO',
    );
  });
});
