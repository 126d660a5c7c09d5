/**
 * Faults put into a copy of the product on purpose: cases that should see them must fail there. Each names the exact text
 * that it replaces, and is refused where that text is gone.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Edicion {
  archivo: string;
  texto: string;
  por: string;
}

interface FallaDelProducto {
  /** What the product then does. */
  que: string;
  ediciones: readonly Edicion[];
  /** Rounds that should see it. */
  rondas: readonly string[];
}

export const FALLAS_DEL_PRODUCTO: Readonly<Record<string, FallaDelProducto>> = {
  'turno-omitido': {
    que: 'the turn is left out: nobody looks, before a send, who owns the row and what was sent',
    ediciones: [
      {
        archivo: 'shared/registro/emision/registro.ts',
        texto: `      const turno = await comoDueno(dependencias, { runId, referencia, entrada: null }, (tx, emision) =>
        marcarEnvio(tx, claves, emision, paso, marca, adaptadorIdempotente),
      );`,
        por: `      const turno = await db.transaction().execute(async (tx) => {
        const emision = await releerEmision(tx, cifrado, referencia.codigoSolicitudTramite);
        return { tipo: 'HECHO' as string, valor: await marcarEnvio(tx, claves, emision, paso, marca, true) };
      });`,
      },
    ],
    rondas: ['does not repeat: kill worker', 'does not repeat: reset to the start'],
  },
  'marca-omitida': {
    que: 'a send is not marked before it leaves',
    ediciones: [
      {
        archivo: 'shared/registro/emision/turno/envios.ts',
        texto: '      await escribirMarcas(tx, emision, paso, decision.marcas);\n',
        por: '',
      },
    ],
    rondas: ['does not repeat: kill worker', 'does not repeat: terminate'],
  },
  'candado-en-proceso': {
    que: "the citizen's lock is freed early: it is held by what is uncertain, not by what runs",
    ediciones: [
      {
        archivo: 'shared/registro/emision/migraciones/0001-inicial.ts',
        texto: `where estado = 'EN_PROCESO' or resultado_incierto`,
        por: 'where resultado_incierto',
      },
    ],
    rondas: ['repeats: kill worker'],
  },
  'candado-al-fallar': {
    que: "the citizen's lock is freed early: whatever fails frees it, also what may have been issued",
    ediciones: [
      {
        archivo: 'shared/registro/emision/filas/escritura.ts',
        texto: "= 'FALLIDO' and exists (",
        por: "= 'NUNCA' and exists (",
      },
    ],
    rondas: ['does not repeat: terminate', 'does not repeat: kill worker'],
  },
  'clave-por-intento': {
    que: 'the Idempotency-Key changes between attempts',
    ediciones: [
      {
        archivo: 'shared/registro/emision/turno/envios.ts',
        texto: '          clave,\n          ...exigirPeticion',
        por: '          clave: clave.slice(0, -2) + String(10 + intentos),\n          ...exigirPeticion',
      },
    ],
    rondas: ['repeats: kill worker', 'repeats: kill simulador'],
  },
  'pasarela-creida': {
    que: "a code is believed whoever says it: a gateway's page of 404 or 503 is the adapter's refusal",
    ediciones: [
      {
        archivo: 'activities/emision/pki/respuesta-de-la-pki.ts',
        texto: 'if (esSuRechazo(sobre, statusCode)) throw rechazo(respuesta, sobre);',
        por: 'if (statusCode !== 599) throw rechazo(respuesta, sobre ?? { palabras: [] });',
      },
    ],
    rondas: ['repeats: gateway 404 after the work', 'does not repeat: gateway UPSTREAM after the work'],
  },
  'fallo-ajeno-creido': {
    que: "a failure is believed whoever puts it in the place of an activity's",
    ediciones: [
      {
        archivo: 'shared/runtime/temporal/failure-converter.cjs',
        texto:
          'if (!failure.applicationFailureInfo || isSealed(failure, payloadConverter, context)) return error;',
        por: 'return error;',
      },
    ],
    rondas: ['repeats: forged failure in clear'],
  },
  'desenlace-repetido': {
    que: 'an outcome is written whatever stands there: no compare-and-set',
    ediciones: [
      {
        archivo: 'shared/registro/emision/turno/decision.ts',
        texto: `  if (fila.estado === 'COMPLETADO') return { tipo: 'ESTA_CERRADA' };
  if (fila.runId === pretendido.runId)
    return { tipo: fila.estado === 'EN_PROCESO' ? 'ES_SUYO' : 'ESTA_CERRADA' };`,
        por: `  if (fila.runId === pretendido.runId) return { tipo: 'ES_SUYO' };`,
      },
    ],
    rondas: ['repeats: kill worker'],
  },
  'envio-sin-anunciar': {
    que: 'Temporal is not told of a send that must not be repeated: a restored register forgets it',
    ediciones: [
      {
        archivo: 'activities/emision/pki/actividades-pki.ts',
        texto: '      if (vaUnaSolaVez) await anunciar(intento);\n',
        por: '',
      },
    ],
    rondas: ['does not repeat: restore registro durante-2'],
  },
};

