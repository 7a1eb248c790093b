// `_include` and `_revinclude`: what comes along with the matches of a page, as far as the caller may see it, in rounds for
// `:iterate`. FHIR R4, https://hl7.org/fhir/R4/search.html#include

import { reachOf } from '../access/access.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { type Issue, incomplete } from '../fhir/outcome.ts';
import type { Fhir, FhirRequest } from '../interaction/request.ts';
import { followed, type Include, type Pointer, pointersOf } from '../search/include.ts';
import { parametersOf } from '../search/parameters.ts';
import { referringTo, type Target } from '../search/referring.ts';
import type { Canonical, Included } from '../store/includes.ts';
import { idOf } from '../store/stored-text.ts';

const mostIncluded = 1000;
const mostRounds = 8;
const lookedUpTogether = 500;

type Caller = Pick<FhirRequest, 'access'>;
type Found = Map<string, Included>;

/**
 * The resources that come along, each once and none that is a match; the issues say where there would be more than is
 * given or looked for.
 */
export async function includedWith(
  fhir: Fhir,
  caller: Caller,
  includes: readonly Include[],
  matches: readonly Included[],
): Promise<{ included: Included[]; issues: Issue[] }> {
  if (includes.length === 0) return { included: [], issues: [] };
  const known: Found = new Map(matches.map((match) => [nameOf(match), match]));
  const asked = new Set<string>();
  const missed = new Set<string>();
  let active = includes;
  let from = matches;
  for (let round = 0; active.length > 0 && from.length > 0 && missed.size === 0; round++) {
    if (round === mostRounds)
      missed.add(`_include:iterate goes ${mostRounds} steps, and there may be more behind them`);
    else {
      const before = known.size;
      const most = matches.length + mostIncluded;
      await addReferredTo(fhir, caller, active, from, { known, asked, most });
      await addReferring(fhir, caller, active, from, { known, missed, most });
      if (known.size > most)
        missed.add(`Only ${mostIncluded} resources are included in a page; fewer matches (_count) bring all of theirs`);
      from = [...known.values()].slice(before);
      active = includes.filter(({ iterate }) => iterate);
    }
  }
  const included = [...known.values()].slice(matches.length, matches.length + mostIncluded);
  return { included, issues: [...missed].map(incomplete) };
}

/** What the resources refer to. Stops with one more than `most`. */
async function addReferredTo(
  fhir: Fhir,
  { access }: Caller,
  includes: readonly Include[],
  from: readonly Included[],
  { known, asked, most }: { known: Found; asked: Set<string>; most: number },
): Promise<void> {
  const pointers = new Map<string, Pointer>();
  for (const { type, content } of from) {
    const own = includes.filter((include) => !include.isReverse && followed(include, type).length > 0);
    if (own.length === 0) continue;
    const resource = parseJson(content) as JsonObject;
    for (const pointer of own.flatMap((include) => pointersOf(include, resource, fhir.base))) {
      const name = pointerName(pointer);
      if (!known.has(name) && !asked.has(name)) pointers.set(name, pointer);
    }
  }
  for (const name of pointers.keys()) asked.add(name);
  const wanted = [...pointers.values()];
  for (let at = 0; at < wanted.length && known.size <= most; at += lookedUpTogether) {
    const some = wanted.slice(at, at + lookedUpTogether);
    const locals = some.flatMap((pointer) => {
      if (pointer.kind !== 'local') return [];
      const reach = reachOf(access, 'read', pointer.type);
      return reach.kind === 'none' ? [] : [{ ...pointer, reach }];
    });
    const canonicals = some.flatMap((pointer) => (pointer.kind === 'canonical' ? canonicalsOf(access, pointer) : []));
    const found = locals.length > 0 ? await fhir.reader.currentOf(locals) : [];
    add(known, most, [
      ...found.flatMap((one, n) =>
        one?.content === undefined ? [] : [{ type: locals[n]?.type ?? '', owner: one.owner, content: one.content }],
      ),
      ...(await fhir.searcher.canonical(canonicals)),
    ]);
  }
}

function canonicalsOf(access: FhirRequest['access'], pointer: Extract<Pointer, { kind: 'canonical' }>): Canonical[] {
  const { url, version } = pointer;
  return pointer.types.flatMap((type) => {
    const reach = reachOf(access, 'read', type);
    return reach.kind === 'none' ? [] : [{ type, url, reach, ...(version === undefined ? {} : { version }) }];
  });
}

/** What refers to the resources. Stops with one more than `most`. */
async function addReferring(
  fhir: Fhir,
  { access }: Caller,
  includes: readonly Include[],
  from: readonly Included[],
  { known, missed, most }: { known: Found; missed: Set<string>; most: number },
): Promise<void> {
  const reverse = includes.filter(({ isReverse }) => isReverse);
  if (reverse.length === 0) return;
  const { searches, isCut } = referringTo(reverse, from.map(targetOf), access);
  if (isCut) missed.add('_revinclude: too many parameters for so many matches; name one, or ask for fewer (_count)');
  for (const search of searches) {
    // What is known already may be among what is found.
    const { found, cut } = await fhir.searcher.referring(search, most + 1);
    add(known, most, found);
    const types = cut.filter((type) => type !== '*');
    if (types.length < cut.length) missed.add(tooLarge);
    if (types.length > 0) missed.add(onlyNewest(types));
  }
}

const tooLarge = '_revinclude: the records are too large to be looked through whole for what refers to these';
const onlyNewest = (types: readonly string[]): string =>
  `_revinclude: outside the patients’ own records only the newest were looked through of ${types.join(', ')}`;

function add(known: Found, most: number, found: readonly Included[]): void {
  for (const one of found) {
    if (known.size > most) return;
    const name = nameOf(one);
    if (!known.has(name)) known.set(name, one);
  }
}

function targetOf({ type, owner, content }: Included): Target {
  const target = { type, id: idOf(content), owner };
  if (!parametersOf(type).has('url')) return target;
  const { url } = parseJson(content) as JsonObject;
  return typeof url === 'string' ? { ...target, url } : target;
}

const nameOf = ({ type, content }: Included): string => `${type}/${idOf(content)}`;

const pointerName = (pointer: Pointer): string =>
  pointer.kind === 'local'
    ? `${pointer.type}/${pointer.id}`
    : [pointer.url, pointer.version, ...pointer.types].join('|');
