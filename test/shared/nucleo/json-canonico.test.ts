import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { formaCanonica } from '../../../shared/emision/misma-solicitud.ts';
import { jsonCanonico } from '../../../shared/nucleo/json-canonico.ts';
import { hojaDe } from '../../../shared/bitacora/entrada.ts';
import { solicitudDePrueba } from '../../support/emision/solicitud-de-prueba.ts';

it('is the text of RFC 8785 for its own example', () => {
  const ejemplo = JSON.parse(
    `{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
      "string":"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}`,
  ) as unknown;
  expect(jsonCanonico(ejemplo)).toBe(
    `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
      `"string":"€$\\u000f\\nA'B\\"\\\\\\\\\\"/"}`,
  );
});

it('sorts names by their UTF-16 units, numbers among them as texts', () => {
  const nombres = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6', '10', '2', '__proto__'];
  const objeto = JSON.parse(
    `{${nombres.map((nombre) => `${JSON.stringify(nombre)}:0`).join(',')}}`,
  ) as object;
  const orden = [...jsonCanonico(objeto).matchAll(/("[^"]*"):0/g)].map(([, nombre]) => nombre);
  const esperados = [
    '\r',
    '1',
    '10',
    '2',
    '__proto__',
    '\u0080',
    '\u00f6',
    '\u20ac',
    '\ud83d\ude00',
    '\ufb33',
  ];
  expect(orden).toEqual(esperados.map((nombre) => JSON.stringify(nombre)));
});

it('is what the library of the authors of RFC 8785 writes, byte by byte, of any JSON', () => {
  const deJson = fc.oneof(
    fc.jsonValue({ stringUnit: 'binary', maxDepth: 6 }),
    fc.dictionary(fc.oneof(fc.string({ unit: 'binary' }), fc.nat().map(String)), fc.jsonValue()),
  );
  fc.assert(
    fc.property(deJson, (valor) => {
      // As it comes back from a database or off the wire.
      const leido = JSON.parse(JSON.stringify(valor)) as unknown;
      expect(jsonCanonico(leido)).toBe(canonicalize(leido));
      expect(jsonCanonico(valor)).toBe(canonicalize(valor));
    }),
    { numRuns: 2_000 },
  );
});

it('takes an undefined member for none', () => {
  expect(jsonCanonico({ b: undefined, a: 1 })).toBe('{"a":1}');
});

it.each([
  ['half of a pair', '"\\ud800"', '"\\ud800"'],
  ['a number beyond all', '[1e400]', '[null]'],
  [
    'a hundred thousand levels',
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    `${'['.repeat(65)}…${']'.repeat(65)}`,
  ],
])('has a text for what RFC 8785 has none: %s', (_caso, texto, canonico) => {
  expect(jsonCanonico(JSON.parse(texto))).toBe(canonico);
  expect(() => canonicalize(JSON.parse(texto))).toThrow();
});

it('makes the bytes by which a request was always known', () => {
  expect(formaCanonica(solicitudDePrueba())).toBe(
    '{"ciudadano":{"apellidoMaterno":"Ñahui","apellidoPaterno":"O\'Higgins-Quispe",' +
      '"correoElectronico":"maria.quispe@example.com","departamento":"Lima","distrito":"Miraflores",' +
      '"fechaNacimiento":"1990-05-17","nombres":"María Elena","provincia":"Lima","sexo":"F"},' +
      '"configuracionCertificados":{"nivelSeguridad":"ALTO",' +
      '"tipoCertificados":["AUTENTICACION","CIFRADO","FIRMA_DIGITAL"],"usoExtendido":false,"vigenciaAnios":4},' +
      '"solicitud":{"codigoSolicitudTramite":"SOL-1","numeroDocumento":"45678912","numeroTramite":"TRA-1",' +
      '"tipoDocumento":"DNI"}}',
  );
});

it('makes the bytes of which leaves of the audit log were always made', () => {
  const hoja = hojaDe({
    id: '0d9f7c0a-1b0e-4a5e-9f0a-6f8f0d1c2b3a',
    dominio: 'emision',
    codigo: 'SOL-1',
    generacion: 1,
    run_id: null,
    evento: 'ACEPTADA',
    contenido: { tipos: ['FIRMA_DIGITAL'], paso: 1, anidado: { b: 'ñ', a: [1.5, -0, null] } },
    compromiso: 'abc',
    registrada: '2026-11-22T10:00:00.123456Z',
  });
  expect(hoja.toString()).toBe(
    '{"codigo":"SOL-1","compromiso":"abc","contenido":{"anidado":{"a":[1.5,0,null],"b":"ñ"},"paso":1,' +
      '"tipos":["FIRMA_DIGITAL"]},"dominio":"emision","evento":"ACEPTADA","generacion":1,' +
      '"id":"0d9f7c0a-1b0e-4a5e-9f0a-6f8f0d1c2b3a","registradaEn":"2026-11-22T10:00:00.123456Z","runId":null,' +
      '"version":1}',
  );
});
