/** In Temporal: all versions of the worker are versions of this one, whatever they serve. */
export const DESPLIEGUE = 'MsCoreogCertificadosDigitales';
