/** The request of an issuance, field by field, as the seed lists them: long, since the seed is. */
import fc from 'fast-check';
import { z } from 'zod';
import {
  codigoSolicitudTramite,
  leerSolicitud,
  solicitudCertificado,
  TIPOS_CERTIFICADO,
} from '../../../shared/emision/solicitud.ts';
import { conMiembro, solicitudDePrueba } from '../../support/emision/solicitud-de-prueba.ts';

const HOY = '2026-11-22';

function faltasDe(cuerpo: unknown): string[] {
  const lectura = leerSolicitud(cuerpo, HOY);
  return lectura.valida ? [] : lectura.faltas;
}

function faltasCon(ruta: string, valor: unknown): string[] {
  return faltasDe(conMiembro(solicitudDePrueba(), ruta, valor));
}

/** Seed 000, 3.1.1.1: path, shortest, longest. */
const TEXTOS: [string, number, number][] = [
  ['solicitud.numeroDocumento', 8, 12],
  ['solicitud.tipoDocumento', 2, 3],
  ['solicitud.codigoSolicitudTramite', 1, 30],
  ['solicitud.numeroTramite', 1, 30],
  ['ciudadano.nombres', 1, 100],
  ['ciudadano.apellidoPaterno', 1, 50],
  ['ciudadano.apellidoMaterno', 1, 50],
  ['ciudadano.sexo', 1, 1],
  ['ciudadano.departamento', 1, 50],
  ['ciudadano.provincia', 1, 50],
  ['ciudadano.distrito', 1, 50],
  ['configuracionCertificados.nivelSeguridad', 4, 10],
  ['metadatos.oficinaOrigen', 1, 50],
  ['metadatos.usuarioRegistrador', 1, 30],
];
const OPCIONALES = [
  'ciudadano.apellidoMaterno',
  'ciudadano.correoElectronico',
  'configuracionCertificados.usoExtendido',
  'configuracionCertificados.nivelSeguridad',
  'metadatos.ipOrigen',
];
const OTROS = [
  'ciudadano.fechaNacimiento',
  'configuracionCertificados.tipoCertificados',
  'configuracionCertificados.vigenciaAnios',
  'metadatos.timestampSolicitud',
];
const TODOS = [...new Set([...TEXTOS.map(([ruta]) => ruta), ...OPCIONALES, ...OTROS])];

describe('a valid request', () => {
  it('is read as it came', () => {
    expect(leerSolicitud(solicitudDePrueba(), HOY)).toEqual({ valida: true, valor: solicitudDePrueba() });
  });

  it.each(OPCIONALES)('may lack %s', (ruta) => {
    expect(faltasCon(ruta, undefined)).toEqual([]);
  });
});

describe.each(TEXTOS)('%s', (ruta, min, max) => {
  it(`takes ${min} to ${max} characters, whatever their size in UTF-16`, () => {
    expect(faltasCon(ruta, 'a'.repeat(min))).toEqual([]);
    expect(faltasCon(ruta, '𝒜'.repeat(max))).toEqual([]);
  });

  it('refuses one character less or more', () => {
    const esperado = expect.stringMatching(new RegExp(`^${ruta.replace('.', '\\.')}: debe tener `)) as string;
    expect(faltasCon(ruta, 'a'.repeat(min - 1))).toEqual([esperado]);
    expect(faltasCon(ruta, 'a'.repeat(max + 1))).toEqual([esperado]);
  });

  it.each([
    ['a NUL', '\u0000'],
    ['a line feed', '\n'],
    ['a C1 control', '\u0085'],
    ['a right-to-left override', '\u202e'],
    ['an isolate', '\u2066'],
    ['an Arabic letter mark', '\u061c'],
    ['a left-to-right mark', '\u200e'],
    ['a line separator', '\u2028'],
  ])('refuses %s', (_nombre, caracter) => {
    const texto = max === 1 ? caracter : `a${caracter}${'a'.repeat(max - 2)}`;
    expect(faltasCon(ruta, texto)).toEqual([
      `${ruta}: contiene caracteres de control o de dirección de escritura`,
    ]);
  });

  it('refuses a lone surrogate and blanks', () => {
    expect(faltasCon(ruta, 'a'.repeat(max - 1) + '\ud800')).toEqual([`${ruta}: no es Unicode bien formado`]);
    expect(faltasCon(ruta, ' '.repeat(max))).toEqual([`${ruta}: no puede estar en blanco`]);
    expect(faltasCon(ruta, '\u200b'.repeat(max))).toEqual([`${ruta}: no puede estar en blanco`]);
  });
});

