// Everything in a resource that can link to another entry of the same transaction: references, elements of type uri, url,
// oid and uuid, links and images in narratives. FHIR R4 transaction rules, https://hl7.org/fhir/R4/http.html#trules

import { isObject, type JsonObject } from './json.ts';
import type { ReferenceNode } from './references.ts';
import { shapeOf } from './shapes.ts';

export type Links = {
  /** Every element with a `reference`, contained ones included, in document order. */
  references: ReferenceNode[];
  /** Elements of type uri, url, oid or uuid that hold one of the names asked for. */
  uris: { owner: Record<string, unknown>; key: string }[];
  /** Objects whose `div` links to some urn. */
  narratives: (JsonObject & { div: string })[];
};

const noNames: ReadonlySet<string> = new Set();

/** `names`: the urns that entries of the transaction go by. The resource is walked once, and by type only where one occurs. */
export function linksOf(resource: JsonObject, names: ReadonlySet<string> = noNames): Links {
  const links: Links = { references: [], uris: [], narratives: [] };
  const hasNames = names.size > 0;
  let isNamed = false;
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const item of node) {
        if (typeof item === 'object' && item !== null) visit(item);
        else if (hasNames && typeof item === 'string' && names.has(item)) isNamed = true;
      }
      return;
    }
    if (!isObject(node)) return;
    for (const name in node) {
      const child = node[name];
      if (typeof child === 'object') {
        if (child !== null) visit(child);
      } else if (typeof child !== 'string') continue;
      else if (name === 'reference') links.references.push(node as ReferenceNode);
      else if (!hasNames) continue;
      else if (name === 'div') {
        if (child.includes('urn:')) links.narratives.push(node as JsonObject & { div: string });
      } else if (child.startsWith('urn:') && names.has(child)) isNamed = true;
    }
  };
  visit(resource);
  if (isNamed && typeof resource.resourceType === 'string')
    collect(resource, resource.resourceType, names, links, true);
  return links;
}

const uriTypes = new Set(['uri', 'url', 'oid', 'uuid']);

/** What names a definition is not a link: the `url` of a resource and of an extension stay as they are. */
function collect(node: JsonObject, type: string, names: ReadonlySet<string>, links: Links, isRoot: boolean): void {
  const { members } = shapeOf(type);
  for (const key in node) {
    const member = members.get(key);
    if (!member || (key === 'url' && (isRoot || type === 'Extension'))) continue;
    const value = node[key];
    const into = (owner: Record<string, unknown>, name: string) => {
      const child = owner[name];
      if (isObject(child)) {
        const isResource = member.type === 'Resource';
        collect(child, isResource ? String(child.resourceType) : member.type, names, links, isResource);
      } else if (typeof child === 'string' && uriTypes.has(member.type) && names.has(child))
        links.uris.push({ owner, key: name });
    };
    if (Array.isArray(value))
      for (const n of value.keys()) into(value as unknown as Record<string, unknown>, String(n));
    else into(node, key);
  }
}

/** The text of a narrative with each `href` and `src` put through `target`; undefined leaves one as it is. */
export function relinked(div: string, target: (url: string) => string | undefined): string {
  return div.replace(
    /(\b(?:href|src)\s*=\s*)(["'])(urn:[^"']*)\2/g,
    (all, before: string, quote: string, url: string) => {
      const found = target(url);
      return found === undefined ? all : `${before}${quote}${found}${quote}`;
    },
  );
}
