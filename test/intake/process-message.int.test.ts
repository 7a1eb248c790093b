// FHIR messages sent to the server: the fate of a delivery, told by a message.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, patientNamed, startApp, type TestApp } from '../support/app.ts';
import { refusalsOf } from '../support/valid.ts';

let t: TestApp;
let hospital: Caller;
const system = 'urn:oid:1.2.392.100495.20.3.51.11312345678';
beforeAll(async () => {
  t = await startApp();
  hospital = await t.caller('system/*.crus', { client: 'hospital' });
});
afterAll(() => t.close());

const message = (number: string, more: object[] = [], id = 'm-1') => ({
  resourceType: 'Bundle',
  type: 'message',
  timestamp: '2026-09-10T12:00:00+09:00',
  entry: [
    {
      fullUrl: 'urn:uuid:m',
      resource: {
        resourceType: 'MessageHeader',
        id,
        eventCoding: { system: 'urn:test:event', code: 'dose' },
        source: { endpoint: 'https://hospital.example/fhir' },
        focus: [{ reference: 'urn:uuid:i' }],
      },
    },
    { fullUrl: 'urn:uuid:p', resource: { resourceType: 'Patient', identifier: [{ system, value: number }] } },
    {
      fullUrl: 'urn:uuid:i',
      resource: {
        resourceType: 'Immunization',
        identifier: [{ system: 'urn:test:dose', value: `d-${number}` }],
        status: 'completed',
        vaccineCode: { text: '見本ワクチン' },
        patient: { reference: 'urn:uuid:p' },
        occurrenceDateTime: '2026-09-10',
      },
    },
    ...more.map((resource) => ({ resource })),
  ],
});

/** A child whose family has linked the number. */
async function linked(number: string): Promise<string> {
  const { id } = await t.system.create(patientNamed('試験', '花子'));
  await t.pool.query('insert into link values ($1, $2, $3, $4)', [system, number, id, 'o']);
  return id;
}

describe('$process-message', () => {
  test('stores what a message tells of a linked number, and says so by a message', async () => {
    const id = await linked('N-1');
    const { status, body } = await hospital.post('$process-message', message('N-1'));
    expect(status).toBe(200);
    expect(refusalsOf(body)).toEqual([]);
    expect(body.entry[0]?.resource).toMatchObject({
      resourceType: 'MessageHeader',
      eventCoding: { code: 'dose' },
      destination: [{ endpoint: 'https://hospital.example/fhir' }],
      response: { identifier: 'm-1', code: 'ok', details: { reference: body.entry[1]?.fullUrl } },
    });
    expect(body.entry[1]?.resource.issue[0]?.diagnostics).toMatch(/^Kept as delivery [0-9a-f-]{36}: stored\.$/);
    const found = await t.system.get(`Immunization?patient=${id}`);
    expect(found.body.entry).toMatchObject([{ resource: { patient: { reference: `Patient/${id}` } } }]);
    // Sent again it is the same; as Parameters too.
    const parameters = { resourceType: 'Parameters', parameter: [{ name: 'content', resource: message('N-1') }] };
    expect((await hospital.post('$process-message', parameters)).status).toBe(200);
    expect((await t.system.get(`Immunization?patient=${id}&_summary=count`)).body.total).toBe(1);
  });

  test('lets a message wait for a number that nobody has linked', async () => {
    const { status, body } = await hospital.post('$process-message', message('N-2'));
    expect([status, body.entry[1]?.resource.issue[0]?.diagnostics]).toEqual([
      202,
      expect.stringMatching(/: waiting\.$/),
    ]);
  });

  test('keeps a message about several people, and refuses it', async () => {
    const other = { resourceType: 'Patient', identifier: [{ system, value: 'N-9' }] };
    const { status, text } = await hospital.post('$process-message', message('N-3', [other]));
    expect([status, text]).toEqual([422, expect.stringContaining('more than one Patient')]);
    const { rows } = await t.pool.query("select fate from held where fate = 'refused'");
    expect(rows).toHaveLength(1);
  });

  test.each([
    ['no Bundle', { resourceType: 'Patient' }],
    ['a document', { resourceType: 'Bundle', type: 'document' }],
    [
      'no MessageHeader',
      { resourceType: 'Bundle', type: 'message', entry: [{ resource: { resourceType: 'Patient' } }] },
    ],
    [
      'a MessageHeader without an id',
      { ...message('N-4', [], undefined), entry: [{ resource: { resourceType: 'MessageHeader' } }] },
    ],
  ])('refuses %s', async (_, body) => {
    expect((await hospital.post('$process-message', body)).status).toBe(400);
  });

  test('refuses what it does not do: answers that come later', async () => {
    expect((await hospital.post('$process-message?async=true', message('N-5'))).status).toBe(400);
  });
});
