import { leerHora } from '../../../../shared/registro/emision/retencion/hora-de-la-base.ts';
import { DESFASE_MAXIMO_MS } from '../../../../shared/nucleo/plazos.ts';
import { exigirReloj, vigilarReloj } from '../../../../shared/registro/base/reloj.ts';
import {
  BASES,
  entradaDePrueba,
  FALLO_PASO_1,
  usarRegistro,
} from '../../../support/registro/registro-de-prueba.ts';
import { envejecerBitacora } from '../../../support/registro/anotacion.ts';

const DIA = 86_400_000;

describe.each(BASES)('the clock of the database on $nombre', ({ abrir }) => {
  const prueba = usarRegistro(abrir);
  const reloj = (desfase: number) => () => Date.now() + desfase;

  it.each([
    ['agrees', 0],
    ['differs by less than clocks may', DESFASE_MAXIMO_MS / 2],
    ['differs by less than clocks may', -DESFASE_MAXIMO_MS / 2],
  ])('lets a process work whose own %s', async (_, desfase) => {
    await expect(exigirReloj(prueba.db, reloj(desfase))).resolves.toBeUndefined();
  });

  it.each([
    [200 * DIA, /17280000 s ahead of/],
    [-200 * DIA, /17280000 s behind/],
    [2 * DESFASE_MAXIMO_MS, /240 s ahead of/],
    [-2 * DESFASE_MAXIMO_MS, /240 s behind/],
  ])('lets none work whose own is %i ms ahead', async (desfase, dicho) => {
    await expect(exigirReloj(prueba.db, reloj(desfase))).rejects.toThrow(dicho);
  });

  it('is not blamed for an answer that takes long', async () => {
    let veces = 0;
    const lento = () => Date.now() + (veces++ === 0 ? -DIA : DIA);

    await expect(exigirReloj(prueba.db, lento)).resolves.toBeUndefined();
  });

  it('is in doubt where anything was written after it', async () => {
    expect(await leerHora(prueba.db)).toMatchObject({ hayPosterior: false });
    const run = prueba.abrirRun(entradaDePrueba());
    await run.registrar();
    await run.fallar(FALLO_PASO_1);
    const { ahora, hayPosterior } = await leerHora(prueba.db);
    expect([Math.abs(ahora.getTime() - Date.now()) < 60_000, hayPosterior]).toEqual([true, false]);

    await prueba.db
      .updateTable('solicitudes')
      .set({ fecha_fin: new Date(Date.now() + DIA) })
      .execute();
    expect(await leerHora(prueba.db)).toMatchObject({ hayPosterior: true });
    await prueba.db.updateTable('solicitudes').set({ fecha_fin: new Date() }).execute();
    await envejecerBitacora(prueba.db, new Date(Date.now() + DIA));
    expect(await leerHora(prueba.db)).toMatchObject({ hayPosterior: true });
  });

  it('ends a process whose own is put forward while it works', async () => {
    let desfase = 0;
    const vigilancia = vigilarReloj(prueba.db, () => Date.now() + desfase, 5);
    await exigirReloj(prueba.db);

    desfase = 200 * DIA;

    await expect(vigilancia.fin).rejects.toThrow('ahead of');
    vigilancia.detener();
  });
});
