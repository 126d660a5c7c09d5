/**
 * The dashboards of Grafana, by Grafana's own builders: `npm run tableros` writes them to
 * deploy/monitoring/tableros, where Grafana reads them. Change them here: an operator reads Spanish.
 */
import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  RowBuilder,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  LegendDisplayMode,
  LegendPlacement,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** Units by Grafana's names: seconds, per second, per minute, bytes, a share of one, and a plain number. */
type Unidad = 's' | 'ops' | 'cpm' | 'bytes' | 'percentunit' | 'short';

interface Panel {
  titulo: string;
  unidad: Unidad;
  /** Query, and what its lines are called. */
  consultas: readonly [expr: string, leyenda: string][];
  /** What it means where it rises, for whoever sees it for the first time. */
  explica: string;
}

interface Tablero {
  /** Of its address, and of its file. */
  uid: string;
  titulo: string;
  filas: Record<string, readonly Panel[]>;
}

const FUENTE = { type: 'prometheus', uid: '${fuente}' };
/** Of 24 columns. */
const ANCHO = 8;
const ALTO = 7;

/** @param etiquetas by which lines are told apart, beside the buckets */
function percentil(percentil: number, metrica: string, etiquetas: readonly string[] = []): string {
  const por = ['le', ...etiquetas].join(', ');
  return `histogram_quantile(${percentil}, sum by (${por}) (rate(${metrica}_bucket[$__rate_interval])))`;
}

function ritmo(metrica: string, etiquetas: readonly string[]): string {
  return `sum by (${etiquetas.join(', ')}) (rate(${metrica}[$__rate_interval]))`;
}

/** As the last pass of reconciliation or retention left it, whichever process made it. */
function deLaUltima(pasada: 'conciliacion' | 'retencion', metrica: string): string {
  const cuando = `${pasada}_ultima_timestamp_seconds`;
  return `max(${metrica} and on (job, instance) (${cuando} == scalar(max(${cuando}))))`;
}

