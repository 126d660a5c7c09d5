import type { MemoEmision } from '../../../../shared/emision/contrato.ts';
import { memoPropio } from '../../../../shared/motor/emision/memo-propio.ts';

const MEMO: MemoEmision = {
  requestId: 'r',
  huellaSolicitud: 'h',
  generacion: 1,
  solicitudPkiId: null,
  titular: { numeroDocumento: '45678912', nombreCompleto: 'MARÍA QUISPE' },
  auditoria: { usuarioEjecutor: 'u', oficinaEjecucion: 'o', ipCliente: '10.0.0.1', correlationId: 'c' },
};

it('a memo is believed where a start of this service left it', () => {
  expect(memoPropio({ ...MEMO, cliente: 'siirc' })).toEqual({ ...MEMO, cliente: 'siirc' });
  expect(memoPropio({ ...MEMO })).toEqual(MEMO);
});

it.each(Object.keys(MEMO))('a memo is none where its %s is not sealed for the run, or missing', (miembro) => {
  expect(memoPropio({ ...MEMO, [miembro]: { cargaRechazada: 'SIN_SELLO' } })).toBeUndefined();
  expect(memoPropio({ ...MEMO, [miembro]: undefined })).toBeUndefined();
});

it.each([undefined, {}])('a run without a memo (%j) has none', (memo) => {
  expect(memoPropio(memo)).toBeUndefined();
});
