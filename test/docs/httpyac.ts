/** Requests of an .http file, read and sent by httpyac, a client of editors that is none of ours. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { prepareNpmTool } from '../support/referees/tools.ts';

export interface SampleRequest {
  title: string;
  method: string;
  /** With the file's variables as it writes them. */
  url: string;
  /** After `# →` under its title; null where the file says nothing. */
  expected: Expectation | null;
  send(): Promise<Answer>;
}

export interface Expectation {
  status: number;
  /** `error.tipo` and `data.transaccion.estado`, as far as they are said. */
  words: string[];
}

export interface Answer {
  status: number;
  text: string;
}

/** What is used of httpyac 6. */
interface Httpyac {
  cli: { initFileProvider(): void; initIOProvider(): void };
  store: { HttpFileStore: new () => HttpFileStore };
  send(context: {
    httpFile: HttpFile;
    httpRegion: HttpRegion;
    logResponse: (response?: { statusCode: number; body?: unknown }) => Promise<void>;
  }): Promise<boolean>;
}
interface HttpFileStore {
  getOrCreate(
    fileName: string,
    getText: () => Promise<string>,
    version: number,
    options: { workingDir: string },
  ): Promise<HttpFile>;
}
interface HttpFile {
  httpRegions: HttpRegion[];
}
interface HttpRegion {
  metaData: { title?: string };
  symbol: { source?: string };
  request?: { method?: string; url?: string };
  testResults?: { status: string; message: string }[];
}

let httpyac: Httpyac | undefined;

async function loadHttpyac(): Promise<Httpyac> {
  const folder = await prepareNpmTool('httpyac', ['httpyac@6.16.7']);
  const loaded = createRequire(path.join(folder, 'package.json'))('httpyac') as Httpyac;
  loaded.cli.initFileProvider();
  loaded.cli.initIOProvider();
  return loaded;
}

/** @param text of the file; @param given stands in for the file's own variables of these names, as a person writes them in */
export async function readHttpFile(text: string, given: Record<string, string>): Promise<SampleRequest[]> {
  const client = (httpyac ??= await loadHttpyac());
  const filled = text.replaceAll(/^@(\w+) *=.*$/gm, (line, name: string) =>
    given[name] === undefined ? line : `@${name} = ${given[name]}`,
  );
  const fileName = path.resolve('samples/sample.http');
  const store = new client.store.HttpFileStore();
  const httpFile = await store.getOrCreate(fileName, () => Promise.resolve(filled), 0, {
    workingDir: path.dirname(fileName),
  });
  return httpFile.httpRegions.flatMap((httpRegion) => {
    const { metaData, symbol, request } = httpRegion;
    if (!request) return [];
    return {
      title: metaData.title ?? '',
      method: request.method ?? '',
      url: request.url ?? '',
      expected: readExpectation(symbol.source ?? ''),
      async send() {
        let answer: Answer | undefined;
        await client.send({
          httpFile,
          httpRegion,
          logResponse(response) {
            if (response) answer = { status: response.statusCode, text: asText(response.body) };
            return Promise.resolve();
          },
        });
        if (answer) return answer;
        const why = (httpRegion.testResults ?? []).map(({ message }) => message).join('; ');
        throw new Error(`${String(metaData.title)}: no answer ${why}`);
      },
    };
  });
}

function asText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body ?? '');
}

function readExpectation(source: string): Expectation | null {
  const [, status, words = ''] = /^# → (\d{3})((?: [A-Z_]+)*)(?:$|[,;] )/m.exec(source) ?? [];
  return status === undefined
    ? null
    : { status: Number(status), words: words.trim().split(' ').filter(Boolean) };
}
