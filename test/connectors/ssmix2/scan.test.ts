import { existsSync } from 'node:fs';
import { mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Delivery, DeliveryFailed, type Receipt } from '../../../connectors/deliver.ts';
import { scanDefaults } from '../../../connectors/ssmix2/import-storage.ts';
import { type Ledger, LedgerFault, openLedger } from '../../../connectors/ssmix2/ledger.ts';
import { type Scan, type ScanOptions, scanStorage } from '../../../connectors/ssmix2/scan.ts';
import { storageRoot } from '../../../connectors/ssmix2/walk.ts';
import {
  admission,
  discharge,
  INSTITUTION,
  laboratory,
  PATIENT_NUMBER,
  prescription,
} from '../../support/samples/hl7v2.ts';
import { makeStorage, type Storage, storagePath } from '../../support/samples/storage.ts';
import { refusalsOf } from '../../support/valid.ts';

let storage: Storage;
let ledger: Ledger;
let delivered: Delivery[];
beforeEach(async () => {
  storage = await makeStorage();
  ledger = openLedger(join(storage.beside, 'ledger.sqlite'), 'test');
  delivered = [];
});
afterEach(async () => {
  ledger.close();
  await storage.remove();
});

const fateOf = ({ record, problem }: Delivery): Receipt =>
  record ? { delivery: 'D', fate: 'waiting' } : { delivery: 'D', fate: 'refused', reason: problem ?? '' };

const scan = (options: Partial<ScanOptions> = {}, below = ''): Promise<Scan> =>
  scanStorage(
    {
      ...scanDefaults,
      root: storage.root,
      institution: INSTITUTION,
      ledger,
      deliverAll: async (deliveries) => {
        delivered.push(...deliveries);
        return deliveries.map(fateOf);
      },
      ...options,
    },
    undefined,
    below,
  );

/** What came since the last call. */
const taken = (): Delivery[] => delivered.splice(0);
const statuses = (delivery: Delivery | undefined): unknown[] =>
  (delivery?.record ?? []).map(({ resource }) => (resource as { status?: string } | undefined)?.status);
/** Made of the identifier, so that the same thing has the same one. */
const urls = (delivery: Delivery | undefined): unknown[] => (delivery?.record ?? []).map(({ fullUrl }) => fullUrl);

const order = { type: 'OML-11', key: '000000000000354' };
const second = { ...order, time: '20260916080000000' };
/** The same order, its second result missing. */
const shorter = (): string => laboratory().replace(/OBX\|2[^\r]*\r/, '');

describe('a round through a storage', () => {
  it('hands over every file with what its message says, and nothing twice', async () => {
    const path = await storage.write(order, laboratory());
    await storage.write({ type: 'ADT-22' }, admission());
    await storage.write({ type: 'OMP-01', key: '000000000000777' }, prescription());
    expect(await scan()).toMatchObject({ seen: 3, waiting: 3, refused: 0, left: 0, unfinished: 0, gone: 0 });
    const lab = taken().find(({ message }) => message?.id === path.split('/').at(-1));
    expect(lab).toMatchObject({
      patient: { identifier: { value: PATIENT_NUMBER } },
      message: { time: '2026-09-15T10:15:00.000+09:00' },
      contentType: 'x-application/hl7-v2+er7',
    });
    expect(lab?.record?.length).toBeGreaterThanOrEqual(3);
    for (const { resource } of lab?.record ?? []) expect(refusalsOf(JSON.parse(JSON.stringify(resource)))).toEqual([]);
    expect(await scan()).toMatchObject({ seen: 3, waiting: 0, refused: 0 });
    expect(taken()).toEqual([]);
  });

  it('hands over a file again that was changed under its name', async () => {
    const path = await storage.write(order, laboratory());
    await scan();
    taken();
    await storage.write(order, laboratory('C'), 1_800_000);
    expect(await scan()).toMatchObject({ waiting: 1 });
    expect(taken()[0]?.message?.id).toBe(path.split('/').at(-1));
  });

  it('takes a message for as new as its file name says, or as MSH-7 where that is later', async () => {
    await storage.write(second, laboratory());
    await scan();
    expect(taken()[0]?.message?.time).toBe('2026-09-16T08:00:00.000+09:00');
    await storage.write({ ...order, time: '20260914080000000' }, laboratory());
    await scan();
    expect(taken()[0]?.message?.time).toBe('2026-09-15T10:15:00.000+09:00');
  });

  it('hands over what is missing after a run that ended in between', async () => {
    for (let n = 0; n < 450; n++)
      await storage.write({ ...order, key: String(n).padStart(15, '0'), time: '20260915101500000' }, laboratory());
    let batches = 0;
    const deliverAll: ScanOptions['deliverAll'] = async (deliveries) => {
      if (++batches > 1) throw new DeliveryFailed('The server does not accept the access token (401).', 401);
      delivered.push(...deliveries);
      return deliveries.map(fateOf);
    };
    await expect(scan({ deliverAll })).rejects.toThrow(DeliveryFailed);
    const first = taken();
    expect(first.length).toBeGreaterThan(0);
    expect(first.length).toBeLessThan(450);
    await scan();
    const all = [...first, ...taken()].map(({ message }) => message?.id);
    expect(all).toHaveLength(450);
    expect(new Set(all).size).toBe(450);
  });
});

