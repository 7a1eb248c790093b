// The elements of a snapshot or a differential as a tree, and a tree as the list of elements it stands for. Elements are placed by
// their ids, and where these do not fit their paths, by path, slice name and order.
// FHIR R4, https://hl7.org/fhir/R4/elementdefinition.html#id and #path

import { isObject, type JsonObject } from '../fhir/json.ts';
import { type ElementDefinition, isElementDefinition } from './element-definition.ts';
import { SnapshotError } from './snapshot-error.ts';

/** An element, what stands below it, and its slices. Trees are shared: nobody changes a node after it is built. */
export type ElementNode = {
  /** Of `id` and `path` only the tree knows the right ones; here they are those of where the element was defined. */
  element: ElementDefinition;
  /** By the last part of their path. */
  children: ReadonlyMap<string, ElementNode>;
  /** By slice name. A slice of a slice stands in it: `a/b` in `a`. */
  slices: ReadonlyMap<string, ElementNode>;
};

type Growing = { element: ElementDefinition; children: Map<string, Growing>; slices: Map<string, Growing> };

/** Deeper than any definition of use. */
const MOST_PARTS = 64;
const MOST_RESLICES = 8;
/** The largest of HL7's and Japan's profiles have about a thousand. */
const MOST_ELEMENTS = 50_000;

/** The elements of a `snapshot` or `differential`; none where it is missing. Throws SnapshotError where one is no such thing. */
export function elementsOf(part: unknown, owner: string): readonly ElementDefinition[] {
  const elements: unknown[] = isObject(part) && Array.isArray(part.element) ? part.element : [];
  const wrong = elements.findIndex((one) => !isElementDefinition(one));
  if (wrong === -1) return elements as ElementDefinition[];
  throw new SnapshotError('malformed', `Element ${wrong} of a list in ${owner} is not an ElementDefinition`);
}

/** The tree of a list, its root named by the first path. Elements that are not listed but stand above one that is are empty. */
export function treeOf(elements: readonly ElementDefinition[], owner: string): { root: ElementNode; name: string } {
  const name = elements[0]?.path.split('.')[0] ?? '';
  const root = bare();
  // The node met last at each depth, with the part of the path that led there.
  let trail: { part: string; node: Growing }[] = [];
  for (const element of elements) {
    const parts = placeOf(element);
    if (parts.length > MOST_PARTS)
      throw new SnapshotError('too-deep', `${owner} has an element more than ${MOST_PARTS} levels deep`);
    if (parts[0]?.name !== name)
      throw new SnapshotError('unknown-path', `${element.path} in ${owner} does not begin with ${name}`);
    let node = root;
    const walked = [{ part: name, node }];
    let isOnTrail = true;
    for (const [depth, { name: part, slice }] of parts.entries()) {
      if (depth === 0) continue;
      const last = trail[depth];
      if (slice === undefined && isOnTrail && last?.part === part && depth < parts.length - 1) node = last.node;
      else {
        node = grown(node.children, part);
        if (slice) node = sliceIn(node, slice);
      }
      isOnTrail &&= last?.node === node;
      walked.push({ part, node });
    }
    trail = walked;
    node.element = { ...node.element, ...element };
  }
  return { root, name };
}

/** Every element of a tree with the id and path of its place. Throws SnapshotError where there are too many. */
export function listOf(root: ElementNode, name: string, owner: string): ElementDefinition[] {
  const listed: ElementDefinition[] = [];
  addTo(listed, root, name, name, owner);
  return listed;
}

function addTo(listed: ElementDefinition[], node: ElementNode, path: string, id: string, owner: string): void {
  if (listed.length >= MOST_ELEMENTS)
    throw new SnapshotError('too-large', `${owner} has more than ${MOST_ELEMENTS} elements in its snapshot`);
  listed.push({ ...node.element, id, path });
  for (const [name, child] of node.children) addTo(listed, child, `${path}.${name}`, `${id}.${name}`, owner);
  addSlices(listed, node, path, id, owner);
}

/** The id of `a/b` is that of what is sliced and `:a/b`, though it stands in `a`. */
function addSlices(listed: ElementDefinition[], node: ElementNode, path: string, id: string, owner: string): void {
  for (const [name, slice] of node.slices) {
    addTo(listed, { ...slice, slices: none }, path, `${id}:${name}`, owner);
    addSlices(listed, slice, path, id, owner);
  }
}

const none: ReadonlyMap<string, ElementNode> = new Map();

/** One part of the place of an element. `slice` is '' where the id says there is none, undefined where nothing is said. */
type Part = { name: string; slice: string | undefined };

function placeOf({ id, path, sliceName }: ElementDefinition): Part[] {
  const names = path.split('.');
  const parts = partsOfId(id, names) ?? names.map((name) => ({ name, slice: undefined }));
  const last = parts.at(-1);
  if (last && parts.length > 1 && typeof sliceName === 'string') last.slice = sliceName;
  return parts;
}

/** Undefined where the id does not fit the path. An id may say `value[x]:valueQuantity` of what the path calls `valueQuantity`. */
function partsOfId(id: unknown, names: readonly string[]): Part[] | undefined {
  const parts = typeof id === 'string' ? id.split('.') : [];
  if (parts.length !== names.length) return undefined;
  const read = parts.map((part) => {
    const [name = '', ...slice] = part.split(':');
    return { name, slice: slice.join(':') };
  });
  const fits = read.every(({ name }, n) => name === names[n] || (name.endsWith('[x]') && isChosen(name, names[n])));
  return fits ? read : undefined;
}

const isChosen = (choice: string, name = ''): boolean => name.startsWith(choice.slice(0, -3));

function grown(nodes: Map<string, Growing>, name: string): Growing {
  const known = nodes.get(name);
  if (known) return known;
  const made = bare();
  nodes.set(name, made);
  return made;
}

/** `a/b` stands in `a` where there is an `a`. */
function sliceIn(sliced: Growing, name: string): Growing {
  let owner = sliced;
  if (name.split('/').length > MOST_RESLICES)
    throw new SnapshotError('too-deep', `A slice is sliced again more than ${MOST_RESLICES} times`);
  for (let at = name.indexOf('/'); at !== -1; at = name.indexOf('/', at + 1)) {
    const above = owner.slices.get(name.slice(0, at));
    if (above) owner = above;
  }
  return grown(owner.slices, name);
}

const bare = (): Growing => ({
  element: {} as JsonObject as ElementDefinition,
  children: new Map(),
  slices: new Map(),
});
