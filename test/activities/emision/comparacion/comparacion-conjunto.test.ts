/** The set as a whole, and what the adapter says of it. */
import type { CertificadoRecibido } from '../../../../shared/emision/contrato.ts';
import { cargarAnclas } from '../../../../shared/x509/ruta/anclas.ts';
import {
  compararEmision,
  type Comparacion,
} from '../../../../activities/emision/comparacion/comparar-emision.ts';
import { crearCaDePrueba, crearClaves } from '../../../support/pki/ca-de-prueba.ts';
import {
  CLIENT_AUTH,
  type Cambio,
  SOLO_FIRMA,
  emision,
  faltasDe,
  solicitudCon,
} from './emision-por-comparar.ts';

describe('a set that is not the one asked', () => {
  it('is a fault: one type is missing', async () => {
    const pedida = await emision();

    const faltas = faltasDe(compararEmision({ ...pedida, recibidos: pedida.recibidos.slice(0, 2) }));

    expect(faltas).toEqual(['certificados: falta el de CIFRADO']);
  });

  it('is a fault: nothing came', async () => {
    expect(faltasDe(compararEmision({ ...(await emision()), recibidos: [] }))).toHaveLength(3);
  });

  it('is a fault: a type that was not asked', async () => {
    const pedida = await emision();

    const faltas = faltasDe(
      compararEmision({ ...pedida, entrada: { ...pedida.entrada, solicitud: SOLO_FIRMA } }),
    );

    expect(faltas).toEqual([
      'certificados: llegó uno de «AUTENTICACION» y se pidieron FIRMA_DIGITAL',
      'certificados: llegó uno de «CIFRADO» y se pidieron FIRMA_DIGITAL',
    ]);
  });

  it('is a fault: a type that nobody knows', async () => {
    const pedida = await emision({ solicitud: SOLO_FIRMA });

    const faltas = faltasDe(
      compararEmision({
        ...pedida,
        recibidos: pedida.recibidos.map((uno) => ({ ...uno, tipoCertificado: 'firma_digital' })),
      }),
    );

    expect(faltas).toEqual([
      'certificados: falta el de FIRMA_DIGITAL',
      'certificados: llegó uno de «firma_digital» y se pidieron FIRMA_DIGITAL',
    ]);
  });

  it('is a fault: the same certificate twice', async () => {
    const pedida = await emision({ solicitud: SOLO_FIRMA });

    const faltas = faltasDe(
      compararEmision({ ...pedida, recibidos: [...pedida.recibidos, ...pedida.recibidos] }),
    );

    expect(faltas).toEqual([
      'certificados: llegó más de uno de «FIRMA_DIGITAL»',
      'certificados: el número de serie de un emisor está en más de uno',
      expect.stringMatching(/^certificados: la clave pública .* está en más de uno$/),
      expect.stringMatching(/^certificados: el certificadoId .* está en más de uno$/),
    ]);
  });

  it('is a fault: one serial in two certificates', async () => {
    const pedida = await emision({ cambio: () => ({ numeroSerie: '0a1b2c' }) });
    const recibidos = pedida.recibidos.map((uno, i) => ({ ...uno, certificadoId: String(i) }));

    expect(faltasDe(compararEmision({ ...pedida, recibidos }))).toEqual([
      'certificados: el número de serie de un emisor está en más de uno',
    ]);
  });

  it.each<[string, string, string, string[]]>([
    ['another issuer', 'OTRA EMISORA', 'OTRA EMISORA', []],
    [
      'its issuer in other case',
      'EMISORA ÑAHUI',
      'emisora  ÑAHUI',
      ['certificados: el número de serie de un emisor está en más de uno'],
    ],
    [
      'its issuer as some readers alone would have it',
      'EMISORA ÑAHUI',
      'EMISORA ñahui',
      ['certificados: el número de serie de un emisor está en más de uno'],
    ],
  ])('the serial of one is free for %s or is not', async (_, nombre, nombreAlEmitir, esperadas) => {
    const [una, otra] = await Promise.all([
      crearCaDePrueba({ emisora: { nombre: esperadas.length > 0 ? nombre : 'EMISORA ÑAHUI' } }),
      crearCaDePrueba({ nombreRaiz: 'OTRA RAIZ', emisora: { nombre, nombreAlEmitir } }),
    ]);
    const solicitud = solicitudCon({}, ['FIRMA_DIGITAL', 'AUTENTICACION']);
    const cambio: Cambio = () => ({ numeroSerie: '0a1b2c' });
    const pedida = await emision({ solicitud, cambio, caEmisora: una });
    const ajena = await emision({ solicitud, cambio, caEmisora: otra });
    const recibidos = [pedida.recibidos[0], ajena.recibidos[1]].filter((uno) => uno !== undefined);

    const faltas = faltasDe(
      compararEmision({
        ...pedida,
        recibidos: recibidos.map((uno, i) => ({ ...uno, certificadoId: String(i) })),
        anclas: cargarAnclas(una.anclasPem + otra.anclasPem),
      }),
    );

    expect(faltas.filter((falta) => falta.startsWith('certificados:'))).toEqual(esperadas);
  });

  it('is a fault: one key in two certificates', async () => {
    const claves = await crearClaves('EC');

    expect(faltasDe(compararEmision(await emision({ cambio: () => ({ claves }) })))).toEqual([
      expect.stringMatching(/^certificados: la clave pública .* está en más de uno$/),
    ]);
  });
});