const SERVICIO: Tablero = {
  uid: 'coreog-servicio',
  titulo: 'Certificados digitales: servicio',
  filas: {
    Emisión: [
      {
        titulo: 'Emisiones por minuto',
        unidad: 'cpm',
        consultas: [[`60 * ${ritmo('emisiones_total', ['estado', 'tipo'])}`, '{{estado}} {{tipo}}']],
        explica: 'Por su resultado. Los FALLIDO se explican en docs/operacion.md, «Tabla de fallos».',
      },
      {
        titulo: 'Tiempo hasta emitir',
        unidad: 's',
        consultas: [0.5, 0.95, 0.99].map((p) => [percentil(p, 'emision_duration_seconds'), `p${p * 100}`]),
        explica:
          'Desde que se acepta una solicitud, o su reejecución, hasta sus certificados. Lo que espera a la PKI también cuenta.',
      },
      {
        titulo: 'Certificados por minuto',
        unidad: 'cpm',
        consultas: [[`60 * ${ritmo('certificados_emitidos_total', ['tipo'])}`, '{{tipo}}']],
        explica: 'Comparados y entregados, por tipo.',
      },
      {
        titulo: 'Ciudadanos con candado',
        unidad: 'short',
        consultas: [
          [deLaUltima('conciliacion', 'candados_retenidos'), 'candados'],
          [deLaUltima('conciliacion', 'solicitudes_inciertas'), 'inciertas'],
          [deLaUltima('conciliacion', 'candados_sin_razon'), 'sin razón'],
        ],
        explica:
          'Con una solicitud que sigue en proceso o que quedó incierta, en la última conciliación. Sin razón no debe haber ninguno.',
      },
      {
        titulo: 'Edad del más antiguo',
        unidad: 's',
        consultas: [
          [deLaUltima('conciliacion', 'candado_edad_seconds'), 'candado'],
          [deLaUltima('conciliacion', 'solicitud_incierta_edad_seconds'), 'incierta'],
        ],
        explica: 'Si crece sin parar, alguien debe decidir: «Resultado incierto», o la PKI no vuelve.',
      },
      {
        titulo: 'Reintentos a la PKI',
        unidad: 'cpm',
        consultas: [[`60 * ${ritmo('pki_retries_total', ['tipo'])}`, '{{tipo}}']],
        explica: 'Intentos que fallaron y se repiten, por su fallo.',
      },
    ],
    API: [
      {
        titulo: 'Partes a las que llega',
        unidad: 'short',
        consultas: [['min by (job, parte) (health_part_ready)', '{{job}}: {{parte}}']],
        explica: 'En 0, ese proceso no atiende: «Salud, logs y métricas».',
      },
      {
        titulo: 'Respuestas por segundo',
        unidad: 'ops',
        consultas: [[ritmo('http_requests_total', ['status']), '{{status}}']],
        explica: 'Por código HTTP; sin_respuesta: el cliente se fue antes.',
      },
      {
        titulo: 'Duración, p95',
        unidad: 's',
        consultas: [
          [percentil(0.95, 'http_request_duration_seconds', ['method', 'route']), '{{method}} {{route}}'],
        ],
        explica: 'Un POST espera la emisión hasta ESPERA_SINCRONA_MS.',
      },
      {
        titulo: 'Rechazadas o no esperadas',
        unidad: 'cpm',
        consultas: [
          [`60 * ${ritmo('http_shed_requests_total', ['tope'])}`, 'tope {{tope}}'],
          [`60 * ${ritmo('http_rate_limited_total', ['limite'])}`, 'límite de {{limite}}'],
        ],
        explica: 'Por el tope o el límite que se alcanzó: «Sobrecarga».',
      },
      {
        titulo: 'Esperan ahora',
        unidad: 'short',
        consultas: [['sum by (instance) (http_waiting_requests)', '{{instance}}']],
        explica: 'Peticiones que esperan el resultado de su emisión, de ESPERAS_SIMULTANEAS_MAX.',
      },
    ],
    Procesos: [
      {
        titulo: 'CPU',
        unidad: 'percentunit',
        consultas: [['rate(process_cpu_seconds_total[$__rate_interval])', '{{job}} {{instance}}']],
        explica: 'De un núcleo. Un proceso de Node usa poco más de uno.',
      },
      {
        titulo: 'Memoria',
        unidad: 'bytes',
        consultas: [['process_resident_memory_bytes', '{{job}} {{instance}}']],
        explica: 'Residente. La de un worker crece con las emisiones abiertas en memoria.',
      },
      {
        titulo: 'Retraso del bucle de eventos, p99',
        unidad: 's',
        consultas: [['nodejs_eventloop_lag_p99_seconds', '{{job}} {{instance}}']],
        explica: 'Más de 0,1 s: el proceso no da abasto, y todo en él espera.',
      },
    ],
  },
};

