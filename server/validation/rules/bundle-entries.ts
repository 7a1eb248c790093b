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
export type Entries = { all: readonly Entry[]; byUrl: ReadonlyMap<string, readonly Entry[]> };

/** The entries that hold a resource. */
export function entriesOf(bundle: JsonObject): Entries {
  const all = objects(bundle.entry).flatMap(({ fullUrl, resource }, index) =>
    isObject(resource) ? [{ index, fullUrl: typeof fullUrl === 'string' ? fullUrl : undefined, resource }] : [],
  );
  const byUrl = Map.groupBy(all, ({ fullUrl = '' }) => fullUrl);
  byUrl.delete('');
  return { all, byUrl };
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
  const parts = restfulParts(whole);
  const version = parts?.version;
  const plain = version === undefined ? whole : whole.slice(0, -`/_history/${version}`.length);
  const isAbsolute = /^[a-z][a-z0-9+.-]*:/i.test(plain);
  const base = from.fullUrl === undefined ? undefined : restfulParts(from.fullUrl)?.base;
  const url = isAbsolute ? plain : base ? `${base}${plain}` : undefined;
  const found = (url === undefined ? undefined : byUrl.get(url)) ?? [];
  return version === undefined ? found : found.filter(({ resource }) => versionOf(resource) === version);
}

/** Entries of the type and id that a relative reference names, whatever their fullUrl. */
export function namesakesOf(reference: string, { all }: Entries): Entry[] {
  const parts = restfulParts(reference);
  return all.filter(({ resource }) => resource.resourceType === parts?.type && resource.id === parts?.id);
}

const versionOf = ({ meta }: JsonObject): unknown => (isObject(meta) ? meta.versionId : undefined);
