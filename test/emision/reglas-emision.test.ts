import {
  diaEnPeru,
  leerDocumentosAdmitidos,
  reglasIncumplidas,
} from '../../shared/emision/reglas-emision.ts';
import { solicitudDePrueba } from '../support/solicitud-de-prueba.ts';

const SOLO_DNI = leerDocumentosAdmitidos('DNI:[0-9]{8}');

function reglasPara(fechaNacimiento: string, hoy: string): string[] {
  const solicitud = solicitudDePrueba();
  solicitud.ciudadano.fechaNacimiento = fechaNacimiento;
  return reglasIncumplidas(solicitud, hoy, SOLO_DNI).map(({ regla }) => regla);
}

function reglasDeDocumento(tipo: string, numero: string, admitidos: string): string[] {
  const solicitud = solicitudDePrueba('SOL-1', numero);
  solicitud.solicitud.tipoDocumento = tipo;
  return reglasIncumplidas(solicitud, '2026-11-22', leerDocumentosAdmitidos(admitidos)).map(
    ({ detalle }) => detalle,
  );
}

describe('the rule of age', () => {
  it.each([
    ['on the 18th birthday', '2008-11-22', '2026-11-22', true],
    ['a day before it', '2008-11-23', '2026-11-22', false],
    ['born on 29 February, on 28 February of a year without a 29th', '2008-02-29', '2026-02-28', true],
    ['born on 29 February, the day before that', '2008-02-29', '2026-02-27', false],
    ['born on 1 March, on 28 February', '2008-03-01', '2026-02-28', false],
    ['in the last century', '1926-01-01', '2026-11-22', true],
  ])('%s', (_caso, nacimiento, hoy, cumple) => {
    expect(reglasPara(nacimiento, hoy)).toEqual(cumple ? [] : ['MAYORIA_DE_EDAD']);
  });

  it('counts the days of Peru', () => {
    expect(diaEnPeru(new Date('2026-11-22T04:59:59Z'))).toBe('2026-11-21');
    expect(diaEnPeru(new Date('2026-11-22T05:00:00Z'))).toBe('2026-11-22');
  });
});

describe('the rule of documents', () => {
  it('admits the kinds and numbers that are configured', () => {
    expect(reglasDeDocumento('DNI', '45678912', 'DNI:[0-9]{8}')).toEqual([]);
    expect(reglasDeDocumento('CE', '001234567', 'DNI:[0-9]{8},CE:[0-9]{9,12}')).toEqual([]);
    expect(reglasDeDocumento('CE', '001234567', 'CE:[0-9]{9,12},DNI:[0-9]{8}')).toEqual([]);
  });

  it('names the field at fault', () => {
    expect(reglasDeDocumento('CE', '001234567', 'DNI:[0-9]{8}')).toEqual([
      'solicitud.tipoDocumento: no se admite; se admite DNI',
    ]);
    expect(reglasDeDocumento('DNI', '456789123', 'DNI:[0-9]{8}')).toEqual([
      'solicitud.numeroDocumento: no tiene la forma de un DNI',
    ]);
    expect(reglasDeDocumento('DNI', '٤٥٦٧٨٩١٢', 'DNI:[0-9]{8}')).toHaveLength(1);
  });

  it('tells both rules at once', () => {
    const solicitud = solicitudDePrueba('SOL-1', '456789123');
    solicitud.ciudadano.fechaNacimiento = '2020-01-01';
    expect(reglasIncumplidas(solicitud, '2026-11-22', SOLO_DNI)).toHaveLength(2);
  });

  it.each(['', 'DNI', 'D:[0-9]', 'LARGO:[0-9]', 'DNI:[', 'DNI:[0-9]{8},'])(
    'refuses the configuration %p',
    (configurados) => {
      expect(() => leerDocumentosAdmitidos(configurados)).toThrow('DOCUMENTOS_ADMITIDOS');
    },
  );
});