const PKI: Tablero = {
  uid: 'coreog-pki',
  titulo: 'Certificados digitales: PKI',
  filas: {
    Llamadas: [
      {
        titulo: 'Llamadas por minuto',
        unidad: 'cpm',
        consultas: [
          [
            `60 * ${ritmo('pki_call_duration_seconds_count', ['paso', 'resultado'])}`,
            'paso {{paso}} {{resultado}}',
          ],
        ],
        explica: 'Por paso y resultado: COMPLETADO o el fallo.',
      },
      {
        titulo: 'Duración',
        unidad: 's',
        consultas: [0.5, 0.95].map((p) => [
          percentil(p, 'pki_call_duration_seconds', ['paso']),
          `paso {{paso}} p${p * 100}`,
        ]),
        explica: 'Lo que tarda la PKI en responder. Al llegar a PKI_TIMEOUT_MS son TIEMPO_PKI_AGOTADO.',
      },
      {
        titulo: 'Reintentos por minuto',
        unidad: 'cpm',
        consultas: [[`60 * ${ritmo('pki_retries_total', ['paso', 'tipo'])}`, 'paso {{paso}} {{tipo}}']],
        explica: 'Intentos que fallaron y se repiten.',
      },
      {
        titulo: 'Responde otro',
        unidad: 'cpm',
        consultas: [
          [`60 * ${ritmo('pki_foreign_answers_total', ['paso', 'codigo'])}`, 'paso {{paso}} HTTP {{codigo}}'],
        ],
        explica: 'Respuestas sin el sobre de MsAdaptadorPKI: una pasarela, o la dirección es otra.',
      },
    ],
    Circuito: [
      {
        titulo: 'Estado',
        unidad: 'short',
        consultas: [['max by (paso, instance) (pki_circuit_state)', 'paso {{paso}} {{instance}}']],
        explica: '0 cerrado: se envía. 1 a prueba. 2 abierto: las emisiones esperan a que la PKI vuelva.',
      },
      {
        titulo: 'Hasta la próxima prueba',
        unidad: 's',
        consultas: [['min by (paso) (pki_circuit_rest_seconds)', 'paso {{paso}}']],
        explica: 'De quien antes prueba.',
      },
      {
        titulo: 'Aperturas y devueltas por minuto',
        unidad: 'cpm',
        consultas: [
          [`60 * ${ritmo('pki_circuit_opened_total', ['paso'])}`, 'paso {{paso}} aperturas'],
          [`60 * ${ritmo('pki_circuit_rejected_total', ['paso'])}`, 'paso {{paso}} devueltas'],
        ],
        explica: 'Cada prueba que falla cuenta como una apertura.',
      },
    ],
    'Lo que espera': [
      {
        titulo: 'Pasos en cola',
        unidad: 'short',
        consultas: [['max by (cola) (temporal_queue_backlog{cola=~"emision-pki-.*"})', '{{cola}}']],
        explica: 'Con el circuito abierto es lo retenido, que sale solo al cerrarse.',
      },
      {
        titulo: 'Edad del primero de la cola',
        unidad: 's',
        consultas: [
          ['max by (cola) (temporal_queue_backlog_age_seconds{cola=~"emision-pki-.*"})', '{{cola}}'],
        ],
        explica: 'Crece mientras la PKI no responde, o si faltan workers.',
      },
    ],
  },
};

