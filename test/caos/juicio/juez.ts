/**
 * What must hold of an issuance when all is settled, whatever happened to it: nothing lost, nothing doubled, nothing
 * unexplained. It judges facts that each store and the PKI tell for themselves.
 */

/** What a client was told. */
export interface Contestada {
  http: number;
  /** error.tipo */
  tipo: string | null;
  /** data.transaccion.estado; null where the answer carries no transaction. */
  estado: string | null;
  series: string[];
}

export interface Hechos {
  codigo: string;
  contestadas: Contestada[];
  registro: {
    estado: string;
    fallo: string | null;
    incierto: boolean;
    generacion: number;
    /** Sends of step 2 of which nobody knows how they ended. */
    sinAclarar: number;
    /** solicitudPkiId that each generation's step 1 brought. */
    solicitudesPki: string[];
    series: string[];
    /** Of the current generation: what the PKI answered is kept, or stands on the to-revoke list. */
    conservada: boolean;
  } | null;
  temporal: {
    estado: string;
    /** Of the memo. */
    generacion: number;
    /** Type of the failure with which it closed. */
    fallo: string | null;
  } | null;
  pki: {
    /** Numbers that step 1 generated. */
    numeros: number;
    emisiones: { solicitudPkiId: string; certificados: { tipo: string; serie: string }[] }[];
    /** Idempotency keys under which work was done, by step. */
    claves: { paso1: number; paso2: number };
  };
  /** Certificates asked for. */
  tipos: number;
  /** The adapter repeats its answers under one key. */
  idempotente: boolean;
  /** An operator closed a run of it by force, or Temporal was restored: its last run need not tell the outcome. */
  forzada: boolean;
}

export type Clase = 'PERDIDA' | 'DOBLADA' | 'INEXPLICADA';
export interface Falta {
  clase: Clase;
  codigo: string;
  /** What was expected and what was seen. */
  texto: string;
}

/** Refusals of a run that wrote nothing: the request was not accepted. */
const SIN_ACEPTAR: readonly string[] = [
  'CIUDADANO_EN_PROCESO',
  'CIUDADANO_CON_INCIERTA',
  'PETICION_REUTILIZADA',
  'CODIGO_REUTILIZADO',
];

export function juzgar(hechos: Hechos): Falta[] {
  const { codigo, registro } = hechos;
  const faltas: Falta[] = [];
  const falta = (clase: Clase, texto: string) => faltas.push({ clase, codigo, texto });
  if (registro === null) juzgarSinFila(hechos, falta);
  else {
    juzgarEstado(registro, falta);
    juzgarLaPki(hechos, registro, falta);
    juzgarTemporal(hechos, registro, falta);
    juzgarRespuestas(hechos, registro, falta);
  }
  return faltas;
}

type Acusar = (clase: Clase, texto: string) => void;
type Registro = NonNullable<Hechos['registro']>;

/**
 * The register knows nothing of it: then nobody was told of an outcome, the PKI did nothing, and a client that was told to
 * wait (its run had not come to the lock yet) was told in the end that it was turned away.
 */
function juzgarSinFila({ contestadas, temporal, pki }: Hechos, falta: Acusar): void {
  const fueRechazada = temporal?.estado === 'FAILED' && SIN_ACEPTAR.includes(temporal.fallo ?? '');
  const seSupo = contestadas.at(-1)?.estado === null;
  const aceptada = contestadas.find(
    ({ estado }) => estado !== null && !(estado === 'EN_PROCESO' && fueRechazada && seSupo),
  );
  if (aceptada)
    falta('PERDIDA', `a client was told ${String(aceptada.estado)}; the register does not know it`);
  if (temporal && !fueRechazada)
    falta(
      'PERDIDA',
      `Temporal holds it as ${temporal.estado} (${temporal.fallo ?? 'no failure'}); the register does not know it`,
    );
  if (pki.numeros > 0 || pki.emisiones.length > 0)
    falta('INEXPLICADA', 'the PKI did work for it; the register does not know it');
}

function juzgarEstado({ estado, fallo, incierto, sinAclarar }: Registro, falta: Acusar): void {
  if (estado === 'EN_PROCESO') falta('PERDIDA', 'it should have ended; the register holds it as EN_PROCESO');
  if (estado === 'FALLIDO' && fallo === null) falta('INEXPLICADA', 'FALLIDO without a reason');
  if (incierto && sinAclarar === 0)
    falta('INEXPLICADA', 'uncertain, and so locked, though no send is unclear');
  if (estado === 'FALLIDO' && !incierto && sinAclarar > 0)
    falta('INEXPLICADA', `the lock is free though ${sinAclarar} sends of step 2 are unclear`);
}

