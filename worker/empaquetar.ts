/** Makes the file of the workflows that a worker of this image loads. */
import { Runtime } from '@temporalio/worker';
import { guardarPaquete } from './paquete.ts';

await guardarPaquete(Runtime.instance().logger);
