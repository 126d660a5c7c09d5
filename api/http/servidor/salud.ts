/** GET /health/live, /health/ready and /metrics. Plain answers without envelope: who asks is a probe. */
import { setTimeout as pausa } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import { statusDeSalud, type EstadoDeSalud } from '../../../shared/runtime/health-server.ts';
import type { Etiqueta } from '../documento/operacion-documentada.ts';
import { respuestaFija } from './respuesta-fija.ts';
import type { Ruta } from '../peticion/ruta.ts';

const ETIQUETA: Etiqueta = {
  nombre: 'salud',
  descripcion: 'Si el servicio vive y puede atender. De quien lo opera.',
};

const vivo = z.object({ estado: z.literal('VIVO').meta({ description: 'El proceso responde' }) });
const parte = z
  .object({
    estado: z.enum(['LISTO', 'NO_LISTO']).meta({ description: 'De la parte' }),
    tiempoMs: z.int().meta({ description: 'Lo que tardó en responder' }),
    motivo: z.string().exactOptional().meta({ description: 'Qué le pasa, si puede decirse' }),
  })
  .meta({ id: 'ParteDelServicio' });
const estadoDeSalud = z.object({
  estado: z.enum(['LISTO', 'NO_LISTO']).meta({ description: 'LISTO si todas las partes lo están' }),
  partes: z.record(z.string(), parte).meta({ description: 'Cada parte de la que el servicio depende' }),
});

export function rutasDeSalud(
  medirSalud: () => Promise<EstadoDeSalud>,
  coleccionDeMetricas: Registry,
): Ruta[] {
  const salud = { nombre: 'EstadoDeSalud', esquema: estadoDeSalud };
  const lista: EstadoDeSalud = { estado: 'LISTO', partes: { temporal: { estado: 'LISTO', tiempoMs: 3 } } };
  const caida: EstadoDeSalud = {
    estado: 'NO_LISTO',
    partes: { temporal: { estado: 'NO_LISTO', tiempoMs: 2000, motivo: 'No respondió en 2000 ms.' } },
  };
  const medidas = createTextoCompartido(() => coleccionDeMetricas.metrics());
  return [
    {
      metodo: 'GET',
      path: '/health/live',
      permiso: null,
      siempre: true,
      documento: {
        operationId: 'estaVivo',
        resumen: 'El proceso responde',
        descripcion: 'No pregunta a nadie más.',
        etiqueta: ETIQUETA,
        respuestas: [
          {
            statusCode: statusDeSalud(lista),
            descripcion: 'Vivo',
            esquema: { nombre: 'Vivo', esquema: vivo },
            cabeceras: [],
            ejemplos: { vivo: { estado: 'VIVO' } },
          },
        ],
      },
      atender: respuestaFija({
        tipo: 'application/json; charset=utf-8',
        contenido: JSON.stringify({ estado: 'VIVO' }),
      }),
    },
    {
      metodo: 'GET',
      path: '/health/ready',
      permiso: null,
      siempre: true,
      documento: {
        operationId: 'estaListo',
        resumen: 'El servicio puede atender solicitudes',
        descripcion: 'Pregunta a cada parte de la que depende, con un plazo.',
        etiqueta: ETIQUETA,
        respuestas: [lista, caida].map((ejemplo) => ({
          statusCode: statusDeSalud(ejemplo),
          descripcion: ejemplo.estado === 'LISTO' ? 'Listo' : 'Alguna parte no responde',
          esquema: salud,
          cabeceras: [],
          ejemplos: { [ejemplo.estado]: ejemplo },
        })),
      },
      atender: async (_req, res) => {
        const medida = await medirSalud();
        res.status(statusDeSalud(medida)).json(medida);
      },
    },
    {
      metodo: 'GET',
      path: '/metrics',
      permiso: null,
      siempre: true,
      atender: async (_req, res) => {
        const texto = await medidas();
        res.set({ 'Content-Type': coleccionDeMetricas.contentType, 'Content-Length': String(texto.length) });
        res.end(texto);
      },
    },
  ];
}

/** Writing the metrics takes longer than the rest of the request, so they are written no more often, however many ask. */
const ENTRE_TEXTOS_MS = 50;

/** @returns gives the text as it is after the call; calls at the same time share one */
function createTextoCompartido(escribir: () => Promise<string>): () => Promise<Buffer> {
  let siguiente: Promise<Buffer> | null = null;
  let ultimoMs = -Infinity;
  return () =>
    (siguiente ??= pausa(Math.max(0, ultimoMs + ENTRE_TEXTOS_MS - performance.now())).then(async () => {
      siguiente = null;
      ultimoMs = performance.now();
      return Buffer.from(await escribir());
    }));
}