function juzgarLaPki({ pki, tipos, idempotente }: Hechos, registro: Registro, falta: Acusar): void {
  const { generacion, estado, series, solicitudesPki, incierto, conservada } = registro;
  const { emisiones, numeros, claves } = pki;
  if (emisiones.length > generacion)
    falta('DOBLADA', `at most ${generacion} sets expected; the PKI issued ${emisiones.length}`);
  for (const { certificados } of emisiones)
    if (new Set(certificados.map(({ tipo }) => tipo)).size !== certificados.length)
      falta('DOBLADA', 'two certificates of one type in one set');
  if (idempotente) {
    if (numeros > tipos * generacion)
      falta('DOBLADA', `at most ${tipos * generacion} numbers expected; step 1 generated ${numeros}`);
    for (const [paso, cuantas] of Object.entries(claves))
      if (cuantas > generacion) falta('DOBLADA', `${paso} was done under ${cuantas} keys`);
  }
  const actual = emisiones.filter(({ solicitudPkiId }) => solicitudPkiId === solicitudesPki[generacion - 1]);
  if (estado === 'COMPLETADO') {
    const emitidas = actual.flatMap(({ certificados }) => certificados.map(({ serie }) => serie));
    if (emitidas.length !== tipos)
      falta(
        emitidas.length > tipos ? 'DOBLADA' : 'PERDIDA',
        `${tipos} certificates expected; the PKI issued ${emitidas.length}`,
      );
    if (!sonLasMismas(emitidas, series))
      falta('INEXPLICADA', `the PKI issued ${emitidas.join()}; the register holds ${series.join()}`);
  } else {
    if (series.length > 0) falta('INEXPLICADA', `${estado}, with certificates released`);
    if (actual.length > 0 && !incierto && !conservada)
      falta('INEXPLICADA', 'the PKI issued, and the register holds neither the answer nor a doubt');
  }
}

function juzgarTemporal({ temporal, forzada }: Hechos, registro: Registro, falta: Acusar): void {
  if (temporal === null) {
    if (!forzada) falta('INEXPLICADA', 'Temporal does not know it');
    return;
  }
  const { estado, generacion } = temporal;
  if (estado === 'RUNNING' || estado === 'PAUSED') falta('PERDIDA', `its run is still ${estado}`);
  if (generacion !== registro.generacion)
    falta('INEXPLICADA', `generation ${registro.generacion} in the register, ${generacion} in the memo`);
  const concuerda = (registro.estado === 'COMPLETADO') === (estado === 'COMPLETED');
  // A run that an operator closed may have recorded its outcome a moment before.
  if (!concuerda && !(forzada && registro.estado === 'COMPLETADO'))
    falta('INEXPLICADA', `${registro.estado} in the register, ${estado} in Temporal`);
}

function juzgarRespuestas({ contestadas }: Hechos, { estado, series }: Registro, falta: Acusar): void {
  for (const dicha of contestadas) {
    if (dicha.estado === 'COMPLETADO' && estado !== 'COMPLETADO')
      falta('PERDIDA', `a client was told COMPLETADO; the register holds ${estado}`);
    if (dicha.estado === 'COMPLETADO' && !sonLasMismas(dicha.series, series))
      falta('DOBLADA', `a client got ${dicha.series.join()}; the register holds ${series.join()}`);
    if (dicha.estado !== 'COMPLETADO' && dicha.series.length > 0)
      falta('INEXPLICADA', `certificates in an answer that says ${String(dicha.estado)}`);
  }
}

function sonLasMismas(unas: string[], otras: string[]): boolean {
  const ordenadas = (series: string[]) => series.map((serie) => BigInt(`0x${serie}`).toString()).sort();
  return JSON.stringify(ordenadas(unas)) === JSON.stringify(ordenadas(otras));
}

/** Over all codigos: a serial stands once. */
export function juzgarSeries(todos: Hechos[]): Falta[] {
  const duenos = new Map<string, string>();
  const faltas: Falta[] = [];
  for (const { codigo, registro } of todos)
    for (const serie of registro?.series ?? []) {
      const otro = duenos.get(serie);
      if (otro !== undefined)
        faltas.push({ clase: 'DOBLADA', codigo, texto: `serial ${serie} is that of ${otro} too` });
      duenos.set(serie, codigo);
    }
  return faltas;
}
