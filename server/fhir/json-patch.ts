// JSON Patch on parsed JSON. RFC 6902, https://www.rfc-editor.org/rfc/rfc6902, with the pointers of RFC 6901. Exact numbers
// (fhir/json.ts) are values here: what is not touched keeps its text, and `test` compares numbers, not their texts.

import { isObject, numberText } from './json.ts';
import { badRequest, cannotPatch } from './outcome.ts';

export type JsonPatchOperation = {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  /** The reference tokens of the pointer, unescaped; empty for the whole document. */
  path: readonly string[];
  /** move and copy. */
  from: readonly string[];
  value: unknown;
  /** Its position in the patch, for messages. */
  n: number;
};

const mostOperations = 1000;
/** A copy of a copy doubles: without a limit thirty operations would fill the memory. */
const mostCopiedValues = 200_000;

/** The operations of a patch document as `parseJson` gives it. Throws 400 for what is not a JSON Patch. */
export function readJsonPatch(document: unknown): JsonPatchOperation[] {
  if (!Array.isArray(document)) throw badRequest('A JSON Patch is a list of operations', 'structure');
  if (document.length > mostOperations)
    throw badRequest(`A patch takes at most ${mostOperations} operations`, 'too-costly');
  return document.map((one, n) => {
    if (!isObject(one)) throw badRequest(`Operation ${n} is not an object`, 'structure');
    const { op, path, from, value } = one;
    if (typeof op !== 'string' || !isKnown(op))
      throw badRequest(`Operation ${n} needs an op: ${known.join(', ')}`, 'value');
    if (['add', 'replace', 'test'].includes(op) && value === undefined)
      throw badRequest(`Operation ${n} (${op}) needs a value`, 'required');
    const needsFrom = op === 'move' || op === 'copy';
    return { op, path: tokens(path, n, 'path'), from: needsFrom ? tokens(from, n, 'from') : [], value, n };
  });
}

/**
 * The document after all operations; it is changed in place. `lost` collects the objects and lists something was taken out
 * of. Throws 422 for the first operation that cannot be done.
 */
export function applyJsonPatch(
  document: unknown,
  operations: readonly JsonPatchOperation[],
  lost: Set<object> = new Set(),
): unknown {
  // Held in an object, so that the whole document is a member like any other.
  const root = { '': document };
  let copied = 0;
  for (const { op, path, from, value, n } of operations) {
    if (op === 'add') add(root, path, value, n);
    else if (op === 'remove') remove(root, path, n, lost);
    else if (op === 'replace') replace(root, path, value, n);
    else if (op === 'test') test(root, path, value, n);
    else if (op === 'move') {
      if (path.length > from.length && from.every((token, at) => token === path[at]))
        throw cannotPatch(`Operation ${n}: a value cannot be moved into itself`);
      add(root, path, remove(root, from, n, lost), n);
    } else {
      const source = find(root, from, n);
      copied += sizeOf(source, mostCopiedValues - copied);
      if (copied >= mostCopiedValues) throw cannotPatch(`Operation ${n}: the copies of this patch are too large`);
      add(root, path, copyOf(source), n);
    }
  }
  return root[''];
}

const known = ['add', 'remove', 'replace', 'move', 'copy', 'test'] as const;
const isKnown = (op: string): op is JsonPatchOperation['op'] => (known as readonly string[]).includes(op);

