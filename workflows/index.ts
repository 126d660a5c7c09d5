/** What the worker bundles: one line a workflow. */
export { conciliarSolicitudes } from './emision/conciliar-solicitudes.ts';
export { emitirCertificadoDigital } from './emision/emitir-certificado-digital.ts';
export { reejecutarSolicitudes } from './emision/reejecutar-solicitudes.ts';
