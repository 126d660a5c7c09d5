/** docker-compose.temporal.yml, as plain processes read it: their environment, with values and files in their place. */
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
});

const { services } = z
  .object({ services: z.record(z.string(), service) })
  .parse(parse(readFileSync(join(ROOT, 'docker-compose.temporal.yml'), 'utf8'), { merge: true }));

/** Of databases on loopback that end with their process. */
export const PASSWORDS = {
  POSTGRES_PASSWORD: 'local',
  TEMPORAL_DB_PASSWORD: 'local',
  REGISTRO_DB_PASSWORD: 'local',
};

export function serviceOf(name: string): z.infer<typeof service> {
  const found = services[name];
  if (!found) throw new Error(`docker-compose.temporal.yml has no service ${name}`);
  return found;
}

/**
 * A service's, where containers have no part.
 * @param given what deploy/.env would hold, beside the passwords
 * @param places parts of values, a host and port or a folder, and what stands there instead
 */
export function environmentOf(
  name: string,
  given: Record<string, string>,
  places: Record<string, string>,
): Record<string, string> {
  const variables: Record<string, string> = { ...PASSWORDS, ...given };
  const valueOf = (value: string) => {
    const told = value.replace(
      /\$\{([A-Z_]+):([?-])([^}]*)\}/g,
      (_, variable: string, operator: string, word: string) =>
        variables[variable] ?? (operator === '-' ? word : ''),
    );
    return Object.entries(places).reduce((text, [there, here]) => text.replaceAll(there, here), told);
  };
  return Object.fromEntries(
    Object.entries(serviceOf(name).environment).map(([variable, value]) => [variable, valueOf(value)]),
  );
}

/** As its image is tagged. */
export function versionOf(name: string): string {
  const [, version = ''] = /:v?([^@]+)@/.exec(serviceOf(name).image) ?? [];
  return version;
}
