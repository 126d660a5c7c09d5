/** A judge that sees nothing finds everything in order: each fault that it is there for, it sees. */
import { juzgar, juzgarSeries, type Clase, type Hechos } from './juez.ts';

const SERIES = ['0A', '0B', '0C'];
const ESPERA = { http: 503, tipo: 'PKI_NO_DISPONIBLE', estado: 'EN_PROCESO', series: [] };

function completada(cambios: Partial<Hechos> = {}): Hechos {
  return {
    codigo: 'SOL-1',
    contestadas: [ESPERA, { http: 200, tipo: null, estado: 'COMPLETADO', series: SERIES }],
    registro: {
      estado: 'COMPLETADO',
      fallo: null,
      incierto: false,
      generacion: 1,
      sinAclarar: 0,
      solicitudesPki: ['PKI-1'],
      series: SERIES,
      conservada: true,
    },
    temporal: { estado: 'COMPLETED', generacion: 1, fallo: null },
    pki: { numeros: 3, emisiones: [emision('PKI-1')], claves: { paso1: 1, paso2: 1 } },
    tipos: 3,
    idempotente: true,
    forzada: false,
    ...cambios,
  };
}

function emision(solicitudPkiId: string, series = SERIES): Hechos['pki']['emisiones'][number] {
  const tipos = ['FIRMA_DIGITAL', 'AUTENTICACION', 'CIFRADO'];
  return { solicitudPkiId, certificados: series.map((serie, i) => ({ tipo: tipos[i] ?? '', serie })) };
}

function fallida(
  cambios: Partial<NonNullable<Hechos['registro']>> = {},
  pki: Partial<Hechos['pki']> = {},
): Hechos {
  const base = completada();
  return {
    ...base,
    contestadas: [{ http: 404, tipo: 'CIUDADANO_NO_ENCONTRADO', estado: 'FALLIDO', series: [] }],
    registro: {
      ...(base.registro ?? nunca()),
      estado: 'FALLIDO',
      fallo: 'CIUDADANO_NO_ENCONTRADO',
      series: [],
      conservada: false,
      ...cambios,
    },
    temporal: { estado: 'FAILED', generacion: 1, fallo: 'CIUDADANO_NO_ENCONTRADO' },
    pki: { numeros: 3, emisiones: [], claves: { paso1: 1, paso2: 0 }, ...pki },
  };
}

/** Not accepted: nobody holds anything of it. */
function rechazada(cambios: Partial<Hechos> = {}): Hechos {
  return {
    ...completada(),
    contestadas: [{ http: 409, tipo: 'CIUDADANO_EN_PROCESO', estado: null, series: [] }],
    registro: null,
    temporal: { estado: 'FAILED', generacion: 1, fallo: 'CIUDADANO_EN_PROCESO' },
    pki: { numeros: 0, emisiones: [], claves: { paso1: 0, paso2: 0 } },
    ...cambios,
  };
}

function nunca(): never {
  throw new Error('unreachable');
}

const clases = (hechos: Hechos): Clase[] => [...new Set(juzgar(hechos).map(({ clase }) => clase))].sort();
const conRegistro = (cambios: Partial<NonNullable<Hechos['registro']>>) =>
  completada({ registro: { ...(completada().registro ?? nunca()), ...cambios } });
const conPki = (cambios: Partial<Hechos['pki']>) => completada({ pki: { ...completada().pki, ...cambios } });

test.each([
  ['one that completed', completada()],
  ['one that failed for a reason', fallida()],
  [
    'one whose answer was kept by a run that failed',
    fallida({ conservada: true }, { emisiones: [emision('PKI-1')] }),
  ],
  [
    'an uncertain one, issued or not',
    fallida({ incierto: true, sinAclarar: 1 }, { emisiones: [emision('PKI-1')] }),
  ],
  ['one that was refused', rechazada()],
  [
    'one that was refused for what is uncertain of its citizen',
    rechazada({ temporal: { estado: 'FAILED', generacion: 1, fallo: 'CIUDADANO_CON_INCIERTA' } }),
  ],
  [
    'one that waited for its run, which was turned away',
    rechazada({ contestadas: [ESPERA, ...rechazada().contestadas] }),
  ],
  ['one of which nobody heard', rechazada({ contestadas: [], temporal: null })],
  [
    'a run that an operator closed when it had its outcome',
    completada({ temporal: { estado: 'TERMINATED', generacion: 1, fallo: null }, forzada: true }),
  ],
  [
    'a second generation beside the discarded first',
    completada({
      registro: { ...(completada().registro ?? nunca()), generacion: 2, solicitudesPki: ['PKI-0', 'PKI-1'] },
      temporal: { estado: 'COMPLETED', generacion: 2, fallo: null },
      pki: {
        numeros: 6,
        emisiones: [emision('PKI-0', ['01', '02', '03']), emision('PKI-1')],
        claves: { paso1: 2, paso2: 2 },
      },
    }),
  ],
  ['serials of which one store writes leading zeros', conRegistro({ series: ['A', '0b', '000C'] })],
])('the judge finds nothing in %s', (_, hechos) => {
  expect(juzgar(hechos)).toEqual([]);
});

