/** What the codec server is configured by, beside what every HTTP server of the service is. */
import { puerto, seccion } from '../../shared/nucleo/variables.ts';

export const CODEC = seccion({ CODEC_PORT: puerto(8092) });
