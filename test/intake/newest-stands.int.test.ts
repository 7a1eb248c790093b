// Of several messages about one thing the one made last stands, in whatever order they come, alone or many in a request.

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDeliverAll, type Delivery } from '../../connectors/deliver.ts';
import { createEntry, replaceEntry } from '../../mappings/record.ts';
import { type Caller, patientNamed, startApp, type TestApp } from '../support/app.ts';

const source = 'urn:oid:1.2.392.100495.20.3.51.11312345678';
let t: TestApp;
let hospital: Caller;
let organization: string;
beforeAll(async () => {
  t = await startApp();
  hospital = await t.caller('system/*.crus', { client: 'hospital' });
  organization = (await t.system.create({ resourceType: 'Organization', name: '見本医院' })).id;
});
afterAll(() => t.close());

/** A child whose number is linked already. */
async function linked(): Promise<{ id: string; number: string }> {
  const { id } = await t.system.create(patientNamed('試験', '花子'));
  const number = `N-${randomUUID()}`;
  await linkTo(id, number);
  return { id, number };
}

async function linkTo(id: string, number: string): Promise<void> {
  const organizationParameter = { name: 'organization', valueReference: { reference: `Organization/${organization}` } };
  const identifier = { name: 'identifier', valueIdentifier: { system: source, value: number } };
  const body = { resourceType: 'Parameters', parameter: [organizationParameter, identifier] };
  expect((await t.system.post(`Patient/${id}/$link-facility`, body)).status).toBe(200);
}

type Said = { dose: string; lot: string; time?: string; status?: string; replaces?: boolean };

/** What a clinic says of one dose. */
function message(number: string, { dose, lot, time = '', status = 'completed', replaces = false }: Said): object {
  const resource = {
    resourceType: 'Immunization' as const,
    identifier: [{ system: 'urn:example:dose', value: `${number}.${dose}` }],
    status: status as 'completed',
    vaccineCode: { text: '見本ワクチン' },
    patient: { reference: `Patient?identifier=${source}|${number}` },
    occurrenceDateTime: '2026-06-01',
    lotNumber: lot,
  };
  const original = Buffer.from(`dose ${dose} of ${number}, lot ${lot}, ${status}, ${time}`);
  const entry = [replaces ? replaceEntry(resource) : createEntry(resource)];
  return [
    { name: 'patient', valueIdentifier: { system: source, value: number } },
    {
      name: 'original',
      resource: { resourceType: 'Binary', contentType: 'text/plain', data: original.toString('base64') },
    },
    { name: 'record', resource: { resourceType: 'Bundle', type: 'transaction', entry } },
    ...(time ? [{ name: 'sent', valueDateTime: time }] : []),
  ];
}

const one = (parameter: object, caller = hospital) =>
  caller.post('$deliver', { resourceType: 'Parameters', parameter });
const many = (messages: readonly object[]) => one(messages.map((part) => ({ name: 'delivery', part })));
const lots = async (patient: string) => {
  const { body } = await t.system.get(`Immunization?patient=${patient}&_count=100`);
  const found = (body.entry ?? []).map(
    ({ resource }) =>
      `${(resource.identifier as [{ value: string }])[0].value.split('.').at(-1)} ${resource.lotNumber} ${resource.status}`,
  );
  return found.sort();
};
type Part = { name: string; valueString?: string; valueCode?: string };
/** The parts called so of each delivery in an answer. */
const partsOf = ({ body }: { body: unknown }, name: string) =>
  ((body as { parameter?: { part: Part[] }[] }).parameter ?? []).map(({ part }) =>
    part.find((one) => one.name === name),
  );

