/** Path validation judged by NIST's PKITS (docs/certificates.md): nothing invalid is accepted, nothing valid refused unnamed. */
import { buscarRuta, type Autoridades } from '../../../shared/x509/ruta/buscar-ruta.ts';
import { leerCertificado, type CertificadoLeido } from '../../../shared/x509/leer-certificado.ts';
import { validarRuta, type CondicionesDeRuta } from '../../../shared/x509/ruta/validar-ruta.ts';
import { preparePkits, PKITS_SETUP_MS, readPkitsTable, type PkitsCase } from './pkits.ts';

/** Within the validity of the suite, which ends in 2030. */
const MOMENTO = new Date('2026-11-22T10:00:00Z');

/** Valid by the suite, refused here, and why. */
const REFUSED: Record<string, string> = {
  '4.1.5': 'DSA parameters inherited from the issuer: OpenSSL reads no such key, and FIPS 186-5 withdrew DSA',
};

let cases: PkitsCase[];
let certificates: Map<string, CertificadoLeido>;

beforeAll(async () => {
  const read = await preparePkits();
  cases = await readPkitsTable();
  const names = new Set(cases.flatMap((one) => [one.certificate, ...one.authorities, ANCHOR]));
  certificates = new Map();
  for (const name of names) {
    const lectura = leerCertificado(await read(name));
    if (lectura.legible) certificates.set(name, lectura.certificado);
  }
}, PKITS_SETUP_MS);

const ANCHOR = 'TrustAnchorRootCertificate';

function conditionsOf(one: PkitsCase): CondicionesDeRuta {
  return {
    momento: MOMENTO,
    hashesDeFirma: ['SHA-1', 'SHA-256'],
    politicas: {
      aceptadas: one.acceptedPolicies,
      exigirExplicita: one.explicitPolicy,
      inhibirMapeo: one.inhibitMapping,
      inhibirCualquiera: one.inhibitAnyPolicy,
    },
  };
}

/** Of the path that the suite names. */
function validateNamed(one: PkitsCase): string[] {
  const path = [ANCHOR, ...one.authorities, one.certificate].map((name) => certificates.get(name));
  const read = path.filter((certificate) => certificate !== undefined);
  return read.length < path.length ? ['a certificate cannot be read'] : validarRuta(read, conditionsOf(one));
}

/** Of any path through all the authorities of the suite. */
function validateFound(one: PkitsCase, authorities: Autoridades): string[] {
  const certificate = certificates.get(one.certificate);
  if (!certificate) return ['the certificate cannot be read'];
  const found = buscarRuta(certificate, authorities, conditionsOf(one));
  return found.valida ? [] : found.faltas;
}

function judge(validate: (one: PkitsCase) => string[]) {
  const verdicts = cases.map((one) => ({ ...one, faults: validate(one) }));
  return {
    wronglyAccepted: verdicts.filter((one) => one.verdict === 'invalid' && one.faults.length === 0),
    wronglyRefused: verdicts.filter((one) => one.verdict !== 'invalid' && one.faults.length > 0),
  };
}

it('the table holds every test of the suite', () => {
  const tests = new Set(cases.map(({ number }) => number.split('.').slice(0, 3).join('.')));
  const by = (verdict: PkitsCase['verdict']) => cases.filter((one) => one.verdict === verdict).length;

  expect(tests.size).toBe(224);
  expect([by('valid'), by('invalid'), by('revoked')]).toEqual([113, 88, 46]);
});

it.each(['the path that it names', 'whatever path is found among all its authorities'])(
  'validation accepts nothing that is invalid, by %s, and refuses nothing valid but what is named',
  (how) => {
    const all = new Set(cases.flatMap(({ authorities }) => authorities));
    const authorities: Autoridades = {
      raices: [...certificates].filter(([name]) => name === ANCHOR).map(([, one]) => one),
      intermedios: [...certificates].filter(([name]) => all.has(name)).map(([, one]) => one),
    };

    const { wronglyAccepted, wronglyRefused } = judge(
      how === 'the path that it names' ? validateNamed : (one) => validateFound(one, authorities),
    );

    expect(wronglyAccepted.map(({ number }) => number)).toEqual([]);
    expect(wronglyRefused.filter(({ number }) => !(number in REFUSED))).toEqual([]);
    expect(wronglyRefused.map(({ number }) => number)).toEqual(Object.keys(REFUSED));
  },
);