describe('a description that is not the certificate’s', () => {
  async function conDescripcion(cambios: Partial<CertificadoRecibido>): Promise<Comparacion> {
    const pedida = await emision({ solicitud: SOLO_FIRMA });
    return compararEmision({ ...pedida, recibidos: pedida.recibidos.map((uno) => ({ ...uno, ...cambios })) });
  }

  it.each([
    ['numeroSerie', '1234'],
    ['numeroSerie', '0'],
    ['fechaEmision', '2026-11-22T09:59:01Z'],
    ['fechaEmision', '2026-11-22T09:58Z'],
    ['fechaEmision', '2026-11-22T09:59:00-05:00'],
    ['fechaEmision', '20261122T095900+01'],
    ['fechaEmision', '2026-11-20'],
    ['fechaEmision', '2026-11-24T09:59:00'],
    ['fechaVencimiento', '2026-11-22T09:59:00Z'],
    ['estadoCertificado', 'REVOCADO'],
    ['estadoCertificado', 'SUSPENDIDO'],
  ] as const)('is a fault in %s: %s', async (campo, valor) => {
    const faltas = faltasDe(await conDescripcion({ [campo]: valor }));

    expect(faltas).toEqual([expect.stringContaining(`certificados[0] «FIRMA_DIGITAL»: ${campo}`)]);
  });

  it.each([
    ['numeroSerie', 'no es hexadecimal'],
    ['numeroSerie', ''],
    ['numeroSerie', '-5a'],
    ['numeroSerie', 'f'.repeat(1_000_000)],
    ['fechaEmision', ''],
    ['fechaEmision', 'ayer'],
    ['fechaEmision', '22/11/2026 09:59'],
    ['fechaVencimiento', '2030-13-45T99:99:99Z'],
    ['fechaVencimiento', '2030-02-30T09:59:00Z'],
    ['estadoCertificado', ''],
    ['estadoCertificado', '1'],
    ['certificadoId', ' \t'],
  ] as const)('is noted and quarantines nothing where %s cannot be read', async (campo, valor) => {
    expect(await conDescripcion({ [campo]: valor })).toMatchObject({
      conforme: true,
      avisos: [`FIRMA_DIGITAL: ${campo} no se puede leer`],
      certificados: [{ estadoCertificado: 'ACTIVO' }],
    });
  });

  it('says that it is in force in other case', async () => {
    expect(await conDescripcion({ estadoCertificado: 'activo' })).toMatchObject({
      conforme: true,
      avisos: [],
      certificados: [{ estadoCertificado: 'ACTIVO' }],
    });
  });
});

it('tells every fault at once, each with its certificate', async () => {
  const pedida = await emision({
    cambio: ({ sujeto }, tipo) =>
      tipo === 'FIRMA_DIGITAL'
        ? { esCa: true, sujeto: sujeto.slice(1) }
        : tipo === 'CIFRADO'
          ? { usosExtendidos: [CLIENT_AUTH] }
          : {},
  });

  const comparacion = compararEmision({
    ...pedida,
    recibidos: pedida.recibidos.map((uno) =>
      uno.tipoCertificado === 'AUTENTICACION' ? { ...uno, estadoCertificado: 'SUSPENDIDO' } : uno,
    ),
  });

  expect(faltasDe(comparacion)).toEqual([
    'certificados[0] «FIRMA_DIGITAL»: sujeto: falta C',
    'certificados[0] «FIRMA_DIGITAL»: basicConstraints: se esperaba CA=FALSE y llegó CA=TRUE',
    'certificados[1] «AUTENTICACION»: estadoCertificado: se esperaba ACTIVO y llegó «SUSPENDIDO»',
    'certificados[2] «CIFRADO»: extendedKeyUsage: se esperaba emailProtection y llegó clientAuth',
  ]);
});
