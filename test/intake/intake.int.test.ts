// What a facility delivers, and the link by which a family lets it flow in: nothing is lost, nothing is guessed.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFhir, createIntake } from '../../server/app/fhir.ts';
import { takeInJob } from '../../server/intake/jobs.ts';
import { type Caller, matchIds, patientNamed, type Response, startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
let hospital: Caller;
let organization: string;
const source = 'urn:oid:1.2.392.100495.20.3.51.11312345678';
beforeAll(async () => {
  t = await startApp();
  hospital = await t.caller('system/*.crus', { client: 'hospital' });
  organization = (await t.system.create({ resourceType: 'Organization', name: '見本医院' })).id;
});
afterAll(() => t.close());

type Message = { number: string; text?: string; record?: object | null; patient?: object | null; more?: object[] };

/** A vaccination of the patient with that number, as a connector hands it in. */
const vaccination = (number: string, more: object = {}) => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    {
      resource: {
        resourceType: 'Immunization',
        status: 'completed',
        vaccineCode: { text: '見本ワクチン' },
        patient: { reference: `Patient?identifier=${source}|${number}` },
        occurrenceDateTime: '2026-06-01',
        ...more,
      },
      request: { method: 'POST', url: 'Immunization' },
    },
  ],
});
const deliver = (
  { number, text = `message ${randomUUID()}`, record = vaccination(number), patient, more = [] }: Message,
  caller = hospital,
) =>
  caller.post('$deliver', {
    resourceType: 'Parameters',
    parameter: [
      ...(patient === null
        ? []
        : [{ name: 'patient', ...(patient ?? { valueIdentifier: { system: source, value: number } }) }]),
      {
        name: 'original',
        resource: {
          resourceType: 'Binary',
          contentType: 'x-application/hl7-v2+er7',
          data: Buffer.from(text).toString('base64'),
        },
      },
      ...(record === null ? [] : [{ name: 'record', resource: record }]),
      ...more,
    ],
  });
const part = ({ body }: Response, name: string) => body.parameter?.find((one) => one.name === name);
const fateOf = (response: Response) => ({ status: response.status, fate: part(response, 'fate')?.valueCode });
const idOf = (response: Response) => String(part(response, 'delivery')?.valueString);
const held = async (number: string) =>
  (await t.pool.query('select id, fate from held where number = $1 order by id', [number])).rows as {
    id: string;
    fate: string;
  }[];
const immunizations = async (patient: string) =>
  (await t.system.get(`Immunization?patient=${patient}&_summary=count`)).body.total;

/** A new child whose family signs in, and a patient number that nobody has yet. */
async function family() {
  const { id } = await t.system.create(patientNamed('試験', '花子'));
  return { id, number: `N-${randomUUID()}`, app: await t.caller('patient/*.cruds', { patient: id, client: 'family' }) };
}
const codeFor = async (number: string, caller = t.system) =>
  caller.post(`Organization/${organization}/$link-code`, {
    resourceType: 'Parameters',
    parameter: [{ name: 'identifier', valueIdentifier: { system: source, value: number } }],
  });
const link = (app: Caller, patient: string, ...parameter: object[]) =>
  app.post(`Patient/${patient}/$link-facility`, { resourceType: 'Parameters', parameter });
async function linked() {
  const one = await family();
  const code = part(await codeFor(one.number), 'code')?.valueString;
  const answer = await link(one.app, one.id, { name: 'code', valueString: code });
  expect(answer.status).toBe(200);
  return one;
}

