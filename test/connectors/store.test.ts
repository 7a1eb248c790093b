// The local store: what it has kept is there after a crash, in its order, and gone when it was delivered.
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Delivery } from '../../connectors/deliver.ts';
import { openStore, type Store, type StoreOptions } from '../../connectors/store.ts';
import { deliveryIn, lineOf } from '../../connectors/store-line.ts';
import { exactNumber } from '../../server/fhir/json.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tsumugi-store-'));
});
afterEach(() => rm(folder, { recursive: true }));

const delivery = (text: string, more: Partial<Delivery> = {}): Delivery => ({
  patient: { identifier: { system: 'urn:oid:1.2.3', value: '試験' } },
  original: Buffer.from(text),
  contentType: 'text/plain',
  record: undefined,
  problem: undefined,
  ...more,
});
const open = async (options: Partial<StoreOptions> = {}): Promise<Store> => {
  const store = await openStore({ folder, ...options });
  onTestFinished(() => store.close().catch(() => undefined));
  return store;
};
const textsOf = async (store: Store, most = 1000) =>
  (await store.first(most, 2 ** 20)).map((one) => Buffer.from(one.delivery.original).toString());
const keepAll = (store: Store, texts: readonly string[]) =>
  Promise.all(texts.map((text) => store.keep([delivery(text)])));
/** As a process leaves it that is killed. */
const abandon = () => rm(join(folder, 'lock'), { force: true });
const logs = async () => (await readdir(folder)).filter((name) => /^\d+\.log$/.test(name));

describe('a line', () => {
  it('gives back what it was made of, with the text of its numbers', () => {
    const record = [{ resource: { resourceType: 'Observation', valueQuantity: { value: exactNumber('3.050') } } }];
    const original = Buffer.from([0, 10, 13, 255]);
    const one = delivery('', { original, record: record as never, message: { id: 'x', time: '2026-09-15' } });
    const line = lineOf(one);
    expect(line.toString()).toContain('"value":3.050');
    const back = deliveryIn(line.subarray(0, -1));
    expect(lineOf(back ?? one).equals(line)).toBe(true);
    expect(back).toMatchObject({ original, message: { id: 'x' }, problem: undefined });
  });

  it('is not taken when one of its bits is another', () => {
    const line = lineOf(delivery('text')).subarray(0, -1);
    fc.assert(
      fc.property(fc.nat(line.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(line);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        return deliveryIn(changed) === undefined;
      }),
    );
  });
});

