/** The two endpoints of MsAdaptadorPKI, as the seed names them. */
import express, { type Request, type Response } from 'express';
import { codigoOf, parseBody, step1Request, step2Request, type Solicitud } from './adapter-requests.ts';
import type { BehaviourOf, Paso } from '../faults/behaviour.ts';
import { deliver } from '../faults/delivery.ts';
import { Refusal, successEnvelope, type RequestTrace } from './envelope.ts';
import { answerAsGateway } from '../faults/gateway.ts';
import type { Step, Steps } from './steps.ts';
import type { Store } from './store.ts';
import type { z } from 'zod';

const BASE = '/api/v1/adaptador/MsAdaptadorPKI';
const BODY_LIMIT = '256kb';

export interface AdapterRoutesDeps {
  store: Store;
  steps: Steps;
  behaviourOf: BehaviourOf;
  latencyMs: number;
  /** Waits, but no longer once the simulator closes; tells whether it is still open. */
  wait: (ms: number) => Promise<boolean>;
  traceOf: (request: Request) => RequestTrace;
}

export function adapterRoutes(deps: AdapterRoutesDeps): express.Router {
  const { store, steps, behaviourOf, latencyMs, wait, traceOf } = deps;

  function endpoint<Peticion extends { solicitud: Solicitud }>(
    paso: Paso,
    schema: z.ZodType<Peticion>,
    step: Step<Peticion>,
    message: string,
  ) {
    return async (request: Request, response: Response) => {
      const body = parseJson(request.body);
      const numeroLlamada = store.countCall(codigoOf(body), paso);
      if (body === undefined) throw new Refusal('VALIDACION', ['cuerpo: no es JSON']);
      const peticion = parseBody(schema, body);
      const behaviour = behaviourOf({ paso, numeroLlamada, ...peticion.solicitud });
      await behaviour.before?.();
      const { gateway } = behaviour;
      if (gateway && gateway.when !== 'DESPUES') answerAsGateway(response, gateway.act);
      if (gateway?.when === 'ANTES') return;
      const isOpen = await wait(latencyMs + (behaviour.delayBeforeMs ?? 0));
      if (!isOpen) throw new Refusal('SERVICIO_NO_DISPONIBLE');
      if (behaviour.outage !== undefined) throw new Refusal(behaviour.outage);
      if (behaviour.answer !== undefined) {
        const { status, body, headers = {} } = behaviour.answer;
        response.status(status).set(headers).send(body);
        return;
      }
      const { data, isRepeated } = await step(peticion, request.get('Idempotency-Key') ?? null, behaviour);
      // A 503 says that nothing was done: what was done is answered, even by a simulator that closes.
      await wait(behaviour.delayAfterMs ?? 0);
      await behaviour.after?.();
      if (gateway?.when === 'MIENTRAS') return;
      if (behaviour.gateway) {
        answerAsGateway(response, behaviour.gateway.act);
        return;
      }
      const statusCode = isRepeated ? 200 : 201;
      const envelope = JSON.stringify(successEnvelope(statusCode, message, data, traceOf(request)));
      deliver(response.status(statusCode).type('json'), envelope, behaviour.delivery);
    };
  }

  // As text, whatever its Content-Type: a body that is no JSON is a call too, and is counted.
  const readText = express.text({ type: () => true, limit: BODY_LIMIT });
  const router = express.Router();
  router.post(
    `${BASE}/generarNumerosSolicitud2`,
    readText,
    endpoint(1, step1Request, steps.generarNumerosSolicitud, 'Números de solicitud generados'),
  );
  router.post(
    `${BASE}/generarCertificadoDigitalDniE`,
    readText,
    endpoint(2, step2Request, steps.generarCertificados, 'Certificados digitales emitidos'),
  );
  router.all(
    [`${BASE}/generarNumerosSolicitud2`, `${BASE}/generarCertificadoDigitalDniE`],
    (_request, response) => {
      response.set('Allow', 'POST');
      throw new Refusal('METODO_NO_PERMITIDO');
    },
  );
  return router;
}

/** Undefined where the text is no JSON. */
function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
