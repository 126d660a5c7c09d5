/** What of a header of Temporal, which anybody who reaches it may write, is taken for ids. */
import { identificadoresDe } from '../../../shared/nucleo/ejecuciones/identificadores.ts';

const BUENOS = {
  correlationId: '5f0c8b1e-8d0f-4e55-9a3c-2d8a1f3f7c10',
  requestId: '7F0C8B1E-8D0F-4E55-9A3C-2D8A1F3F7C10',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};

it('takes what has the form of ids', () => {
  expect(identificadoresDe(BUENOS)).toEqual(BUENOS);
});

it.each([[null], ['text'], [7], [[]], [undefined]])('takes nothing of %j', (contenido) => {
  expect(identificadoresDe(contenido)).toEqual({});
});

it.each([
  ['correlationId', 'SOL-1'],
  ['correlationId', 'a\nb'],
  ['correlationId', 7],
  ['requestId', '5f0c8b1e-8d0f-4e55-9a3c-2d8a1f3f7c10 '],
  ['traceparent', '01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
  ['traceparent', 'María'],
  ['tracestate', 'a=1,b=2'],
  ['codigo', 'SOL-1'],
  ['__proto__', { correlationId: 'x' }],
  ['constructor', 'x'],
])('drops %s: %j, and keeps the others', (nombre, valor) => {
  // The last of two members of one name counts.
  const miembro = `${JSON.stringify(nombre)}:${JSON.stringify(valor)}`;
  const contenido: unknown = JSON.parse(`${JSON.stringify(BUENOS).slice(0, -1)},${miembro}}`);
  const otros = Object.entries(BUENOS).filter(([cual]) => cual !== nombre);
  expect(identificadoresDe(contenido)).toEqual(Object.fromEntries(otros));
});
