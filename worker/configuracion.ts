/** What a worker is configured by, whatever it serves. */
import { z } from 'zod';
import { puerto, seccion } from '../shared/nucleo/variables.ts';

export const WORKER = seccion({
  /** Health and metrics of a worker that runs alone. */
  WORKER_PORT: puerto(8081),
  /** Version of a worker that runs alone: Temporal then keeps each issuance on the version that it began on (ADR 35). */
  WORKER_VERSION: z
    .string()
    .regex(/^[\w.+-]{1,64}$/, 'must be 1 to 64 letters, digits or . _ + -')
    .optional(),
});
