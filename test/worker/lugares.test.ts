/** The slots of a queue with a gate, as the SDK asks for them. */
import fc from 'fast-check';
import type { SlotPermit, SlotReserveContext } from '@temporalio/worker';
import { createLugares } from '../../worker/lugares.ts';

const CONTEXTO = {} as SlotReserveContext;

function preparar(simultaneas: number) {
  let admitidas = Infinity;
  let avisar: () => void = () => undefined;
  const lugares = createLugares(simultaneas, {
    admite: () => admitidas,
    alAdmitirMas: (aviso) => (avisar = aviso),
  });
  /** Those that have come, in their order. */
  const dados: SlotPermit[] = [];
  return {
    dados,
    pedir: (corte = new AbortController().signal) =>
      lugares.reserveSlot(CONTEXTO, corte).then((lugar) => void dados.push(lugar)),
    soltar: (permit: SlotPermit) => {
      lugares.releaseSlot({ permit });
    },
    admitir: (cuantas: number) => {
      admitidas = cuantas;
      avisar();
    },
    inmediato: () => lugares.tryReserveSlot(CONTEXTO),
  };
}

/** Promises that are settled have told so. */
const asentar = () => new Promise(setImmediate);

describe('the slots of a queue with a gate', () => {
  it('are as many as work at once, and come back', async () => {
    const { pedir, dados, soltar } = preparar(2);
    for (let i = 0; i < 3; i++) void pedir();
    await asentar();
    expect(dados).toHaveLength(2);

    soltar(dados[0] as SlotPermit);
    await asentar();
    expect(dados).toHaveLength(3);
  });

  it('are no more than the gate admits, those at work among them', async () => {
    const { pedir, dados, soltar, admitir } = preparar(10);
    admitir(1);
    for (let i = 0; i < 4; i++) void pedir();
    await asentar();
    expect(dados).toHaveLength(1);

    admitir(0);
    soltar(dados[0] as SlotPermit);
    await asentar();
    expect(dados).toHaveLength(1);

    admitir(2);
    await asentar();
    expect(dados).toHaveLength(3);
    admitir(Infinity);
    await asentar();
    expect(dados).toHaveLength(4);
  });

  it('are given to another where the task that had one ends and the gate tells nothing of it', async () => {
    const { pedir, dados, soltar, admitir } = preparar(10);
    admitir(1);
    void pedir();
    void pedir();
    await asentar();

    soltar(dados[0] as SlotPermit);
    await asentar();
    expect(dados).toHaveLength(2);
  });

  it('of a poll that brought no task are given again', async () => {
    const { pedir, dados, soltar, admitir } = preparar(10);
    admitir(1);
    void pedir();
    void pedir();
    await asentar();

    soltar(dados[0] as SlotPermit);
    await asentar();
    expect(dados).toHaveLength(2);
  });

  it('are not kept for who no longer waits: he is told the reason of the SDK', async () => {
    const { pedir, dados, admitir } = preparar(1);
    admitir(0);
    const corte = new AbortController();
    const pedido = pedir(corte.signal);
    corte.abort(new Error('shutdown'));
    await expect(pedido).rejects.toThrow('shutdown');

    void pedir();
    admitir(1);
    await asentar();
    expect(dados).toHaveLength(1);
  });

  it('are never handed over without a poll', () => {
    expect(preparar(1).inmediato()).toBeNull();
  });

  it('whatever happens are no more than work at once, nor than the gate admitted as one was given', async () => {
    const accion = fc.oneof(
      fc.constant('PEDIR' as const),
      fc.record({ soltar: fc.nat(5) }),
      fc.record({ admitir: fc.constantFrom(0, 1, 2, Infinity) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(accion, { maxLength: 60 }), async (acciones) => {
        const SIMULTANEAS = 4;
        const caso = preparar(SIMULTANEAS);
        const ocupados = new Set<SlotPermit>();
        let vistos = 0;
        let admitidas = Infinity;
        for (const una of acciones) {
          const lugar = [...ocupados];
          if (una === 'PEDIR') void caso.pedir();
          else if ('admitir' in una) caso.admitir((admitidas = una.admitir));
          else {
            const suelto = lugar[una.soltar];
            if (suelto) {
              ocupados.delete(suelto);
              caso.soltar(suelto);
            }
          }
          await asentar();
          const nuevos = caso.dados.slice(vistos);
          vistos = caso.dados.length;
          for (const nuevo of nuevos) ocupados.add(nuevo);
          if (nuevos.length > 0) expect(ocupados.size).toBeLessThanOrEqual(Math.min(SIMULTANEAS, admitidas));
        }
        caso.admitir(Infinity);
        for (const lugar of ocupados) caso.soltar(lugar);
        void caso.pedir();
        await asentar();
        expect(caso.dados.length).toBeGreaterThan(vistos);
      }),
    );
  });
});
