import {
  diaEnPeru,
  leerDocumentosAdmitidos,
  reglasIncumplidas,
} from '../../../shared/emision/reglas-emision.ts';
import { solicitudDePrueba } from '../../support/emision/solicitud-de-prueba.ts';

const SOLO_DNI = { documentosAdmitidos: leerDocumentosAdmitidos('DNI:[0-9]{8}'), finDelEmisor: null };
const HOY = new Date('2026-11-22T15:00:00Z');

describe('the rule of age', () => {
  it.each([
    ['on the 18th birthday', '2008-11-22', '2026-11-22', true],
    ['a day before it', '2008-11-23', '2026-11-22', false],
    ['born on 29 February, on 28 February of a year without a 29th', '2008-02-29', '2026-02-28', true],
    ['born on 29 February, the day before that', '2008-02-29', '2026-02-27', false],
    ['born on 1 March, on 28 February', '2008-03-01', '2026-02-28', false],
    ['in the last century', '1926-01-01', '2026-11-22', true],
  ])('%s', (_caso, nacimiento, hoy, cumple) => {
    const solicitud = solicitudDePrueba();
    solicitud.ciudadano.fechaNacimiento = nacimiento;
    expect(reglasIncumplidas(solicitud, new Date(`${hoy}T12:00:00Z`), SOLO_DNI)).toEqual(
      cumple
        ? []
        : ['ciudadano.fechaNacimiento: el ciudadano debe haber cumplido 18 años (regla MAYORIA_DE_EDAD)'],
    );
  });

  it('counts the days of Peru', () => {
    expect(diaEnPeru(new Date('2026-11-22T04:59:59Z'))).toBe('2026-11-21');
    expect(diaEnPeru(new Date('2026-11-22T05:00:00Z'))).toBe('2026-11-22');
    const solicitud = solicitudDePrueba();
    solicitud.ciudadano.fechaNacimiento = '2008-11-22';
    expect(reglasIncumplidas(solicitud, new Date('2026-11-22T04:59:59Z'), SOLO_DNI)).toHaveLength(1);
    expect(reglasIncumplidas(solicitud, new Date('2026-11-22T05:00:00Z'), SOLO_DNI)).toEqual([]);
  });
});

describe('the rule of documents', () => {
  function reglasDeDocumento(tipo: string, numero: string, admitidos: string): string[] {
    const solicitud = solicitudDePrueba('SOL-1', numero);
    solicitud.solicitud.tipoDocumento = tipo;
    return reglasIncumplidas(solicitud, HOY, {
      documentosAdmitidos: leerDocumentosAdmitidos(admitidos),
      finDelEmisor: null,
    });
  }

  it('admits the kinds and numbers that are configured', () => {
    expect(reglasDeDocumento('DNI', '45678912', 'DNI:[0-9]{8}')).toEqual([]);
    expect(reglasDeDocumento('CE', '001234567', 'DNI:[0-9]{8},CE:[0-9]{9,12}')).toEqual([]);
    expect(reglasDeDocumento('CE', '001234567', 'CE:[0-9]{9,12},DNI:[0-9]{8}')).toEqual([]);
  });

  it('names the field at fault and itself', () => {
    expect(reglasDeDocumento('CE', '001234567', 'DNI:[0-9]{8}')).toEqual([
      'solicitud.tipoDocumento: no se admite; se admite DNI (regla DOCUMENTO_ADMITIDO)',
    ]);
    expect(reglasDeDocumento('DNI', '456789123', 'DNI:[0-9]{8}')).toEqual([
      'solicitud.numeroDocumento: no tiene la forma de un DNI (regla DOCUMENTO_ADMITIDO)',
    ]);
    expect(reglasDeDocumento('DNI', '٤٥٦٧٨٩١٢', 'DNI:[0-9]{8}')).toHaveLength(1);
  });

  it.each(['', 'DNI', 'D:[0-9]', 'LARGO:[0-9]', 'DNI:[', 'DNI:[0-9]{8},'])(
    'refuses the configuration %p',
    (configurados) => {
      expect(() => leerDocumentosAdmitidos(configurados)).toThrow('DOCUMENTOS_ADMITIDOS');
    },
  );
});

describe('the rule of the issuer', () => {
  /** Two years of 365 days after HOY, to the millisecond. */
  const DOS_ANIOS_DESPUES = new Date('2028-11-21T15:00:00Z');

  function reglasDeVigencia(vigenciaAnios: number, finDelEmisor: Date | null): string[] {
    const solicitud = solicitudDePrueba();
    solicitud.configuracionCertificados.vigenciaAnios = vigenciaAnios;
    return reglasIncumplidas(solicitud, HOY, { ...SOLO_DNI, finDelEmisor });
  }

  it('lets a certificate end with its issuer, not after it', () => {
    expect(reglasDeVigencia(2, DOS_ANIOS_DESPUES)).toEqual([]);
    expect(reglasDeVigencia(2, new Date(DOS_ANIOS_DESPUES.getTime() - 1))).toEqual([
      'configuracionCertificados.vigenciaAnios: el certificado vencería después que la autoridad que lo emite, ' +
        'que vence el 2028-11-21 (regla VIGENCIA_DEL_EMISOR)',
    ]);
    expect(reglasDeVigencia(1, DOS_ANIOS_DESPUES)).toEqual([]);
    expect(reglasDeVigencia(3, DOS_ANIOS_DESPUES)).toHaveLength(1);
  });

  it('refuses every term once the issuer has ended', () => {
    expect(reglasDeVigencia(1, new Date('2026-11-01T00:00:00Z'))).toHaveLength(1);
  });

  it('is not applied where the issuer is not known', () => {
    expect(reglasDeVigencia(4, null)).toEqual([]);
  });
});

it('all rules that are broken are told at once, each detail with its field first and its rule last', () => {
  const solicitud = solicitudDePrueba('SOL-1', '456789123');
  solicitud.ciudadano.fechaNacimiento = '2020-01-01';
  const incumplidas = reglasIncumplidas(solicitud, HOY, { ...SOLO_DNI, finDelEmisor: HOY });
  expect(incumplidas).toHaveLength(3);
  for (const detalle of incumplidas) expect(detalle).toMatch(/^[a-z]\w+\.\w+: .+ \(regla [A-Z_]+\)$/);
});
