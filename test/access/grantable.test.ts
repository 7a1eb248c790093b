// What of the asked scopes a client's own cover. SMART App Launch 2.2, "Scopes and launch context".
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Grant, Interaction } from '../../server/access/access.ts';
import { grantable } from '../../server/access/grantable.ts';
import { parseScope, parseScopes } from '../../server/access/scopes.ts';

describe('grantable', () => {
  test.each([
    // asked, allowed, granted
    ['patient/Observation.rs', 'patient/*.cruds', 'patient/Observation.rs'],
    ['patient/Observation.rs?category=a', 'patient/*.cruds', 'patient/Observation.rs?category=a'],
    ['patient/Observation.cruds', 'patient/*.rs', 'patient/Observation.rs'],
    ['patient/*.rs', 'patient/Observation.cruds patient/Patient.r', 'patient/Observation.rs patient/Patient.r'],
    ['patient/*.rs', 'patient/*.rs patient/Observation.rs', 'patient/*.rs'],
    ['patient/Observation.cruds', 'patient/*.rs patient/Observation.cud', 'patient/Observation.cruds'],
    ['user/Observation.rs', 'patient/*.cruds system/*.cruds', ''],
    ['patient/Observation.rs', 'patient/Observation.cud', ''],
    // The filter of what is allowed stays, and is joined with what was asked.
    ['patient/Observation.rs', 'patient/Observation.cruds?category=a', 'patient/Observation.rs?category=a'],
    ['patient/Observation.r?code=b', 'patient/Observation.r?category=a', 'patient/Observation.r?code=b&category=a'],
    ['patient/Observation.r?category=a', 'patient/Observation.r?category=a,b', 'patient/Observation.r?category=a'],
    ['patient/Observation.r?category=a,b', 'patient/Observation.r?category=a', 'patient/Observation.r?category=a'],
    ['patient/Observation.r?category=a,b', 'patient/Observation.r?category=b,a', 'patient/Observation.r?category=a,b'],
    // Letters of one are not joined with the filter of another.
    [
      'patient/Observation.cruds',
      'patient/Observation.rs patient/Observation.cud?category=a',
      'patient/Observation.rs patient/Observation.cud?category=a',
    ],
    [
      'patient/Observation.rs',
      'patient/Observation.r?category=a patient/Observation.s?category=b',
      'patient/Observation.r?category=a patient/Observation.s?category=b',
    ],
    [
      'patient/Observation.r',
      'patient/Observation.r?category=a,b patient/Observation.r?category=b,a',
      'patient/Observation.r?category=a,b',
    ],
    // What parts a query is written as it was read.
    ['patient/Condition.r', 'patient/Condition.r?code=a%26b+c%25', 'patient/Condition.r?code=a%26b%20c%25'],
    // Version 1 in, version 1 out, where it has a word.
    ['patient/*.read', 'patient/*.cruds', 'patient/*.read'],
    ['patient/*.read', 'patient/Observation.cruds', 'patient/Observation.read'],
    ['patient/Observation.*', 'patient/*.rs', 'patient/Observation.read'],
    ['patient/Observation.*', 'patient/*.cud', 'patient/Observation.write'],
    ['patient/Observation.*', 'patient/*.r', 'patient/Observation.r'],
    ['patient/Observation.rs', 'patient/*.read', 'patient/Observation.rs'],
    ['patient/Observation.read', 'patient/Observation.rs?category=a', 'patient/Observation.rs?category=a'],
    [
      'patient/Observation.read patient/Observation.rs',
      'patient/*.rs',
      'patient/Observation.read patient/Observation.rs',
    ],
    // Launch and identity scopes.
    ['openid fhirUser offline_access', 'openid fhirUser', 'openid fhirUser'],
    ['launch/patient launch', 'launch/patient', 'launch/patient'],
    ['launch/task?role=a', 'launch/task', 'launch/task?role=a'],
    ['launch/task?role=a launch/task', 'launch/task?role=b', ''],
    ['openid openid', 'openid', 'openid'],
    // What is not understood covers nothing, and is not covered.
    ['patient/Observation.rs', 'patient/Observation.sr nonsense', ''],
    ['patient/Observation.sr', 'patient/Observation.sr', ''],
  ])('%s of a client with %s: %s', (asked, allowed, granted) => {
    expect(grantable(asked, allowed).granted.join(' ')).toBe(granted);
  });

  test('says of every word that gives nothing why', () => {
    expect(grantable('openid patient/Observation.sr user/Patient.r', 'openid').refused).toEqual([
      { word: 'patient/Observation.sr', reason: expect.stringContaining('in this order') },
      { word: 'user/Patient.r', reason: expect.stringContaining('not among those of this client') },
    ]);
  });

  test('grants exactly what both grant, whatever is asked of whomever', () => {
    fc.assert(
      fc.property(scopes, scopes, (asked, allowed) => {
        const granted = grantable(asked, allowed).granted.join(' ');
        const [ofAsked, ofAllowed, ofGranted] = [asked, allowed, granted].map(parseScopes) as [
          Grant[],
          Grant[],
          Grant[],
        ];
        const differing = cells.filter(
          (one) => gives(ofGranted, one) !== (gives(ofAsked, one) && gives(ofAllowed, one)),
        );
        expect({ asked, allowed, granted, differing }).toEqual({ asked, allowed, granted, differing: [] });
      }),
      { numRuns: 400 },
    );
  });
});

/** One interaction with one resource: its categories and codes, of each at most one. */
type Cell = { context: string; type: string; interaction: Interaction; values: Record<string, string | undefined> };
const interactions: Interaction[] = ['create', 'read', 'update', 'delete', 'search'];
const cells: Cell[] = ['patient', 'user'].flatMap((context) =>
  ['Observation', 'Condition'].flatMap((type) =>
    interactions.flatMap((interaction) =>
      [undefined, 'a', 'b'].flatMap((category) =>
        [undefined, 'a', 'b'].map((code) => ({ context, type, interaction, values: { category, code } })),
      ),
    ),
  ),
);

const narrowed = fc.subarray(['category=a', 'category=b', 'category=a,b', 'code=b,a', 'code=b']);
const scope = fc
  .record({
    context: fc.constantFrom('patient', 'user'),
    type: fc.constantFrom('*', 'Observation', 'Condition'),
    letters: fc.constantFrom('r', 'rs', 'c', 'cud', 'cruds', 'ds', 'read', 'write', '*'),
    query: narrowed,
  })
  .map(
    ({ context, type, letters, query }) => `${context}/${type}.${letters}${query.length ? `?${query.join('&')}` : ''}`,
  )
  .filter((word) => parseScope(word).kind === 'grant');
const scopes = fc.array(scope, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '));

/** By the words of the specification: some scope has the letter, and the resource matches all its parameters. */
function gives(grants: readonly Grant[], { context, type, interaction, values }: Cell): boolean {
  return grants.some(
    (grant) =>
      grant.context === context &&
      (grant.type === '*' || grant.type === type) &&
      grant.interactions.has(interaction) &&
      (grant.query ?? []).every(([name, value]) => value.split(',').some((one) => one === values[name])),
  );
}
