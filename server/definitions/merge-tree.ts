// A differential laid over the elements of its base: what it names is constrained, what it slices gets slices, and where it goes
// below what the base spells out, the type of the element or its profile is unfolded.
// FHIR R4, https://hl7.org/fhir/R4/profiling.html#slicing and #resources

import { typeDefinition } from '../fhir/definitions.ts';
import { type ElementDefinition, type ElementType, type Slicing, typeCode } from './element-definition.ts';
import type { ElementNode } from './element-tree.ts';
import { chosenName, chosenTypes, extensionElement, mergedElement, sliceOf } from './merge-element.ts';
import { SnapshotError } from './snapshot-error.ts';

/** What is laid over what. */
export type Merging = {
  /** The type that the paths begin with. */
  name: string;
  /** Whose differential it is, for messages. */
  owner: string;
  /** True for a new type, whose differential adds elements to its base. */
  mayAdd: boolean;
  /** The elements of a type. Throws SnapshotError where it is not here. */
  ofType(code: string): ElementNode;
  /** The elements of a profile, undefined where it is not here. Throws SnapshotError. */
  ofProfile(canonical: string): ElementNode | undefined;
  /** The root element of a profile. */
  rootOf(canonical: string): ElementDefinition | undefined;
};

/** Throws SnapshotError where the differential names what the base does not have. */
export function mergedTree(base: ElementNode, differential: ElementNode, merging: Merging): ElementNode {
  return merged(base, differential, merging.name, { ...merging, base });
}

type Within = Merging & { base: ElementNode };

/** `path` is that of the node in what is made. */
function merged(base: ElementNode, differential: ElementNode, path: string, within: Within): ElementNode {
  let element = mergedElement(ofItsExtension(base.element, differential.element, within), differential.element);
  let { children } = base;
  let said = differential;
  if (said.children.size > 0 && path !== within.name && lacks(children, said)) {
    said = ofOneType(element, said, path, within);
    if (said.children.size > 0) ({ element, children } = unfolded(element, children, said, path, within));
  }
  if (said.children.size > 0) children = mergedChildren(children, said, path, within);
  const whole = { element, children, slices: base.slices };
  return said.slices.size > 0 ? sliced(whole, said.slices, path, within) : whole;
}

/** What is said below a choice of several types, of which one alone has such children, is said of a slice by that type. */
function ofOneType(element: ElementDefinition, said: ElementNode, path: string, within: Within): ElementNode {
  const name = lastOf(path);
  const codes = [...new Set(element.type?.map(typeCode))];
  if (codes.length < 2 || !name.endsWith('[x]') || !lacks(within.ofType('Element').children, said)) return said;
  // The `value` of a primitive is the primitive itself, and nothing below it.
  const complex = codes.filter((code) => typeDefinition(code)?.kind !== 'primitive-type');
  const [only, another] = complex.filter((code) => !lacks(within.ofType(code).children, said));
  if (only === undefined || another !== undefined) return said;
  const sliceName = chosenName(name, only);
  const known = said.slices.get(sliceName) ?? bare;
  const slice = { ...known, children: new Map([...said.children, ...known.children]) };
  return { element: said.element, children: none, slices: new Map(said.slices).set(sliceName, slice) };
}

const lastOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

const lacks = (children: ReadonlyMap<string, ElementNode>, said: ElementNode): boolean =>
  [...said.children.keys()].some((name) => !children.has(name) && choiceOf(children, name) === undefined);

/** Where the differential is the first to name an extension, that extension's root speaks before it. */
function ofItsExtension(base: ElementDefinition, { type }: ElementDefinition, within: Within): ElementDefinition {
  const profile = type?.[0]?.code === 'Extension' ? oneProfile(type) : undefined;
  const root = profile === undefined || profile === oneProfile(base.type) ? undefined : within.rootOf(profile);
  return root ? extensionElement(base, root) : base;
}

function oneProfile(types: readonly ElementType[] = []): string | undefined {
  const [type, another] = types;
  return another === undefined && type?.profile?.length === 1 ? type.profile[0] : undefined;
}

/** An element with the children it has by its type, its type's profile, or the element it refers to; `known` are there already. */
function unfolded(
  element: ElementDefinition,
  known: ReadonlyMap<string, ElementNode>,
  said: ElementNode,
  path: string,
  within: Within,
) {
  const from = element.contentReference === undefined ? undefined : referredTo(element, path, within);
  const children = (from?.node ?? ofItsType(element, said, path, within))?.children;
  return { element: from?.element ?? element, children: new Map([...(children ?? none), ...known]) };
}

function ofItsType({ type = [] }: ElementDefinition, said: ElementNode, path: string, within: Within) {
  const codes = [...new Set(type.map(typeCode))];
  const [code, another] = codes;
  if (code === undefined) return undefined;
  if (another === undefined) {
    const profile = oneProfile(type);
    return (profile === undefined ? undefined : within.ofProfile(profile)) ?? within.ofType(code);
  }
  // What all types have can be constrained for all of them.
  const common = within.ofType('Element');
  if (!lacks(common.children, said)) return common;
  const types = codes.join(', ');
  throw new SnapshotError(
    'unknown-path',
    `${within.owner} goes below ${path}, which is one of several types: ${types}`,
  );
}

