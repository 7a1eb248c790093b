// The records that a way left behind, in a form in which two ways can be compared: without ids, times of storing and the patients'
// numbers, references replaced by what they point to.
import { createHash } from 'node:crypto';
import { isObject, type JsonObject, parseJson } from '../../server/fhir/json.ts';
import type { Pool } from '../../server/store/pool.ts';

/** A digest of each patient's record, and how many resources it has by type. */
export type Left = { digests: string[]; counts: Record<string, number> };

/** `patients`: the ids, in the order of the hospital's numbers. */
export async function leftIn(pool: Pool, patients: readonly string[]): Promise<Left> {
  const counts: Record<string, number> = {};
  const digests: string[] = [];
  for (const patient of patients) {
    const { rows } = await pool.query<{ content: string }>('select content from resource where owner = $1', [patient]);
    const resources = rows.map(({ content }) => parseJson(content) as JsonObject).filter(isReported);
    for (const { resourceType } of resources) counts[String(resourceType)] = (counts[String(resourceType)] ?? 0) + 1;
    const byReference = new Map(resources.map((one) => [`${one.resourceType}/${one.id}`, one]));
    const texts = resources.map((one) => told(one, byReference, 2)).sort();
    digests.push(createHash('sha256').update(texts.join('\n')).digest('hex'));
  }
  return { digests, counts: Object.fromEntries(Object.entries(counts).sort()) };
}

/** Not what the family and the link made. */
const isReported = ({ resourceType }: JsonObject): boolean => resourceType !== 'Patient' && resourceType !== 'Consent';

/** `depth`: how far references are followed. */
function told(resource: JsonObject, others: ReadonlyMap<string, JsonObject>, depth: number): string {
  const { id: _, meta: __, identifier: ___, recorded: ____, entity: _____, agent: ______, ...rest } = resource;
  const plain = (node: unknown): unknown => {
    if (Array.isArray(node)) {
      const items = node.map(plain);
      // The order of a Provenance's targets is no statement.
      return resource.resourceType === 'Provenance' ? items.map((one) => JSON.stringify(one)).sort() : items;
    }
    if (!isObject(node)) return node;
    if (typeof node.reference === 'string') {
      const other = others.get(node.reference);
      if (other) return depth === 0 ? String(other.resourceType) : told(other, others, depth - 1);
      return node.reference.startsWith('Patient/') ? 'Patient' : node.reference;
    }
    return Object.fromEntries(
      Object.entries(node)
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([name, value]) => [name, name === 'identifier' ? '' : plain(value)]),
    );
  };
  return JSON.stringify(plain(rest));
}
