import { Counter, Registry } from 'prom-client';
import {
  AvisoDeSalud,
  createMedidorDeSalud,
  medirPartes,
  startHealthServer,
  type Comprobacion,
} from '../../../../shared/runtime/health-server.ts';

const bien: Comprobacion = { nombre: 'bien', comprobar: () => Promise.resolve('algo') };
const mal: Comprobacion = { nombre: 'mal', comprobar: () => Promise.reject(new Error('caída')) };
const mudo: Comprobacion = { nombre: 'mudo', comprobar: () => new Promise<never>(() => undefined) };
const brusco: Comprobacion = {
  nombre: 'brusco',
  comprobar: () => {
    throw new Error('sin promesa');
  },
};

describe('the health of a process', () => {
  it('tells each part, gives up on the silent one, and reports why', async () => {
    const avisos: [string, string][] = [];
    const medir = createMedidorDeSalud(
      [bien, mal, mudo, brusco],
      (nombre, error) => void avisos.push([nombre, (error as Error).message]),
      20,
    );
    await expect(medir()).resolves.toMatchObject({
      estado: 'NO_LISTO',
      partes: {
        bien: { estado: 'LISTO' },
        mal: { estado: 'NO_LISTO', motivo: 'Falla; el log de este proceso dice por qué.' },
        mudo: { estado: 'NO_LISTO', motivo: 'No respondió en 20 ms.' },
        brusco: { estado: 'NO_LISTO' },
      },
    });
    expect(avisos.sort()).toEqual([
      ['brusco', 'sin promesa'],
      ['mal', 'caída'],
      ['mudo', 'no answer within 20 ms'],
    ]);
  });

  it('tells in words what is said for the reader, and of other failures no word', async () => {
    const aviso = {
      nombre: 'aviso',
      comprobar: () => Promise.reject(new AvisoDeSalud('La bitácora no se firma.')),
    };
    const medir = createMedidorDeSalud([aviso, mal], () => undefined);

    const { partes } = await medir();

    expect(partes.aviso).toMatchObject({ estado: 'NO_LISTO', motivo: 'La bitácora no se firma.' });
    expect(JSON.stringify(partes.mal)).not.toContain('caída');
  });

  it('stays ready without a part that it serves without, and tells of it', async () => {
    const medir = createMedidorDeSalud([bien, { ...mal, soloAvisa: true }], () => undefined);

    expect(await medir()).toMatchObject({ estado: 'LISTO', partes: { mal: { estado: 'NO_LISTO' } } });
  });

  it('measures, whenever the metrics are read, each part that the process needs', async () => {
    const coleccion = new Registry();
    const partes = [bien, mal, { ...mal, nombre: 'testigo', soloAvisa: true }];
    const medir = createMedidorDeSalud(partes, () => undefined);
    medirPartes(partes, medir, coleccion);

    const texto = await coleccion.metrics();
    expect(texto.match(/^health_part_ready\{.*$/gm)).toEqual([
      'health_part_ready{parte="bien"} 1',
      'health_part_ready{parte="mal"} 0',
    ]);
  });

  it('is asked once by all who ask at the same time, and again afterwards', async () => {
    let veces = 0;
    const contada = { nombre: 'contada', comprobar: () => Promise.resolve(++veces) };
    const medir = createMedidorDeSalud([contada], () => undefined);
    await Promise.all([medir(), medir(), medir()]);
    expect(veces).toBe(1);
    await medir();
    expect(veces).toBe(2);
  });
});

describe('the health server', () => {
  async function conServidor(
    comprobaciones: Comprobacion[],
    probar: (url: string) => Promise<void>,
  ): Promise<void> {
    const coleccionDeMetricas = new Registry();
    new Counter({ name: 'cosas_total', help: 'things', registers: [coleccionDeMetricas] }).inc();
    const server = await startHealthServer({
      host: '127.0.0.1',
      port: 0,
      comprobaciones,
      coleccionDeMetricas,
      avisar: () => undefined,
    });
    try {
      await probar(server.url);
    } finally {
      await server.close();
    }
  }

  it('serves liveness, readiness and metrics', () =>
    conServidor([bien], async (url) => {
      expect(await (await fetch(`${url}/health/live`)).json()).toEqual({ estado: 'VIVO' });
      const lista = await fetch(`${url}/health/ready?x=1`);
      expect(lista.status).toBe(200);
      expect(await lista.json()).toMatchObject({ estado: 'LISTO', partes: { bien: { estado: 'LISTO' } } });
      expect(await (await fetch(`${url}/metrics`)).text()).toContain('cosas_total 1');
    }));

  it('is not ready where a part fails', () =>
    conServidor([bien, mal], async (url) => {
      expect((await fetch(`${url}/health/ready`)).status).toBe(503);
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
    }));

  it('serves nothing else', () =>
    conServidor([], async (url) => {
      expect((await fetch(`${url}/nada`)).status).toBe(404);
      const enviada = await fetch(`${url}/metrics`, { method: 'POST' });
      expect([enviada.status, enviada.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }));

  it('says so where its port is taken', () =>
    conServidor([], async (url) => {
      const ocupado = startHealthServer({
        host: '127.0.0.1',
        port: Number(new URL(url).port),
        comprobaciones: [],
        coleccionDeMetricas: new Registry(),
        avisar: () => undefined,
      });
      await expect(ocupado).rejects.toMatchObject({ code: 'EADDRINUSE' });
    }));
});
