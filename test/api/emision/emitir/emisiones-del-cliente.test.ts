/** No client fills alone what the system may have open. */
import {
  createEmisionesDelCliente,
  type RecuentoPorCliente,
} from '../../../../api/emision/emitir/emisiones-del-cliente.ts';
import { RECUENTO_MS } from '../../../../shared/emision/plazos.ts';
import {
  CONTEXTO,
  espera,
  runAbierta,
  servicioDeEmision,
  SUYA,
} from '../../../support/api/servicio-de-emision.ts';

let ahora: number;
beforeEach(() => {
  ahora = 0;
});

function limitar(contar: () => Promise<RecuentoPorCliente>, maximo = 3) {
  let rechazadas = 0;
  const delCliente = createEmisionesDelCliente({
    maximo,
    contar,
    alRechazar: () => rechazadas++,
    ahoraMs: () => ahora,
  });
  const admitir = async (cliente: string, veces: number) => {
    const admitidas: boolean[] = [];
    for (let i = 0; i < veces; i++) admitidas.push(await delCliente.admitir(cliente));
    return admitidas.filter(Boolean).length;
  };
  return { admitir, rechazadas: () => rechazadas };
}
const recuento = (porCliente: [string | null, number][] = [], sinRegistrar = 0) =>
  Promise.resolve({ porCliente: new Map(porCliente), sinRegistrar });

it('a client has as many open as one may, whatever others have', async () => {
  const { admitir, rechazadas } = limitar(() =>
    recuento([
      ['uno', 1],
      [null, 50],
    ]),
  );

  expect([await admitir('uno', 5), await admitir('otro', 5)]).toEqual([2, 3]);
  expect(rechazadas()).toBe(5);
});

it('has room again once what it had is done', async () => {
  let abiertas = 3;
  const { admitir } = limitar(() => recuento([['uno', abiertas]]));
  expect(await admitir('uno', 1)).toBe(0);
  abiertas = 1;
  expect(await admitir('uno', 1)).toBe(0);

  ahora += RECUENTO_MS;

  expect(await admitir('uno', 5)).toBe(2);
});

it('what waits for a worker counts, though the register does not know of it', async () => {
  let sinRegistrar = 0;
  const { admitir } = limitar(() => recuento([], sinRegistrar));
  expect(await admitir('uno', 5)).toBe(3);
  sinRegistrar = 2;
  ahora += RECUENTO_MS;
  expect(await admitir('uno', 5)).toBe(1);

  // Its workers are back; all of it is done.
  sinRegistrar = 0;
  ahora += RECUENTO_MS;
  expect(await admitir('uno', 5)).toBe(3);
});

it('while it cannot be counted, the last count stands, and nobody else is turned away', async () => {
  let falla = false;
  const { admitir } = limitar(() => (falla ? Promise.reject(new Error('no count')) : recuento([['uno', 1]])));
  expect(await admitir('uno', 5)).toBe(2);
  falla = true;
  ahora += RECUENTO_MS;

  expect([await admitir('uno', 5), await admitir('otro', 5)]).toEqual([0, 3]);
});

describe('a client that has as many as it may', () => {
  const llena = (motor = {}) => {
    const iniciadas: unknown[] = [];
    const api = servicioDeEmision({
      delCliente: { admitir: () => Promise.resolve(false) },
      motor: {
        iniciar: (entrada) => {
          iniciadas.push(entrada);
          return Promise.resolve(true);
        },
        ...motor,
      },
    });
    return { api, iniciadas };
  };
  const SUYO = { ...CONTEXTO, cliente: 'uno' };

  it('is refused one more before anything is started, and told why', async () => {
    const { api, iniciadas } = llena();

    expect(await api.emitir(SUYA, SUYO, espera())).toEqual({
      tipo: 'FALLO',
      fallo: 'SERVICIO_NO_DISPONIBLE',
      detalles: [
        'La petición no se aceptó: el cliente ya tiene en proceso tantas emisiones como uno solo puede tener a la vez. Envíela de nuevo.',
      ],
      vista: null,
      reintentarEnS: 5,
    });
    expect(iniciadas).toEqual([]);
  });

  it('is told as ever of what was accepted', async () => {
    const { api } = llena({
      enCurso: () => Promise.resolve(runAbierta()),
      iniciar: () => Promise.resolve(false),
    });
    expect(await api.emitir(SUYA, SUYO, espera({ asincrona: true, maximoMs: 0 }))).toMatchObject({
      tipo: 'ACEPTADA',
    });
  });
});
