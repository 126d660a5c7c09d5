/** What PKITS has no test of: the forms of name constraints, usages of authorities, many paths. */
import 'reflect-metadata';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  Certificate,
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  Name,
  NameConstraints,
  Version,
} from '@peculiar/asn1-x509';
import {
  ExtendedKeyUsageExtension,
  Extension,
  Name as NombreX509,
  SubjectAlternativeNameExtension,
  type JsonGeneralNames,
} from '@peculiar/x509';
import { cargarAnclas } from '../../../shared/x509/ruta/anclas.ts';
import { buscarRuta, type Busqueda } from '../../../shared/x509/ruta/buscar-ruta.ts';
import { leerCertificado, type CertificadoLeido } from '../../../shared/x509/leer-certificado.ts';
import { validarRuta } from '../../../shared/x509/ruta/validar-ruta.ts';
import {
  crearCaDePrueba,
  planConforme,
  type OpcionesDeCa,
  type PlanDeCertificado,
} from '../../support/pki/ca-de-prueba.ts';
import { solicitudDePrueba } from '../../support/emision/solicitud-de-prueba.ts';

const AHORA = new Date();
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const EMAIL_PROTECTION = '1.3.6.1.5.5.7.3.4';
const CONDICIONES = { momento: AHORA, hashesDeFirma: ['SHA-256'] };

async function emitir(
  opciones: OpcionesDeCa,
  cambios: Partial<PlanDeCertificado> = {},
): Promise<{ certificado: CertificadoLeido; anclasPem: string }> {
  const ca = await crearCaDePrueba(opciones);
  const plan = await planConforme(
    solicitudDePrueba(),
    'FIRMA_DIGITAL',
    '1',
    new Date(AHORA.getTime() - 1000),
  );
  const lectura = leerCertificado(Buffer.from((await ca.emitir({ ...plan, ...cambios })).rawData));
  if (!lectura.legible) throw new Error(lectura.falta);
  return { certificado: lectura.certificado, anclasPem: ca.anclasPem };
}

async function rutaDe(
  opciones: OpcionesDeCa,
  cambios: Partial<PlanDeCertificado> = {},
  usosExtendidos: string[] = [],
): Promise<Busqueda> {
  const { certificado, anclasPem } = await emitir(opciones, cambios);
  return buscarRuta(certificado, cargarAnclas(anclasPem), { ...CONDICIONES, usosExtendidos });
}

type Base = ConstructorParameters<typeof GeneralName>[0];

function restriccion(cual: 'permittedSubtrees' | 'excludedSubtrees', ...bases: Base[]): Extension {
  const arboles = new GeneralSubtrees(
    bases.map((base) => new GeneralSubtree({ base: new GeneralName(base) })),
  );
  return new Extension('2.5.29.30', true, AsnConvert.serialize(new NameConstraints({ [cual]: arboles })));
}

const enDirectorio = (nombre: string): Base => ({
  directoryName: AsnConvert.parse(new NombreX509(nombre).toArrayBuffer(), Name),
});

const SUJETO = enDirectorio(`C=PE,ST=${solicitudDePrueba().ciudadano.departamento}`);

const conNombres = (...nombres: JsonGeneralNames): Partial<PlanDeCertificado> => ({
  otrasExtensiones: [new SubjectAlternativeNameExtension(nombres)],
});