test.each<[string, Hechos, Clase[]]>([
  [
    'was accepted, and the register forgot',
    rechazada({ contestadas: completada().contestadas }),
    ['PERDIDA'],
  ],
  [
    'runs in Temporal, and the register forgot',
    rechazada({ temporal: { estado: 'RUNNING', generacion: 1, fallo: null } }),
    ['PERDIDA'],
  ],
  [
    'completed in Temporal, and the register forgot',
    rechazada({ temporal: { estado: 'COMPLETED', generacion: 1, fallo: null } }),
    ['PERDIDA'],
  ],
  ['never ends', conRegistro({ estado: 'EN_PROCESO' }), ['INEXPLICADA', 'PERDIDA']],
  [
    'has a run that never ends',
    completada({ temporal: { estado: 'RUNNING', generacion: 1, fallo: null } }),
    ['INEXPLICADA', 'PERDIDA'],
  ],
  [
    'was told COMPLETADO and is FALLIDO',
    { ...fallida(), contestadas: completada().contestadas },
    ['DOBLADA', 'PERDIDA'],
  ],
  ['completed without the PKI', conPki({ emisiones: [] }), ['INEXPLICADA', 'PERDIDA']],
  [
    'was issued twice',
    conPki({ emisiones: [emision('PKI-1'), emision('PKI-1', ['1', '2', '3'])] }),
    ['DOBLADA', 'INEXPLICADA'],
  ],
  [
    'was issued once more under another solicitudPkiId',
    conPki({ emisiones: [emision('PKI-1'), emision('PKI-2', ['1', '2', '3'])] }),
    ['DOBLADA'],
  ],
  [
    'failed, and was issued twice',
    fallida({ incierto: true, sinAclarar: 1 }, { emisiones: [emision('PKI-1'), emision('PKI-1')] }),
    ['DOBLADA'],
  ],
  [
    'has two certificates of one type',
    conPki({
      emisiones: [
        { solicitudPkiId: 'PKI-1', certificados: SERIES.map((serie) => ({ tipo: 'CIFRADO', serie })) },
      ],
    }),
    ['DOBLADA'],
  ],
  ['had its numbers generated twice', conPki({ numeros: 6 }), ['DOBLADA']],
  ['was done under two keys', conPki({ claves: { paso1: 1, paso2: 2 } }), ['DOBLADA']],
  [
    'holds other serials than the PKI issued',
    conRegistro({ series: ['0A', '0B', '0D'] }),
    ['DOBLADA', 'INEXPLICADA'],
  ],
  [
    'was answered with other serials',
    completada({
      contestadas: [{ http: 201, tipo: null, estado: 'COMPLETADO', series: ['01', '02', '03'] }],
    }),
    ['DOBLADA'],
  ],
  ['is locked without a reason', fallida({ incierto: true }), ['INEXPLICADA']],
  ['is free though a send is unclear', fallida({ sinAclarar: 1 }), ['INEXPLICADA']],
  ['failed without a reason', fallida({ fallo: null }), ['INEXPLICADA']],
  ['was issued, and nobody knows', fallida({}, { emisiones: [emision('PKI-1')] }), ['INEXPLICADA']],
  ['failed and released', fallida({ series: SERIES }), ['INEXPLICADA']],
  [
    'was refused, and the PKI worked for it',
    rechazada({ pki: { numeros: 3, emisiones: [], claves: { paso1: 1, paso2: 0 } } }),
    ['INEXPLICADA'],
  ],
  ['Temporal does not know', completada({ temporal: null }), ['INEXPLICADA']],
  [
    'failed in Temporal and completed in the register',
    completada({ temporal: { estado: 'FAILED', generacion: 1, fallo: null } }),
    ['INEXPLICADA'],
  ],
  [
    'completed in Temporal and failed in the register',
    { ...fallida(), temporal: { estado: 'COMPLETED', generacion: 1, fallo: null }, forzada: true },
    ['INEXPLICADA'],
  ],
  [
    'is of another generation in Temporal',
    completada({ temporal: { estado: 'COMPLETED', generacion: 2, fallo: null } }),
    ['INEXPLICADA'],
  ],
])('the judge finds the fault of a codigo that %s', (_, hechos, esperadas) => {
  expect(clases(hechos)).toEqual(esperadas);
});

test('the judge finds a serial that two codigos have', () => {
  expect(juzgarSeries([completada(), completada({ codigo: 'SOL-2' })])).toHaveLength(3);
  expect(juzgarSeries([completada(), fallida()])).toEqual([]);
});