describe('several messages about one dose', () => {
  const said: Said[] = [
    { dose: 'a', lot: 'A1', time: '2026-06-01T10:00:00+09:00' },
    { dose: 'a', lot: 'A2', time: '2026-06-02T10:00:00+09:00', replaces: true },
    { dose: 'a', lot: 'A2', time: '2026-06-03T10:00:00+09:00', status: 'entered-in-error', replaces: true },
    { dose: 'b', lot: 'B1', time: '2026-06-03T10:00:00+09:00' },
    { dose: 'b', lot: 'B2', time: '2026-06-03T10:00:00+09:00' },
    { dose: 'c', lot: 'C1' },
  ];

  test('in any order, split in any way, some twice: the same record', async () => {
    const shuffled = fc.tuple(
      fc.shuffledSubarray([...said, ...said], { minLength: said.length * 2, maxLength: said.length * 2 }),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 12, maxLength: 12 }),
    );
    const records = new Set<string>();
    await fc.assert(
      fc.asyncProperty(shuffled, async ([order, sizes]) => {
        const { id, number } = await linked();
        let at = 0;
        for (const size of sizes) {
          const together = order.slice(at, at + size).map((each) => message(number, each));
          if (together.length > 0) expect((await many(together)).status).toBe(200);
          at += size;
        }
        const record = await lots(id);
        expect(record.map((each) => each.split(' ')[0])).toEqual(['a', 'b', 'c']);
        records.add(record.join());
      }),
      { numRuns: 15 },
    );
    // Which of two equal times stands is decided by the originals, the numbers of the patients among them.
    const withoutB = new Set([...records].map((each) => each.replace(/b B[12]/, 'b')));
    expect([...withoutB]).toEqual(['a A2 entered-in-error,b completed,c C1 completed']);
  });

  test('an older one that came late leaves its Provenance, and nothing else', async () => {
    const { id, number } = await linked();
    await one(message(number, said[1] as Said));
    await one(message(number, said[0] as Said));
    expect(await lots(id)).toEqual(['a A2 completed']);
    const { body } = await t.system.get(`Provenance?patient=${id}`);
    expect(body.entry).toHaveLength(2);
    const { body: stored } = await t.system.get(`Immunization?patient=${id}`);
    const dose = `Immunization/${stored.entry[0]?.resource.id}`;
    for (const { resource } of body.entry) expect(JSON.stringify(resource.target)).toContain(dose);
    expect(stored.entry[0]?.resource.meta.versionId).toBe('1');
  });

  test('what waited for the link stands by when it was made, too', async () => {
    const { id } = await t.system.create(patientNamed('試験', '花子'));
    const number = `N-${randomUUID()}`;
    await one(message(number, said[1] as Said));
    await one(message(number, said[0] as Said));
    await linkTo(id, number);
    expect(await lots(id)).toEqual(['a A2 completed']);
  });

  test('eight requests at the same moment leave one dose', async () => {
    const { id, number } = await linked();
    const times = Array.from({ length: 8 }, (_, n) => `2026-06-0${n + 1}T10:00:00+09:00`);
    const answers = await Promise.all(times.map((time, n) => one(message(number, { dose: 'a', lot: `L${n}`, time }))));
    expect(answers.map(({ status }) => status)).toEqual(times.map(() => 200));
    expect(await lots(id)).toEqual(['a L7 completed']);
  });

  test('a clock that runs ahead does not keep later corrections out', async () => {
    const { id, number } = await linked();
    await one(message(number, { dose: 'a', lot: 'A1', time: '2999-01-01T00:00:00+09:00' }));
    t.clock.nowMs += 60_000;
    await one(message(number, { dose: 'a', lot: 'A2', replaces: true }));
    expect(await lots(id)).toEqual(['a A2 completed']);
  });

  test('a dose that was erased meanwhile is written anew', async () => {
    const { id, number } = await linked();
    await one(message(number, said[0] as Said));
    const { body } = await t.system.get(`Immunization?patient=${id}`);
    await t.system.delete(`Immunization/${body.entry[0]?.resource.id}`);
    await one(message(number, said[1] as Said));
    expect(await lots(id)).toEqual(['a A2 completed']);
  });
});