describe('any member', () => {
  it.each(TODOS)('%s refuses null and what is of another type', (ruta) => {
    expect(faltasCon(ruta, null)).toEqual([`${ruta}: no puede ser null`]);
    expect(faltasCon(ruta, { de: 'otro tipo' })).toEqual([expect.stringMatching(`^${ruta}: debe ser `)]);
  });

  it.each(TODOS.filter((ruta) => !OPCIONALES.includes(ruta)))('%s is mandatory', (ruta) => {
    expect(faltasCon(ruta, undefined)).toEqual([`${ruta}: es obligatorio`]);
  });

  it.each([
    'extra',
    'solicitud.extra',
    'ciudadano.extra',
    'configuracionCertificados.extra',
    'metadatos.extra',
  ])('%s is unknown', (ruta) => {
    expect(faltasCon(ruta, 1)).toEqual([`${ruta}: no es un campo conocido`]);
  });

  it('is unknown where it bears a name that objects inherit', () => {
    const texto = JSON.stringify(solicitudDePrueba()).replace('{', '{"__proto__":{"x":1},"constructor":2,');
    expect(faltasDe(JSON.parse(texto))).toEqual([
      '__proto__: no es un campo conocido',
      'constructor: no es un campo conocido',
    ]);
  });
});

describe('names', () => {
  it.each(["D'Angelo", 'Peña-Núñez', 'Ñusta', 'Jr. 2º', '李', 'Þórr', 'e\u0301', 'नमस्\u200dते'])(
    '%s is one',
    (nombre) => {
      expect(faltasCon('ciudadano.nombres', nombre)).toEqual([]);
    },
  );
});

describe('codigoSolicitudTramite', () => {
  it.each([
    'a/b',
    'a b',
    '😀',
    '../x',
    '%',
    '%2F',
    '%zz',
    "'; DROP TABLE x; --",
    '...',
    ' a',
    '?q=1#x',
    '\\',
  ])('%s is valid', (codigo) => {
    expect(faltasCon('solicitud.codigoSolicitudTramite', codigo)).toEqual([]);
  });

  it.each(['.', '..'])('%s is refused', (codigo) => {
    expect(faltasCon('solicitud.codigoSolicitudTramite', codigo)).toEqual([
      'solicitud.codigoSolicitudTramite: no puede ser «.» ni «..»',
    ]);
  });
});

describe('dates', () => {
  it.each(['2026-11-22', '2000-02-29', '1899-12-31'])('a birth on %s is read', (fecha) => {
    expect(faltasCon('ciudadano.fechaNacimiento', fecha)).toEqual([]);
  });

  it.each([
    '2023-02-29',
    '1900-02-29',
    '2000-13-01',
    '2000-00-10',
    '2000-04-31',
    '0000-01-01',
    '2000-1-1',
    '01/02/2000',
    '',
  ])('a birth on %p does not exist', (fecha) => {
    expect(faltasCon('ciudadano.fechaNacimiento', fecha)).toEqual([
      'ciudadano.fechaNacimiento: no es una fecha real (YYYY-MM-DD)',
    ]);
  });

  it('a birth tomorrow is refused, beside the other faults', () => {
    const cuerpo = conMiembro(solicitudDePrueba(), 'ciudadano.fechaNacimiento', '2026-11-23');
    expect(faltasDe(cuerpo)).toEqual(['ciudadano.fechaNacimiento: no puede ser futura']);
    expect(faltasDe(conMiembro(cuerpo, 'extra', 1))).toContain(
      'ciudadano.fechaNacimiento: no puede ser futura',
    );
  });

  it.each([
    '2026-11-22T10:00:00Z',
    '2026-11-22T10:00:00.123Z',
    '2026-11-22T10:00:00.123456789Z',
    '2026-11-22T10:00:00-05:00',
  ])('timestampSolicitud %s is read', (momento) => {
    expect(faltasCon('metadatos.timestampSolicitud', momento)).toEqual([]);
  });

  it.each([
    '2026-02-30T10:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T10:60:00Z',
    '2026-11-22 10:00:00Z',
    '2026-11-22T10:00:00.+00:0',
    '2026-11-22T10:00+05:00',
    'x'.repeat(20),
  ])('timestampSolicitud %s is no moment', (momento) => {
    expect(faltasCon('metadatos.timestampSolicitud', momento)).toEqual([
      'metadatos.timestampSolicitud: no es una fecha y hora real (YYYY-MM-DDThh:mm:ssZ)',
    ]);
  });

  it('timestampSolicitud has 20 to 30 characters', () => {
    for (const momento of ['2026-11-22T10:00:00', '2026-11-22T10:00:00.1234567890Z'])
      expect(faltasCon('metadatos.timestampSolicitud', momento)).toContain(
        'metadatos.timestampSolicitud: debe tener entre 20 y 30 caracteres',
      );
  });
});

describe('correoElectronico', () => {
  it.each(['a@b.c', "o'brien+x@sub.example.com", 'josé@correo.pe', 'x@xn--d1abbgf6aiiy.xn--p1ai'])(
    '%s is one',
    (correo) => {
      expect(faltasCon('ciudadano.correoElectronico', correo)).toEqual([]);
    },
  );

  it.each(['sin-arroba', 'a@sindominio', 'a@b..pe', '.a@b.pe', 'a@-b.pe', 'a b@c.pe', 'a@b.pe '])(
    '%p is none',
    (correo) => {
      expect(faltasCon('ciudadano.correoElectronico', correo)).toEqual([
        'ciudadano.correoElectronico: no es un correo electrónico',
      ]);
    },
  );

  it('has 5 to 100 characters', () => {
    expect(faltasCon('ciudadano.correoElectronico', `${'a'.repeat(93)}@b.pe.x`)).toEqual([]);
    expect(faltasCon('ciudadano.correoElectronico', `${'a'.repeat(94)}@b.pe.x`)).toHaveLength(1);
    expect(faltasCon('ciudadano.correoElectronico', 'a@b.')).toHaveLength(2);
  });
});

