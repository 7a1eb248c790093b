// Patient/[id]/$hand-over: a young person takes their record over. With the municipality's code, as by $claim, or with a login that has
// claimed it before. Before 18 the Task waits for the birthday, when the guardians' rights end by themselves
// (server/decisions/0011-who-may-see-what.md); from then on it is completed, and an archive of the whole record is made as a
// present. Whoever does not want the record says so with `refuse`: it stays as it is, unread, and can be taken over later.
// What guardians and relatives have written stays theirs: nothing of it is changed.

import { birthday } from '../access/birthday.ts';
import { adultYears } from '../access/policy.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { type JsonObject, parseJson } from '../fhir/json.ts';
import { badRequest, businessRule, notFound, OperationOutcomeError } from '../fhir/outcome.ts';
import { readParameters, refuseQuery, single } from '../interaction/parameters.ts';
import type { Fhir, FhirRequest, Operation } from '../interaction/request.ts';
import type { Change } from '../store/change.ts';
import type { HandOvers } from '../store/hand-overs.ts';
import type { RelationStore } from '../store/relation-store.ts';
import { act, personOf, reasonIn } from './act.ts';
import { type Claim, claimWith } from './claim.ts';
import { unknownCode } from './code.ts';
import { handOverTask } from './hand-over-task.ts';

/** `archive`: the operation that makes one. */
export type HandOverOptions = { store: RelationStore; handOvers: HandOvers; archive: Operation };

export function handOver({ store, handOvers, archive }: HandOverOptions): Operation {
  return {
    code: 'hand-over',
    definition: `${CANONICAL}/OperationDefinition/hand-over`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      refuseQuery(request, '$hand-over');
      const asked = readAsked(request);
      const claim = await claimOf(fhir, store, request, { patient: id, code: asked.code });
      const current = await fhir.reader.current('Patient', id, { kind: 'all' });
      if (current?.content === undefined) throw notFound(`Patient/${id}`);
      const adult = birthday((parseJson(current.content) as JsonObject).birthDate, adultYears);
      if (adult === 'infinity') throw businessRule('When this person is 18 cannot be told without a date of birth');
      const nowMs = fhir.nowMs();
      const isGrown = Date.parse(adult) <= nowMs;
      if (asked.refusal !== undefined && !isGrown)
        throw businessRule(`The record can be refused from the ${adultYears}th birthday, when it is handed over`);
      const status = asked.refusal !== undefined ? 'rejected' : isGrown ? 'completed' : 'accepted';
      const known = await handOvers.of(id);
      const task = await taskOf(fhir, { patient: id, adult, task: known?.task });
      const next = {
        ...task.resource,
        status,
        ...(asked.refusal !== undefined && { statusReason: { text: asked.refusal } }),
      };
      if (asked.refusal === undefined) delete (next as JsonObject).statusReason;
      // Who refuses has shown by the code who they are, and is not tied to the record.
      const claimed = asked.refusal === undefined ? claim.changes : [];
      const written = await act(
        fhir,
        request,
        { name: 'hand-over', patient: id },
        [task.change(next), ...claimed],
        async (client, [made]) => {
          if (asked.refusal === undefined) await claim.follow(client);
          else if (asked.code !== undefined && !(await store.use(client, asked.code, new Date(nowMs).toISOString())))
            throw unknownCode();
          await handOvers.keep(client, id, { adult, told: known?.told ?? 0, task: made?.id ?? '' });
        },
      );
      const content = written[0]?.content ?? '{}';
      const present = status === 'completed' ? await presentOf(fhir, request, archive, id) : undefined;
      return { status: 200, body: content, ...(present !== undefined && { contentLocation: present }) };
    },
  };
}

type Asked = { code: string | undefined; refusal: string | undefined };

function readAsked({ body }: FhirRequest): Asked {
  const parameters = readParameters(body, ['claim', 'refuse', 'reason']);
  const code = single(parameters, 'claim')?.valueString;
  const refuse = single(parameters, 'refuse')?.valueBoolean;
  if (parameters.has('claim') && (typeof code !== 'string' || code.length > 40))
    throw badRequest('"claim" takes the code (valueString) as it was given to you', 'value', [placeOf('claim')]);
  if (parameters.has('refuse') && typeof refuse !== 'boolean')
    throw badRequest('"refuse" takes a valueBoolean', 'value', [placeOf('refuse')]);
  return {
    code: typeof code === 'string' ? code : undefined,
    refusal: refuse === true ? reasonIn(parameters, 'reason') : undefined,
  };
}

const placeOf = (name: string): string => `Parameters.parameter.where(name='${name}')`;

/** What the caller has, or gets by the code. Throws 404 for a record that is not theirs, as for one that is not there. */
async function claimOf(
  fhir: Fhir,
  store: RelationStore,
  request: FhirRequest,
  { patient, code }: { patient: string; code: string | undefined },
): Promise<Pick<Claim, 'changes' | 'follow'>> {
  const person = personOf(request);
  const relations = await store.relationsOf(patient);
  const own = relations.find((one) => one.person === person && one.basis === 'self' && one.status === 'active');
  if (own) return { changes: [], follow: async () => undefined };
  if (code === undefined) throw notFound(`Patient/${patient}`);
  const claim = await claimWith(fhir, store, person, code);
  if (claim.patient !== patient) throw unknownCode();
  return claim;
}

/** The Task, made anew where it was never asked for, and the change that gives it another content. */
async function taskOf(
  { reader, nowMs }: Fhir,
  { patient, adult, task }: { patient: string; adult: string; task: string | undefined },
): Promise<{ resource: JsonObject; change: (next: JsonObject) => Change }> {
  const current = task === undefined ? undefined : await reader.current('Task', task, { kind: 'all' });
  if (current?.content === undefined)
    return {
      resource: handOverTask(patient, adult, nowMs()),
      change: (resource) => ({ method: 'create', type: 'Task', resource }),
    };
  const { version } = current;
  const resource = parseJson(current.content) as JsonObject;
  return {
    resource,
    change: (next) => ({ method: 'update', type: 'Task', id: String(resource.id), ifMatch: version, resource: next }),
  };
}

/** Where the archive is followed; undefined where none can be made for this token now: the record is theirs all the same. */
async function presentOf(
  fhir: Fhir,
  request: FhirRequest,
  archive: Operation,
  id: string,
): Promise<string | undefined> {
  try {
    const asked = { ...request, method: 'POST', query: '', body: undefined };
    return (await archive.run(fhir, asked, { type: 'Patient', id, version: '' })).contentLocation;
  } catch (error) {
    if (error instanceof OperationOutcomeError && [403, 404, 429].includes(error.status)) return undefined;
    throw error;
  }
}