/** The element takes the type of what it refers to, and is a constraint of its own from here on. */
function referredTo({ contentReference = '', ...element }: ElementDefinition, path: string, within: Within) {
  const [name = '', ...names] = contentReference.replace(/^[^#]*#/, '').split('.');
  let node: ElementNode | undefined = name === within.name ? within.base : within.ofType(name);
  for (const one of names) node = node?.children.get(one);
  if (!node)
    throw new SnapshotError(
      'unknown-path',
      `${path} in ${within.owner} refers to ${contentReference}, which is not there`,
    );
  const { type } = node.element;
  return { node, element: { ...element, ...(type ? { type } : {}) } as ElementDefinition };
}

function mergedChildren(
  base: ReadonlyMap<string, ElementNode>,
  said: ElementNode,
  path: string,
  within: Within,
): ReadonlyMap<string, ElementNode> {
  const children = new Map(base);
  for (const [name, child] of byBaseName(base, said.children)) {
    const below = `${path}.${name}`;
    const known = children.get(name) ?? (within.mayAdd ? bare : undefined);
    if (!known)
      throw new SnapshotError(
        'unknown-path',
        `${below} is in the differential of ${within.owner}, and not in its base`,
      );
    children.set(name, merged(known, child, below, within));
  }
  return children;
}

/** What is said of `valueQuantity` is said of a slice of `value[x]` by type. */
function byBaseName(base: ReadonlyMap<string, ElementNode>, said: ReadonlyMap<string, ElementNode>) {
  if ([...said.keys()].every((name) => base.has(name))) return said;
  const named = new Map<string, ElementNode>();
  const shortForms = new Map<string, Map<string, ElementNode>>();
  for (const [name, child] of said) {
    const choice = base.has(name) ? undefined : choiceOf(base, name);
    if (choice === undefined) named.set(name, child);
    else grouped(shortForms, choice).set(name, ofShortForm(name, child));
  }
  for (const [choice, slices] of shortForms)
    named.set(choice, withTypeSlices(named.get(choice) ?? bare, slices, base.get(choice)?.element, choice));
  return named;
}

function grouped(groups: Map<string, Map<string, ElementNode>>, name: string): Map<string, ElementNode> {
  const group = groups.get(name) ?? new Map<string, ElementNode>();
  groups.set(name, group);
  return group;
}

function choiceOf(base: ReadonlyMap<string, ElementNode>, name: string): string | undefined {
  for (const [choice, { element }] of base) if (chosenTypes(choice, name, element.type).length > 0) return choice;
  return undefined;
}

/** The short form may carry the name of its slice too. */
function ofShortForm(name: string, said: ElementNode): ElementNode {
  const slice = said.slices.get(name);
  if (!slice) return said;
  const element = mergedElement(said.element, slice.element);
  return { element, children: new Map([...said.children, ...slice.children]), slices: slice.slices };
}

const BY_TYPE: Slicing = { discriminator: [{ type: 'type', path: '$this' }], ordered: false };
const BY_URL: Slicing = { discriminator: [{ type: 'value', path: 'url' }], ordered: false, rules: 'open' };

/**
 * Short forms name the only types that are left, unless types or slicing are given beside them, or the base slices already. Of a
 * choice that has one type anyway no slice is made.
 */
function withTypeSlices(
  { element: said, children, slices }: ElementNode,
  short: ReadonlyMap<string, ElementNode>,
  base: ElementDefinition | undefined,
  choice: string,
): ElementNode {
  const isSliced = said.slicing !== undefined || base?.slicing !== undefined;
  const [only, another] = said.type ?? base?.type ?? [];
  const [first] = short.values();
  if (!isSliced && first && only !== undefined && another === undefined) {
    const { sliceName: _, ...element } = mergedElement(said, first.element);
    return {
      element: element as ElementDefinition,
      children: new Map([...children, ...first.children]),
      slices: first.slices,
    };
  }
  const type = [...short.keys()].flatMap((name) => chosenTypes(choice, name, base?.type));
  const isGiven = isSliced || said.type !== undefined;
  const element = isGiven ? said : { ...said, type, slicing: { ...BY_TYPE, rules: 'closed' as const } };
  return { element, children, slices: new Map([...slices, ...short]) };
}

function sliced(
  { element, children, slices: known }: ElementNode,
  said: ReadonlyMap<string, ElementNode>,
  path: string,
  within: Within,
): ElementNode {
  const slices = new Map(known);
  const resliced = new Map<string, Map<string, ElementNode>>();
  const name = lastOf(path);
  for (const [sliceName, slice] of said) {
    const owner = slices.has(sliceName) ? undefined : ownerOf(slices, sliceName);
    if (owner !== undefined) grouped(resliced, owner).set(sliceName, slice);
    else {
      const begun = slices.get(sliceName) ?? { element: sliceOf(element, sliceName, name), children, slices: none };
      slices.set(sliceName, merged(begun, slice, path, within));
    }
  }
  for (const [owner, inOwner] of resliced) {
    const node = slices.get(owner);
    if (node) slices.set(owner, sliced(node, inOwner, path, within));
  }
  return { element: element.slicing ? element : { ...element, ...slicingOf(name) }, children, slices };
}

/** The slice that `a/b` is a slice of. */
function ownerOf(slices: ReadonlyMap<string, ElementNode>, sliceName: string): string | undefined {
  for (let at = sliceName.lastIndexOf('/'); at > 0; at = sliceName.lastIndexOf('/', at - 1))
    if (slices.has(sliceName.slice(0, at))) return sliceName.slice(0, at);
  return undefined;
}

/** How choices and extensions are sliced without saying so. */
function slicingOf(name: string): { slicing?: Slicing } {
  if (name === 'extension' || name === 'modifierExtension') return { slicing: BY_URL };
  return name.endsWith('[x]') ? { slicing: { ...BY_TYPE, rules: 'open' } } : {};
}

const none: ReadonlyMap<string, ElementNode> = new Map();
const bare: ElementNode = { element: {} as ElementDefinition, children: none, slices: none };
