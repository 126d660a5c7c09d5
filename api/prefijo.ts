/** Where all routes stand that a client calls (core specification, 3.1.1). */
export const BASE = '/api/v1/coreog/MsCoreogCertificadosDigitales';
