/** What a person reads once everything runs: where to look, and one line to paste. */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { LOOPBACK, urlLocal } from '../../shared/runtime/url-local.ts';
import { shellWord } from '../shell-word.ts';
import type { Plan } from './plan.ts';
import { PREFIJO } from '../../api/prefijo.ts';

export function banner(plan: Plan): string {
  const api = urlLocal(plan.host, plan.ports.api);
  const rows: [string, string][] = [
    ['API', `${api}${PREFIJO}`],
    ['API docs', `${api}/docs`],
    ['Health', `${api}/health/ready`],
    ['Metrics', `${api}/metrics`],
  ];
  rows.push(
    plan.startsTemporal
      ? ['Temporal UI', urlLocal(LOOPBACK, plan.ports.temporalUi)]
      : ['Temporal', plan.temporalAddress],
    ['Codec', plan.codecUrl],
    ['PKI', `${plan.adapterUrl}${plan.startsSimulator ? '  (simulator)' : ''}`],
    ['Issuer', `${plan.issuerUrl}${plan.startsIssuer ? '  (development)' : ''}`],
    ['State, logs', `${plan.dataDir}, ${plan.dataDir}/logs`],
  );
  return [
    '',
    'MsCoreogCertificadosDigitales is ready.',
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(14)}${value}`),
    '',
    'Issue three certificates: paste this line in another terminal, in this folder.',
    '',
    ...(plan.startsIssuer
      ? []
      : [
          '($CABECERA: a file of yours with the line "Authorization: Bearer" and a token of the issuer.)',
          '',
        ]),
    curlLine(plan, api),
    '',
    'Or see the steps pass and get the files:',
    '',
    `${plan.startsIssuer ? '' : 'EMITIR_TOKEN=$TOKEN '}${emitirCommand(plan)}`,
    '',
    'Ctrl-C drains and stops everything; a second Ctrl-C ends it at once.',
    '',
  ].join('\n');
}

function curlLine(plan: Plan, api: string): string {
  const headers = [
    // A file's name, not the token: a command line is seen by all (ps).
    `"@${plan.startsIssuer ? `$(${tokenCommand(plan)})` : '$CABECERA'}"`,
    "'Content-Type: application/json'",
    `'X-Correlation-ID: ${randomUUID()}'`,
    `'X-Request-ID: ${randomUUID()}'`,
    "'X-Office-Code: LIMA-CENTRO'",
    "'X-Device-ID: PC-001'",
    "'X-Channel: PRESENCIAL'",
  ];
  const options = headers.map((header) => `-H ${header}`).join(' ');
  // A proxy of that terminal is not asked for what is on this machine.
  return `curl -sS --noproxy '*' '${api}${PREFIJO}/obtener-certificado-digital' ${options} --data-binary @samples/solicitud.json`;
}

/** The other terminal does not have this one's variables: what is not the default goes into the line. */
function withVariables(
  command: string,
  variables: [name: string, value: string, byDefault: string][],
): string {
  const changed = variables.filter(([, value, byDefault]) => value !== byDefault);
  return [...changed.map(([name, value]) => `${name}=${shellWord(value)}`), command].join(' ');
}

function tokenCommand({ host, ports, dataDir }: Plan): string {
  return withVariables('npm run -s token -- siirc --cabecera', [
    ['HOST', host, '127.0.0.1'],
    ['OIDC_PORT', String(ports.issuer), '8091'],
    ['DATA_DIR', dataDir, resolve('.data')],
  ]);
}

function emitirCommand({ host, ports, trustAnchors }: Plan): string {
  return withVariables('npm run emitir -- samples/solicitud.json', [
    ['HOST', host, '127.0.0.1'],
    ['PORT', String(ports.api), '8080'],
    ['OIDC_PORT', String(ports.issuer), '8091'],
    ['PKI_TRUST_ANCHORS', trustAnchors, resolve('.data/simulador/ca/cadena.pem')],
  ]);
}
