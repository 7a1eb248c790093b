// One Consent at random: each element of a provision alone and together, nested exceptions, denials, such as are superseded, and
// such as have no effect.
import type { Random } from '../../support/random.ts';
import { actorOf, consentFor, labels, purposes } from './sample.ts';
import type { Entry, Resource } from './world.ts';

export function anyConsent(
  id: string,
  patient: string,
  grantee: string,
  records: Entry[],
  otherOrganization: string,
  random: Random,
): Resource {
  const root = {
    ...provision(records, otherOrganization, random),
    type: random.pick(['permit', 'permit', 'permit', 'deny']),
    actor:
      random.below(5) === 0 ? [actorOf(`Organization/${otherOrganization}`), actorOf(grantee)] : [actorOf(grantee)],
  };
  const nested = Array.from({ length: random.pick([0, 0, 1, 2]) }, () => ({
    ...provision(records, otherOrganization, random),
    type: root.type === 'permit' ? 'deny' : 'permit',
  }));
  const policy = random.pick([...policies, 'basic-normal', 'basic-normal']);
  return consentFor(id, patient, grantee, nested.length > 0 ? { ...root, provision: nested } : root, {
    status: random.pick(['active', 'active', 'active', 'active', 'active', 'inactive']),
    dateTime: random.pick(['2026-01-01T09:00:00+09:00', '2026-10-01', '2026-11-01T00:00:00Z']),
    policy: [{ uri: `https://profiles.ihe.net/ITI/PCF/Policy-${policy}` }],
  });
}

const policies = ['basic-normal', 'all-normal', 'deny', 'break-glass-only'];

/** At most two elements, so that much matches and much does not. */
function provision(records: Entry[], otherOrganization: string, random: Random): object {
  const elements = Array.from({ length: random.pick([0, 1, 1, 2]) }, () => random.pick(Object.keys(choices)));
  const made = elements.map((name) => choices[name]?.(random, records, otherOrganization) ?? {});
  return Object.assign({ securityLabel: labels(...random.pick(labelChoices)) }, ...made);
}

const labelChoices = [
  ['N'],
  ['N', 'R'],
  ['N', 'R', 'V'],
  ['PSY'],
  ['N', 'HIV', 'SDV'],
  ['N', 'R', 'V', 'PSY', 'SDV', 'HIV'],
];

const choices: Record<string, (random: Random, records: Entry[], otherOrganization: string) => object> = {
  noLabel: () => ({ securityLabel: undefined }),
  period: (random) => ({
    period: random.pick([{ start: '2026-11-24' }, { end: '2026-11-23' }, { start: '2026-01-01', end: '2027-12-31' }]),
  }),
  purpose: (random) => ({
    purpose: purposes(...random.pick([['TREAT'], ['TREAT', 'PATRQT'], ['HPAYMT'], ['HRESCH']])),
  }),
  dataPeriod: (random) => ({
    dataPeriod: random.pick([
      { start: '2026-04-01' },
      { end: '2026-03-31' },
      { start: '2026-03-30', end: '2026-04-02' },
    ]),
  }),
  instance: (random, records) => ({
    data: [{ meaning: 'instance', reference: { reference: refTo(random.pick(records)) } }],
  }),
  related: (_, records) => {
    const visit = records.find(({ resource }) => resource.resourceType === 'Encounter') ?? records[0];
    return { data: [{ meaning: 'related', reference: { reference: visit ? refTo(visit) : 'Encounter/none' } }] };
  },
  authoredby: (_, __, organization) => ({
    data: [{ meaning: 'authoredby', reference: { reference: `Organization/${organization}` } }],
  }),
  class: () => ({ class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'Observation' }] }),
  code: () => ({ code: [{ text: 'x' }] }),
};

const refTo = ({ resource }: Entry): string => `${resource.resourceType}/${resource.id}`;
