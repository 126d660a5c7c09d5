/** Why PostgreSQL could not be reached at a start: where it was looked for, what is wrong, what to do. */
import pg from 'pg';
import { BaseSinRespuesta } from '../../nucleo/base-sin-respuesta.ts';
import { NoPuedeArrancar } from '../../runtime/config.ts';

const SIN_RESPUESTA =
  'nothing answers there. Look whether it runs and whether this machine reaches it, or correct host and port';
const SIN_PERMISO =
  'it does not let this user in. Correct user and password, or what the server allows (pg_hba.conf)';

/** By the codes of Node and of PostgreSQL. */
const REMEDIOS: Partial<Record<string, string>> = {
  ENOTFOUND: 'no machine of that name is known. Correct the host',
  EAI_AGAIN: 'the name of the host cannot be looked up now. Correct it, or look at the DNS',
  ECONNREFUSED: 'nothing listens there. Start PostgreSQL, or correct host and port',
  ETIMEDOUT: SIN_RESPUESTA,
  EHOSTUNREACH: SIN_RESPUESTA,
  ENETUNREACH: SIN_RESPUESTA,
  ENOENT: 'there is no such socket. Start PostgreSQL, or correct the path',
  '3D000': 'it has no database of that name. Create it (createdb), or correct the name',
  '28P01': SIN_PERMISO,
  '28000': SIN_PERMISO,
};

export class BaseInalcanzable extends NoPuedeArrancar {
  constructor(url: string, cause: unknown) {
    const callada = cause instanceof BaseSinRespuesta && cause.motivo === 'PLAZO';
    const { code, palabras } = leer(cause instanceof BaseSinRespuesta ? cause.cause : cause);
    const remedio = REMEDIOS[code] ?? (callada ? SIN_RESPUESTA : 'correct it, or look at the server');
    super(`DATABASE_URL: PostgreSQL at ${destinoDe(url)} cannot be used (${palabras}): ${remedio}.`, {
      cause,
    });
    this.name = 'BaseInalcanzable';
  }
}

/** Of a name with several addresses the error is several, and says nothing by itself. */
function leer(error: unknown): { code: string; palabras: string } {
  const una = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const { code } = una as { code?: unknown };
  return {
    code: typeof code === 'string' ? code : '',
    palabras: una instanceof Error ? una.message : String(una),
  };
}

/** As the driver reads it, with its defaults; without user and password. */
function destinoDe(url: string): string {
  const { host, port, database } = new pg.Client({ connectionString: url });
  return `${host}:${port}/${database ?? ''}`;
}
