/** What the worker bundles: one line a workflow. */
export { abrirEpocaDeBitacora } from './bitacora/abrir-epoca-de-bitacora.ts';
export { anotarEnBitacora } from './bitacora/anotar-en-bitacora.ts';
export { verificarBitacora } from './bitacora/verificar-bitacora.ts';
export { aplicarRetencion } from './emision/aplicar-retencion.ts';
export { conciliarSolicitudes } from './emision/conciliar-solicitudes.ts';
export { emitirCertificadoDigital } from './emision/emitir-certificado-digital.ts';
export { recifrarRegistro } from './mantenimiento/recifrar-registro.ts';
export { reejecutarSolicitudes } from './emision/reejecutar-solicitudes.ts';