const REGISTRO: Tablero = {
  uid: 'coreog-registro',
  titulo: 'Certificados digitales: registro y bitácora',
  filas: {
    'Base de datos': [
      {
        titulo: 'Sentencias por segundo',
        unidad: 'ops',
        consultas: [
          [
            ritmo('register_statement_duration_seconds_count', ['operacion', 'resultado']),
            '{{operacion}} {{resultado}}',
          ],
        ],
        explica: 'FALLIDA: la base la negó, o no respondió.',
      },
      {
        titulo: 'Duración, p95',
        unidad: 's',
        consultas: [
          [percentil(0.95, 'register_statement_duration_seconds', ['operacion']), '{{operacion}}'],
          [percentil(0.95, 'register_connection_wait_seconds'), 'espera de conexión'],
        ],
        explica: 'Si lo que crece es la espera de conexión, faltan conexiones o la base es lenta.',
      },
      {
        titulo: 'Conexiones',
        unidad: 'short',
        consultas: [['sum by (job, estado) (register_pool_connections)', '{{job}} {{estado}}']],
        explica: 'EN_ESPERA: quien aguarda una.',
      },
    ],
    Bitácora: [
      {
        titulo: 'Sin lugar en el árbol',
        unidad: 'short',
        consultas: [
          ['max(audit_log_pending_entries)', 'pendientes'],
          ['max(audit_log_unsealed_entries)', 'sin sello'],
        ],
        explica: 'Sin sello: alguien escribió en la tabla por su cuenta.',
      },
      {
        titulo: 'Espera y candado',
        unidad: 's',
        consultas: [
          ['max(audit_log_oldest_pending_seconds)', 'la más antigua'],
          ['max(audit_log_lock_held_seconds)', 'candado retenido'],
          ['max by (testigo) (audit_log_witness_unseen_seconds)', 'testigo {{testigo}}'],
        ],
        explica: 'Más de 600 s: nadie firma, o el testigo no guarda lo último.',
      },
      {
        titulo: 'Debe ser cero',
        unidad: 'short',
        consultas: [
          ['max(audit_log_findings)', 'hallazgos'],
          ['max(audit_log_stopped)', 'detenida'],
          ['sum(audit_log_contradictions_total)', 'contradicciones'],
          ['sum(register_altered_certificates_total)', 'certificados alterados'],
        ],
        explica: 'Lo guardado no es lo que se firmó: «Bitácora».',
      },
      {
        titulo: 'Tamaño del árbol',
        unidad: 'short',
        consultas: [
          ['max(audit_log_tree_size)', 'árbol'],
          ['max by (testigo) (audit_log_witness_tree_size)', 'testigo {{testigo}}'],
        ],
        explica: 'El testigo sigue al árbol de cerca.',
      },
    ],
    'Pasadas y descifrado': [
      {
        titulo: 'Desde la última pasada',
        unidad: 's',
        consultas: [
          ['time() - max(conciliacion_ultima_timestamp_seconds)', 'conciliación'],
          ['time() - max(retencion_ultima_timestamp_seconds)', 'retención'],
          ['time() - max(audit_log_verified_timestamp_seconds)', 'verificación'],
        ],
        explica: 'La retención y la verificación son diarias.',
      },
      {
        titulo: 'Lo que no pudieron',
        unidad: 'short',
        consultas: [
          [deLaUltima('conciliacion', 'conciliacion_diferencias'), 'sin conciliar'],
          [deLaUltima('conciliacion', 'conciliacion_detenida'), 'conciliación detenida'],
          [deLaUltima('retencion', 'retencion_sin_retirar'), 'sin retirar'],
          [deLaUltima('retencion', 'retencion_detenida'), 'retención detenida'],
        ],
        explica: 'De la última pasada: «Conciliación» y «Retención de datos personales».',
      },
      {
        titulo: 'Lecturas descifradas por minuto',
        unidad: 'cpm',
        consultas: [
          [
            `60 * ${ritmo('codec_decoded_payloads_total', ['datos_personales'])}`,
            'con datos personales: {{datos_personales}}',
          ],
        ],
        explica: 'Lo que personas leyeron de Temporal por el servidor de descifrado.',
      },
    ],
  },
};

const COLA = ['task_queue'];

