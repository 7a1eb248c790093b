// Writes the definitions of a package: each deflated by itself, found by its urls.

import { deflateRawSync } from 'node:zlib';
import type { ClientBase } from 'pg';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { byteas, integers, texts } from './binary-arrays.ts';
import { LoadFault } from './load-fault.ts';

// Servers hold all of them in memory, deflated.
const mostBytes = 64 * 1024 * 1024;

/** Adds definitions behind the first `count` of a package and returns the new count. Throws LoadFault. */
export async function writeDefinitions(
  client: ClientBase,
  number: number,
  count: number,
  resources: readonly JsonObject[],
): Promise<number> {
  const contents = resources.map((resource) => deflateRawSync(JSON.stringify(resource)));
  const values = [
    number,
    integers(resources.map((_, n) => count + n)),
    texts(resources.map(({ resourceType }) => String(resourceType))),
    texts(resources.map((resource) => JSON.stringify(urlsOf(resource)))),
    texts(resources.map(({ version }) => String(version ?? ''))),
    byteas(contents),
  ];
  await client.query(
    `insert into loaded_definition (loaded, n, type, urls, version, content)
     select $1::int, d.n, d.type, array(select jsonb_array_elements_text(d.urls::jsonb)), d.version, d.content
     from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::bytea[]) d(n, type, urls, version, content)`,
    values,
  );
  const { rows } = await client.query<{ bytes: number }>(
    `select sum(length(d.content))::float8 as bytes from loaded l cross join lateral (
       select content from loaded_definition d where d.loaded = l.number
     ) d where l.until is null`,
  );
  if ((rows[0]?.bytes ?? 0) > mostBytes)
    throw new LoadFault(
      `the definitions that are loaded would take more than ${mostBytes / 1024 / 1024} MB of every server's memory`,
    );
  return count + resources.length;
}

/** A NamingSystem of R4 has no url: it is found by the identifiers that are one. */
export function urlsOf({ resourceType, url, uniqueId }: JsonObject): string[] {
  if (typeof url === 'string') return [url];
  if (resourceType !== 'NamingSystem' || !Array.isArray(uniqueId)) return [];
  return uniqueId
    .filter(isObject)
    .flatMap(({ type, value }) => (type === 'uri' && typeof value === 'string' ? [value] : []));
}
