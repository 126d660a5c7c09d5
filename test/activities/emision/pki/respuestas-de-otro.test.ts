/** What the gateway makes of an answer that somebody else gave in the place of MsAdaptadorPKI. */
import type { RequestListener } from 'node:http';
import { jest } from '@jest/globals';
import { Registry } from 'prom-client';
import { createMetricasPki } from '../../../../activities/emision/pki/metricas-pki.ts';
import { createAvisoDeRespuestaAjena } from '../../../../activities/emision/pki/respuesta-ajena.ts';
import { rechaza, responde } from '../../../support/pki/fake-adaptador-pki.ts';
import { PASO_2 } from '../../../support/registro/fake-registro.ts';
import { adaptador, falloAnte } from './gateway-de-prueba.ts';

describe('an answer of somebody else', () => {
  const pagina = responde(
    404,
    '<html>\r\n<head><title>404 Not Found</title><style>b { color: red }</style></head>\r\n<center>nginx</center>',
    { 'content-type': 'text/html; charset=utf-8' },
  );

  it('is told by what came, and whoever sent the request is told what to do', async () => {
    const { detalles } = await falloAnte(pagina);

    expect(detalles).toEqual([
      'Llegó un 404 sin el sobre de MsAdaptadorPKI (success: false y statusCode: 404): no es una respuesta suya.',
      'Contenido: text/html; comienza: «404 Not Found nginx».',
      'No es por esta solicitud: soporte debe revisar el camino hasta MsAdaptadorPKI (proxy, balanceador, pasarela); después, envíela de nuevo.',
    ]);
  });

  it('is told without a variable of the configuration to whoever sent the request', async () => {
    const variables = /\b(?!HTTP_)[A-Z]+_[A-Z_]+\b/;
    for (const codigo of [302, 404, 418, 429, 502, 503]) {
      const { detalles } = await falloAnte(responde(codigo, '<html>'));
      expect([codigo, detalles.length]).toEqual([codigo, 3]);
      expect(detalles.join('\n')).not.toMatch(variables);
    }
  });

  it.each<[string, RequestListener, string]>([
    ['nothing', (_peticion, respuesta) => respuesta.writeHead(502).end(), 'Contenido: sin tipo, sin texto.'],
    [
      'controls',
      responde(502, 'a\u0000\u202eb', { 'content-type': 'text/plain' }),
      'Contenido: text/plain; comienza: «a b».',
    ],
    [
      'a flood of half marks',
      responde(502, '<'.repeat(900_000), { 'content-type': 'x/y' }),
      `Contenido: x/y; comienza: «${'<'.repeat(100)}».`,
    ],
    [
      'JSON of its own',
      responde(404, '{\n  "status": 404,\n  "error": "Not Found"\n}'),
      'Contenido: application/json; comienza: «{ "status": 404, "error": "Not Found" }».',
    ],
  ])('is shown by a clean beginning where it brings %s', async (_caso, responder, linea) => {
    expect((await falloAnte(responder)).detalles[1]).toBe(linea);
  });

  it('is counted by its code and logged without a word of it', async () => {
    const registro = new Registry();
    const warn = jest.fn();
    const alResponderOtro = createAvisoDeRespuestaAjena(createMetricasPki(registro), { warn });

    await falloAnte(pagina, 2, { alResponderOtro });

    expect(await registro.metrics()).toContain('pki_foreign_answers_total{paso="2",codigo="404"} 1');
    expect(warn.mock.calls).toEqual([[expect.stringContaining('PKI_ADAPTER_URL'), { paso: 2, codigo: 404 }]]);
  });

  it('is none of those that the adapter gives', async () => {
    const alResponderOtro = jest.fn();

    for (const responder of [rechaza(404, []), responde(200, '<html>'), responde(204, '')])
      await falloAnte(responder, 2, { alResponderOtro });

    expect(alResponderOtro).not.toHaveBeenCalled();
  });

  it.each([301, 302, 303, 307, 308])('with %i leads nowhere: no redirect is followed', async (codigo) => {
    const otro = await adaptador(responde(200, PASO_2));

    const fallo = await falloAnte(responde(codigo, '', { location: `${otro.url}/otro` }));

    expect(fallo).toMatchObject({ tipo: 'PKI_MAL_DIRIGIDA', certeza: 'DESCONOCIDO' });
    expect(otro.recibidas).toEqual([]);
  });
});