const TEMPORAL: Tablero = {
  uid: 'coreog-temporal',
  titulo: 'Certificados digitales: Temporal',
  filas: {
    Colas: [
      {
        titulo: 'Tareas en cola',
        unidad: 'short',
        consultas: [['max by (cola, tipo) (temporal_queue_backlog)', '{{cola}} {{tipo}}']],
        explica: 'Lo que espera a un worker.',
      },
      {
        titulo: 'Edad de la primera',
        unidad: 's',
        consultas: [['max by (cola, tipo) (temporal_queue_backlog_age_seconds)', '{{cola}} {{tipo}}']],
        explica: 'Más de unos segundos en la cola «emision»: faltan workers.',
      },
      {
        titulo: 'Espera antes de empezar, p95',
        unidad: 's',
        consultas: [
          [
            percentil(0.95, 'temporal_workflow_task_schedule_to_start_latency_seconds', COLA),
            'workflow {{task_queue}}',
          ],
          [
            percentil(0.95, 'temporal_activity_schedule_to_start_latency_seconds', COLA),
            'activity {{task_queue}}',
          ],
        ],
        explica: 'Desde que Temporal tiene la tarea hasta que un worker la empieza.',
      },
    ],
    Workers: [
      {
        titulo: 'Lugares libres',
        unidad: 'short',
        consultas: [
          [
            'sum by (task_queue, worker_type) (temporal_worker_task_slots_available)',
            '{{task_queue}} {{worker_type}}',
          ],
        ],
        explica: 'En cero durante minutos: faltan workers.',
      },
      {
        titulo: 'Tareas de workflow, p95',
        unidad: 's',
        consultas: [
          [
            percentil(0.95, 'temporal_workflow_task_execution_latency_seconds', ['workflow_type']),
            '{{workflow_type}}',
          ],
          [
            percentil(0.95, 'temporal_workflow_task_replay_latency_seconds', ['workflow_type']),
            'relectura {{workflow_type}}',
          ],
        ],
        explica: 'La relectura crece si las emisiones abiertas no caben en memoria.',
      },
      {
        titulo: 'En memoria',
        unidad: 'short',
        consultas: [
          ['sum by (instance, task_queue) (temporal_sticky_cache_size)', '{{instance}} {{task_queue}}'],
        ],
        explica: 'Emisiones abiertas en memoria, hasta 500 por worker y cola.',
      },
      {
        titulo: 'Actividades locales, p95',
        unidad: 's',
        consultas: [
          [
            percentil(0.95, 'temporal_local_activity_execution_latency_seconds', ['activity_type']),
            '{{activity_type}}',
          ],
        ],
        explica: 'Las escrituras en el registro.',
      },
    ],
    Servidor: [
      {
        titulo: 'Llamadas por segundo',
        unidad: 'ops',
        consultas: [[ritmo('temporal_request_total', ['operation']), '{{operation}}']],
        explica: 'De los workers a Temporal.',
      },
      {
        titulo: 'Llamadas fallidas por minuto',
        unidad: 'cpm',
        consultas: [
          [
            `60 * ${ritmo('temporal_request_failure_total', ['operation', 'status_code'])}`,
            '{{operation}} {{status_code}}',
          ],
        ],
        explica: 'RESOURCE_EXHAUSTED: Temporal pide menos; UNAVAILABLE: no responde.',
      },
      {
        titulo: 'Duración, p95',
        unidad: 's',
        consultas: [[percentil(0.95, 'temporal_request_latency_seconds', ['operation']), '{{operation}}']],
        explica: 'De las llamadas cortas.',
      },
      {
        titulo: 'Ajeno, en total',
        unidad: 'short',
        consultas: [['sum by (tipo) (temporal_foreign_total)', '{{tipo}}']],
        explica: 'Debe ser cero: alguien más alcanza Temporal.',
      },
    ],
  },
};

export const TABLEROS: readonly Tablero[] = [SERVICIO, PKI, REGISTRO, TEMPORAL];

/* eslint-disable @typescript-eslint/no-deprecated -- of the classic schema, which every Grafana imports; v2 asks for 12 */
export function createTablero({ uid, titulo, filas }: Tablero): Dashboard {
  const tablero = new DashboardBuilder(titulo)
    .uid(uid)
    .tags(['MsCoreogCertificadosDigitales'])
    .refresh('30s')
    .time({ from: 'now-6h', to: 'now' })
    .timezone('browser')
    .withVariable(new DatasourceVariableBuilder('fuente').label('Fuente').type('prometheus'));
  for (const [fila, paneles] of Object.entries(filas)) {
    tablero.withRow(new RowBuilder(fila));
    for (const panel of paneles) tablero.withPanel(createPanel(panel));
  }
  return tablero.build();
}
/* eslint-enable @typescript-eslint/no-deprecated */

function createPanel({ titulo, unidad, consultas, explica }: Panel): PanelBuilder {
  const panel = new PanelBuilder()
    .title(titulo)
    .description(explica)
    .unit(unidad)
    .min(0)
    .datasource(FUENTE)
    .span(ANCHO)
    .height(ALTO)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
  for (const [i, [expr, leyenda]] of consultas.entries())
    panel.withTarget(
      new DataqueryBuilder()
        .refId(String.fromCharCode('A'.charCodeAt(0) + i))
        .expr(expr)
        .legendFormat(leyenda)
        .datasource(FUENTE),
    );
  return panel;
}
