// Worlds from a seed: eight patients around the ages that matter, their families, two clinics, a municipality, staff with and
// without break-glass, entries of twelve types with labels, dates at the edges and writers, Consents with every element. Each
// patient's texts carry a canary. All ids begin with the world's name, so that many worlds share one server.
import { type Random, randomFrom } from '../../support/random.ts';
import { anyConsent } from './generate-consents.ts';
import { labelled } from './sample.ts';
import type { Caller, Category, Entry, Relation, Resource, World } from './world.ts';

export type Cast = { name: string; caller: Caller };

export type Staged = {
  name: string;
  world: World;
  callers: Cast[];
  /** The moments at which the callers ask. */
  momentsMs: number[];
  /** When everything was entered; break-glass lies at the first moment. */
  storedMs: number;
  /** Patient id -> a text that only entries of that patient carry. */
  canaries: Record<string, string>;
};

const at = (text: string): number => Date.parse(text);
const firstMs = at('2026-11-23T12:00:00+09:00');
const storedMs = at('2026-11-20T09:00:00+09:00');

/** birthDate by the name of the patient; at the second moment `almost` is 18 and `almost15` is 15. */
const births: Record<string, string | undefined> = {
  mother: '1993-02-14',
  infant: '2026-03-31',
  toddler: '2023-04-02',
  almost15: '2011-11-24',
  fifteen: '2011-05',
  almost18: '2008-11-24',
  grown: '2008-11-23',
  other: '2024-02-29',
};
export const patientNames = Object.keys(births);

export function generate(seed: number): Staged {
  const random = randomFrom(seed);
  const name = `w${seed}`;
  const id = (local: string) => `${name}-${local}`;
  const canaries = Object.fromEntries(patientNames.map((one) => [id(one), `canary${name}${one}x`]));
  const patients = patientNames.map((one) => patientEntry(id(one), births[one], canaries[id(one)] ?? '', random));
  const records = patientNames.flatMap((one) => recordsOf(one, id, canaries[id(one)] ?? '', random));
  const shared = sharedEntries(id, random);
  const grantees = [`Organization/${id('near')}`, `Organization/${id('far')}`, `Practitioner/${id('doctor')}`];
  const consents = Array.from({ length: 10 }, (_, n) => {
    const patient = id(random.pick(['infant', 'toddler', 'fifteen', 'grown', 'other', 'mother']));
    // R4 lets no Person be an actor.
    const grantee = random.pick(grantees);
    const own = records.filter(({ resource }) => JSON.stringify(resource).includes(`Patient/${patient}"`));
    return { resource: anyConsent(id(`consent${n}`), patient, grantee, own, id('far'), random), storedMs };
  });
  const world: World = {
    entries: [...directory(id), ...patients, ...records, ...shared, ...consents],
    relations: relationsOf(id, random),
    ties: [
      ...['infant', 'toddler', 'grown'].map((one) => ({
        kind: 'link' as const,
        organization: id('near'),
        patient: id(one),
        fromMs: storedMs,
        ...(one === 'grown' && { untilMs: firstMs }),
      })),
      ...['mother', 'infant', 'toddler', 'fifteen', 'other'].map((one) => ({
        kind: 'residence' as const,
        organization: id('city'),
        patient: id(one),
        fromMs: storedMs,
        ...(one === 'other' && { untilMs: firstMs + 86_400_000 }),
      })),
    ],
    breakGlass: [
      { practitioner: id('doctor'), patient: id(random.pick(['toddler', 'other'])), atMs: firstMs },
      { practitioner: id('nurse'), patient: id('infant'), atMs: firstMs },
    ],
    suspensions: [{ person: id('father'), patient: id('toddler'), fromMs: storedMs }],
    municipalities: [id('city')],
  };
  return {
    name,
    world,
    callers: callersOf(id),
    momentsMs: [firstMs + 60_000, firstMs + 86_400_000],
    storedMs,
    canaries,
  };
}

type Id = (local: string) => string;

function patientEntry(id: string, birthDate: string | undefined, canary: string, random: Random): Entry {
  // Whether a restricted Patient is hidden from the guardians of a young person, the page does not settle.
  const isYoung = birthDate !== undefined && birthDate > '2008' && birthDate < '2012';
  const label = isYoung ? 'N' : random.pick(['N', 'N', 'N', 'R']);
  const resource = {
    resourceType: 'Patient',
    id,
    ...(label === 'R' && labelled('R')),
    identifier: [{ system: 'urn:tsumugi:canary', value: `${canary}patient` }],
    name: [{ family: '試験', given: [canary] }],
    ...(birthDate === undefined ? {} : { birthDate }),
  };
  return { resource, storedMs };
}

