/** What the URLs inside certificates lead to: issuers, CRLs, OCSP (RFC 6960, appendix A) and practices. */
import express, { type Request, type Response } from 'express';
import type { Hierarchy } from './certificate-authority.ts';
import { createCrl } from './crl.ts';
import type { OcspResponder } from './ocsp.ts';
import { PUBLIC_PATHS } from './public-urls.ts';

const PRACTICES = `Este es el SIMULADOR de MsAdaptadorPKI. Emite certificados de prueba, sin valor legal alguno.
Sus claves no tienen custodia. Ningún tercero debe confiar en ellos.
`;
const OCSP_LIMIT = '64kb';

export function publicRoutes(
  { root, issuing }: Hierarchy,
  ocsp: OcspResponder,
  clock: () => Date,
): express.Router {
  const router = express.Router();
  const certificate = (authority: Hierarchy['root']) => (_request: Request, response: Response) => {
    response.type('application/pkix-cert').send(Buffer.from(authority.certificate.rawData));
  };
  const crl = (authority: Hierarchy['root']) => async (_request: Request, response: Response) => {
    response.type('application/pkix-crl').send(Buffer.from(await createCrl(authority, clock())));
  };
  const answerOcsp = (request: Uint8Array, response: Response) => {
    response.type('application/ocsp-response').send(Buffer.from(ocsp.answer(request)));
  };

  router.get(PUBLIC_PATHS.rootCertificate, certificate(root));
  router.get(PUBLIC_PATHS.issuingCertificate, certificate(issuing));
  router.get(PUBLIC_PATHS.rootCrl, crl(root));
  router.get(PUBLIC_PATHS.issuingCrl, crl(issuing));
  router.post(
    PUBLIC_PATHS.ocsp,
    express.raw({ type: () => true, limit: OCSP_LIMIT }),
    (request: Request<unknown, unknown, unknown>, response) => {
      answerOcsp(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0), response);
    },
  );
  // The request in Base64; its slashes may stand as they are.
  router.get(`${PUBLIC_PATHS.ocsp}/*request`, (request, response) => {
    answerOcsp(Buffer.from(request.params.request.join('/'), 'base64'), response);
  });
  router.get(PUBLIC_PATHS.practices, (_request, response) => {
    response.type('text/plain').send(PRACTICES);
  });
  return router;
}