describe('constraints of the names below an authority', () => {
  const email = (value: string): JsonGeneralNames => [{ type: 'email', value }];
  const dns = (value: string): JsonGeneralNames => [{ type: 'dns', value }];
  const url = (value: string): JsonGeneralNames => [{ type: 'url', value }];
  const ip = (value: string): JsonGeneralNames => [{ type: 'ip', value }];

  it.each<[Base, JsonGeneralNames, dentro: boolean]>([
    [enDirectorio('C=PE'), [], true],
    [enDirectorio('C=CL'), [], false],
    [enDirectorio('C=PE'), [{ type: 'dn', value: 'C=pe,O=x' }], true],
    [enDirectorio('C=PE'), [{ type: 'dn', value: 'C=CL' }], false],
    [{ rfc822Name: 'a@example.com' }, email('a@EXAMPLE.com'), true],
    [{ rfc822Name: 'a@example.com' }, email('A@example.com'), false],
    [{ rfc822Name: 'example.com' }, email('b@example.com'), true],
    [{ rfc822Name: 'example.com' }, email('b@sub.example.com'), false],
    [{ rfc822Name: '.example.com' }, email('b@sub.example.com'), true],
    [{ rfc822Name: '.example.com' }, email('b@example.com'), false],
    [{ rfc822Name: 'example.com' }, email('nobody'), false],
    [{ dNSName: 'example.com' }, dns('EXAMPLE.com'), true],
    [{ dNSName: 'example.com' }, dns('a.b.example.com'), true],
    [{ dNSName: 'example.com' }, dns('badexample.com'), false],
    [{ dNSName: 'example.com' }, dns('*.example.com'), true],
    [{ dNSName: 'a.example.com' }, dns('*.example.com'), false],
    [{ dNSName: '' }, dns('anything.example'), true],
    [{ uniformResourceIdentifier: 'example.com' }, url('https://u@example.com:8443/x'), true],
    [{ uniformResourceIdentifier: 'example.com' }, url('https://sub.example.com/'), false],
    [{ uniformResourceIdentifier: '.example.com' }, url('ldap://sub.example.com'), true],
    [{ uniformResourceIdentifier: '.example.com' }, url('http://10.0.0.1/'), false],
    [{ uniformResourceIdentifier: '.example.com' }, url('urn:oid:1.2'), false],
    [{ iPAddress: '10.0.0.0/8' }, ip('10.1.2.3'), true],
    [{ iPAddress: '10.0.0.0/8' }, ip('11.1.2.3'), false],
    [{ iPAddress: '10.0.0.0/8' }, ip('2001:db8::1'), false],
    [{ iPAddress: '2001:db8::/32' }, ip('2001:db8:1::1'), true],
    [{ iPAddress: '2001:db8::/32' }, ip('2001:db9::1'), false],
  ])('permitted %j: %j is %s', async (base, nombres, dentro) => {
    const otrasExtensiones = [restriccion('permittedSubtrees', base)];
    const cambios = nombres.length > 0 ? conNombres(...nombres) : {};

    expect((await rutaDe({ emisora: { otrasExtensiones } }, cambios)).valida).toBe(dentro);
  });

  it.each<[Base, JsonGeneralNames, excluido: boolean]>([
    [enDirectorio('C=PE'), [], true],
    [enDirectorio('C=PE,ST=CUSCO'), [], false],
    [{ rfc822Name: 'example.com' }, email('b@example.com'), true],
    [{ rfc822Name: 'example.com' }, email('nobody'), true],
    [{ rfc822Name: 'example.com' }, email('b@example.org'), false],
    [{ dNSName: 'a.example.com' }, dns('b.a.example.com'), true],
    [{ dNSName: 'a.example.com' }, dns('*.example.com'), true],
    [{ dNSName: 'a.example.com' }, dns('b.example.com'), false],
    [{ uniformResourceIdentifier: '.example.com' }, url('http://10.0.0.1/'), true],
    [{ uniformResourceIdentifier: '.example.com' }, url('http://example.org/'), false],
    [{ iPAddress: '0.0.0.0/0' }, ip('10.1.2.3'), true],
    [{ iPAddress: '0.0.0.0/0' }, ip('2001:db8::1'), false],
  ])('excluded %j: %j is %s', async (base, nombres, excluido) => {
    const otrasExtensiones = [restriccion('excludedSubtrees', base)];
    const cambios = nombres.length > 0 ? conNombres(...nombres) : {};

    expect((await rutaDe({ emisora: { otrasExtensiones } }, cambios)).valida).toBe(!excluido);
  });

  it.each<['permittedSubtrees' | 'excludedSubtrees', string, dentro: boolean]>([
    ['permittedSubtrees', 'C=PE,O=Ñandú', true],
    ['permittedSubtrees', 'C=PE,O=ñandú', false],
    ['excludedSubtrees', 'C=PE,O=ñandú', false],
    ['excludedSubtrees', 'C=PE,O=ñandu', true],
  ])('%s of a name in Ñ: below it %s is %s, where readers differ', async (cual, value, vale) => {
    // Permitted besides: the certificate's own subject.
    const bases = [enDirectorio('C=PE,O=Ñandú'), ...(cual === 'permittedSubtrees' ? [SUJETO] : [])];
    const otrasExtensiones = [restriccion(cual, ...bases)];

    const busqueda = await rutaDe({ emisora: { otrasExtensiones } }, conNombres({ type: 'dn', value }));

    expect(busqueda.valida).toBe(vale);
  });

  it('say which authority, and which form of whose name', async () => {
    const otrasExtensiones = [restriccion('permittedSubtrees', { dNSName: 'example.com' })];

    expect(await rutaDe({ emisora: { otrasExtensiones } }, conNombres(...dns('example.org')))).toMatchObject({
      faltas: [
        expect.stringMatching(
          /cadena: el emisor «CN=EMISORA DE PRUEBA,C=PE» no admite debajo de él un nombre \(dNSName\) de «CN=/,
        ),
      ],
    });
  });
});