const labelChoices: string[][] = [
  [],
  [],
  [],
  ['N'],
  ['R'],
  ['V'],
  ['PSY'],
  ['SDV'],
  ['HIV'],
  ['PSY', 'HIV'],
  ['V', 'SDV'],
];

/** Dates around the edges of the policy: births, 15th and 18th birthdays, the ends of fiscal years, now. */
const dates = [
  '2026-03-31T23:59:59+09:00',
  '2026-04-01',
  '2026-04-01T00:00:00+09:00',
  '2026-06-15',
  '2026-11-19',
  '2024-05-01',
];
const youngDates = ['2026-05-30', '2026-05-31T00:00:00+09:00', '2026-11-01', '2025-01-01'];

function recordsOf(patient: string, id: Id, canary: string, random: Random): Entry[] {
  const subject = { reference: `Patient/${id(patient)}` };
  const isYoung = ['fifteen', 'almost15', 'almost18'].includes(patient);
  const date = () => random.pick(isYoung ? [...youngDates, ...dates] : dates);
  const visit = { reference: `Encounter/${id(`${patient}-visit`)}` };
  const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] });
  const one = (local: string, resourceType: string, more: object): Entry => {
    const chosen = random.pick(labelChoices);
    const identifier = { system: 'urn:tsumugi:canary', value: `${canary}${local}` };
    const resource: Resource = {
      resourceType,
      id: id(`${patient}-${local}`),
      ...(chosen.length > 0 && labelled(...chosen)),
      identifier: resourceType === 'QuestionnaireResponse' ? identifier : [identifier],
      ...more,
    };
    const writer = random.pick([undefined, undefined, 'near', 'far', 'city']);
    return { resource, storedMs, ...(writer !== undefined && { writer: id(writer) }) };
  };
  const observation = (local: string, code: string, more: object = {}) =>
    one(local, 'Observation', { status: 'final', code: loinc(code), subject, note: [{ text: canary }], ...more });
  return [
    one('visit', 'Encounter', {
      status: 'finished',
      class: { code: 'AMB' },
      subject,
      period: { start: date(), end: '2026-11-19' },
    }),
    observation('weight', '29463-7', { effectiveDateTime: date(), encounter: visit }),
    observation('temperature', '8310-5', { effectiveDateTime: date(), issued: '2026-11-18T00:00:00Z' }),
    observation('lately', '8310-5', { effectivePeriod: { start: '2026-03-30', end: '2026-04-02' } }),
    observation('undated', '8302-2'),
    one('dose', 'Immunization', {
      status: 'completed',
      vaccineCode: { text: canary },
      patient: subject,
      encounter: visit,
      occurrenceDateTime: date(),
    }),
    one('illness', 'Condition', { code: { text: canary }, subject, recordedDate: date() }),
    one('allergy', 'AllergyIntolerance', {
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
      },
      code: { text: canary },
      patient: subject,
      recordedDate: date(),
    }),
    one('report', 'DiagnosticReport', { status: 'final', code: { text: canary }, subject, effectiveDateTime: date() }),
    one('form', 'QuestionnaireResponse', {
      status: 'completed',
      subject,
      authored: '2026-07-01T00:00:00Z',
      item: [{ linkId: 'a', text: canary }],
    }),
    one('photo', 'Media', { status: 'completed', subject, createdDateTime: date(), content: { title: canary } }),
    one('message', 'Communication', { status: 'completed', subject, payload: [{ contentString: canary }] }),
  ];
}

/** One appointment of two siblings, one of mother and child. Shared texts carry no canary. */
function sharedEntries(id: Id, random: Random): Entry[] {
  const appointment = (local: string, patients: string[]): Entry => ({
    storedMs,
    resource: {
      resourceType: 'Appointment',
      id: id(local),
      ...labelled(random.pick(['N', 'R'])),
      status: 'booked',
      start: '2026-12-01T10:00:00+09:00',
      end: '2026-12-01T10:30:00+09:00',
      participant: patients.map((one) => ({ status: 'accepted', actor: { reference: `Patient/${id(one)}` } })),
    },
  });
  return [appointment('siblings', ['infant', 'toddler']), appointment('together', ['mother', 'infant'])];
}

