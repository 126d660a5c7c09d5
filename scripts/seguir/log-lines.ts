/** Lines of this service's logs: one JSON object each. What is not one (another program's, a line cut in half) is passed over. */
import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import { z } from 'zod';

const logLine = z.looseObject({
  time: z.iso.datetime(),
  level: z.number(),
  name: z.string(),
  msg: z.string(),
  correlationId: z.string().optional(),
  codigoSolicitudTramite: z.string().optional(),
  workflowId: z.string().optional(),
  attempt: z.number().optional(),
  err: z.object({ message: z.string() }).optional(),
});

export type LogLine = z.infer<typeof logLine>;

/** UTF-16 units: none of ours is nearly as long. */
const LONGEST_LINE = 1 << 20;

export async function* readLogLines(source: Readable): AsyncGenerator<LogLine> {
  for await (const text of createInterface({ input: source, crlfDelay: Infinity })) {
    if (text.length > LONGEST_LINE) continue;
    // A container's log has a name before each line.
    const json = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
    if (!json.startsWith('{')) continue;
    try {
      const { data } = logLine.safeParse(JSON.parse(json));
      if (data) yield data;
    } catch {
      continue;
    }
  }
}
