// What of the scopes that are asked for the scopes of a registered client cover. Each pair of words meets on its own: the
// narrower type, the letters of both, the parameters of both; several meetings stand side by side, as scopes do.
// SMART App Launch 2.2: "the set of scopes granted may be narrower", and what was asked in version 1 is answered in it.

import type { Grant } from './access.ts';
import { alternativesOf, type GranularQuery, queryText } from './granular-query.ts';
import type { LaunchScope } from './launch-scopes.ts';
import { type GrantScope, letters, type ParsedScope, parseScope, version1Words, wordsOf } from './scopes.ts';

/** `granted` in the order of what was asked, each word once; `refused` says of every word that gives nothing why. */
export type Grantable = { granted: string[]; refused: { word: string; reason: string }[] };

/** Of the scope text `asked` what the scope text `allowed` covers. Words of `allowed` that are not understood cover nothing. */
export function grantable(asked: string, allowed: string): Grantable {
  const registered = wordsOf(allowed).map(parseScope);
  const granted = new Set<string>();
  const refused: Grantable['refused'] = [];
  for (const word of wordsOf(asked)) {
    const parsed = parseScope(word);
    const words = coveredBy(registered, parsed);
    for (const one of words) granted.add(one);
    const reason = parsed.kind === 'refused' ? parsed.reason : `scope "${word}" is not among those of this client`;
    if (words.length === 0) refused.push({ word, reason });
  }
  return { granted: [...granted], refused };
}

/** The word for `granted`, a part of what `asked` asks for, in the spelling of its version where that has a word for it. */
function spelledAsAsked(asked: GrantScope, granted: Grant): string {
  if (keyOf(asked.grant) === keyOf(granted)) return asked.word;
  const { context, type, query } = granted;
  const wanted = lettersOf(granted);
  const older = asked.version === 1 && !query ? version1Words.find(([, known]) => known === wanted)?.[0] : undefined;
  return `${context}/${type}.${older ?? wanted}${query ? `?${queryText(query)}` : ''}`;
}

function coveredBy(registered: readonly ParsedScope[], asked: ParsedScope): string[] {
  if (asked.kind === 'identity') return registered.some(({ word }) => word === asked.word) ? [asked.word] : [];
  if (asked.kind === 'launch') return registered.some((one) => coversLaunch(one, asked)) ? [asked.word] : [];
  if (asked.kind === 'refused') return [];
  const met = registered.flatMap((one) => (one.kind === 'grant' ? meeting(asked.grant, one.grant) : []));
  return widest(joined(met)).map((grant) => spelledAsAsked(asked, grant));
}

/** A registered scope without a role is for every role. */
const coversLaunch = (one: ParsedScope, asked: LaunchScope): boolean =>
  one.kind === 'launch' && one.type === asked.type && (one.role === undefined || one.role === asked.role);

/** What both grant: one, or none. */
function meeting(one: Grant, other: Grant): Grant[] {
  if (one.context !== other.context || !(one.type === '*' || other.type === '*' || one.type === other.type)) return [];
  const interactions = one.interactions.intersection(other.interactions);
  if (interactions.size === 0) return [];
  const query = narrowest([...(one.query ?? []), ...(other.query ?? [])]);
  const type = one.type === '*' ? other.type : one.type;
  return [{ context: one.context, type, interactions, ...(query.length > 0 ? { query } : {}) }];
}

/** Without parameters that a narrower one of the same name implies. */
function narrowest(query: GranularQuery): GranularQuery {
  return query.filter(
    (one, n) => !query.some((other, m) => m !== n && implies(other, one) && (m < n || !implies(one, other))),
  );
}

type Parameter = GranularQuery[number];

/** What fits `one` fits `other`. */
const implies = ([name, value]: Parameter, [otherName, otherValue]: Parameter): boolean =>
  name === otherName && new Set(alternativesOf(value)).isSubsetOf(new Set(alternativesOf(otherValue)));

/** Letters come together only where type and parameters are the same. */
function joined(grants: readonly Grant[]): Grant[] {
  const byReach = new Map<string, Grant>();
  for (const grant of grants) {
    const key = reachKey(grant);
    const known = byReach.get(key);
    const interactions = known ? known.interactions.union(grant.interactions) : grant.interactions;
    byReach.set(key, { ...grant, interactions });
  }
  return [...byReach.values()];
}

/** Without those that another one covers; of two that cover each other the first stays. */
const widest = (grants: readonly Grant[]): Grant[] =>
  grants.filter(
    (one, n) => !grants.some((other, m) => m !== n && covers(other, one) && (m < n || !covers(one, other))),
  );

function covers(wide: Grant, narrow: Grant): boolean {
  if (wide.context !== narrow.context || (wide.type !== '*' && wide.type !== narrow.type)) return false;
  if (!narrow.interactions.isSubsetOf(wide.interactions)) return false;
  return (wide.query ?? []).every((one) => (narrow.query ?? []).some((other) => implies(other, one)));
}

const lettersOf = ({ interactions }: Grant): string =>
  letters.map(([letter, name]) => (interactions.has(name) ? letter : '')).join('');

const reachKey = ({ context, type, query = [] }: Grant): string =>
  JSON.stringify([context, type, query.map((one) => JSON.stringify(one)).sort()]);

const keyOf = (grant: Grant): string => `${reachKey(grant)}.${lettersOf(grant)}`;
