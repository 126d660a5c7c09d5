/** Requests of an .http file (VS Code REST Client, JetBrains), each with what the comment under its title says of the answer. */

export interface SampleRequest {
  title: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | null;
  /** After `# →`; null where the request says nothing. */
  expected: Expectation | null;
}

export interface Expectation {
  status: number;
  /** `error.tipo` and `data.transaccion.estado`, as far as they are said. */
  words: string[];
}

/** Reads the file; `given` stands in for the file's own variables of these names. */
export function readHttpFile(text: string, given: Record<string, string>): SampleRequest[] {
  const variables = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(/^@(\w+) *= *(.*)$/gm))
    variables.set(name, given[name] ?? fill(value, variables));
  return text
    .split(/^###/m)
    .slice(1)
    .flatMap((block) => readBlock(block, variables));
}

/** None where the block is only a heading. */
function readBlock(block: string, variables: Map<string, string>): SampleRequest[] {
  const [title = '', ...lines] = block.split('\n');
  const start = lines.findIndex((line) => /^[A-Z]+ /.test(line));
  if (start < 0) return [];
  const [method = '', url = ''] = fill(lines[start] ?? '', variables).split(' ');
  const blank = lines.indexOf('', start);
  const end = blank < 0 ? lines.length : blank;
  const headers = lines.slice(start + 1, end).map((line) => fill(line, variables).split(/: (.*)/));
  const body = fill(lines.slice(end).join('\n').trim(), variables);
  return [
    {
      title: title.trim(),
      method,
      url,
      headers: Object.fromEntries(headers.map(([name = '', value = '']) => [name, value])),
      body: body === '' ? null : body,
      expected: readExpectation(lines.slice(0, start)),
    },
  ];
}

function readExpectation(comments: string[]): Expectation | null {
  const [, status, words = ''] =
    comments.map((line) => /^# → (\d{3})((?: [A-Z_]+)*)(?:$|[,;] )/.exec(line)).find((match) => match) ?? [];
  return status === undefined
    ? null
    : { status: Number(status), words: words.trim().split(' ').filter(Boolean) };
}

/** @throws Error that names a variable which the file does not define */
function fill(text: string, variables: Map<string, string>): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_whole, name: string) => {
    const value = variables.get(name);
    if (value === undefined) throw new Error(`the file does not define {{${name}}}`);
    return value;
  });
}