const samples = fileURLToPath(new URL('../../../../shared/data/ssmix2/sampleData', import.meta.url));

describe.runIf(existsSync(samples))('the samples of SS-MIX2', () => {
  it('are taken, but those that are about another patient number than their path, and those that are broken', async () => {
    const fates = new Map<string, string>();
    const found = await scan({
      root: await storageRoot(samples),
      file: (path, fate) => fates.set(path.split('/').slice(2, 5).join(' '), fate),
    });
    expect(found).toMatchObject({ seen: 14, left: 0, unfinished: 0, refused: 8, waiting: 6 });
    const taken = [...fates].filter(([, fate]) => fate === 'waiting').map(([name]) => name);
    expect(taken.toSorted()).toEqual([
      '9999013 - ADT-00',
      '9999013 20110630 OMP-11',
      '9999013 20110701 OMP-01',
      '9999013 20110701 OMP-02',
      '9999013 20111120 ADT-22',
      '9999013 20111220 ADT-52',
    ]);
  });
});

describe('condition flags', () => {
  it('withdraws what a deleted file said, under the same identifiers and a moment later', async () => {
    const path = await storage.write(order, laboratory());
    await scan();
    const [before] = taken();
    await storage.flag(path, '0');
    expect(await scan()).toMatchObject({ waiting: 1, gone: 0 });
    const [withdrawal] = taken();
    expect(urls(withdrawal)).toEqual(urls(before));
    expect(new Set(statuses(withdrawal))).toEqual(new Set(['entered-in-error']));
    expect(withdrawal?.message).toEqual({
      id: `${path.split('/').at(-1)?.slice(0, -1)}0`,
      time: '2026-09-15T10:15:00.001+09:00',
    });
    for (const { resource } of withdrawal?.record ?? [])
      expect(refusalsOf(JSON.parse(JSON.stringify(resource)))).toEqual([]);
    expect(await scan()).toMatchObject({ waiting: 0 });
  });

  it('keeps decimals as they were written when it withdraws', async () => {
    await storage.write({ ...order, flag: '0' }, laboratory());
    await scan();
    expect(JSON.stringify(taken()[0]?.record)).toContain('"value":7.20');
  });

  it('withdraws with a correction what the version before it alone had said', async () => {
    const path = await storage.write(order, laboratory());
    await scan();
    const [before] = taken();
    await storage.flag(path, '2');
    await storage.write(second, shorter());
    expect(await scan()).toMatchObject({ waiting: 2, gone: 0 });
    const [old, next] = taken();
    const alone = urls(before).filter((url) => !urls(next).includes(url));
    expect(alone.length).toBeGreaterThan(0);
    expect(urls(old)).toEqual(alone);
    expect(new Set(statuses(old))).toEqual(new Set(['entered-in-error']));
    expect(statuses(next)).not.toContain('entered-in-error');
  });

  it('does so too where the storage leaves the flag of the older file at 1', async () => {
    await storage.write(order, laboratory());
    await scan();
    const [before] = taken();
    await storage.write(second, shorter());
    expect(await scan()).toMatchObject({ waiting: 1 });
    const [next] = taken();
    expect(new Set(urls(next))).toEqual(new Set(urls(before)));
    expect(statuses(next)).toContain('entered-in-error');
    expect(await scan()).toMatchObject({ waiting: 0 });
  });

  it('only keeps the originals of versions that were superseded before the first round', async () => {
    await storage.write({ ...order, flag: '2' }, laboratory());
    await storage.write(second, shorter());
    await scan();
    const [old, next] = taken();
    expect(old?.record).toEqual([]);
    expect(old?.original.length).toBeGreaterThan(100);
    expect(statuses(next)).not.toContain('entered-in-error');
  });

  it('takes back an event of a visit by what its cancellation says, not the visit', async () => {
    const path = await storage.write({ type: 'ADT-52', department: '24' }, discharge());
    await scan();
    expect(statuses(taken()[0])).toEqual(['finished']);
    await storage.flag(path, '0');
    await scan();
    expect(statuses(taken()[0])).not.toContain('finished');
  });

  it('says of a file that is gone that it is gone, and takes nothing back', async () => {
    const path = await storage.write(order, laboratory());
    const other = await storage.write({ ...order, date: '20260916' }, laboratory());
    await scan();
    taken();
    await rm(join(storage.root, path));
    await rm(join(storage.root, '000/001', PATIENT_NUMBER, '20260916'), { recursive: true });
    const lines: string[] = [];
    expect(await scan({ log: (line) => lines.push(line) })).toMatchObject({ gone: 2, waiting: 0 });
    expect(taken()).toEqual([]);
    expect(lines).toEqual(['ssmix2: gone from the storage, what they said stays in the record: 2']);
    expect(lines.join()).not.toContain(other.split('/').at(-1));
    expect(await scan()).toMatchObject({ gone: 0 });
  });
});