describe('the usages for which an authority may issue', () => {
  const confinada = (...usos: string[]): OpcionesDeCa => ({
    emisora: { otrasExtensiones: [new ExtendedKeyUsageExtension(usos)] },
  });

  it.each([
    ['those of the certificate', [EMAIL_PROTECTION, CLIENT_AUTH], true],
    ['any', ['2.5.29.37.0'], true],
    ['others', [CLIENT_AUTH], false],
  ])('%s', async (_, usos, vale) => {
    const busqueda = await rutaDe(confinada(...usos), {}, [EMAIL_PROTECTION]);

    expect(busqueda.valida).toBe(vale);
    if (!busqueda.valida)
      expect(busqueda.faltas).toEqual([
        'cadena: el emisor «CN=EMISORA DE PRUEBA,C=PE» no puede emitir para el uso extendido emailProtection',
      ]);
  });
});

describe('the issuer’s name', () => {
  it.each([' emisora  de PRUEBA ', 'EMISORA DE PRUEBA'])('may be written as %j', async (nombreAlEmitir) => {
    expect(await rutaDe({ emisora: { nombreAlEmitir } })).toMatchObject({ valida: true });
  });

  it.each([
    ['a letter in other case', 'ÑAHUI', 'ñAHUI'],
    ['a letter and its accent', 'PERÚ', 'PERU\u0301'],
    ['a letter that is not seen', 'EMISORA', 'EMI\u00ADSORA'],
    ['another blank', 'EMISORA PERU', 'EMISORA\u00A0PERU'],
  ])('is another one for strict readers with %s', async (_, nombre, nombreAlEmitir) => {
    expect(await rutaDe({ emisora: { nombre } })).toMatchObject({ valida: true });
    expect(await rutaDe({ emisora: { nombre, nombreAlEmitir } })).toMatchObject({
      valida: false,
      faltas: [expect.stringContaining('cadena: se esperaba un emisor de las anclas de confianza')],
    });
  });

  it('is another one', async () => {
    expect(await rutaDe({ emisora: { nombreAlEmitir: 'EMISORA DE PRUEBAS' } })).toMatchObject({
      valida: false,
      faltas: [expect.stringContaining('llegó «CN=EMISORA DE PRUEBAS,C=PE»')],
    });
  });
});

it('an authority of an older version issues nothing, whatever its extensions say', async () => {
  const { certificado, anclasPem } = await emitir({});
  const { raices, intermedios } = cargarAnclas(anclasPem);
  const [raiz, emisora] = [...raices, ...intermedios];
  if (!raiz || !emisora) throw new Error('no authorities');
  const anterior = AsnConvert.parse(emisora.der, Certificate);
  anterior.tbsCertificate.version = Version.v2;
  const lectura = leerCertificado(Buffer.from(AsnConvert.serialize(anterior)));
  if (!lectura.legible) throw new Error(lectura.falta);

  const versiones = [emisora, lectura.certificado].map((una) =>
    validarRuta([raiz, una, certificado], CONDICIONES).filter((falta) => falta.includes('versión')),
  );

  expect(versiones).toEqual([
    [],
    ['cadena: el emisor «CN=EMISORA DE PRUEBA,C=PE» es de la versión 2, no de la 3'],
  ]);
});

describe('among many authorities of one name', () => {
  it('the one that signed is found', async () => {
    const { certificado, anclasPem } = await emitir({});
    const otras = await Promise.all(Array.from({ length: 20 }, () => crearCaDePrueba()));
    const pem = [...otras.map((una) => una.anclasPem), anclasPem].join('');

    expect(buscarRuta(certificado, cargarAnclas(pem), CONDICIONES)).toMatchObject({ valida: true });
  });

  it('a search among more paths than there are authorities ends', async () => {
    const { certificado } = await emitir({});
    const otras = await Promise.all(Array.from({ length: 20 }, () => crearCaDePrueba()));
    const anclas = cargarAnclas(otras.map((una) => una.anclasPem).join(''));

    const busqueda = buscarRuta(certificado, anclas, CONDICIONES);

    expect(busqueda).toMatchObject({ valida: false, emisor: null });
    expect(!busqueda.valida && busqueda.faltas.length).toBeLessThanOrEqual(10);
  });
});
