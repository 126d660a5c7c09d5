/**
 * Every key of a process against a register that was written under others: empty, with data, of the version before. One
 * file, since each that asks both databases starts a PostgreSQL.
 */
import { DOMINIOS } from '../../../../shared/registro/dominios.ts';
import { sql } from 'kysely';
import {
  generarClaveDeFirma,
  leerClaveDeFirma,
  leerClavePublica,
} from '../../../../shared/bitacora/punto-de-control/nota.ts';
import { secuenciar } from '../../../../shared/bitacora/secuencia/secuenciador.ts';
import {
  compararClaves,
  exigirClavesDelRegistro,
} from '../../../../shared/registro/base/claves-del-registro.ts';
import { createRegistroDeClaves } from '../../../../shared/registro/base/registro-de-claves.ts';
import { createRegistro } from '../../../../shared/registro/emision/registro.ts';
import { createCifrado, createHuella } from '../../../../shared/runtime/claves/cifrado.ts';
import type { Claves } from '../../../../shared/runtime/claves/claves.ts';
import { ConfiguracionInvalida } from '../../../../shared/runtime/config.ts';
import {
  BASES,
  CLAVES,
  entradaDePrueba,
  usarRegistro,
} from '../../../support/registro/registro-de-prueba.ts';
import { vencer } from '../../../support/registro/retencion.ts';
import { GUARDA_CONFIADA } from '../../../support/registro/guarda-confiada.ts';

const clave = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const firma = () => leerClaveDeFirma(generarClaveDeFirma('prueba.example/bitacora'));
const FIRMANTE = firma();
const OTRO_FIRMANTE = firma();
/** CLAVES are of the bytes 1 (id "prueba") and 2. */
const ANILLO = `prueba:${clave(1)}`;

interface Cambios {
  anillo?: string;
  huella?: string;
  firmas?: readonly string[];
}

interface Proceso {
  claves: Claves;
  firmas: readonly string[];
}

const proceso = ({
  anillo = ANILLO,
  huella = clave(2),
  firmas = [FIRMANTE.clavePublica],
}: Cambios = {}): Proceso => ({
  claves: { cifrado: createCifrado(anillo), huella: createHuella(huella) },
  firmas,
});

const ESTADOS = ['an empty register', 'a register with data', 'a register of the version before'] as const;

/** A register that every test finds empty, and processes that start on it. */
function usarProcesos({ abrir }: (typeof BASES)[number]) {
  const prueba = usarRegistro(abrir);
  const arrancar = (cambios?: Cambios) => exigirClavesDelRegistro(DOMINIOS, proceso(cambios))(prueba.db);
  /** The variables that a refusal names; none where it starts. */
  const negadas = async (cambios?: Cambios): Promise<string[]> => {
    try {
      await arrancar(cambios);
      return [];
    } catch (error) {
      expect(error).toBeInstanceOf(ConfiguracionInvalida);
      return [...(error as Error).message.matchAll(/^ {2}- (\w+):/gm)].map(([, nombre = '']) => nombre);
    }
  };
  const olvidarClaves = () => sql`truncate claves_del_registro`.execute(prueba.db);
  const escribir = async () => {
    await prueba.abrirRun(entradaDePrueba('SOL-1')).hastaEnviarPaso2();
    const completa = prueba.abrirRun(entradaDePrueba('SOL-2', { documento: '10000002' }));
    await completa.hastaEnviarPaso2();
    await completa.concluir();
    const verificadores = [leerClavePublica(FIRMANTE.clavePublica)];
    await secuenciar({ db: prueba.db, claves: CLAVES, firmante: FIRMANTE, verificadores });
  };
  const recifrarCon = async (anillo: string) => {
    const { cifrado } = proceso({ anillo }).claves;
    const registro = createRegistroDeClaves(prueba.db, DOMINIOS, cifrado);
    for (const tabla of registro.tablas) await registro.recifrarPagina(tabla, null, 1_000);
    await registro.anotarRecifrado();
  };

  beforeEach(async () => {
    await sql`truncate claves_del_registro, bitacora_epocas, bitacora_nodos, bitacora_puntos, bitacora_testigos`.execute(
      prueba.db,
    );
  });
  return { prueba, arrancar, negadas, olvidarClaves, escribir, recifrarCon };
}

