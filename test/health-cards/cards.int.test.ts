// SMART Health Cards from the record to a reader that is not ours: issued, read back, listed, revoked.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHCReader } from 'kill-the-clipboard';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { leftOut } from '../support/left-out.ts';
import { relate } from '../support/relate.ts';

const immunization = 'https://smarthealth.cards#immunization';
const VACCINE = 'https://tsumugi.example/fhir/CodeSystem/vaccine';
const vaccine = (code: string) => ({ coding: [{ system: VACCINE, code, display: code }], text: code });

let t: TestApp;
let child: string;
beforeAll(async () => {
  t = await startApp();
  child = await childOf();
});
afterAll(() => t.close());

const childOf = async () => (await t.system.create(patientNamed('試験', '花子', { birthDate: '2024-02-29' }))).id;
const doseOf = (patient: string, code: string, day: string, more: object = {}) => ({
  resourceType: 'Immunization',
  // As the server itself notes it of what an organization writes.
  meta: { source: 'https://tsumugi.test/fhir/Organization/clinic' },
  status: 'completed',
  vaccineCode: vaccine(code),
  patient: { reference: `Patient/${patient}` },
  occurrenceDateTime: day,
  lotNumber: 'LOT001',
  performer: [{ actor: { type: 'Organization', display: '見本医院' } }],
  ...more,
});
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter });
const all = { name: 'credentialType', valueUri: immunization };
const issue = async (caller: Caller, patient: string, ...more: object[]) => {
  const { status, body, text } = await caller.post(`Patient/${patient}/$health-cards-issue`, parameters(all, ...more));
  expect({ status, text }).toMatchObject({ status: 200 });
  return (body.parameter ?? [])
    .filter(({ name }) => name === 'verifiableCredential')
    .map(({ valueString }) => String(valueString));
};
const publicKeys = async (kid?: string) => {
  const url = kid ? `/health-cards/.well-known/crl/${kid}.json` : '/health-cards/.well-known/jwks.json';
  const answer = await t.app.inject({ url });
  expect(answer.headers['access-control-allow-origin']).toBe('*');
  return answer.json();
};
/** As the second implementation reads it, with our published keys. */
const readBy = async (jws: string) => {
  const { keys } = await publicKeys();
  const { kid } = JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString());
  const publicKey = keys.find((key: { kid: string }) => key.kid === kid);
  const reader = new SHCReader({ publicKey, enableQROptimization: false });
  return (await reader.fromJWS(jws)).asBundle();
};
type CardBundle = { entry: { fullUrl: string; resource: Record<string, unknown> }[] };
const vaccinesOn = async (jws: string) => {
  const { entry } = (await readBy(jws)) as unknown as CardBundle;
  return entry.slice(1).map(({ resource }) => {
    const { vaccineCode, occurrenceDateTime } = resource as {
      vaccineCode: { coding: { code: string }[] };
      occurrenceDateTime: string;
    };
    return `${vaccineCode.coding[0]?.code} ${occurrenceDateTime}`;
  });
};
const verify = async (card: string) => {
  const { status, body } = await t.system.post('$health-card-verify', parameters({ name: 'card', valueString: card }));
  expect(status).toBe(200);
  const parts = (body.parameter[0]?.part ?? []) as {
    name: string;
    valueBoolean?: boolean;
    part?: { valueCode: string }[];
  }[];
  return {
    valid: parts.find(({ name }) => name === 'valid')?.valueBoolean,
    faults: parts.filter(({ name }) => name === 'fault').map(({ part }) => part?.[0]?.valueCode),
  };
};

