/** Where all routes stand that a client calls (core specification, 3.1.1). */
export const PREFIJO = '/api/v1/coreog/MsCoreogCertificadosDigitales';
