/** What the worker bundles: one line a workflow. */
export { aplicarRetencion } from './emision/aplicar-retencion.ts';
export { conciliarSolicitudes } from './emision/conciliar-solicitudes.ts';
export { emitirCertificadoDigital } from './emision/emitir-certificado-digital.ts';
export { reejecutarSolicitudes } from './emision/reejecutar-solicitudes.ts';
export { recifrarRegistro } from './emision/recifrar-registro.ts';