describe('$health-cards-issue', () => {
  test('gives one card for each topic, the newest first, which others can read', async () => {
    for (const [code, day] of [
      ['BCG', '2024-07-20'],
      ['MR', '2025-03-01'],
      ['COVID-mRNA', '2025-10-01'],
    ] as const)
      await t.system.create(doseOf(child, code, day));
    const cards = await issue(t.system, child);
    expect(await Promise.all(cards.map(vaccinesOn))).toEqual([
      ['213 2025-10-01'],
      ['04 2025-03-01'],
      ['19 2024-07-20'],
    ]);
    for (const card of cards) {
      expect(card.length).toBeLessThanOrEqual(1195);
      expect(await verify(card)).toEqual({ valid: true, faults: [] });
    }
    const { entry } = (await readBy(cards[1] ?? '')) as unknown as CardBundle;
    expect(entry).toEqual([
      {
        fullUrl: 'resource:0',
        resource: { resourceType: 'Patient', name: [{ family: '試験', given: ['花子'] }], birthDate: '2024-02-29' },
      },
      {
        fullUrl: 'resource:1',
        resource: {
          resourceType: 'Immunization',
          status: 'completed',
          vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '04' }] },
          patient: { reference: 'resource:0' },
          occurrenceDateTime: '2025-03-01',
          lotNumber: 'LOT001',
          performer: [{ actor: { display: '見本医院' } }],
        },
      },
    ]);
  });

  test('gives the same card again until the record says something else', async () => {
    const patient = await childOf();
    await t.system.create(doseOf(patient, 'BCG', '2024-07-20'));
    const claims = (jws = '') => jws.split('.')[1];
    const [first] = await issue(t.system, patient);
    t.clock.nowMs += 3_600_000;
    const [again] = await issue(t.system, patient);
    expect(claims(again)).toBe(claims(first));
    await t.system.create(doseOf(patient, 'VAR', '2025-04-01'));
    expect((await issue(t.system, patient)).map(claims)).toContain(claims(first));
    const { body } = await t.system.get(`Patient/${patient}/$health-cards`);
    expect(body.parameter.filter(({ name }) => name === 'card')).toHaveLength(2);
  });

  test('leaves out what no organization recorded, what was not given and what has no code or date, and tells so', async () => {
    const patient = await childOf();
    const person = 'Person/a0000000-0000-4000-8000-00000000000a';
    await relate(t, { person, patient });
    const mother = await t.caller('user/*.cruds', { user: person });
    await mother.create(doseOf(patient, 'JE', '2026-01-01'));
    await t.system.create(doseOf(patient, 'VAR', '2025-01-01', { status: 'not-done' }));
    await t.system.create(doseOf(patient, 'BCG', '2025-01-01', { status: 'entered-in-error' }));
    await t.system.create(doseOf(patient, 'x', '2025-01-01', { vaccineCode: { text: '不明' } }));
    const { status, body } = await mother.post(`Patient/${patient}/$health-cards-issue`, parameters(all));
    expect([status, body]).toEqual([200, { resourceType: 'Parameters' }]);
    const listed = await mother.get(`Patient/${patient}/$health-cards`);
    const reasons = listed.body.parameter.map(({ part }) => (part as { valueCode?: string }[])[1]?.valueCode).sort();
    expect(reasons).toEqual(['no-code', 'not-given', 'self-reported']);
  });

  test('splits a topic that does not fit one QR code', async () => {
    const patient = await childOf();
    const makers = ['日本見本製薬', '試験科学研究所', '第三見本'];
    for (let n = 0; n < 30; n++)
      await t.system.create(
        doseOf(
          patient,
          'IIV',
          `20${String(n + 20)}-11-${String((n % 28) + 1).padStart(2, '0')}`.replace(/^20[3-9]/, '202'),
          {
            lotNumber: `${n}A7Z${n * 7919}Q${n * 104729}`,
            performer: [{ actor: { type: 'Organization', display: `${makers[n % 3]}${n}クリニック` } }],
          },
        ),
      );
    const cards = await issue(t.system, patient);
    expect(cards.length).toBeGreaterThan(1);
    expect(cards.every(({ length }) => length <= 1195)).toBe(true);
    const doses = (await Promise.all(cards.map(vaccinesOn))).flat();
    expect(doses).toHaveLength(30);
  });

  test('shows the identity that was asked for, and only what was changed since', async () => {
    const patient = await childOf();
    await t.system.create(doseOf(patient, 'BCG', '2024-07-20'));
    const [card] = await issue(t.system, patient, { name: 'includeIdentityClaim', valueString: 'Patient.birthDate' });
    const { entry } = (await readBy(card ?? '')) as unknown as CardBundle;
    expect(entry[0]?.resource).toEqual({ resourceType: 'Patient', birthDate: '2024-02-29' });
    expect(await issue(t.system, patient, { name: '_since', valueDateTime: '2099' })).toEqual([]);
    expect(await issue(t.system, patient, { name: '_since', valueDateTime: '2020-01' })).toHaveLength(1);
    const covid = 'https://terminology.smarthealth.cards/ValueSet/immunization-covid-all';
    expect(await issue(t.system, patient, { name: 'credentialValueSet', valueUri: covid })).toEqual([]);
  });

  test.each([
    [[]],
    [[{ name: 'credentialType', valueUri: 'https://example.org/passport' }]],
    [[all, { name: 'credentialValueSet', valueUri: 'https://example.org/vs' }]],
    [[all, { name: 'includeIdentityClaim', valueString: 'Patient.address' }]],
    [[all, { name: '_since', valueDateTime: 'yesterday' }]],
    [[all, { name: 'format', valueCode: 'pdf' }]],
  ])('refuses %j', async (parameter) => {
    const { status, body } = await t.system.post(`Patient/${child}/$health-cards-issue`, parameters(...parameter));
    expect([status, body.resourceType]).toEqual([400, 'OperationOutcome']);
  });
});

