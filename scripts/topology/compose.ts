/** docker-compose.temporal.yml, as plain processes read it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const service = z.looseObject({
  image: z.string(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  stop_grace_period: z
    .string()
    .regex(/^\d+s$/)
    // Docker's own.
    .default('10s')
    .transform((period) => Number.parseInt(period) * 1_000),
});

const { services } = z
  .object({ services: z.record(z.string(), service) })
  .parse(parse(readFileSync(join(ROOT, 'docker-compose.temporal.yml'), 'utf8'), { merge: true }));

export function serviceOf(name: string): z.infer<typeof service> {
  const found = services[name];
  if (!found) throw new Error(`docker-compose.temporal.yml has no service ${name}`);
  return found;
}

/**
 * A service's environment, its variables replaced as compose replaces them.
 * @param given what deploy/.env would hold
 * @param places what stands in a container (a host and port, a folder), and what stands here instead
 * @throws Error that names a variable that must be given
 */
export function environmentOf(
  name: string,
  given: Partial<Record<string, string>>,
  places: Record<string, string> = {},
): Record<string, string> {
  const anyPlace = new RegExp(
    Object.keys(places)
      .map((place) => place.replaceAll(/[^\w/:]/g, String.raw`\$&`))
      .join('|') || '$^',
    'g',
  );
  const valueOf = (value: string) =>
    value
      .replace(/\$\{([A-Z_]+):([?-])([^}]*)\}/g, (_, variable: string, operator: string, word: string) => {
        const known = given[variable] ?? (operator === '-' ? word : undefined);
        if (known === undefined) throw new Error(`${variable}: ${word}`);
        return known;
      })
      .replace(anyPlace, (place) => places[place] ?? place);
  return Object.fromEntries(
    Object.entries(serviceOf(name).environment).map(([variable, value]) => [variable, valueOf(value)]),
  );
}

/** As its image is tagged. */
export function versionOf(name: string): string {
  const [, version = ''] = /:v?([^@]+)@/.exec(serviceOf(name).image) ?? [];
  return version;
}
