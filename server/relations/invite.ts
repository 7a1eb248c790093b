// Patient/[id]/$invite: a guardian invites another guardian, or a relative who sees what is ticked. The code is given by hand,
// works once and for 14 days.

import { categories } from '../access/policy.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import type { JsonObject } from '../fhir/json.ts';
import { badRequest, forbidden } from '../fhir/outcome.ts';
import { codeLifetimeMs, codeParameters } from '../interaction/code-answer.ts';
import { givenText, readParameters, required } from '../interaction/parameters.ts';
import type { Operation } from '../interaction/request.ts';
import { patientFor } from '../interaction/standing.ts';
import type { RelationStore } from '../store/relation-store.ts';
import { act, answerOf, ownRelation } from './act.ts';

export function invite(store: RelationStore): Operation {
  return {
    code: 'invite',
    definition: `${CANONICAL}/OperationDefinition/invite`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      const { standing } = await patientFor(fhir, store, request, id);
      const inviter = ownRelation(await store.relationsOf(id), request);
      const parameters = readParameters(request.body, ['as', 'relationship', 'category', 'end']);
      const basis = oneOf(parameters, 'as', ['guardian', 'invited']) as 'guardian' | 'invited';
      if (!inviter || (standing !== 'guardian' && (standing !== 'self' || basis === 'guardian')))
        throw forbidden('A guardian invites; a grown child invites relatives, not guardians');
      const relationship = oneOf(parameters, 'relationship', basis === 'guardian' ? parents : relatives);
      const ticked = basis === 'invited' ? { categories: tickedIn(parameters) } : {};
      const nowMs = fhir.nowMs();
      const expires = new Date(nowMs + codeLifetimeMs).toISOString();
      const ends = endIn(parameters, nowMs);
      const invitation = { kind: 'invitation', patient: id, inviter: inviter.id, basis, relationship } as const;
      let code = '';
      await act(fhir, request, { name: 'invite', patient: id }, [], async (client) => {
        code = await store.issue({ ...invitation, ...ticked, ends, issuer: request.access.client, expires }, client);
      });
      return answerOf(codeParameters(fhir, code, expires, 'invitation'));
    },
  };
}

/** v3-RoleCode. */
const parents = ['MTH', 'FTH', 'GUARD'];
const relatives = ['MTH', 'FTH', 'GUARD', 'GRMTH', 'GRFTH', 'AUNT', 'UNCLE', 'SIB', 'STPPRN', 'FAMMEMB', 'FRND'];

function oneOf(parameters: ReadonlyMap<string, JsonObject[]>, name: string, known: readonly string[]): string {
  const value = givenText(parameters, name, 'valueCode');
  if (value === undefined) throw required(name, `valueCode: ${known.join(', ')}`);
  return checked(value, name, known);
}

function checked(value: string, name: string, known: readonly string[]): string {
  if (known.includes(value)) return value;
  throw badRequest(`"${name}" is one of ${known.join(', ')}`, 'value', [`Parameters.parameter.where(name='${name}')`]);
}

function tickedIn(parameters: ReadonlyMap<string, JsonObject[]>): string[] {
  const known = Object.keys(categories);
  const ticked = (parameters.get('category') ?? []).map(({ valueCode }) =>
    checked(String(valueCode), 'category', known),
  );
  if (ticked.length === 0) throw required('category', `valueCode, once or more: ${known.join(', ')}`);
  return [...new Set(ticked)];
}

/** The last day, which is included, as an instant; without it the relation ends with the inviter's. */
function endIn(parameters: ReadonlyMap<string, JsonObject[]>, nowMs: number): string {
  const end = givenText(parameters, 'end', 'valueDate');
  if (end === undefined) return 'infinity';
  const endMs = /^\d{4}-\d{2}-\d{2}$/.test(end) ? Date.parse(`${end}T24:00:00+09:00`) : Number.NaN;
  if (!(endMs > nowMs)) throw required('end', 'valueDate, a day that is not over');
  return new Date(endMs).toISOString();
}