describe('many in a request', () => {
  test('each has its fate, in their order: one that is wrong refuses itself alone', async () => {
    const { id, number } = await linked();
    const wrong = message(number, { dose: 'x', lot: 'X', status: 'no such status' });
    const nobody = message(`N-${randomUUID()}`, { dose: 'a', lot: 'A' });
    const answer = await many([
      message(number, { dose: 'a', lot: 'A' }),
      wrong,
      nobody,
      message(number, { dose: 'b', lot: 'B' }),
    ]);
    expect(answer.status).toBe(200);
    expect(partsOf(answer, 'fate').map((part) => part?.valueCode)).toEqual(['stored', 'refused', 'waiting', 'stored']);
    expect(await lots(id)).toEqual(['a A completed', 'b B completed']);
  });

  test('a connector gets a receipt for each', async () => {
    const { id, number } = await linked();
    const url = await t.app.listen({ port: 0 });
    const deliverAll = createDeliverAll({ fhirBase: `${url}/fhir`, token: hospital.token ?? '' });
    const delivery = (n: number): Delivery => ({
      patient: { identifier: { system: source, value: number } },
      original: Buffer.from(`message ${n} of ${number}`),
      contentType: 'text/plain',
      record: n === 1 ? undefined : [],
      problem: n === 1 ? 'nothing could be read' : undefined,
      message: { id: `m${n}`, time: '2026-06-01T10:00:00+09:00' },
    });
    const receipts = await deliverAll([0, 1, 2].map(delivery));
    expect(receipts.map(({ fate }) => fate)).toEqual(['stored', 'refused', 'stored']);
    expect(receipts[1]?.reason).toBe('nothing could be read');
    expect((await t.system.get(`Provenance?patient=${id}&_summary=count`)).body.total).toBe(2);
  });

  test('the same twice in a request is one', async () => {
    const { id, number } = await linked();
    const same = message(number, { dose: 'a', lot: 'A' });
    const ids = partsOf(await many([same, same]), 'delivery').map((part) => part?.valueString);
    expect(ids).toEqual([ids[0], ids[0]]);
    expect((await t.system.get(`Provenance?patient=${id}&_summary=count`)).body.total).toBe(1);
  });

  test('more than 500, and one beside others, are refused', async () => {
    expect((await many(Array.from({ length: 501 }, () => message('1', { dose: 'a', lot: 'A' })))).status).toBe(422);
    const both = [
      { name: 'delivery', part: message('1', { dose: 'a', lot: 'A' }) },
      { name: 'problem', valueString: 'x' },
    ];
    expect((await one(both)).status).toBe(400);
  });
});

describe('what a person should look at', () => {
  test('is listed for its sender until somebody has looked, and can be done anew', async () => {
    const { id, number } = await linked();
    const caller = await t.caller('system/*.crus', { client: `clinic ${number}` });
    const said = { dose: 'a', lot: 'A', time: '2026-06-01T10:00:00+09:00' };
    const withId = (text: object) => [...(text as object[]), { name: 'message', valueString: 'MSG1' }];
    await one(withId(message(number, said)), caller);
    t.clock.nowMs += 1;
    await one(withId(message(number, { ...said, lot: 'B', time: '2026-05-01T10:00:00+09:00' })), caller);
    t.clock.nowMs += 1;
    await one(message(number, { ...said, dose: 'x', status: 'wrong' }), caller);
    const listed = async (query: string) => {
      const answer = await caller.get(`$deliveries?${query}`);
      const [fates, reasons] = [partsOf(answer, 'fate'), partsOf(answer, 'reason')];
      return partsOf(answer, 'delivery').map((part, n) => ({
        id: part?.valueString ?? '',
        fate: fates[n]?.valueCode,
        reason: reasons[n]?.valueString,
      }));
    };
    expect(await listed('')).toHaveLength(3);
    const seen = "select count(*)::int as n from audit where interaction = 'deliveries' and owner = $1";
    expect((await t.pool.query(seen, [id])).rows).toEqual([{ n: 1 }]);
    const forReview = await listed('review=true');
    expect(forReview.map(({ fate }) => fate)).toEqual(['stored', 'refused']);
    expect(forReview[0]?.reason).toContain('stood on another content');
    expect(await listed('fate=refused')).toHaveLength(1);
    const body = { resourceType: 'Parameters', parameter: [{ name: 'delivery', valueString: forReview[0]?.id }] };
    expect((await hospital.post('$reviewed', body)).status).toBe(404);
    expect((await caller.post('$reviewed', body)).status).toBe(200);
    expect(await listed('review=true')).toHaveLength(1);
    expect((await hospital.get('$deliveries')).text).not.toContain(forReview[0]?.id);
    expect((await caller.get('$deliveries?who=me')).status).toBe(400);

    // A better mapping of the same original, which is stored already.
    const better = message(number, said) as {
      name: string;
      resource: { entry: { resource: { doseQuantity?: object } }[] };
    }[];
    const record = better.find(({ name }) => name === 'record');
    if (record?.resource.entry[0]) record.resource.entry[0].resource.doseQuantity = { value: 0.5, unit: 'mL' };
    await one(withId(better), caller);
    const stored = async () => (await t.system.get(`Immunization?patient=${id}`)).text;
    expect(await stored()).not.toContain('doseQuantity');
    await one([...withId(better), { name: 'again', valueBoolean: true }], caller);
    expect(await stored()).toContain('doseQuantity');
    expect(await lots(id)).toEqual(['a A completed']);
  });
});
