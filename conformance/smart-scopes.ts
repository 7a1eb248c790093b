// Scopes of SMART App Launch 2.2, good and bad, against server/access/scopes.ts. What the vectors call experimental may be
// refused, or has to come out as a scope that its parameters narrow. Data: ../shared/data/sharing/own/smart-scopes.jsonl
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { grantable } from '../server/access/grantable.ts';
import { letters, type ParsedScope, parseScope } from '../server/access/scopes.ts';
import { marksOfScope } from '../server/search/scope-filter.ts';
import type { SuiteResult } from './suite.ts';

const FILE = '../shared/data/sharing/own/smart-scopes.jsonl';
type Vector = { id: string; scope: string; valid: boolean | 'experimental-or-policy'; meaning: string | null };

export async function run(): Promise<SuiteResult> {
  const result = { name: 'smart-scopes', passed: 0, failed: 0, skipped: 0, notes: [] as string[] };
  const path = fileURLToPath(new URL(`../${FILE}`, import.meta.url));
  if (!existsSync(path)) return { ...result, missing: FILE };
  const faults: Record<string, string> = {};
  for (const line of readFileSync(path, 'utf8').split('\n').filter(Boolean)) {
    const vector: Vector = JSON.parse(line);
    const fault = faultOf(vector);
    if (fault === undefined) result.passed++;
    else faults[vector.id] = fault;
  }
  const failures = Object.keys(faults);
  return { ...result, failed: failures.length, failures, faults };
}

function faultOf({ scope, valid, meaning }: Vector): string | undefined {
  const parsed = parseScope(scope);
  if (parsed.kind === 'refused') return valid === true ? parsed.reason : undefined;
  if (valid === false) return 'is accepted';
  if (
    grantable(scope, 'patient/*.cruds user/*.cruds system/*.cruds').granted.join() !== scope &&
    parsed.kind === 'grant'
  )
    return 'is not granted as it was asked';
  return valid === true ? otherMeaning(parsed, meaning ?? '') : widened(parsed);
}

function otherMeaning(parsed: ParsedScope, meaning: string): string | undefined {
  if (parsed.kind !== 'grant') return meaning === '' ? undefined : 'grants nothing';
  const { interactions, query } = parsed.grant;
  const found = letters.flatMap(([letter, name]) => (interactions.has(name) ? [letter] : [])).join('');
  const told = `${found}${parsed.version === 1 ? ' (v1)' : ''}${query ? ' where' : ''}`;
  return told === meaning.replace(/ where .*/, ' where') ? undefined : `means ${told}`;
}

/** A parameter that was accepted has to be one that decides rows. */
function widened(parsed: ParsedScope): string | undefined {
  if (parsed.kind !== 'grant' || !parsed.grant.query) return 'lost its parameters';
  const marks = marksOfScope(parsed.grant.type, parsed.grant.query);
  return marks.every((some) => some.length > 0) ? undefined : 'has a parameter that narrows nothing';
}
