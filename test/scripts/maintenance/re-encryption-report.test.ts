import type { InformeDeRecifrado } from '../../../shared/mantenimiento/recifrado.ts';
import { hasUnreadable, reportLines } from '../../../scripts/maintenance/re-encryption-report.ts';

const HECHA = { tabla: 'solicitudes', revisadas: 10, recifradas: 7, ilegibles: {} };
const informe = (cambios: Partial<InformeDeRecifrado> = {}): InformeDeRecifrado => ({
  tablas: [HECHA],
  enTemporal: [],
  ...cambios,
});
const texto = (de: InformeDeRecifrado, ring = ['nueva', 'vieja']) => reportLines(de, ring).join('\n');

it('the report says what was looked at and written, and that the other key may go, once every process is told', () => {
  const dicho = texto(informe());

  expect(dicho).toMatch(/solicitudes +filas revisadas: 10; vueltas a cifrar: 7$/m);
  expect(dicho).toContain('«vieja»: ya puede quitarse de CLAVES_CIFRADO.');
  expect(dicho).toContain('cuando todos los procesos ya cifren con «nueva»');
  expect(hasUnreadable(informe())).toBe(false);
});

it('the report keeps a key while Temporal holds runs under it, and says until when', () => {
  const dicho = texto(
    informe({
      enTemporal: [{ clave: 'vieja', abiertas: 2, cerradas: 5, hasta: '2026-11-23T10:00:00.000Z' }],
    }),
  );

  expect(dicho).toMatch(
    /«vieja»: debe quedarse.*2 ejecuciones abiertas.*5 cerradas, que Temporal olvida el 2026-11-23T10:00:00.000Z/,
  );
});

it('the report counts runs that do not tell their key for every key', () => {
  const enTemporal = [{ clave: null, abiertas: 1, cerradas: 0, hasta: null }];

  expect(texto(informe({ enTemporal }), ['nueva', 'b', 'a'])).toMatch(
    /«b»: debe quedarse[^]*«a»: debe quedarse/,
  );
});

it('the report asks for a key back that the register still needs, and keeps one under which a value does not open', () => {
  const mala = informe({ tablas: [{ ...HECHA, ilegibles: { perdida: 3, vieja: 1, '': 2 } }] });

  const dicho = texto(mala);

  expect(dicho).toContain('no se abren: 3 bajo «perdida», 1 bajo «vieja», 2 que no son de este servicio');
  expect(dicho).toMatch(/«perdida»: no está en CLAVES_CIFRADO.* 3 valores/);
  expect(dicho).toMatch(/«vieja»: debe quedarse. 1 valores del registro/);
  expect(hasUnreadable(mala)).toBe(true);
});

it('the report advises nothing where the ring is one key', () => {
  expect(texto(informe(), ['nueva'])).toMatch(/no tiene otra clave\.$/);
});
