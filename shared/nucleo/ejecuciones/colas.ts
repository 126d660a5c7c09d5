/** Of all domains: what is done for the register as a whole, or for many at once, and must not keep a client waiting. */
export const COLA_MANTENIMIENTO = 'mantenimiento';
