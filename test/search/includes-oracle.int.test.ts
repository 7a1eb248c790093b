// Includes against a model: two families and what belongs to nobody, where everything refers to everything. What comes
// along is exactly what the references say, and for a family never more than it may see.
import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { directoryTypes } from '../../server/access/access.ts';
import { patientsOf } from '../../server/fhir/compartments.ts';
import { type Caller, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { randomFrom } from '../support/random.ts';

type Resource = { resourceType: string; id: string; [name: string]: unknown };

/** Each reference parameter, with the types that the model lets it point to and the element it stands in. */
const parameters: Record<string, { targets: string[]; put: (resource: Resource, references: object[]) => void }> = {
  'Observation:subject': { targets: ['Patient'], put: (r, [one]) => Object.assign(r, { subject: one }) },
  'Observation:focus': {
    targets: ['Patient', 'Observation', 'List', 'Organization', 'Group'],
    put: (r, focus) => Object.assign(r, { focus }),
  },
  'Observation:performer': {
    targets: ['Patient', 'Organization'],
    put: (r, performer) => Object.assign(r, { performer }),
  },
  'Observation:has-member': { targets: ['Observation'], put: (r, hasMember) => Object.assign(r, { hasMember }) },
  'Provenance:target': {
    targets: ['Patient', 'Observation', 'List', 'Organization', 'Group'],
    put: (r, target) => Object.assign(r, { target }),
  },
  'List:subject': { targets: ['Patient', 'Group'], put: (r, [one]) => Object.assign(r, { subject: one }) },
  'List:item': {
    targets: ['Patient', 'Observation', 'List', 'Provenance', 'Organization'],
    put: (r, items) => Object.assign(r, { entry: items.map((item) => ({ item })) }),
  },
  'Organization:partof': { targets: ['Organization'], put: (r, [one]) => Object.assign(r, { partOf: one }) },
  'Patient:organization': {
    targets: ['Organization'],
    put: (r, [one]) => Object.assign(r, { managingOrganization: one }),
  },
  'Patient:link': {
    targets: ['Patient'],
    put: (r, others) => Object.assign(r, { link: others.map((other) => ({ other, type: 'seealso' })) }),
  },
  'PractitionerRole:practitioner': {
    targets: ['Practitioner'],
    put: (r, [one]) => Object.assign(r, { practitioner: one }),
  },
  'PractitionerRole:organization': {
    targets: ['Organization'],
    put: (r, [one]) => Object.assign(r, { organization: one }),
  },
  // A directory type that may be a patient's all the same.
  'Schedule:actor': { targets: ['Patient', 'Practitioner'], put: (r, actor) => Object.assign(r, { actor }) },
  'Group:member': {
    targets: ['Patient'],
    put: (r, members) => Object.assign(r, { member: members.map((entity) => ({ entity })) }),
  },
};
const types: Record<string, { count: number; body: object }> = {
  Organization: { count: 4, body: { name: '見本' } },
  Practitioner: { count: 2, body: { active: true } },
  PractitionerRole: { count: 4, body: { active: true } },
  Schedule: { count: 6, body: { actor: [{ display: '見本' }] } },
  Group: { count: 2, body: { type: 'person', actual: true } },
  Observation: { count: 16, body: { status: 'final', code: { text: '見本' } } },
  List: { count: 8, body: { status: 'current', mode: 'working' } },
  Provenance: {
    count: 8,
    body: { recorded: '2026-01-01T00:00:00Z', agent: [{ who: { display: '試験' } }], target: [{ display: '試験' }] },
  },
};

const choose = randomFrom(20_261_123);
const resources: Resource[] = ['a', 'b'].map((id) => ({ ...patientNamed('試験', id), id }) as unknown as Resource);
for (const [resourceType, { count, body }] of Object.entries(types))
  for (let n = 0; n < count; n++)
    resources.push({ resourceType, id: `${resourceType}-${n}`, ...structuredClone(body) });

/** `Type:parameter` -> name of the resource that refers -> names referred to. */
const model = new Map<string, Map<string, Set<string>>>();
const nameOf = ({ resourceType, id }: Pick<Resource, 'resourceType' | 'id'>) => `${resourceType}/${id}`;
for (const [name, { targets, put }] of Object.entries(parameters)) {
  const links = new Map<string, Set<string>>();
  model.set(name, links);
  const allowed = resources.filter(({ resourceType }) => targets.includes(resourceType));
  for (const resource of resources.filter(({ resourceType }) => name.startsWith(`${resourceType}:`))) {
    const wanted = Array.from({ length: choose.below(3) }, () => nameOf(choose.pick(allowed)));
    if (wanted.length === 0) continue;
    put(
      resource,
      wanted.map((reference) => ({ reference })),
    );
    const isSingle = /:(subject|partof|organization|practitioner)$/.test(name);
    links.set(nameOf(resource), new Set(isSingle ? wanted.slice(0, 1) : wanted));
  }
}

let t: TestApp;
let family: Caller;
beforeAll(async () => {
  t = await startApp();
  const entry = resources.map((resource) => ({ resource, request: { method: 'PUT', url: nameOf(resource) } }));
  const { status, text } = await t.system.post('', { resourceType: 'Bundle', type: 'transaction', entry });
  if (status !== 200) throw new Error(text);
  family = await t.caller('patient/*.rs', { patient: 'a' });
});
afterAll(() => t.close());

type Asked = { isReverse: boolean; name: string; target?: string; iterate: boolean };

function expected(type: string, asked: readonly Asked[], isVisible: (name: string) => boolean): Set<string> {
  const all = resources.map(nameOf);
  const matches = all.filter((name) => name.startsWith(`${type}/`) && isVisible(name));
  const known = new Set(matches);
  let from = matches;
  for (let round = 0; round < 8; round++) {
    const fresh = new Set<string>();
    for (const { isReverse, name, target } of asked.filter(({ iterate }) => round === 0 || iterate)) {
      for (const [source, targets] of model.get(name) ?? []) {
        for (const one of targets) {
          if (target !== undefined && !one.startsWith(`${target}/`)) continue;
          if (isReverse ? from.includes(one) : from.includes(source)) fresh.add(isReverse ? source : one);
        }
      }
    }
    from = [...fresh].filter((name) => isVisible(name) && !known.has(name));
    for (const name of from) known.add(name);
  }
  return known;
}

const visibleToA = new Set(
  resources
    .filter((resource) => {
      const patients = patientsOf(resource);
      return patients.includes('Patient/a') || (patients.length === 0 && directoryTypes.has(resource.resourceType));
    })
    .map(nameOf),
);

const anySearch = fc.constantFrom('Patient', ...Object.keys(types)).chain((type) => {
  const names = Object.keys(parameters);
  const pointsTo = (name: string) => parameters[name]?.targets.includes(type) === true;
  const include = fc
    .record({
      isReverse: fc.boolean(),
      name: fc.constantFrom(...names),
      iterate: fc.boolean(),
      target: fc.option(fc.nat(), { nil: undefined }),
    })
    .map(({ target, ...one }): Asked => {
      const targets = parameters[one.name]?.targets ?? [];
      return target === undefined ? one : { ...one, target: targets[target % targets.length] as string };
    })
    .filter(({ isReverse, name, iterate, target }) => {
      if (iterate) return true;
      return isReverse ? pointsTo(name) && (target ?? type) === type : name.startsWith(`${type}:`);
    });
  return fc.record({ type: fc.constant(type), asked: fc.array(include, { minLength: 1, maxLength: 5 }) });
});

test.each(['everyone', 'a family'])('what comes along for %s is what the references say', async (who) => {
  const [caller, isVisible] =
    who === 'everyone' ? [t.system, () => true] : [family, (name: string) => visibleToA.has(name)];
  await fc.assert(
    fc.asyncProperty(anySearch, async ({ type, asked }) => {
      const search = asked.map(
        ({ isReverse, name, target, iterate }) =>
          `${isReverse ? '_revinclude' : '_include'}${iterate ? ':iterate' : ''}=${name}${target ? `:${target}` : ''}`,
      );
      const { status, text, body } = await caller.get(`${type}?_count=1000&${search.join('&')}`);
      if (status !== 200) throw new Error(`${status} ${text}`);
      const names = (body.entry ?? [])
        .filter(({ search: { mode } }) => mode !== 'outcome')
        .map(({ resource }) => nameOf(resource));
      const wanted = [...expected(type, asked, isVisible)].sort();
      if (JSON.stringify(names.sort()) !== JSON.stringify(wanted))
        throw new Error(`${type}?${search.join('&')}\nis ${names.join(' ')}\nnot ${wanted.join(' ')}`);
    }),
    { numRuns: 150, seed: 3 },
  );
});

test.each(['_include=*', '_revinclude=*', '_include:iterate=*&_revinclude:iterate=*'])(
  'a family that asks for %s gets only what it may read',
  async (search) => {
    for (const type of ['Patient', ...Object.keys(types)]) {
      const { status, body, text } = await family.get(`${type}?_count=1000&${search}`);
      if (status !== 200) throw new Error(text);
      const hidden = (body.entry ?? []).filter(({ resource }) => resource.id && !visibleToA.has(nameOf(resource)));
      if (hidden.length > 0) throw new Error(hidden.map(({ resource }) => nameOf(resource)).join(' '));
    }
  },
);
