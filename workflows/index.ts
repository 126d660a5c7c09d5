/** What the worker bundles: one line a workflow. */
export { emitirCertificadoDigital } from './emision/emitir-certificado-digital.ts';
export { reejecutarSolicitudes } from './emision/reejecutar-solicitudes.ts';
