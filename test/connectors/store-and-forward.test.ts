// What the server cannot take now waits in the local store and goes to it later, each once and in its order.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DeliverAll, type Delivery, DeliveryFailed } from '../../connectors/deliver.ts';
import { openStore, type Store } from '../../connectors/store.ts';
import { type Forwarder, storeAndForward } from '../../connectors/store-and-forward.ts';

let folder: string;
let store: Store;
let forwarder: Forwarder;
let lines: string[];
/** What the server has taken, and how it answers. */
let taken: string[];
let answer: (texts: string[]) => number | undefined;

const delivery = (text: string): Delivery => ({
  patient: undefined,
  original: Buffer.from(text),
  contentType: 'text/plain',
  record: undefined,
  problem: undefined,
});
/** A status fails the request; without one it is taken. */
const deliverAll: DeliverAll = async (all) => {
  const texts = all.map(({ original }) => Buffer.from(original).toString());
  const status = answer(texts);
  if (status === 0) throw new DeliveryFailed('The server could not be reached.', undefined);
  if (status !== undefined) throw new DeliveryFailed(`HTTP ${status}`, status);
  taken.push(...texts);
  return texts.map((text) => ({ delivery: `D-${text}`, fate: text.startsWith('refuse') ? 'refused' : 'stored' }));
};

async function begin(): Promise<void> {
  store = await openStore({ folder });
  const log = (_: string, line: string) => void lines.push(line);
  forwarder = storeAndForward({ store, deliverAll, firstRetryMs: 5, longestRetryMs: 20, log });
}
async function end(): Promise<void> {
  await forwarder.close();
  await store.close();
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tsumugi-forward-'));
  [lines, taken, answer] = [[], [], () => undefined];
  await begin();
});
afterEach(async () => {
  await end();
  await rm(folder, { recursive: true });
});

const hand = (...texts: string[]) => forwarder.deliverAll(texts.map(delivery));
const kept = { delivery: '', fate: 'waiting', reason: 'Kept here until the server answers.' };
const untilTaken = (...texts: string[]) => vi.waitFor(() => expect(taken).toEqual(texts), 5000);

describe('storeAndForward', () => {
  it('gives the receipts of a server that answers', async () => {
    expect(await hand('a', 'refuse b')).toEqual([
      { delivery: 'D-a', fate: 'stored' },
      { delivery: 'D-refuse b', fate: 'refused' },
    ]);
    expect(store.isEmpty()).toBe(true);
  });

  it.each([0, 401, 403, 404, 429, 500, 502, 503])(
    'keeps what the server (%i) does not take, in order',
    async (status) => {
      answer = () => status;
      expect(await hand('a', 'b')).toEqual([kept, kept]);
      expect(await hand('c')).toEqual([kept]);
      answer = () => undefined;
      await untilTaken('a', 'b', 'c');
      await vi.waitFor(() => expect(lines).toContain('everything in the local store was delivered'));
      expect(await hand('d')).toEqual([{ delivery: 'D-d', fate: 'stored' }]);
    },
  );

  it('puts everything behind what is kept already, though the server would answer', async () => {
    let asked = 0;
    answer = () => (asked++ < 2 ? 503 : undefined);
    await hand('a');
    expect(await hand('b')).toEqual([kept]);
    await untilTaken('a', 'b');
  });

  it('goes on with the store of a process that has ended', async () => {
    answer = () => 0;
    await hand('a', 'b');
    await end();
    await begin();
    answer = () => undefined;
    await untilTaken('a', 'b');
  });

  it.each([400, 413])('tells the sender of what the server never takes (%i), and keeps none of it', async (status) => {
    answer = () => status;
    await expect(hand('a')).rejects.toMatchObject({ status });
    expect(store.isEmpty()).toBe(true);
  });

  it('says when the store takes no more, for then nothing was kept', async () => {
    await end();
    store = await openStore({ folder, maxBytes: 10 });
    forwarder = storeAndForward({ store, deliverAll });
    answer = () => 0;
    await expect(hand('a')).rejects.toThrow('The local store is full');
  });

  it.each([400, 500])('sets aside what the server stumbles over (%i), so that the others go on', async (status) => {
    answer = () => 0;
    await hand('a', 'bad', 'c');
    answer = (texts) => (texts.includes('bad') ? status : undefined);
    await untilTaken('a', 'c');
    await vi.waitFor(() => expect(store.isEmpty()).toBe(true));
    expect(lines.join()).toContain('set aside in the local store');
    expect(await readFile(join(folder, 'aside.log'), 'utf8')).toContain(Buffer.from('bad').toString('base64'));
    await end();
    answer = () => undefined;
    await begin();
    await untilTaken('a', 'c', 'bad');
  });

  it('says what was refused after it had been accepted here', async () => {
    answer = () => 0;
    await hand('refuse this');
    answer = () => undefined;
    await untilTaken('refuse this');
    expect(lines.join()).toContain('refused after it was accepted here, as D-refuse this');
  });
});
