/** The clients of the issuer for development. Their secrets are public, in this file: they open nothing real. */

export interface DevelopmentClient {
  id: string;
  secret: string;
  /** Separated by blanks. */
  scope: string;
}

export const DEVELOPMENT_CLIENTS = [
  {
    id: 'siirc',
    secret: 'siirc-solo-desarrollo',
    scope: 'certificados:emitir certificados:consultar',
  },
  {
    id: 'consulta',
    secret: 'consulta-solo-desarrollo',
    scope: 'certificados:consultar certificados:consultar-todas',
  },
  {
    id: 'soporte',
    secret: 'soporte-solo-desarrollo',
    scope:
      'certificados:consultar certificados:consultar-todas certificados:reejecutar certificados:nueva-emision',
  },
  {
    id: 'operador',
    secret: 'operador-solo-desarrollo',
    scope: 'certificados:consultar certificados:consultar-todas certificados:descifrar',
  },
  {
    id: 'supervisor',
    secret: 'supervisor-solo-desarrollo',
    scope:
      'certificados:consultar certificados:consultar-todas certificados:descifrar certificados:datos-personales',
  },
] as const satisfies DevelopmentClient[];

export function developmentClient(id: string): DevelopmentClient | null {
  return DEVELOPMENT_CLIENTS.find((client) => client.id === id) ?? null;
}