function tokens(pointer: unknown, n: number, name: string): string[] {
  if (typeof pointer !== 'string' || !/^(?:\/(?:[^~]|~[01])*)?$/.test(pointer))
    throw badRequest(`Operation ${n} needs ${name}: a JSON Pointer such as /name/0/family`, 'value');
  const parts = pointer.split('/').slice(1);
  // An assignment to this name would change the object's prototype and not the document.
  if (parts.includes('__proto__')) throw badRequest(`Operation ${n}: there is no such element`, 'value');
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

type Container = Record<string, unknown> | unknown[];
type Root = { '': unknown };

const isContainer = (value: unknown): value is Container => Array.isArray(value) || isObject(value);

/** The container that the last token names a member of, and that token. */
function place(root: Root, path: readonly string[], n: number): { owner: Container; token: string } {
  const owner = path.length === 0 ? root : find(root, path.slice(0, -1), n);
  if (!isContainer(owner)) throw absent(path, n);
  return { owner, token: path.at(-1) ?? '' };
}

function find(root: Root, path: readonly string[], n: number): unknown {
  const value = lookUp(root[''], path);
  if (value === undefined) throw absent(path, n);
  return value;
}

function lookUp(document: unknown, path: readonly string[]): unknown {
  return path.reduce(memberOf, document);
}

function memberOf(owner: unknown, token: string): unknown {
  if (Array.isArray(owner)) return isIndex(token) ? owner[Number(token)] : undefined;
  return isObject(owner) && Object.hasOwn(owner, token) ? owner[token] : undefined;
}

const isIndex = (token: string): boolean => /^(?:0|[1-9]\d{0,8})$/.test(token);

function add(root: Root, path: readonly string[], value: unknown, n: number): void {
  const { owner, token } = place(root, path, n);
  if (!Array.isArray(owner)) {
    owner[token] = value;
    return;
  }
  const index = token === '-' ? owner.length : isIndex(token) ? Number(token) : -1;
  if (index < 0 || index > owner.length) throw absent(path, n);
  owner.splice(index, 0, value);
}

function remove(root: Root, path: readonly string[], n: number, lost: Set<object>): unknown {
  const { owner, token } = place(root, path, n);
  lost.add(owner);
  const value = memberOf(owner, token);
  if (value === undefined) throw absent(path, n);
  if (Array.isArray(owner)) owner.splice(Number(token), 1);
  else delete owner[token];
  return value;
}

/** In place, so that elements keep their order. */
function replace(root: Root, path: readonly string[], value: unknown, n: number): void {
  const { owner, token } = place(root, path, n);
  if (memberOf(owner, token) === undefined) throw absent(path, n);
  if (Array.isArray(owner)) owner[Number(token)] = value;
  else owner[token] = value;
}

function test(root: Root, path: readonly string[], value: unknown, n: number): void {
  if (!isSame(find(root, path, n), value)) throw cannotPatch(`Operation ${n}: the test of its path fails`);
}

const absent = (path: readonly string[], n: number) =>
  cannotPatch(`Operation ${n}: the resource has no /${path.join('/').slice(0, 200)}`);

/** RFC 6902 section 4.6: equal strings, numerically equal numbers, lists in order, objects in any order. */
function isSame(one: unknown, other: unknown): boolean {
  const number = numberText(one);
  if (number !== undefined) {
    const text = numberText(other);
    return text !== undefined && plainNumber(number) === plainNumber(text);
  }
  if (Array.isArray(one))
    return Array.isArray(other) && one.length === other.length && one.every((item, at) => isSame(item, other[at]));
  if (!isObject(one)) return one === other;
  if (!isObject(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name]))
  );
}

/** One text for each number: digits without zeros at either end, and the power of ten of the last one. */
function plainNumber(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  let end = digits.length;
  // Not by a regular expression, which would look from each zero of a long number anew.
  while (digits[end - 1] === '0') end--;
  const kept = digits.slice(0, end);
  if (kept === '') return '0';
  return `${sign}${kept}e${Number(exponent) - fraction.length + digits.length - kept.length}`;
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, copyOf(child)]));
}

/** How many values there are in a value; counting ends at `most`. */
export function sizeOf(value: unknown, most: number): number {
  if (!isContainer(value)) return 1;
  let size = 1;
  for (const child of Object.values(value)) {
    if (size >= most) break;
    size += sizeOf(child, most - size);
  }
  return size;
}
