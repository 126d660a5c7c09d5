/**
 * Failures as a client is told of them: the port between every domain and HTTP, and the rows that are HTTP's own. Each
 * domain has a table of its own (shared/<domain>/fallos.ts); no HTTP status stands anywhere else. The codes and
 * `error.tipo` are the contract of docs/status-codes.md.
 */

export interface Fallo {
  /** Its key in its table: what logs, workflows and Temporal's UI call it. */
  nombre: string;
  statusCode: number;
  /** `error.tipo` of the envelope; several failures may share one. */
  tipo: string;
  /** Spanish, for whoever reads the answer. */
  titulo: string;
  /** Whether its details are told to the client; otherwise only general words are, and the log has the rest. */
  visible: boolean;
}

type Tabla<F extends Record<string, object>> = { [N in keyof F]: F[N] & { nombre: N } };

/** A table of failures, each row with its own key in it. */
export function tablaDeFallos<const F extends Record<string, Omit<Fallo, 'nombre'>>>(filas: F): Tabla<F> {
  const conNombre = Object.entries(filas).map(([nombre, fila]) => [nombre, { ...fila, nombre }]);
  return Object.fromEntries(conNombre) as Tabla<F>;
}

/** A row whose details are told to the client. */
export function fallo<const C extends number, const T extends string>(
  statusCode: C,
  tipo: T,
  titulo: string,
) {
  return { statusCode, tipo, titulo, visible: true as boolean };
}

export const FALLOS_HTTP = tablaDeFallos({
  VALIDACION: fallo(400, 'VALIDACION', 'La petición no es válida'),
  TOKEN_INVALIDO: fallo(401, 'TOKEN_INVALIDO', 'El token falta, venció o no es válido'),
  SIN_PERMISOS: fallo(403, 'SIN_PERMISOS', 'El token no tiene permiso para esta operación'),
  RUTA_NO_ENCONTRADA: fallo(404, 'RUTA_NO_ENCONTRADA', 'La ruta no existe'),
  METODO_NO_PERMITIDO: fallo(405, 'METODO_NO_PERMITIDO', 'La ruta no admite ese método'),
  TIEMPO_AGOTADO: fallo(408, 'TIEMPO_AGOTADO', 'La petición no llegó completa a tiempo'),
  LIMITE_EXCEDIDO: fallo(429, 'LIMITE_EXCEDIDO', 'Se excedió el límite de peticiones por minuto'),
  CABECERAS_EXCESIVAS: fallo(431, 'VALIDACION', 'Las cabeceras son demasiadas o muy largas'),
  ERROR_INTERNO: { ...fallo(500, 'ERROR_INTERNO', 'Error interno del servicio'), visible: false },
  SERVICIO_NO_DISPONIBLE: fallo(
    503,
    'SERVICIO_NO_DISPONIBLE',
    'El servicio no está disponible por el momento',
  ),
});

/**
 * HTTP statuses of success: what was asked for is told; something was begun and has a path of its own; it goes on. With
 * those of the tables of failures they are all that there are.
 */
export const EXITOS = { CONSULTADO: 200, INICIADO: 201, ACEPTADO: 202 } as const;