describe('a revoked card', () => {
  test('is on the list of its key for good, and another is issued', async () => {
    const patient = await childOf();
    await t.system.create(doseOf(patient, 'BCG', '2024-07-20'));
    const [card = ''] = await issue(t.system, patient);
    const listed = await t.system.get(`Patient/${patient}/$health-cards`);
    const [rid, kid] = ((listed.body.parameter[0]?.part ?? []) as { valueString: string }[]).map(
      ({ valueString }) => valueString,
    );
    const before = await publicKeys(kid);
    const revoked = await t.system.post(
      `Patient/${patient}/$revoke-health-card`,
      parameters({ name: 'rid', valueString: rid }),
    );
    expect(revoked.body.parameter).toEqual([{ name: 'revoked', valueString: rid }]);
    const after = await publicKeys(kid);
    expect(after).toEqual({ kid, method: 'rid', ctr: before.ctr + 1, rids: [...before.rids, rid].sort() });
    expect((await publicKeys()).keys[0]).toMatchObject({ kid, crlVersion: after.ctr });
    expect(await verify(card)).toEqual({ valid: false, faults: ['revoked'] });
    const [next = ''] = await issue(t.system, patient);
    expect(await verify(next)).toEqual({ valid: true, faults: [] });
    const confirm = parameters({ name: 'confirm', valueString: patient });
    expect((await t.system.post(`Patient/${patient}/$expunge`, confirm)).status).toBe(200);
    expect((await publicKeys(kid)).rids).toContain(rid);
    expect((await t.pool.query('select from health_card where kid = $1 and rid = $2', [kid, rid])).rowCount).toBe(0);
  });

  test('is only of this patient', async () => {
    for (const body of [parameters({ name: 'rid', valueString: 'AAAAAAAAAAAAAAAA' })])
      expect((await t.system.post(`Patient/${child}/$revoke-health-card`, body)).status).toBe(404);
    for (const body of [parameters(), parameters({ name: 'rid', valueString: 'no such form!' })])
      expect((await t.system.post(`Patient/${child}/$revoke-health-card`, body)).status).toBe(400);
  });
});

test('the key changes with the year; old keys stay published, the next is there a week before', async () => {
  const patient = await childOf();
  await t.system.create(doseOf(patient, 'BCG', '2024-07-20'));
  const [card = ''] = await issue(t.system, patient);
  const wasMs = t.clock.nowMs;
  const [old] = (await publicKeys()).keys;
  t.clock.nowMs = Date.parse('2026-12-30T00:00:00+09:00');
  expect((await publicKeys()).keys).toHaveLength(2);
  t.clock.nowMs = Date.parse('2027-01-01T00:00:00+09:00');
  const { keys } = await publicKeys();
  expect(keys[1]).toEqual(old);
  for (const key of keys)
    expect(Object.keys(key).sort()).toEqual(['alg', 'crlVersion', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  const [next = ''] = await issue(t.system, patient);
  expect(JSON.parse(Buffer.from(next.split('.')[0] ?? '', 'base64url').toString())).toEqual({
    zip: 'DEF',
    alg: 'ES256',
    kid: keys[0].kid,
  });
  expect(await verify(card)).toEqual({ valid: true, faults: [] });
  expect(await verify(next)).toEqual({ valid: true, faults: [] });
  t.clock.nowMs = wasMs;
});

test('there is no list of revoked cards of another key', async () => {
  for (const file of ['x.json', `${'A'.repeat(43)}.json`, '..%2Fjwks.json'])
    expect((await t.app.inject({ url: `/health-cards/.well-known/crl/${file}` })).statusCode).toBe(404);
});

const hasZbar = (() => {
  try {
    execFileSync('zbarimg', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
if (!hasZbar) leftOut('the QR code of a card as another reader sees it: no zbarimg found');

describe('$health-card-picture', () => {
  const picture = async (jws: string, format: string) =>
    t.app.inject({
      method: 'POST',
      url: '/fhir/$health-card-picture',
      headers: { authorization: `Bearer ${t.system.token}`, 'content-type': 'application/fhir+json' },
      payload: parameters({ name: 'verifiableCredential', valueString: jws }, { name: 'format', valueCode: format }),
    });

  test.runIf(hasZbar)('is read by another reader as a valid card', async () => {
    const [card = ''] = await issue(t.system, child);
    const answer = await picture(card, 'png');
    expect(answer.headers['content-type']).toBe('image/png');
    const folder = mkdtempSync(join(tmpdir(), 'tsumugi-card-'));
    try {
      writeFileSync(join(folder, 'card.png'), answer.rawPayload);
      const read = execFileSync('zbarimg', ['-q', '--raw', join(folder, 'card.png')], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      expect(await verify(read.toString().trim())).toEqual({ valid: true, faults: [] });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('is an SVG without anything that runs, and refuses what fits no code', async () => {
    const [card = ''] = await issue(t.system, child);
    const answer = await picture(card, 'svg');
    expect(answer.headers['content-type']).toBe('image/svg+xml');
    expect(answer.payload).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="[\d.]+mm"/);
    expect((await picture(`${card}${'A'.repeat(1195)}`, 'svg')).statusCode).toBe(422);
    expect((await picture(card, 'gif')).statusCode).toBe(400);
    expect((await picture('shc:/1', 'png')).statusCode).toBe(400);
  });
});
