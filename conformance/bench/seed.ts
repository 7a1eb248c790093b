// Fills the empty server through its own transactions: families with a record, children without one, and one long record.
import type { Bundle } from '@medplum/fhirtypes';
import { type Api, call } from './api.ts';
import { child, familyTransaction, immunization, transaction } from './families.ts';

/** Ids of patients. */
export type Seed = {
  /** 1 Patient, 30 Immunizations, 20 Observations each; family n is child n. */
  families: string[];
  /** A Patient each and nothing else; the first is child `families.length`. */
  others: string[];
  /** 1,000 resources. */
  longRecord: string;
};

export const familySize = { doses: 30, measurements: 20 };
const counts = { families: 300, others: 800, atOnce: 4, longRecord: 1000 };

/** Fills the server and returns what the workloads need to know of its content. */
export async function seed(api: Api): Promise<Seed> {
  const families: string[] = new Array(counts.families).fill('');
  let n = 0;
  const workers = Array.from({ length: counts.atOnce }, async () => {
    while (n < counts.families) {
      const family = n++;
      const [patient] = await created(api, familyTransaction(family, familySize.doses, familySize.measurements));
      families[family] = patient ?? '';
    }
  });
  await Promise.all(workers);
  const numbers = Array.from({ length: counts.others }, (_, index) => counts.families + index);
  const others = await created(api, transaction(numbers.map((number) => ({ resource: child(number) }))));
  const [longRecord = ''] = await created(api, transaction([{ resource: child(counts.families + counts.others) }]));
  const doses = Array.from({ length: counts.longRecord - 1 }, (_, index) => ({
    resource: immunization(1, index, `Patient/${longRecord}`),
  }));
  await created(api, transaction(doses));
  return { families, others, longRecord };
}

/** Ids of what the transaction created, in the order of its entries. */
async function created(api: Api, body: string): Promise<string[]> {
  const bundle = JSON.parse(await call(api, { method: 'POST', path: '/fhir', body })) as Bundle;
  return (bundle.entry ?? []).map(({ response }) => {
    const id = /\/([A-Za-z0-9.-]+)\/_history\//.exec(response?.location ?? '')?.[1];
    if (id === undefined) throw new Error(`an entry of a transaction answered ${response?.status} without location`);
    return id;
  });
}