const [PGLITE, POSTGRES] = BASES as [(typeof BASES)[number], (typeof BASES)[number]];

describe('the keys of a process', () => {
  const { prueba, arrancar, negadas, olvidarClaves, escribir, recifrarCon } = usarProcesos(POSTGRES);

  describe.each(ESTADOS)('%s', (estado) => {
    beforeEach(async () => {
      if (estado === 'a register of the version before') {
        await escribir();
        return;
      }
      await arrancar();
      if (estado === 'a register with data') await escribir();
    });

    it.each<[string, Cambios, string[]]>([
      ['the same keys', {}, []],
      ['another CLAVE_HUELLA', { huella: clave(9) }, ['CLAVE_HUELLA']],
      ['other bytes under the same id', { anillo: `prueba:${clave(9)}` }, ['CLAVES_CIFRADO']],
      ['its key under another id', { anillo: `otra:${clave(1)}` }, ['CLAVES_CIFRADO']],
      ['another ring', { anillo: `otra:${clave(9)}` }, ['CLAVES_CIFRADO']],
      [
        'other bytes under the same id, behind a new first',
        { anillo: `nueva:${clave(8)},prueba:${clave(9)}` },
        ['CLAVES_CIFRADO'],
      ],
      [
        'both keys, each in the other’s variable',
        { anillo: `prueba:${clave(2)}`, huella: clave(1) },
        ['CLAVE_HUELLA', 'CLAVES_CIFRADO'],
      ],
      ['a new key last', { anillo: `${ANILLO},nueva:${clave(8)}` }, []],
      ['a new key first, the old one kept', { anillo: `nueva:${clave(8)},${ANILLO}` }, []],
      ['a new key, the old one dropped', { anillo: `nueva:${clave(8)}` }, ['CLAVES_CIFRADO']],
      ['another key of the log', { firmas: [OTRO_FIRMANTE.clavePublica] }, ['BITACORA_CLAVE_FIRMA']],
      [
        'another key of the log with the one before',
        { firmas: [OTRO_FIRMANTE.clavePublica, FIRMANTE.clavePublica] },
        [],
      ],
      ['no key of the log: the API', { firmas: [] }, []],
    ])('meets %s', async (_, cambios, nombres) => {
      // A wrong ring opens nothing by which a register of the version before could tell the other key.
      const dichas = await negadas(cambios);

      if (estado === 'a register of the version before' && nombres.length > 1)
        expect(dichas).toContain('CLAVES_CIFRADO');
      else expect(dichas).toEqual(nombres);
      // What was refused has changed nothing: the right ones start.
      expect(await negadas(nombres.length > 0 ? {} : cambios)).toEqual([]);
    });

    it('lets an old key go once it was re-encrypted, and not before', async () => {
      const nueva = `nueva:${clave(8)}`;
      await arrancar({ anillo: `${nueva},${ANILLO}` });

      expect(await negadas({ anillo: nueva })).toEqual(['CLAVES_CIFRADO']);
      await recifrarCon(`${nueva},${ANILLO}`);

      expect(await negadas({ anillo: nueva })).toEqual([]);
      // Its bytes are known for ever: a backup needs them, and no other may take its id.
      expect(await negadas({ anillo: `${nueva},prueba:${clave(7)}` })).toEqual(['CLAVES_CIFRADO']);
      expect(await negadas({ anillo: `${nueva},${ANILLO}` })).toEqual([]);
    });
  });

  describe('of replicas that change one after the other', () => {
    const nueva = `nueva:${clave(8)}`;

    it('the one without the new key starts again as long as nothing is written under that', async () => {
      await arrancar();
      await arrancar({ anillo: `${ANILLO},${nueva}` });
      expect(await negadas()).toEqual([]);

      await arrancar({ anillo: `${nueva},${ANILLO}` });
      expect(await negadas()).toEqual(['CLAVES_CIFRADO']);
      expect(await negadas({ anillo: `${ANILLO},${nueva}` })).toEqual([]);
    });

    it('the one that still has the old key first takes back that it may go', async () => {
      await arrancar();
      await arrancar({ anillo: `${nueva},${ANILLO}` });
      await recifrarCon(`${nueva},${ANILLO}`);
      await arrancar({ anillo: `${ANILLO},${nueva}` });

      expect(await negadas({ anillo: nueva })).toEqual(['CLAVES_CIFRADO']);
    });

    it('what it wrote under the old key meanwhile keeps that key', async () => {
      await arrancar();
      await arrancar({ anillo: `${nueva},${ANILLO}` });
      await recifrarCon(`${nueva},${ANILLO}`);
      await escribir();

      expect(await negadas({ anillo: nueva })).toEqual(['CLAVES_CIFRADO']);
      await recifrarCon(`${nueva},${ANILLO}`);
      expect(await negadas({ anillo: nueva })).toEqual([]);
    });

    it('an earlier key of the log signs again only beside the one that took its place', async () => {
      const [k1, k2] = [FIRMANTE.clavePublica, OTRO_FIRMANTE.clavePublica];
      await arrancar();
      await arrancar({ firmas: [k2, k1] });

      expect(await negadas({ firmas: [k1] })).toEqual(['BITACORA_CLAVE_FIRMA']);
      expect(await negadas({ firmas: [firma().clavePublica, k1] })).toEqual(['BITACORA_CLAVE_FIRMA']);
      expect(await negadas({ firmas: [k1, k2] })).toEqual([]);
      expect(await negadas({ firmas: [k2, k1] })).toEqual([]);
    });

    it('an earlier key of the log stays named for ever', async () => {
      const [k1, k2, k3] = [FIRMANTE.clavePublica, OTRO_FIRMANTE.clavePublica, firma().clavePublica];
      await arrancar();
      await arrancar({ firmas: [k2, k1] });

      expect(await negadas({ firmas: [k2] })).toEqual(['BITACORA_CLAVES_ANTERIORES']);
      expect(await negadas({ firmas: [k3, k2] })).toEqual(['BITACORA_CLAVES_ANTERIORES']);
      await expect(arrancar({ firmas: [k2] })).rejects.toThrow(k1);
      expect(await negadas({ firmas: [k3, k2, k1] })).toEqual([]);
    });
  });

  it.each(['recorded', 'not recorded yet'])('of another name does not sign the log, %s', async (estado) => {
    const deOtroNombre = leerClaveDeFirma(generarClaveDeFirma('otra.example/bitacora')).clavePublica;
    await arrancar();
    await escribir();
    if (estado === 'not recorded yet') await olvidarClaves();

    await expect(arrancar({ firmas: [deOtroNombre, FIRMANTE.clavePublica] })).rejects.toThrow(
      /BITACORA_CLAVE_FIRMA: .*"otra\.example\/bitacora".*nueva-clave prueba\.example\/bitacora/,
    );
    expect(await negadas()).toEqual([]);
  });

  it('are those of one of two first starts at once, and the other is refused', async () => {
    const dichas = await Promise.all([
      negadas({ huella: clave(2) }),
      negadas({ huella: clave(3), anillo: `prueba:${clave(4)}`, firmas: [OTRO_FIRMANTE.clavePublica] }),
    ]);

    expect(dichas).toContainEqual([]);
    expect(dichas).toContainEqual(['CLAVE_HUELLA', 'CLAVES_CIFRADO', 'BITACORA_CLAVE_FIRMA']);
  });

  describe('of a register of the version before', () => {
    it('are found where retention left nothing but the extract', async () => {
      const completa = prueba.abrirRun(entradaDePrueba());
      await completa.hastaEnviarPaso2();
      await completa.concluir();
      await vencer(prueba);

      expect(await negadas({ huella: clave(9) })).toEqual(['CLAVE_HUELLA']);
      expect(await negadas()).toEqual([]);
    });

    it('are not refused for one value that is damaged', async () => {
      await escribir();
      await sql`update solicitudes set cuerpo = set_byte(cuerpo, 40, get_byte(cuerpo, 40) # 1)
        where codigo = 'SOL-2'`.execute(prueba.db);

      expect(await negadas()).toEqual([]);
    });

    it('must be all that anything stands under', async () => {
      const otras = { cifrado: createCifrado(`segunda:${clave(5)}`), huella: CLAVES.huella };
      await escribir();
      prueba.motor.abrir('SOL-3', 'run-3');
      const entrada = entradaDePrueba('SOL-3', { documento: '10000003' });
      const conOtras = {
        db: prueba.db,
        claves: otras,
        motor: prueba.motor,
        guarda: GUARDA_CONFIADA,
        adaptadorIdempotente: true,
      };
      await createRegistro(conOtras).registrarSolicitud(entrada, 'run-3');

      expect(await negadas()).toEqual(['CLAVES_CIFRADO']);
      expect(await negadas({ anillo: `${ANILLO},segunda:${clave(5)}` })).toEqual([]);
      // In use though it was never the first of a start.
      expect(await negadas()).toEqual(['CLAVES_CIFRADO']);
    });
  });

  describe('of a command', () => {
    const comparar = (cambios?: Cambios) => compararClaves(prueba.db, proceso(cambios).claves);

    it.each<[string, Cambios, RegExp]>([
      ['another CLAVE_HUELLA', { huella: clave(9) }, /CLAVE_HUELLA/],
      ['another ring', { anillo: `prueba:${clave(9)}` }, /CLAVES_CIFRADO/],
      ['a ring without a key that is needed', { anillo: `nueva:${clave(8)}` }, /CLAVES_CIFRADO/],
    ])('are compared: %s', async (_, cambios, nombre) => {
      await arrancar();

      await expect(comparar(cambios)).rejects.toThrow(nombre);
    });

    it('may be of the next step of a rotation, and are not recorded', async () => {
      await arrancar();
      const anillo = `nueva:${clave(8)},${ANILLO}`;

      await comparar({ anillo });

      expect(await negadas()).toEqual([]);
      await olvidarClaves();
      await expect(comparar({ anillo })).resolves.toBeUndefined();
    });
  });
});

describe('a register on PGlite', () => {
  const { arrancar, negadas, olvidarClaves, escribir, recifrarCon } = usarProcesos(PGLITE);

  it('holds its processes to their keys too, with data of this version and of the one before', async () => {
    await arrancar();
    await escribir();
    for (const estado of ['recorded', 'not recorded yet']) {
      if (estado === 'not recorded yet') await olvidarClaves();
      expect(await negadas({ huella: clave(9) })).toEqual(['CLAVE_HUELLA']);
      expect(await negadas({ anillo: `prueba:${clave(9)}` })).toEqual(['CLAVES_CIFRADO']);
      expect(await negadas({ firmas: [OTRO_FIRMANTE.clavePublica] })).toEqual(['BITACORA_CLAVE_FIRMA']);
    }
    const nueva = `nueva:${clave(8)}`;
    await arrancar({ anillo: `${nueva},${ANILLO}` });
    expect(await negadas({ anillo: nueva })).toEqual(['CLAVES_CIFRADO']);
    await recifrarCon(`${nueva},${ANILLO}`);
    expect(await negadas({ anillo: nueva })).toEqual([]);
  });
});