describe('a store', () => {
  it('is empty at first, and gives what was kept in its order', async () => {
    const store = await open();
    expect(store.isEmpty()).toBe(true);
    expect(await textsOf(store)).toEqual([]);
    await keepAll(store, ['a', 'b', 'c']);
    expect(store.isEmpty()).toBe(false);
    expect(await textsOf(store, 2)).toEqual(['a', 'b']);
    expect(await textsOf(store)).toEqual(['a', 'b', 'c']);
  });

  it('is there again after a crash, from the first that was not forgotten on', async () => {
    const store = await open();
    await keepAll(store, ['a', 'b', 'c']);
    const [, second] = await store.first(2, 2 ** 20);
    if (second) await store.forget(second);
    await abandon();
    expect(await textsOf(await open())).toEqual(['c']);
  });

  it('leaves nothing of what was delivered on the disk', async () => {
    const store = await open();
    await keepAll(store, ['himitsu']);
    const [only] = await store.first(1, 2 ** 20);
    if (only) await store.forget(only);
    expect(store.isEmpty()).toBe(true);
    for (const name of await readdir(folder))
      expect(await readFile(join(folder, name), 'utf8')).not.toContain(Buffer.from('himitsu').toString('base64'));
    await keepAll(store, ['next']);
    expect(await textsOf(store)).toEqual(['next']);
  });

  it('goes on in new files, and removes the old ones', async () => {
    const store = await open({ segmentBytes: 500 });
    const texts = Array.from({ length: 40 }, (_, n) => `message ${n}`);
    for (const text of texts) await store.keep([delivery(text)]);
    expect((await logs()).length).toBeGreaterThan(5);
    const read: string[] = [];
    while (!store.isEmpty()) {
      const some = await store.first(3, 2 ** 20);
      read.push(...some.map((one) => Buffer.from(one.delivery.original).toString()));
      const last = some.at(-1);
      if (last) await store.forget(last);
    }
    expect(read).toEqual(texts);
    expect(await logs()).toHaveLength(1);
  });

  it('is for its owner alone', async () => {
    const store = await open({ folder: join(folder, 'new') });
    await store.keep([delivery('a')]);
    expect((await stat(join(folder, 'new'))).mode & 0o077).toBe(0);
    for (const name of await readdir(join(folder, 'new')))
      expect((await stat(join(folder, 'new', name))).mode & 0o077).toBe(0);
  });

  it('gives a delivery that is larger than what was asked for', async () => {
    const store = await open();
    const large = 'x'.repeat(300_000);
    await keepAll(store, [large, 'b']);
    expect((await store.first(10, 1000)).map((one) => one.delivery.original.length)).toEqual([300_000]);
  });

  it('cuts off what a write has left that was cut short, wherever that was', async () => {
    const whole = Buffer.concat(['a', 'b'].map((text) => lineOf(delivery(text))));
    const next = lineOf(delivery('c'));
    for (let length = 0; length < next.length; length += 7) {
      await rm(folder, { recursive: true });
      const made = await open();
      await made.close();
      await writeFile(join(folder, '0000000001.log'), Buffer.concat([whole, next.subarray(0, length)]));
      const store = await open();
      await store.keep([delivery('d')]);
      expect(await textsOf(store)).toEqual(['a', 'b', 'd']);
      await store.close();
    }
  });

  it('puts damaged lines away and goes on behind them', async () => {
    const made = await open();
    await keepAll(made, ['a', 'b', 'c']);
    await made.close();
    const path = join(folder, '0000000001.log');
    const text = await readFile(path, 'latin1');
    await writeFile(path, text.replace('text/plain', 'text/plaim').replace(/.*$/, ''), 'latin1');
    const lines: string[] = [];
    const store = await open({ log: (line) => void lines.push(line) });
    expect(await textsOf(store)).toEqual(['b', 'c']);
    expect(lines.join()).toContain('damaged');
    expect(await readFile(join(folder, 'damaged'), 'latin1')).toContain('text/plaim');
  });

  it('with nothing but damage is empty in the end', async () => {
    const made = await open();
    await made.close();
    await appendFile(join(folder, '0000000001.log'), 'nothing\nof ours\n');
    const store = await open();
    expect(store.isEmpty()).toBe(false);
    expect(await textsOf(store)).toEqual([]);
    expect(store.isEmpty()).toBe(true);
  });

  it('delivers everything once more when the place is lost', async () => {
    const store = await open();
    await keepAll(store, ['a', 'b', 'c']);
    const [first] = await store.first(1, 2 ** 20);
    if (first) await store.forget(first);
    await truncate(join(folder, 'delivered'), 0);
    await abandon();
    expect(await textsOf(await open())).toEqual(['a', 'b', 'c']);
  });

  it('tries what was set aside again when it is opened next, behind the others', async () => {
    const store = await open();
    await keepAll(store, ['a', 'bad', 'c']);
    const [, bad] = await store.first(2, 2 ** 20);
    if (bad) await store.setAside(bad);
    expect(await textsOf(store)).toEqual(['c']);
    await store.close();
    const next = await open();
    expect(await textsOf(next)).toEqual(['c', 'bad']);
    await next.close();
    expect(await textsOf(await open())).toEqual(['c', 'bad']);
  });

  it('keeps no more than it may, and says so', async () => {
    const store = await open({ maxBytes: 1000 });
    await store.keep([delivery('a')]);
    await expect(store.keep([delivery('x'.repeat(1000))])).rejects.toThrow('The local store is full (1000 bytes).');
    await store.keep([delivery('b')]);
    expect(await textsOf(store)).toEqual(['a', 'b']);
  });

  it('says when the disk takes nothing, and is as it was before', async () => {
    const store = await open({ segmentBytes: 1 });
    await store.keep([delivery('a')]);
    // A file where the next segment should be.
    await writeFile(join(folder, '0000000002.log'), '');
    await expect(store.keep([delivery('b')])).rejects.toThrow('The local store cannot be written (EEXIST).');
    await rm(join(folder, '0000000002.log'));
    await store.keep([delivery('c')]);
    const [first] = await store.first(1, 2 ** 20);
    if (first) await store.forget(first);
    expect(await textsOf(store)).toEqual(['c']);
  });

  it('is used by one process at a time, and taken over from one that is gone', async () => {
    await writeFile(join(folder, 'lock'), String(process.ppid));
    await expect(openStore({ folder })).rejects.toThrow(`is used by process ${process.ppid}`);
    await writeFile(join(folder, 'lock'), '999999999');
    await (await open()).close();
    expect(await readdir(folder)).not.toContain('lock');
  });
});
