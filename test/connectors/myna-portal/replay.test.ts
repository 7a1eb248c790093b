// What a family downloaded, mapped anew from its bytes.
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../../connectors/deliver.ts';
import { replay } from '../../../connectors/replay.ts';
import { checkupCda } from '../../support/samples/checkup-cda.ts';
import { drugCsv, mchJson, vaccinationJson } from '../../support/samples/myna.ts';

const patient = { reference: 'Patient/hikari' };

async function again(original: Uint8Array, contentType: string): Promise<Delivery | undefined> {
  let given: Delivery | undefined;
  const deliver = async (delivery: Delivery) => {
    given = delivery;
    return { delivery: 'D', fate: 'stored' as const };
  };
  const one = { original, contentType, patient, message: '', sent: '2026-09-20' };
  await replay({ id: 'D', fate: 'stored', ...one } as unknown as Parameters<typeof replay>[0], { deliver });
  return given;
}

describe('replay', () => {
  it.each<[string, Uint8Array, string, number]>([
    ['vaccinations', vaccinationJson(), 'application/json', 2],
    ['drugs', Buffer.from(`\ufeff${drugCsv()}`), 'text/csv', 4],
    ['a check-up report', checkupCda(), 'application/xml', 13],
  ])('maps %s anew, for the same person', async (_, bytes, contentType, entries) => {
    const given = await again(bytes, contentType);
    expect(given).toMatchObject({ patient, isAgain: true, message: { time: '2026-09-20' } });
    expect(given?.record).toHaveLength(entries);
  });

  it.each<[string, Uint8Array, string]>([
    ['check-ups of mother and child, which could be of either', mchJson(), 'application/json'],
    ['other JSON', Buffer.from('{"a":1}'), 'application/json'],
    ['what is no text', Buffer.of(0xff, 0x00, 0x81), 'text/csv'],
  ])('leaves %s', async (_, bytes, contentType) => {
    expect(await again(bytes, contentType)).toBeUndefined();
  });
});