describe('ipOrigen', () => {
  it.each(['1.2.3.4', '2001:db8::1', '::ffff:10.0.0.1', '0000:0000:0000:0000:0000:ffff:192.168.100.228'])(
    '%s is one',
    (ip) => {
      expect(faltasCon('metadatos.ipOrigen', ip)).toEqual([]);
    },
  );

  it.each(['256.1.1.1', '01.2.3.4', '1:2:3:4', 'fe80::1%eth0', 'localhost'])('%s is none', (ip) => {
    expect(faltasCon('metadatos.ipOrigen', ip)).toEqual([
      'metadatos.ipOrigen: no es una dirección IPv4 o IPv6',
    ]);
  });
});

describe('configuracionCertificados', () => {
  const tipos = 'configuracionCertificados.tipoCertificados';
  const vigencia = 'configuracionCertificados.vigenciaAnios';

  it('takes one to three different types, in any order', () => {
    expect(faltasCon(tipos, ['CIFRADO'])).toEqual([]);
    expect(faltasCon(tipos, [...TIPOS_CERTIFICADO].reverse())).toEqual([]);
    expect(faltasCon(tipos, [])).toEqual([`${tipos}: debe tener entre 1 y 3 elementos`]);
  });

  it('tells repeated, unknown and surplus types at once', () => {
    expect(faltasCon(tipos, ['CIFRADO', 'CIFRADO', 'X', 1]).sort()).toEqual(
      [
        `${tipos}: debe tener entre 1 y 3 elementos`,
        `${tipos}: no puede repetir elementos`,
        `${tipos}[2]: debe ser uno de FIRMA_DIGITAL, AUTENTICACION, CIFRADO`,
        `${tipos}[3]: debe ser uno de FIRMA_DIGITAL, AUTENTICACION, CIFRADO`,
      ].sort(),
    );
  });

  it.each([1, 2, 3, 4])('takes %d years', (anios) => {
    expect(faltasCon(vigencia, anios)).toEqual([]);
  });

  it('refuses years that are none of the four', () => {
    expect(faltasCon(vigencia, 0)).toEqual([`${vigencia}: debe estar entre 1 y 4`]);
    expect(faltasCon(vigencia, 5)).toEqual([`${vigencia}: debe estar entre 1 y 4`]);
    for (const anios of ['2', 1.5, Infinity])
      expect(faltasCon(vigencia, anios)).toEqual([`${vigencia}: debe ser un número entero`]);
  });
});

describe('any JSON value', () => {
  it('is read or refused with faults that begin with their path, and never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (valor) => {
        const faltas = faltasDe(valor);
        expect(faltas.length).toBeGreaterThan(0);
        for (const falta of faltas) expect(falta).toMatch(/^\S.*: \S/s);
      }),
    );
  });

  it('in the place of one member, leaves the others without fault', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TODOS), fc.jsonValue(), (ruta, valor) => {
        for (const falta of faltasCon(ruta, valor)) expect(falta.startsWith(ruta)).toBe(true);
      }),
    );
  });
});

describe('the codigo', () => {
  it('is taken where it is printable and has 1 to 30 characters, and only there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 34 }), (codigo) => {
        const largo = Array.from(codigo).length;
        const esperado =
          largo >= 1 &&
          largo <= 30 &&
          codigo !== '.' &&
          codigo !== '..' &&
          !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(codigo) &&
          /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800]/u.test(codigo);
        expect(codigoSolicitudTramite.safeParse(codigo).success).toBe(esperado);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the JSON Schema of the request', () => {
  const esquema = z.toJSONSchema(solicitudCertificado) as unknown as {
    properties: Record<string, { $ref: string }>;
    $defs: Record<
      string,
      {
        properties: Record<string, Record<string, unknown>>;
        required: string[];
        additionalProperties: boolean;
      }
    >;
  };
  const objetos = Object.fromEntries(
    Object.entries(esquema.properties).map(([nombre, { $ref }]) => [
      nombre,
      esquema.$defs[$ref.replace('#/$defs/', '')],
    ]),
  );

  it.each(TEXTOS)('limits %s as the seed does', (ruta, minLength, maxLength) => {
    const [objeto = '', campo = ''] = ruta.split('.');
    expect(objetos[objeto]?.properties[campo]).toMatchObject({
      type: 'string',
      minLength,
      maxLength,
    });
  });

  it('closes every object and requires what is mandatory', () => {
    for (const [nombre, objeto] of Object.entries(objetos)) {
      expect(objeto?.additionalProperties).toBe(false);
      for (const campo of Object.keys(objeto?.properties ?? {}))
        expect(objeto?.required.includes(campo)).toBe(!OPCIONALES.includes(`${nombre}.${campo}`));
    }
  });
});
