import type { InformeDeBitacora } from '../../../shared/bitacora/contrato.ts';
import { orderIn } from '../../../scripts/bitacora/order-note.ts';
import { reportLines } from '../../../scripts/bitacora/report.ts';

const CLEAN: InformeDeBitacora = { epocas: [], sinLugar: 0, hallazgos: [], hallados: 0 };
const EPOCH = { epoca: 1, tamano: 1, abiertaEn: '2026-01-01T00:00:00.000000Z', causa: 'INICIO', motivo: 'x' };
const FINDING = { epoca: 1, indice: 3, id: null, falta: 'Falta la entrada: fue borrada.' };

describe('the report of a verification', () => {
  it('counts in the singular and in the plural', () => {
    const one = reportLines({
      epocas: [EPOCH],
      sinLugar: 1,
      hallazgos: [FINDING],
      hallados: 1,
    });
    const more = reportLines({
      epocas: [{ ...EPOCH, tamano: 2 }],
      sinLugar: 2,
      hallazgos: [FINDING],
      hallados: 3,
    });

    expect(one.join('\n')).toMatch(/Época 1: 1 entrada,.*\n1 entrada espera .*\n.*\nMAL: 1 hallazgo\.\n/);
    expect(more.join('\n')).toMatch(
      /Época 1: 2 entradas,.*\n2 entradas esperan .*\n.*\n… y 2 hallazgos más\nMAL: 3 hallazgos\.\n/,
    );
  });

  it('ends with where it stands what to do, where anything was found', () => {
    expect(reportLines({ ...CLEAN, hallazgos: [FINDING], hallados: 1 }).at(-1)).toBe(
      'Qué hacer: docs/operacion.md, «Bitácora».',
    );
    expect(reportLines(CLEAN).at(-1)).toMatch(/^Bien: /);
  });

  it.each([
    ['INICIO', /Z$/],
    ['CONTRADICCION', /, abierta porque un testigo contradijo al registro: la copia$/],
    ['ORDEN', /, abierta por orden de una persona: la copia$/],
  ])('says why an epoch was opened: %s', (causa, words) => {
    const [line] = reportLines({ ...CLEAN, epocas: [{ ...EPOCH, causa, motivo: 'la copia' }] });

    expect(line).toMatch(words);
  });
});

describe('who gives an order', () => {
  it.each([
    [['2', 'la', 'copia', '--quien', 'ana.perez']],
    [['--quien=ana.perez', '2', 'la', 'copia']],
    [['2', '--quien', ' ana.perez ', 'la', 'copia']],
  ])('is who is named: %j', (args) => {
    expect(orderIn(args)).toEqual({ words: ['2', 'la', 'copia'], quien: 'ana.perez' });
  });

  it('is the user of the system, where none is named', () => {
    expect(orderIn(['2', 'la copia'])).toEqual({
      words: ['2', 'la copia'],
      quien: expect.stringMatching(/./) as string,
    });
  });

  it.each([[['2', '--quien']], [['2', '--quien=']], [['2', '--quien', ' ']]])('is not nobody: %j', (args) => {
    expect(() => orderIn(args)).toThrow('--quien');
  });
});
