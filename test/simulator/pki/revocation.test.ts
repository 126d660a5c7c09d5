import { X509Certificate } from 'node:crypto';
import {
  PKILINT_SETUP_MS,
  askOcspWithOpenssl,
  lintCrl,
  lintOcspResponse,
  preparePkilint,
  requestOcspWithOpenssl,
} from '../../support/referees/referees.ts';
import { cleanUp, download, issueOne, partsOf, startSimulator } from '../../support/pki/running-simulator.ts';

beforeAll(preparePkilint, PKILINT_SETUP_MS);
afterEach(cleanUp);

const KEY_TYPES = ['RSA', 'EC'] as const;
const LINT_MS = 60_000;

describe('OCSP', () => {
  it.each(KEY_TYPES)('says good of what was issued and unknown of the rest (%s)', async (keyType) => {
    const { url, chainPem } = await startSimulator({ keyType });
    const { issuingPem } = partsOf(chainPem);
    const pem = await issueOne(url, 'FIRMA_DIGITAL');

    const issued = await askOcspWithOpenssl(pem, issuingPem, chainPem, `${url}/ocsp`);
    const other = await askOcspWithOpenssl('0x1234', issuingPem, chainPem, `${url}/ocsp`);

    expect(issued).toContain('cert.pem: good');
    expect(other).toContain('0x1234: unknown');
    for (const output of [issued, other]) expect(output).toContain('Response verify OK');
  });

  it('says unknown of a certificate of another issuer', async () => {
    const [ours, theirs] = [await startSimulator(), await startSimulator()];
    const pem = await issueOne(theirs.url, 'FIRMA_DIGITAL');

    const output = await askOcspWithOpenssl(
      pem,
      partsOf(theirs.chainPem).issuingPem,
      ours.chainPem,
      `${ours.url}/ocsp`,
    );

    expect(output).toContain('cert.pem: unknown');
  });

  it.each(KEY_TYPES)(
    'answers POST and GET alike, and pkilint finds nothing (%s)',
    async (keyType) => {
      const clock = () => new Date('2026-11-22T10:00:00Z');
      const { url, chainPem } = await startSimulator({ keyType, clock });
      const pem = await issueOne(url, 'CIFRADO');
      const ask = await requestOcspWithOpenssl(pem, partsOf(chainPem).issuingPem);

      const posted = await fetch(`${url}/ocsp`, { method: 'POST', body: ask });
      const path = encodeURIComponent(Buffer.from(ask).toString('base64'));
      const got = await fetch(`${url}/ocsp/${path}`);

      expect([posted, got].map(({ headers }) => headers.get('Content-Type'))).toEqual([
        'application/ocsp-response',
        'application/ocsp-response',
      ]);
      const [byPost, byGet] = [await bytesOf(posted), await bytesOf(got)];
      expect(byGet.byteLength).toBeGreaterThan(100);
      expect(await lintOcspResponse(byPost)).toEqual([]);
      expect(await lintOcspResponse(byGet)).toEqual([]);
    },
    LINT_MS,
  );

  it('tells an unreadable request so', async () => {
    const { url } = await startSimulator();

    const answer = await bytesOf(await fetch(`${url}/ocsp`, { method: 'POST', body: 'x' }));

    // SEQUENCE { ENUMERATED malformedRequest }
    expect([...answer]).toEqual([0x30, 3, 0x0a, 1, 1]);
  });
});

describe('the lists', () => {
  it.each(KEY_TYPES)(
    'of both authorities satisfy pkilint (%s)',
    async (keyType) => {
      const { url } = await startSimulator({ keyType });

      expect(await lintCrl(await download(`${url}/crl/emisora.crl`), 'CRL')).toEqual([]);
      expect(await lintCrl(await download(`${url}/crl/raiz.crl`), 'ARL')).toEqual([]);
    },
    LINT_MS,
  );
});

describe('the public paths', () => {
  it('lead to the issuers and the practices', async () => {
    const { url, chainPem } = await startSimulator();
    const { rootPem, issuingPem } = partsOf(chainPem);

    const root = new X509Certificate(await download(`${url}/ca/raiz.cer`));
    const issuing = new X509Certificate(await download(`${url}/ca/emisora.cer`));

    expect(root.fingerprint256).toBe(new X509Certificate(rootPem).fingerprint256);
    expect(issuing.fingerprint256).toBe(new X509Certificate(issuingPem).fingerprint256);
    expect(await (await fetch(`${url}/cps`)).text()).toContain('SIMULADOR');
  });

  it('are those that the certificates name, under the base of the configuration', async () => {
    const { url } = await startSimulator({ publicBaseUrl: 'http://ca.example.org/pki' });
    const { infoAccess } = new X509Certificate(await issueOne(url, 'FIRMA_DIGITAL'));

    expect(infoAccess).toContain('URI:http://ca.example.org/pki/ca/emisora.cer');
    expect((await fetch(`${url}/pki/ca/emisora.cer`)).status).toBe(200);
    expect((await fetch(`${url}/pki/crl/emisora.crl`)).status).toBe(200);
  });
});

async function bytesOf(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer());
}
