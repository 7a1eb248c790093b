// SMART Health Cards of a full vaccination history: read, counted, grouped, compressed and signed, as a wallet asks for them. The first
// call for a child also keeps the names of the cards.
import { post, shuffled, unless } from './requests.ts';
import type { Seed } from './seed.ts';
import type { Workload } from './workload.ts';

/** One topic a card; the 30 doses of a family are about these many. */
const leastCards = 8;

const asked = JSON.stringify({
  resourceType: 'Parameters',
  parameter: [{ name: 'credentialType', valueUri: 'https://smarthealth.cards#immunization' }],
});

export const cards = ({ families }: Seed): Workload => ({
  name: 'cards',
  resources: leastCards,
  requests: shuffled(families.map(({ id }) => post(`/fhir/Patient/${id}/$health-cards-issue`, asked))),
  asked: { p99Ms: 20 * leastCards },
  connections: 1,
  fault: (answer) => {
    const found = answer.split('"verifiableCredential"').length - 1;
    return unless(found >= leastCards, `${found} cards`);
  },
});
