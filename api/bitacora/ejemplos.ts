/** A log of one entry, as the OpenAPI document shows it; its key is of this page only. */
import { createHash } from 'node:crypto';
import type { EntradaProbada, PuntoPublicado } from '../../shared/bitacora/pruebas.ts';

const ORIGEN = 'pki.example.com/bitacora';
const RAIZ = createHash('sha256').update('ejemplo').digest();
const FIRMA = Buffer.alloc(68, 1).toString('base64');

export const EJEMPLO_DE_PUNTO: PuntoPublicado = {
  epoca: 1,
  tamano: 2,
  nota: `${ORIGEN}/1\n2\n${RAIZ.toString('base64')}\n\n— ${ORIGEN} ${FIRMA}\n`,
};

export const EJEMPLO_DE_ENTRADA: EntradaProbada = {
  id: '5f0f4a53-54a2-4f6c-8f6e-6d2a64a3a1b7',
  hoja: Buffer.from('{"codigo":"SOL-2026-000100","evento":"EMISION_COMPLETADA","version":1}'),
  lugar: { epoca: 1, indice: 1, camino: [RAIZ], punto: EJEMPLO_DE_PUNTO },
};
