/** Schemathesis (from PyPI): requests made from an OpenAPI document, good and bad, and its judgement of every answer. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { preparePythonTool } from '../../../support/referees/tools.ts';
import { runProgram } from '../../../support/procesos/run-program.ts';

/** The tool, and what makes its data of a seed: with another version the seed means other data. */
const REQUIREMENTS = ['schemathesis==4.32.5', 'hypothesis==6.170.15', 'jsonschema_rs==0.60.3'];
const CONFIGURATION = path.join(import.meta.dirname, 'schemathesis.toml');

export function prepareSchemathesis(): Promise<string> {
  return preparePythonTool('schemathesis', REQUIREMENTS);
}

/** One request that was made, and its answer. */
export interface Probe {
  /** Method and path, as the document writes them. */
  operation: string;
  /** Whether the request is one that the document allows. */
  valid: boolean;
  /** Null where none came. */
  status: number | null;
  body: string;
}

export interface Findings {
  probes: Probe[];
  /** How often each check judged an answer. */
  checks: Map<string, number>;
  /** "check operation: title", once each. */
  faults: string[];
  exitCode: number;
  /** What a person reads: every fault with the request that shows it, and the seed. */
  output: string;
}

/**
 * @param location URL or file of the document
 * @param tokens what the configuration calls TOKEN_…
 */
export async function runSchemathesis(
  location: string,
  tokens: Record<string, string>,
  args: readonly string[] = [],
  configuration = CONFIGURATION,
): Promise<Findings> {
  const programs = await prepareSchemathesis();
  const folder = await mkdtemp(path.join(tmpdir(), 'schemathesis-'));
  try {
    const report = path.join(folder, 'report.ndjson');
    const { code, output } = await runProgram(
      path.join(programs, 'schemathesis'),
      [
        '--config-file',
        configuration,
        '--no-color',
        'run',
        location,
        '--report-ndjson-path',
        report,
        ...args,
      ],
      folder,
      { ...process.env, ...tokens },
    );
    return { ...readReport(await readFile(report, 'utf8')), exitCode: code, output };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One line of the report; only those of finished scenarios are read. */
interface ReportLine {
  ScenarioFinished?: { recorder: Partial<Recorder> & { label: string } };
}
interface Recorder {
  cases: Record<string, { value: { meta: { generation: { mode: string } } | null } }>;
  checks: Record<string, { name: string; failure_info?: { failure: { title: string } } }[]>;
  interactions: Record<string, { response: { status_code: number; content?: { $base64: string } } | null }>;
}

function readReport(report: string): Pick<Findings, 'probes' | 'checks' | 'faults'> {
  const probes: Probe[] = [];
  const checks = new Map<string, number>();
  const faults = new Set<string>();
  for (const line of report.trimEnd().split('\n')) {
    const { recorder } = (JSON.parse(line) as ReportLine).ScenarioFinished ?? {};
    if (recorder === undefined) continue;
    for (const [id, { response }] of Object.entries(recorder.interactions ?? {})) {
      probes.push({
        operation: recorder.label,
        valid: recorder.cases?.[id]?.value.meta?.generation.mode === 'positive',
        status: response?.status_code ?? null,
        body: Buffer.from(response?.content?.$base64 ?? '', 'base64').toString('utf8'),
      });
    }
    for (const { name, failure_info: info } of Object.values(recorder.checks ?? {}).flat()) {
      checks.set(name, (checks.get(name) ?? 0) + 1);
      if (info) faults.add(`${name} ${recorder.label}: ${info.failure.title}`);
    }
  }
  return { probes, checks, faults: [...faults] };
}
