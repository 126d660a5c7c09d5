/** What an operator copies from docs/operacion.md, and where each command is run. */

/** Begins as what is typed into a shell does. */
const INLINE = /^(temporal|npm|node|curl|openssl|psql|ssh|docker|set-[a-z]+-version) \S/;

export interface Comando {
  /** In one line, without its comment: how the tables name it. */
  nombre: string;
  /** As it stands on the page. */
  texto: string;
}

/** The commands of the fenced blocks of `sh`, and of the text's code spans. */
export function comandosDe(pagina: string): Comando[] {
  const enBloques = [...pagina.matchAll(/^( *)```sh\n([\s\S]*?)^\1```$/gm)].flatMap(([, , bloque = '']) =>
    separar(bloque),
  );
  const texto = pagina.replace(/^( *)```[\s\S]*?^\1```$/gm, '');
  const enLinea = [...texto.matchAll(/`([^`]+)`/g)]
    .map(([, codigo = '']) => enUnaLinea(codigo))
    .filter((codigo) => INLINE.test(codigo) && codigo !== 'npm run');
  return [...enBloques, ...enLinea.map((codigo) => ({ nombre: codigo, texto: codigo }))];
}

/** One by one, as a shell reads them: a newline ends a command, but within quotes and after a backslash. */
function separar(bloque: string): Comando[] {
  const comandos: Comando[] = [];
  let texto = '';
  for (const [trozo] of bloque.matchAll(/\\\n|'[^']*'|"(?:\\.|[^"\\])*"|(?<=^|\s)#.*|\n|[^\n]/g)) {
    if (trozo === '\n') {
      if (texto.trim() !== '') comandos.push({ nombre: enUnaLinea(texto), texto: texto.trim() });
      texto = '';
    } else if (!trozo.startsWith('#')) texto += trozo;
  }
  return comandos;
}

const enUnaLinea = (texto: string) => texto.replaceAll('\\\n', ' ').replace(/\s+/g, ' ').trim();

const DESPLIEGUE = '--deployment-name MsCoreogCertificadosDigitales';
const EMISION = '--workflow-id emision/SOL-2026-000001';
const API = 'http://127.0.0.1:8080/api/v1/coreog/MsCoreogCertificadosDigitales';

/** Run by comandos-de-operacion.long.test.ts, with each server of Temporal. */
export const AQUI = {
  listar: 'temporal workflow list',
  listarAbiertas: `temporal workflow list --query "WorkflowType = 'emitirCertificadoDigital' AND CloseTime IS NULL"`,
  fallidasDeUnaOficina: `temporal workflow list --query "Oficina = 'LIMA-CENTRO' AND ExecutionStatus = 'Failed'"`,
  enEsperaDeLaPki: `temporal workflow list --query "TipoError = 'PKI_NO_DISPONIBLE' AND ExecutionStatus = 'Running'"`,
  inciertas: 'temporal workflow list --query "Incierto = true"',
  deUnCanal: `temporal workflow list --query "Canal = 'PRESENCIAL' AND Paso = 2 AND StartTime > '2026-01-15T13:00:00Z'"`,
  deUnaMasiva: `temporal workflow list --query "Reejecucion = '0b54f1f8-6f0e-4c79-8a5e-2f6d2f9f7c02'"`,
  describirCola: 'temporal task-queue describe --task-queue emision-pki-paso-1',
  describirVersion: `temporal worker deployment describe-version --report-task-queue-stats ${DESPLIEGUE} --build-id 1.1.0`,
  describir: `temporal workflow describe ${EMISION}`,
  cancelar: `temporal workflow cancel ${EMISION}`,
  terminar: `temporal workflow terminate ${EMISION} --reason 'motivo'`,
  reiniciar: `temporal workflow reset ${EMISION} --type FirstWorkflowTask --reason 'motivo'`,
  pausar: `temporal workflow pause ${EMISION} --reason 'motivo'`,
  reanudar: `temporal workflow unpause ${EMISION} --reason 'motivo'`,
  pausarActividad: `temporal activity pause ${EMISION} --activity-id 2`,
  reanudarActividad: `temporal activity unpause ${EMISION} --activity-id 2`,
  terminarOrden: "temporal workflow terminate --workflow-id mantenimiento/recifrarRegistro --reason 'motivo'",
  hacerActual: `temporal worker deployment set-current-version --yes ${DESPLIEGUE} --build-id 1.1.0`,
  probarConUnaParte: `temporal worker deployment set-ramping-version --yes --percentage 5 ${DESPLIEGUE} --build-id 1.1.0`,
  quitarLaParte: `temporal worker deployment set-ramping-version --yes --delete ${DESPLIEGUE}`,
  dejarVersiones: `temporal worker deployment set-current-version --yes --unversioned ${DESPLIEGUE}`,
  contarDeUnaVersion: `temporal workflow count --query 'TemporalWorkerDeploymentVersion = "MsCoreogCertificadosDigitales:1.0.0" AND CloseTime IS NULL'`,
  moverDeVersion: `temporal workflow reset with-workflow-update-options ${EMISION} --type FirstWorkflowTask --reason 'su versión ya no existe' --versioning-override-behavior auto_upgrade`,
  consultar: `curl -sS -H "@$(npm run -s token -- consulta --cabecera)" ${API}/solicitudes/SOL-2026-000001`,
  reejecutarEnMasa: `curl -sS -i -X POST -H "@$(npm run -s token -- soporte --cabecera)" -H 'Content-Type: application/json' -d '{"motivo": "Cambio de CA", "simular": true, "filtro": {"tipoError": "CERTIFICADO_NO_CONFORME", "desde": "2026-11-22T09:00:00-05:00", "hasta": "2026-11-22T10:00:00-05:00"}}' ${API}/reejecuciones`,
  conciliar: 'npm run conciliar',
  conciliarForzando: 'npm run conciliar -- --forzar',
  recifrar: 'npm run recifrar',
  mudar: "npm run mudar-temporal -- --motivo 'se retira el cluster anterior' --quien ana.perez",
  verificar: 'npm run bitacora -- verificar',
  nuevaEpoca: 'npm run bitacora -- nueva-epoca "copia del lunes"',
  otraEpoca: 'npm run bitacora -- nueva-epoca "incidente 14"',
  claveNueva: 'openssl rand -base64 32',
} as const;

const EN_CONTENEDORES = 'docker compose --env-file deploy/.env -f docker-compose.temporal.yml';
const BITACORA = 'test/scripts/bitacora/bitacora.long.test.ts';

/** Run by another test: its file, and the words that run the command. */
export const EN_OTRA_PRUEBA: Record<string, readonly [archivo: string, palabras: string]> = {
  'npm start': ['test/scripts/start/start.test.ts', 'scripts/start.mjs'],
  'npm run -s token -- soporte': ['test/scripts/token.test.ts', 'scripts/token.ts'],
  'npm run token -- … --cabecera': ['test/scripts/token.test.ts', '--cabecera'],
  'npm run bitacora -- comprobar': [BITACORA, "bitacora(['comprobar'"],
  'npm run bitacora -- clave': [BITACORA, "bitacora(['clave']"],
  'npm run -s bitacora -- clave': [BITACORA, "bitacora(['clave']"],
  'npm run -s bitacora -- nueva-clave NOMBRE': [BITACORA, "bitacora(['nueva-clave'"],
  'npm run bitacora -- adoptar "actualización"': [
    'test/e2e/cambios/actualizacion.long.test.ts',
    "'bitacora.ts', 'adoptar', 'actualización'",
  ],
  'npm run bitacora -- reconocer 2 "copia del lunes, incidente 14"': [
    'test/caos/juicio/bitacora.ts',
    "'bitacora.ts', 'reconocer'",
  ],
  'npm run seguir -- 5f0c8b1e-8d0f-4e55-9a3c-2d8a1f3f7c10': [
    'test/e2e/soporte/seguimiento.long.test.ts',
    "comando('seguir.ts'",
  ],
  'npm run tableros': ['test/deploy/tableros.test.ts', 'createTablero(tablero)'],
  'npm run codec': ['test/support/servidores/stack.ts', "archivo: 'servicio/codec.ts'"],
  'temporal workflow show --workflow-id emision/SOL-2026-000001 --codec-endpoint http://127.0.0.1:8092 --codec-auth "Bearer $(npm run -s token -- operador)"':
    ['test/e2e/soporte/codec.long.test.ts', "'--codec-endpoint'"],
  'npm run mudar-temporal': ['test/e2e/cambios/procedencia.long.test.ts', "comando('mudar-temporal.ts'"],
};

/** Run by nobody: why. */
export const SIN_PRUEBA: Record<string, string> = {
  [`${EN_CONTENEDORES} run --rm --no-deps temporal-espacio temporal workflow list`]: 'needs an engine',
  [`${EN_CONTENEDORES} exec worker node scripts/conciliar.ts --forzar`]:
    'needs an engine; that the image holds the orders is tried by test/deploy/compose.test.ts',
  [`${EN_CONTENEDORES} exec worker node scripts/bitacora.ts verificar`]: 'the same',
  [`${EN_CONTENEDORES} logs --no-log-prefix api worker | npm run -s seguir -- 5f0c8b1e-8d0f-4e55-9a3c-2d8a1f3f7c10 -`]:
    'needs an engine; that seguir reads logs is tried by test/e2e/soporte/seguimiento.long.test.ts',
  'npm run bench': 'measures for minutes',
  'ssh -L 8233:127.0.0.1:8233 MÁQUINA': 'needs another machine',
  'temporal workflow list --address SERVIDOR:7233': 'needs a server with certificates',
};
