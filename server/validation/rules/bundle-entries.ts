// What the references inside a Bundle lead to, by the fullUrl of its entries.
// FHIR R4, https://hl7.org/fhir/R4/bundle.html#references

import { resourceTypes } from '../../fhir/definitions.ts';
import { isObject, type JsonObject } from '../../fhir/json.ts';
import { objects } from '../../terminology/code-index.ts';

export type Entry = {
  /** Its place in Bundle.entry. */
  index: number;
  fullUrl: string | undefined;
  resource: JsonObject;
};

/** A literal reference inside an entry, with its path below the resource: `subject`, `section[0].entry[1]`. */
export type Link = { reference: string; path: string };

/** Of a Bundle, with its entries by fullUrl. */
export type Entries = {
  all: readonly Entry[];
  /** By fullUrl, and with the version of the resource behind it as a reference names one. */
  byUrl: ReadonlyMap<string, readonly Entry[]>;
  /** `Type/id` of every resource. */
  names: ReadonlySet<string>;
};

/** The entries that hold a resource. */
export function entriesOf(bundle: JsonObject): Entries {
  const all = objects(bundle.entry).flatMap(({ fullUrl, resource }, index) =>
    isObject(resource) ? [{ index, fullUrl: typeof fullUrl === 'string' ? fullUrl : undefined, resource }] : [],
  );
  const byUrl = new Map([
    ...Map.groupBy(all, ({ fullUrl = '' }) => fullUrl),
    ...Map.groupBy(all, ({ fullUrl = '', resource }) => `${fullUrl}/_history/${versionOf(resource)}`),
  ]);
  byUrl.delete('');
  return { all, byUrl, names: new Set(all.map(({ resource }) => `${resource.resourceType}/${resource.id}`)) };
}

/** Every Reference with a `reference` in a resource and what it contains, but for #id and what a Bundle in it holds. */
export function linksOf(resource: JsonObject): Link[] {
  const found: Link[] = [];
  gather(resource, '', found);
  return found;
}

function gather(node: JsonObject, path: string, found: Link[]): void {
  if (typeof node.reference === 'string' && !node.reference.startsWith('#'))
    found.push({ reference: node.reference, path });
  for (const name in node) {
    const child = node[name];
    const below = path === '' ? name : `${path}.${name}`;
    if (Array.isArray(child)) {
      for (const [n, one] of child.entries())
        if (isObject(one) && one.resourceType !== 'Bundle') gather(one, `${below}[${n}]`, found);
    } else if (isObject(child) && child.resourceType !== 'Bundle') gather(child, below, found);
  }
}

const RESTFUL = /^(https?:\/\/.+\/)?([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;

/** The parts of a url as a FHIR server forms it, relative (`base` is '' then) or absolute; undefined for another. */
export function restfulParts(
  url: string,
): { base: string; type: string; id: string; version: string | undefined } | undefined {
  const [, base = '', type = '', id = '', version] = RESTFUL.exec(url) ?? [];
  return resourceTypes.has(type) ? { base, type, id, version } : undefined;
}

/** The entries that a reference in `from` leads to: by its own text where it is absolute, else beside the fullUrl of `from`. */
export function targetsOf(reference: string, from: Entry, { byUrl }: Entries): readonly Entry[] {
  const [whole = ''] = reference.split('#');
  const isAbsolute = /^[a-z][a-z0-9+.-]*:/i.test(whole);
  const base = from.fullUrl === undefined ? undefined : restfulParts(from.fullUrl)?.base;
  const url = isAbsolute ? whole : base ? `${base}${whole}` : undefined;
  return (url === undefined ? undefined : byUrl.get(url)) ?? [];
}

/** Whether an entry has the type and id that a reference names, whatever its fullUrl. */
export function hasNamesake(reference: string, { names }: Entries): boolean {
  const parts = restfulParts(reference);
  return parts !== undefined && names.has(`${parts.type}/${parts.id}`);
}

const versionOf = ({ meta }: JsonObject): unknown => (isObject(meta) ? meta.versionId : undefined);