/** @returns whether cases failed, as they should */
export async function probarFalla(nombre: string, contar: (linea: string) => void): Promise<boolean> {
  const falla = FALLAS_DEL_PRODUCTO[nombre];
  if (!falla)
    throw new Error(`no fault ${nombre}; there are: ${Object.keys(FALLAS_DEL_PRODUCTO).join(', ')}`);
  contar(`${nombre}: ${falla.que}`);
  const copia = await copiarElProducto();
  try {
    for (const edicion of falla.ediciones) await editar(copia, edicion);
    const salida = await correr(copia, falla.rondas);
    if (!/^\d+ passed, \d+ failed$/m.test(salida))
      throw new Error(`the copy did not come to its end:\n${salida.slice(-4_000)}`);
    // A round that could not be played says nothing: a judged case names its point.
    const vistos = new Map(
      [...salida.matchAll(/^FAILED {2}(?<caso>.+ @ .+)\n +(?<falta>.+)$/gm)].map(
        ({ groups }) => [groups?.caso, groups?.falta] as const,
      ),
    );
    for (const [caso, falta] of vistos) contar(`  ${String(caso)}: ${String(falta).slice(0, ANCHO)}`);
    contar(vistos.size > 0 ? `${nombre}: seen, ${vistos.size} cases failed` : `${nombre}: NOT SEEN`);
    return vistos.size > 0;
  } finally {
    await rm(copia, { recursive: true, force: true });
  }
}

const ANCHO = 120;
const PROYECTO = fileURLToPath(new URL('../../', import.meta.url));
/** Large, and the same for both. */
const ENLAZADAS = ['node_modules', '.cache'];
const SIN_COPIAR = [...ENLAZADAS, '.git', '.data', 'coverage'];

async function copiarElProducto(): Promise<string> {
  const copia = await mkdtemp(join(tmpdir(), 'caos-falla-'));
  await cp(PROYECTO, copia, {
    recursive: true,
    filter: (origen) => !SIN_COPIAR.includes(relative(PROYECTO, origen)),
  });
  for (const carpeta of ENLAZADAS) {
    // A clone that has fetched nothing yet has no cache.
    await mkdir(join(PROYECTO, carpeta), { recursive: true });
    await symlink(join(PROYECTO, carpeta), join(copia, carpeta));
  }
  return copia;
}

async function editar(copia: string, { archivo, texto, por }: Edicion): Promise<void> {
  const ruta = join(copia, archivo);
  const antes = await readFile(ruta, 'utf8');
  if (antes.split(texto).length !== 2) throw new Error(`${archivo} should hold once: ${texto}`);
  await writeFile(
    ruta,
    antes.replace(texto, () => por),
  );
}

function correr(copia: string, rondas: readonly string[]): Promise<string> {
  const args = rondas.flatMap((ronda) => ['--caso', ronda]);
  const proceso = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'test/caos/main.ts', ...args, '--solicitudes', '0'],
    { cwd: copia, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  process.once('exit', () => proceso.kill());
  let salida = '';
  proceso.stdout.on('data', (texto: Buffer) => (salida += texto.toString()));
  return new Promise((resolve, reject) => {
    proceso.once('error', reject).once('close', () => {
      resolve(salida);
    });
  });
}