function directory(id: Id): Entry[] {
  const organizations = ['near', 'far', 'city'].map((one) => ({
    ...{ resourceType: 'Organization', id: id(one), name: one },
    ...(one === 'city' && { type: [{ coding: [{ system: organizationType, code: 'govt' }] }] }),
  }));
  const staff = ['doctor', 'nurse', 'operator'].map((one) => ({ resourceType: 'Practitioner', id: id(one) }));
  const closed = { resourceType: 'Group', id: id('group'), type: 'person', actual: false };
  return [...organizations, ...staff, closed].map((resource) => ({ resource, storedMs }));
}

const organizationType = 'http://terminology.hl7.org/CodeSystem/organization-type';

const categories: Category[] = ['growth', 'vaccination', 'checkup', 'appointment', 'photo'];

function relationsOf(id: Id, random: Random): Relation[] {
  const children = ['infant', 'toddler', 'almost15', 'fifteen', 'almost18', 'grown'];
  const relation = (
    kind: Relation['kind'],
    person: string,
    patient: string,
    more: Partial<Relation> = {},
  ): Relation => ({
    kind,
    person: id(person),
    patient: id(patient),
    status: 'active',
    fromMs: storedMs,
    ...more,
  });
  const ticked = categories.filter(() => random.below(2) === 0);
  return [
    relation('self', 'mother', 'mother'),
    ...['almost15', 'fifteen', 'grown'].map((one) =>
      relation('self', one, one, { agreed: one === 'fifteen' && random.chance(0.5) }),
    ),
    ...children.map((one) => relation('guardian', 'mother', one)),
    ...children.map((one) => relation('guardian', 'father', one)),
    relation('guardian', 'stepfather', 'infant', { status: 'pending' }),
    relation('guardian', 'former', 'infant', { status: 'ended', untilMs: firstMs - 1000 }),
    relation('guardian', 'former', 'toddler', { untilMs: firstMs + 3_600_000 }),
    relation('guardian', 'neighbour', 'other'),
    relation('invited', 'grandmother', 'infant', { inviter: id('mother'), categories: ticked }),
    relation('invited', 'grandmother', 'toddler', { inviter: id('father'), categories: ticked }),
    relation('invited', 'grandmother', 'almost18', { inviter: id('mother'), categories }),
    relation('invited', 'aunt', 'fifteen', {
      inviter: id('mother'),
      categories: ['growth', 'checkup'],
      untilMs: firstMs + 3_600_000,
    }),
  ];
}

function callersOf(id: Id): Cast[] {
  const person = (one: string, more: Partial<Caller> = {}): Cast => ({
    name: one,
    caller: { scopes: 'user/*.cruds', user: `Person/${id(one)}`, ...more },
  });
  const staff = (one: string, organization: string): Cast => ({
    name: one,
    caller: { scopes: 'user/*.cruds', user: `Practitioner/${id(one)}`, organization: id(organization) },
  });
  const client = (one: string, more: Partial<Caller> = {}): Cast => ({
    name: `${one} ${more.purpose ?? ''}`.trim(),
    caller: { scopes: 'system/*.cruds', organization: id(one), ...more },
  });
  const families = ['mother', 'father', 'almost15', 'fifteen', 'grown', 'stepfather', 'former', 'grandmother', 'aunt'];
  return [
    ...families.map((one) => person(one)),
    { ...person('mother', { scopes: 'patient/*.rs', patient: id('infant') }), name: 'mother for the infant' },
    {
      ...person('mother', { scopes: 'user/Observation.rs?code=http://loinc.org|29463-7 user/Patient.rs' }),
      name: 'mother for weights',
    },
    { ...person('neighbour', { scopes: 'patient/*.cruds', patient: id('other') }), name: 'neighbour' },
    staff('doctor', 'near'),
    staff('nurse', 'far'),
    client('near'),
    client('far'),
    client('far', { purpose: 'HPAYMT' }),
    client('city'),
    client('city', { purpose: 'HRESCH' }),
    { name: 'operator', caller: { scopes: 'user/*.rs', user: `Practitioner/${id('operator')}` } },
  ];
}
