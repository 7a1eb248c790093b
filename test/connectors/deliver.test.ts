import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeliver, type Delivery, DeliveryFailed, deliverBody, unreadable } from '../../connectors/deliver.ts';
import { MyNumberFound, UnreadableInput } from '../../mappings/record.ts';
import { exactNumber } from '../../server/fhir/json.ts';
import { type DeliveryServer, outcome, partsOf, receipt, startDeliveryServer } from '../support/delivery-server.ts';

let server: DeliveryServer;
beforeEach(async () => {
  server = await startDeliveryServer();
});
afterEach(() => server.close());

const delivery: Delivery = {
  patient: { reference: 'Patient/1' },
  original: Buffer.from('original'),
  contentType: 'text/plain',
  record: [{ resource: { resourceType: 'Observation', valueQuantity: { value: exactNumber('3.050') } } as never }],
  problem: undefined,
};
const deliver = (change: Partial<Delivery> = {}, timeoutMs = 5000) =>
  createDeliver({ fhirBase: server.fhirBase, token: 'T', timeoutMs })({ ...delivery, ...change });

describe('deliver', () => {
  it('posts Parameters with patient, original, record, and keeps the text of numbers', async () => {
    expect(await deliver()).toEqual({ delivery: 'D-1', fate: 'stored' });
    expect(partsOf(server.received[0]).patient).toEqual({
      name: 'patient',
      valueReference: { reference: 'Patient/1' },
    });
    expect(partsOf(server.received[0]).original.toString()).toBe('original');
    expect(server.received[0]?.text).toContain('"value":3.050}');
  });

  it('leaves out what it does not have', async () => {
    await deliver({ patient: undefined, record: undefined, problem: 'broken' });
    const names = JSON.parse(server.received[0]?.text ?? '').parameter.map(({ name }: { name: string }) => name);
    expect(names).toEqual(['original', 'problem']);
  });

  it('tells a waiting fate with its reason', async () => {
    server.answerWith(() => receipt('waiting', 'not linked', 'D-7'));
    expect(await deliver()).toEqual({ delivery: 'D-7', fate: 'waiting', reason: 'not linked' });
  });

  it('takes 422 for kept and refused', async () => {
    server.answerWith(() => outcome(422, 'why'));
    expect(await deliver()).toEqual({ delivery: '', fate: 'refused', reason: 'why' });
    const id = '01234567-89ab-7cde-8f01-23456789abcd';
    server.answerWith(() => outcome(422, `Refused as delivery ${id}: why`));
    expect(await deliver()).toMatchObject({ delivery: id, fate: 'refused' });
  });

  it.each([400, 401, 403, 404, 413, 429, 500, 503])('throws on %i: nothing was kept', async (status) => {
    server.answerWith(() => outcome(status, 'x'));
    await expect(deliver()).rejects.toMatchObject({ name: 'DeliveryFailed', status });
  });

  it('throws when there is no answer in time, or none at all', async () => {
    server.answerWith(() => new Promise(() => undefined));
    await expect(deliver({}, 50)).rejects.toThrow(DeliveryFailed);
    await server.close();
    await expect(deliver()).rejects.toThrow('could not be reached');
  });
});

describe('unreadable', () => {
  const from = (text: string) => ({ original: Buffer.from(text), contentType: 'application/json' });

  it('keeps the original of an ordinary refusal', () => {
    expect(unreadable(new UnreadableInput('why'), from('123456789018'))).toMatchObject({
      problem: 'why',
      record: undefined,
    });
    expect(Buffer.from(unreadable(new UnreadableInput('why'), from('123456789018')).original).toString()).toBe(
      '123456789018',
    );
  });

  it('blanks a My Number out, or withholds the original when it cannot', () => {
    const text = (given: string) => Buffer.from(unreadable(new MyNumberFound('x'), from(given)).original).toString();
    expect(text('{"myNumber":"1234-5678-9018"}')).toBe('{"myNumber":"****-****-****"}');
    expect(text('{"個人番号":"１２３４５６７８９０１８"}')).toBe('The original held a My Number and was not kept.');
  });

  it('does not tell the message of an error of ours, which may quote the original', () => {
    expect(unreadable(new TypeError('花子'), from('x')).problem).toBe(
      'It could not be mapped (TypeError, an error on our side).',
    );
  });
});

it('cuts what a sender calls its message to whole characters, which the server takes', () => {
  const body = deliverBody({ ...delivery, message: { id: `a${'😀'.repeat(300)}`, time: '2026-09-15' } });
  const parts = body.parameter as { name: string; valueString?: string }[];
  const { valueString = '' } = parts.find(({ name }) => name === 'message') ?? {};
  expect([valueString.length, valueString.isWellFormed()]).toEqual([500, true]);
});
