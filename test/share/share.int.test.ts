// Links that a family gives out: what they hold, who opens them, and when they end. HL7 SMART Health Cards and Links STU 1.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openFile } from '../../server/share/reading/file.ts';
import { sweepShares } from '../../server/store/share-sweep.ts';
import { type Caller, observationOf, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { relate } from '../support/relate.ts';
import { code, doseOf, fetchFile, linkOf, listed, makeLink, open, parameters, text } from './support.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

let t: TestApp;
let mother: Caller;
let motherId: string;
let child: string;
beforeAll(async () => {
  t = await startApp();
});
afterAll(() => t.close());
beforeEach(async () => {
  motherId = randomUUID();
  mother = await t.caller('user/*.cruds', { user: `Person/${motherId}` });
  child = (await mother.create(patientNamed('試験', '花子', { birthDate: '2026-09-15', gender: 'female' }))).id;
  await t.system.create(doseOf(child));
});

const share = (caller: Caller, patient: string, ...more: object[]) =>
  caller.post(`Patient/${patient}/$share`, parameters(...more));
const at = (ms: number) => ({ name: 'expires', valueInstant: new Date(t.clock.nowMs + ms).toISOString() });
const revoke = (caller: Caller, patient: string, id: string) =>
  caller.post(`Patient/${patient}/$revoke-share`, parameters(text('id', id)));

describe('$share', () => {
  test('a link opens what its maker may read, with the key that stands in it alone', async () => {
    const { path, key, payload } = await makeLink(mother, child, text('label', '保育園へ'));
    expect(payload).toEqual({
      url: expect.stringMatching(/^https:\/\/tsumugi\.test\/share\/[\w-]{43}$/),
      key: expect.stringMatching(/^[\w-]{43}$/),
      exp: (t.clock.nowMs + dayMs) / 1000,
      label: '保育園へ',
    });
    const { status, body, headers } = await open(t, path);
    expect([status, headers['cache-control'], headers['access-control-allow-origin']]).toEqual([200, 'no-store', '*']);
    const [file] = body.files as { contentType: string; embedded: string }[];
    expect([body.status, file?.contentType]).toEqual(['finalized', 'application/fhir+json']);
    const opened = await openFile(file?.embedded ?? '', key);
    const bundle = opened.outcome === 'accept' ? JSON.parse(opened.text) : opened;
    expect(bundle.entry.map(({ resource }: { resource: { resourceType: string } }) => resource.resourceType)).toEqual([
      ...['Patient', 'Immunization', 'OperationOutcome'],
    ]);
    expect(opened).not.toEqual(
      await openFile(file?.embedded ?? '', `${key.slice(0, 42)}${key.endsWith('A') ? 'E' : 'A'}`),
    );
  });

  test('nothing that opens a link is kept: not its key, its address or its passcode', async () => {
    const { key, path } = await makeLink(mother, child, text('passcode', '合言葉は四桁'));
    const { rows } = await t.pool.query(
      'select s::text || f::text as row from share s join share_file f on f.share = s.id',
    );
    const all = JSON.stringify(rows);
    const hex = Buffer.from(key, 'base64url').toString('hex');
    for (const secret of [key, hex, path.slice('/share/'.length), '合言葉は四桁', '五種混合'])
      expect(all).not.toContain(secret);
  });

  test.each<[string, object[], number, RegExp]>([
    ['nothing to show', [], 400, /what.*summary, health-cards/],
    ['an unknown kind', [code('what', 'all')], 400, /what/],
    ['types of a summary', [code('what', 'summary'), code('type', 'Immunization')], 400, /everything/],
    ['a type that is none', [code('what', 'everything'), code('type', 'Dose')], 400, /type/],
    ['the access log', [code('what', 'everything'), code('type', 'AuditEvent')], 400, /type/],
    ['a label that is too long', [code('what', 'everything'), text('label', 'あ'.repeat(81))], 400, /80/],
    ['a label with a line break', [code('what', 'everything'), text('label', 'a\nb')], 400, /label/],
    ['U with a passcode', [code('what', 'everything'), code('flag', 'U'), text('passcode', '1234')], 400, /never/],
    ['P without a passcode', [code('what', 'everything'), code('flag', 'P')], 400, /passcode/],
    ['an unknown flag', [code('what', 'everything'), code('flag', 'X')], 400, /flag/],
    ['a short passcode', [code('what', 'everything'), text('passcode', '123')], 400, /4 to 64/],
    [
      'an end that is past',
      [code('what', 'everything'), { name: 'expires', valueInstant: '2020-01-01T00:00:00Z' }],
      400,
      /future/,
    ],
    [
      'an end without a time',
      [code('what', 'everything'), { name: 'expires', valueDateTime: '2027-01-01' }],
      400,
      /instant/i,
    ],
    ['a key without a link', [code('what', 'everything'), text('key', 'x')], 400, /link/],
    ['an unknown parameter', [code('what', 'everything'), text('recipient', 'x')], 400, /Known/],
  ])('refuses %s', async (_, given, status, why) => {
    const answer = await share(mother, child, ...given);
    expect([answer.status, answer.body.issue[0]?.diagnostics]).toEqual([status, expect.stringMatching(why)]);
  });

  test('a link without L lasts a week at most, and one with it a year', async () => {
    const what = code('what', 'everything');
    expect((await share(mother, child, what, at(7 * dayMs))).status).toBe(200);
    expect((await share(mother, child, what, at(8 * dayMs))).status).toBe(400);
    expect((await share(mother, child, what, at(365 * dayMs), code('flag', 'L'))).status).toBe(200);
    expect((await share(mother, child, what, at(367 * dayMs), code('flag', 'L'))).status).toBe(400);
  });

  test('named types alone are shared, and a token that may not read one of them shares none', async () => {
    await mother.create(observationOf(child, { effectiveDateTime: '2026-11-01' }));
    const { path, key } = await makeLink(mother, child, code('type', 'Observation'));
    const [file] = (await open(t, path)).body.files as { embedded: string }[];
    const opened = await openFile(file?.embedded ?? '', key);
    expect(opened.outcome === 'accept' && opened.text).not.toContain('"Immunization"');
    const narrow = await t.caller('user/Patient.rus user/Immunization.rs', { user: `Person/${motherId}` });
    const answer = await share(narrow, child, code('what', 'everything'), code('type', 'Observation'));
    expect([answer.status, answer.body.issue[0]?.code]).toEqual([403, 'forbidden']);
  });

  test('relatives and clinics give out no link, and learn of none', async () => {
    const granny = await t.caller('user/*.cruds', { user: 'Person/granny' });
    await relate(t, { person: 'Person/granny', patient: child, basis: 'invited', categories: ['vaccination'] });
    const clinic = await t.caller('system/*.cruds', { organization: 'clinic' });
    const stranger = await t.caller('user/*.cruds', { user: 'Person/stranger' });
    const { id } = await makeLink(mother, child);
    for (const operation of ['share', 'shares', 'revoke-share'])
      for (const caller of [granny, clinic, stranger]) {
        const answer = await caller.post(`Patient/${child}/$${operation}`, parameters(text('id', id)));
        expect([403, 404]).toContain(answer.status);
        expect(answer.text).not.toContain(id);
      }
    expect((await listed(mother, child))[0]).toMatchObject({ id, state: 'active' });
  });
});

describe('documents', () => {
  test('go with their contents', async () => {
    const data = Buffer.from('頁').toString('base64');
    await t.system.create({
      resourceType: 'DocumentReference',
      status: 'current',
      subject: { reference: `Patient/${child}` },
      content: [{ attachment: { data, contentType: 'text/plain' } }],
    });
    const { path, key } = linkOf(await share(mother, child, code('what', 'documents')));
    const [file] = (await open(t, path)).body.files as { embedded: string }[];
    const opened = await openFile(file?.embedded ?? '', key);
    const types = opened.outcome === 'accept' ? JSON.parse(opened.text).entry : [];
    expect(types.map(({ resource }: { resource: { resourceType: string } }) => resource.resourceType).sort()).toEqual([
      ...['DocumentReference', 'OperationOutcome', 'Patient'],
    ]);
    expect(opened.outcome === 'accept' && opened.text).toContain(data);
  });
});

describe('opening', () => {
  test('U: one file by GET, and nothing by POST', async () => {
    const { path, key, payload } = await makeLink(mother, child, code('flag', 'U'));
    expect(payload.flag).toBe('U');
    const got = await fetchFile(t, `${path}?recipient=${encodeURIComponent('見本医院')}`);
    expect([got.status, got.headers['content-type']]).toEqual([200, 'application/jose']);
    expect((await openFile(got.text, key)).outcome).toBe('accept');
    expect((await open(t, path)).status).toBe(404);
    expect((await fetchFile(t, path)).status).toBe(400);
    const other = await makeLink(mother, child);
    expect((await fetchFile(t, `${other.path}?recipient=x`)).status).toBe(404);
  });

  test('a file that is longer than is wanted has an address of its own, for one use and a quarter of an hour', async () => {
    const { path, key } = await makeLink(mother, child);
    const location = async () => {
      const { body } = await open(t, path, { recipient: '見本医院', embeddedLengthMax: 0 });
      const [file] = body.files as { location: string; embedded?: string }[];
      expect(file?.embedded).toBeUndefined();
      return file?.location ?? '';
    };
    const first = await location();
    const got = await fetchFile(t, first);
    expect([got.status, got.headers['content-type']]).toEqual([200, 'application/jose']);
    expect((await openFile(got.text, key)).outcome).toBe('accept');
    expect((await fetchFile(t, first)).status).toBe(404);
    const second = await location();
    t.clock.nowMs += 16 * minuteMs;
    expect((await fetchFile(t, second)).status).toBe(404);
    const third = await location();
    const { id } = (await listed(mother, child))[0] as { id: string };
    await revoke(mother, child, id);
    expect((await fetchFile(t, third)).status).toBe(404);
  });

  test.each<[string, unknown, number]>([
    ['no recipient', {}, 400],
    ['an empty recipient', { recipient: ' ' }, 400],
    ['a recipient of another kind', { recipient: 5 }, 400],
    ['a long recipient', { recipient: 'あ'.repeat(201) }, 400],
    ['a recipient with a line break', { recipient: 'a\nb' }, 400],
    ['a recipient with NUL', { recipient: 'a\0b' }, 400],
    ['half of a surrogate pair', '{"recipient":"\\ud800"}', 400],
    ['a passcode that is no text', { recipient: 'x', passcode: 1234 }, 400],
    ['a length below 0', { recipient: 'x', embeddedLengthMax: -1 }, 400],
    ['a length that is not whole', { recipient: 'x', embeddedLengthMax: 1.5 }, 400],
    ['a length as text', { recipient: 'x', embeddedLengthMax: '5' }, 400],
    ['a list', [], 400],
    ['no JSON', '{', 400],
    ['a body that is too large', { recipient: 'x', more: 'x'.repeat(20_000) }, 413],
    ['members that are not known', { recipient: 'x', more: true }, 200],
  ])('answers %s with its own status', async (_, body, status) => {
    const { path } = await makeLink(mother, child);
    const answer = await open(t, path, body);
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([status, '*']);
  });

  test('what never was, has ended and has expired is answered alike', async () => {
    const expired = await makeLink(mother, child, at(hourMs));
    const revoked = await makeLink(mother, child, at(dayMs));
    expect((await revoke(mother, child, revoked.id)).status).toBe(200);
    t.clock.nowMs += 2 * hourMs;
    const never = `/share/${'A'.repeat(43)}`;
    const answers = await Promise.all([expired.path, revoked.path, never, '/share/short'].map((path) => open(t, path)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(
      new Set(['404 {"error":"not_found"}']),
    );
    const { rows } = await t.pool.query('select from share_file where share = $1', [revoked.id]);
    expect(rows).toEqual([]);
  });

  test('what has expired is cleared away, and who opened it stays in the list', async () => {
    const { path, id } = await makeLink(mother, child);
    const other = await makeLink(mother, child);
    await open(t, path);
    await t.pool.query("update share set expires = now() - interval '1 day' where id = $1", [id]);
    expect(await sweepShares(t.pool)).toBeGreaterThan(0);
    expect((await t.pool.query('select from share_file where share = $1', [id])).rowCount).toBe(0);
    expect((await listed(mother, child)).find((one) => one.id === id)).toMatchObject({
      ...{ state: 'expired', openings: [{ recipient: '見本医院' }] },
    });
    expect((await open(t, other.path)).status).toBe(200);
    await t.pool.query("update share set expires = now() - interval '500 days' where id = $1", [id]);
    await sweepShares(t.pool);
    expect((await listed(mother, child)).map((one) => one.id)).toEqual([other.id]);
  });

  test('too many openings in a minute have to wait', async () => {
    const { path } = await makeLink(mother, child);
    const answers = [];
    for (let n = 0; n < 62; n++) answers.push(await open(t, path, { recipient: 'x', embeddedLengthMax: 0 }));
    expect(answers.map(({ status }) => status)).toEqual([...Array(60).fill(200), 429, 429]);
    expect(Number(answers.at(-1)?.headers['retry-after'])).toBeGreaterThan(0);
    t.clock.nowMs += minuteMs;
    expect((await open(t, path)).status).toBe(200);
  });

  test('is told to the family before it is answered: in the list and in the log, by the name that was given', async () => {
    const { path } = await makeLink(mother, child, text('passcode', '4649'));
    expect((await open(t, path, { recipient: '見本医院', passcode: '4649' })).status).toBe(200);
    expect((await open(t, path, { recipient: '誰か', passcode: '0000' })).status).toBe(401);
    const [link] = await listed(mother, child);
    expect(link?.triesLeft).toBe(9);
    expect(link?.openings).toEqual(
      expect.arrayContaining([
        { at: expect.any(String), recipient: '見本医院', refused: false },
        { at: expect.any(String), recipient: '誰か', refused: true },
      ]),
    );
    const { body } = await mother.get(`AuditEvent?patient=Patient/${child}&_count=50`);
    const told = body.entry.map(({ resource }) => String((resource.text as { div: string } | undefined)?.div));
    expect(told.filter((div) => /リンク(?!の一覧)/.test(div))).toEqual([
      expect.stringMatching(/「誰か」と名乗る人.*認められませんでした/),
      expect.stringMatching(/「見本医院」と名乗る人.*リンクで記録を見ました/),
      expect.stringMatching(/家族.*リンクを作りました/),
    ]);
  });
});

describe('passcodes', () => {
  test('of 200 wrong ones at once ten count, and then the right one is too late', async () => {
    const { path } = await makeLink(mother, child, text('passcode', '4649'));
    expect((await open(t, path)).body).toEqual({ remainingAttempts: 10 });
    const wrong = await Promise.all(
      Array.from({ length: 200 }, (_, n) => open(t, path, { recipient: 'x', passcode: `wrong ${n}` })),
    );
    const tried = wrong.filter(({ status }) => status === 401);
    expect(tried.map(({ body }) => body.remainingAttempts).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(new Set(wrong.filter(({ status }) => status !== 401).map(({ status }) => status))).toEqual(new Set([404]));
    expect((await open(t, path, { recipient: 'x', passcode: '4649' })).status).toBe(404);
    expect((await listed(mother, child))[0]).toMatchObject({ state: 'locked', triesLeft: 0 });
  }, 20_000);

  test('the right one costs no try, however often and by however many', async () => {
    const { path } = await makeLink(mother, child, text('passcode', '4649'));
    const right = await Promise.all(
      Array.from({ length: 20 }, () => open(t, path, { recipient: 'x', passcode: '4649' })),
    );
    expect(new Set(right.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await open(t, path)).body).toEqual({ remainingAttempts: 10 });
  });
});

describe('the end of a right', () => {
  const lives = async (path: string) => (await open(t, path)).status === 200;

  test('a guardian whose relation is suspended or over has no links any more', async () => {
    const father = await t.caller('user/*.cruds', { user: `Person/f-${motherId}` });
    const relation = await relate(t, { person: `Person/f-${motherId}`, patient: child });
    const his = await makeLink(father, child);
    const hers = await makeLink(mother, child);
    expect([await lives(his.path), await lives(hers.path)]).toEqual([true, true]);
    await relate(t, { id: relation, person: `Person/f-${motherId}`, patient: child, status: 'suspended' });
    expect([await lives(his.path), await lives(hers.path)]).toEqual([false, true]);
    expect((await listed(mother, child)).find(({ id }) => id === his.id)).toMatchObject({ state: 'suspended' });
    await relate(t, { id: relation, person: `Person/f-${motherId}`, patient: child, status: 'ended' });
    expect(await lives(his.path)).toBe(false);
  });

  test('a guardian’s links end at the eighteenth birthday', async () => {
    const nowMs = t.clock.nowMs;
    const young = (await mother.create(patientNamed('試験', '太郎', { birthDate: '2008-11-25' }))).id;
    const { path } = await makeLink(mother, young, at(7 * dayMs));
    try {
      t.clock.nowMs = Date.parse('2026-11-24T14:59:00Z');
      expect(await lives(path)).toBe(true);
      t.clock.nowMs = Date.parse('2026-11-24T15:00:00Z');
      expect(await lives(path)).toBe(false);
    } finally {
      t.clock.nowMs = nowMs;
    }
  });

  test('an entry that becomes restricted beyond the sharer ends the link, and the link of the young person stays theirs', async () => {
    const young = (await mother.create(patientNamed('試験', '次郎', { birthDate: '2010-01-01' }))).id;
    const selfId = `Person/self-${motherId}`;
    await relate(t, { person: selfId, patient: young, basis: 'self' });
    const self = await t.caller('user/*.cruds', { user: selfId });
    const dose = await t.system.create(doseOf(young));
    const guardians = await makeLink(mother, young);
    expect(await lives(guardians.path)).toBe(true);
    const restricted = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }];
    await t.system.put(`Immunization/${dose.id}`, { ...doseOf(young), id: dose.id, meta: { security: restricted } });
    expect(await lives(guardians.path)).toBe(false);
    const own = await makeLink(self, young);
    expect((await open(t, own.path, { recipient: '見本クリニック' })).status).toBe(200);
    expect((await listed(self, young)).map(({ id }) => id)).toContain(own.id);
    expect((await listed(mother, young)).map(({ id }) => id)).not.toContain(own.id);
    expect((await revoke(mother, young, own.id)).status).toBe(404);
    const logOf = async (caller: Caller) => (await caller.get(`AuditEvent?patient=Patient/${young}&_count=50`)).text;
    expect(await logOf(self)).toContain('見本クリニック');
    expect(await logOf(mother)).not.toContain('見本クリニック');
  });

  test('a protection of the whereabouts that begins later ends every link there was', async () => {
    const { path } = await makeLink(mother, child);
    await t.pool.query('insert into protection (patient, since) values ($1, $2)', [
      child,
      new Date(t.clock.nowMs + 1000).toISOString(),
    ]);
    expect(await lives(path)).toBe(false);
  });

  test('erasing the record leaves nothing of its links', async () => {
    const { path, id } = await makeLink(mother, child);
    expect(await lives(path)).toBe(true);
    const answer = await t.system.post(`Patient/${child}/$expunge`, parameters(text('confirm', child)));
    expect(answer.status).toBe(200);
    expect(await lives(path)).toBe(false);
    const { rows } = await t.pool.query(
      'select from share where id = $1 union all select from share_file where share = $1 union all select from share_opening where share = $1',
      [id],
    );
    expect(rows).toEqual([]);
  });

  test('erasing one entry ends the links that hold it', async () => {
    const dose = await t.system.create(doseOf(child));
    const { path } = await makeLink(mother, child);
    const other = await makeLink(mother, child, code('type', 'Observation'));
    await t.system.post(`Immunization/${dose.id}/$expunge`, parameters(text('confirm', dose.id)));
    expect([await lives(path), await lives(other.path)]).toEqual([false, true]);
  });
});

describe('a long-term link', () => {
  test('gets new content with its key, encrypted anew, and nobody else renews it', async () => {
    const { id, key, path } = await makeLink(mother, child, code('flag', 'L'), at(30 * dayMs));
    const jweOf = async () => ((await open(t, path)).body.files as { embedded: string }[])[0]?.embedded ?? '';
    const before = await jweOf();
    await t.system.create(doseOf(child, { lotNumber: 'LOT-2' }));
    const answer = await share(mother, child, text('link', id), text('key', key));
    expect(answer.status).toBe(200);
    expect((await open(t, path)).body.status).toBe('can-change');
    const after = await jweOf();
    expect(after.split('.')[2]).not.toBe(before.split('.')[2]);
    const opened = await openFile(after, key);
    expect(opened.outcome === 'accept' && opened.text).toContain('LOT-2');
    const other = 'A'.repeat(43);
    expect((await share(mother, child, text('link', id), text('key', other))).status).toBe(400);
    expect((await share(mother, child, text('link', id), text('key', key), text('label', 'x'))).status).toBe(400);
    await relate(t, { person: `Person/f-${motherId}`, patient: child });
    const father = await t.caller('user/*.cruds', { user: `Person/f-${motherId}` });
    expect((await share(father, child, text('link', id), text('key', key))).status).toBe(404);
  });

  test('is the only kind whose content changes', async () => {
    const { id, key } = await makeLink(mother, child);
    const answer = await share(mother, child, text('link', id), text('key', key));
    expect([answer.status, answer.body.issue[0]?.diagnostics]).toEqual([422, expect.stringContaining('L')]);
  });
});

test('a link says no more than 100 times that there is one more', async () => {
  for (let n = 0; n < 100; n++) await makeLink(mother, child, code('type', 'Observation'));
  expect((await share(mother, child, code('what', 'everything'))).status).toBe(409);
  expect(
    linkOf(await share(t.system, (await t.system.create(patientNamed('他人', '秘密'))).id, code('what', 'everything')))
      .url,
  ).toMatch(/share/);
});
