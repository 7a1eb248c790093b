// Fills the server through its own transactions: families with a record, children without one, and one long record.
import type { Bundle, Immunization } from '@medplum/fhirtypes';
import { type Api, call } from './api.ts';
import { child, familyTransaction, immunization, rareDose, transaction } from './families.ts';
import { codeSystem, valueSet } from './terminology.ts';

/** A stored Patient, and which child it is. */
export type Person = { id: string; n: number };

export type Seed = {
  /** 1 Patient, 30 Immunizations, 20 Observations each. */
  families: Person[];
  /** A Patient each and at most three resources more. */
  others: Person[];
  /** The id of a Patient with 1,000 resources. */
  longRecord: string;
  /** As families, but registered by a parent, whose token sees these children alone. */
  children: { token: string; people: Person[] };
};

export const familySize = { doses: 30, measurements: 20 };
/** So many of the others have a dose of the rare vaccine. */
export const rareDoses = 60;
const counts = { families: 300, children: 100, others: 800, atOnce: 4, longRecord: 1000 };

/** Fills the server, the children by the token of their parent, and returns what the workloads need to know of its content. */
export async function seed(api: Api, familyToken: string): Promise<Seed> {
  const families: Person[] = [];
  let next = 0;
  const workers = Array.from({ length: counts.atOnce }, async () => {
    while (next < counts.families) {
      const n = next++;
      const [id = ''] = await created(api, familyTransaction(n, familySize.doses, familySize.measurements));
      families.push({ id, n });
    }
  });
  await Promise.all(workers);
  const numbers = Array.from({ length: counts.others }, (_, index) => counts.families + index);
  const ids = await created(api, transaction(numbers.map((n) => ({ resource: child(n) }))));
  const others = ids.map((id, index) => ({ id, n: numbers[index] ?? 0 }));
  await createAll(
    api,
    others.slice(0, rareDoses).map(({ id, n }) => rareDose(n, `Patient/${id}`)),
  );
  const [longRecord = ''] = await created(api, transaction([{ resource: child(counts.families + counts.others) }]));
  await createAll(
    api,
    Array.from({ length: counts.longRecord - 1 }, (_, index) => immunization(1, index, `Patient/${longRecord}`)),
  );
  for (const one of [codeSystem, valueSet])
    await call(api, { method: 'PUT', path: `/fhir/${one.resourceType}/${one.id}`, body: JSON.stringify(one) });
  const parent = { ...api, token: familyToken };
  const people: Person[] = [];
  for (let n = 0; n < counts.children; n++) {
    const of = counts.families + counts.others + 1 + n;
    const [id = ''] = await created(parent, familyTransaction(of, familySize.doses, 0));
    people.push({ id, n: of });
  }
  return { families, others, longRecord, children: { token: familyToken, people } };
}

const createAll = (api: Api, resources: Immunization[]): Promise<string[]> =>
  created(api, transaction(resources.map((resource) => ({ resource }))));

/** Ids of what the transaction created, in the order of its entries. */
async function created(api: Api, body: string): Promise<string[]> {
  const bundle = JSON.parse(await call(api, { method: 'POST', path: '/fhir', body })) as Bundle;
  return (bundle.entry ?? []).map(({ response }) => {
    const id = /\/([A-Za-z0-9.-]+)\/_history\//.exec(response?.location ?? '')?.[1];
    if (id === undefined) throw new Error(`an entry of a transaction answered ${response?.status} without location`);
    return id;
  });
}