describe('$deliver', () => {
  test('for a number that nobody linked waits, outside the record, until the link takes it in', async () => {
    const { id, number, app } = await family();
    const waiting = await deliver({ number });
    expect(fateOf(waiting)).toEqual({ status: 202, fate: 'waiting' });
    expect(await immunizations(id)).toBe(0);
    expect((await t.system.get('Immunization?_summary=count')).body.total).toBe(
      (await t.system.get('Provenance?_summary=count')).body.total,
    );
    expect(
      (await t.pool.query('select count(*)::int n from resource where content like $1', [`%${number}%`])).rows[0].n,
    ).toBe(0);

    const code = part(await codeFor(number), 'code')?.valueString;
    const answer = await link(app, id, { name: 'code', valueString: code });
    expect(answer.status).toBe(200);
    expect(part(answer, 'taken')?.valueInteger).toBe(1);
    expect(part(answer, 'consent')?.resource).toMatchObject({
      resourceType: 'Consent',
      status: 'active',
      patient: { reference: `Patient/${id}` },
    });
    const { body } = await app.get('Immunization');
    expect(body.entry).toHaveLength(1);
    expect(body.entry[0]?.resource.patient).toEqual({ reference: `Patient/${id}` });
    expect((await app.get(`Patient/${id}`)).text).toContain(number);
    expect(part(await hospital.get(`$delivery?id=${idOf(waiting)}`), 'fate')?.valueCode).toBe('stored');
  });

  test('for a linked number is stored at once, with a Provenance that names the delivery', async () => {
    const { id, number, app } = await linked();
    const answer = await deliver({ number });
    expect(fateOf(answer)).toEqual({ status: 200, fate: 'stored' });
    expect(await immunizations(id)).toBe(1);
    const { body } = await app.get('Provenance');
    expect(body.entry).toHaveLength(1);
    expect(JSON.stringify(body.entry[0]?.resource)).toContain(idOf(answer));
  });

  test('for a Patient of this server is stored at once', async () => {
    const { id } = await family();
    const answer = await deliver({
      number: 'x',
      patient: { valueReference: { reference: `Patient/${id}` } },
      record: vaccination('x', { patient: { reference: `Patient/${id}` } }),
    });
    expect(fateOf(answer)).toEqual({ status: 200, fate: 'stored' });
    expect(await immunizations(id)).toBe(1);
  });

  test('of the same message again is the same delivery, and is stored once', async () => {
    for (const { id, number } of [await linked(), await family()]) {
      const first = await deliver({ number, text: 'the same' });
      const second = await deliver({ number, text: 'the same' });
      expect(fateOf(second)).toEqual(fateOf(first));
      expect(idOf(second)).toBe(idOf(first));
      expect(await held(number)).toHaveLength(1);
      expect(await immunizations(id)).toBe(first.status === 200 ? 1 : 0);
    }
  });

  test('of the same message eight times at once is one delivery, stored once', async () => {
    for (const { id, number } of [await linked(), await family()]) {
      const answers = await Promise.all(Array.from({ length: 8 }, () => deliver({ number, text: 'at once' })));
      expect(new Set(answers.map((answer) => JSON.stringify(fateOf(answer)))).size).toBe(1);
      expect(new Set(answers.map(idOf)).size).toBe(1);
      expect((await held(number)).map((one) => one.id)).toEqual([idOf(answers[0] as Response)]);
      expect(await immunizations(id)).toBe(answers[0]?.status === 200 ? 1 : 0);
    }
  });

  test('of many messages for different numbers at once does not run out of connections', async () => {
    const begin = performance.now();
    const answers = await Promise.all(Array.from({ length: 40 }, () => deliver({ number: `many-${randomUUID()}` })));
    expect(answers.every(({ status }) => status === 202)).toBe(true);
    expect(performance.now() - begin).toBeLessThan(8_000);
  });

  test.each<[string, object]>([
    ['is not valid', vaccination('N', { status: 'wrong' })],
    [
      'is no transaction that can be done',
      { resourceType: 'Bundle', type: 'transaction', entry: [{ request: { method: 'GET', url: 'Patient' } }] },
    ],
  ])('of a record that %s is refused with 422, and the original is kept', async (_, record) => {
    for (const { number, id } of [await linked(), await family()]) {
      const answer = await deliver({ number, record, text: 'original text' });
      expect(answer.status).toBe(422);
      expect(answer.body.issue[0]?.code).toBe('business-rule');
      const [kept] = await held(number);
      expect(kept?.fate).toBe('refused');
      expect(answer.body.issue[0]?.diagnostics).toContain(kept?.id);
      const looked = await hospital.get(`$delivery?id=${kept?.id}`);
      expect(Buffer.from(String(part(looked, 'original')?.resource.data), 'base64').toString()).toBe('original text');
      expect(await immunizations(id)).toBe(0);
    }
  });

  test('of a record that names another number reaches nobody, linked or not yet', async () => {
    const [one, waiting] = [await linked(), await family()];
    const record = vaccination(`another-${randomUUID()}`);
    expect((await deliver({ number: one.number, record })).status).toBe(422);
    expect((await deliver({ number: waiting.number, record })).status).toBe(202);
    const code = part(await codeFor(waiting.number), 'code')?.valueString;
    await link(waiting.app, waiting.id, { name: 'code', valueString: code });
    for (const { id, number } of [one, waiting]) {
      expect((await held(number)).map(({ fate }) => fate)).toEqual(['refused']);
      expect(await immunizations(id)).toBe(0);
    }
  });

  // What waits is written later by the server itself, so the sender's rights are asked when it comes.
  test('does not wait for what its sender has no right to', async () => {
    const { number } = await family();
    const victim = await family();
    const creator = await t.caller('system/*.c', { client: 'creator' });
    const entry = [
      {
        resource: { ...patientNamed('乗取', '者'), id: victim.id },
        request: { method: 'PUT', url: `Patient/${victim.id}` },
      },
    ];
    const answer = await deliver({ number, record: { resourceType: 'Bundle', type: 'transaction', entry } }, creator);
    expect(answer.status).toBe(422);
    expect((await held(number)).map(({ fate }) => fate)).toEqual(['refused']);
  });

  test('of a message that could not be read at all is kept as refused', async () => {
    const number = `unread-${randomUUID()}`;
    const answer = await deliver({ number, record: null, more: [{ name: 'problem', valueString: 'MSH is missing' }] });
    expect(answer.status).toBe(422);
    expect(answer.body.issue[0]?.diagnostics).toContain('MSH is missing');
    expect((await held(number)).map(({ fate }) => fate)).toEqual(['refused']);
  });

  test('refused and sent again, mapped better, keeps its id and names it in the Provenance', async () => {
    for (const { id, number, app } of [await linked(), await family()]) {
      await deliver({ number, record: vaccination(number, { status: 'wrong' }), text: 'again' });
      const [{ id: kept } = { id: '' }] = await held(number);
      const answer = await deliver({ number, text: 'again' });
      expect(idOf(answer)).toBe(kept);
      expect((await held(number)).map((one) => one.id)).toEqual([kept]);
      if (answer.status === 202) {
        const code = part(await codeFor(number), 'code')?.valueString;
        await link(app, id, { name: 'code', valueString: code });
      }
      expect(JSON.stringify((await app.get('Provenance')).body.entry)).toContain(kept);
      expect(await immunizations(id)).toBe(1);
    }
  });

  test('with a My Number is refused, kept nowhere, and not echoed', async () => {
    const digits = '123456789018';
    const number = `mn-${randomUUID()}`;
    const answers = [
      await deliver({ number, text: `個人番号: ${digits}` }),
      await deliver({ number, record: vaccination(number, { note: [{ text: `マイナンバー ${digits}` }] }) }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(422);
      expect(answer.text).not.toContain(digits);
    }
    expect(await held(number)).toEqual([]);
  });

  test.each<[string, object[]]>([
    ['no original', [{ name: 'patient', valueIdentifier: { system: source, value: '1' } }]],
    [
      'an empty original',
      [{ name: 'original', resource: { resourceType: 'Binary', contentType: 'text/plain', data: '' } }],
    ],
    ['an unknown parameter', [{ name: 'nonsense', valueString: 'x' }]],
    [
      'a record that is no Bundle',
      [
        { name: 'original', resource: { resourceType: 'Binary', contentType: 'text/plain', data: 'AAAA' } },
        { name: 'record', resource: { resourceType: 'Patient' } },
      ],
    ],
    [
      'a patient that is neither number nor Patient',
      [
        { name: 'patient', valueReference: { reference: 'Group/1' } },
        { name: 'original', resource: { resourceType: 'Binary', contentType: 'text/plain', data: 'AAAA' } },
        { name: 'problem', valueString: 'x' },
      ],
    ],
  ])('with %s is 400', async (_, parameter) => {
    const { status, body } = await hospital.post('$deliver', { resourceType: 'Parameters', parameter });
    expect({ status, type: body.resourceType }).toEqual({ status: 400, type: 'OperationOutcome' });
  });

  test('needs the right to create records', async () => {
    const { number, app, id } = await family();
    expect((await deliver({ number }, app)).status).toBe(403);
    expect((await deliver({ number }, await t.caller('system/*.rs'))).status).toBe(403);
    const other = await family();
    const toOther = {
      number: 'x',
      patient: { valueReference: { reference: `Patient/${other.id}` } },
      record: vaccination('x', { patient: { reference: `Patient/${other.id}` } }),
    };
    expect((await deliver(toOther, app)).status).toBe(403);
    const toOwn = {
      number: 'x',
      patient: { valueReference: { reference: `Patient/${id}` } },
      record: vaccination('x', { patient: { reference: `Patient/${id}` } }),
    };
    expect(fateOf(await deliver(toOwn, app))).toEqual({ status: 200, fate: 'stored' });
  });

  test('of a record for the right patient cannot write into another’s', async () => {
    const { number } = await linked();
    const victim = await family();
    const app = await t.caller('patient/*.cruds', { patient: victim.id });
    const { id } = await family();
    const record = vaccination(number, { patient: { reference: `Patient/${id}` } });
    expect(
      (await deliver({ number: 'x', patient: { valueReference: { reference: `Patient/${victim.id}` } }, record }, app))
        .status,
    ).toBe(422);
    expect(await immunizations(id)).toBe(0);
  });
});

describe('$delivery', () => {
  test('is for the client that delivered; for others it looks like none', async () => {
    const delivered = idOf(await deliver({ number: `look-${randomUUID()}` }));
    expect((await hospital.get(`$delivery?id=${delivered}`)).status).toBe(200);
    const other = await t.caller('system/*.cruds', { client: 'another' });
    const none = randomUUID();
    const [hidden, missing] = [await other.get(`$delivery?id=${delivered}`), await other.get(`$delivery?id=${none}`)];
    expect({ status: hidden.status, text: hidden.text.replace(delivered, 'ID') }).toEqual({
      status: 404,
      text: missing.text.replace(none, 'ID'),
    });
    expect((await hospital.get('$delivery?id=x')).status).toBe(404);
    expect((await hospital.get('$delivery')).status).toBe(404);
  });
});

describe('$link-code and $link-facility', () => {
  test('a code works once', async () => {
    const { id, number, app } = await family();
    const code = part(await codeFor(number), 'code')?.valueString;
    expect((await link(app, id, { name: 'code', valueString: code })).status).toBe(200);
    expect((await link(app, id, { name: 'code', valueString: code })).status).toBe(400);
    const other = await family();
    expect((await link(other.app, other.id, { name: 'code', valueString: code })).status).toBe(400);
    expect((await t.system.get(`Consent?patient=${id}&_summary=count`)).body.total).toBe(1);
  });

  test('a code used by two families at once links one of them', async () => {
    for (let round = 0; round < 5; round++) {
      const [one, two] = [await family(), await family()];
      const code = part(await codeFor(one.number), 'code')?.valueString;
      const answers = await Promise.all(
        [one, two].map(({ app, id }) => link(app, id, { name: 'code', valueString: code })),
      );
      expect(answers.map(({ status }) => status === 200).sort()).toEqual([false, true]);
      const loser = answers[0]?.status === 200 ? two : one;
      expect((await loser.app.get(`Patient/${loser.id}`)).text).not.toContain(one.number);
      expect((await t.system.get(`Consent?patient=${loser.id}&_summary=count`)).body.total).toBe(0);
    }
  });

  test('a code is read as people write it, and refused when it is too old or wrong', async () => {
    const { id, number, app } = await family();
    const code = String(part(await codeFor(number), 'code')?.valueString);
    const old = String(part(await codeFor(number), 'code')?.valueString);
    await t.pool.query("update link_code set expires = now() - interval '1 s' where hash = sha256($1::bytea)", [old]);
    expect((await link(app, id, { name: 'code', valueString: old })).status).toBe(400);
    expect((await link(app, id, { name: 'code', valueString: 'AAAAAAAAAA' })).status).toBe(400);
    expect(
      (await link(app, id, { name: 'code', valueString: ` ${code.slice(0, 5).toLowerCase()}-${code.slice(5)} ` }))
        .status,
    ).toBe(200);
  });

  test('a number linked to one child is not linked to another', async () => {
    const first = await linked();
    const second = await family();
    const code = part(await codeFor(first.number), 'code')?.valueString;
    expect((await link(second.app, second.id, { name: 'code', valueString: code })).status).toBe(409);
    expect((await second.app.get(`Patient/${second.id}`)).text).not.toContain(first.number);
    await deliver({ number: first.number });
    expect(await immunizations(first.id)).toBe(1);
    expect(await immunizations(second.id)).toBe(0);
  });

  test('a family cannot link by a number alone, only staff can', async () => {
    const { id, number, app } = await family();
    const byNumber = [
      { name: 'organization', valueReference: { reference: `Organization/${organization}` } },
      { name: 'identifier', valueIdentifier: { system: source, value: number } },
    ];
    expect((await link(app, id, ...byNumber)).status).toBe(400);
    expect((await app.get(`Patient/${id}`)).text).not.toContain(number);
    expect((await codeFor(number, app)).status).toBe(403);
    expect((await link(t.system, id, ...byNumber)).status).toBe(200);
    await deliver({ number });
    expect(await immunizations(id)).toBe(1);
  });

  test('an identifier that a family claims leads no record to it', async () => {
    const { id, number, app } = await family();
    const { body } = await app.get(`Patient/${id}`);
    await app.put(`Patient/${id}`, { ...body, identifier: [{ system: source, value: number }] });
    expect(fateOf(await deliver({ number }))).toEqual({ status: 202, fate: 'waiting' });
    expect(await immunizations(id)).toBe(0);
  });

  test('somebody else’s child cannot be linked, and looks like none', async () => {
    const [one, other] = [await family(), await family()];
    const code = part(await codeFor(one.number), 'code')?.valueString;
    expect((await link(one.app, other.id, { name: 'code', valueString: code })).status).toBe(404);
    expect((await link(one.app, 'none', { name: 'code', valueString: code })).status).toBe(404);
    const reader = await t.caller('patient/*.rs', { patient: one.id });
    expect((await link(reader, one.id, { name: 'code', valueString: code })).status).toBe(403);
    expect((await link(one.app, one.id, { name: 'code', valueString: code })).status).toBe(200);
  });

  test('takes in many, and refuses alone what has become impossible', async () => {
    const { id, number, app } = await family();
    for (let n = 0; n < 5; n++) await deliver({ number });
    // Valid when it came; its second entry is an update of what is not there for it any more.
    const record = vaccination(number);
    const stale = {
      resource: { resourceType: 'Organization', id: organization, name: '変更' },
      request: { method: 'PUT', url: `Organization/${organization}`, ifMatch: 'W/"99"' },
    };
    await deliver({ number, record: { ...record, entry: [...record.entry, stale] } });
    const code = part(await codeFor(number), 'code')?.valueString;
    const answer = await link(app, id, { name: 'code', valueString: code });
    expect(part(answer, 'taken')?.valueInteger).toBe(5);
    expect((await held(number)).map(({ fate }) => fate).sort()).toEqual([
      'refused',
      'stored',
      'stored',
      'stored',
      'stored',
      'stored',
    ]);
    expect(await immunizations(id)).toBe(5);
  });

  test('deliver and link at the same moment, 20 rounds > nothing stays waiting, nothing is doubled', async () => {
    for (let round = 0; round < 20; round++) {
      const { id, number, app } = await family();
      await deliver({ number });
      const code = part(await codeFor(number), 'code')?.valueString;
      const [one, two, three] = await Promise.all([
        deliver({ number }),
        link(app, id, { name: 'code', valueString: code }),
        deliver({ number }),
      ]);
      expect([one?.status, two?.status, three?.status]).toEqual([
        expect.toBeOneOf([200, 202]),
        200,
        expect.toBeOneOf([200, 202]),
      ]);
      expect((await held(number)).map(({ fate }) => fate)).toEqual(['stored', 'stored', 'stored']);
      expect(await immunizations(id)).toBe(3);
    }
  });

  test('the job behind a link at the same moment as the link itself > each delivery stored once', async () => {
    const options = {
      pool: t.pool,
      baseUrl: () => 'https://tsumugi.test',
      cursorKey: new Uint8Array(32),
      version: 'test',
      logLevel: 'silent',
    };
    const intake = createIntake(options);
    const job = takeInJob(createFhir(options), intake);
    for (let round = 0; round < 10; round++) {
      const { id, number, app } = await family();
      for (let n = 0; n < 3; n++) await deliver({ number });
      const code = part(await codeFor(number), 'code')?.valueString;
      const [answer] = await Promise.all([
        link(app, id, { name: 'code', valueString: code }),
        ...Array.from({ length: 4 }, async () => {
          for (let n = 0; n < 4; n++) await job({ owner: id });
        }),
      ]);
      expect(answer.status).toBe(200);
      expect((await held(number)).map(({ fate }) => fate)).toEqual(['stored', 'stored', 'stored']);
      expect(await immunizations(id)).toBe(3);
    }
  });

  test('of what is there already finds it again by conditional create', async () => {
    const { id, number } = await linked();
    const identifier = [{ system: 'urn:dose', value: number }];
    const record = vaccination(number, { identifier });
    const [entry] = record.entry;
    const conditional = {
      ...record,
      entry: [{ ...entry, request: { ...entry?.request, ifNoneExist: `identifier=urn:dose|${number}` } }],
    };
    for (let n = 0; n < 3; n++) expect(fateOf(await deliver({ number, record: conditional })).status).toBe(200);
    expect(await immunizations(id)).toBe(1);
    expect(matchIds(await t.system.get(`Provenance?patient=${id}`))).toHaveLength(3);
  });
});