describe('what does not belong', () => {
  it('keeps a file about another patient number than its path, as nobody’s', async () => {
    await storage.write({ ...order, patient: '0000099999' }, laboratory());
    expect(await scan()).toMatchObject({ refused: 1 });
    expect(taken()[0]).toMatchObject({
      patient: undefined,
      record: undefined,
      problem: expect.stringMatching(/^PID-3 is another patient number/),
    });
  });

  it('follows no link, of a file or of a folder, and hands over nothing outside the root', async () => {
    const outside = join(storage.beside, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'secret'), laboratory());
    const path = await storage.write(order, laboratory());
    const name = storagePath({ ...order, key: '000000000000355' });
    await symlink(join(outside, 'secret'), join(storage.root, name));
    await symlink(outside, join(storage.root, '999'));
    await symlink(outside, join(storage.root, path.split('/').slice(0, 3).join('/'), '20260917'));
    expect(await scan()).toMatchObject({ seen: 1, waiting: 1, left: 3 });
  });

  it('looks at no folder whose parent was exchanged for a link', async () => {
    const folder = storagePath(order).split('/').slice(0, -1).join('/');
    await storage.write(order, laboratory());
    await rename(join(storage.root, '000'), join(storage.beside, 'elsewhere'));
    await symlink(join(storage.beside, 'elsewhere'), join(storage.root, '000'));
    expect(await scan({}, folder)).toMatchObject({ seen: 0, left: 1 });
  });

  it('refuses names that are none of a storage, and keeps messages under them', async () => {
    const folder = storagePath(order).split('/').slice(0, -1).join('/');
    await storage.put(`${folder}/Thumbs.db`, Buffer.from('no message'));
    await storage.put(`${folder}/\u0001\n..`, Buffer.from('no message'));
    await storage.put(`${folder}/copy of a result`, Buffer.from(laboratory()));
    await storage
      .put(storagePath({ type: 'OML-11', patient: '../../../etc' }), Buffer.from(laboratory()))
      .catch(() => 0);
    await storage.put('index.txt', Buffer.from('not a folder'));
    expect(await scan()).toMatchObject({ waiting: 0, refused: 1, stored: 0 });
    expect(taken()[0]).toMatchObject({ patient: undefined, record: undefined });
    expect(await scan()).toMatchObject({ refused: 0 });
  });

  it('waits for a file that is being written', async () => {
    const path = await storage.write(order, laboratory(), 0);
    expect(await scan()).toMatchObject({ seen: 1, waiting: 0, unfinished: 1 });
    await truncate(join(storage.root, path), 200);
    const later = (ms: number) => ({ nowMs: () => Date.now() + ms });
    // Long unchanged, but it ends inside a segment.
    expect(await scan(later(60_000))).toMatchObject({ waiting: 0, unfinished: 1 });
    expect(await scan(later(600_000))).toMatchObject({ refused: 1, unfinished: 0 });
    expect(taken()[0]?.problem).toMatch(/was not written to its end/);
    await storage.write(order, laboratory());
    expect(await scan()).toMatchObject({ waiting: 1 });
  });

  it('leaves out a file that is too large, and one that is empty', async () => {
    await storage.write(order, Buffer.alloc(2000, 0x0d));
    await storage.write(second, Buffer.alloc(0));
    expect(await scan({ maxBytes: 1000 })).toMatchObject({ left: 2, waiting: 0, refused: 0 });
  });

  it('opens no ledger twice, nor one of another storage', async () => {
    const file = join(storage.beside, 'ledger.sqlite');
    await storage.write(order, laboratory());
    await scan();
    expect(() => openLedger(file, 'test')).toThrow(LedgerFault);
    ledger.close();
    expect(() => openLedger(file, 'other')).toThrow(/another storage/);
    await writeFile(join(storage.beside, 'text'), 'this is no database, whatever else it is');
    expect(() => openLedger(join(storage.beside, 'text'), 'test')).toThrow(/no ledger/);
    ledger = openLedger(file, 'test');
  });
});

describe('a server that does not keep what it is sent', () => {
  it('is asked again, and one bad file holds up no other', async () => {
    for (const key of ['000000000000001', '000000000000002', '000000000000003'])
      await storage.write({ ...order, key }, laboratory());
    let calls = 0;
    const deliverAll: ScanOptions['deliverAll'] = async (deliveries) => {
      if (++calls === 1) throw new DeliveryFailed('The server did not keep the delivery (HTTP 503).', 503);
      const isBad = deliveries.some(({ message, record }) => record && message?.id.includes('000000000000002'));
      if (isBad) throw new DeliveryFailed('The server did not keep the delivery (HTTP 413).', 413);
      delivered.push(...deliveries);
      return deliveries.map(fateOf);
    };
    expect(await scan({ deliverAll })).toMatchObject({ waiting: 2, refused: 1 });
    expect(taken()).toHaveLength(3);
  });
});
